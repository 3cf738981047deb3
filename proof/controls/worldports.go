package controls

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
)

// worldPorts is the first port, other than the allowed ones, that the internet reaches in the group, and the rules that
// open it; -1 if there is none. It goes through the ports once, keeping the sum of the addresses that may come in.
func worldPorts(rules []rule, protocol string, allowed func(int) bool) (int, []string) {
	var opening []rule
	starts, stops := map[int][]netip.Prefix{}, map[int][]netip.Prefix{}
	for _, r := range rules {
		if r.ingress && (r.protocol == "-1" || r.protocol == protocol) && len(r.prefixes) > 0 {
			opening = append(opening, r)
			starts[r.first], stops[r.last+1] = append(starts[r.first], r.prefixes...), append(stops[r.last+1], r.prefixes...)
		}
	}
	open := newCoverage(opening)
	borders := slices.Compact(slices.Sorted(maps.Keys(starts)))
	borders = slices.Compact(slices.Sorted(slices.Values(append(borders, slices.Collect(maps.Keys(stops))...))))
	for i, port := range borders {
		for _, p := range stops[port] {
			open.add(p, -1)
		}
		for _, p := range starts[port] {
			open.add(p, 1)
		}
		if !open.theInternet() {
			continue
		}
		next := 65536
		if i+1 < len(borders) {
			next = borders[i+1]
		}
		for ; port < next; port++ {
			if !allowed(port) {
				_, by := worldly(opening, protocol, port)
				return port, told(by)
			}
		}
	}
	return -1, nil
}

// coverage is how often each prefix is open, as a tree in which a prefix is below the one that contains it. Covered is
// how much is open at a node or below it, in parts of a /8, or of a /16 in IPv6.
type coverage struct {
	nodes     map[netip.Prefix]*covered
	four, six float64
}

type covered struct {
	prefix  netip.Prefix
	size    float64 // 0 if it is not part of the internet
	times   int
	below   float64 // of its children
	parent  *covered
	isFour  bool
	counted float64 // what its parent, or the sum, has of it
}

func newCoverage(rules []rule) *coverage {
	c := &coverage{nodes: map[netip.Prefix]*covered{}}
	for _, r := range rules {
		for _, p := range r.prefixes {
			p = p.Masked()
			n := &covered{prefix: p, isFour: p.Addr().Is4()}
			if public(p) {
				n.size = power(16 - p.Bits())
				if n.isFour {
					n.size = power(8 - p.Bits())
				}
			}
			c.nodes[p] = n
		}
	}
	var path []*covered
	for _, p := range slices.SortedFunc(maps.Keys(c.nodes), func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	}) {
		for len(path) > 0 && !path[len(path)-1].prefix.Contains(p.Addr()) {
			path = path[:len(path)-1]
		}
		n := c.nodes[p]
		if len(path) > 0 {
			n.parent = path[len(path)-1]
		}
		path = append(path, n)
	}
	return c
}

// add says that the prefix is open once more, or once less.
func (c *coverage) add(p netip.Prefix, times int) {
	n := c.nodes[p.Masked()]
	n.times += times
	for ; n != nil; n = n.parent {
		open := n.below
		if n.times > 0 {
			open = n.size
		}
		switch more := open - n.counted; {
		case n.parent != nil:
			n.parent.below += more
		case n.isFour:
			c.four += more
		default:
			c.six += more
		}
		n.counted = open
	}
}

// theInternet says that what is open is a good part of the internet.
func (c *coverage) theInternet() bool { return c.four >= 1 || c.six >= 1 }
