package network_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/network"
)

func TestTrapsOfRoutes(t *testing.T) {
	check(t, []trap{
		{"the internet in quarters", func(s *site) {
			s.anyone(s.front)
			for _, quarter := range []string{"0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"} {
				s.route(s.publicTable, quarter, in{"gatewayId": s.gateway})
			}
		}, "internet", "front", "tcp 443", "tcp 443", ""},
		{"half of the internet, and a rule for the other half", func(s *site) {
			s.rule(s.front, false, in{"cidrIpv4": "200.0.0.0/8"})
			s.route(s.publicTable, "0.0.0.0/1", in{"gatewayId": s.gateway})
		}, "internet", "front", "nothing", "nothing", "no ingress rule of front"},
		{"a route by prefix list", func(s *site) {
			s.anyone(s.front)
			list := s.add("ec2/managedPrefixList:ManagedPrefixList", "list", in{"entries": []any{map[string]any{"cidr": "203.0.113.0/24"}}})
			s.Add("ec2/route:Route", "route", in{"routeTableId": s.publicTable, "destinationPrefixListId": list, "gatewayId": s.gateway})
		}, "internet", "front", "tcp 443", "tcp 443", ""},
		{"a route by a prefix list of somebody else", func(s *site) {
			s.anyone(s.front)
			s.Add("ec2/route:Route", "route", in{"routeTableId": s.publicTable, "destinationPrefixListId": "pl-elsewhere",
				"gatewayId": s.gateway})
		}, "internet", "front", "tcp 443", "nothing", ""},
		{"a main route table that nobody named", func(s *site) {
			s.Remove("ec2/routeTableAssociation:RouteTableAssociation", "public")
			main := s.add("ec2/defaultRouteTable:DefaultRouteTable", "main", in{"defaultRouteTableId": "rtb-main"})
			s.The("ec2/vpc:Vpc", "vpc").Answer("defaultRouteTableId", "rtb-main")
			s.route(main, "0.0.0.0/0", in{"gatewayId": s.gateway})
			s.anyone(s.front)
		}, "internet", "front", "tcp 443", "tcp 443", ""},
		{"the main route table by its id", func(s *site) {
			s.Remove("ec2/routeTableAssociation:RouteTableAssociation", "public")
			s.The("ec2/vpc:Vpc", "vpc").Answer("mainRouteTableId", "rtb-main")
			s.route("rtb-main", "0.0.0.0/0", in{"gatewayId": s.gateway})
			s.anyone(s.front)
		}, "internet", "front", "tcp 443", "tcp 443", ""},
		{"another table becomes the main one", func(s *site) {
			s.Remove("ec2/routeTableAssociation:RouteTableAssociation", "private")
			s.add("ec2/mainRouteTableAssociation:MainRouteTableAssociation", "main", in{"vpcId": s.vpc, "routeTableId": s.publicTable})
			s.online()
			s.anyone(s.back)
			s.The("ec2/instance:Instance", "back").Set("associatePublicIpAddress", true)
		}, "internet", "back", "tcp 443", "tcp 443", ""},
		{"a subnet of a second block", func(s *site) {
			s.add("ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation", "more", in{"vpcId": s.vpc, "cidrBlock": "100.64.0.0/16"})
			subnet := s.add("ec2/subnet:Subnet", "more", in{"vpcId": s.vpc, "cidrBlock": "100.64.0.0/24"})
			s.add("ec2/instance:Instance", "more", in{"subnetId": subnet, "vpcSecurityGroupIds": []any{s.front}})
			s.rule(s.front, true, in{"cidrIpv4": "10.0.0.0/8"})
			s.rule(s.back, false, in{"cidrIpv4": "100.64.0.0/10"})
		}, "more", "back", "tcp 443", "tcp 443", ""},
		{"back by NAT, to the public address of its neighbour", func(s *site) {
			s.online()
			s.nat(nil)
			s.rule(s.back, true, in{"cidrIpv4": "203.0.113.0/24"})
		}, "back", "internet", "tcp 443", "tcp 443", ""},
	})
}

func TestTrapsOfIPv6(t *testing.T) {
	dual := func(s *site) {
		s.The("ec2/subnet:Subnet", "private").Set("ipv6CidrBlock", "2a05:d018:1::/64").Set("assignIpv6AddressOnCreation", true)
		s.The("ec2/subnet:Subnet", "public").Set("ipv6CidrBlock", "2a05:d018:1:1::/64")
	}
	check(t, []trap{
		{"all of it to an internet gateway, and no public IPv4 address", func(s *site) {
			dual(s)
			s.rule(s.back, false, in{"cidrIpv6": "::/0"})
			s.route(s.privateTable, "::/0", in{"gatewayId": s.gateway})
		}, "internet", "back", "tcp 443", "nothing", ""},
		{"a half of it that is the internet", func(s *site) {
			dual(s)
			s.rule(s.back, false, in{"cidrIpv6": "2000::/3"})
			s.route(s.privateTable, "::/1", in{"gatewayId": s.gateway})
		}, "internet", "back", "tcp 443", "nothing", ""},
		{"the half of it that is not", func(s *site) {
			dual(s)
			s.rule(s.back, false, in{"cidrIpv6": "::/0"})
			s.route(s.privateTable, "8000::/1", in{"gatewayId": s.gateway})
		}, "internet", "back", "nothing", "nothing", ""},
		{"the network's own addresses are not the internet's", func(s *site) {
			dual(s)
			s.rule(s.back, false, in{"cidrIpv6": "2a05:d018:1:1::/64"})
			s.route(s.privateTable, "::/0", in{"gatewayId": s.gateway})
		}, "internet", "back", "nothing", "nothing", "no ingress rule"},
		{"an IPv4 rule opens nothing", func(s *site) {
			dual(s)
			s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0"})
			s.route(s.privateTable, "::/0", in{"gatewayId": s.gateway})
		}, "internet", "back", "nothing", "nothing", "no ingress rule"},
		{"an ACL for IPv4 stops nothing, one for IPv6 does", func(s *site) {
			dual(s)
			s.rule(s.back, false, in{"cidrIpv6": "::/0"})
			s.route(s.privateTable, "::/0", in{"gatewayId": s.gateway})
			acl := s.acl(s.private)
			s.entry(acl, 10, false, "deny", "0.0.0.0/0")
			s.entry(acl, 20, true, "allow", "::/0")
			s.entry(acl, 30, false, "allow", "2600::/12", 443, 443)
		}, "internet", "back", "tcp 443", "nothing", ""},
		{"a template that asks for an address", func(s *site) {
			s.The("ec2/subnet:Subnet", "private").Set("ipv6CidrBlock", "2a05:d018:1::/64")
			template := s.add("ec2/launchTemplate:LaunchTemplate", "six",
				in{"networkInterfaces": []any{map[string]any{"securityGroups": []any{s.back}, "ipv6AddressCount": 1}}})
			s.add("autoscaling/group:Group", "six",
				in{"vpcZoneIdentifiers": []any{s.private}, "launchTemplate": map[string]any{"id": template, "version": "$Latest"}})
			s.rule(s.back, false, in{"cidrIpv6": "::/0"})
			s.route(s.privateTable, "::/0", in{"gatewayId": s.gateway})
		}, "internet", "six", "tcp 443", "nothing", ""},
	})
}

func TestTrapsOfPeering(t *testing.T) {
	peer := func(s *site, to string) string {
		return s.add("ec2/vpcPeeringConnection:VpcPeeringConnection", "peering", in{"vpcId": s.vpc, "peerVpcId": to})
	}
	check(t, []trap{
		{"a peer that is all of another VPC, with names in DNS", func(s *site) {
			other, table := s.second("other", "10.9.0.0/16")
			p := peer(s, other)
			s.add("ec2/peeringConnectionOptions:PeeringConnectionOptions", "names",
				in{"vpcPeeringConnectionId": p, "accepter": map[string]any{"allowRemoteVpcDnsResolution": true}})
			s.route(s.privateTable, "10.9.0.0/16", in{"vpcPeeringConnectionId": p})
			s.route(table, "10.0.0.0/16", in{"vpcPeeringConnectionId": p})
			s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/8"})
		}, "in-other", "back", "tcp 443", "tcp 443", ""},
		{"by the accepter's name", func(s *site) {
			other, table := s.second("other", "10.9.0.0/16")
			p := peer(s, other)
			accepter := s.add("ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter", "accepter",
				in{"vpcPeeringConnectionId": p, "autoAccept": true})
			s.route(s.privateTable, "10.9.0.0/16", in{"vpcPeeringConnectionId": accepter})
			s.route(table, "10.0.0.0/16", in{"vpcPeeringConnectionId": accepter})
			s.rule(s.back, false, in{"cidrIpv4": "10.9.0.0/16"})
		}, "in-other", "back", "tcp 443", "tcp 443", ""},
		{"the group of a peer", func(s *site) {
			other, table := s.second("other", "10.9.0.0/16")
			p := peer(s, other)
			s.route(s.privateTable, "10.9.0.0/16", in{"vpcPeeringConnectionId": p})
			s.route(table, "10.0.0.0/16", in{"vpcPeeringConnectionId": p})
			s.rule(s.back, false, in{"referencedSecurityGroupId": s.The("ec2/securityGroup:SecurityGroup", "other").ID()})
		}, "in-other", "back", "tcp 443", "tcp 443", ""},
		{"a peer of a peer", func(s *site) {
			other, table := s.second("other", "10.9.0.0/16")
			third, thirdTable := s.second("third", "10.8.0.0/16")
			p := peer(s, other)
			q := s.add("ec2/vpcPeeringConnection:VpcPeeringConnection", "far", in{"vpcId": other, "peerVpcId": third})
			s.route(thirdTable, "10.0.0.0/8", in{"vpcPeeringConnectionId": q})
			s.route(table, "10.8.0.0/16", in{"vpcPeeringConnectionId": q})
			s.route(table, "10.0.0.0/16", in{"vpcPeeringConnectionId": p})
			s.route(s.privateTable, "10.0.0.0/8", in{"vpcPeeringConnectionId": p})
			s.rule(s.back, false, in{"cidrIpv4": "10.8.0.0/16"})
		}, "in-third", "back", "nothing", "nothing", "no routes connect"},
		{"an office that has the internet's addresses", func(s *site) {
			s.route(s.privateTable, "0.0.0.0/0", in{"vpcPeeringConnectionId": peer(s, "vpc-office")})
			s.rule(s.back, false, in{"cidrIpv4": "203.0.113.0/24"})
		}, "peer peering", "back", "tcp 443", "tcp 443", ""},
		{"a group of another account, by the peering", func(s *site) {
			s.route(s.privateTable, "10.9.0.0/16", in{"vpcPeeringConnectionId": peer(s, "vpc-office")})
			s.rule(s.back, false, in{"referencedSecurityGroupId": "222233334444/sg-0a1b2c3d"})
		}, "peer peering", "back", "tcp 443", "nothing", ""},
		{"a peer by the NAT gateway's own routes", func(s *site) {
			s.online()
			s.nat(nil)
			s.route(s.publicTable, "10.9.0.0/16", in{"vpcPeeringConnectionId": peer(s, "vpc-office")})
			s.rule(s.back, true, in{"cidrIpv4": "10.9.1.0/24"})
		}, "back", "peer peering", "tcp 443", "nothing", ""},
		{"replies from a peer that the NAT gateway's ACL stops", func(s *site) {
			s.online()
			s.nat(nil)
			s.route(s.publicTable, "10.9.0.0/16", in{"vpcPeeringConnectionId": peer(s, "vpc-office")})
			s.rule(s.back, true, in{"cidrIpv4": "10.9.1.0/24"})
			s.entry(s.acl(s.public), 10, false, "allow", "10.0.0.0/16")
		}, "back", "peer peering", "nothing", "nothing", ""},
		{"a peered VPC by a private NAT gateway", func(s *site) {
			other, table := s.second("other", "10.9.0.0/16")
			p := peer(s, other)
			s.nat(in{"connectivityType": "private"})
			s.route(s.publicTable, "10.9.0.0/16", in{"vpcPeeringConnectionId": p})
			s.route(table, "10.0.0.0/24", in{"vpcPeeringConnectionId": p})
			s.rule(s.back, true, in{"cidrIpv4": "10.9.0.0/16"})
		}, "back", "in-other", "tcp 443", "nothing", ""},
	})
}

func TestTrapsOfServices(t *testing.T) {
	endpoint := func(s *site, tables ...any) string {
		return s.add("ec2/vpcEndpoint:VpcEndpoint", "s3",
			in{"vpcId": s.vpc, "serviceName": "com.amazonaws.eu-west-1.s3", "routeTableIds": tables})
	}
	check(t, []trap{
		{"the list of a service, whose endpoint is routed to", func(s *site) {
			s.online()
			s.nat(nil)
			s.rule(s.back, true, in{"prefixListId": endpoint(s, s.privateTable)})
		}, "back", "internet", "nothing", "nothing", "no egress rule of back"},
		{"the list of a service, whose endpoint is not routed to", func(s *site) {
			s.online()
			s.nat(nil)
			s.rule(s.back, true, in{"prefixListId": endpoint(s)})
		}, "back", "internet", "tcp 443", "nothing", ""},
		{"the service by the NAT gateway's own routes", func(s *site) {
			s.online()
			s.nat(nil)
			s.rule(s.back, true, in{"prefixListId": endpoint(s, s.publicTable)})
		}, "back", "s3", "tcp 443", "nothing", ""},
		{"an endpoint whose group is open", func(s *site) {
			s.add("ec2/vpcEndpoint:VpcEndpoint", "logs", in{"vpcId": s.vpc, "vpcEndpointType": "Interface", "subnetIds": []any{s.private},
				"securityGroupIds": []any{s.front}})
			s.rule(s.front, false, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"})
			s.rule(s.back, true, in{"cidrIpv4": "10.0.0.0/16"})
		}, "back", "logs", "tcp 443", "tcp 443", ""},
		{"an endpoint opens no connection", func(s *site) {
			s.add("ec2/vpcEndpoint:VpcEndpoint", "logs",
				in{"vpcId": s.vpc, "vpcEndpointType": "Interface", "subnetConfigurations": []any{map[string]any{"subnetId": s.private}},
					"securityGroupIds": []any{s.front}})
			s.anyone(s.front)
			s.anyone(s.back)
		}, "logs", "back", "nothing", "nothing", "opens no connections"},
	})
}

// A packet to a public address of the stack leaves it and comes back.
func TestTheInternetLeadsBackIn(t *testing.T) {
	s := newSite(t)
	s.online()
	s.nat(nil)
	s.rule(s.back, true, in{"cidrIpv4": "203.0.113.0/24"})
	s.rule(s.front, false, in{"cidrIpv4": "198.51.100.0/24"})
	w := network.New(s.Graph())
	back, front := w.Find("back")[0], w.Find("front")[0]
	assert.Equal(t, "nothing", w.Edge(network.May, back, front).String(), "not by private addresses")
	paths, _ := w.Paths(network.May, back, front, 10)
	assert.Len(t, paths, 1)
	assert.True(t, w.Reachable(network.May, back)[front])
	assert.False(t, w.Reachable(network.Must, back)[front], "that it comes back is not sure")
	assert.Contains(t, w.FormatWays(back, front, 10), "internet -> front  tcp 443")
}

func TestWaysOfRoutesThatAreNotModelled(t *testing.T) {
	for _, way := range []string{
		"networkInterfaceId", "transitGatewayId", "vpcEndpointId", "localGatewayId", "carrierGatewayId", "coreNetworkArn",
	} {
		s := newSite(t)
		s.route(s.privateTable, "0.0.0.0/0", in{way: "x-1"})
		assert.Contains(t, strings.Join(s.problems(), "\n"), "what the route leads to is not modelled", way)
	}
	for what, build := range map[string]func(*site){
		"the gateway that the route leads to is not modelled": func(s *site) {
			s.route(s.privateTable, "10.8.0.0/16",
				in{"gatewayId": "vgw-1"})
		},
		"the NAT gateway that the route leads to": func(s *site) {
			s.route(s.privateTable, "0.0.0.0/0",
				in{"natGatewayId": "nat-elsewhere"})
		},
		"it takes routes from a VPN gateway": func(s *site) {
			s.The("ec2/routeTable:RouteTable", "private").Set("propagatingVgws", []any{"vgw-1"})
		},
		"a route table at a gateway": func(s *site) {
			s.add("ec2/routeTableAssociation:RouteTableAssociation", "edge", in{"gatewayId": s.gateway, "routeTableId": s.publicTable})
		},
		"its VPC is not of this stack": func(s *site) {
			s.add("ec2/subnet:Subnet", "theirs", in{"vpcId": "vpc-theirs", "cidrBlock": "10.7.0.0/24"})
		},
		"which peering the route leads to is not known": func(s *site) {
			one, _ := s.second("one", "10.9.0.0/16")
			two, _ := s.second("two", "10.8.0.0/16")
			a := s.Add("ec2/vpcPeeringConnection:VpcPeeringConnection", "a", in{"vpcId": s.vpc, "peerVpcId": one})
			b := s.Add("ec2/vpcPeeringConnection:VpcPeeringConnection", "b", in{"vpcId": s.vpc, "peerVpcId": two})
			s.Add("ec2/route:Route", "either", in{"routeTableId": s.privateTable, "destinationCidrBlock": "10.9.0.0/16",
				"vpcPeeringConnectionId": unknown}).
				DependsOn("vpcPeeringConnectionId", a, b)
		},
		"which route table the route is in": func(s *site) {
			s.Add("ec2/route:Route", "either", in{"routeTableId": unknown, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": s.gateway}).
				DependsOn("routeTableId", s.The("ec2/routeTable:RouteTable", "public"), s.The("ec2/routeTable:RouteTable", "private"))
		},
		"which route tables lead to the endpoint": func(s *site) {
			s.add("ec2/vpcEndpoint:VpcEndpoint", "s3", in{"vpcId": s.vpc, "routeTableIds": []any{"rtb-theirs"}})
		},
		"which prefix list the entry is in": func(s *site) {
			s.add("ec2/managedPrefixListEntry:ManagedPrefixListEntry", "entry", in{"prefixListId": unknown, "cidr": "0.0.0.0/0"})
		},
		"the routes of its table are not known": func(s *site) {
			s.Add("ec2/routeTable:RouteTable", "theirs", in{"vpcId": s.vpc}).External()
			s.The("ec2/routeTableAssociation:RouteTableAssociation", "private").
				Set("routeTableId", s.The("ec2/routeTable:RouteTable", "theirs").ID())
		},
	} {
		s := newSite(t)
		build(s)
		assert.Contains(t, strings.Join(s.problems(), "\n"), what)
	}
}
