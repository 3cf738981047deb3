package network

import (
	"slices"
)

// Edge is the traffic that really goes from one node to another: let through, sent and answered. A load balancer sends
// only to its targets.
func (w *Model) Edge(m Mode, from, to *Node) Traffic { return w.edge(m, from, to, nil) }

// entered is the listeners of a load balancer through which requests come in; nil for any.
type entered func(*Listener) bool

func (w *Model) edge(m Mode, from, to *Node, by entered) Traffic {
	t := to.served(m, w.Gate(m, from, to))
	if from.Kind != LoadBalancer || t.Empty() {
		return t
	}
	return t.Intersect(from.sends(m, to, by))
}

// passes says that what reaches the node may go on from there. Programs and databases may open connections of their own;
// a load balancer does so for its clients. What is sent to the internet may come back from it, to an address of the stack
// or through somebody who passes it on, but never certainly does.
func (n *Node) passes(m Mode) bool {
	return n.Compute() || n.Kind == LoadBalancer || n.Kind == Database || n.Kind == Peer || n.Kind == TheInternet && m == May
}

// listenersFor is the listeners through which the traffic comes in.
func listenersFor(t Traffic) entered {
	return func(l *Listener) bool { return l.May.Overlaps(t) }
}

// Reachable is every node that packets from the node lead to, hop by hop, without passing through any of the excluded
// ones. The node itself is not in it.
func (w *Model) Reachable(m Mode, from *Node, excluded ...*Node) map[*Node]bool {
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
			if to.passes(m) {
				queue = append(queue, to)
			}
		}
	}
	return reached
}

// next are the nodes that something gets through to from the node.
func (w *Model) next(m Mode, n *Node) []*Node {
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

// Near is the nodes that the node could reach at all: those of its own network, of peered ones, and what is outside.
func (w *Model) Near(n *Node) []*Node {
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

func (w *Model) peering(a, b *VPC) bool {
	for _, s := range a.Subnets {
		if _, routes := s.Table.by(May, func(r *Route) bool { return r.Way == ByPeering && r.Peer == b }); len(routes) > 0 {
			return true
		}
	}
	return false
}
