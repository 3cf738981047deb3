package invariants

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

var isolation = []Invariant{
	{ID: "I1", Title: "Addressable from the internet are exactly the edge load balancer and the NAT gateways", Severity: report.Critical,
		check: each(addressable)},
	{ID: "I2", Title: "From the internet to the edge only 443/tcp passes", Severity: report.Critical, Waivers: []string{"httpRedirect"},
		check: each(front)},
	{ID: "I3", Title: "Every path from the internet to the database passes edge, web, internal and app, in that order",
		Severity: report.Critical, Waivers: []string{"edgeToApp"}, check: each(dominated(database))},
	{ID: "I4", Title: "Every path from the internet to app and to internal passes the tiers before them", Severity: report.Critical,
		Waivers: []string{"edgeToApp"}, check: each(dominated(internal, app))},
	{ID: "I5", Title: "Into web comes exactly the edge, on the web port", Severity: report.Critical, check: each(ingress(web))},
	{ID: "I6", Title: "Into internal come exactly web and workers that say so, on its listener ports", Severity: report.High,
		check: each(ingress(internal))},
	{ID: "I7", Title: "Into app comes exactly internal, on the app port", Severity: report.Critical, Waivers: []string{"edgeToApp"},
		check: each(ingress(app))},
	{ID: "I8", Title: "Into the database come exactly app and workers, on the database port, by group: no CIDR, self or prefix list",
		Severity: report.Critical, check: each(ingress(database))},
	{ID: "I9", Title: "No lateral way: web to web, app to app, web to database, app to web, to workers or among them, database to anything",
		Severity: report.High, check: each(lateral)},
	{ID: "I10", Title: "Rules inside the platform name security groups, never CIDRs", Severity: report.Medium, check: each(inner)},
	{ID: "I11", Title: "No SSH, RDP or WinRM anywhere, and no key pair", Severity: report.Critical, check: administered, blind: true},
}

func addressable(p *platform, r *result) {
	r.applies = true
	r.holds = "the edge and the NAT gateways have public addresses, and nothing else does"
	for _, n := range p.nodes {
		v6 := n.OpenIPv6(network.May) && slices.ContainsFunc(n.Subnets, func(s *network.Subnet) bool {
			return s.Table.Leaves(network.May, network.ByInternetGateway).Overlaps(network.Internet6)
		})
		if extra := slices.Index(p.tiers[edge], n); extra > 0 && n.Facing(network.May) {
			r.add(breach{resources: []*graph.Resource{n.Resource, p.tiers[edge][0].Resource},
				found:    fmt.Sprintf("%s faces the internet beside %s", n.Name, p.tiers[edge][0].Name),
				evidence: []string{fmt.Sprintf("it listens on %s", n.Served(network.Anything))},
				remedy:   "keep one load balancer that faces the internet, and make the other internal"})
		}
		if n.Kind == network.NAT || p.tierOf(n) == edge || !n.Public(network.May) && !v6 {
			continue
		}
		what, resource := "a public address", n.Resource
		if v6 && !n.Public(network.May) {
			what = "an IPv6 address that the internet reaches"
		}
		if n.Template != nil {
			resource = n.Template
		}
		var evidence []string
		if path := p.w.Shortest(network.May, p.w.Internet, n); path != nil {
			evidence = p.describe(path)
		} else {
			evidence = []string{p.w.Stopped(network.May, p.w.Internet, n) + ", and nothing else keeps the internet out"}
		}
		r.add(breach{resources: []*graph.Resource{resource, n.Resource}, found: n.Name + " has " + what, evidence: evidence,
			remedy: "give it none: internal, associatePublicIpAddress false, publiclyAccessible false, mapPublicIpOnLaunch false, no IPv6"})
	}
	// Even without an address of its own, a node can be reached by a peer.
	for _, outside := range p.outsiders() {
		for _, n := range p.nodes {
			if t := p.w.Gate(network.May, outside, n); !t.Empty() && p.tierOf(n) != edge &&
				(outside != p.w.Internet || !n.Public(network.May)) {
				r.add(breach{resources: p.blamed(outside, n, t), found: fmt.Sprintf("%s reaches %s on %s", outside.Name, n.Name, t),
					evidence: p.describe(network.Path{{From: outside, To: n, Traffic: t}}),
					remedy:   "remove the rule, or the route that leads there"})
			}
		}
	}
}

func front(p *platform, r *result) {
	for _, n := range p.tiers[edge] {
		r.applies = true
		r.holds = "the gates of the edge let 443/tcp through and nothing else"
		for _, outside := range p.outsiders() {
			t := p.w.Gate(network.May, outside, n)
			if n.Kind == network.LoadBalancer && len(n.Groups) == 0 {
				t = n.Served(t) // without a group only its listeners hold anything back
			}
			if extra := t.Minus(network.TCP(443)); !extra.Empty() {
				r.add(redirect(extra, breach{resources: p.blamed(outside, n, extra),
					found:    fmt.Sprintf("%s reaches %s on %s", outside.Name, n.Name, extra),
					evidence: p.describe(network.Path{{From: outside, To: n, Traffic: extra}}), remedy: "admit 443/tcp only"}))
			}
		}
		// A rule is wider than 443 even if an ACL or a missing listener stops it today.
		for _, g := range n.Groups {
			for _, rule := range g.Ingress {
				if extra := rule.Traffic(network.May).Minus(network.TCP(443)); !extra.Empty() && rule.Resource != nil {
					r.add(redirect(extra,
						breach{resources: one(rule.Resource), found: fmt.Sprintf("%s admits %s to the edge", rule.Resource.Name, extra),
							remedy: "admit 443/tcp only"}))
				}
			}
		}
	}
}

// redirect marks what opens more than port 80, which is opened only to redirect browsers.
func redirect(extra network.Traffic, b breach) breach {
	if extra.Within(network.TCP(80)) {
		b.severity = report.High
	} else {
		b.beyond = true
	}
	return b
}

// dominated checks that no way avoids one of the tiers before the targets.
func dominated(targets ...string) func(*platform, *result) {
	return func(p *platform, r *result) {
		for _, target := range targets {
			i := slices.Index(p.chain, target)
			for _, to := range p.tiers[target] {
				r.applies = true
				r.holds = "without any one of the tiers before it, no path is left"
				for _, tier := range p.chain[:max(i, 0)] {
					for _, outside := range p.outsiders() {
						path := p.w.Shortest(network.May, outside, to, p.tiers[tier]...)
						if path == nil {
							continue
						}
						last := path[len(path)-1]
						r.add(p.routed(outside, to, tier, breach{resources: p.blamed(last.From, last.To, last.Traffic),
							found:    fmt.Sprintf("a path from %s to %s does not pass %s", outside.Name, to.Name, tier),
							evidence: p.describe(path), remedy: "remove the rule, route or target group that opens the way around"}))
					}
				}
			}
		}
	}
}

// routed marks what goes beyond the edge sending some requests to the application servers itself: whether, without the
// tier, there is a way around the edge, or on from it through others than app.
func (p *platform) routed(outside, to *network.Node, tier string, b breach) breach {
	past := slices.Concat(p.tiers[tier], p.tiers[edge])
	around := len(p.routesToApp()) == 0 || tier == edge || p.w.Shortest(network.May, outside, to, past...) != nil
	if to.Kind == network.Database {
		around = around || p.w.Shortest(network.May, outside, to, slices.Concat(p.tiers[tier], p.tiers[app])...) != nil
	}
	if around || p.tierOf(to) == internal {
		b.beyond = true
	} else {
		b.severity = report.High
	}
	return b
}

// routesToApp are the load balancers of the edge that have application servers among their targets.
func (p *platform) routesToApp() []*network.Node {
	return slices.DeleteFunc(slices.Clone(p.tiers[edge]), func(n *network.Node) bool {
		return !slices.ContainsFunc(n.Targets, func(t *network.Target) bool { return slices.Contains(p.tiers[app], t.To) })
	})
}

// expected is what the tier before sends to a tier.
func (p *platform) expected(tier string, to *network.Node) network.Traffic {
	if to.Kind == network.LoadBalancer {
		return to.Served(network.Anything)
	}
	if to.Kind == network.Database {
		return to.Listens
	}
	var all network.Traffic
	for _, balancer := range p.tiers[p.before(tier)] {
		all = all.Union(balancer.Sends(to, nil))
	}
	return all
}

// ingress compares what a tier admits with the tier before it: what gets through from every node, and what each rule
// says, whoever is there today.
func ingress(tier string) func(*platform, *result) {
	return func(p *platform, r *result) {
		from := p.senders(tier)
		for _, to := range p.tiers[tier] {
			r.applies = true
			expected := p.expected(tier, to)
			r.holds = fmt.Sprintf("%s admits %s on %s, and nobody else", to.Name, names(from), expected)
			for _, sender := range p.w.Near(to) {
				t := p.w.Gate(network.May, sender, to)
				allowed := network.Traffic{}
				if slices.Contains(from, sender) {
					allowed = expected
				}
				if extra := t.Minus(allowed); !extra.Empty() {
					b := breach{resources: p.blamed(sender, to, extra),
						found:    fmt.Sprintf("%s reaches %s on %s", sender.Name, to.Name, extra),
						evidence: p.describe(network.Path{{From: sender, To: to, Traffic: extra}}),
						remedy:   fmt.Sprintf("admit only %s on %s", names(from), expected), beyond: true}
					if tier == app && slices.Contains(p.routesToApp(), sender) && extra.Within(sender.Sends(to, nil)) {
						b.beyond, b.severity = false, report.High
					}
					r.add(b)
				}
			}
			admits(p, r, to, tier, expected)
		}
	}
}

// admits compares the ingress rules of a node with whom they may name.
func admits(p *platform, r *result, to *network.Node, tier string, expected network.Traffic) {
	from := p.senders(tier)
	if tier == app {
		from = append(slices.Clone(from), p.routesToApp()...) // each of which is a finding of its own
	}
	for _, g := range to.Groups {
		for _, rule := range g.Ingress {
			if rule.Resource == nil {
				continue // AWS's default group: I19
			}
			remedy := fmt.Sprintf("admit the group of %s on %s", names(from), expected)
			for _, peer := range rule.Peers {
				if what := stranger(peer, from); what != "" {
					r.add(breach{resources: one(rule.Resource), found: fmt.Sprintf("%s admits %s to %s", rule.Resource.Name, what, to.Name),
						evidence: []string{rule.Traffic(network.May).String()}, remedy: remedy, beyond: true})
				}
			}
			if extra := rule.Traffic(network.May).Minus(expected); !extra.Empty() {
				r.add(breach{resources: one(rule.Resource), found: fmt.Sprintf("%s admits %s to %s, which is for %s", rule.Resource.Name,
					extra, to.Name, expected), remedy: remedy, beyond: true})
			}
		}
	}
}

// stranger is whom a rule names if it is not a group of the nodes, otherwise "".
func stranger(peer network.RulePeer, nodes []*network.Node) string {
	switch {
	case peer.IsList:
		return "a prefix list"
	case peer.Group == nil && peer.Anyone:
		return "whom it is not known"
	case peer.Group == nil:
		return network.FormatAddrs(peer.Addrs)
	case !slices.ContainsFunc(nodes, func(n *network.Node) bool { return slices.Contains(n.Groups, peer.Group) }):
		return "the group " + peer.Group.Name()
	}
	return ""
}

func names(nodes []*network.Node) string {
	if len(nodes) == 0 {
		return "nobody"
	}
	var all []string
	for _, n := range nodes {
		all = append(all, n.Name)
	}
	return strings.Join(all, ", ")
}

func lateral(p *platform, r *result) {
	r.holds = "no node reaches its own tier or one before it"
	for _, from := range p.nodes {
		tier := p.tierOf(from)
		for _, to := range p.w.Near(from) {
			t := p.w.Gate(network.May, from, to)
			there := p.tierOf(to)
			r.applies = r.applies || tier != ""
			wrong := tier == web && there == web || tier == app && (there == app || there == web) ||
				tier == web && there == database && p.after(web) != database || tier == database ||
				there == worker && tier != "" || tier == worker && (there == web || there == app)
			if !wrong || t.Empty() {
				continue
			}
			r.add(breach{resources: p.blamed(from, to, t), found: fmt.Sprintf("%s reaches %s on %s", from.Name, to.Name, t),
				evidence: p.describe(network.Path{{From: from, To: to, Traffic: t}}), remedy: "remove the rule"})
		}
	}
}

// inner checks every rule that may let packets pass between the platform's own nodes.
func inner(p *platform, r *result) {
	r.holds = "every rule between tiers names a group at both ends"
	seen := map[*network.Group]bool{}
	for _, n := range p.nodes {
		tier := p.tierOf(n)
		for _, g := range n.Groups {
			if seen[g] || g.Resource == nil {
				continue
			}
			seen[g] = true
			r.applies = true
			for _, rule := range append(slices.Clone(g.Ingress), g.Egress...) {
				for _, peer := range rule.Peers {
					if peer.Group != nil || peer.IsList && rule.Egress && !peer.Anyone || rule.Resource == nil {
						continue
					}
					if tier == edge && !rule.Egress || rule.Egress && (tier == web || tier == app || tier == worker) && outward(rule,
						peer) {
						continue // the front, and the way out by HTTPS
					}
					if (tier == web || tier == app || tier == worker) && rule.Declared() != nil {
						continue
					}
					r.add(breach{resources: one(rule.Resource), found: fmt.Sprintf("%s names %s", rule.Resource.Name, whom(peer)),
						remedy: "name the security group of who is meant"})
				}
			}
		}
	}
}

// outward says that an egress rule is a way out to the internet by HTTPS.
func outward(rule *network.Rule, peer network.RulePeer) bool {
	return rule.Traffic(network.May).Within(network.TCP(443)) && !peer.Anyone &&
		(network.Internet4.Within(peer.Addrs) || network.Internet6.Within(peer.Addrs) || peer.Addrs.Within(network.Internet))
}

// declared says that the rule is exactly a way out that the servers' group declares. The web tier declares none to the
// whole internet.
func declared(tier string, rule *network.Rule) bool {
	way := rule.Declared()
	return way != nil && tier != database && !(tier == web && way.World())
}

func whom(peer network.RulePeer) string {
	switch {
	case peer.Anyone && peer.IsList:
		return "a prefix list that is not known"
	case peer.Anyone:
		return "whom it is not known"
	}
	return network.FormatAddrs(peer.Addrs)
}

var remote = func() network.Traffic {
	t := network.TCP(22, 3389, 5985, 5986)
	t.UDP = network.PortRange(3389, 3389)
	return t
}()

func administered(v *view) result {
	r := result{applies: true, holds: "no rule or listener opens 22, 3389, 5985 or 5986, and no key pair is used"}
	for _, rule := range v.w.Rules {
		if rule.Egress && !v.ours {
			continue // elsewhere every group lets all of it out, and what comes in is what matters
		}
		if t := rule.Traffic(network.May).Intersect(remote); !t.Empty() {
			r.add(breach{resources: one(rule.Resource), found: fmt.Sprintf("%s opens %s", rule.Resource.Name, t),
				remedy: "remove it, and use Session Manager, which needs no open port"})
		}
	}
	for _, n := range v.w.OfKind(network.LoadBalancer) {
		for _, l := range n.Listeners {
			if t := l.May.Intersect(remote); !t.Empty() {
				r.add(breach{resources: one(l.Resource), found: fmt.Sprintf("%s listens on %s", l.Resource.Name, t),
					remedy: "remove the listener"})
			}
		}
	}
	for _, pair := range v.g.ByType("aws:ec2/keyPair:KeyPair") {
		r.add(breach{resources: one(pair), found: pair.Name + " is a key pair", remedy: "remove it, and use Session Manager"})
	}
	for _, launched := range v.g.ByType("aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance",
		"aws:ec2/launchConfiguration:LaunchConfiguration") {
		if key := launched.Inputs["keyName"]; key != nil && key != "" {
			r.add(breach{resources: one(launched), found: launched.Name + " names a key pair",
				remedy: "leave keyName out, and use Session Manager"})
		}
	}
	return r
}
