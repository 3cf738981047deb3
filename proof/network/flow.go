package network

import (
	"net/netip"
	"slices"
)

type gateKey struct {
	from, to *Node
	m        Mode
}

// Gate is the traffic that routes, ACLs, groups and addresses let through from one node to another, whether or not
// anything is sent or answered.
func (w *Model) Gate(m Mode, from, to *Node) Traffic {
	key := gateKey{from, to, m}
	t, ok := w.gates[key]
	if !ok {
		t = w.gate(m, from, to)
		w.gates[key] = t
	}
	return t
}

// onlyAnswers says that nothing there opens connections. A peer may hold anything.
func (n *Node) onlyAnswers() bool { return n.Kind == NAT || n.Kind == Endpoint || n.Kind == Service }

func (w *Model) gate(m Mode, from, to *Node) Traffic {
	if from == to && from.Kind != Servers || from.onlyAnswers() || to.Kind == NAT || m == Must && w.shut(from, to) {
		return Traffic{}
	}
	legs := w.legs(m, from, to)
	var all Traffic
	for i, l := range legs {
		t := l.flow(m)
		switch {
		case m == May || i == 0:
			all = all.Union(t)
		case m == Must:
			all = all.Intersect(t)
		}
	}
	if m == May {
		all = all.Union(w.byNAT(from, to))
	}
	return all
}

// shut says that AWS keeps packets between the two from passing an internet gateway, whatever the routes say (AWS, VPC
// block public access). Exclusions are not modelled.
func (w *Model) shut(from, to *Node) bool {
	return w.barred && (from.Kind == TheInternet || to.Kind == TheInternet)
}

// legs are the ways from one node to another: for may, any is enough; for must, all are needed, since a node may be in
// any of its subnets.
func (w *Model) legs(m Mode, from, to *Node) []leg {
	var all []leg
	for _, a := range ends(from, m) {
		for _, b := range ends(to, m) {
			if a.subnet != nil && b.subnet != nil && a.v6 != b.v6 {
				continue
			}
			if m == Must && (a.v6 || b.v6) {
				continue // one family is enough to be reached
			}
			found := w.between(m, a, b)
			if len(found) == 0 && m == Must {
				found = []leg{{}} // from one subnet there is no way
			}
			all = append(all, found...)
		}
	}
	return all
}

func ends(n *Node, m Mode) []place {
	if len(n.Subnets) == 0 {
		return []place{{node: n, addrs: n.addrs}}
	}
	return n.places(m)
}

func (w *Model) between(m Mode, a, b place) []leg {
	l := leg{
		src: a.addrs, dst: b.addrs, sender: a.node.replyPorts(m), middle: anyPort,
		someSrc: a.subnet == nil, someDst: b.subnet == nil,
	}
	if m == Must {
		l.middle = highPorts
	}
	inside := a.subnet != nil && b.subnet != nil
	switch {
	case inside && a.subnet.VPC != b.subnet.VPC && !w.peered(m, a, b, &l):
		return nil
	case a.subnet == nil && !l.comesFrom(m, a, b), b.subnet == nil && b.node.Kind != TheInternet && !l.leavesTo(m, a, b):
		return nil
	}
	if !inside || a.subnet != b.subnet {
		l.toDst, l.toSrc = []region{w.through(a.subnet, m, true)}, []region{w.through(b.subnet, m, false)}
		l.backSrc, l.backDst = []region{w.through(b.subnet, m, true)}, []region{w.through(a.subnet, m, false)}
	}
	if b.node.Kind == TheInternet {
		return w.outward(m, a, b, l)
	}
	all := []leg{l.gated(m, a, b)}
	if a.node.preserves(b.node).in(May) && inside {
		all = append(all, l.ofClients(m, a, b))
	}
	return all
}

func (l leg) gated(m Mode, a, b place) leg {
	l.egress = a.node.gate(m, true, b.node, l.dst, a.subnet)
	l.ingress = b.node.gate(m, false, a.node, l.src, b.subnet)
	return l
}

// ofClients is the leg of a network load balancer's packets if its targets see its clients' addresses. The targets'
// groups may still admit them through its group.
func (l leg) ofClients(m Mode, a, b place) leg {
	switch {
	case m == May:
		l.src = family(everywhere, a.v6)
	case a.node.Facing(Must):
		l.src, l.someSrc = Internet4, true
	default:
		l.src, l.someSrc = a.subnet.VPC.V4, true
	}
	// The load balancer's own subnet still sees the replies come from the target.
	return l.gated(m, a, b)
}

// peered narrows the leg to what both VPCs route to each other.
func (w *Model) peered(m Mode, a, b place, l *leg) bool {
	toward := func(v *VPC) func(*Route) bool {
		return func(r *Route) bool { return r.Way == ByPeering && r.Peer == v }
	}
	there, _ := a.subnet.Table.by(m, toward(b.subnet.VPC))
	back, _ := b.subnet.Table.by(m, toward(a.subnet.VPC))
	if m == Must && !(l.dst.Within(there) && l.src.Within(back)) {
		return false // a node may have any address of its subnet
	}
	l.dst, l.src = l.dst.Intersect(there), l.src.Intersect(back)
	return !l.dst.Empty() && !l.src.Empty()
}

// comesFrom narrows the leg to the senders outside that the receiver's subnet answers.
func (l *leg) comesFrom(m Mode, a, b place) bool {
	if b.subnet == nil {
		return false
	}
	switch a.node.Kind {
	case TheInternet:
		if b.v6 {
			l.src = Internet6.Minus(b.addrs)
			if !b.node.OpenIPv6(m) {
				return false
			}
		} else {
			l.src = Internet4
			if !b.node.Public(m) {
				return false
			}
		}
		l.src = l.src.Intersect(b.subnet.Table.Leaves(m, ByInternetGateway))
	case Peer:
		back, _ := b.subnet.Table.by(m, func(r *Route) bool { return r.To == a.node })
		l.src = family(back, b.v6)
	default:
		return false
	}
	return !l.src.Empty()
}

// leavesTo narrows the leg to the receivers outside that the sender's subnet leads to.
func (l *leg) leavesTo(m Mode, a, b place) bool {
	if a.subnet == nil {
		return false
	}
	switch b.node.Kind {
	case Peer:
		there, _ := a.subnet.Table.by(m, func(r *Route) bool { return r.To == b.node })
		l.dst = family(there, a.v6)
	case Service:
		if a.v6 || !slices.Contains(b.node.tables, a.subnet.Table) {
			return false
		}
		if l.dst.Empty() { // a list that AWS will tell: somewhere in its public addresses
			l.dst = Internet4
		}
	default:
		return false
	}
	return !l.dst.Empty()
}

func family(a Addrs, v6 bool) Addrs {
	if v6 {
		return a.Intersect(AddrsOf(netip.MustParsePrefix("::/0")))
	}
	return a.Intersect(AddrsOf(netip.MustParsePrefix("0.0.0.0/0")))
}

// outward is the ways to the internet: through a gateway with an address of its own, or through a NAT.
func (w *Model) outward(m Mode, a, b place, l leg) []leg {
	if a.subnet == nil {
		return nil
	}
	world := Internet4
	if a.v6 {
		world = Internet6
	}
	var all []leg
	add := func(l leg, addrs Addrs) {
		if l.dst = world.Intersect(addrs); !l.dst.Empty() {
			all = append(all, l.gated(m, a, b))
		}
	}
	table := a.subnet.Table
	if a.v6 {
		add(l, table.Leaves(m, ByInternetGateway).Union(table.Leaves(m, ByEgressOnly)))
		return all
	}
	if a.node.Public(m) {
		add(l, table.Leaves(m, ByInternetGateway))
	}
	_, routes := table.by(m, func(r *Route) bool { return r.Way == ByNAT && r.To != nil && r.To.Public(m) })
	for _, route := range routes {
		addrs, _ := table.by(m, func(r *Route) bool { return r == route })
		for _, s := range route.To.Subnets {
			via := l
			via.toDst = append([]region{w.through(s, m, true)}, l.toDst...)
			via.natBack = []region{w.through(s, m, false)}
			if s != a.subnet {
				via.toSrc = append([]region{w.through(s, m, false)}, l.toSrc...)
				via.backSrc = append([]region{w.through(s, m, true)}, l.backSrc...)
			}
			add(via, addrs.Intersect(s.Table.Leaves(m, ByInternetGateway)))
		}
	}
	return all
}
