package wire

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/vishvananda/netlink"
)

// Prepare gives a node's interfaces their addresses and routes, inside the node. It may be called again when the node has
// got more of them.
func Prepare(p *plan.Plan, n *plan.Node) error {
	lo, err := up("lo")
	if err != nil {
		return err
	}
	if n.Kind == plan.KindMachine {
		if err := address(lo, metadata); err != nil {
			return err
		}
	}
	if err := set("0", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.conf.all.rp_filter",
		"net.ipv4.conf.default.rp_filter"); err != nil {
		return err
	}
	for k := range n.Interfaces {
		if err := prepare(k, &n.Interfaces[k], p); err != nil {
			return fmt.Errorf("interface %d of %s: %w", k, n.Name, err)
		}
	}
	switch n.Kind {
	case plan.KindNAT:
		return set("1", "net.ipv4.ip_forward")
	case plan.KindInternet:
		return outside(p)
	}
	return nil
}

// inside is what an interface is called in its node.
func inside(k int, i *plan.Interface) string {
	if k == 0 {
		return "eth0"
	}
	return Link(i.ID)
}

// prepare brings one interface up. The first has the default route; packets from another's address leave by that
// interface.
func prepare(k int, i *plan.Interface, p *plan.Plan) error {
	l, err := up(inside(k, i))
	if err != nil {
		return err
	}
	for _, a := range i.All() {
		if err := address(l, a); err != nil {
			return err
		}
	}
	switch {
	case i.At == plan.AtBorder:
		return border(l, i)
	case i.At == plan.AtGateway:
		for _, cidr := range p.Network.CIDRs {
			if err := ways(l, i, cidr, 0); err != nil {
				return err
			}
		}
		return nil
	case k == 0:
		return ways(l, i, everything4, 0, everything6)
	}
	table := int(binary.BigEndian.Uint32([]byte(Link(i.ID))[1:5])&0xffffff | 1<<24)
	if err := ways(l, i, everything4, table); err != nil {
		return err
	}
	r := netlink.NewRule()
	r.Src, r.Table, r.Priority, r.Family = whole(i.Address), table, 200, family(i.Address)
	return there(netlink.RuleAdd(r))
}

var (
	everything4 = netip.MustParsePrefix("0.0.0.0/0")
	everything6 = netip.MustParsePrefix("::/0")

	// elastic is where the twin's public IPv4 addresses are.
	elastic = netip.MustParsePrefix("198.18.0.0/15")
)

// ways routes destinations over a link that has an address of their family.
func ways(l netlink.Link, i *plan.Interface, to netip.Prefix, table int, more ...netip.Prefix) error {
	if i.Address.Is4() {
		if err := route(l, single(gatewayOf(i)), netip.Addr{}, table); err != nil {
			return err
		}
	}
	for _, p := range append([]netip.Prefix{to}, more...) {
		via := gatewayOf(i)
		if p.Addr().Is6() {
			if via = gateway6; !i.Address6.IsValid() {
				continue
			}
		}
		if err := route(l, p, via, table); err != nil {
			return err
		}
	}
	return nil
}

// border is the internet's link to the internet gateway, which leads only to public addresses.
func border(l netlink.Link, i *plan.Interface) error {
	return ways(l, i, elastic, 0, public6...)
}

var public6 = []netip.Prefix{netip.MustParsePrefix("2000::/3")}

// outside makes the internet node the router of what is outside: it knows its neighbours and public addresses, and has no
// way to private ones.
func outside(p *plan.Plan) error {
	if err := set("1", "net.ipv4.ip_forward"); err != nil {
		return err
	}
	for n := range p.Nodes {
		for k := range p.Nodes[n].Interfaces {
			i := &p.Nodes[n].Interfaces[k]
			if i.At != plan.AtOutside {
				continue
			}
			if err := neighbour(i, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// neighbour brings up this side of an interface's link: the gateway's address, and the routes to what is behind it.
func neighbour(i *plan.Interface, table int) error {
	l, err := up(Link(i.ID))
	if err != nil {
		return err
	}
	if err := address(l, gatewayOf(i)); err != nil {
		return err
	}
	for _, a := range i.All() {
		if a.Is6() {
			if err := address(l, gateway6); err != nil {
				return err
			}
		}
		if err := route(l, single(a), netip.Addr{}, table); err != nil {
			return err
		}
	}
	return nil
}
