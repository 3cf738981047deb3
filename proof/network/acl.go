package network

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// ACL is a network ACL: ordered rules that know nothing of connections. Resource is nil for a VPC's default one that the
// stack does not adopt, which lets everything through.
type ACL struct {
	Resource *graph.Resource
	VPC      *VPC
	// In and Out are the rules of each direction, in the order of their numbers.
	In, Out []*ACLRule

	open    bool
	foreign string // its id, if it is not in this stack
}

// ACLRule is a rule of a network ACL.
type ACLRule struct {
	// Resource is the rule's own, or the ACL's if the rule is inline.
	Resource *graph.Resource
	Number   int
	Allow    fact
	may      cell
	must     cell
}

// Name is what a person calls it.
func (a *ACL) Name() string {
	if a.foreign != "" {
		return a.foreign
	}
	if a.Resource == nil {
		return "the default ACL of " + a.VPC.Name()
	}
	return a.Resource.Name
}

const (
	aclType        = "aws:ec2/networkAcl:NetworkAcl"
	defaultACLType = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
)

func (w *Model) readACLs() {
	for _, r := range w.all(aclType, defaultACLType) {
		path := "vpcId"
		if r.Type == defaultACLType {
			path = "defaultNetworkAclId"
		}
		v := w.vpcOf(r, path)
		if v == nil {
			w.problem(r, "the VPC of the ACL is not known", "wire its "+path+" to a VPC of the stack")
			continue
		}
		a := &ACL{Resource: r, VPC: v}
		for direction, rules := range map[string]*[]*ACLRule{"ingress": &a.In, "egress": &a.Out} {
			inline, unknown := items(inputsOf(r), direction)
			if unknown {
				w.problem(r, "its rules are not known", "write them, or verify what is deployed")
			}
			for _, rule := range inline {
				*rules = append(*rules, w.aclRule(r, rule, "ruleNo", "action"))
			}
		}
		w.acls[r.URN], w.ACLs = a, append(w.ACLs, a)
		if r.Type == defaultACLType {
			v.DefaultACL = a
		}
		if _, named := r.Inputs["subnetIds"]; named {
			for _, s := range w.subnetsOf(r, "subnetIds") {
				s.ACL = a
			}
		}
	}
	for _, r := range w.all("aws:ec2/networkAclAssociation:NetworkAclAssociation") {
		for _, s := range w.subnetsOf(r, "subnetId") {
			if s.ACL = w.aclOf(r, "networkAclId"); s.ACL == nil {
				s.ACL = &ACL{VPC: s.VPC, open: true, foreign: cmp.Or(r.String("networkAclId"), "an ACL that is not known")}
				w.problem(r, s.ACL.foreign+" is not an ACL of this stack, so that its rules are not known",
					"wire networkAclId to an ACL of the stack")
			}
		}
	}
	for _, r := range w.all("aws:ec2/networkAclRule:NetworkAclRule") {
		a := w.aclOf(r, "networkAclId")
		out := truth(r, "egress", false)
		if a == nil || out.may != out.must {
			w.problem(r, "which ACL, or which direction of it, the rule is in is not known", "wire networkAclId to an ACL of the stack")
			continue
		}
		rules := &a.In
		if out.must {
			rules = &a.Out
		}
		*rules = append(*rules, w.aclRule(r, r.Inputs, "ruleNumber", "ruleAction"))
	}
	for _, v := range w.VPCs {
		if v.DefaultACL == nil {
			v.DefaultACL = &ACL{VPC: v, open: true}
		}
		for _, s := range v.Subnets {
			if s.ACL == nil {
				s.ACL = v.DefaultACL
			}
		}
	}
	for _, a := range w.ACLs {
		for _, rules := range [][]*ACLRule{a.In, a.Out} {
			slices.SortStableFunc(rules, func(a, b *ACLRule) int { return cmp.Compare(a.Number, b.Number) })
		}
	}
}

func (w *Model) aclOf(r *graph.Resource, path string) *ACL {
	found, key := w.target(r, path, aclType, defaultACLType, vpcType)
	if found != nil && found.Type == vpcType {
		return w.vpcs[found.URN].DefaultACL
	}
	if a := w.acls[key]; a != nil {
		return a
	}
	if v := w.bearer(key); v != nil {
		return v.DefaultACL
	}
	return nil
}

// aclRule reads a rule, whose place among the others must be known.
func (w *Model) aclRule(r *graph.Resource, rule map[string]any, number, action string) *ACLRule {
	if _, known := (&graph.Resource{Inputs: rule}).Int(number); !known {
		w.problem(r, "the number of a rule is not known, and so neither which rules come before it", "write its "+number)
	}
	return aclRule(r, rule, number, action)
}

func aclRule(r *graph.Resource, rule map[string]any, number, action string) *ACLRule {
	read := &graph.Resource{URN: r.URN, Inputs: rule}
	out := &ACLRule{Resource: r}
	out.Number, _ = read.Int(number)
	switch strings.ToLower(read.String(action)) {
	case "allow":
		out.Allow = fact{true, true}
	case "deny":
	default:
		out.Allow = fact{may: true}
	}
	var known Addrs
	vague := false
	for _, path := range []string{"cidrBlock", "ipv6CidrBlock"} {
		addrs, unknown := prefixesAt(read, path)
		known, vague = known.Union(addrs), vague || unknown
	}
	may, must := trafficOf(read, "protocol", "fromPort", "toPort")
	out.may, out.must = cell{known, may}, cell{known, must}
	if vague {
		out.may.addrs = everywhere
	}
	return out
}

// trafficOf reads the protocol and ports of a group's or an ACL's rule.
func trafficOf(r *graph.Resource, protocolKey, fromKey, toKey string) (may, must Traffic) {
	name, ok := r.Get(protocolKey)
	if !ok || isUnknown(name) {
		return Anything, Traffic{}
	}
	number, all := protocolNumber(fmt.Sprint(name))
	switch {
	case all:
		return Anything, Anything
	case number < 0:
		return Anything, Traffic{}
	case number != protocolTCP && number != protocolUDP:
		t := protocol(number, nil)
		if (number == protocolICMP || number == protocolICMPv6) && !everyType(r, fromKey) {
			return t, Traffic{}
		}
		return t, t
	}
	from, knowsFrom := r.Int(fromKey)
	to, knowsTo := r.Int(toKey)
	if !knowsFrom || !knowsTo || from < 0 || to > int(lastPort) || from > to {
		return protocol(number, allPorts), Traffic{}
	}
	t := protocol(number, PortRange(Port(from), Port(to)))
	return t, t
}

// everyType says that an ICMP rule covers all types: -1 stands for them, and in a group's rule fromPort is the type.
func everyType(r *graph.Resource, fromKey string) bool {
	for _, key := range []string{"icmpType", fromKey} {
		if value, ok := r.Get(key); ok && value != nil {
			kind, known := r.Int(key)
			return known && kind == -1
		}
	}
	return false
}

func protocolNumber(name string) (number int, all bool) {
	switch strings.ToLower(name) {
	case "-1", "all":
		return 0, true
	case "tcp":
		return protocolTCP, false
	case "udp":
		return protocolUDP, false
	case "icmp":
		return protocolICMP, false
	case "icmpv6":
		return protocolICMPv6, false
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < 256 {
		return n, false
	}
	return -1, false
}

// region is what the rules of one direction let through.
func (a *ACL) region(m Mode, rules []*ACLRule) region {
	if a.open {
		return open
	}
	undecided := slices.Clone(open)
	var allowed region
	for _, rule := range rules {
		// What is not known widens a rule whose decision the mode fears, and narrows the other.
		sure := rule.may
		if (m == Must) == rule.Allow.in(m) {
			sure = rule.must
		}
		if rule.Allow.in(m) {
			allowed = append(allowed, undecided.intersect(region{sure})...)
		}
		undecided = undecided.minus(sure)
	}
	return allowed
}

type aclKey struct {
	acl *ACL
	out bool
	m   Mode
}

func (w *Model) through(s *Subnet, m Mode, out bool) region {
	if s == nil || s.ACL == nil || w.bare {
		return open
	}
	key := aclKey{s.ACL, out, m}
	r, ok := w.acl[key]
	if !ok {
		rules := s.ACL.In
		if out {
			rules = s.ACL.Out
		}
		r = s.ACL.region(m, rules)
		w.acl[key] = r
	}
	return r
}

// first is the first rule that lets the traffic through to or from the addresses.
func (a *ACL) first(rules []*ACLRule, addrs Addrs, t Traffic) string {
	for _, rule := range rules {
		if rule.Allow.may && rule.may.addrs.Overlaps(addrs) && rule.may.traffic.Overlaps(t) {
			return fmt.Sprintf("%s rule %d", a.Name(), rule.Number)
		}
	}
	return a.Name()
}
