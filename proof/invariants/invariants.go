// Package invariants decides the 28 invariants of the platform: who may reach whom and on what, how tight the rules are,
// where routes lead, what is encrypted, who can read the database's secret, and that a request still gets through.
//
// Tiers are recognised by the tag causeway:tier or, without one, by shape: the internet-facing load balancer is the edge,
// its targets are web, a load balancer inside is internal, its targets are app, and RDS is the database. In a stack that
// lacks a tier, requests skip it.
package invariants

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

// Invariant is one statement that must hold.
type Invariant struct {
	ID       string
	Title    string
	Severity report.Severity
	// Waivers are the names of the settings' waivers that may waive it.
	Waivers []string

	check func(*view) result
	// blind says that it does not depend on the network being known as a whole.
	blind bool
	// house says that it is this project's own convention, by which other stacks are not judged.
	house bool
}

// All are the invariants, in the order of their numbers. The others rest on I0.
var All = slices.Concat([]Invariant{{
	ID: "I0", Title: "Every networking resource is of a type, and in a form, that is modelled", Severity: report.Critical,
	check: modelled, blind: true,
}}, isolation, tightness, routing, encryption, liveness, fences)

// result is what a check found.
type result struct {
	applies  bool
	breaches []breach
	holds    string // what was shown, in one sentence
}

// breach is one reason why an invariant does not hold.
type breach struct {
	resources []*graph.Resource
	found     string
	evidence  []string
	remedy    string
	undecided bool
	later     bool            // undecided only because of what the deployment will create
	beyond    bool            // worse than what the invariant's waivers are for
	severity  report.Severity // "" for the invariant's own
}

func (r *result) add(b breach) { r.breaches = append(r.breaches, b) }

// Check decides all invariants of a stack. Beside are other environments: I21 demands that they share nothing with it.
func Check(g *graph.Graph, beside ...*graph.Graph) []report.Finding {
	v := newView(g, beside)
	var findings []report.Finding
	for _, i := range All {
		findings = append(findings, i.findings(v)...)
	}
	return findings
}

func (i Invariant) findings(v *view) []report.Finding {
	finding := report.Finding{ID: i.ID, Title: i.Title, Severity: i.Severity, Waivers: i.Waivers}
	if i.house && !v.ours {
		finding.Verdict, finding.Found = report.NotApplicable, report.NotOurs
		return []report.Finding{finding}
	}
	r := i.check(v)
	switch {
	case len(r.breaches) > 0:
		var all []report.Finding
		for _, b := range r.breaches {
			f := finding
			f.Verdict, f.Found, f.Evidence, f.Remedy = report.Broken, b.found, b.evidence, b.remedy
			if b.undecided {
				f.Verdict, f.Later = report.Undecided, b.later
			}
			f.Beyond, f.Severity = b.beyond, cmp.Or(b.severity, f.Severity)
			for _, resource := range b.resources {
				if resource != nil && !slices.Contains(f.Resources, resource.URN) {
					f.Resources = append(f.Resources, resource.URN)
				}
			}
			all = append(all, f)
		}
		return all
	case !r.applies:
		finding.Verdict, finding.Found = report.NotApplicable, "the stack has nothing that it speaks of"
	case v.unfinished() && !i.blind:
		finding.Verdict, finding.Found, finding.Remedy = report.Undecided, unfinished, finish
	case len(v.w.Problems) > 0 && !i.blind:
		finding.Verdict = report.Undecided
		finding.Found = "nothing was found to break it, but a part of the network is not modelled"
		finding.Evidence = []string{"see I0"}
		finding.Remedy = v.w.Problems[0].Remedy
	default:
		finding.Verdict, finding.Found = report.Holds, r.holds
	}
	return []report.Finding{finding}
}

const (
	unfinished = "the last deployment is unfinished: what it has replaced is still there"
	finish     = "finish it (`pulumi up`), or undo it, and verify again"
)

// unfinished says that nothing is in the way but what the last deployment left.
func (v *view) unfinished() bool {
	return len(v.w.Problems) > 0 && !slices.ContainsFunc(v.w.Problems, func(p network.Problem) bool { return !p.Unfinished })
}

func modelled(v *view) result {
	if v.unfinished() {
		b := breach{found: unfinished, remedy: finish, undecided: true}
		for _, p := range v.w.Problems {
			b.resources = append(b.resources, p.Resource)
			b.evidence = append(b.evidence, p.Resource.Name+" ("+p.Resource.Type+") "+p.Resource.ID)
		}
		return result{applies: true, breaches: []breach{b}}
	}
	r := result{applies: true, holds: fmt.Sprintf("%d nodes, %d rules of groups, %d route tables and %d ACLs are modelled",
		len(v.w.Nodes)-1, len(v.w.Rules), len(v.w.Tables), len(v.w.ACLs))}
	for _, p := range v.w.Problems {
		r.add(breach{resources: []*graph.Resource{p.Resource}, found: p.Resource.Name + ": " + p.What, remedy: p.Remedy, undecided: true})
	}
	refused := v.w.Refused
	if !v.ours {
		refused = nil // what is written inline has been read whole, and where it cannot be it is a problem
	}
	for _, p := range refused {
		r.add(breach{resources: []*graph.Resource{p.Resource}, found: p.Resource.Name + ": " + p.What, remedy: p.Remedy})
	}
	return r
}

// The tiers, in the order of a request.
const (
	edge     = "edge"
	web      = "web"
	internal = "internal"
	app      = "app"
	database = "database"
	// worker is servers that no load balancer sends anything to: a request does not pass them.
	worker = "worker"
)

var order = []string{edge, web, internal, app, database}

// view is a stack as the invariants see it.
type view struct {
	g      *graph.Graph
	w      *network.Model
	beside []*graph.Graph
	ours   bool // and not somebody else's stack
	// vpcs are the platforms, one for each VPC that has any node.
	vpcs []*platform

	identities *iam.Model
	leads      map[*graph.Resource][]*graph.Resource // of records
	names      map[string]bool                       // inputs, by whether they name another resource
	strays     map[*graph.Resource]string            // records, by why they are not served
}

// platform is the tiers of one VPC.
type platform struct {
	*view
	vpc   *network.VPC
	nodes []*network.Node
	tiers map[string][]*network.Node
	// chain is the tiers that exist, in the order of a request.
	chain []string
	prod  bool
}

const (
	tierTag        = "causeway:tier"
	environmentTag = "causeway:environment"
)

func newView(g *graph.Graph, beside []*graph.Graph) *view {
	v := &view{g: g, w: network.New(g), beside: beside, ours: report.Ours(g),
		leads: map[*graph.Resource][]*graph.Resource{}, names: map[string]bool{}}
	byVPC := map[*network.VPC]*platform{}
	for _, n := range v.w.Nodes {
		if n.VPC == nil || n.Kind == network.Service {
			continue
		}
		p := byVPC[n.VPC]
		if p == nil {
			p = &platform{view: v, vpc: n.VPC, tiers: map[string][]*network.Node{}}
			byVPC[n.VPC] = p
			v.vpcs = append(v.vpcs, p)
		}
		p.nodes = append(p.nodes, n)
	}
	for _, p := range v.vpcs {
		p.recognise()
	}
	return v
}

// recognise finds the tiers.
func (p *platform) recognise() {
	targets := map[*network.Node]string{}
	for _, n := range p.nodes {
		if n.Resource.Tag(environmentTag) == "prod" {
			p.prod = true
		}
		if n.Kind != network.LoadBalancer {
			continue
		}
		tier := n.Resource.Tag(tierTag)
		if tier != edge && tier != internal {
			tier = internal
			if n.Facing(network.May) {
				tier = edge
			}
		}
		p.tiers[tier] = append(p.tiers[tier], n)
		for _, t := range n.Targets {
			if targets[t.To] == "" || tier == edge {
				targets[t.To] = map[string]string{edge: web, internal: app}[tier]
			}
		}
	}
	for _, n := range p.nodes {
		tier := n.Resource.Tag(tierTag)
		switch {
		case n.Kind == network.Database:
			tier = database
		case !n.Compute():
			continue
		case tier != web && tier != app:
			if balanced := targets[n]; tier != worker || balanced != "" {
				tier = balanced
			}
		}
		if tier != "" {
			p.tiers[tier] = append(p.tiers[tier], n)
		}
	}
	for _, tier := range order {
		if len(p.tiers[tier]) > 0 {
			p.chain = append(p.chain, tier)
		}
	}
}

// before is the tier that comes before another, "" if there is none.
func (p *platform) before(tier string) string {
	if i := slices.Index(p.chain, tier); i > 0 {
		return p.chain[i-1]
	}
	return ""
}

func (p *platform) after(tier string) string {
	if i := slices.Index(p.chain, tier); i >= 0 && i+1 < len(p.chain) {
		return p.chain[i+1]
	}
	return ""
}

// senders are those that may open connections to a tier: the one before it and, to the database, or to internal where
// their group declares it, the workers.
func (p *platform) senders(tier string) []*network.Node {
	all := slices.Clone(p.tiers[p.before(tier)])
	for _, n := range p.tiers[worker] {
		if tier == database || tier == internal && asks(n) {
			all = append(all, n)
		}
	}
	return all
}

// asks says that the workers' group declares that they use the application.
func asks(n *network.Node) bool {
	return slices.ContainsFunc(n.Groups, func(g *network.Group) bool {
		return slices.ContainsFunc(g.Exits(), func(e network.Exit) bool { return e.To == internal })
	})
}

// tierOf is the tier of a node, "" if it has none.
func (p *platform) tierOf(n *network.Node) string {
	for tier, nodes := range p.tiers {
		if slices.Contains(nodes, n) {
			return tier
		}
	}
	return ""
}

// each runs a check of one platform on all of them.
func each(check func(*platform, *result)) func(*view) result {
	return func(v *view) result {
		var r result
		for _, p := range v.vpcs {
			check(p, &r)
		}
		return r
	}
}

// outsiders are the internet and the peers: whatever is not in the stack.
func (v *view) outsiders() []*network.Node {
	return append([]*network.Node{v.w.Internet}, v.w.OfKind(network.Peer)...)
}

func (v *view) describe(path network.Path) (lines []string) {
	for _, hop := range path {
		lines = append(lines, fmt.Sprintf("%s -> %s  %s", hop.From.Name, hop.To.Name, hop.Traffic))
		for _, line := range v.w.Explain(hop) {
			lines = append(lines, "    "+line)
		}
	}
	return lines
}

// blamed are the resources of a hop that could be changed to stop it: the rules at its ends, or the nodes if no rule of
// the stack is to blame.
func (v *view) blamed(from, to *network.Node, t network.Traffic) (all []*graph.Resource) {
	for _, rules := range [][]*network.Rule{from.RulesFor(network.May, true, to, t), to.RulesFor(network.May, false, from, t)} {
		for _, rule := range rules {
			if rule.Resource != nil {
				all = append(all, rule.Resource)
			}
		}
	}
	if len(all) == 0 {
		all = append(all, cmp.Or(to.Resource, from.Resource))
	}
	return all
}

func one(r *graph.Resource) []*graph.Resource { return []*graph.Resource{r} }
