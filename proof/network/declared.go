package network

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// TagEgress is the key of the tag by which a security group declares the intended ways out of the platform:
// port/protocol=whom, separated by spaces, where whom is a prefix, a prefix list's id, or internet.
const TagEgress = "causeway:egress"

// Exit is a way out that a group declares.
type Exit struct {
	Protocol string // tcp or udp
	Port     int
	To       string
}

// Exits reads the value of the tag. Parts that cannot be read declare nothing.
func Exits(tag string) []Exit {
	var all []Exit
	for _, text := range strings.Fields(tag) {
		what, to, _ := strings.Cut(text, "=")
		number, protocol, _ := strings.Cut(what, "/")
		if port, err := strconv.Atoi(number); err == nil && port > 0 && port <= int(lastPort) && (protocol == "tcp" || protocol == "udp") {
			all = append(all, Exit{protocol, port, to})
		}
	}
	return all
}

// World says that the way leads to any address of the internet.
func (e Exit) World() bool { return e.To == "internet" }

// IsList says that the way leads to a prefix list.
func (e Exit) IsList() bool { return strings.HasPrefix(e.To, "pl-") }

// Prefix is where the way leads: all of IPv4 for the internet, and invalid for a prefix list.
func (e Exit) Prefix() netip.Prefix {
	if e.World() {
		return netip.MustParsePrefix("0.0.0.0/0")
	}
	prefix, _ := netip.ParsePrefix(e.To)
	return prefix.Masked()
}

func (e Exit) String() string { return e.Protocol + " " + strconv.Itoa(e.Port) + " to " + e.To }

// Addrs is the addresses on the internet that the way leads to.
func (e Exit) Addrs() Addrs {
	if prefix := e.Prefix(); prefix.IsValid() {
		return Internet4.Intersect(AddrsOf(prefix))
	}
	return Addrs{}
}

// Traffic is what is sent that way.
func (e Exit) Traffic() Traffic {
	number := map[string]int{"tcp": protocolTCP, "udp": protocolUDP}[e.Protocol]
	return protocol(number, PortRange(Port(e.Port), Port(e.Port)))
}

// Exits are the ways out that the group declares.
func (g *Group) Exits() []Exit {
	if g.Resource == nil {
		return nil
	}
	return Exits(g.Resource.Tag(TagEgress))
}

// Declared is the group's declared way out that the rule is for, nil if it lets anything else through.
func (r *Rule) Declared() *Exit {
	if !r.Egress || r.Group == nil || len(r.Peers) != 1 || r.Peers[0].Group != nil {
		return nil
	}
	peer := r.Peers[0]
	ways := r.Group.Exits()
	i := slices.IndexFunc(ways, func(e Exit) bool {
		switch {
		case !r.may.Within(e.Traffic()):
			return false
		case peer.IsList:
			return e.IsList() && r.Resource.String("prefixListId") == e.To
		}
		return !peer.Anyone && !e.IsList() && AddrsOf(e.Prefix()).Equal(peer.Addrs)
	})
	if i < 0 {
		return nil
	}
	return &ways[i]
}

// Reaches is the traffic that certainly gets from the node to each of the addresses on the internet. All of the internet
// means what is routed there, which the addresses of a service with an endpoint are not.
func (w *Model) Reaches(n *Node, addrs Addrs) Traffic {
	if w.shut(n, w.Internet) {
		return Traffic{}
	}
	var all Traffic
	for i, l := range w.legs(Must, n, w.Internet) {
		switch {
		case addrs.Equal(Internet4):
		case addrs.Within(l.dst):
			l.dst = addrs
		default:
			l.dst = Addrs{}
		}
		l.someDst = false
		t := l.flow(Must)
		if i == 0 {
			all = t
		} else {
			all = all.Intersect(t)
		}
	}
	return all
}
