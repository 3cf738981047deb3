package network

import (
	"fmt"
	"slices"
	"strings"
)

// Row is who can reach whom on what.
type Row struct {
	From, To *Node
	// May is what can get there, Must what certainly does.
	May, Must Traffic
}

// Matrix is every pair of nodes between which something can get through, in the order in which a request from the
// internet reaches them.
func (w *Model) Matrix() []Row {
	var rows []Row
	for _, from := range w.inOrder() {
		for _, to := range w.Near(from) {
			if t := w.Edge(May, from, to); !t.Empty() {
				rows = append(rows, Row{from, to, t, w.Edge(Must, from, to)})
			}
		}
	}
	return rows
}

// inOrder is all nodes: first those that the internet leads to, nearest first, then the others.
func (w *Model) inOrder() []*Node {
	order, seen := []*Node{w.Internet}, map[*Node]bool{w.Internet: true}
	add := func(n *Node) {
		if !seen[n] {
			seen[n] = true
			order = append(order, n)
		}
	}
	for i := 0; i < len(order); i++ {
		for _, to := range w.next(May, order[i]) {
			if !w.Edge(May, order[i], to).Empty() {
				add(to)
			}
		}
	}
	for _, n := range w.Nodes {
		add(n)
	}
	return order
}

// FormatMatrix writes the rows as a table. Endpoints that are reached alike share a row.
func FormatMatrix(rows []Row) string {
	type line struct{ from, to, what, sure string }
	var lines []line
	endpoints := map[string]int{}
	for _, r := range rows {
		l := line{r.From.Name, r.To.Name, r.May.String(), "for sure"}
		switch {
		case r.Must.Empty():
			l.sure = "perhaps"
		case !r.Must.Equal(r.May):
			l.sure = "for sure " + r.Must.String()
		}
		if r.To.Kind == Endpoint {
			key := l.from + l.what + l.sure
			if i, ok := endpoints[key]; ok {
				lines[i].to += ", " + r.To.Name
				continue
			}
			endpoints[key] = len(lines)
		}
		lines = append(lines, l)
	}
	for _, i := range endpoints {
		if names := strings.Split(lines[i].to, ", "); len(names) > 1 {
			lines[i].to = fmt.Sprintf("%d endpoints", len(names))
		}
	}
	widths := []int{4, 2, 2}
	for _, l := range lines {
		for i, text := range []string{l.from, l.to, l.what} {
			widths[i] = max(widths[i], min(len(text), 48))
		}
	}
	var b strings.Builder
	write := func(l line) {
		row := fmt.Sprintf("%-*s  %-*s  %-*s  %s", widths[0], l.from, widths[1], l.to, widths[2], l.what, l.sure)
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	write(line{"from", "to", "on", ""})
	for _, l := range lines {
		write(l)
	}
	return b.String()
}

// Find is the nodes that a word means: internet, a kind, a tier's tag, a logical name or
// a part of one.
func (w *Model) Find(word string) []*Node {
	for _, match := range []func(*Node) bool{
		func(n *Node) bool { return n.Name == word || n.URN() == word },
		func(n *Node) bool { return string(n.Kind) == word },
		func(n *Node) bool {
			return n.Resource != nil && n.Resource.Tag("causeway:tier") == word && n.Kind != Endpoint && n.Kind != NAT
		},
		func(n *Node) bool { return strings.Contains(n.Name, word) },
	} {
		if found := slices.DeleteFunc(slices.Clone(w.Nodes), func(n *Node) bool { return !match(n) }); len(found) > 0 {
			return found
		}
	}
	return nil
}

// FormatWays writes every path from one node to another, hop by hop, or the proof that there is none: everything that the
// first leads to, and what stops it there.
func (w *Model) FormatWays(from, to *Node, limit int) string {
	var b strings.Builder
	paths, more := w.Paths(May, from, to, limit)
	if len(paths) == 0 {
		return w.formatNone(from, to)
	}
	fmt.Fprintf(&b, "%s reaches %s by %d path%s", from.Name, to.Name, len(paths), map[bool]string{true: "", false: "s"}[len(paths) == 1])
	if more {
		b.WriteString(", of which these are the first")
	}
	b.WriteString("\n\n")
	for _, path := range paths {
		fmt.Fprintf(&b, "  %s\n", path)
	}
	for i, path := range paths {
		b.WriteString("\n")
		if len(paths) > 1 {
			fmt.Fprintf(&b, "path %d\n", i+1)
		}
		for _, hop := range path {
			fmt.Fprintf(&b, "  %s -> %s  %s\n", hop.From.Name, hop.To.Name, hop.Traffic)
			for _, line := range w.Explain(hop) {
				fmt.Fprintf(&b, "      %s\n", line)
			}
		}
	}
	return b.String()
}

func (w *Model) formatNone(from, to *Node) string {
	reached := w.Reachable(May, from)
	var b strings.Builder
	fmt.Fprintf(&b, "%s does not reach %s\n", from.Name, to.Name)
	inside := []*Node{from}
	for _, n := range w.Nodes {
		if reached[n] {
			inside = append(inside, n)
		}
	}
	var names []string
	for _, n := range inside {
		names = append(names, n.Name)
	}
	fmt.Fprintf(&b, "all that %s leads to: %s\nfrom none of these a packet gets to %s:\n", from.Name, strings.Join(names[1:], ", "),
		to.Name)
	for _, n := range inside {
		why := w.Stopped(May, n, to)
		if n != from && !n.passes(May) {
			why = n.Name + " opens no connections"
		} else if why == "" {
			why = "the listeners that lead there are not entered"
		}
		fmt.Fprintf(&b, "  %s: %s\n", n.Name, why)
	}
	return b.String()
}

// shapes are how a flowchart draws nodes, where it is not a box.
var shapes = map[Kind][2]string{
	TheInternet: {"((", "))"}, Peer: {"((", "))"}, LoadBalancer: {"{{", "}}"}, Database: {"[(", ")]"}, Service: {"[(", ")]"},
}

// Mermaid draws the rows as a flowchart: load balancers are hexagons, what holds data is a
// cylinder, and what may get through without being sure to is a dotted line.
func Mermaid(rows []Row) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := map[*Node]string{}
	id := func(n *Node) string {
		if ids[n] == "" {
			ids[n] = fmt.Sprintf("n%d", len(ids))
			shape, ok := shapes[n.Kind]
			if !ok {
				shape = [2]string{"[", "]"}
			}
			fmt.Fprintf(&b, "  %s%s%q%s\n", ids[n], shape[0], strings.NewReplacer(`"`, "'", "<", "(", ">", ")", "#", " ").Replace(n.Name),
				shape[1])
		}
		return ids[n]
	}
	for _, r := range rows {
		if r.To.Kind == Endpoint {
			continue
		}
		from, to, arrow := id(r.From), id(r.To), "-->"
		if r.Must.Empty() {
			arrow = "-.->"
		}
		fmt.Fprintf(&b, "  %s %s|%q| %s\n", from, arrow, r.May.String(), to)
	}
	return b.String()
}
