package network

import (
	"fmt"
	"slices"
	"strings"
)

// Explain is what lets a hop through, one thing a line.
func (w *Model) Explain(h Hop) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if h.From.Kind == LoadBalancer {
		for _, t := range h.From.Targets {
			if t.To == h.To && t.Requests.Union(t.Health).Overlaps(h.Traffic) {
				how := "by default"
				if t.Rule != nil {
					how = "by listener rule " + t.Rule.Name
				}
				add("listener %s forwards %s to target group %s", t.Listener.Resource.Name, how, t.Group.Name)
			}
		}
	}
	for _, s := range w.routesOf(h) {
		add("%s", s)
	}
	for _, side := range []struct {
		node, peer *Node
		egress     bool
		word       string
	}{{h.From, h.To, true, "egress"}, {h.To, h.From, false, "ingress"}} {
		if side.node.withoutGroups {
			continue
		}
		rules := side.node.RulesFor(May, side.egress, side.peer, h.Traffic)
		for _, r := range rules {
			name := "what AWS puts in it"
			if r.Resource != nil {
				name = r.Resource.Name
			}
			add("%s rule %s of group %s", side.word, name, r.Group.Name())
		}
		if len(rules) == 0 {
			add("what the groups of %s let through is not known", side.node.Name)
		}
	}
	for _, s := range w.aclsOf(h) {
		add("%s", s)
	}
	return lines
}

func (w *Model) routesOf(h Hop) []string {
	from, to := h.From, h.To
	var way func(*Route) bool
	at := from
	switch {
	case from.Kind == TheInternet:
		at, way = to, func(r *Route) bool { return r.Way == ByInternetGateway }
	case to.Kind == TheInternet:
		way = func(r *Route) bool { return r.Way == ByInternetGateway || r.Way == ByNAT || r.Way == ByEgressOnly }
	case from.Kind == Peer:
		at, way = to, func(r *Route) bool { return r.To == from }
	case to.Kind == Peer || to.Kind == Service:
		way = func(r *Route) bool { return r.To == to }
	case from.VPC != to.VPC:
		way = func(r *Route) bool { return r.Way == ByPeering && r.Peer == to.VPC }
	default:
		return nil
	}
	var lines []string
	for _, s := range at.Subnets {
		addrs, routes := s.Table.by(May, way)
		for _, r := range routes {
			line := fmt.Sprintf("route %s of table %s by %s", r.Resource.Name, s.Table.Name(), r.Way)
			if !Internet4.Within(addrs) && from.Kind == TheInternet {
				line += ", for " + FormatAddrs(addrs.Intersect(Internet))
			}
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func (w *Model) aclsOf(h Hop) []string {
	var lines []string
	add := func(s *Subnet, rules []*ACLRule, peer *Node, word string) {
		for _, addrs := range peer.everyAddress(May) {
			line := word + " " + s.ACL.first(rules, addrs, h.Traffic)
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
			return
		}
	}
	for _, s := range h.From.Subnets {
		add(s, s.ACL.Out, h.To, "out of ACL")
	}
	for _, s := range h.To.Subnets {
		add(s, s.ACL.In, h.From, "into ACL")
	}
	return lines
}

// Stopped says what stops packets from one node to another, "" if nothing does.
func (w *Model) Stopped(m Mode, from, to *Node) string {
	if !w.Edge(m, from, to).Empty() {
		return ""
	}
	if from.Kind == LoadBalancer && from.Sends(to, nil).Empty() {
		return fmt.Sprintf("no target group of %s has %s in it", from.Name, to.Name)
	}
	if from.Kind == LoadBalancer && m == Must && from.sends(Must, to, nil).Empty() {
		return fmt.Sprintf("what %s sends to %s is not known", from.Name, to.Name)
	}
	if m == Must && w.shut(from, to) {
		return "VPC block public access shuts the internet gateways"
	}
	legs := w.legs(m, from, to)
	if from.onlyAnswers() || to.Kind == NAT || len(legs) == 0 || slices.ContainsFunc(legs, func(l leg) bool { return l.src.Empty() }) {
		return w.unrouted(from, to)
	}
	// Each filter is added in turn: the first one that leaves nothing is what stops it.
	strip := func(keep int) Traffic {
		var all Traffic
		for i, l := range legs {
			if keep < 1 {
				l.egress = open
			}
			if keep < 2 {
				l.ingress = open
			}
			if keep < 3 {
				l.toDst = nil
			}
			if keep < 4 {
				l.toSrc = nil
			}
			if keep < 5 {
				l.backSrc, l.backDst, l.natBack = nil, nil, nil
			}
			if t := l.flow(m); m == May || i == 0 {
				all = all.Union(t)
			} else {
				all = all.Intersect(t)
			}
		}
		t := to.served(m, all)
		if from.Kind == LoadBalancer {
			t = t.Intersect(from.sends(m, to, nil))
		}
		return t
	}
	reasons := []string{
		to.Name + " answers nothing that is sent",
		"no egress rule of " + groupNames(from) + " lets it out",
		"no ingress rule of " + groupNames(to) + " lets it in",
		"ACL " + aclNames(from) + " does not let it out",
		"ACL " + aclNames(to) + " does not let it in",
		"the ACLs stop the replies",
	}
	for keep, reason := range reasons {
		if strip(keep).Empty() {
			return reason
		}
	}
	return ""
}

func (w *Model) unrouted(from, to *Node) string {
	node, peer := from, to
	if from.Kind == TheInternet {
		node, peer = to, from
	}
	switch {
	case from.onlyAnswers():
		return from.Name + " opens no connections"
	case to.Kind == NAT:
		return to.Name + " takes no connections"
	case peer.Kind == TheInternet && from.Kind == TheInternet && !node.Public(May) && !node.IPv6(May):
		return node.Name + " has no public address"
	case peer.Kind == TheInternet:
		return "no route of " + tableNames(node) + " leads to or from the internet"
	case from.VPC != to.VPC && peer.VPC != nil && node.VPC != nil:
		return "no routes connect " + from.VPC.Name() + " and " + to.VPC.Name()
	}
	return "no route of " + tableNames(node) + " leads to " + peer.Name
}

func groupNames(n *Node) string {
	var names []string
	for _, g := range n.Groups {
		names = append(names, g.Name())
	}
	return strings.Join(names, ", ")
}

func aclNames(n *Node) string {
	var names []string
	for _, s := range n.Subnets {
		if !slices.Contains(names, s.ACL.Name()) {
			names = append(names, s.ACL.Name())
		}
	}
	return strings.Join(names, ", ")
}

func tableNames(n *Node) string {
	var names []string
	for _, s := range n.Subnets {
		if !slices.Contains(names, s.Table.Name()) {
			names = append(names, s.Table.Name())
		}
	}
	return strings.Join(names, ", ")
}
