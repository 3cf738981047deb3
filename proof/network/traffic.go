package network

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// Traffic is an exact set of what a packet can be: a protocol, and for TCP and UDP the
// port that it is sent to.
type Traffic struct {
	TCP, UDP Ports
	// rest has a bit for each of the other IP protocols. Types of ICMP are not told apart: a rule for one of them may be
	// for any.
	rest [4]uint64
}

const (
	protocolICMP   = 1
	protocolTCP    = 6
	protocolUDP    = 17
	protocolICMPv6 = 58
)

// Anything is all traffic.
var Anything = func() Traffic {
	t := Traffic{TCP: allPorts, UDP: allPorts}
	for i := range t.rest {
		t.rest[i] = ^uint64(0)
	}
	t.rest[0] &^= 1<<protocolTCP | 1<<protocolUDP
	return t
}()

// TCP is the ports over TCP.
func TCP(ports ...Port) Traffic {
	var t Traffic
	for _, p := range ports {
		t.TCP = t.TCP.Union(PortRange(p, p))
	}
	return t
}

func protocol(number int, ports Ports) Traffic {
	switch number {
	case protocolTCP:
		return Traffic{TCP: ports}
	case protocolUDP:
		return Traffic{UDP: ports}
	}
	var t Traffic
	t.rest[number/64] = 1 << (number % 64)
	return t
}

// Union is what is in either.
func (t Traffic) Union(o Traffic) Traffic {
	t.TCP, t.UDP = t.TCP.Union(o.TCP), t.UDP.Union(o.UDP)
	for i := range t.rest {
		t.rest[i] |= o.rest[i]
	}
	return t
}

// Intersect is what is in both.
func (t Traffic) Intersect(o Traffic) Traffic {
	t.TCP, t.UDP = t.TCP.Intersect(o.TCP), t.UDP.Intersect(o.UDP)
	for i := range t.rest {
		t.rest[i] &= o.rest[i]
	}
	return t
}

// Minus is what is in t and not in o.
func (t Traffic) Minus(o Traffic) Traffic {
	t.TCP, t.UDP = t.TCP.Minus(o.TCP), t.UDP.Minus(o.UDP)
	for i := range t.rest {
		t.rest[i] &^= o.rest[i]
	}
	return t
}

// Empty says that no packet is in it.
func (t Traffic) Empty() bool { return t.TCP.Empty() && t.UDP.Empty() && t.rest == [4]uint64{} }

// Equal says that both hold the same.
func (t Traffic) Equal(o Traffic) bool {
	return t.TCP.Equal(o.TCP) && t.UDP.Equal(o.UDP) && t.rest == o.rest
}

// Within says that o holds all of t.
func (t Traffic) Within(o Traffic) bool { return t.Minus(o).Empty() }

// Overlaps says that some packet is in both.
func (t Traffic) Overlaps(o Traffic) bool { return !t.Intersect(o).Empty() }

// protocols widens t to all ports of each protocol that has any.
func (t Traffic) protocols() Traffic {
	if !t.TCP.Empty() {
		t.TCP = allPorts
	}
	if !t.UDP.Empty() {
		t.UDP = allPorts
	}
	return t
}

// String writes it as tcp 443; udp all ports; icmp.
func (t Traffic) String() string {
	if t.Equal(Anything) {
		return "anything"
	}
	var parts []string
	if !t.TCP.Empty() {
		parts = append(parts, "tcp "+FormatPorts(t.TCP))
	}
	if !t.UDP.Empty() {
		parts = append(parts, "udp "+FormatPorts(t.UDP))
	}
	var others []string
	names := map[int]string{protocolICMP: "icmp", protocolICMPv6: "icmpv6"}
	count := 0
	for i, word := range t.rest {
		for ; word != 0; word &= word - 1 {
			number := i*64 + bits.TrailingZeros64(word)
			count++
			if name, ok := names[number]; ok {
				others = append(others, name)
			} else if count <= 4 {
				others = append(others, fmt.Sprintf("protocol %d", number))
			}
		}
	}
	if count > 4 {
		others = slices.DeleteFunc(others, func(s string) bool { return strings.HasPrefix(s, "protocol") })
		others = append(others, "other protocols")
	}
	parts = append(parts, others...)
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// cell is a rectangle: all of the traffic, from or to all of the addresses.
type cell struct {
	addrs   Addrs
	traffic Traffic
}

// region is the union of its cells.
type region []cell

func (r region) add(addrs Addrs, traffic Traffic) region {
	if addrs.Empty() || traffic.Empty() {
		return r
	}
	return append(r, cell{addrs, traffic})
}

// union holds each cell once.
func (r region) union(o region) region {
	for _, c := range o {
		if !slices.ContainsFunc(r, func(have cell) bool { return have.addrs.Equal(c.addrs) && c.traffic.Within(have.traffic) }) {
			r = append(r, c)
		}
	}
	return r
}

func (r region) intersect(o region) region {
	var out region
	for _, a := range r {
		for _, b := range o {
			out = out.add(a.addrs.Intersect(b.addrs), a.traffic.Intersect(b.traffic))
		}
	}
	return out
}

func (r region) within(addrs Addrs) region {
	var out region
	for _, c := range r {
		out = out.add(c.addrs.Intersect(addrs), c.traffic)
	}
	return out
}

func (r region) minus(c cell) region {
	var out region
	for _, have := range r {
		out = out.add(have.addrs.Minus(c.addrs), have.traffic)
		out = out.add(have.addrs.Intersect(c.addrs), have.traffic.Minus(c.traffic))
	}
	return out
}

// always is the traffic that the region holds for every one of the addresses.
func (r region) always(addrs Addrs) Traffic {
	left := region{}.add(addrs, Anything)
	for _, c := range r {
		left = left.minus(c)
	}
	sure := Anything
	for _, c := range left {
		sure = sure.Minus(c.traffic)
	}
	return sure
}

var open = region{{everywhere, Anything}}
