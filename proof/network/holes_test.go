package network_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/specimen"
)

type in = specimen.Inputs

// unknown is what a preview writes for a value that only a deployment can tell.
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// site is a small network by hand: a public subnet with an instance that has a public
// address, and a private one with an instance and a NAT gateway's route.
type site struct {
	*specimen.Stack
	vpc, gateway, public, private, publicTable, privateTable, front, back string
}

func newSite(t *testing.T) *site {
	s := &site{Stack: specimen.Empty(t)}
	add := func(kind, name string, inputs in) string { return s.Add(kind, name, inputs).ID() }
	s.vpc = add("ec2/vpc:Vpc", "vpc", in{"cidrBlock": "10.0.0.0/16"})
	s.gateway = add("ec2/internetGateway:InternetGateway", "gateway", in{"vpcId": s.vpc})
	s.public = add("ec2/subnet:Subnet", "public", in{"vpcId": s.vpc, "cidrBlock": "10.0.0.0/24"})
	s.private = add("ec2/subnet:Subnet", "private", in{"vpcId": s.vpc, "cidrBlock": "10.0.1.0/24"})
	s.publicTable = add("ec2/routeTable:RouteTable", "public", in{"vpcId": s.vpc})
	s.privateTable = add("ec2/routeTable:RouteTable", "private", in{"vpcId": s.vpc})
	add("ec2/routeTableAssociation:RouteTableAssociation", "public", in{"subnetId": s.public, "routeTableId": s.publicTable})
	add("ec2/routeTableAssociation:RouteTableAssociation", "private", in{"subnetId": s.private, "routeTableId": s.privateTable})
	s.front = add("ec2/securityGroup:SecurityGroup", "front", in{"vpcId": s.vpc})
	s.back = add("ec2/securityGroup:SecurityGroup", "back", in{"vpcId": s.vpc})
	add("ec2/instance:Instance", "front", in{"subnetId": s.public, "vpcSecurityGroupIds": []any{s.front}, "associatePublicIpAddress": true})
	add("ec2/instance:Instance", "back", in{"subnetId": s.private, "vpcSecurityGroupIds": []any{s.back}})
	return s
}

func (s *site) route(table, destination string, way in) {
	inputs := in{"routeTableId": table}
	for key, value := range way {
		inputs[key] = value
	}
	key := "destinationCidrBlock"
	if strings.Contains(destination, ":") {
		key = "destinationIpv6CidrBlock"
	}
	inputs[key] = destination
	s.Add("ec2/route:Route", fmt.Sprintf("route-%s-%d", destination, len(s.Every())), inputs)
}

func (s *site) rule(group string, egress bool, inputs in) {
	all := in{"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
	for key, value := range inputs {
		all[key] = value
	}
	kind := "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	if egress {
		kind = "vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	}
	s.Add(kind, fmt.Sprintf("rule-%d", len(s.Every())), all)
}

// gate is what gets through between two nodes, by name.
func (s *site) gate(m network.Mode, from, to string) string {
	w := network.New(s.Graph())
	return w.Gate(m, w.Find(from)[0], w.Find(to)[0]).String()
}

func (s *site) problems() []string {
	var all []string
	for _, p := range network.New(s.Graph()).Problems {
		all = append(all, p.What)
	}
	return all
}

func TestAPublicSubnetIsWhatItsRoutesAddUpTo(t *testing.T) {
	for name, c := range map[string]struct {
		routes []string
		may    string
	}{
		"none":             {nil, "nothing"},
		"all at once":      {[]string{"0.0.0.0/0"}, "tcp 443"},
		"in halves":        {[]string{"0.0.0.0/1", "128.0.0.0/1"}, "tcp 443"},
		"one half":         {[]string{"128.0.0.0/1"}, "tcp 443"},
		"private only":     {[]string{"192.168.0.0/16"}, "nothing"},
		"one other prefix": {[]string{"203.0.113.0/24"}, "tcp 443"},
	} {
		s := newSite(t)
		s.rule(s.front, false, in{"cidrIpv4": "0.0.0.0/0"})
		for _, destination := range c.routes {
			s.route(s.publicTable, destination, in{"gatewayId": s.gateway})
		}
		assert.Equal(t, c.may, s.gate(network.May, "internet", "front"), name)
	}
}

// A more specific route takes its addresses away from the internet gateway.
func TestTheLongestPrefixWins(t *testing.T) {
	s := newSite(t)
	s.rule(s.front, false, in{"cidrIpv4": "203.0.113.0/24"})
	s.route(s.publicTable, "0.0.0.0/0", in{"gatewayId": s.gateway})
	assert.Equal(t, "tcp 443", s.gate(network.May, "internet", "front"))
	peering := s.Add("ec2/vpcPeeringConnection:VpcPeeringConnection", "office", in{"vpcId": s.vpc, "peerVpcId": "vpc-9"}).ID()
	s.route(s.publicTable, "203.0.113.0/24", in{"vpcPeeringConnectionId": peering})
	assert.Equal(t, "nothing", s.gate(network.May, "internet", "front"))
	assert.Equal(t, "tcp 443", s.gate(network.May, "peer office", "front"))
}

func TestIPv6IsAWayOfItsOwn(t *testing.T) {
	s := newSite(t)
	s.rule(s.back, false, in{"cidrIpv6": "::/0"})
	s.The("ec2/subnet:Subnet", "private").Set("ipv6CidrBlock", "2a05:d018:1::/64").Set("assignIpv6AddressOnCreation", true)
	s.route(s.privateTable, "::/0",
		in{"egressOnlyGatewayId": s.Add("ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "out", in{"vpcId": s.vpc}).ID()})
	assert.Equal(t, "nothing", s.gate(network.May, "internet", "back"), "egress-only")
	s.rule(s.back, true, in{"cidrIpv6": "::/0"})
	assert.Equal(t, "tcp 443", s.gate(network.May, "back", "internet"))
	s.route(s.privateTable, "2000::/3", in{"gatewayId": s.gateway})
	assert.Equal(t, "tcp 443", s.gate(network.May, "internet", "back"))
}

func TestPrefixLists(t *testing.T) {
	s := newSite(t)
	s.route(s.publicTable, "0.0.0.0/0", in{"gatewayId": s.gateway})
	list := s.Add("ec2/managedPrefixList:ManagedPrefixList", "list", in{"entries": []any{map[string]any{"cidr": "10.0.1.0/24"}}}).ID()
	s.rule(s.front, false, in{"prefixListId": list})
	assert.Equal(t, "nothing", s.gate(network.May, "internet", "front"), "its entries are known")
	s.Add("ec2/managedPrefixListEntry:ManagedPrefixListEntry", "entry", in{"prefixListId": list, "cidr": "198.51.100.7/32"})
	assert.Equal(t, "tcp 443", s.gate(network.May, "internet", "front"), "one entry more")
	s = newSite(t)
	s.route(s.publicTable, "0.0.0.0/0", in{"gatewayId": s.gateway})
	s.rule(s.front, false, in{"prefixListId": "pl-cannot-be-resolved"})
	assert.Equal(t, "tcp 443", s.gate(network.May, "internet", "front"))
	assert.Equal(t, "nothing", s.gate(network.Must, "internet", "front"))
}

func TestPeeringNeedsRoutesOnBothSides(t *testing.T) {
	s := newSite(t)
	other := s.Add("ec2/vpc:Vpc", "other", in{"cidrBlock": "10.9.0.0/16"}).ID()
	subnet := s.Add("ec2/subnet:Subnet", "other", in{"vpcId": other, "cidrBlock": "10.9.0.0/24"}).ID()
	table := s.Add("ec2/routeTable:RouteTable", "other", in{"vpcId": other}).ID()
	s.Add("ec2/routeTableAssociation:RouteTableAssociation", "other", in{"subnetId": subnet, "routeTableId": table})
	group := s.Add("ec2/securityGroup:SecurityGroup", "other", in{"vpcId": other}).ID()
	s.Add("ec2/instance:Instance", "stranger", in{"subnetId": subnet, "vpcSecurityGroupIds": []any{group}})
	s.rule(group, true, in{"cidrIpv4": "10.0.0.0/8"})
	s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/8"})
	peering := s.Add("ec2/vpcPeeringConnection:VpcPeeringConnection", "peering", in{"vpcId": s.vpc, "peerVpcId": other}).ID()
	assert.Equal(t, "nothing", s.gate(network.May, "stranger", "back"))
	s.route(table, "10.0.0.0/16", in{"vpcPeeringConnectionId": peering})
	assert.Equal(t, "nothing", s.gate(network.May, "stranger", "back"), "no way back")
	s.route(s.privateTable, "10.9.0.0/16", in{"vpcPeeringConnectionId": peering})
	assert.Equal(t, "tcp 443", s.gate(network.May, "stranger", "back"))
	assert.Empty(t, s.problems())
}

func TestTheWayOutByNAT(t *testing.T) {
	s := newSite(t)
	s.rule(s.back, true, in{"cidrIpv4": "0.0.0.0/0"})
	nat := s.Add("ec2/natGateway:NatGateway", "nat", in{"subnetId": s.public, "allocationId": "eip-1"}).ID()
	s.route(s.privateTable, "0.0.0.0/0", in{"natGatewayId": nat})
	assert.Equal(t, "nothing", s.gate(network.May, "back", "internet"), "the NAT's subnet leads nowhere")
	s.route(s.publicTable, "0.0.0.0/0", in{"gatewayId": s.gateway})
	assert.Equal(t, "tcp 443", s.gate(network.Must, "back", "internet"))
	acl := s.Add("ec2/networkAcl:NetworkAcl", "public", in{"vpcId": s.vpc, "subnetIds": []any{s.public}}).ID()
	allow := func(number int, egress bool, from, to int, prefix string) {
		s.Add("ec2/networkAclRule:NetworkAclRule", fmt.Sprintf("acl-%d", number),
			in{"networkAclId": acl, "egress": egress, "ruleNumber": number, "ruleAction": "allow", "protocol": "tcp", "fromPort": from,
				"toPort": to, "cidrBlock": prefix})
	}
	assert.Equal(t, "nothing", s.gate(network.May, "back", "internet"))
	allow(1, false, 443, 443, "10.0.1.0/24")
	allow(2, true, 443, 443, "0.0.0.0/0")
	allow(3, true, 1024, 65535, "10.0.1.0/24")
	assert.Equal(t, "nothing", s.gate(network.May, "back", "internet"), "the NAT gets no reply")
	allow(4, false, 1024, 65535, "0.0.0.0/0")
	assert.Equal(t, "tcp 443", s.gate(network.Must, "back", "internet"))
	assert.Equal(t, "nothing", s.gate(network.May, "internet", "back"))
}

// The group that AWS gives to whatever names none lets its members through.
func TestTheDefaultGroup(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"one", "two"} {
		s.Add("ec2/instance:Instance", name, in{"subnetId": s.private})
	}
	assert.Equal(t, "anything", s.gate(network.May, "one", "two"))
	s.Add("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", in{"vpcId": s.vpc})
	assert.Equal(t, "nothing", s.gate(network.May, "one", "two"), "adopted and emptied")
}

func TestGroupsThatAreNotOfTheStackMayBeAnything(t *testing.T) {
	s := newSite(t)
	s.rule(s.front, true, in{"cidrIpv4": "0.0.0.0/0"})
	s.The("ec2/instance:Instance", "back").Set("vpcSecurityGroupIds", []any{"sg-elsewhere"})
	assert.Equal(t, "tcp 443", s.gate(network.May, "front", "back"))
	assert.Equal(t, "nothing", s.gate(network.Must, "front", "back"))
	s.The("ec2/instance:Instance", "back").Set("vpcSecurityGroupIds", []any{s.back})
	s.rule(s.back, false, in{"referencedSecurityGroupId": "sg-elsewhere"})
	assert.Equal(t, "tcp 443", s.gate(network.May, "front", "back"))
	assert.Equal(t, "nothing", s.gate(network.Must, "front", "back"))
}

// A load balancer leads on only by a listener that was entered.
func TestListenersLeadToTheirOwnTargets(t *testing.T) {
	s := newSite(t)
	s.route(s.publicTable, "0.0.0.0/0", in{"gatewayId": s.gateway})
	edge := s.Add("ec2/securityGroup:SecurityGroup", "edge", in{"vpcId": s.vpc}).ID()
	balancer := s.Add("lb/loadBalancer:LoadBalancer", "edge",
		in{"subnets": []any{s.public}, "securityGroups": []any{edge}, "loadBalancerType": "application"}).ID()
	s.rule(edge, false, in{"cidrIpv4": "0.0.0.0/0"})
	s.rule(edge, true, in{"cidrIpv4": "10.0.0.0/16", "fromPort": 0, "toPort": 65535})
	s.rule(s.back, false, in{"referencedSecurityGroupId": edge, "fromPort": 0, "toPort": 65535})
	target := s.Add("lb/targetGroup:TargetGroup", "back",
		in{"port": 8080, "protocol": "HTTP", "vpcId": s.vpc, "healthCheck": map[string]any{"enabled": true, "port": "8081"}}).ID()
	s.Add("lb/targetGroupAttachment:TargetGroupAttachment", "back",
		in{"targetGroupArn": target, "targetId": s.The("ec2/instance:Instance", "back").ID()})
	forward := []any{map[string]any{"type": "forward", "targetGroupArn": target}}
	other := s.Add("lb/listener:Listener", "other",
		in{"loadBalancerArn": balancer, "port": 8443, "protocol": "HTTPS", "defaultActions": forward})
	main := s.Add("lb/listener:Listener", "main",
		in{"loadBalancerArn": balancer, "port": 443, "protocol": "HTTPS", "defaultActions": []any{map[string]any{"type": "redirect"}}})

	ways := func() (bool, *network.Model) {
		w := network.New(s.Graph())
		require.Empty(t, w.Problems)
		back := w.Find("back")[0]
		paths, _ := w.Paths(network.May, w.Internet, back, 10)
		reached := w.Reachable(network.May, w.Internet)[back]
		assert.Equal(t, reached, len(paths) > 0)
		assert.Equal(t, reached, w.Shortest(network.May, w.Internet, back) != nil)
		return reached, w
	}
	reached, w := ways()
	assert.False(t, reached, "the listener that forwards is not let in to, and a redirect leads nowhere")
	assert.Equal(t, "tcp 8080-8081", w.Edge(network.May, w.Find("edge")[0], w.Find("back")[0]).String(), "target and health check port")
	assert.Contains(t, w.FormatWays(w.Internet, w.Find("back")[0], 10), "edge: the listeners that lead there are not entered")

	other.Set("defaultActions", []any{map[string]any{"type": "fixed-response"}})
	s.Add("lb/listenerRule:ListenerRule", "hidden", in{"listenerArn": main.ID(), "priority": 9, "actions": []any{
		map[string]any{"type": "authenticate-oidc"},
		map[string]any{"type": "forward", "forward": map[string]any{"targetGroups": []any{map[string]any{"arn": target}}}},
	}})
	reached, w = ways()
	assert.True(t, reached, "a rule that forwards after signing in")
	assert.Contains(t, w.FormatWays(w.Internet, w.Find("back")[0], 10),
		"listener main forwards by listener rule hidden to target group back")
}

func TestRefusedForms(t *testing.T) {
	for what, change := range map[string]func(*site){
		"its egress are written inline": func(s *site) {
			s.The("ec2/securityGroup:SecurityGroup", "front").
				Set("egress", []any{map[string]any{"protocol": "-1", "securityGroups": []any{unknown}}})
		},
		"its routes are written inline": func(s *site) {
			s.The("ec2/routeTable:RouteTable", "public").
				Set("routes", []any{map[string]any{"cidrBlock": "0.0.0.0/0", "gatewayId": unknown}})
		},
		"is a networking type that is not modelled": func(s *site) { s.Add("elb/loadBalancer:LoadBalancer", "classic", in{}) },
		"is attached to": func(s *site) { s.Add("efs/mountTarget:MountTarget", "files", in{"subnetId": s.private}) },
		"what the route leads to is not modelled": func(s *site) { s.route(s.publicTable, "10.8.0.0/16", in{"transitGatewayId": "tgw-1"}) },
		"is inside the VPC": func(s *site) {
			s.route(s.publicTable, "10.0.1.0/24", in{"gatewayId": s.gateway})
		},
		"names subnet-9, which is no subnet of this stack": func(s *site) {
			s.Add("lb/loadBalancer:LoadBalancer", "edge", in{"subnets": []any{"subnet-9"}})
		},
		"which subnets it is in is not known": func(s *site) { s.Add("rds/instance:Instance", "db", in{"engine": "mysql"}) },
		"a load balancer of type gateway": func(s *site) {
			s.Add("lb/loadBalancer:LoadBalancer", "gateway", in{"subnets": []any{s.public}, "loadBalancerType": "gateway"})
		},
		"which group the rule is of is not known": func(s *site) {
			s.Add("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "lost", in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"})
		},
	} {
		s := newSite(t)
		assert.Empty(t, s.problems())
		change(s)
		assert.Contains(t, strings.Join(s.problems(), "\n"), what)
	}
}

// The table follows a request; the picture has the same lines.
func TestTheTableReadsAsARequestGoes(t *testing.T) {
	w := network.New(specimen.Read(t, "../../graph/testdata/prod.json").Graph())
	var order []string
	for _, r := range w.Matrix() {
		if len(order) == 0 || order[len(order)-1] != r.From.Name {
			order = append(order, r.From.Name)
		}
	}
	assert.Equal(t, []string{"internet", "prod-edge", "prod-web", "prod-internal", "prod-app"}, order)
	picture := network.Mermaid(w.Matrix())
	for _, line := range []string{`n0(("internet"))`, `n1{{"prod-edge"}}`, `[("prod-database")]`, `n0 -->|"tcp 443"| n1`} {
		assert.Contains(t, picture, line)
	}
	text := w.FormatWays(w.Internet, w.Find("database")[0], 10)
	assert.Contains(t, text, "by 1 path\n\n  internet -> prod-edge (tcp 443) -> prod-web (tcp 8443) -> prod-internal (tcp 443) -> "+
		"prod-app (tcp 9443) -> prod-database (tcp 5433)\n")
}

// VPCs that are not peered have nothing to say to each other: ten times as many have ten times as many pairs that are
// looked at, not a hundred times, and take ten times the memory. What they take of time is for `make bench`.
func TestTheWorkIsLinear(t *testing.T) {
	type work struct{ pairs, rows, allocations float64 }
	sites := func(n int) (done work) {
		s := specimen.Empty(t)
		for i := range n {
			build := func(kind, name string, inputs in) string {
				return s.Add(kind, fmt.Sprintf("%s-%d", name, i), inputs).ID()
			}
			vpc := build("ec2/vpc:Vpc", "vpc", in{"cidrBlock": fmt.Sprintf("10.%d.0.0/16", i)})
			subnet := build("ec2/subnet:Subnet", "subnet", in{"vpcId": vpc, "cidrBlock": fmt.Sprintf("10.%d.0.0/24", i)})
			for j := range 8 {
				group := build("ec2/securityGroup:SecurityGroup", fmt.Sprintf("group-%d", j), in{"vpcId": vpc})
				build("ec2/instance:Instance", fmt.Sprintf("instance-%d", j), in{"subnetId": subnet, "vpcSecurityGroupIds": []any{group}})
				for _, kind := range []string{"Ingress", "Egress"} {
					build("vpc/securityGroup"+kind+"Rule:SecurityGroup"+kind+"Rule", fmt.Sprintf("rule-%d", j),
						in{"securityGroupId": group, "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8"})
				}
			}
		}
		g := s.Graph()
		done.allocations = testing.AllocsPerRun(1, func() {
			w := network.New(g)
			done.rows, done.pairs = float64(len(w.Matrix())), 0
			for _, n := range w.Nodes {
				done.pairs += float64(len(w.Near(n)))
			}
		})
		return done
	}
	few, many := sites(5), sites(50)
	assert.EqualValues(t, 5*56, few.rows, "each of 8 reaches the 7 others")
	assert.EqualValues(t, 50*56, many.rows)
	assert.Less(t, many.pairs, 11*few.pairs)
	assert.Less(t, many.allocations, 12*few.allocations)
}

func TestWithoutAPublicAddressNobodyComesIn(t *testing.T) {
	s := newSite(t)
	s.rule(s.front, false, in{"cidrIpv4": "0.0.0.0/0"})
	s.route(s.publicTable, "0.0.0.0/0", in{"gatewayId": s.gateway})
	instance := s.The("ec2/instance:Instance", "front").Set("associatePublicIpAddress", nil)
	assert.Equal(t, "nothing", s.gate(network.May, "internet", "front"))
	s.The("ec2/subnet:Subnet", "public").Set("mapPublicIpOnLaunch", true)
	assert.Equal(t, "tcp 443", s.gate(network.May, "internet", "front"), "its subnet hands one out")
	instance.Set("associatePublicIpAddress", false)
	assert.Equal(t, "nothing", s.gate(network.May, "internet", "front"), "it wants none")
	s.Add("ec2/eip:Eip", "address", in{"instance": instance.ID()})
	assert.Equal(t, "tcp 443", s.gate(network.May, "internet", "front"), "an elastic one")
}

// However wide a route is, the VPC's own addresses are never a peer's.
func TestAPeerDoesNotHaveTheAddressesOfTheVPC(t *testing.T) {
	s := newSite(t)
	s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/16"})
	peering := s.Add("ec2/vpcPeeringConnection:VpcPeeringConnection", "office", in{"vpcId": s.vpc, "peerVpcId": "vpc-9"}).ID()
	s.route(s.privateTable, "10.0.0.0/8", in{"vpcPeeringConnectionId": peering})
	assert.Equal(t, "nothing", s.gate(network.May, "peer office", "back"))
	s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/15"})
	assert.Equal(t, "tcp 443", s.gate(network.May, "peer office", "back"))
}

// What is in two subnets is reached for sure only if it is in both.
func TestEverySubnetMustBeReached(t *testing.T) {
	s := newSite(t)
	s.route(s.publicTable, "0.0.0.0/0", in{"gatewayId": s.gateway})
	group := s.Add("ec2/securityGroup:SecurityGroup", "edge", in{"vpcId": s.vpc}).ID()
	s.rule(group, false, in{"cidrIpv4": "0.0.0.0/0"})
	s.Add("lb/loadBalancer:LoadBalancer", "edge", in{"subnets": []any{s.public, s.private}, "securityGroups": []any{group}})
	assert.Equal(t, "tcp 443", s.gate(network.May, "internet", "edge"))
	assert.Equal(t, "nothing", s.gate(network.Must, "internet", "edge"))
	s.route(s.privateTable, "0.0.0.0/0", in{"gatewayId": s.gateway})
	assert.Equal(t, "tcp 443", s.gate(network.Must, "internet", "edge"))
}

func TestSetsOfPrefixes(t *testing.T) {
	of := func(texts ...string) network.Addrs {
		var all []netip.Prefix
		for _, text := range texts {
			all = append(all, netip.MustParsePrefix(text))
		}
		return network.AddrsOf(all...)
	}
	assert.Equal(t, of("10.0.0.0/8"), of("10.0.0.0/8", "10.1.0.0/16"), "one in the other")
	assert.Equal(t, of("0.0.0.0/0"), of("128.0.0.0/1", "0.0.0.0/1"), "side by side")
	assert.Equal(t, of("::/0", "0.0.0.0/0"), of("0.0.0.0/0", "::/1", "8000::/1"), "families stay apart")
	assert.Equal(t, of("10.0.0.0/9"), of("10.0.0.0/8").Minus(of("10.128.0.0/9")))
	assert.Empty(t, of("10.0.0.0/8").Minus(of("0.0.0.0/0")))
	assert.Equal(t, "10.0.0.0/9, 10.129.0.0/16", network.FormatAddrs(of("10.0.0.0/9", "10.129.0.0/16")))
	assert.Equal(t, []netip.Prefix{netip.MustParsePrefix("255.255.255.255/32")}, network.Prefixes(of("255.255.255.255/32")))
}
