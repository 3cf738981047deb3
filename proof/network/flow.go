package network

import (
	"net/netip"
	"slices"
)

// leg is one way for packets: from addresses to addresses, through filters of each.
// Filters are regions: in the first two a cell's traffic is what is sent, in the last
// two it is the reply, which goes to the port that the sender chose.
type leg struct {
	src, dst       Addrs
	egress         region // over dst: the sender's groups
	ingress        region // over src: the receiver's groups
	toDst, toSrc   []region
	backSrc        []region
	backDst        []region
	natBack        []region // over dst: replies that a NAT takes, at a port of its own
	sender, middle Ports    // the ports that the sender and the NAT choose
	someSrc        bool     // the groups decide who is meant: the internet is never all of itself
	someDst        bool
}

// Ports that a sender picks to be answered at. AWS's own (load balancers, NAT gateways)
// and the internet's: 1024 to 65535; Linux: 32768 to 60999 (AWS, VPC user guide,
// ephemeral ports; Linux, ip_local_port_range). The ports of SSH and RDP are left out,
// since controls forbid an ACL to admit them from everywhere: what this costs is one
// connection in 64,512 that is tried again. Whoever means harm may use any.
var (
	anyPort   = PortRange(1, lastPort)
	highPorts = PortRange(1024, lastPort).Minus(PortRange(3389, 3389))
	linux     = PortRange(32768, 60999)
)

func (n *Node) replyPorts(m Mode) Ports {
	switch {
	case m == May:
		return anyPort
	case n.Compute():
		return linux
	}
	return highPorts
}

// may is the traffic for which some packet and its reply get through.
func (l leg) may() Traffic {
	fwdDst, fwdSrc := l.egress.within(l.dst), l.ingress.within(l.src)
	for _, f := range l.toDst {
		fwdDst = fwdDst.intersect(f)
	}
	for _, f := range l.natBack {
		fwdDst = fwdDst.intersect(answered(f, l.middle))
	}
	for _, f := range l.toSrc {
		fwdSrc = fwdSrc.intersect(f)
	}
	backSrc, backDst := open.within(l.src), open.within(l.dst)
	for _, f := range l.backSrc {
		backSrc = backSrc.intersect(f)
	}
	for _, f := range l.backDst {
		backDst = backDst.intersect(f)
	}
	var all Traffic
	for _, d := range fwdDst {
		for _, s := range fwdSrc {
			t := d.traffic.Intersect(s.traffic)
			if t.Within(all) {
				continue
			}
			all = all.Union(t.Intersect(l.replies(d.addrs, s.addrs, backDst, backSrc)))
		}
	}
	return all
}

// replies is the protocols in which some reply gets back.
func (l leg) replies(dst, src Addrs, backDst, backSrc region) Traffic {
	var all Traffic
	for _, d := range backDst {
		if !d.addrs.Overlaps(dst) {
			continue
		}
		for _, s := range backSrc {
			if s.addrs.Overlaps(src) {
				all = all.Union(at(d.traffic.Intersect(s.traffic), l.sender).protocols())
			}
		}
	}
	return all
}

// at keeps the traffic to the ports, and that which has no ports.
func at(t Traffic, ports Ports) Traffic {
	t.TCP, t.UDP = t.TCP.Intersect(ports), t.UDP.Intersect(ports)
	return t
}

func answered(r region, ports Ports) region {
	var out region
	for _, c := range r {
		out = out.add(c.addrs, at(c.traffic, ports).protocols())
	}
	return out
}

// must is the traffic of which every packet and every reply gets through.
func (l leg) must() Traffic {
	egress, ingress := l.egress.within(l.dst), l.ingress.within(l.src)
	sides := func(r region, addrs Addrs, some bool) region {
		if some {
			return r
		}
		return region{}.add(addrs, r.always(addrs))
	}
	var all Traffic
	for _, d := range sides(egress, l.dst, l.someDst) {
		for _, s := range sides(ingress, l.src, l.someSrc) {
			t := d.traffic.Intersect(s.traffic)
			for _, f := range l.toDst {
				t = t.Intersect(f.always(d.addrs))
			}
			for _, f := range l.toSrc {
				t = t.Intersect(f.always(s.addrs))
			}
			for _, f := range l.natBack {
				t = t.Intersect(whole(f.always(d.addrs), l.middle))
			}
			for _, f := range l.backDst {
				t = t.Intersect(whole(f.always(d.addrs), l.sender))
			}
			for _, f := range l.backSrc {
				t = t.Intersect(whole(f.always(s.addrs), l.sender))
			}
			all = all.Union(t)
		}
	}
	return all
}

// whole is the protocols in which all of the ports are open.
func whole(t Traffic, ports Ports) Traffic {
	if ports.Within(t.TCP) {
		t.TCP = allPorts
	} else {
		t.TCP = nil
	}
	if ports.Within(t.UDP) {
		t.UDP = allPorts
	} else {
		t.UDP = nil
	}
	return t
}

func (l leg) flow(m Mode) Traffic {
	if l.src.Empty() || l.dst.Empty() {
		return Traffic{}
	}
	if m == May {
		return l.may()
	}
	return l.must()
}

type gateKey struct {
	from, to *Node
	m        Mode
}

// Gate is the traffic that routes, ACLs, groups and addresses let through from one node
// to another, whether or not anything is sent or answered.
func (w *Model) Gate(m Mode, from, to *Node) Traffic {
	key := gateKey{from, to, m}
	t, ok := w.gates[key]
	if !ok {
		t = w.gate(m, from, to)
		w.gates[key] = t
	}
	return t
}

// onlyAnswers says that nobody runs there who would open connections. A peer may hold
// anything.
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

// shut says that AWS keeps packets between the two from passing an internet gateway, whatever the
// routes say (AWS, VPC block public access). Exclusions are not told apart.
func (w *Model) shut(from, to *Node) bool {
	return w.barred && (from.Kind == TheInternet || to.Kind == TheInternet)
}

// legs are the ways from one node to another: any is enough for may, all are needed for
// must, since a node may be in any of its subnets.
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

// ofClients is the leg of a network load balancer's packets in which its targets see the
// addresses of its clients. The targets' groups may still admit them by its group.
func (l leg) ofClients(m Mode, a, b place) leg {
	switch {
	case m == May:
		l.src = family(everywhere, a.v6)
	case a.node.Facing(Must):
		l.src, l.someSrc = Internet4, true
	default:
		l.src, l.someSrc = a.subnet.VPC.V4, true
	}
	// The load balancer's own subnet sees the replies come from the target all the same.
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

// outward is the ways to the internet: by a gateway of its own address, or by a NAT.
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
