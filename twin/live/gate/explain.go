package gate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Packet is one that was refused.
type Packet struct {
	Mark       uint32
	From, To   *plan.Interface // the links it arrived on and would have left by; nil: it had nowhere to go
	Source     netip.Addr
	Dest       netip.Addr
	Protocol   string // tcp, udp, icmp, or a number
	Port       int    // the requested port; 0 where the protocol has none
	SourcePort int
	ICMP       [2]int // type and code
	Answer     bool   // an answer on a connection, not its request
	Forged     bool
}

// Explain says, in a sentence for each gate that refused the packet, what is missing there.
func Explain(p *plan.Plan, k Packet) []string {
	e := explainer{p, k}
	if k.Forged {
		return []string{fmt.Sprintf("the source check: %s sends from %s, which is not its own address", e.node(k.From), k.Source)}
	}
	for _, i := range []*plan.Interface{k.From, k.To} {
		if i != nil && p.Gone(i) {
			return []string{fmt.Sprintf("the zone of %s is lost", e.node(i))}
		}
	}
	if k.From == nil && slices.ContainsFunc(p.Network.CIDRs, func(c netip.Prefix) bool { return c.Contains(k.Source) }) {
		return []string{fmt.Sprintf("nobody in the VPC has the address %s any more: a packet of what has ended", k.Source)}
	}
	if k.To == nil {
		return []string{e.nowhere()}
	}
	var all []string
	for _, g := range []struct {
		bit uint32
		say func() string
	}{{aclOut, e.aclOut}, {out, e.egress}, {in, e.ingress}, {aclIn, e.aclIn}, {way, e.border}} {
		if k.Mark&g.bit != 0 {
			continue
		}
		if text := g.say(); text != "" {
			all = append(all, text)
		}
	}
	return all
}

type explainer struct {
	plan *plan.Plan
	Packet
}

func (e explainer) service() string {
	if e.Port == 0 {
		return e.Protocol
	}
	return fmt.Sprintf("%s %d", e.Protocol, e.Port)
}

// node is the name of the node at an interface.
func (e explainer) node(i *plan.Interface) string {
	if i == nil {
		return "nowhere"
	}
	for n := range e.plan.Nodes {
		if slices.ContainsFunc(e.plan.Nodes[n].Interfaces, func(o plan.Interface) bool { return o.ID == i.ID }) {
			return e.plan.Nodes[n].Name
		}
	}
	return i.Address.String()
}

// party is who is at an interface, as a sentence of the program names it: its groups, or its address.
func (e explainer) party(i *plan.Interface, a netip.Addr) string {
	if i == nil || !i.Guarded {
		return a.String()
	}
	var names []string
	for _, g := range e.plan.Network.Groups {
		if slices.Contains(i.Groups, g.ID) {
			names = append(names, g.Name)
		}
	}
	if len(names) == 0 {
		return "no security group"
	}
	return strings.Join(names, "+")
}

func (e explainer) egress() string {
	return fmt.Sprintf("egress of %s: no rule of its security group %s lets %s out to %s",
		e.node(e.From), e.party(e.From, e.Source), e.service(), e.party(e.To, e.Dest))
}

func (e explainer) ingress() string {
	return fmt.Sprintf("ingress of %s: no rule of its security group %s lets %s in from %s",
		e.node(e.To), e.party(e.To, e.Dest), e.service(), e.party(e.From, e.Source))
}

func (e explainer) aclOut() string {
	return e.acl(e.From, "out of", e.Dest, "to", func(a *plan.ACL) []plan.ACLRule { return a.Egress })
}

func (e explainer) aclIn() string {
	return e.acl(e.To, "into", e.Source, "from", func(a *plan.ACL) []plan.ACLRule { return a.Ingress })
}

func (e explainer) acl(i *plan.Interface, direction string, peer netip.Addr, preposition string,
	rules func(*plan.ACL) []plan.ACLRule) string {
	if i == nil { // outside, where there is none
		return ""
	}
	subnet, acl := i.Subnet, ""
	why := "no rule matches"
	if s := e.plan.Network.Subnet(i.Subnet); s != nil {
		subnet, acl = s.Name, s.ACL
	}
	if a := e.plan.Network.ACL(acl); a != nil {
		acl = a.Name
		if at := slices.IndexFunc(rules(a), func(r plan.ACLRule) bool { return r.Prefix.Contains(peer) && e.matches(r) }); at >= 0 {
			why = fmt.Sprintf("rule %d refuses it", rules(a)[at].Number)
		}
	}
	what := e.service()
	if e.Answer {
		what = "the answer of " + what
	}
	return fmt.Sprintf("network ACL %s: %s %s subnet %s %s %s is not allowed (%s)", acl, what, direction, subnet, preposition, peer, why)
}

// matches says whether a rule covers the packet's protocol and destination port. An answer's destination port is not the
// requested one.
func (e explainer) matches(r plan.ACLRule) bool {
	n, any := protocolNumber(r.Protocol)
	own, _ := protocolNumber(e.Protocol)
	port := e.Port
	if e.Answer {
		port = e.SourcePort
	}
	switch {
	case any:
		return true
	case n != own:
		return false
	case e.Protocol == "icmp" || e.Protocol == "icmpv6":
		return (r.From < 0 || r.From == e.ICMP[0]) && (r.To < 0 || r.To == e.ICMP[1])
	case e.Protocol == "tcp" || e.Protocol == "udp":
		return allPorts(r.From, r.To) || r.From <= port && port <= r.To
	}
	return true
}

func (e explainer) border() string {
	if e.From != nil && e.From.At == plan.AtBorder {
		return fmt.Sprintf("the internet gateway: %s is no public address of %s", e.Dest, e.node(e.To))
	}
	return fmt.Sprintf("the internet gateway: %s has no public address, so nothing of it is translated", e.node(e.From))
}

func (e explainer) nowhere() string {
	if slices.ContainsFunc(e.plan.Network.CIDRs, func(c netip.Prefix) bool { return c.Contains(e.Dest) }) {
		return fmt.Sprintf("nobody in the VPC has the address %s", e.Dest)
	}
	table := "its route table"
	if e.From != nil {
		if s := e.plan.Network.Subnet(e.From.Subnet); s != nil {
			for _, t := range e.plan.Network.RouteTables {
				if t.ID == s.RouteTable {
					table = "route table " + t.Name
				}
			}
		}
	}
	return fmt.Sprintf("%s has no route to %s, which %s asked for", table, e.Dest, e.node(e.From))
}
