package stacks

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// Permission is what a tier's role may do beyond what every server does.
type Permission struct {
	// Actions are IAM actions of one service, such as sqs:SendMessage, without wildcards.
	Actions []string `setting:"actions"`
	// Resources are the ARNs that they are allowed on.
	Resources []string `setting:"resources"`
}

// permissible are the services that a tier may be permitted to use, with the name of each one's interface endpoint:
// services that a program sends data to or has work done by. Services with settings of their own (S3, Secrets
// Manager) and those that change identities, keys or networks are left out. DynamoDB has no interface endpoint that
// answers by the service's ordinary name.
var permissible = map[string]string{
	"bedrock": "bedrock-runtime", "dynamodb": "", "events": "events", "firehose": "kinesis-firehose", "kinesis": "kinesis-streams",
	"lambda": "lambda", "sns": "sns", "sqs": "sqs", "states": "states",
}

// most is how many permissions the stack can have: the boundary that contains them all is one policy of at most 6,144
// characters (AWS, IAM user guide, "IAM and AWS STS quotas"), and the platform's own statements take two thirds of
// that.
const (
	mostPermissions    = 8
	mostPermissionText = 1500
)

var (
	actionPattern = regexp.MustCompile(`^([a-z0-9-]+):[A-Z][A-Za-z0-9]+$`)
	// resourcePattern is an ARN that names its service and region, and at least the beginning of the rest.
	resourcePattern = regexp.MustCompile(`^arn:aws:([a-z0-9-]+):([a-z0-9-]+):(?:[0-9]{12})?:` +
		`([A-Za-z0-9._/:@+=,#!~-]|[A-Za-z0-9._/:@+=,#!~-]{2,}\*?)$`)
)

func (p Permission) check() infra.Problems {
	var problems infra.Problems
	if len(p.Actions) == 0 {
		problems.Add("actions", "name the actions, such as sqs:SendMessage", "is missing")
	}
	if len(p.Resources) == 0 {
		problems.Add("resources", "write the ARNs that the actions are allowed on", "is missing")
	}
	service := ""
	for i, action := range p.Actions {
		at := fmt.Sprintf("actions[%d]", i)
		match := actionPattern.FindStringSubmatch(action)
		switch {
		case match == nil:
			problems.Addf(at, "write service:Action in full, such as sqs:SendMessage", "%q is not one action", action)
			continue
		case !slices.Contains(slices.Collect(maps.Keys(permissible)), match[1]):
			problems.Addf(at, "write actions of "+strings.Join(slices.Sorted(maps.Keys(permissible)), ", "),
				"a tier cannot be permitted to use %s", match[1])
		case service != "" && match[1] != service:
			problems.Addf(at, "begin another permission for it", "%s is another service's than %s", action, p.Actions[0])
		}
		service = cmp.Or(service, match[1])
	}
	for i, resource := range p.Resources {
		at := fmt.Sprintf("resources[%d]", i)
		match := resourcePattern.FindStringSubmatch(resource)
		switch {
		case match == nil:
			problems.Addf(at, "write a whole ARN; only its end may be left open, by an asterisk", "%q does not name a resource", resource)
		case service != "" && match[1] != service:
			problems.Addf(at, "write ARNs of "+service, "the actions are those of %s, not of %s", service, match[1])
		}
	}
	return problems
}

func checkPermissions(s Settings) infra.Problems {
	var problems infra.Problems
	count, size := 0, 0
	for _, tier := range s.tiers() {
		for i, p := range tier.Permissions {
			wrong := p.check()
			if len(wrong) == 0 && !tier.Internet {
				wrong = p.unreached(s.Region)
			}
			problems = append(problems, wrong.Under(fmt.Sprintf("%s.permissions[%d]", tier.setting, i))...)
			count++
			size += len(strings.Join(slices.Concat(p.Actions, p.Resources), `","`)) +
				len(`{"Effect":"Allow","Action":[""],"Resource":[""]},`)
		}
	}
	for _, t := range s.tiers() {
		if t.ecr() { // pulls
			count, size = count+2, size+len(t.Container)+250
		}
	}
	if count > mostPermissions || size > mostPermissionText {
		problems.Addf("web.permissions", "name fewer resources, or end their common beginning with an asterisk",
			"the tiers have %d permissions of %d characters; the role's boundary has room for %d of %d",
			count, size, mostPermissions, mostPermissionText)
	}
	return problems
}

// unreached reports what a tier without internet access does not reach: an endpoint is that of the stack's region.
func (p Permission) unreached(region string) infra.Problems {
	var problems infra.Problems
	if p.endpoint() == "" {
		problems.Addf("actions", "write internet: true for the tier", "%s is reached by way of the internet only", p.Actions[0])
	}
	for i, resource := range p.Resources {
		if of := resourcePattern.FindStringSubmatch(resource)[2]; of != region && p.endpoint() != "" {
			problems.Addf(fmt.Sprintf("resources[%d]", i), "write internet: true for the tier, or an ARN of "+region,
				"%s is another region, which is reached by way of the internet only", of)
		}
	}
	return problems
}

// endpoint is the name of the interface endpoint of the permission's service, "" if it has none.
func (p Permission) endpoint() string {
	service, _, _ := strings.Cut(p.Actions[0], ":")
	return permissible[service]
}

// statements are the permissions as policy statements.
func (t TierSettings) statements() []infra.Statement {
	var statements []infra.Statement
	for _, p := range t.Permissions {
		statements = append(statements, infra.Statement{Actions: p.Actions, Resources: pulumi.ToStringArray(p.Resources)})
	}
	return append(statements, t.pulls()...)
}

// permissions are those that the settings add to any role of the stack, which its boundary must allow.
func (s Settings) permissions() []infra.Statement {
	var all []infra.Statement
	for _, t := range s.tiers() {
		all = append(all, t.statements()...)
	}
	return all
}

// endpointServices are the services that a tier is permitted to use, by the names of their endpoints.
func (s Settings) endpointServices() []string {
	var services []string
	for _, t := range s.tiers() {
		for _, p := range t.Permissions {
			if endpoint := p.endpoint(); endpoint != "" {
				services = append(services, endpoint)
			}
		}
	}
	if s.images() {
		services = append(services, "ecr.api", "ecr.dkr")
	}
	return slices.Compact(slices.Sorted(slices.Values(services)))
}
