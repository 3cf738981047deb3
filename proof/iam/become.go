package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Step is one way in which an identity can act as another.
type Step struct {
	From, To *Identity
	// How says what From does, such as "assumes it".
	How string
	// Action is what From must be allowed, "" if nothing: then By is the trust of To.
	Action string
	By     *Source
}

func (s Step) String() string {
	if s.Action == "" {
		return fmt.Sprintf("%s %s %s, by the trust of %s", s.From.Resource.Name, s.How, s.To.Resource.Name, s.To.Resource.Name)
	}
	return fmt.Sprintf("%s %s %s: %s by %s", s.From.Resource.Name, s.How, s.To.Resource.Name, s.Action, s.By.Name)
}

// host is something that acts as an identity, and how somebody else can make it do what they like.
type host struct {
	resource *graph.Resource
	kind     hostKind
}

type hostKind struct {
	types    []string
	property string
	// resource is the pattern of ARNs that the actions need, with %s for the value of the property name, or for its id if
	// that is "".
	resource, name string
	actions        []string
	how            string
}

// hostKinds are what acts as a role, and which actions rewrite or command it.
var hostKinds = []hostKind{
	{[]string{"aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance", "aws:ec2/launchConfiguration:LaunchConfiguration"},
		"iamInstanceProfile",
		"arn:aws:ec2:*:*:instance/*", "", []string{"ssm:SendCommand", "ssm:StartSession", "ssm:CreateAssociation", "ssm:UpdateAssociation",
			"ec2-instance-connect:SendSSHPublicKey", "ec2-instance-connect:SendSerialConsoleSSHPublicKey", "ec2:ModifyInstanceAttribute",
			"ec2:CreateReplaceRootVolumeTask"},
		"commands servers of"},
	{[]string{"aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance", "aws:ec2/launchConfiguration:LaunchConfiguration"},
		"iamInstanceProfile",
		"arn:aws:ssm:*:*:maintenancewindow/*", "", []string{"ssm:RegisterTaskWithMaintenanceWindow", "ssm:UpdateMaintenanceWindowTask"},
		"commands servers of"},
	{[]string{"aws:ec2/launchTemplate:LaunchTemplate"}, "iamInstanceProfile", "arn:aws:ec2:*:*:launch-template/%s", "",
		[]string{"ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"}, "rewrites the launch template of servers of"},
	{[]string{"aws:lambda/function:Function"}, "role", "arn:aws:lambda:*:*:function:%s", "name",
		[]string{"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"}, "rewrites a function of"},
	{[]string{"aws:ecs/taskDefinition:TaskDefinition"}, "taskRoleArn", "*", "", []string{"ecs:ExecuteCommand"}, "commands containers of"},
	{[]string{"aws:codebuild/project:Project"}, "serviceRole", "arn:aws:codebuild:*:*:project/%s", "name",
		[]string{"codebuild:UpdateProject", "codebuild:StartBuild"}, "rewrites a build of"},
	{[]string{"aws:glue/job:Job"}, "roleArn", "arn:aws:glue:*:*:job/%s", "name", []string{"glue:UpdateJob"}, "rewrites a job of"},
}

const profileType = "aws:iam/instanceProfile:InstanceProfile"

func (w *Model) readHosts() {
	w.hosts = map[*Identity][]host{}
	for _, kind := range hostKinds {
		for _, r := range w.g.ByType(kind.types...) {
			for _, i := range w.ActsAs(r, kind.property) {
				w.hosts[i] = append(w.hosts[i], host{r, kind})
			}
		}
	}
}

// ActsAs are the roles that a property names, directly or through an instance profile.
func (w *Model) ActsAs(r *graph.Resource, path string) []*Identity {
	all := w.named(r, path)
	for _, profile := range w.g.Ref(r, path, profileType) {
		for _, i := range w.named(profile, "role") {
			if !slices.Contains(all, i) {
				all = append(all, i)
			}
		}
	}
	return all
}

// passive are the services that use a role for one purpose only, which whoever passes the role cannot choose. Any other
// service that a role trusts can be made, by its user, to do what the role may.
var passive = []string{
	"vpc-flow-logs.amazonaws.com", "monitoring.rds.amazonaws.com", "backup.amazonaws.com", "delivery.logs.amazonaws.com",
	"config.amazonaws.com",
	"cloudtrail.amazonaws.com", "dlm.amazonaws.com", "rds.amazonaws.com", "events.rds.amazonaws.com", "export.rds.amazonaws.com",
	"s3.amazonaws.com", "autoscaling.amazonaws.com",
	"firehose.amazonaws.com", "cloudwatch.amazonaws.com",
}

// Passive says that only services with one purpose can assume the role: nobody acts as it.
func (i *Identity) Passive() bool {
	if i.Trust == nil || i.Trust.Err != nil {
		return false
	}
	some := false
	for _, s := range i.Trust.Statements {
		if !s.Allow {
			continue
		}
		some = true
		if len(s.Principals) != 1 || len(s.Principals["Service"]) == 0 ||
			slices.ContainsFunc(s.Principals["Service"], func(p string) bool { return !slices.Contains(passive, p) }) {
			return false
		}
	}
	return some
}

// services are those that can assume the role and do what their user likes.
func (i *Identity) services() []string {
	if i.Trust == nil || i.Trust.Err != nil {
		return []string{""} // nobody knows
	}
	var all []string
	for _, s := range i.Trust.Statements {
		for _, p := range s.Principals["Service"] {
			if s.Allow && !slices.Contains(passive, p) {
				all = append(all, p)
			}
		}
		if s.Allow && anybody(s) {
			all = append(all, "")
		}
	}
	return all
}

// indexTrust finds who is named by roles' trusts, so that not everybody need be compared with every role.
func (w *Model) indexTrust() {
	for _, i := range w.Identities {
		if i.Trust == nil {
			continue
		}
		others := i.Trust.Err != nil
		for _, s := range i.Trust.Statements {
			if !s.Allow {
				continue
			}
			others = others || len(s.NotPrincipals) > 0 || len(s.Principals["*"]) > 0
			for _, id := range s.Principals["AWS"] {
				if w.identified(id) {
					w.byName[id] = append(w.byName[id], i)
				} else {
					others = true
				}
			}
		}
		if others {
			w.byOthers = append(w.byOthers, i)
		}
	}
}

// Steps are the ways in which the identity can directly act as another, through policies that can be read.
func (w *Model) Steps(from *Identity) []Step {
	if all, known := w.edges[from]; known {
		return all
	}
	var all []Step
	add := func(to *Identity, how, action string, by *Source) {
		if by != nil && by.Err == nil && to != from && !slices.ContainsFunc(all, func(s Step) bool { return s.To == to }) {
			all = append(all, Step{from, to, how, action, by})
		}
	}
	for _, to := range append(slices.Clone(w.byName[from.ARN()]), w.byOthers...) {
		if how := w.trusts(to, from); how == byName {
			add(to, "takes", "", to.Trust)
		} else if how == byAccount {
			add(to, "takes", "sts:AssumeRole", from.May("sts:AssumeRole", arnOf(to)))
		}
	}
	for _, action := range []string{"iam:PassRole", "iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey", "iam:CreateLoginProfile",
		"iam:UpdateLoginProfile"} {
		if from.May(action, "*") == nil {
			continue
		}
		for _, to := range w.Identities {
			if (to.Resource.Type == UserType) != (actionsOfUsers[action] != "") || to.Resource.Type == GroupType {
				continue
			}
			if action == "iam:PassRole" {
				add(to, "passes on", action, from.passes(to))
			} else {
				add(to, cmp.Or(actionsOfUsers[action], "rewrites the trust of"), action, from.May(action, arnOf(to)))
			}
		}
	}
	for _, kind := range hostKinds {
		for _, action := range kind.actions {
			if from.May(action, "*") == nil {
				continue
			}
			for to, hosts := range w.hosts {
				for _, h := range hosts {
					if slices.Equal(h.kind.actions, kind.actions) {
						add(to, kind.how, action, from.May(action, h.pattern()))
					}
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Step) int { return strings.Compare(a.To.Resource.URN, b.To.Resource.URN) })
	w.edges[from] = all
	return all
}

var actionsOfUsers = map[string]string{
	"iam:CreateAccessKey": "makes a key of", "iam:CreateLoginProfile": "sets the password of",
	"iam:UpdateLoginProfile": "sets the password of",
}

func arnOf(i *Identity) string {
	if arn := i.ARN(); arn != "" {
		return arn
	}
	if i.Resource.Type == UserType {
		return "arn:aws:iam::*:user/*"
	}
	return "arn:aws:iam::*:role/*"
}

// pattern is the ARN of the host, as far as it is known.
func (h host) pattern() string {
	if !strings.Contains(h.kind.resource, "%s") {
		return h.kind.resource
	}
	name := h.resource.ID
	if h.kind.name != "" {
		name = h.resource.String(h.kind.name)
	}
	return fmt.Sprintf(h.kind.resource, cmp.Or(name, "*"))
}

// passes is the policy by which the identity may pass a role to a service that then does what the identity likes.
func (i *Identity) passes(role *Identity) *Source {
	if i.May("iam:PassRole", arnOf(role)) == nil {
		return nil
	}
	for _, service := range role.services() {
		c := i.known
		if service != "" {
			c = c.with("iam:passedtoservice", service)
		}
		if by := i.may(c, "iam:PassRole", arnOf(role)); by != nil {
			return by
		}
	}
	return nil
}

// trusts says how a role lets the identity assume it.
func (w *Model) trusts(role, who *Identity) naming {
	how := notNamed
	for _, s := range role.Trust.Statements {
		met := s.met(who.known)
		switch named := s.namesOrAll(who, role.Trust.Err); {
		case named == notNamed || !s.Speaks("sts:AssumeRole") || met == never:
		case s.Allow:
			how = max(how, named)
		case met == surely:
			return notNamed
		}
	}
	return how
}

// namesOrAll is names; an unreadable trust may name anybody whose policies let them.
func (s Statement) namesOrAll(i *Identity, err error) naming {
	if err != nil {
		return byAccount
	}
	return s.names(i)
}

// Reach is the shortest ways in which the identity can come to act as others, one for each.
func (w *Model) Reach(from *Identity) [][]Step {
	var all [][]Step
	seen := map[*Identity]bool{from: true}
	ways := [][]Step{nil}
	for len(ways) > 0 {
		way := ways[0]
		ways = ways[1:]
		at := from
		if len(way) > 0 {
			at = way[len(way)-1].To
		}
		for _, step := range w.Steps(at) {
			if seen[step.To] {
				continue
			}
			seen[step.To] = true
			longer := append(slices.Clip(way), step)
			all = append(all, longer)
			ways = append(ways, longer)
		}
	}
	return all
}
