package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
)

// table is a ruleset under construction.
type table struct {
	conn  *nftables.Conn
	of    *nftables.Table
	plan  *plan.Plan
	rules int
	err   error

	members map[memberKey]*nftables.Set // the addresses of each security group's interfaces
}

type memberKey struct {
	group string
	four  bool
}

func (t *table) chain(name string) *nftables.Chain {
	return t.conn.AddChain(&nftables.Chain{Name: name, Table: t.of})
}

func (t *table) add(c *nftables.Chain, parts ...exprs) {
	t.rules++
	t.conn.AddRule(&nftables.Rule{Table: t.of, Chain: c, Exprs: join(parts...)})
}

func (t *table) set(s *nftables.Set, elements []nftables.SetElement) *nftables.Set {
	s.Table = t.of
	if err := t.conn.AddSet(s, elements); err != nil && t.err == nil {
		t.err = fmt.Errorf("set %s: %w", s.Name, err)
	}
	return s
}

// each calls do for every interface of the router.
func (t *table) each(do func(n *plan.Node, i *plan.Interface)) {
	for n := range t.plan.Nodes {
		for k := range t.plan.Nodes[n].Interfaces {
			if i := &t.plan.Nodes[n].Interfaces[k]; i.At != plan.AtOutside {
				do(&t.plan.Nodes[n], i)
			}
		}
	}
}

// groups makes the sets of members.
func (t *table) groups() {
	t.members = map[memberKey]*nftables.Set{}
	elements := map[memberKey][]nftables.SetElement{}
	for _, g := range t.plan.Network.Groups {
		elements[memberKey{g.ID, true}], elements[memberKey{g.ID, false}] = nil, nil
	}
	t.each(func(_ *plan.Node, i *plan.Interface) {
		for _, g := range i.Groups {
			for _, a := range i.All() {
				k := memberKey{g, a.Is4()}
				elements[k] = append(elements[k], nftables.SetElement{Key: a.AsSlice()})
			}
		}
	})
	byName := func(a, b memberKey) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	for _, k := range slices.SortedFunc(maps.Keys(elements), byName) {
		typ, suffix := nftables.TypeIPAddr, "4"
		if !k.four {
			typ, suffix = nftables.TypeIP6Addr, "6"
		}
		if k.four || len(elements[k]) > 0 {
			t.members[k] = t.set(&nftables.Set{Name: "members" + suffix + "-" + k.group, KeyType: typ}, elements[k])
		}
	}
}

// gate is one of the four, as a map from a link to the chain that judges what it sends or receives.
type gate struct {
	name string
	bit  uint32
	link expr.MetaKey
	peer end
	// of returns the name of an interface's chain, and fills it if it is new; "" lets everything pass.
	of func(*plan.Node, *plan.Interface) (chain string, fill func(*nftables.Chain))
}

func (t *table) gates() []gate {
	groups := func(direction string, bit uint32, peer end, rules func(*plan.SecurityGroup) []plan.Rule) func(*plan.Node,
		*plan.Interface) (string, func(*nftables.Chain)) {
		return func(_ *plan.Node, i *plan.Interface) (string, func(*nftables.Chain)) {
			if !i.Guarded {
				return "", nil
			}
			return direction + "-" + short(i.Groups), func(c *nftables.Chain) { t.guard(c, i.Groups, bit, peer, rules) }
		}
	}
	acls := func(direction string, bit uint32, peer end, rules func(*plan.ACL) []plan.ACLRule) func(*plan.Node, *plan.Interface) (string,
		func(*nftables.Chain)) {
		return func(_ *plan.Node, i *plan.Interface) (string, func(*nftables.Chain)) {
			s := t.plan.Network.Subnet(i.Subnet)
			if s == nil {
				return "", nil
			}
			return direction + "-" + s.ID, func(c *nftables.Chain) { t.acl(c, s, bit, peer, rules) }
		}
	}
	return []gate{
		{"acl-out", aclOut, expr.MetaKeyIIFNAME, receiver,
			acls("acl-out", aclOut, receiver, func(a *plan.ACL) []plan.ACLRule { return a.Egress })},
		{"out", out, expr.MetaKeyIIFNAME, receiver,
			groups("out", out, receiver, func(g *plan.SecurityGroup) []plan.Rule { return g.Egress })},
		{"in", in, expr.MetaKeyOIFNAME, sender, groups("in", in, sender, func(g *plan.SecurityGroup) []plan.Rule { return g.Ingress })},
		{"acl-in", aclIn, expr.MetaKeyOIFNAME, sender,
			acls("acl-in", aclIn, sender, func(a *plan.ACL) []plan.ACLRule { return a.Ingress })},
	}
}

// judge makes each packet meet a gate. Chains are keyed by what they hold, not by interface, so that rules do not
// multiply with machines.
func (t *table) judge(forward *nftables.Chain, g gate) {
	made := map[string]bool{}
	var elements []nftables.SetElement
	t.each(func(n *plan.Node, i *plan.Interface) {
		name, fill := g.of(n, i)
		if name == "" {
			name, fill = "open-"+g.name, func(c *nftables.Chain) { t.add(c, pass(g.bit)) }
		}
		if !made[name] {
			made[name] = true
			fill(t.chain(name))
		}
		elements = append(elements, nftables.SetElement{Key: linkName(i.ID),
			VerdictData: &expr.Verdict{Kind: expr.VerdictJump, Chain: name}})
	})
	m := t.set(&nftables.Set{Name: g.name, IsMap: true, KeyType: nftables.TypeIFName, DataType: nftables.TypeVerdict}, elements)
	look := exprs{&expr.Meta{Key: g.link, Register: 1}, &expr.Lookup{SourceRegister: 1, SetName: m.Name, SetID: m.ID, IsDestRegSet: true}}
	t.add(forward, marked(g.bit, 0), look)
}

func short(names []string) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(names)), " ")))
	return hex.EncodeToString(sum[:6])
}

// guard is a set of security groups: what any rule of any of them lets pass, passes.
func (t *table) guard(c *nftables.Chain, ids []string, bit uint32, peer end, rules func(*plan.SecurityGroup) []plan.Rule) {
	for n := range t.plan.Network.Groups {
		g := &t.plan.Network.Groups[n]
		if !slices.Contains(ids, g.ID) {
			continue
		}
		for _, r := range rules(g) {
			for _, match := range t.rulePasses(&r, peer) {
				t.add(c, match, pass(bit))
			}
		}
	}
}

// acl is a subnet's network ACL. Traffic within the subnet does not meet it.
func (t *table) acl(c *nftables.Chain, s *plan.Subnet, bit uint32, peer end, rules func(*plan.ACL) []plan.ACLRule) {
	other := expr.MetaKeyOIFNAME
	if peer == sender {
		other = expr.MetaKeyIIFNAME
	}
	var neighbours []nftables.SetElement
	t.each(func(_ *plan.Node, i *plan.Interface) {
		if i.Subnet == s.ID {
			neighbours = append(neighbours, nftables.SetElement{Key: linkName(i.ID)})
		}
	})
	set := t.set(&nftables.Set{Name: c.Name + "-near", KeyType: nftables.TypeIFName}, neighbours)
	t.add(c, onLinks(other, set), pass(bit))
	a := t.plan.Network.ACL(s.ACL)
	if a == nil {
		return
	}
	for _, r := range rules(a) {
		verdictOf := verdict(expr.VerdictReturn, "")
		if r.Allow {
			verdictOf = pass(bit)
		}
		t.add(c, peer.within(r.Prefix), service(r.Protocol, r.From, r.To), verdictOf)
	}
}
