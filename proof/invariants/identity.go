package invariants

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/policy"
)

const roleType = "aws:iam/role:Role"

// escalations are what lets a role become, or act as, one that may read the secret, or
// set a password of its own (AWS, IAM user guide, and the service authorization
// reference).
var escalations = []struct{ action, what string }{
	{"iam:PutRolePolicy", "can write itself a policy"},
	{"iam:AttachRolePolicy", "can attach itself a policy"},
	{"iam:CreatePolicyVersion", "can rewrite a policy"},
	{"iam:SetDefaultPolicyVersion", "can bring back an older policy"},
	{"ssm:SendCommand", "can run commands on the app servers"},
	{"ssm:StartSession", "can open a session on the app servers"},
	{"ec2-instance-connect:SendSSHPublicKey", "can sign in to the app servers"},
	{"ec2:ReplaceIamInstanceProfileAssociation", "can give its servers the app role"},
}

// passwords lets a role set the database's password.
var passwords = []string{"rds:ModifyDBInstance", "rds:ModifyDBCluster"}

func secret(p *platform, r *result) {
	r.holds = "no other role may read the secret, connect, or become the app role"
	holders := p.roles(p.clients()...)
	for _, n := range p.tiers[database] {
		r.applies = true
		secrets, connect := secretsOf(n.Resource)
		p.sharing(r, n, holders)
		for _, role := range p.g.ByType(roleType) {
			i := p.identities()[role]
			if slices.Contains(holders, role) {
				continue
			}
			ask := func(action, resource, what string) {
				if by := i.may(action, resource); by != nil && by.unknown {
					unknown(r, role, by)
				} else if by != nil {
					r.add(breach{resources: append(one(role), by.resource),
						found:    fmt.Sprintf("the role %s %s", role.Name, what),
						evidence: []string{fmt.Sprintf("%s on %s by %s", action, resource, by.name)},
						remedy:   "leave the action out of its policies, or name the resources that it needs"})
				}
			}
			for _, arn := range secrets {
				ask("secretsmanager:GetSecretValue", arn, "may read the secret of "+n.Name)
			}
			if connect != "" {
				ask("rds-db:connect", connect, "may connect to "+n.Name+" by IAM")
			}
			p.become(role, i, holders, ask)
			if !slices.Contains(p.roles(p.servers()...), role) {
				continue
			}
			p.escalate(secrets, ask)
			for _, action := range passwords {
				if arn := n.Resource.String("arn"); arn != "" || n.Resource.Planned {
					ask(action, orAny(arn), "can set the password of "+n.Name)
				}
			}
		}
		p.secretPolicies(r, holders, secrets)
	}
}

// sharing reports servers of other tiers that have the role of the database's clients.
func (p *platform) sharing(r *result, db *network.Node, holders []*graph.Resource) {
	for _, n := range p.servers() {
		if slices.Contains(p.clients(), n) {
			continue
		}
		for _, role := range p.roles(n) {
			if slices.Contains(holders, role) {
				r.add(breach{resources: []*graph.Resource{n.Resource, n.Template, role}, found: fmt.Sprintf("%s has the role %s, which is for the clients of %s", n.Name, role.Name, db.Name),
					remedy: "give each tier a role of its own"})
			}
		}
	}
}

// unknown reports a policy that is not known, once: it may allow everything.
func unknown(r *result, role *graph.Resource, by *named) {
	found := fmt.Sprintf("what the role %s may do is not known: %s", role.Name, by.name)
	if !slices.ContainsFunc(r.breaches, func(b breach) bool { return b.found == found }) {
		r.add(breach{resources: append(one(role), by.resource), undecided: true, found: found,
			evidence: []string{"a policy that is not known may allow everything"}, remedy: "verify what is deployed, or a preview in which the policy does not change"})
	}
}

// become asks of a role whether it can act as the app role.
func (p *platform) become(role *graph.Resource, i *identity, holders []*graph.Resource, ask func(action, resource, what string)) {
	for _, holder := range holders {
		arn := orAny(holder.String("arn"))
		ask("iam:PassRole", arn, "can pass the app role to something that it starts")
		ask("iam:UpdateAssumeRolePolicy", arn, "can let itself assume the app role")
		if i.may("sts:AssumeRole", arn) != nil && p.trusts(holder, role) {
			ask("sts:AssumeRole", arn, "can assume the app role")
		}
	}
}

// escalate asks of a server's role whether it leads to the secret by a detour.
func (p *platform) escalate(secrets []string, ask func(action, resource, what string)) {
	for _, e := range escalations {
		ask(e.action, "*", e.what)
	}
	for _, arn := range secrets {
		ask("secretsmanager:PutResourcePolicy", arn, "can open the secret to itself")
	}
}

func orAny(arn string) string {
	if arn == "" {
		return "*"
	}
	return arn
}

// clients are the servers of the tier before the database.
func (p *platform) clients() []*network.Node { return p.tiers[p.before(database)] }

// servers are all servers.
func (p *platform) servers() []*network.Node {
	return slices.DeleteFunc(slices.Clone(p.nodes), func(n *network.Node) bool { return !n.Compute() })
}

// roles is the roles that the nodes' servers have.
func (p *platform) roles(nodes ...*network.Node) []*graph.Resource {
	var all []*graph.Resource
	for _, n := range nodes {
		var profiles []*graph.Resource
		if n.Template != nil {
			profiles = p.g.Ref(n.Template, "iamInstanceProfile", "aws:iam/instanceProfile:InstanceProfile")
		}
		if n.Kind == network.Instance {
			profiles = append(profiles, p.g.Ref(n.Resource, "iamInstanceProfile", "aws:iam/instanceProfile:InstanceProfile")...)
		}
		for _, profile := range profiles {
			all = append(all, p.g.Ref(profile, "role", roleType)...)
		}
	}
	return all
}

// secretsOf is the ARNs of the secrets that hold a database's password, and what a role
// connects to by IAM; patterns where they are not known yet.
func secretsOf(db *graph.Resource) (secrets []string, connect string) {
	if managed, _ := db.Bool("manageMasterUserPassword"); managed {
		value, _ := db.Output("masterUserSecrets")
		list, _ := value.([]any)
		for _, element := range list {
			s, _ := element.(map[string]any)
			if arn, ok := s["secretArn"].(string); ok {
				secrets = append(secrets, arn)
			}
		}
		if len(secrets) == 0 {
			secrets = []string{"arn:aws:secretsmanager:*:*:secret:rds!*"}
		}
	}
	if on, known := db.Bool("iamDatabaseAuthenticationEnabled"); on || !known && db.Inputs["iamDatabaseAuthenticationEnabled"] != nil {
		id := db.String("resourceId") + db.String("clusterResourceId")
		if id == "" {
			id = "*"
		}
		connect = "arn:aws:rds-db:*:*:dbuser:" + id + "/*"
	}
	return secrets, connect
}

// identity is all that a role may do.
type identity struct {
	documents []named
	boundary  *policy.Document

	never map[string]bool // actions that no resource could be named for
}

type named struct {
	policy.Document
	name     string
	resource *graph.Resource
	unknown  bool
}

// may is the policy by which the role may do it, nil if it cannot.
func (i *identity) may(action, resource string) *named {
	if _, asked := i.never[action]; !asked {
		i.never[action] = i.by(action, "*") == nil
	}
	if i.never[action] {
		return nil
	}
	return i.by(action, resource)
}

func (i *identity) by(action, resource string) *named {
	if i.boundary != nil && i.boundary.MayAllow(action, resource) == nil {
		return nil
	}
	var all policy.Document
	for _, d := range i.documents {
		all.Statements = append(all.Statements, d.Statements...)
	}
	if all.MayAllow(action, resource) == nil {
		return nil // a denial in one policy counts against all
	}
	for _, d := range i.documents {
		if d.MayAllow(action, resource) != nil {
			return &d
		}
	}
	return nil
}

// identities is what each role of the stack may do, read once.
func (v *view) identities() map[*graph.Resource]*identity {
	if v.ids != nil {
		return v.ids
	}
	v.ids = map[*graph.Resource]*identity{}
	for _, role := range v.g.ByType(roleType) {
		v.ids[role] = &identity{boundary: v.boundary(role), never: map[string]bool{}}
	}
	of := func(r *graph.Resource, path string) []*identity {
		var all []*identity
		for _, role := range v.g.Ref(r, path, roleType) {
			all = append(all, v.ids[role])
		}
		return all
	}
	for _, r := range v.g.ByType("aws:iam/rolePolicy:RolePolicy") {
		value, _ := r.Get("policy")
		for _, i := range of(r, "role") {
			i.add(r.Name, r, value)
		}
	}
	for _, r := range v.g.ByType("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/policyAttachment:PolicyAttachment") {
		for _, i := range append(of(r, "role"), of(r, "roles")...) {
			v.attached(r, "policyArn", i)
		}
	}
	for role, i := range v.ids {
		if value := role.Inputs["managedPolicyArns"]; value != nil {
			v.attached(role, "managedPolicyArns", i)
		}
		inline, _ := role.Inputs["inlinePolicies"].([]any)
		for _, element := range inline {
			one, _ := element.(map[string]any)
			i.add("an inline policy of "+role.Name, role, one["policy"])
		}
	}
	return v.ids
}

// boundary is the most that a role may do, nil if nothing limits it for sure.
func (v *view) boundary(role *graph.Resource) *policy.Document {
	for _, bound := range v.g.Ref(role, "permissionsBoundary", "aws:iam/policy:Policy") {
		if d, err := policy.Parse(bound.String("policy")); err == nil {
			return &d
		}
	}
	return nil
}

// add reads a policy; one that is not known may allow everything.
func (i *identity) add(name string, at *graph.Resource, value any) {
	d := named{name: name, resource: at}
	text, ok := value.(string)
	parsed, err := policy.Parse(text)
	if d.Document = parsed; !ok || err != nil {
		d.Document, d.unknown = policy.Everything, true
		d.name += ", which is not known"
	}
	i.documents = append(i.documents, d)
}

func (v *view) attached(r *graph.Resource, path string, i *identity) {
	res := v.g.Resolve(r, path)
	for _, found := range res.Resources {
		if found.Type == "aws:iam/policy:Policy" {
			value, _ := found.Get("policy")
			i.add(found.Name, found, value)
		}
	}
	for _, arn := range res.Outside {
		i.add(arn, r, managed[arn[strings.LastIndex(arn, "/")+1:]])
	}
	if res.Undecided {
		i.add(path+" of "+r.Name, r, nil)
	}
}

// managed are policies of AWS of which nothing leads to a secret or to another role, or
// everything does. Any other is not known, which may be everything.
var managed = map[string]any{
	"AdministratorAccess":                 `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
	"PowerUserAccess":                     `{"Statement":{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}}`,
	"SecretsManagerReadWrite":             `{"Statement":{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}}`,
	"AmazonSSMManagedInstanceCore":        `{"Statement":{"Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParameters","ssm:UpdateInstanceInformation","ssmmessages:*","ec2messages:*"],"Resource":"*"}}`,
	"CloudWatchAgentServerPolicy":         `{"Statement":{"Effect":"Allow","Action":["cloudwatch:PutMetricData","ec2:DescribeTags","logs:*","ssm:GetParameter"],"Resource":"*"}}`,
	"AmazonRDSEnhancedMonitoringRole":     `{"Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*"}}`,
	"AWSBackupServiceRolePolicyForBackup": `{"Statement":{"Effect":"Allow","Action":["backup:*","rds:ModifyDBInstance","rds:ModifyDBCluster","rds:Create*","rds:Describe*"],"Resource":"*"}}`,
	"AmazonEC2ContainerRegistryReadOnly":  `{"Statement":{"Effect":"Allow","Action":"ecr:*","Resource":"*"}}`,
	"AmazonS3ReadOnlyAccess":              `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`,
	"AWSLambdaBasicExecutionRole":         `{"Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*"}}`,
}

// trusts says that a role lets another assume it, as far as its trust policy tells.
func (p *platform) trusts(role, other *graph.Resource) bool {
	d, err := policy.Parse(role.String("assumeRolePolicy"))
	if err != nil {
		return true
	}
	for _, s := range d.Statements {
		for kind, ids := range s.Principals {
			if s.Allow && (kind == "*" || kind == "AWS" && slices.ContainsFunc(ids, func(id string) bool {
				return id == "*" || strings.HasSuffix(id, ":root") || id == other.String("arn") || len(id) == 12 || other.String("arn") == ""
			})) {
				return true
			}
		}
		if s.Allow && len(s.NotPrincipals) > 0 {
			return true
		}
	}
	return false
}

// secretPolicies holds what the secret itself says of who may read it.
func (p *platform) secretPolicies(r *result, holders []*graph.Resource, secrets []string) {
	for _, resource := range p.g.ByType("aws:secretsmanager/secretPolicy:SecretPolicy") {
		named, _ := resource.Get("secretArn")
		if arn, known := named.(string); known && !slices.ContainsFunc(secrets, func(s string) bool { return policy.Overlap(s, arn) }) {
			continue
		}
		d, err := policy.Parse(resource.String("policy"))
		if err != nil {
			r.add(breach{resources: one(resource), found: "the policy of the secret is not known", undecided: true, remedy: "verify what is deployed"})
			continue
		}
		for _, s := range d.Statements {
			for kind, ids := range s.Principals {
				for _, id := range ids {
					if s.Allow && kind != "Service" && !slices.ContainsFunc(holders, func(h *graph.Resource) bool { return h.String("arn") == id }) {
						r.add(breach{resources: one(resource), found: "the policy of the secret lets " + id + " in", remedy: "name the app role only"})
					}
				}
			}
		}
	}
}
