package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/graph"
)

// node is one resource of a deployment: how long its creation takes, and what it waits for.
type node struct {
	name  string
	takes time.Duration
	after []string
}

// criticalPath is the chain of nodes that decides how long a deployment takes, in the order of their creation, when
// everything that can run in parallel does. Of equally long chains it returns the first by name. It fails on a missing
// node and on a cycle.
func criticalPath(nodes map[string]node) (path []string, length time.Duration, err error) {
	w := walk{nodes: nodes, done: map[string]reach{}, open: map[string]bool{}}
	var last string
	for _, key := range slices.Sorted(maps.Keys(nodes)) {
		r, err := w.reach(key)
		if err != nil {
			return nil, 0, err
		}
		if last == "" || r.at > length {
			last, length = key, r.at
		}
	}
	for key := last; key != ""; key = w.done[key].from {
		path = append(path, key)
	}
	slices.Reverse(path)
	return path, length, nil
}

// reach is when a node is there, and which of those it waited for came last.
type reach struct {
	at   time.Duration
	from string
}

type walk struct {
	nodes map[string]node
	done  map[string]reach
	open  map[string]bool
}

func (w walk) reach(key string) (reach, error) {
	if r, done := w.done[key]; done {
		return r, nil
	}
	n, there := w.nodes[key]
	if !there {
		return reach{}, fmt.Errorf("something waits for %s, which is not there", key)
	}
	if w.open[key] {
		return reach{}, fmt.Errorf("%s waits for itself", key)
	}
	w.open[key] = true
	var r reach
	for _, before := range slices.Sorted(slices.Values(n.after)) {
		b, err := w.reach(before)
		if err != nil {
			return reach{}, err
		}
		if r.from == "" || b.at > r.at {
			r = reach{b.at, before}
		}
	}
	r.at += n.takes
	w.done[key] = r
	return r, nil
}

// nodesOf is a stack's resources with their creation times. A resource comes after what it depends on, the component that
// holds it, and its provider.
func nodesOf(g *graph.Graph) map[string]node {
	nodes := make(map[string]node, len(g.Resources))
	for _, r := range g.Resources {
		n := node{name: r.Name, takes: creation(r)}
		named := append(slices.Clone(r.Dependencies), r.Parent, r.Provider)
		for _, urns := range r.PropertyDependencies {
			named = append(named, urns...)
		}
		slices.Sort(named)
		for _, urn := range slices.Compact(named) {
			if urn != "" && g.ByURN(urn) != nil {
				n.after = append(n.after, urn)
			}
		}
		nodes[r.URN] = n
	}
	return nodes
}

// isProvider tells whether a resource stands for a provider.
func isProvider(r *graph.Resource) bool { return strings.HasPrefix(r.Type, "pulumi:providers:") }
