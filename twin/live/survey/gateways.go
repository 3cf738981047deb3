package survey

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/world"
)

// The addresses of what is outside: from the blocks that RFC 5737 reserves for documentation.
var (
	visitor   = netip.MustParseAddr("198.51.100.10")
	publicDNS = netip.MustParseAddr("198.51.100.53")
	services  = netip.MustParseAddr("198.51.100.200")
	s3Address = netip.MustParseAddr("192.0.2.1") // in the twin's prefix list of S3
	visitor6  = netip.MustParseAddr("2001:db8:ffff::10")
)

func zoneLetter(zone string) string {
	if zone == "" {
		return ""
	}
	return "-" + zone[len(zone)-1:]
}

// at is the interface of something in a subnet. An IPv6 address follows from the IPv4 one, if the subnet has any.
func (s *survey) at(id, subnet, private string) plan.Interface {
	i := plan.Interface{ID: id, Subnet: subnet, Address: address(private)}
	if n := s.plan.Network.Subnet(subnet); n != nil && n.CIDR6.IsValid() && i.Address.Is4() {
		six, four := n.CIDR6.Addr().As16(), i.Address.As4()
		copy(six[12:], four[:])
		i.Address6 = netip.AddrFrom16(six)
	}
	return i
}

func (s *survey) gateways() {
	for _, o := range s.of["aws:ec2/natGateway:NatGateway"] {
		subnet := s.plan.Network.Subnet(o.Text("subnetId"))
		if subnet == nil {
			continue
		}
		i := s.at(cmp.Or(o.Text("networkInterfaceId"), o.ID), subnet.ID, o.Text("privateIp"))
		i.Address6 = netip.Addr{}
		i.Public = address(o.Text("publicIp"))
		s.add(plan.Node{Name: nodeName(s.short(o), subnet.Zone), Kind: plan.KindNAT, Plays: o.ID, Zone: subnet.Zone,
			Interfaces: []plan.Interface{i}})
	}
}

// nodeName is a name with its zone's letter, unless it already ends with that.
func nodeName(base, zone string) string {
	if l := zoneLetter(zone); !strings.HasSuffix(base, l) {
		return base + l
	}
	return base
}

func gatewayEndpoint(e *world.Object) bool {
	kind := e.Text("vpcEndpointType")
	return kind == "" || kind == "Gateway"
}

// outside is what the VPC does not hold: the internet with its visitors, AWS's services, and the resolver.
func (s *survey) outside() {
	six := slices.ContainsFunc(s.plan.Network.CIDRs, func(p netip.Prefix) bool { return p.Addr().Is6() })
	border := plan.Interface{ID: "border", At: plan.AtBorder, Address: visitor, Extra: []netip.Addr{publicDNS}}
	if six {
		border.Address6 = visitor6
	}
	s.add(plan.Node{Name: "internet", Kind: plan.KindInternet, Interfaces: []plan.Interface{border}})
	cloud := plan.Node{Name: "cloud", Kind: plan.KindCloud,
		Interfaces: []plan.Interface{{ID: "cloud", At: plan.AtOutside, Address: services, Extra: []netip.Addr{s3Address}}}}
	if slices.ContainsFunc(s.plan.Cloud.Endpoints, func(e plan.Endpoint) bool { return e.Gateway }) {
		cloud.Interfaces = append(cloud.Interfaces, plan.Interface{ID: "gateway-endpoints", At: plan.AtGateway, Address: s3Address})
	}
	for _, e := range s.of["aws:ec2/vpcEndpoint:VpcEndpoint"] {
		if gatewayEndpoint(e) {
			continue
		}
		held := e.Held()
		for _, subnet := range slices.Sorted(maps.Keys(held)) {
			i := s.at(e.ID+"-"+subnet, subnet, held[subnet])
			i.Address6, i.Endpoint, i.Groups, i.Guarded = netip.Addr{}, e.ID, e.Texts("securityGroupIds"), true
			cloud.Interfaces = append(cloud.Interfaces, i)
		}
	}
	s.add(cloud)
	if s.plan.Network.Resolver.IsValid() {
		s.add(plan.Node{Name: "resolver", Kind: plan.KindResolver,
			Interfaces: []plan.Interface{{ID: "resolver", Address: s.plan.Network.Resolver}}})
	}
	s.edges()
}

// edges are Cloudflare's, if a name is proxied: two, at addresses from the ranges that it publishes.
func (s *survey) edges() {
	proxied := slices.ContainsFunc(s.plan.Zones, func(z plan.Zone) bool {
		return slices.ContainsFunc(z.Records, func(r plan.Record) bool { return r.Proxied })
	})
	if !proxied {
		return
	}
	s.add(plan.Node{Name: "edge-1", Kind: plan.KindEdge, Plays: "cloudflare",
		Interfaces: []plan.Interface{{ID: "edge-1", At: plan.AtOutside, Address: netip.MustParseAddr("104.16.0.10")}}})
	s.add(plan.Node{Name: "edge-2", Kind: plan.KindEdge, Plays: "cloudflare",
		Interfaces: []plan.Interface{{ID: "edge-2", At: plan.AtOutside, Address: netip.MustParseAddr("104.16.0.11")}}})
}
