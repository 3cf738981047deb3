package controls

import (
	"fmt"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/policy"
)

// role is an IAM role, or a user or group, with all policies that it has.
type role struct {
	r         *graph.Resource
	documents []policy.Document
	managed   []string // ARNs of policies outside of the stack
	boundary  *policy.Document
	unknown   *outcome
}

// document is the policy at path.
func document(r *graph.Resource, path string) (policy.Document, outcome) {
	value, known := read(r, path)
	switch known {
	case hidden:
		return policy.Document{}, unknown(r, path)
	case absent:
		return policy.Document{}, broken("%s is not set", path)
	}
	d, err := policy.Parse(text(value))
	switch {
	case err != nil:
		return d, undecided("%s cannot be read: %v", path, err)
	case len(d.Statements) == 0:
		return d, undecided("%s has no statements", path)
	}
	return d, holds()
}

func (v *view) readRoles() {
	for _, r := range v.g.ByType(roleType, "aws:iam/user:User", "aws:iam/group:Group") {
		one := role{r: r}
		one.inline()
		for path, types := range map[string][]string{
			"role": {rolePolicyType}, "user": {"aws:iam/userPolicy:UserPolicy"}, "group": {"aws:iam/groupPolicy:GroupPolicy"},
		} {
			for _, p := range v.pointing(r, path, types...) {
				one.add(document(p, "policy"))
			}
		}
		for path, types := range map[string][]string{
			"role": {attachmentType}, "user": {"aws:iam/userPolicyAttachment:UserPolicyAttachment"}, "group": {"aws:iam/groupPolicyAttachment:GroupPolicyAttachment"},
			"roles": {"aws:iam/policyAttachment:PolicyAttachment"}, "users": {"aws:iam/policyAttachment:PolicyAttachment"}, "groups": {"aws:iam/policyAttachment:PolicyAttachment"},
		} {
			for _, a := range v.pointing(r, path, types...) {
				v.attach(&one, a, "policyArn")
			}
		}
		if _, known := asked(r, "managedPolicyArns"); known != absent {
			v.attach(&one, r, "managedPolicyArns")
		}
		for _, b := range v.g.Ref(r, "permissionsBoundary", policyType) {
			if d, o := document(b, "policy"); o.verdict == proof.Holds {
				one.boundary = &d
			}
		}
		v.roles = append(v.roles, one)
	}
}

func (o *role) add(d policy.Document, result outcome) {
	if result.verdict != proof.Holds {
		o.unknown = &result
		return
	}
	o.documents = append(o.documents, d)
}

func (o *role) inline() {
	policies, _ := asked(o.r, "inlinePolicies")
	list, _ := policies.([]any)
	for i := range list {
		if path := fmt.Sprintf("inlinePolicies[%d].policy", i); o.r.String(path) != "" {
			o.add(document(o.r, path))
		}
	}
}

func (v *view) attach(to *role, from *graph.Resource, path string) {
	resolved := v.g.Resolve(from, path)
	for _, p := range resolved.Resources {
		if p.Type == policyType {
			to.add(document(p, "policy"))
		}
	}
	to.managed = append(to.managed, resolved.Outside...)
	if resolved.Undecided {
		o := unknown(from, path)
		to.unknown = &o
	}
}

// rolesOf are the roles that servers of the template have.
func (v *view) rolesOf(template *graph.Resource) []role {
	var all []role
	for _, profile := range v.g.Ref(template, "iamInstanceProfile", profileType) {
		for _, r := range v.g.Ref(profile, "role", roleType) {
			for _, one := range v.roles {
				if one.r == r {
					all = append(all, one)
				}
			}
		}
	}
	return all
}
