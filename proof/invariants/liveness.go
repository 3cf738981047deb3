package invariants

import (
	"fmt"
	"slices"

	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

var liveness = []Invariant{
	{ID: "I26", Title: "The path from the internet by 443 through every tier to the database exists", Severity: report.High, check: each(alive)},
}

// alive looks for the path on which nothing is unknown: without it, the other proofs
// would hold because nothing gets anywhere.
func alive(p *platform, r *result) {
	if len(p.tiers[edge]) == 0 || len(p.tiers[database]) == 0 {
		return
	}
	r.applies = true
	from := []*network.Node{p.w.Internet}
	for _, tier := range p.chain {
		var next []*network.Node
		for _, to := range p.tiers[tier] {
			if slices.ContainsFunc(from, func(f *network.Node) bool { return p.passes(tier, f, to) }) {
				next = append(next, to)
			}
		}
		if len(next) == 0 {
			b := breach{found: fmt.Sprintf("for sure nothing gets from %s to %s", names(from), tier), remedy: "open the way from each tier to the next, and forward requests to its target group"}
			for _, f := range from {
				for _, to := range p.tiers[tier] {
					why := p.w.Stopped(network.Must, f, to)
					if why == "" {
						why = "nothing listens on 443"
					}
					b.evidence = append(b.evidence, fmt.Sprintf("%s -> %s: %s", f.Name, to.Name, why))
					b.resources = append(b.resources, to.Resource)
				}
			}
			r.add(b)
			return
		}
		from = next
	}
	r.holds = fmt.Sprintf("a request gets from the internet to %s", names(from))
}

// passes says that requests of the path get from one node to the next: at the edge on
// 443, and from a load balancer by a listener that was entered.
func (p *platform) passes(tier string, from, to *network.Node) bool {
	t := p.w.Edge(network.Must, from, to)
	switch {
	case tier == edge:
		return t.Overlaps(network.TCP(443))
	case from.Kind == network.LoadBalancer:
		return t.Overlaps(from.Sends(to, func(l *network.Listener) bool { return l.May.Overlaps(p.w.Gate(network.Must, p.sender(from), from)) }))
	}
	return !t.Empty()
}

// sender is one of those that the load balancer is for.
func (p *platform) sender(n *network.Node) *network.Node {
	before := p.before(p.tierOf(n))
	for _, candidate := range p.tiers[before] {
		if !p.w.Edge(network.Must, candidate, n).Empty() {
			return candidate
		}
	}
	return p.w.Internet
}
