package network_test

import (
	"fmt"
	"math/rand"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// Every prefix of a generated stack is one of these, and every region into which they
// divide the addresses has one that is tried.
var (
	anywhere4 = []string{"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "200.0.0.0/8", "10.0.0.0/8", "10.1.0.0/24", "10.0.0.0/31", "10.0.0.2/31",
		"10.0.0.4/32", "10.1.0.1/32", "10.9.0.0/30"}
	anywhere6 = []string{"::/0", "2600::/12", "2a05:d018::/127", "2a05:d018::2/127"}
	tried     = func() []netip.Addr {
		var all []netip.Addr
		for _, text := range []string{
			"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.1.0.0", "10.1.0.1", "10.9.0.1", "10.200.0.1",
			"5.5.5.5", "150.0.0.1", "200.1.1.1", "2a05:d018::", "2a05:d018::1", "2a05:d018::2", "2a05:d018::3", "2600::1", "2a00::1",
		} {
			all = append(all, netip.MustParseAddr(text))
		}
		return all
	}()
	bounds = []int{0, 443, 1024, 65535}
	knocks = []int{0, 1, 442, 443, 444, 1023, 1024, 1025, 65534, 65535}
)

// generated is a random stack: two peered VPCs, an office behind a peering, three subnets
// with tables, ACLs and groups, instances, a NAT gateway and two load balancers.
type generated struct {
	*specimen.Stack
	mild   bool // most groups and routes let packets through, so that ACLs and NAT decide
	r      *rand.Rand
	nodes  []string
	groups []any
}

func (s *generated) add(kind, name string, inputs in) string { return s.Add(kind, name, inputs).ID() }

func (s *generated) one(of []string) string { return of[s.r.Intn(len(of))] }

func (s *generated) likely(percent int) bool { return s.r.Intn(100) < percent }

// span is a random range of ports as inputs, or all of them.
func (s *generated) span(inputs in, protocol string) in {
	if inputs[protocol] = "-1"; s.likely(60) {
		a, b := bounds[s.r.Intn(len(bounds))], bounds[s.r.Intn(len(bounds))]
		inputs[protocol], inputs["fromPort"], inputs["toPort"] = "tcp", min(a, b), max(a, b)
	}
	return inputs
}

func generate(t *testing.T, seed int64) *generated {
	s := &generated{Stack: specimen.Empty(t), r: rand.New(rand.NewSource(seed)), mild: seed%2 == 1}
	a := s.add("ec2/vpc:Vpc", "a", in{"cidrBlock": "10.0.0.0/24"})
	b := s.add("ec2/vpc:Vpc", "b", in{"cidrBlock": "10.1.0.0/24"})
	igw := s.add("ec2/internetGateway:InternetGateway", "igw", in{"vpcId": a})
	only := s.add("ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "only", in{"vpcId": a})
	peering := s.add("ec2/vpcPeeringConnection:VpcPeeringConnection", "peering", in{"vpcId": a, "peerVpcId": b})
	far := s.add("ec2/vpcPeeringConnection:VpcPeeringConnection", "office", in{"vpcId": a, "peerVpcId": "vpc-office"})
	var subnets []string
	for i, block := range []string{"10.0.0.0/31", "10.0.0.2/31", "10.0.0.4/31"} {
		subnets = append(subnets, s.add("ec2/subnet:Subnet", fmt.Sprint("subnet-", i), in{"vpcId": a, "cidrBlock": block}))
		if i < 2 {
			s.All("ec2/subnet:Subnet")[i].Set("ipv6CidrBlock", []string{"2a05:d018::/127", "2a05:d018::2/127"}[i])
		}
	}
	subnets = append(subnets, s.add("ec2/subnet:Subnet", "subnet-b", in{"vpcId": b, "cidrBlock": "10.1.0.0/31"}))
	nat := s.add("ec2/natGateway:NatGateway", "nat", in{"subnetId": subnets[0]})
	for range 3 {
		s.groups = append(s.groups, s.add("ec2/securityGroup:SecurityGroup", fmt.Sprint("group-", len(s.groups)), in{"vpcId": a}))
	}
	for i, subnet := range subnets {
		ways := []in{{"gatewayId": igw}, {"natGatewayId": nat}, {"vpcPeeringConnectionId": peering}, {"vpcPeeringConnectionId": far}}
		if i == 0 {
			ways = ways[:1]
			ways = append(ways, in{"vpcPeeringConnectionId": peering}, in{"vpcPeeringConnectionId": far})
		} else if i == 3 {
			ways = []in{{"vpcPeeringConnectionId": peering}}
		}
		s.table(i, subnet, ways, igw, only)
		s.filter(i, subnet, map[bool]string{true: b, false: a}[i == 3])
	}
	s.inhabit(subnets)
	for i := range s.r.Intn(8) + 6 {
		s.grant(i)
	}
	for i, group := range s.groups {
		for _, direction := range []string{"Ingress", "Egress"} {
			if s.mild && s.likely(70) {
				s.add("vpc/securityGroup"+direction+"Rule:SecurityGroup"+direction+"Rule", fmt.Sprint("mild-", i),
					in{"securityGroupId": group, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"})
			}
		}
	}
	return s
}

// table gives a subnet a route table with random routes.
func (s *generated) table(i int, subnet string, ways []in, igw, only string) {
	vpc := s.The("ec2/subnet:Subnet", []string{"subnet-0", "subnet-1", "subnet-2", "subnet-b"}[i]).Get("vpcId")
	table := s.add("ec2/routeTable:RouteTable", fmt.Sprint("table-", i), in{"vpcId": vpc})
	s.add("ec2/routeTableAssociation:RouteTableAssociation", fmt.Sprint("table-", i), in{"subnetId": subnet, "routeTableId": table})
	for _, destination := range append([]string{"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "200.0.0.0/8", "10.0.0.0/8", "10.1.0.0/24",
		"10.9.0.0/30"}, "10.1.0.1/32", "10.0.0.0/24") {
		inputs := in{"routeTableId": table, "destinationCidrBlock": destination}
		if !s.likely(45) && !(s.mild && destination == "0.0.0.0/0") || i < 3 && destination == "10.0.0.0/24" || i == 3 &&
			strings.HasPrefix(destination, "10.1.") {
			continue
		}
		way := ways[s.r.Intn(len(ways))]
		if s.mild && destination == "0.0.0.0/0" {
			way = ways[min(1, i)%len(ways)] // the gateway, or else the NAT
		}
		for key, value := range way {
			inputs[key] = value
		}
		s.add("ec2/route:Route", fmt.Sprintf("route-%d-%s", i, destination), inputs)
	}
	for _, destination := range []string{"::/0", "2600::/12"} {
		if i < 3 && s.likely(50) {
			inputs := in{"routeTableId": table, "destinationIpv6CidrBlock": destination, "gatewayId": igw}
			if s.likely(40) {
				inputs["gatewayId"], inputs["egressOnlyGatewayId"] = nil, only
			}
			s.add("ec2/route:Route", fmt.Sprintf("route-%d-%s", i, destination), inputs)
		}
	}
}

// filter gives a subnet an ACL, half of the time.
func (s *generated) filter(i int, subnet, vpc string) {
	if s.likely(50) {
		return
	}
	acl := s.add("ec2/networkAcl:NetworkAcl", fmt.Sprint("acl-", i), in{"vpcId": vpc, "subnetIds": []any{subnet}})
	for _, egress := range []bool{false, true} {
		for n := range s.r.Intn(4) {
			s.entry(acl, egress, n+1, s.likely(60), append(anywhere4, anywhere6...))
		}
		if s.likely(75) {
			s.entry(acl, egress, 100, true, []string{"0.0.0.0/0"})
			s.entry(acl, egress, 101, true, []string{"::/0"})
		}
	}
}

func (s *generated) entry(acl string, egress bool, number int, allow bool, prefixes []string) {
	inputs := s.span(in{"networkAclId": acl, "egress": egress, "ruleNumber": number,
		"ruleAction": map[bool]string{true: "allow", false: "deny"}[allow]}, "protocol")
	if number >= 100 {
		inputs["protocol"] = "-1"
	}
	prefix := s.one(prefixes)
	inputs[map[bool]string{true: "ipv6CidrBlock", false: "cidrBlock"}[strings.Contains(prefix, ":")]] = prefix
	s.add("ec2/networkAclRule:NetworkAclRule", fmt.Sprintf("%s-%v-%d", acl, egress, number), inputs)
}

// inhabit puts instances and load balancers into the subnets.
func (s *generated) inhabit(subnets []string) {
	for i := range 4 {
		inputs := in{"subnetId": subnets[i], "vpcSecurityGroupIds": []any{s.groups[s.r.Intn(3)]}, "associatePublicIpAddress": s.likely(60)}
		if s.likely(20) {
			inputs["vpcSecurityGroupIds"] = s.groups[:2]
		}
		if i < 2 && s.likely(50) {
			inputs["ipv6AddressCount"] = 1
		}
		s.nodes = append(s.nodes, s.add("ec2/instance:Instance", fmt.Sprint("instance-", i), inputs))
	}
	for i, kind := range []string{"network", "application"} {
		inputs := in{"loadBalancerType": kind, "internal": s.likely(40), "subnets": []any{subnets[s.r.Intn(2)], subnets[2]},
			"securityGroups": []any{s.groups[s.r.Intn(3)]}}
		if kind == "network" && s.likely(50) {
			inputs["securityGroups"] = nil
		}
		lb := s.add("lb/loadBalancer:LoadBalancer", fmt.Sprint("balancer-", i), inputs)
		for _, port := range []int{443, 1024} {
			name := fmt.Sprintf("%d-%d", i, port)
			protocol := map[string]string{"network": "TCP", "application": "HTTP"}[kind]
			target := s.add("lb/targetGroup:TargetGroup", name, in{"port": knocks[2+s.r.Intn(5)], "protocol": protocol})
			s.add("lb/targetGroupAttachment:TargetGroupAttachment", name, in{"targetGroupArn": target, "targetId": s.nodes[s.r.Intn(3)]})
			s.add("lb/listener:Listener", name,
				in{"loadBalancerArn": lb, "port": port, "protocol": protocol,
					"defaultActions": []any{in{"type": "forward", "targetGroupArn": target}}})
		}
		s.nodes = append(s.nodes, lb)
	}
	s.nodes = append(s.nodes, world, office)
}

// grant writes a random rule of a random group.
func (s *generated) grant(i int) {
	direction := s.one([]string{"Ingress", "Egress"})
	inputs := s.span(in{"securityGroupId": s.groups[s.r.Intn(3)]}, "ipProtocol")
	switch s.r.Intn(5) {
	case 0:
		inputs["referencedSecurityGroupId"] = s.groups[s.r.Intn(3)]
	case 1:
		inputs["cidrIpv6"] = s.one(anywhere6)
	default:
		inputs["cidrIpv4"] = s.one(anywhere4)
	}
	s.add("vpc/securityGroup"+direction+"Rule:SecurityGroup"+direction+"Rule", fmt.Sprint("rule-", i), inputs)
}

// Thousands of random stacks are asked of the oracle, packet by packet, and of the proof.
func TestTheProofAgreesWithAnOracle(t *testing.T) {
	open, shut, ways := 0, 0, 0
	for seed := range int64(2500) {
		s := generate(t, seed)
		g := s.Graph()
		w, o := network.New(g), newOracle(g, tried, knocks)
		require.Empty(t, w.Problems, "seed %d", seed)
		node := func(id string) *network.Node {
			if id == world {
				return w.Internet
			}
			for _, n := range w.Nodes {
				if n.Resource != nil && n.Resource.ID == id || id == office && n.Name == "peer office" {
					return n
				}
			}
			return nil
		}
		for range 8 {
			from, to, port := s.one(s.nodes), s.one(s.nodes), knocks[s.r.Intn(len(knocks))]
			if from == to || node(from) == nil || node(to) == nil {
				continue
			}
			want := o.may(from, to, port)
			got := network.TCP(network.Port(port)).Within(w.Gate(network.May, node(from), node(to)))
			require.Equal(t, want, got, "seed %d: %s to %s on %d", seed, node(from).Name, node(to).Name, port)
			sure := network.TCP(network.Port(port)).Within(w.Gate(network.Must, node(from), node(to)))
			require.False(t, sure && !want, "seed %d: %s to %s on %d is sure and cannot be", seed, node(from).Name, node(to).Name, port)
			require.False(t, sure && !o.all(from, to, port), "seed %d: %s to %s on %d is sure, and some packet is stopped", seed,
				node(from).Name, node(to).Name, port)
			if want {
				open++
			} else {
				shut++
			}
		}
		if seed%21 != 0 {
			continue
		}
		from := s.nodes[int(seed/21)%4]
		if seed%5 == 0 {
			from = world
		}
		want, got := o.reachable(from, s.nodes), map[string]bool{}
		for n := range w.Reachable(network.May, node(from)) {
			for _, id := range s.nodes {
				if node(id) == n {
					got[id] = true
				}
			}
		}
		require.Equal(t, want, got, "seed %d: what %s leads to", seed, node(from).Name)
		ways += len(want)
	}
	require.Greater(t, min(open, shut), 2000, "the stacks say too little: %d open, %d shut", open, shut)
	require.Greater(t, ways, 100, "the stacks say too little: %d nodes are reached", ways)
}
