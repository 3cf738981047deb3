package network

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// point is a value with neighbours: an address or a port.
type point[T any] interface {
	comparable
	Compare(T) int
	Next() T
	Prev() T
}

type interval[T point[T]] struct{ lo, hi T }

// set is a set of points as intervals: ascending, disjoint and not adjacent, so that
// equal sets are equal slices.
type set[T point[T]] []interval[T]

// Port is a port of TCP or UDP.
type Port int

// Compare orders ports.
func (p Port) Compare(q Port) int { return int(p - q) }

// Next is the port after p.
func (p Port) Next() Port { return p + 1 }

// Prev is the port before p.
func (p Port) Prev() Port { return p - 1 }

// Ports is an exact set of ports, Addrs of addresses of both families.
type (
	Ports = set[Port]
	Addrs = set[netip.Addr]
)

const lastPort Port = 65535

var allPorts = PortRange(0, lastPort)

// PortRange is the ports from lo to hi, both included.
func PortRange(lo, hi Port) Ports { return Ports{{lo, hi}} }

// AddrsOf is all addresses of the prefixes.
func AddrsOf(prefixes ...netip.Prefix) Addrs {
	var all Addrs
	for _, p := range prefixes {
		all = append(all, interval[netip.Addr]{p.Masked().Addr(), lastAddr(p)})
	}
	return normal(all)
}

func lastAddr(p netip.Prefix) netip.Addr {
	raw := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(raw)*8; bit++ {
		raw[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(raw)
	return last
}

func normal[T point[T]](intervals []interval[T]) set[T] {
	sorted := slices.Clone(intervals)
	slices.SortFunc(sorted, func(a, b interval[T]) int { return a.lo.Compare(b.lo) })
	var out set[T]
	for _, i := range sorted {
		if n := len(out); n > 0 && (i.lo.Compare(out[n-1].hi) <= 0 || out[n-1].hi.Next() == i.lo) {
			if i.hi.Compare(out[n-1].hi) > 0 {
				out[n-1].hi = i.hi
			}
			continue
		}
		out = append(out, i)
	}
	return out
}

// Union is what is in either.
func (s set[T]) Union(other set[T]) set[T] {
	switch {
	case len(s) == 0:
		return other
	case len(other) == 0:
		return s
	}
	return normal(append(slices.Clone(s), other...))
}

// Intersect is what is in both.
func (s set[T]) Intersect(other set[T]) set[T] {
	var out set[T]
	for i, j := 0, 0; i < len(s) && j < len(other); {
		lo, hi := s[i].lo, s[i].hi
		if other[j].lo.Compare(lo) > 0 {
			lo = other[j].lo
		}
		if other[j].hi.Compare(hi) < 0 {
			hi = other[j].hi
		}
		if lo.Compare(hi) <= 0 {
			out = append(out, interval[T]{lo, hi})
		}
		if s[i].hi.Compare(other[j].hi) < 0 {
			i++
		} else {
			j++
		}
	}
	return out
}

// Minus is what is in s and not in other.
func (s set[T]) Minus(other set[T]) set[T] {
	var out set[T]
	for _, i := range s {
		lo, left := i.lo, true
		for _, o := range other {
			if o.hi.Compare(lo) < 0 {
				continue
			}
			if o.lo.Compare(i.hi) > 0 {
				break
			}
			if o.lo.Compare(lo) > 0 {
				out = append(out, interval[T]{lo, o.lo.Prev()})
			}
			if o.hi.Compare(i.hi) >= 0 {
				left = false
				break
			}
			lo = o.hi.Next()
		}
		if left {
			out = append(out, interval[T]{lo, i.hi})
		}
	}
	return out
}

// Empty says that nothing is in it.
func (s set[T]) Empty() bool { return len(s) == 0 }

// Equal says that both hold the same.
func (s set[T]) Equal(other set[T]) bool { return slices.Equal(s, other) }

// Within says that other holds all of s.
func (s set[T]) Within(other set[T]) bool { return s.Minus(other).Empty() }

// Overlaps says that some point is in both.
func (s set[T]) Overlaps(other set[T]) bool { return !s.Intersect(other).Empty() }

// FormatPorts writes ports as 443, 1024-65535.
func FormatPorts(p Ports) string {
	if p.Equal(allPorts) {
		return "all ports"
	}
	var parts []string
	for _, i := range p {
		text := strconv.Itoa(int(i.lo))
		if i.hi != i.lo {
			text += "-" + strconv.Itoa(int(i.hi))
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// Prefixes are the fewest prefixes that hold exactly the addresses.
func Prefixes(a Addrs) []netip.Prefix {
	var all []netip.Prefix
	for _, i := range a {
		for lo := i.lo; ; {
			p := widest(lo, i.hi)
			all = append(all, p)
			last := lastAddr(p)
			if last == i.hi {
				break
			}
			lo = last.Next()
		}
	}
	return all
}

// widest is the largest prefix that begins at lo and ends at hi or before.
func widest(lo, hi netip.Addr) netip.Prefix {
	best := netip.PrefixFrom(lo, lo.BitLen())
	for bits := lo.BitLen() - 1; bits >= 0; bits-- {
		p := netip.PrefixFrom(lo, bits)
		if p.Masked().Addr() != lo || lastAddr(p).Compare(hi) > 0 {
			break
		}
		best = p
	}
	return best
}

// FormatAddrs writes addresses as prefixes, and as words where a word says it.
func FormatAddrs(a Addrs) string {
	switch {
	case a.Equal(everywhere):
		return "every address"
	case Internet.Within(a):
		return "the internet"
	case Internet4.Within(a):
		return "the internet over IPv4"
	case Internet6.Within(a):
		return "the internet over IPv6"
	}
	prefixes := Prefixes(a)
	var parts []string
	for i, p := range prefixes {
		if i == 4 && len(prefixes) > 5 {
			parts = append(parts, strconv.Itoa(len(prefixes)-i)+" more prefixes")
			break
		}
		parts = append(parts, p.String())
	}
	return strings.Join(parts, ", ")
}

var everywhere = AddrsOf(netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0"))

// Internet4 and Internet6 are the addresses that packets from the internet have, by the
// special-purpose address registries of IANA (RFC 6890) without the documentation
// prefixes, which the twin hands out as public ones. Internet is both.
var (
	Internet4 = AddrsOf(netip.MustParsePrefix("0.0.0.0/0")).Minus(AddrsOf(
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("224.0.0.0/3"),
	))
	Internet6 = AddrsOf(netip.MustParsePrefix("2000::/3"))
	Internet  = Internet4.Union(Internet6)
)
