package network

import (
	"fmt"
	"slices"
	"strings"
)

// Edge is the traffic that really goes from one node to another: let through, sent and
// answered. A load balancer sends only to its targets.
func (w *World) Edge(m Mode, from, to *Node) Traffic { return w.edge(m, from, to, nil) }

// entered is by which of a load balancer's listeners requests come in; nil for any.
type entered func(*Listener) bool

func (w *World) edge(m Mode, from, to *Node, by entered) Traffic {
	t := to.Served(w.Gate(m, from, to))
	if from.Kind != LoadBalancer || t.Empty() {
		return t
	}
	if m == Must && !slices.ContainsFunc(from.Targets, func(t *Target) bool { return t.To == to && t.Sure }) {
		return Traffic{}
	}
	return t.Intersect(from.Sends(to, by))
}

// passes says that what reaches the node may go on from there. Programs and databases
// may open connections of their own, a load balancer does so for its clients.
func (n *Node) passes() bool {
	return n.Compute() || n.Kind == LoadBalancer || n.Kind == Database || n.Kind == Peer
}

// listenersFor is the listeners that the traffic comes in by.
func listenersFor(t Traffic) entered {
	return func(l *Listener) bool { return l.May.Overlaps(t) }
}

// Reachable is every node that packets from the node lead to, hop by hop, without
// passing through any of the excluded ones. The node itself is not in it.
func (w *World) Reachable(m Mode, from *Node, excluded ...*Node) map[*Node]bool {
	reached := map[*Node]bool{}
	came := map[*Node]Traffic{}
	queue := []*Node{from}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		var by entered
		if at.Kind == LoadBalancer && at != from {
			by = listenersFor(came[at])
		}
		for _, to := range w.next(m, at) {
			if to == from || slices.Contains(excluded, to) {
				continue
			}
			t := w.edge(m, at, to, by)
			if t.Empty() || reached[to] && (to.Kind != LoadBalancer || t.Within(came[to])) {
				continue
			}
			reached[to], came[to] = true, came[to].Union(t)
			if to.passes() {
				queue = append(queue, to)
			}
		}
	}
	return reached
}

// next are the nodes that something gets through to from the node.
func (w *World) next(m Mode, n *Node) []*Node {
	key := nextKey{n, m}
	found, ok := w.nexts[key]
	if !ok {
		for _, to := range w.Near(n) {
			if !w.Gate(m, n, to).Empty() {
				found = append(found, to)
			}
		}
		w.nexts[key] = found
	}
	return found
}

type nextKey struct {
	node *Node
	m    Mode
}

// Near is the nodes that the node could reach at all: those of its own network,
// of peered ones, and what is outside.
func (w *World) Near(n *Node) []*Node {
	if n.VPC == nil {
		return w.Nodes
	}
	key := n.VPC
	found, ok := w.near[key]
	if !ok {
		for _, other := range w.Nodes {
			if other.VPC == nil || other.VPC == key || w.peering(key, other.VPC) {
				found = append(found, other)
			}
		}
		w.near[key] = found
	}
	return found
}

func (w *World) peering(a, b *VPC) bool {
	for _, s := range a.Subnets {
		if _, routes := s.Table.by(May, func(r *Route) bool { return r.Way == ByPeering && r.Peer == b }); len(routes) > 0 {
			return true
		}
	}
	return false
}

// Hop is one step of a path.
type Hop struct {
	From, To *Node
	Traffic  Traffic
}

// Path is a way of packets, hop by hop.
type Path []Hop

// Paths are the ways from one node to another that visit no node twice: all of them, or
// the first limit, and whether there are more.
func (w *World) Paths(m Mode, from, to *Node, limit int) (paths []Path, more bool) {
	useful := w.leadingTo(m, to)
	var walk func(at *Node, path Path)
	walk = func(at *Node, path Path) {
		if at == to {
			if len(paths) == limit {
				more = true
			} else {
				paths = append(paths, slices.Clone(path))
			}
			return
		}
		if len(path) > 0 && !at.passes() || more {
			return
		}
		var by entered
		if at.Kind == LoadBalancer && len(path) > 0 {
			by = listenersFor(path[len(path)-1].Traffic)
		}
		for _, next := range w.next(m, at) {
			if next == from || !useful[next] || slices.ContainsFunc(path, func(h Hop) bool { return h.To == next }) {
				continue
			}
			if t := w.edge(m, at, next, by); !t.Empty() {
				walk(next, append(path, Hop{at, next, t}))
			}
		}
	}
	walk(from, nil)
	return paths, more
}

// leadingTo is the nodes from which there is any way, listeners aside.
func (w *World) leadingTo(m Mode, to *Node) map[*Node]bool {
	key := nextKey{to, m}
	if found, ok := w.leads[key]; ok {
		return found
	}
	found := map[*Node]bool{to: true}
	w.leads[key] = found
	for queue := []*Node{to}; len(queue) > 0; queue = queue[1:] {
		for _, n := range w.Near(queue[0]) {
			if !found[n] && n.passes() && !w.Edge(m, n, queue[0]).Empty() {
				found[n] = true
				queue = append(queue, n)
			}
		}
	}
	return found
}

// Explain is what lets a hop through, a line for each thing.
func (w *World) Explain(h Hop) []string {
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

func (w *World) routesOf(h Hop) []string {
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

func (w *World) aclsOf(h Hop) []string {
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

// Shortest is a shortest way from one node to another past all the excluded ones, nil if
// there is none.
func (w *World) Shortest(m Mode, from, to *Node, excluded ...*Node) Path {
	type state struct {
		at  *Node
		via *Listener
	}
	useful := w.leadingTo(m, to)
	came := map[state]Path{{at: from}: {}}
	for queue := []state{{at: from}}; len(queue) > 0; queue = queue[1:] {
		here := queue[0]
		var by entered
		if here.via != nil {
			by = func(l *Listener) bool { return l == here.via }
		}
		for _, next := range w.next(m, here.at) {
			if !useful[next] {
				continue
			}
			t := w.edge(m, here.at, next, by)
			if t.Empty() || next == from || slices.Contains(excluded, next) {
				continue
			}
			path := append(slices.Clone(came[here]), Hop{here.at, next, t})
			if next == to {
				return path
			}
			states := []state{{at: next}}
			if next.Kind == LoadBalancer {
				states = nil
				for _, l := range next.Listeners {
					if l.May.Overlaps(t) {
						states = append(states, state{next, l})
					}
				}
			}
			for _, s := range states {
				if _, seen := came[s]; !seen && next.passes() {
					came[s] = path
					queue = append(queue, s)
				}
			}
		}
	}
	return nil
}

// Stopped says what stops packets from one node to another, "" if nothing does.
func (w *World) Stopped(m Mode, from, to *Node) string {
	if !w.Edge(m, from, to).Empty() {
		return ""
	}
	if from.Kind == LoadBalancer && from.Sends(to, nil).Empty() {
		return fmt.Sprintf("no target group of %s has %s in it", from.Name, to.Name)
	}
	if from.Kind == LoadBalancer && m == Must && !slices.ContainsFunc(from.Targets, func(t *Target) bool { return t.To == to && t.Sure }) {
		return fmt.Sprintf("which target group of %s has %s in it is not known", from.Name, to.Name)
	}
	legs := w.legs(m, from, to)
	if len(legs) == 0 || slices.ContainsFunc(legs, func(l leg) bool { return l.src.Empty() }) {
		return w.unrouted(from, to)
	}
	// Each filter is added in turn: the first with which nothing is left is what stops it.
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
		t := to.Served(all)
		if from.Kind == LoadBalancer {
			t = t.Intersect(from.Sends(to, nil))
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

func (w *World) unrouted(from, to *Node) string {
	node, peer := from, to
	if from.Kind == TheInternet {
		node, peer = to, from
	}
	switch {
	case from.Kind == NAT || from.Kind == Endpoint || from.Kind == Service:
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
