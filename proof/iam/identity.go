package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// The types of what acts in an account.
const (
	RoleType  = "aws:iam/role:Role"
	UserType  = "aws:iam/user:User"
	GroupType = "aws:iam/group:Group"

	policyType     = "aws:iam/policy:Policy"
	attachmentType = "aws:iam/policyAttachment:PolicyAttachment"
)

// Identity is a role, user or group, with everything that its own policies let it do.
type Identity struct {
	Resource *graph.Resource
	// Policies are all that it has: inline, attached, AWS's own, and its groups'.
	Policies []Source
	// Boundary is the most that it may do, nil if nothing limits it.
	Boundary *Source
	// Trust is who may assume a role, nil for a user or a group.
	Trust *Source

	arn    string
	known  Context
	denied map[string]bool // actions that no resource could be named for
}

// ARN is the identity's: the one that it will have, as far as that follows from its name and account, if the cloud has not
// created it yet; otherwise "".
func (i *Identity) ARN() string { return i.arn }

// Account is the twelve digits in its ARN, "" if they are not known.
func (i *Identity) Account() string { return accountOf(i.ARN()) }

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// Unreadable is the first of its policies that nobody can read, nil if all can be.
func (i *Identity) Unreadable() *Source {
	for n := range i.Policies {
		if i.Policies[n].Err != nil {
			return &i.Policies[n]
		}
	}
	return nil
}

// May is the policy by which the identity may do the action on a resource, nil if it cannot: what its policies allow,
// less what any of them denies, within its boundary. A resource with wildcards asks for one that matches. Of several
// policies a readable one is returned, if there is one.
func (i *Identity) May(action, resource string) *Source {
	none, asked := i.denied[action]
	if !asked {
		none = i.may(i.known, action, "*") == nil
		i.denied[action] = none
	}
	if none {
		return nil
	}
	return i.may(i.known, action, resource)
}

func (i *Identity) may(c Context, action, resource string) *Source {
	if i.Boundary != nil && i.Boundary.mayAllow(c, action, resource) == nil || i.denies(c, action, resource) {
		return nil
	}
	var unread *Source
	for n := range i.Policies {
		p := &i.Policies[n]
		switch {
		case p.allows(c, action, resource) == nil:
		case p.Err != nil:
			unread = p
		default:
			return p
		}
	}
	return unread
}

func (i *Identity) denies(c Context, action, resource string) bool {
	return slices.ContainsFunc(i.Policies, func(p Source) bool { return p.denies(c, action, resource) })
}

// Model is the IAM of a graph: who there is, and what each may do.
type Model struct {
	// Identities are the roles, users and groups, in the order of their URNs.
	Identities []*Identity

	g        *graph.Graph
	of       map[*graph.Resource]*Identity
	accounts map[string][]string // by the URN of the provider that deploys into them
	home     []string
	policies map[*graph.Resource][]Source // of the resources that have some, by what they govern
	hosts    map[*Identity][]host
	actors   map[*Identity][]*graph.Resource // what names a role
	edges    map[*Identity][]Step
	byName   map[string][]*Identity // roles by the ARN that their trust names
	byOthers []*Identity            // roles whose trust names others too, or is not known
	unread   []Unread
	closed   bool                // unread has been found
	secrets  map[string]string   // the databases of the master secrets, by ARN
	tags     map[string][]string // of servers, by key
}

// Of is the identity of a role, user or group; nil if the resource is none.
func (w *Model) Of(r *graph.Resource) *Identity { return w.of[r] }

// Read reads all identities and policies of a graph.
func Read(g *graph.Graph) *Model {
	w := &Model{g: g, of: map[*graph.Resource]*Identity{}, policies: map[*graph.Resource][]Source{}, edges: map[*Identity][]Step{},
		byName: map[string][]*Identity{}}
	w.readAccounts()
	for _, r := range g.ByType(RoleType, UserType, GroupType) {
		i := &Identity{Resource: r, arn: cmp.Or(r.String("arn"), w.futureARN(r)), denied: map[string]bool{}}
		i.known = whoIs(i)
		w.Identities = append(w.Identities, i)
		w.of[r] = i
	}
	w.readInline()
	w.readAttached()
	for _, i := range w.Identities {
		i.Boundary = w.boundary(i)
		if i.Resource.Type == RoleType {
			trust := SourceAt(i.Resource, "assumeRolePolicy")
			i.Trust = &trust
		}
	}
	w.readGroups()
	w.readPolicies()
	w.readHosts()
	w.indexTrust()
	return w
}

// futureARN is the ARN that an identity will get, "" if its name or its account is not known.
func (w *Model) futureARN(r *graph.Resource) string {
	accounts, name := w.AccountsOf(r), r.String("name")
	if !r.Planned || len(accounts) != 1 || name == "" {
		return ""
	}
	kind := strings.ToLower(r.Type[strings.LastIndexByte(r.Type, ':')+1:])
	return "arn:aws:iam::" + accounts[0] + ":" + kind + cmp.Or(r.String("path"), "/") + name
}

// whoIs is what an identity's own requests say of it. AWS, "AWS global condition context keys", in the IAM user guide.
func whoIs(i *Identity) Context {
	c := Context{"aws:principalarn": i.ARN(), "aws:principalaccount": i.Account(), "aws:principalisawsservice": "false",
		"aws:principaltype": "AssumedRole"}
	if i.Resource.Type == UserType {
		c["aws:principaltype"] = "User"
		c["aws:username"] = i.Resource.String("name")
	}
	tags, _ := i.Resource.Get("tags")
	if all, ok := tags.(map[string]any); ok {
		for key, value := range all {
			c["aws:principaltag/"+strings.ToLower(key)], _ = value.(string)
		}
	}
	return c
}

// inline are the types of policies that are part of an identity, and how they name it.
var inline = map[string]string{
	"aws:iam/rolePolicy:RolePolicy": "role", "aws:iam/userPolicy:UserPolicy": "user", "aws:iam/groupPolicy:GroupPolicy": "group",
}

func (w *Model) readInline() {
	for _, r := range w.g.ByType("aws:iam/rolePolicy:RolePolicy", "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy") {
		for _, i := range w.named(r, inline[r.Type]) {
			i.Policies = append(i.Policies, SourceAt(r, "policy"))
		}
	}
	for _, i := range w.Identities {
		value := i.Resource.Inputs["inlinePolicies"]
		list, known := value.([]any)
		if value != nil && !known {
			i.Policies = append(i.Policies, Source{Name: "its inline policies", Resource: i.Resource, Path: "inlinePolicies",
				Err: ErrUnknown}.closed())
		}
		for n := range list {
			path := fmt.Sprintf("inlinePolicies[%d].policy", n)
			if s := SourceAt(i.Resource, path); s.Err != ErrAbsent {
				s.Name = "an inline policy of " + i.Resource.Name
				i.Policies = append(i.Policies, s)
			}
		}
	}
}

type attacher struct {
	kind, policies string
	to             []string
}

// attachers are the types that attach policies: how they name the policies, and whom.
var attachers = []attacher{
	{"aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policyArn", []string{"role"}},
	{"aws:iam/userPolicyAttachment:UserPolicyAttachment", "policyArn", []string{"user"}},
	{"aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "policyArn", []string{"group"}},
	{attachmentType, "policyArn", []string{"roles", "users", "groups"}},
	{"aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "policyArns", []string{"roleName"}},
	{"aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive", "policyArns", []string{"userName"}},
	{"aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive", "policyArns", []string{"groupName"}},
	{RoleType, "managedPolicyArns", nil},
}

func (w *Model) readAttached() {
	for _, a := range attachers {
		for _, r := range w.g.ByType(a.kind) {
			if r.Inputs[a.policies] == nil {
				continue
			}
			attached := w.attached(r, a.policies)
			if a.to == nil {
				w.of[r].Policies = append(w.of[r].Policies, attached...)
			}
			for _, path := range a.to {
				for _, i := range w.named(r, path) {
					i.Policies = append(i.Policies, attached...)
				}
			}
		}
	}
}

// attached are the policies whose ARNs a property holds.
func (w *Model) attached(r *graph.Resource, path string) []Source {
	var all []Source
	resolved := w.g.Resolve(r, path)
	for _, p := range resolved.Resources {
		if p.Type == policyType {
			all = append(all, SourceAt(p, "policy"))
		}
	}
	for _, arn := range resolved.Outside {
		s := managed(arn)
		s.Resource, s.Path = r, path
		all = append(all, s)
	}
	if resolved.Undecided || len(all) == 0 {
		all = append(all, Source{Name: path + " of " + r.Name, Resource: r, Path: path, Err: ErrUnknown}.closed())
	}
	return all
}

// named are the identities that a property names, by their names or ids.
func (w *Model) named(r *graph.Resource, path string) []*Identity {
	var all []*Identity
	resolved := w.g.Resolve(r, path)
	for _, found := range resolved.Resources {
		if i := w.of[found]; i != nil && !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	// Before the cloud has created it, an identity is known only by the name that it asks for.
	for _, name := range resolved.Outside {
		for _, i := range w.Identities {
			if i.Resource.Inputs["name"] == name && !slices.Contains(all, i) {
				all = append(all, i)
			}
		}
	}
	return all
}

func (w *Model) boundary(i *Identity) *Source {
	if i.Resource.Inputs["permissionsBoundary"] == nil {
		return nil
	}
	for _, s := range w.attached(i.Resource, "permissionsBoundary") {
		return &s
	}
	return nil
}

// readGroups gives users what their groups have.
func (w *Model) readGroups() {
	join := func(users, groups []*Identity) {
		for _, user := range users {
			for _, group := range groups {
				user.Policies = append(user.Policies, group.Policies...)
			}
		}
	}
	for _, m := range w.g.ByType("aws:iam/groupMembership:GroupMembership") {
		join(w.named(m, "users"), w.named(m, "group"))
	}
	for _, m := range w.g.ByType("aws:iam/userGroupMembership:UserGroupMembership") {
		join(w.named(m, "user"), w.named(m, "groups"))
	}
}
