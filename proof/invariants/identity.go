package invariants

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/network"
)

// reads are the actions that reveal a secret's value, or let somebody see it. AWS also demands GetSecretValue for a
// batch; whoever may ask for one is not far from it.
var reads = []reading{
	{"secretsmanager:GetSecretValue", "may read the secret of %s"},
	{"secretsmanager:BatchGetSecretValue", "may ask for the secret of %s in a batch"},
	{"secretsmanager:PutResourcePolicy", "can open the secret of %s to itself"},
	{"secretsmanager:ReplicateSecretToRegions", "can copy the secret of %s to another region"},
}

type reading struct{ action, what string }

// inquiry is what I25 asks of one database.
type inquiry struct {
	*platform
	r       *result
	db      *network.Node
	secrets []keeper
	connect string // what a role connects to by IAM, "" if the database has no such way
	holders []*iam.Identity
	release []string // the ARNs of what the database's clients fetch and run
}

// keeper is a secret: its ARN, or a pattern of ARNs, and its resource if it is in the stack.
type keeper struct {
	arn      string
	resource *graph.Resource
}

func secret(p *platform, r *result) {
	r.holds = "no other identity may read the secret, connect, or come to act as the app role"
	holders, release := p.identitiesOf(p.clients()...), p.releases(p.clients())
	for _, n := range p.tiers[database] {
		r.applies = true
		q := inquiry{platform: p, r: r, db: n, holders: holders, release: release}
		q.secrets, q.connect = p.secretsOf(n.Resource)
		q.unread()
		q.sharing()
		q.strangers()
		for _, i := range p.iam().Identities {
			q.ask(i, slices.Contains(holders, i))
		}
	}
}

// ask asks whether an identity leads to the secret: through what it may do itself, or through those it can act as. One of the
// database's clients may read the secret, and nothing more.
func (q inquiry) ask(i *iam.Identity, client bool) {
	if !client {
		q.direct(i, nil)
	}
	if p := i.Unreadable(); p != nil && !client {
		q.unreadable(i, p)
	}
	if i.Passive() {
		return // a service has it for one purpose, and nobody acts as it
	}
	q.powers(i, nil)
	for _, way := range q.iam().Reach(i) {
		last := way[len(way)-1].To
		switch {
		case client:
		case slices.Contains(q.holders, last):
			q.breach(i, way, "can act as the app role", way[len(way)-1].By,
				"leave the action out of its policies, or name the roles and servers that it is for")
		default:
			q.direct(last, way)
		}
		if !slices.Contains(q.holders, last) {
			q.powers(last, way)
		}
	}
	for _, to := range q.iam().Reaches(i) {
		if client && to.Action == "sts:AssumeRole" {
			continue // it has the secret already, and may have business elsewhere
		}
		q.r.add(breach{resources: one(i.Resource), undecided: true,
			found:    fmt.Sprintf("the %s %s %s %s, which is not of this stack", kindOf(i), i.Resource.Name, to.How, to.ARN),
			evidence: []string{"it may do " + to.Action + ", and what comes of that is not known"},
			remedy:   "name what is of the stack only"})
	}
}

// direct asks whether an identity reads the secret or connects. The way says how the identity that is blamed comes to act
// as it.
func (q inquiry) direct(i *iam.Identity, way []iam.Step) {
	q.secretBy(i, way, reads...)
	if q.connect != "" {
		q.found(i, way, "may connect to "+q.db.Name+" by IAM", "rds-db:connect on "+q.connect, i.May("rds-db:connect", q.connect))
	}
}

// secretBy asks for the powers over the secrets.
func (q inquiry) secretBy(i *iam.Identity, way []iam.Step, reads ...reading) {
	for _, s := range q.secrets {
		for _, read := range reads {
			by := i.May(read.action, s.arn)
			if s.resource != nil {
				by = q.iam().MayOn(i, read.action, s.resource)
			}
			q.found(i, way, fmt.Sprintf(read.what, q.db.Name), read.action+" on "+s.arn, by)
		}
	}
}

// unread reports what may give somebody powers and is not read: like the network, identity is a closed world.
func (q inquiry) unread() {
	for _, u := range q.iam().Unread() {
		q.r.add(breach{resources: one(u.Resource), undecided: true, found: u.Resource.Name + ": " + u.Why, remedy: u.Remedy})
	}
	for _, directory := range []string{"domain", "domainFqdn"} {
		if value, _ := q.db.Resource.Get(directory); value != nil && value != "" {
			q.r.add(breach{resources: one(q.db.Resource), undecided: true, remedy: "leave " + directory + " out",
				found: fmt.Sprintf("whom the directory %v lets into %s is not known", value, q.db.Name)})
		}
	}
}

// found reports a power, if a readable policy gives it.
func (q inquiry) found(i *iam.Identity, way []iam.Step, what, power string, by *iam.Source) {
	if by == nil || by.Err != nil {
		return
	}
	who := i
	if len(way) > 0 {
		who = way[0].From
		if who != i {
			what = "can act as " + i.Resource.Name + ", which " + what
		}
	}
	q.breach(who, way, what, by, "leave the action out of its policies, or name the resources that it needs", power+" by "+by.Name)
}

func (q inquiry) breach(who *iam.Identity, way []iam.Step, what string, by *iam.Source, remedy string, evidence ...string) {
	b := breach{resources: one(who.Resource), found: fmt.Sprintf("the %s %s %s", kindOf(who), who.Resource.Name, what), remedy: remedy}
	for _, step := range way {
		b.evidence = append(b.evidence, step.String())
		b.resources = append(b.resources, step.By.Resource)
	}
	b.resources, b.evidence = append(b.resources, by.Resource), append(b.evidence, evidence...)
	if !slices.ContainsFunc(q.r.breaches, func(other breach) bool { return other.found == b.found }) {
		q.r.add(b)
	}
}

func kindOf(i *iam.Identity) string {
	switch i.Resource.Type {
	case iam.UserType:
		return "user"
	case iam.GroupType:
		return "group"
	}
	return "role"
}

// unreadable reports, once, a policy that nobody can read: it may allow everything.
func (q inquiry) unreadable(i *iam.Identity, p *iam.Source) {
	found := fmt.Sprintf("what the %s %s may do is not known: %s %s", kindOf(i), i.Resource.Name, p.Name, p.Err)
	if !slices.ContainsFunc(q.r.breaches, func(b breach) bool { return b.found == found }) {
		q.r.add(breach{resources: append(one(i.Resource), p.Resource), undecided: true, later: errors.Is(p.Err, iam.ErrUnknown),
			found:    found,
			evidence: []string{"a policy that is not known may allow everything"},
			remedy:   "verify what is deployed, or a preview in which the policy does not change"})
	}
}

// sharing reports what has the role of the database's clients without being one of them.
func (q inquiry) sharing() {
	for _, n := range q.servers() {
		if slices.Contains(q.clients(), n) {
			continue
		}
		for _, i := range q.identitiesOf(n) {
			if slices.Contains(q.holders, i) {
				q.r.add(breach{resources: []*graph.Resource{n.Resource, n.Template, i.Resource},
					found:  fmt.Sprintf("%s has the role %s, which is for the clients of %s", n.Name, i.Resource.Name, q.db.Name),
					remedy: "give each tier a role of its own"})
			}
		}
	}
	var own []*graph.Resource
	for _, n := range append(q.clients(), q.servers()...) {
		own = append(own, n.Resource, n.Template)
	}
	for _, i := range q.holders {
		for _, r := range q.iam().ActingAs(i) {
			if !slices.Contains(own, r) {
				q.r.add(breach{resources: []*graph.Resource{r, i.Resource},
					found:  fmt.Sprintf("%s has the role %s, which is for the clients of %s", r.Name, i.Resource.Name, q.db.Name),
					remedy: "give it a role of its own"})
			}
		}
	}
}

// strangers reports who from outside the stack is admitted to the secret, or to the app role.
func (q inquiry) strangers() {
	report := func(p iam.Source, what, remedy string, strangers func(iam.Statement) []string) {
		if p.Err != nil {
			q.r.add(breach{resources: one(p.Resource), found: fmt.Sprintf("%s of %s %s", p.Path, p.Name, p.Err), undecided: true,
				later: errors.Is(p.Err, iam.ErrUnknown), remedy: "verify what is deployed"})
			return
		}
		for i, s := range p.Statements {
			for _, id := range strangers(s) {
				q.r.add(breach{resources: one(p.Resource), found: fmt.Sprintf(what, p.Name, id),
					evidence: []string{strings.TrimSpace(fmt.Sprintf("statement %d %s", i+1, s.ID))}, remedy: remedy})
			}
		}
	}
	for _, p := range q.secretPolicies() {
		report(p, "the policy %s of the secret lets %s in", "name the app role only", func(s iam.Statement) []string {
			if !slices.ContainsFunc(reads, func(read reading) bool { return s.Speaks(read.action) }) {
				return nil
			}
			return append(q.iam().Outsiders(s, p.Resource), q.iam().Elsewhere(s, p.Resource)...)
		})
		for _, i := range q.iam().Identities {
			if !slices.Contains(q.holders, i) && p.Err == nil {
				for _, read := range reads {
					if action := p.LetsIn(i, read.action); action != "" {
						q.found(i, nil, fmt.Sprintf(read.what, q.db.Name), action, &p)
						break
					}
				}
			}
		}
	}
	for _, i := range q.holders {
		if i.Trust != nil {
			report(*i.Trust, "the trust of %s lets %s act as the app role", "name ec2.amazonaws.com only",
				func(s iam.Statement) []string { return q.takers(s, i.Resource) })
		}
	}
}

// takers are those whom the app role's trust lets assume it, besides its servers and the identities of the stack, which
// are asked one by one.
func (q inquiry) takers(s iam.Statement, role *graph.Resource) []string {
	if !s.Allow {
		return nil
	}
	all := append(q.iam().Strangers(s, role), q.iam().Elsewhere(s, role)...)
	for _, id := range s.Principals["AWS"] {
		if iam.IsAccount(id) && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	for _, service := range s.Principals["Service"] {
		if service != "ec2.amazonaws.com" {
			all = append(all, service)
		}
	}
	return all
}

// secretPolicies are the policies of the database's secrets themselves.
func (q inquiry) secretPolicies() (all []iam.Source) {
	for _, s := range q.secrets {
		if s.resource != nil {
			all = append(all, q.iam().PoliciesOf(s.resource)...)
			continue
		}
		for _, r := range q.g.ByType("aws:secretsmanager/secretPolicy:SecretPolicy") {
			value, _ := r.Get("secretArn")
			if arn, known := value.(string); !known || iam.Overlap(s.arn, arn) {
				all = append(all, iam.SourceAt(r, "policy"))
			}
		}
	}
	return all
}

// iam is who there is in the stack and what each may do, read once.
func (v *view) iam() *iam.Model {
	if v.identities == nil {
		v.identities = iam.Read(v.g)
	}
	return v.identities
}

// clients are the servers of the tier before the database.
func (p *platform) clients() []*network.Node { return p.senders(database) }

// servers are all servers.
func (p *platform) servers() []*network.Node {
	return slices.DeleteFunc(slices.Clone(p.nodes), func(n *network.Node) bool { return !n.Compute() })
}

// identitiesOf is the roles that the nodes' servers have.
func (p *platform) identitiesOf(nodes ...*network.Node) (all []*iam.Identity) {
	for _, n := range nodes {
		for _, r := range []*graph.Resource{n.Template, n.Resource} {
			if r != nil {
				all = append(all, p.iam().ActsAs(r, "iamInstanceProfile")...)
			}
		}
	}
	return all
}
