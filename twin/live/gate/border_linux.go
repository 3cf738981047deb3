package gate

import (
	"net/netip"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// border is the internet gateway: it translates public addresses one to one, and lets nothing else pass. It returns
// whether there is one.
func (t *table) border() []byte {
	var link []byte
	inward, outward := []nftables.SetElement{}, []nftables.SetElement{}
	t.each(func(_ *plan.Node, i *plan.Interface) {
		if i.At == plan.AtBorder {
			link = linkName(i.ID)
		}
		if i.At == plan.InVPC && i.Public.Is4() {
			inward = append(inward, nftables.SetElement{Key: i.Public.AsSlice(), Val: i.Address.AsSlice()})
			outward = append(outward, nftables.SetElement{Key: i.Address.AsSlice(), Val: i.Public.AsSlice()})
		}
	})
	if link == nil {
		return nil
	}
	for _, d := range []struct {
		name     string
		hook     *nftables.ChainHook
		priority *nftables.ChainPriority
		link     expr.MetaKey
		end      end
		typ      expr.NATType
		pairs    []nftables.SetElement
	}{
		{"border-in", nftables.ChainHookPrerouting, nftables.ChainPriorityNATDest, expr.MetaKeyIIFNAME, receiver, expr.NATTypeDestNAT,
			inward},
		{"border-out", nftables.ChainHookPostrouting, nftables.ChainPriorityNATSource, expr.MetaKeyOIFNAME, sender, expr.NATTypeSourceNAT,
			outward},
	} {
		c := t.conn.AddChain(&nftables.Chain{Name: d.name, Table: t.of, Type: nftables.ChainTypeNAT, Hooknum: d.hook, Priority: d.priority})
		m := t.set(&nftables.Set{Name: d.name + "-addresses", IsMap: true, KeyType: nftables.TypeIPAddr, DataType: nftables.TypeIPAddr},
			d.pairs)
		t.add(c, onLink(d.link, link), ipVersion(true), exprs{d.end.load(true),
			&expr.Lookup{SourceRegister: 1, DestRegister: 1, SetName: m.Name, SetID: m.ID, IsDestRegSet: true},
			&expr.NAT{Type: d.typ, Family: unix.NFPROTO_IPV4, RegAddrMin: 1}})
	}
	return link
}

// ways sets the bit of packets that lead somewhere. That excludes those without a route, those through the internet
// gateway that are neither from nor to a public address, and IPv6 from outside to subnets without a way back.
func (t *table) ways(forward *nftables.Chain, void string, border []byte) {
	to, from := t.chain("to-border"), t.chain("from-border")
	public, open6 := []nftables.SetElement{}, []nftables.SetElement{}
	t.each(func(_ *plan.Node, i *plan.Interface) {
		if i.At == plan.InVPC && i.Public.Is4() {
			public = append(public, nftables.SetElement{Key: i.Address.AsSlice()})
		}
		if i.Address6.IsValid() && t.leadsOut(i.Subnet) {
			open6 = append(open6, nftables.SetElement{Key: i.Address6.AsSlice()})
		}
	})
	has := t.set(&nftables.Set{Name: "public", KeyType: nftables.TypeIPAddr}, public)
	six := t.set(&nftables.Set{Name: "public6", KeyType: nftables.TypeIP6Addr}, open6)
	found := func(e end, four bool, s *nftables.Set) exprs {
		return join(ipVersion(four), exprs{e.load(four), &expr.Lookup{SourceRegister: 1, SetName: s.Name, SetID: s.ID}})
	}
	t.add(to, found(sender, true, has), pass(way))
	t.add(to, ipVersion(false), pass(way))
	t.add(from, tracked(expr.CtStateBitESTABLISHED|expr.CtStateBitRELATED), pass(way))
	t.add(from, found(receiver, true, has), translated(), pass(way))
	t.add(from, found(receiver, false, six), pass(way))

	t.add(forward, onLink(expr.MetaKeyOIFNAME, padded(void)), verdict(expr.VerdictGoto, refusedChain))
	if border != nil {
		t.add(forward, onLink(expr.MetaKeyOIFNAME, border), verdict(expr.VerdictJump, to.Name))
		t.add(forward, onLink(expr.MetaKeyIIFNAME, border), verdict(expr.VerdictJump, from.Name))
		t.add(forward, notOnLink(expr.MetaKeyOIFNAME, border), notOnLink(expr.MetaKeyIIFNAME, border), marking(way))
		return
	}
	t.add(forward, marking(way))
}

// translated matches what the internet gateway has given its private address.
func translated() exprs {
	const dstNAT = 1 << 5 // IPS_DST_NAT of the connection's status
	return exprs{&expr.Ct{Register: 1, Key: expr.CtKeySTATUS},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: native(dstNAT), Xor: native(0)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: native(0)}}
}

func notOnLink(key expr.MetaKey, name []byte) exprs {
	return exprs{&expr.Meta{Key: key, Register: 1}, &expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: name}}
}

// marking sets a bit and goes on.
func marking(bit uint32) exprs { p := pass(bit); return p[:len(p)-1] }

// leadsOut says whether a subnet's IPv6 leads to the internet both ways.
func (t *table) leadsOut(subnet string) bool {
	s := t.plan.Network.Subnet(subnet)
	if s == nil {
		return false
	}
	for _, rt := range t.plan.Network.RouteTables {
		for _, r := range rt.Routes {
			if rt.ID == s.RouteTable && r.Via == plan.ViaInternet && r.To.Addr().Is6() {
				return true
			}
		}
	}
	return false
}

// sources drops what a machine sends from an address that is not its own (EC2's source check). A NAT gateway has none, and
// what is of the link alone, as IPv6's finding of neighbours, is never passed on.
func (t *table) sources() {
	accept := nftables.ChainPolicyAccept
	c := t.conn.AddChain(&nftables.Chain{Name: "source", Table: t.of, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityRaw, Policy: &accept})
	var checked []nftables.SetElement
	own := map[bool][]nftables.SetElement{}
	t.each(func(n *plan.Node, i *plan.Interface) {
		if i.At != plan.InVPC || n.Kind == plan.KindNAT {
			return
		}
		checked = append(checked, nftables.SetElement{Key: linkName(i.ID)})
		for _, a := range i.All() {
			own[a.Is4()] = append(own[a.Is4()], nftables.SetElement{Key: append(linkName(i.ID), a.AsSlice()...)})
		}
	})
	links := t.set(&nftables.Set{Name: "checked", KeyType: nftables.TypeIFName}, checked)
	for four, kind := range map[bool]nftables.SetDatatype{true: nftables.TypeIPAddr, false: nftables.TypeIP6Addr} {
		typ, err := nftables.ConcatSetType(nftables.TypeIFName, kind)
		if err != nil {
			t.err = err
			return
		}
		pairs := t.set(&nftables.Set{Name: "own-" + kind.Name, KeyType: typ, Concatenation: true}, own[four])
		address := sender.load(four)
		address.DestRegister = 2
		another := join(ipVersion(four), onLinks(expr.MetaKeyIIFNAME, links), exprs{address,
			&expr.Lookup{SourceRegister: 1, SetName: pairs.Name, SetID: pairs.ID, Invert: true}})
		if !four {
			another = join(another, sender.beyond(linkLocal), sender.beyond(unspecified))
		}
		t.add(c, another, log(dropGroup, forged), verdict(expr.VerdictContinue, ""))
		t.add(c, another, verdict(expr.VerdictDrop, ""))
	}
}

var linkLocal, unspecified = netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::/128")
