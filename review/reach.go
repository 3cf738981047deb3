package review

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
)

// Reach is who can reach whom, before and after.
type Reach struct {
	// Opened are new ways, Closed are ways that are gone.
	Opened []Way `json:"opened,omitempty"`
	Closed []Way `json:"closed,omitempty"`
	// Surer are ways that were possible and are now certain, Doubtful those that were certain and are now only possible.
	Surer    []Way `json:"surer,omitempty"`
	Doubtful []Way `json:"doubtful,omitempty"`
	// Unmodelled is what keeps the answer from being complete, after the change.
	Unmodelled []string `json:"unmodelled,omitempty"`
}

// Told is what a reader is told, first the ways that open: what becomes of each way, or what keeps the answer from being
// complete.
func (r Reach) Told() iter.Seq2[string, string] {
	return func(yield func(what, of string) bool) {
		for _, part := range []struct {
			what string
			ways []Way
		}{{"opens", r.Opened}, {"closes", r.Closed}, {"becomes certain", r.Surer}, {"is no longer certain", r.Doubtful}} {
			for _, w := range alikeTo(part.ways) {
				if !yield(part.what, w.Text()) {
					return
				}
			}
		}
		for _, u := range r.Unmodelled {
			if !yield("not modelled", u) {
				return
			}
		}
	}
}

// alikeTo are the ways with those in one that differ in where they lead alone, as to the endpoints of a network.
func alikeTo(all []Way) (told []Way) {
	for _, w := range all {
		i := slices.IndexFunc(told, func(o Way) bool { return o.From == w.From && o.On == w.On && slices.Equal(o.Because, w.Because) })
		if i < 0 {
			told = append(told, w)
			continue
		}
		told[i].To += ", " + w.To
	}
	return told
}

// Way is traffic from one node to another.
type Way struct {
	From string `json:"from"`
	To   string `json:"to"`
	// On is the ports: "8443/tcp".
	On string `json:"on"`
	// Because are the rules that let it through, the sender's first.
	Because []string `json:"because,omitempty"`

	kinds [2]network.Kind
}

// between is the ends and the ports.
func (w Way) between() string { return fmt.Sprint(w.From, w.To, w.On, w.kinds) }

// Between compares two stacks' networks. A nil before has none.
func Between(before, after *graph.Graph) Reach {
	was := ways(before)
	is := ways(after)
	var r Reach
	gone := slices.DeleteFunc(was.keys, func(key string) bool {
		_, stays := is.rows[key]
		return stays
	})
	for _, key := range slices.Concat(is.keys, gone) {
		b, a := was.rows[key], is.rows[key]
		add := func(list *[]Way, w *world, t network.Traffic) {
			if !t.Empty() {
				*list = append(*list, w.way(key, t))
			}
		}
		add(&r.Opened, is, a.May.Minus(b.May))
		add(&r.Closed, was, b.May.Minus(a.May))
		stayed := a.May.Intersect(b.May)
		add(&r.Surer, is, a.Must.Minus(b.Must).Intersect(stayed))
		add(&r.Doubtful, is, b.Must.Minus(a.Must).Intersect(stayed))
	}
	r.moved()
	for _, p := range is.problems {
		r.Unmodelled = append(r.Unmodelled, p.Resource.Name+": "+p.What)
	}
	return r
}

// moved leaves out what closes and opens again between what has the same names and is of the same kinds: a database of another
// type is a replacement, and no way that was not there.
func (r *Reach) moved() {
	for i := 0; i < len(r.Opened); i++ {
		again := r.Opened[i].between()
		if j := slices.IndexFunc(r.Closed, func(w Way) bool { return w.between() == again }); j >= 0 {
			r.Opened, r.Closed = slices.Delete(r.Opened, i, i+1), slices.Delete(r.Closed, j, j+1)
			i--
		}
	}
}

func reach(p *graph.Preview) Reach { return Between(p.Before, p.After) }

// world is the rows of one network by their ends.
type world struct {
	net      *network.Model
	rows     map[string]network.Row
	keys     []string
	problems []network.Problem
}

func ways(g *graph.Graph) *world {
	w := &world{rows: map[string]network.Row{}}
	if g == nil {
		return w
	}
	w.net = network.New(g)
	w.problems = w.net.Problems
	for _, row := range w.net.Matrix() {
		key := ident(row.From) + "\x00" + ident(row.To)
		w.rows[key] = row
		w.keys = append(w.keys, key)
	}
	return w
}

// ident identifies a node in both stacks.
func ident(n *network.Node) string {
	if n.URN() != "" {
		return n.URN()
	}
	return n.Name
}

func (w *world) way(key string, t network.Traffic) Way {
	row := w.rows[key]
	way := Way{From: row.From.Name, To: row.To.Name, On: t.String(), kinds: [2]network.Kind{row.From.Kind, row.To.Kind}}
	for _, egress := range []bool{true, false} {
		node, peer := row.From, row.To
		if !egress {
			node, peer = row.To, row.From
		}
		for _, rule := range node.RulesFor(network.May, egress, peer, t) {
			if rule.Resource != nil && !slices.Contains(way.Because, rule.Resource.Name) {
				way.Because = append(way.Because, rule.Resource.Name)
			}
		}
	}
	return way
}

// Text is the way as one line.
func (w Way) Text() string {
	text := w.From + " → " + w.To + " on " + w.On
	if len(w.Because) > 0 {
		text += " (" + strings.Join(w.Because, ", ") + ")"
	}
	return text
}
