package network

import "slices"

// Spare is traffic that an ACL lets through in one direction, and the addresses of whom it is for. Rules let it through.
type Spare struct {
	Addrs   Addrs
	Traffic Traffic
	Rules   []*ACLRule
}

// Ports from which connections are opened: Linux picks from 32768 up, load balancers, NAT gateways and the internet's
// clients from 1024 up (AWS, VPC user guide, custom network ACLs, ephemeral ports).
var (
	ofLinux   = PortRange(32768, lastPort)
	ofAnybody = PortRange(1024, lastPort)
)

// Spare is what the ACL lets through in one direction that nothing in its subnets would send, receive or answer if there
// were groups, routes and listeners only. An ACL is a coarse fence: towards whomever its subnets exchange packets with inside the network, it
// may open all ports of the protocols in use. Where nothing is, it may be open.
func (w *Model) Spare(a *ACL, out bool) []Spare {
	rules := a.In
	if out {
		rules = a.Out
	}
	left := a.region(May, rules)
	if w.unfenced == nil {
		bare := *w
		bare.bare, bare.gates = true, map[gateKey]Traffic{}
		w.unfenced = &bare
	}
	for _, c := range w.unfenced.needs(a, out) {
		left = left.minus(c)
	}
	var all []Spare
	for _, c := range left {
		s := Spare{Addrs: c.addrs, Traffic: c.traffic}
		for _, rule := range rules {
			if rule.Allow.may && rule.may.addrs.Overlaps(c.addrs) && rule.may.traffic.Overlaps(c.traffic) {
				s.Rules = append(s.Rules, rule)
			}
		}
		all = append(all, s)
	}
	return all
}

// Guards says that the stack has something in a subnet of the ACL.
func (w *Model) Guards(a *ACL) bool {
	return slices.ContainsFunc(w.Nodes, func(n *Node) bool { return n.behind(a) })
}

func (n *Node) behind(a *ACL) bool {
	return slices.ContainsFunc(n.Subnets, func(s *Subnet) bool { return s.ACL == a })
}

// beyond is the node's addresses in subnets of other ACLs of the network.
func (n *Node) beyond(a *ACL) (addrs Addrs) {
	for _, s := range n.Subnets {
		if s.ACL != a {
			addrs = addrs.Union(s.V4).Union(s.V6)
		}
	}
	return addrs
}

func (w *Model) needs(a *ACL, out bool) region {
	own := a.VPC.V4.Union(a.VPC.V6)
	var settled Addrs
	for _, n := range w.Nodes {
		if n.VPC == a.VPC {
			settled = settled.Union(n.beyond(a))
		}
	}
	need := region{}.add(own.Minus(settled), Anything)
	abroad := need
	for _, n := range w.Nodes {
		if !n.behind(a) {
			continue
		}
		outside := family(everywhere, false)
		if n.IPv6(May) {
			outside = everywhere
		}
		for _, peer := range w.Near(n) {
			switch {
			case n.Kind == NAT:
				need = need.union(w.passesOn(a, n, peer, out, outside.Minus(own)))
			case peer.VPC == a.VPC && peer.Kind != Service:
				far, t := peer.beyond(a), Traffic{}
				if far.Empty() {
					continue
				}
				for _, way := range [][2]*Node{{n, peer}, {peer, n}} {
					if way[0].means(way[1]) {
						t = t.Union(w.Edge(May, way[0], way[1]).protocols())
					}
				}
				if t.Empty() {
					continue
				}
				need = need.add(far, t.Union(icmp))
				if peer.preserves(n).may {
					need = need.union(answersTo(out, outside, t))
				}
			default:
				far := outside.Minus(own)
				if peer.VPC != nil && peer.VPC != a.VPC {
					far = peer.beyond(a)
				}
				asked := w.Edge(May, peer, n)
				need = need.union(answersTo(out, far, asked))
				if peer == w.Internet && !out {
					need = need.union(region{}.add(outside, asked)) // what everybody may ask for, the network's own may too
				}
				need = need.union(w.asks(n, peer, out, far, n.opensFrom()))
			}
		}
	}
	if len(need.within(everywhere.Minus(own))) > len(abroad.within(everywhere.Minus(own))) {
		need = need.add(everywhere, icmp) // a sender is told by ICMP to send smaller packets
	}
	return need
}

// means says that the node's groups name the peer, rather than everybody.
func (n *Node) means(peer *Node) bool {
	names := func(p RulePeer) bool {
		own := n.VPC.V4.Union(n.VPC.V6)
		return p.Anyone || p.Group != nil && slices.Contains(peer.Groups, p.Group) || !p.Addrs.Empty() && p.Addrs.Within(own)
	}
	return n.withoutGroups || n.groupsUnknown || slices.ContainsFunc(n.Groups, func(g *Group) bool {
		return g.foreign || slices.ContainsFunc(g.Egress, func(r *Rule) bool { return slices.ContainsFunc(r.Peers, names) })
	})
}

var icmp = protocol(protocolICMP, nil).Union(protocol(protocolICMPv6, nil))

func (n *Node) opensFrom() Ports {
	if n.Compute() {
		return ofLinux
	}
	return ofAnybody
}

// answersTo is what passes one way where others ask for the traffic.
func answersTo(out bool, far Addrs, t Traffic) region {
	if out {
		t = at(t.protocols(), ofAnybody)
	}
	return region{}.add(far, t)
}

// asks is what passes one way where the node asks somebody outside, from the ports: at the addresses that its groups
// name, or at any for a service, since an ACL cannot name a prefix list.
func (w *Model) asks(n, peer *Node, out bool, far Addrs, ports Ports) (all region) {
	t := w.Edge(May, n, peer)
	if t.Empty() {
		return nil
	}
	named := region{{far, Anything}}
	if peer.Kind != Service {
		named = n.gate(May, true, peer, far, nil)
	}
	for _, c := range named {
		sent := c.traffic.Intersect(t)
		if !out {
			sent = at(sent.protocols(), ports)
		}
		all = all.add(c.addrs, sent)
	}
	return all
}

// passesOn is what passes a NAT gateway for one of the nodes that it serves.
func (w *Model) passesOn(a *ACL, gateway, n *Node, out bool, outside Addrs) (all region) {
	served := slices.ContainsFunc(n.Subnets, func(s *Subnet) bool {
		_, routes := s.Table.by(May, func(r *Route) bool { return r.Way == ByNAT && r.To == gateway })
		return len(routes) > 0
	})
	if !served {
		return nil
	}
	t := w.Edge(May, n, w.Internet)
	return w.asks(n, w.Internet, out, outside, ofAnybody).add(n.beyond(a), t.protocols())
}
