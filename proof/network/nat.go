package network

// byNAT is the traffic that may reach a peer, a peered VPC or a service through a NAT gateway: what is sent to the
// gateway goes on as the routes of the gateway's own subnet say. To the internet a NAT gateway is a leg of its own.
func (w *Model) byNAT(from, to *Node) Traffic {
	var all Traffic
	if from.VPC == nil || to.Kind == TheInternet || to.Kind == NAT {
		return all
	}
	for _, a := range from.places(May) {
		_, routes := a.subnet.Table.by(May, func(r *Route) bool { return r.Way == ByNAT && r.To != nil })
		for _, route := range routes {
			led, _ := a.subnet.Table.by(May, func(r *Route) bool { return r == route })
			for _, s := range route.To.Subnets {
				all = all.Union(w.relayed(a, place{node: route.To, subnet: s, addrs: s.V4}, to, led))
			}
		}
	}
	return all
}

// relayed is the traffic for the addresses that gets from a place to the gateway, and from there to the node.
func (w *Model) relayed(a, gateway place, to *Node, led Addrs) Traffic {
	var all Traffic
	if a.v6 {
		return all
	}
	for _, b := range ends(to, May) {
		if b.v6 || b.subnet != nil && b.subnet.VPC == a.subnet.VPC {
			continue
		}
		for _, second := range w.between(May, gateway, b) {
			first := leg{
				src: a.addrs, dst: led.Intersect(second.dst), ingress: open, sender: anyPort, middle: anyPort,
				toDst:   []region{w.through(a.subnet, May, true), w.through(gateway.subnet, May, true)},
				natBack: []region{w.through(gateway.subnet, May, false)},
				backDst: []region{w.through(a.subnet, May, false)},
			}
			if a.subnet != gateway.subnet {
				first.toSrc, first.backSrc = []region{w.through(gateway.subnet, May, false)}, []region{w.through(gateway.subnet, May, true)}
			}
			first.egress = a.node.gate(May, true, to, first.dst, a.subnet)
			// What the gateway's subnet lets out to each address, and back in, is in the first.
			second.dst, second.toDst, second.backDst = first.dst, nil, nil
			all = all.Union(first.flow(May).Intersect(second.flow(May)))
		}
	}
	return all
}
