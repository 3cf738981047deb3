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

func address(t string) netip.Addr { a, _ := netip.ParseAddr(t); return a }

func cidr(t string) netip.Prefix {
	p, err := netip.ParsePrefix(t)
	if err != nil {
		return netip.Prefix{}
	}
	return p.Masked()
}

func (s *survey) network(vpc *world.Object) {
	n := &s.plan.Network
	n.ID = vpc.ID
	for _, t := range []string{vpc.Text("cidrBlock"), vpc.Text("ipv6CidrBlock")} {
		if p := cidr(t); p.IsValid() {
			n.CIDRs = append(n.CIDRs, p)
		}
	}
	for _, more := range s.of["aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"] {
		if p := cidr(more.Text("cidrBlock")); p.IsValid() {
			n.CIDRs = append(n.CIDRs, p)
		}
	}
	if len(n.CIDRs) > 0 {
		n.Resolver = n.CIDRs[0].Addr().Next().Next() // VPC+2
	}
	s.tables(vpc)
	s.subnets(vpc)
	s.acls()
	s.groups()
	for _, f := range s.of["aws:ec2/flowLog:FlowLog"] {
		n.FlowLogs = append(n.FlowLogs, plan.FlowLog{ID: f.ID, Traffic: cmp.Or(f.Text("trafficType"), "ALL"),
			Destination: cmp.Or(f.Text("logDestination"), f.Text("logGroupName")), Interval: cmp.Or(int(f.Number("maxAggregationInterval")), 600)})
	}
}

func (s *survey) subnets(vpc *world.Object) {
	main, acl := vpc.Text("mainRouteTableId"), vpc.Text("defaultNetworkAclId")
	main = cmp.Or(main, vpc.Text("defaultRouteTableId"))
	tables, acls := map[string]string{}, map[string]string{}
	for _, a := range s.of["aws:ec2/routeTableAssociation:RouteTableAssociation"] {
		tables[a.Text("subnetId")] = a.Text("routeTableId")
	}
	for _, a := range s.of["aws:ec2/networkAcl:NetworkAcl"] {
		for _, id := range a.Texts("subnetIds") {
			acls[id] = a.ID
		}
	}
	for _, a := range s.of["aws:ec2/networkAclAssociation:NetworkAclAssociation"] {
		acls[a.Text("subnetId")] = a.Text("networkAclId")
	}
	for _, o := range s.of["aws:ec2/subnet:Subnet"] {
		s.plan.Network.Subnets = append(s.plan.Network.Subnets, plan.Subnet{ID: o.ID, Name: s.short(o), Zone: o.Text("availabilityZone"),
			CIDR: cidr(o.Text("cidrBlock")), CIDR6: cidr(o.Text("ipv6CidrBlock")),
			RouteTable: cmp.Or(tables[o.ID], main), ACL: cmp.Or(acls[o.ID], acl)})
	}
}

func (s *survey) subnet(id string) *plan.Subnet {
	for k := range s.plan.Network.Subnets {
		if s.plan.Network.Subnets[k].ID == id {
			return &s.plan.Network.Subnets[k]
		}
	}
	return nil
}

// adopted are the objects of a type, with what a resource that adopts the VPC's own says instead.
func (s *survey) adopted(typ, adopter string) []*world.Object {
	var out []*world.Object
	for _, o := range s.of[typ] {
		if by := s.find(adopter, "id", o.ID); by != nil {
			o = by
		}
		out = append(out, o)
	}
	return out
}

func (s *survey) tables(vpc *world.Object) {
	routes := map[string][]plan.Route{}
	for _, r := range s.of["aws:ec2/route:Route"] {
		t := r.Text("routeTableId")
		routes[t] = append(routes[t], s.routes(r.Outputs)...)
	}
	for _, e := range s.of["aws:ec2/vpcEndpoint:VpcEndpoint"] {
		if gatewayEndpoint(e) {
			for _, t := range e.Texts("routeTableIds") {
				for _, c := range e.Texts("cidrBlocks") {
					routes[t] = append(routes[t], plan.Route{To: cidr(c), Via: plan.ViaEndpoint, Target: e.ID})
				}
			}
		}
	}
	for _, o := range s.adopted("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable") {
		for _, r := range o.Objects("routes") {
			routes[o.ID] = append(routes[o.ID], s.routes(r)...)
		}
		table := plan.RouteTable{ID: o.ID, Name: s.short(o), Routes: routes[o.ID]}
		slices.SortFunc(table.Routes, func(a, b plan.Route) int { return cmp.Compare(a.To.String(), b.To.String()) })
		s.plan.Network.RouteTables = append(s.plan.Network.RouteTables, table)
	}
}

// routes are the routes that one of the program is: one for each prefix of its list.
func (s *survey) routes(r value.Map) []plan.Route {
	route := plan.Route{Via: plan.ViaNothing}
	gateway := text(r, "gatewayId")
	switch {
	case gateway == "local":
		return nil
	case strings.HasPrefix(gateway, "igw-") && s.find("aws:ec2/internetGateway:InternetGateway", "id", gateway) != nil:
		route.Via, route.Target = plan.ViaInternet, gateway
	case text(r, "egressOnlyGatewayId") != "" && s.find("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "id", text(r, "egressOnlyGatewayId")) != nil:
		route.Via, route.Target = plan.ViaEgressOnly, text(r, "egressOnlyGatewayId")
	case text(r, "natGatewayId") != "" && s.find("aws:ec2/natGateway:NatGateway", "id", text(r, "natGatewayId")) != nil:
		route.Via, route.Target = plan.ViaNAT, text(r, "natGatewayId")
	case text(r, "vpcEndpointId") != "":
		route.Via, route.Target = plan.ViaEndpoint, text(r, "vpcEndpointId")
	}
	for _, key := range []string{"networkInterfaceId", "transitGatewayId", "vpcPeeringConnectionId", "localGatewayId", "carrierGatewayId", "coreNetworkArn"} {
		if text(r, key) != "" {
			s.unplayed("routes by %s: what they lead to is not reached", key)
		}
	}
	var out []plan.Route
	for _, to := range s.destinations(r) {
		route.To = to
		out = append(out, route)
	}
	return out
}

func (s *survey) destinations(r value.Map) []netip.Prefix {
	for _, key := range []string{"destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock"} {
		if p := cidr(text(r, key)); p.IsValid() {
			return []netip.Prefix{p}
		}
	}
	return s.list(cmp.Or(text(r, "destinationPrefixListId"), text(r, "prefixListId")))
}

// list are the prefixes of a prefix list, the program's own or AWS's.
func (s *survey) list(id string) []netip.Prefix {
	var out []netip.Prefix
	if l := s.find("aws:ec2/managedPrefixList:ManagedPrefixList", "id", id); l != nil {
		for _, e := range l.Objects("entries") {
			out = append(out, cidr(text(e, "cidr")))
		}
		for _, e := range s.of["aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"] {
			if e.Text("prefixListId") == id {
				out = append(out, cidr(e.Text("cidr")))
			}
		}
	}
	for _, e := range s.of["aws:ec2/vpcEndpoint:VpcEndpoint"] {
		if e.Text("prefixListId") == id && id != "" && out == nil {
			for _, c := range e.Texts("cidrBlocks") {
				out = append(out, cidr(c))
			}
		}
	}
	return slices.DeleteFunc(out, func(p netip.Prefix) bool { return !p.IsValid() })
}

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
	rule := plan.ACLRule{Number: n, Allow: strings.EqualFold(action, "allow"), Protocol: cmp.Or(text(r, "protocol"), "-1"), From: number(r, "fromPort"), To: number(r, "toPort")}
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

// typeOr is a type or code of ICMP; -1, any, where none is given.
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
		all[o.ID] = g
	}
	for _, typ := range []string{"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"} {
		for _, r := range s.of[typ] {
			if g := all[r.Text("securityGroupId")]; g != nil {
				rule := plan.Rule{ID: r.ID, Name: s.short(r), Protocol: r.Text("ipProtocol"), From: number(r.Outputs, "fromPort"), To: number(r.Outputs, "toPort"),
					Group: r.Text("referencedSecurityGroupId"), List: r.Text("prefixListId"), Prefixes: s.peers(r.Outputs, "cidrIpv4", "cidrIpv6")}
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

// peers are the prefixes that a rule names, itself or by a list.
func (s *survey) peers(r value.Map, keys ...string) []netip.Prefix {
	var out []netip.Prefix
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

// inline are the rules of a block within a group, which may name many peers at once.
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
