package gate

import (
	"net"
	"net/netip"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/wire"
	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// exprs is a rule or a part of one.
type exprs []expr.Any

func join(parts ...exprs) (out exprs) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func native(n uint32) []byte { return binaryutil.NativeEndian.PutUint32(n) }

// linkName is a link's name as the kernel compares it.
func linkName(id string) []byte { return padded(wire.Link(id)) }

func padded(name string) []byte {
	b := make([]byte, unix.IFNAMSIZ)
	copy(b, name)
	return b
}

func onLink(key expr.MetaKey, name []byte) exprs {
	return exprs{&expr.Meta{Key: key, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: name}}
}

// onLinks matches the links of a set.
func onLinks(key expr.MetaKey, set *nftables.Set) exprs {
	return exprs{&expr.Meta{Key: key, Register: 1}, &expr.Lookup{SourceRegister: 1, SetName: set.Name, SetID: set.ID}}
}

// ipVersion matches packets of one family: an inet table sees both.
func ipVersion(four bool) exprs {
	family := byte(unix.NFPROTO_IPV6)
	if four {
		family = unix.NFPROTO_IPV4
	}
	return exprs{&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{family}}}
}

// end is the sender's or the receiver's address in a packet.
type end bool

const (
	sender   end = false
	receiver end = true
)

func (e end) load(four bool) *expr.Payload {
	p := &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: 12, Len: 4}
	if !four {
		p.Offset, p.Len = 8, 16
	}
	if e == receiver {
		p.Offset += p.Len
	}
	return p
}

func (e end) within(p netip.Prefix) exprs {
	m := ipVersion(p.Addr().Is4())
	if p.Bits() == 0 {
		return m
	}
	bits := p.Addr().BitLen()
	return append(m, e.load(bits == 32),
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: uint32(bits / 8), Mask: net.CIDRMask(p.Bits(), bits),
			Xor: make([]byte, bits/8)},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: p.Masked().Addr().AsSlice()})
}

// beyond holds for addresses that are not within a prefix, of packets of its family.
func (e end) beyond(p netip.Prefix) exprs {
	m := e.within(p)
	m[len(m)-1].(*expr.Cmp).Op = expr.CmpOpNeq
	return m
}

// service matches a protocol and ports, or types of ICMP.
func service(protocol string, from, to int) exprs {
	n, any := protocolNumber(protocol)
	if any {
		return nil
	}
	m := exprs{&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{n}}}
	switch n {
	case unix.IPPROTO_ICMP, unix.IPPROTO_ICMPV6:
		return append(append(m, icmpField(0, from)...), icmpField(1, to)...)
	case unix.IPPROTO_TCP, unix.IPPROTO_UDP:
		return append(m, ports(from, to)...)
	}
	return m
}

func icmpField(offset uint32, value int) exprs {
	if value < 0 {
		return nil
	}
	return exprs{&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{byte(value)}}}
}

func ports(from, to int) exprs {
	if allPorts(from, to) {
		return nil
	}
	port := &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2}
	first, last := binaryutil.BigEndian.PutUint16(uint16(max(from, 0))), binaryutil.BigEndian.PutUint16(uint16(to))
	if from == to {
		return exprs{port, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: first}}
	}
	return exprs{port, &expr.Range{Op: expr.CmpOpEq, Register: 1, FromData: first, ToData: last}}
}

// pass sets a gate's bit and leaves the gate.
func pass(bit uint32) exprs {
	return exprs{&expr.Meta{Key: expr.MetaKeyMARK, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: native(^bit), Xor: native(bit)},
		&expr.Meta{Key: expr.MetaKeyMARK, SourceRegister: true, Register: 1}, &expr.Verdict{Kind: expr.VerdictReturn}}
}

// marked matches if the mark, under the mask, has this value.
func marked(mask, bits uint32) exprs {
	return exprs{&expr.Meta{Key: expr.MetaKeyMARK, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: native(mask), Xor: native(0)},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: native(bits)}}
}

// tracked matches packets of connections in one of these states.
func tracked(states uint32) exprs {
	return exprs{&expr.Ct{Register: 1, Key: expr.CtKeySTATE},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: native(states), Xor: native(0)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: native(0)}}
}

func isAnswer(yes bool) exprs {
	direction := []byte{0}
	if yes {
		direction[0] = 1
	}
	return exprs{&expr.Ct{Register: 1, Key: expr.CtKeyDIRECTION}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: direction}}
}

func log(group uint16, prefix string) exprs {
	return exprs{&expr.Limit{Type: expr.LimitTypePkts, Rate: 500, Unit: expr.LimitTimeSecond, Burst: 500},
		&expr.Log{Key: 1<<unix.NFTA_LOG_GROUP | 1<<unix.NFTA_LOG_PREFIX | 1<<unix.NFTA_LOG_SNAPLEN, Group: group, Data: []byte(prefix),
			Snaplen: 96}}
}

func verdict(kind expr.VerdictKind, chain string) exprs {
	return exprs{&expr.Verdict{Kind: kind, Chain: chain}}
}

// rulePasses are the matches of a group's rule: one for each prefix, or one for the group that it names.
func (t *table) rulePasses(r *plan.Rule, peer end) []exprs {
	s := service(r.Protocol, r.From, r.To)
	var all []exprs
	for _, p := range r.Prefixes {
		all = append(all, join(peer.within(p), s))
	}
	for _, four := range []bool{true, false} {
		if set := t.members[memberKey{r.Group, four}]; set != nil {
			all = append(all, join(ipVersion(four),
				exprs{peer.load(four), &expr.Lookup{SourceRegister: 1, SetName: set.Name, SetID: set.ID}}, s))
		}
	}
	return all
}
