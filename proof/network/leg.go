package network

// Ports that a sender picks for its answers. AWS's own (load balancers, NAT gateways) and the internet's: 1024 to 65535;
// Linux: 32768 to 60999 (AWS, VPC user guide, ephemeral ports; Linux, ip_local_port_range). The ports of SSH and RDP are
// left out, since controls forbid an ACL to admit them from everywhere: that costs one connection in 64,512, which is
// tried again. An attacker may use any port.
var (
	anyPort   = PortRange(1, lastPort)
	highPorts = PortRange(1024, lastPort).Minus(PortRange(3389, 3389))
	linux     = PortRange(32768, 60999)
)

// leg is one way for packets: from addresses to addresses, through filters of each. Filters are regions: in the first two
// a cell's traffic is what is sent; in the last two it is the reply, which goes to the port that the sender chose.
type leg struct {
	src, dst       Addrs
	egress         region // over dst: the sender's groups
	ingress        region // over src: the receiver's groups
	toDst, toSrc   []region
	backSrc        []region
	backDst        []region
	natBack        []region // over dst: replies that reach a NAT, at a port of its own
	sender, middle Ports    // the ports that the sender and the NAT choose
	someSrc        bool     // the groups decide who is meant: the internet is never all of itself
	someDst        bool
}

func (n *Node) replyPorts(m Mode) Ports {
	switch {
	case m == May:
		return anyPort
	case n.Compute():
		return linux
	}
	return highPorts
}

// may is the traffic of which some packet and its reply get through.
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

// at limits the traffic to the ports, keeping traffic without ports.
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
