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
			Destination: cmp.Or(f.Text("logDestination"), f.Text("logGroupName")),
			Interval:    cmp.Or(int(f.Number("maxAggregationInterval")), 600)})
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

// adopted are the objects of a type, overlaid with what a resource that adopts the VPC's own says.
func (s *survey) adopted(typ, adopter string) (out []*world.Object) {
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

// routes are the routes that one of the program becomes: one for each prefix of its list.
func (s *survey) routes(r value.Map) []plan.Route {
	route := plan.Route{Via: plan.ViaNothing}
	gateway := text(r, "gatewayId")
	switch {
	case gateway == "local":
		return nil
	case strings.HasPrefix(gateway, "igw-") && s.find("aws:ec2/internetGateway:InternetGateway", "id", gateway) != nil:
		route.Via, route.Target = plan.ViaInternet, gateway
	case text(r, "egressOnlyGatewayId") != "" && s.find("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "id",
		text(r, "egressOnlyGatewayId")) != nil:
		route.Via, route.Target = plan.ViaEgressOnly, text(r, "egressOnlyGatewayId")
	case text(r, "natGatewayId") != "" && s.find("aws:ec2/natGateway:NatGateway", "id", text(r, "natGatewayId")) != nil:
		route.Via, route.Target = plan.ViaNAT, text(r, "natGatewayId")
	case text(r, "vpcEndpointId") != "":
		route.Via, route.Target = plan.ViaEndpoint, text(r, "vpcEndpointId")
	}
	for _, key := range []string{"networkInterfaceId", "transitGatewayId", "vpcPeeringConnectionId", "localGatewayId", "carrierGatewayId",
		"coreNetworkArn"} {
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
