package network

import (
	"fmt"
	"slices"
)

// Hop is one step of a path.
type Hop struct {
	From, To *Node
	Traffic  Traffic
}

// Path is a way of packets, hop by hop.
type Path []Hop

// String writes a path on a line, with what gets from each node to the next.
func (p Path) String() string {
	if len(p) == 0 {
		return ""
	}
	line := p[0].From.Name
	for _, hop := range p {
		line += fmt.Sprintf(" -> %s (%s)", hop.To.Name, hop.Traffic)
	}
	return line
}

// Paths are the ways from one node to another that visit no node twice: all of them, or the first limit, and whether
// there are more.
func (w *Model) Paths(m Mode, from, to *Node, limit int) (paths []Path, more bool) {
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
		if len(path) > 0 && !at.passes(m) || more {
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
func (w *Model) leadingTo(m Mode, to *Node) map[*Node]bool {
	key := nextKey{to, m}
	if found, ok := w.leads[key]; ok {
		return found
	}
	found := map[*Node]bool{to: true}
	w.leads[key] = found
	for queue := []*Node{to}; len(queue) > 0; queue = queue[1:] {
		for _, n := range w.Near(queue[0]) {
			if !found[n] && n.passes(m) && !w.Edge(m, n, queue[0]).Empty() {
				found[n] = true
				queue = append(queue, n)
			}
		}
	}
	return found
}

// Shortest is a shortest way from one node to another that avoids the excluded ones, nil if there is none.
func (w *Model) Shortest(m Mode, from, to *Node, excluded ...*Node) Path {
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
				if _, seen := came[s]; !seen && next.passes(m) {
					came[s] = path
					queue = append(queue, s)
				}
			}
		}
	}
	return nil
}
