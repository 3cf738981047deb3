package invariants

import (
	"fmt"
	"slices"

	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

var tightness = []Invariant{
	{ID: "I12", Title: "From a load balancer to its targets pass exactly the target port and the health check port",
		Severity: report.Medium, check: each(exactTargets)},
	{ID: "I13", Title: "A load balancer's egress is exactly its targets on their ports", Severity: report.Medium, check: each(exactEgress)},
	{ID: "I14", Title: "A load balancer admits exactly its listener ports", Severity: report.Medium, check: each(exactListeners)},
	{ID: "I15", Title: "Every rule is used by some path, and every group is attached", Severity: report.Low, check: used},
	{ID: "I16", Title: "Web, app and workers open connections to the next tier, endpoints, S3, the ways out that their groups declare " +
		"and at most one other by 443; the database to nothing", Severity: report.High, Waivers: []string{"webInternet"},
		check: each(ways)},
}

func exactTargets(p *platform, r *result) {
	for _, n := range p.nodes {
		for _, to := range distinctTargets(n) {
			r.applies = true
			r.holds = "for each target the open ports are the target port and the health check port"
			sent, open := n.Sends(to, nil), p.w.Gate(network.May, n, to)
			if extra := open.Minus(sent); !extra.Empty() {
				r.add(breach{resources: p.blamed(n, to, extra), found: fmt.Sprintf("%s may send %s to %s, and has no use for %s", n.Name,
					open, to.Name, extra),
					evidence: p.describe(network.Path{{From: n, To: to, Traffic: extra}}), remedy: fmt.Sprintf("open %s", sent)})
			}
			if missing := sent.Minus(p.w.Gate(network.Must, n, to)); !missing.Empty() {
				r.add(breach{resources: p.blamed(n, to, sent), found: fmt.Sprintf("%s sends %s to %s, and %s does not get through for sure",
					n.Name, sent, to.Name, missing),
					evidence: []string{p.w.Stopped(network.Must, n, to)}, remedy: fmt.Sprintf("open %s", sent)})
			}
		}
	}
}

func distinctTargets(n *network.Node) (all []*network.Node) {
	for _, t := range n.Targets {
		if !slices.Contains(all, t.To) {
			all = append(all, t.To)
		}
	}
	return all
}

func exactEgress(p *platform, r *result) {
	for _, n := range p.nodes {
		if n.Kind != network.LoadBalancer || len(n.Groups) == 0 || p.w.SendsUnseen(n) {
			continue
		}
		r.applies = true
		r.holds = "each egress rule names the group of a target and the ports that it is sent"
		targets := distinctTargets(n)
		var sent network.Traffic
		for _, to := range targets {
			sent = sent.Union(n.Sends(to, nil))
		}
		for _, g := range n.Groups {
			for _, rule := range g.Egress {
				if rule.Resource == nil {
					continue
				}
				if extra := rule.Traffic(network.May).Minus(sent); !extra.Empty() {
					r.add(breach{resources: one(rule.Resource),
						found:  fmt.Sprintf("%s lets %s out of %s, which sends %s", rule.Resource.Name, extra, n.Name, sent),
						remedy: "write the ports of the target group"})
				}
				for _, peer := range rule.Peers {
					if what := stranger(peer, targets); what != "" {
						r.add(breach{resources: one(rule.Resource), found: fmt.Sprintf("%s lets %s send to %s, which is no target of it",
							rule.Resource.Name, n.Name, what), remedy: "name the group of the targets"})
					}
				}
			}
		}
	}
}

func exactListeners(p *platform, r *result) {
	for _, n := range p.nodes {
		if n.Kind != network.LoadBalancer || len(n.Groups) == 0 {
			continue
		}
		r.applies = true
		r.holds = "what the groups admit is what the listeners answer"
		var admitted network.Traffic
		listened := n.Served(network.Anything)
		for _, g := range n.Groups {
			for _, rule := range g.Ingress {
				if extra := rule.Traffic(network.May).Minus(listened); !extra.Empty() && rule.Resource != nil {
					r.add(breach{resources: one(rule.Resource),
						found:  fmt.Sprintf("%s admits %s to %s, where nothing listens", rule.Resource.Name, extra, n.Name),
						remedy: fmt.Sprintf("admit %s", listened)})
				}
				admitted = admitted.Union(rule.Traffic(network.Must))
			}
		}
		for _, l := range n.Listeners {
			if missing := l.May.Minus(admitted); !missing.Empty() {
				r.add(breach{resources: one(l.Resource), found: fmt.Sprintf("%s listens on %s, which no rule admits to %s", l.Resource.Name,
					missing, n.Name), remedy: "remove the listener, or admit its port"})
			}
		}
	}
}

// used finds for each rule a pair of nodes between which it lets something through that is certainly sent and answered.
func used(v *view) result {
	r := result{applies: len(v.w.Rules) > 0, holds: fmt.Sprintf("all %d rules are used, and all groups attached", len(v.w.Rules))}
	uses, attached := map[*network.Rule]bool{}, map[*network.Group]bool{}
	for _, from := range v.w.Nodes {
		for _, g := range from.Groups {
			attached[g] = true
		}
		for _, to := range v.w.Near(from) {
			t := v.w.Edge(network.Must, from, to)
			if t.Empty() {
				continue
			}
			for _, rules := range [][]*network.Rule{from.RulesFor(network.Must, true, to, t), to.RulesFor(network.Must, false, from, t)} {
				for _, rule := range rules {
					uses[rule] = true
				}
			}
		}
	}
	unseen := func(peer network.RulePeer) bool {
		return peer.IsForeignList() || peer.Group != nil && v.w.Touched(peer.Group)
	}
	for _, rule := range v.w.Rules {
		if !uses[rule] && !v.w.Touched(rule.Group) && !slices.ContainsFunc(rule.Peers, unseen) {
			r.add(breach{resources: one(rule.Resource), found: rule.Resource.Name + " lets nothing through that gets anywhere",
				remedy: "remove it"})
		}
	}
	for _, g := range v.w.Groups {
		if g.Resource != nil && !g.Default && !attached[g] && !v.w.Touched(g) {
			r.add(breach{resources: one(g.Resource), found: g.Name() + " is attached to nothing", remedy: "remove it"})
		}
	}
	return r
}

// ways checks the egress rules of the servers and the database.
func ways(p *platform, r *result) {
	var exceptions []*network.Rule
	for _, tier := range []string{web, app, worker, database} {
		for _, n := range p.tiers[tier] {
			next := slices.Concat(p.tiers[p.after(tier)], p.w.OfKind(network.Endpoint))
			if tier == worker {
				next = append(next, p.tiers[database]...)
			}
			if tier == worker && asks(n) {
				next = append(next, p.tiers[internal]...)
			}
			r.applies = true
			r.holds = "no server opens connections but to the next tier, endpoints, S3, the ways out that are declared and the one " +
				"exception"
			for _, g := range n.Groups {
				for _, rule := range g.Egress {
					if tier == database || rule.Resource == nil {
						if rule.Resource != nil {
							r.add(breach{resources: one(rule.Resource), found: rule.Resource.Name + " lets the database open connections",
								remedy: "remove it: a database only answers", beyond: true})
						}
						continue
					}
					for _, peer := range rule.Peers {
						switch {
						case peer.IsService() || stranger(peer, next) == "" || declared(tier, rule):
						case peer.Group == nil && !peer.IsList && outward(rule, peer):
							if !slices.Contains(exceptions, rule) {
								exceptions = append(exceptions, rule)
							}
						default:
							r.add(breach{resources: one(rule.Resource),
								found: fmt.Sprintf("%s lets %s open connections to %s on %s", rule.Resource.Name, n.Name,
									stranger(peer, next), rule.Traffic(network.May)),
								remedy: "name the next tier, the endpoints or the S3 endpoint's prefix list, or declare the way out",
								beyond: rule.Declared() == nil})
						}
					}
				}
				if tier != database {
					closed(p, r, n, g)
				}
			}
		}
	}
	for _, n := range slices.Concat(p.tiers[web], p.tiers[app], p.tiers[worker]) {
		// What leads out of some of its subnets is meant to lead out of all. To whom a prefix list leads is not known.
		named := slices.ContainsFunc(n.Groups, func(g *network.Group) bool {
			return slices.ContainsFunc(g.Egress, func(rule *network.Rule) bool {
				return slices.ContainsFunc(rule.Peers, func(peer network.RulePeer) bool {
					return peer.Group == nil && !peer.IsList && outward(rule, peer)
				})
			})
		})
		if !named {
			continue
		}
		if out := p.w.Edge(network.May, n, p.w.Internet); !out.Empty() && p.w.Edge(network.Must, n, p.w.Internet).Empty() {
			r.add(breach{resources: one(n.Resource),
				found: fmt.Sprintf("%s opens connections to the internet from some of its subnets only: %s",
					n.Name, p.w.Stopped(network.Must, n, p.w.Internet)), evidence: []string{"from some pass " + out.String()},
				remedy: "give each of its subnets a route to a NAT gateway that is public, or take away the rule", beyond: true})
		}
	}
	if len(exceptions) > 1 {
		b := breach{found: fmt.Sprintf("%d rules let servers open connections to the internet, and one may", len(exceptions)),
			remedy: "keep one, and reach AWS's services by endpoints"}
		for _, rule := range exceptions {
			b.resources = append(b.resources, rule.Resource)
			b.evidence = append(b.evidence, fmt.Sprintf("%s: %s to %s", rule.Resource.Name, rule.Traffic(network.May), whom(rule.Peers[0])))
		}
		r.add(b)
	}
}

// closed finds the ways out that a group declares and that are not certainly open. Whom a prefix list leads to is not
// known.
func closed(p *platform, r *result, n *network.Node, g *network.Group) {
	for _, way := range g.Exits() {
		if way.To == internal {
			continue // a group, of which I15 holds that its rule is used
		}
		named := slices.ContainsFunc(g.Egress, func(rule *network.Rule) bool {
			declared := rule.Declared()
			return declared != nil && *declared == way && way.Traffic().Within(rule.Traffic(network.Must))
		})
		open := p.w.Reaches(n, way.Addrs())
		if !named || !way.IsList() && (way.Addrs().Empty() || !way.Traffic().Within(open)) {
			r.add(breach{resources: one(g.Resource), found: fmt.Sprintf("%s declares %s, and not every packet of %s gets there",
				g.Resource.Name, way, n.Name),
				evidence: []string{fmt.Sprintf("a rule of the group says so: %v; on the whole of this way passes %s", named, open)},
				remedy:   "open the group, the ACLs and the routes to it, or declare it no more", beyond: true})
		}
	}
}
