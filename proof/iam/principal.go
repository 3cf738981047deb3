package iam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// naming is how a statement of a resource's policy refers to an identity.
type naming int

const (
	notNamed  naming = iota
	byAccount        // the account decides by the identity's own policies
	byName           // the identity needs no policy of its own
)

// names says how the statement's principals refer to the identity. AWS, "AWS JSON policy elements: Principal", and "How
// permissions are evaluated": within an account, whoever is named needs no other permission, and a principal of * names
// everybody.
func (s Statement) names(i *Identity) naming {
	if len(s.NotPrincipals) > 0 {
		if mentions(s.NotPrincipals, i) != notNamed {
			return notNamed
		}
		return byName
	}
	return mentions(s.Principals, i)
}

func mentions(principals map[string][]string, i *Identity) naming {
	found := notNamed
	for kind, ids := range principals {
		if kind != "*" && kind != "AWS" {
			continue
		}
		for _, id := range ids {
			found = max(found, mention(id, i))
		}
	}
	return found
}

func mention(id string, i *Identity) naming {
	arn, account := i.ARN(), i.Account()
	switch {
	case id == "*" || id == arn:
		return byName
	case IsAccount(id):
		if account == "" || strings.Contains(id, account) {
			return byAccount
		}
		return notNamed
	case strings.Contains(id, ":assumed-role/"):
		_, session, _ := strings.Cut(id, ":assumed-role/")
		name, _, _ := strings.Cut(session, "/")
		if name != "" && name == i.Resource.String("name") {
			return byName
		}
		return notNamed
	case arn == "" && strings.HasPrefix(id, "arn:"):
		// The cloud has not created it yet: an ARN that is already written is its own only if it asks for that name.
		if name, given := i.Resource.Inputs["name"].(string); given && !strings.HasSuffix(id, "/"+name) {
			return notNamed
		}
		return byName
	case strings.ContainsAny(id, "*?") && Matches(id, arn):
		return byName
	}
	return notNamed
}

// IsAccount says that the principal is an account as a whole.
func IsAccount(id string) bool {
	return strings.HasSuffix(id, ":root") || len(id) == 12 && strings.Trim(id, "0123456789") == ""
}

func (w *Model) identified(id string) bool {
	return slices.ContainsFunc(w.Identities, func(i *Identity) bool { return i.ARN() == id })
}

// readPolicies reads the policies of resources.
func (w *Model) readPolicies() {
	for _, p := range ownPolicies {
		for _, r := range w.g.ByType(p.kind) {
			if _, err := At(r, p.policy); err == ErrAbsent || r.Inputs[p.policy] == nil {
				continue
			}
			w.about(r, p.target, SourceAt(r, p.policy))
		}
	}
	for _, r := range w.g.ByType(GrantType) {
		w.about(r, "keyId", Grant(r))
	}
}

func (w *Model) about(r *graph.Resource, target string, s Source) {
	if target == "" {
		w.policies[r] = append(w.policies[r], s)
		return
	}
	for _, of := range w.g.Ref(r, target) {
		w.policies[of] = append(w.policies[of], s)
	}
}

// GrantType is a grant of a KMS key.
const GrantType = "aws:kms/grant:Grant"

// ownPolicies are where resources have policies of their own: the type, the property that names what the policy governs
// ("" for itself), and the property that holds it.
var ownPolicies = []struct{ kind, target, policy string }{
	{"aws:s3/bucketPolicy:BucketPolicy", "bucket", "policy"},
	{"aws:s3/accessPoint:AccessPoint", "bucket", "policy"},
	{"aws:kms/key:Key", "", "policy"},
	{"aws:kms/replicaKey:ReplicaKey", "", "policy"},
	{"aws:kms/externalKey:ExternalKey", "", "policy"},
	{"aws:kms/keyPolicy:KeyPolicy", "keyId", "policy"},
	{"aws:secretsmanager/secret:Secret", "", "policy"},
	{"aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn", "policy"},
	{"aws:sqs/queue:Queue", "", "policy"},
	{"aws:sqs/queuePolicy:QueuePolicy", "queueUrl", "policy"},
	{"aws:sns/topic:Topic", "", "policy"},
	{"aws:sns/topicPolicy:TopicPolicy", "arn", "policy"},
	{"aws:backup/vaultPolicy:VaultPolicy", "backupVaultName", "policy"},
}

// Grant is a KMS grant as the policy of its key: AWS evaluates the two together ("Grants
// in AWS KMS", KMS developer guide).
func Grant(r *graph.Resource) Source {
	s := Source{Name: r.Name, Resource: r, Path: "operations"}
	principal, operations := r.String("granteePrincipal"), r.Strings("operations")
	if principal == "" || len(operations) == 0 {
		s.Err = ErrUnknown
		s = s.closed()
		s.Statements[0].Principals = map[string][]string{"AWS": {"*"}}
		return s
	}
	statement := Statement{Allow: true, Resources: []string{"*"}, Principals: map[string][]string{"AWS": {principal}}}
	if strings.HasSuffix(principal, ".amazonaws.com") {
		statement.Principals = map[string][]string{"Service": {principal}}
	}
	for _, operation := range operations {
		statement.Actions = append(statement.Actions, "kms:"+operation)
	}
	held := map[string][]string{}
	for _, path := range []string{"constraints.encryptionContextEquals", "constraints.encryptionContextSubset"} {
		value, _ := r.Get(path)
		context, _ := value.(map[string]any)
		for key, wanted := range context {
			held["kms:encryptioncontext:"+strings.ToLower(key)] = []string{fmt.Sprint(wanted)}
		}
	}
	if len(held) > 0 {
		statement.Conditions = map[string]map[string][]string{"stringequals": held}
	}
	s.Statements = []Statement{statement}
	return s
}

// LetsIn is the first of the actions that the policy of a resource, taken by itself, lets the identity do, "" if none.
func (s Source) LetsIn(i *Identity, actions ...string) string {
	for _, action := range actions {
		allowed := false
		for _, st := range s.Statements {
			switch met := st.met(i.known); {
			case st.names(i) != byName || !st.Speaks(action) || met == never:
			case st.Allow:
				allowed = true
			case met == surely:
				return ""
			}
		}
		if allowed {
			return action
		}
	}
	return ""
}

// PoliciesOf are a resource's own policies, and those of other resources that govern it.
func (w *Model) PoliciesOf(r *graph.Resource) []Source { return w.policies[r] }

// MayOn is the policy by which the identity may do the action on a resource of the stack, nil if it cannot: its own
// policies, unless the resource's deny it, or the resource's, if they name it. A KMS key can be used only by those its
// policy names, or whose account it leaves to decide. AWS, "Policy evaluation logic".
func (w *Model) MayOn(i *Identity, action string, r *graph.Resource) *Source {
	policies, arn := w.policies[r], r.String("arn")
	if arn == "" {
		arn = "*"
	}
	if i.denies(i.known, action, arn) {
		return nil
	}
	how, by := notNamed, (*Source)(nil)
	for n := range policies {
		for _, s := range policies[n].Statements {
			// Whatever a resource's policy names, it only governs that resource.
			if s.names(i) == notNamed || !s.Speaks(action) || s.met(i.known) == never {
				continue
			}
			if !s.Allow {
				if s.met(i.known) == surely {
					return nil
				}
				continue
			}
			if named := s.names(i); named > how {
				how, by = named, &policies[n]
			}
		}
	}
	if how == byName {
		return by
	}
	if strings.HasPrefix(r.Type, "aws:kms/") && len(policies) > 0 && how == notNamed {
		return nil
	}
	return i.May(action, arn)
}
