package gate

import (
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// fresh is an empty table in a node's own namespace.
func fresh() (*nftables.Conn, *nftables.Table, error) {
	c, err := connect()
	if err != nil {
		return nil, nil, err
	}
	t := &nftables.Table{Name: tableName, Family: nftables.TableFamilyIPv4}
	c.AddTable(t)
	c.DelTable(t)
	c.AddTable(t)
	return c, t, nil
}

// Redirect makes what a node sends to one port of its own address come out at another, so that the first is free for a
// server that listens at every address.
func Redirect(to netip.AddrPort, port uint16) error {
	c, t, err := fresh()
	if err != nil {
		return err
	}
	chain := c.AddChain(&nftables.Chain{Name: "output", Table: t, Type: nftables.ChainTypeNAT, Hooknum: nftables.ChainHookOutput,
		Priority: nftables.ChainPriorityNATDest})
	c.AddRule(&nftables.Rule{Table: t, Chain: chain, Exprs: join(
		receiver.within(netip.PrefixFrom(to.Addr(), to.Addr().BitLen())), service("tcp", int(to.Port()), int(to.Port())),
		exprs{&expr.Immediate{Register: 1, Data: to.Addr().AsSlice()}, &expr.Immediate{Register: 2,
			Data: binaryutil.BigEndian.PutUint16(port)},
			&expr.NAT{Type: expr.NATTypeDestNAT, Family: unix.NFPROTO_IPV4, RegAddrMin: 1, RegProtoMin: 2}})})
	return c.Flush()
}

// Masquerade makes a NAT gateway's namespace give its own address to what passes through it. It lets nothing in that is
// addressed to itself: a NAT gateway answers nobody.
func Masquerade(address netip.Addr) error {
	c, t, err := fresh()
	if err != nil {
		return err
	}
	chain := c.AddChain(&nftables.Chain{Name: "post", Table: t, Type: nftables.ChainTypeNAT, Hooknum: nftables.ChainHookPostrouting,
		Priority: nftables.ChainPriorityNATSource})
	c.AddRule(&nftables.Rule{Table: t, Chain: chain, Exprs: exprs{&expr.Immediate{Register: 1, Data: address.AsSlice()},
		&expr.NAT{Type: expr.NATTypeSourceNAT, Family: unix.NFPROTO_IPV4, RegAddrMin: 1}}})
	drop := nftables.ChainPolicyDrop
	c.AddChain(&nftables.Chain{Name: "input", Table: t, Type: nftables.ChainTypeFilter, Hooknum: nftables.ChainHookInput,
		Priority: nftables.ChainPriorityFilter, Policy: &drop})
	return c.Flush()
}
