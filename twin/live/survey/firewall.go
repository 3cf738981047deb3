package survey

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

func (s *survey) acls() {
	rules := map[string]*plan.ACL{}
	for _, o := range s.adopted("aws:ec2/networkAcl:NetworkAcl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl") {
		a := &plan.ACL{ID: o.ID, Name: s.short(o)}
		for _, r := range o.Objects("ingress") {
			a.Ingress = append(a.Ingress, aclRules(r, text(r, "action"), number(r, "ruleNo"))...)
		}
		for _, r := range o.Objects("egress") {
			a.Egress = append(a.Egress, aclRules(r, text(r, "action"), number(r, "ruleNo"))...)
		}
		if o.Implicit { // the VPC's own, which nobody has adopted, lets everything pass (VPC user guide, "Default network ACL")
			for n, all := range []string{"0.0.0.0/0", "::/0"} {
				rule := plan.ACLRule{Number: 100 + n, Allow: true, Protocol: "-1", Prefix: cidr(all)}
				a.Ingress, a.Egress = append(a.Ingress, rule), append(a.Egress, rule)
			}
		}
		rules[o.ID] = a
	}
	for _, r := range s.of["aws:ec2/networkAclRule:NetworkAclRule"] {
		a := rules[r.Text("networkAclId")]
		if a == nil {
			continue
		}
		made := aclRules(r.Outputs, r.Text("ruleAction"), int(r.Number("ruleNumber")))
		for k := range made {
			made[k].Name = s.short(r)
		}
		if r.Flag("egress") {
			a.Egress = append(a.Egress, made...)
		} else {
			a.Ingress = append(a.Ingress, made...)
		}
	}
	for _, a := range rules {
		for _, list := range [][]plan.ACLRule{a.Ingress, a.Egress} {
			slices.SortFunc(list, func(a, b plan.ACLRule) int { return cmp.Compare(a.Number, b.Number) })
		}
		s.plan.Network.ACLs = append(s.plan.Network.ACLs, *a)
	}
	slices.SortFunc(s.plan.Network.ACLs, func(a, b plan.ACL) int { return cmp.Compare(a.ID, b.ID) })
}

func aclRules(r value.Map, action string, n int) []plan.ACLRule {
	rule := plan.ACLRule{Number: n, Allow: strings.EqualFold(action, "allow"), Protocol: cmp.Or(text(r, "protocol"), "-1"),
		From: number(r, "fromPort"), To: number(r, "toPort")}
	if rule.Protocol == "1" || rule.Protocol == "icmp" || rule.Protocol == "58" || rule.Protocol == "icmpv6" {
		rule.From, rule.To = typeOr(r, "icmpType"), typeOr(r, "icmpCode")
	}
	var out []plan.ACLRule
	for _, key := range []string{"cidrBlock", "ipv6CidrBlock"} {
		if p := cidr(text(r, key)); p.IsValid() {
			rule.Prefix = p
			out = append(out, rule)
		}
	}
	return out
}

// typeOr is an ICMP type or code; -1, any, if none is given.
func typeOr(r value.Map, key string) int {
	if r[key] == nil {
		return -1
	}
	return number(r, key)
}

func (s *survey) groups() {
	all := map[string]*plan.SecurityGroup{}
	for _, o := range s.adopted("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup") {
		g := &plan.SecurityGroup{ID: o.ID, Name: s.short(o)}
		for _, r := range o.Objects("ingress") {
			g.Ingress = append(g.Ingress, s.inline(r, o)...)
		}
		for _, r := range o.Objects("egress") {
			g.Egress = append(g.Egress, s.inline(r, o)...)
		}
		if o.Implicit { // its members reach each other, and everybody (VPC user guide, "Default security groups")
			g.Ingress = append(g.Ingress, plan.Rule{Protocol: "-1", Group: o.ID})
			g.Egress = append(g.Egress, plan.Rule{Protocol: "-1", Prefixes: []netip.Prefix{cidr("0.0.0.0/0"), cidr("::/0")}})
		}
		all[o.ID] = g
	}
	for _, typ := range []string{"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"} {
		for _, r := range s.of[typ] {
			if g := all[r.Text("securityGroupId")]; g != nil {
				rule := plan.Rule{ID: r.ID, Name: s.short(r), Protocol: r.Text("ipProtocol"), From: number(r.Outputs, "fromPort"),
					To:    number(r.Outputs, "toPort"),
					Group: r.Text("referencedSecurityGroupId"), List: r.Text("prefixListId"), Prefixes: s.peers(r.Outputs, "cidrIpv4",
						"cidrIpv6")}
				put(g, rule, strings.Contains(typ, "Ingress"))
			}
		}
	}
	for _, r := range s.of["aws:ec2/securityGroupRule:SecurityGroupRule"] {
		if g := all[r.Text("securityGroupId")]; g != nil {
			for _, rule := range s.inline(r.Outputs, r) {
				put(g, rule, r.Text("type") == "ingress")
			}
		}
	}
	for _, g := range all {
		for _, list := range [][]plan.Rule{g.Ingress, g.Egress} {
			slices.SortFunc(list, func(a, b plan.Rule) int { return cmp.Compare(a.Name+a.ID, b.Name+b.ID) })
		}
		s.plan.Network.Groups = append(s.plan.Network.Groups, *g)
	}
	slices.SortFunc(s.plan.Network.Groups, func(a, b plan.SecurityGroup) int { return cmp.Compare(a.ID, b.ID) })
}

// peers are the prefixes that a rule names, directly or through a list.
func (s *survey) peers(r value.Map, keys ...string) (out []netip.Prefix) {
	for _, key := range keys {
		for _, t := range texts(r, key) {
			if p := cidr(t); p.IsValid() {
				out = append(out, p)
			}
		}
	}
	for _, id := range append(texts(r, "prefixListId"), texts(r, "prefixListIds")...) {
		out = append(out, s.list(id)...)
	}
	return out
}

// inline are the rules of a block within a group, each of which may name many peers.
func (s *survey) inline(r value.Map, of *world.Object) []plan.Rule {
	rule := plan.Rule{ID: of.ID, Name: s.short(of), Protocol: text(r, "protocol"), From: number(r, "fromPort"), To: number(r, "toPort")}
	var out []plan.Rule
	if p := s.peers(r, "cidrBlocks", "ipv6CidrBlocks"); len(p) > 0 {
		one := rule
		one.Prefixes = p
		out = append(out, one)
	}
	groups := append(texts(r, "securityGroups"), texts(r, "sourceSecurityGroupId")...)
	if flag(r, "self") {
		groups = append(groups, cmp.Or(of.Text("securityGroupId"), of.ID))
	}
	for _, id := range groups {
		one := rule
		one.Group = id[strings.LastIndexByte(id, '/')+1:]
		out = append(out, one)
	}
	return out
}

func put(g *plan.SecurityGroup, r plan.Rule, ingress bool) {
	if ingress {
		g.Ingress = append(g.Ingress, r)
	} else {
		g.Egress = append(g.Egress, r)
	}
}
