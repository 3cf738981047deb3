package network_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/network"
)

// old writes a rule of the kind that may name several peers.
func (s *site) old(group string, egress bool, inputs in) {
	all := in{"securityGroupId": group, "type": map[bool]string{true: "egress", false: "ingress"}[egress], "protocol": "tcp",
		"fromPort": 443, "toPort": 443}
	for key, value := range inputs {
		all[key] = value
	}
	s.add("ec2/securityGroupRule:SecurityGroupRule", fmt.Sprintf("old-%d", len(s.Every())), all)
}

func TestTrapsOfGroups(t *testing.T) {
	check(t, []trap{
		{"a group that admits itself, by the old kind of rule", func(s *site) {
			s.add("ec2/instance:Instance", "twin", in{"subnetId": s.public, "vpcSecurityGroupIds": []any{s.back}})
			s.old(s.back, false, in{"self": true})
			s.old(s.back, true, in{"self": true, "protocol": "-1", "fromPort": 0, "toPort": 0})
		}, "twin", "back", "tcp 443", "tcp 443", ""},
		{"self is not everybody", func(s *site) {
			s.old(s.back, false, in{"self": true})
			s.anyone(s.front)
		}, "front", "back", "nothing", "nothing", "no ingress rule of back"},
		{"a source group and a block in one old rule", func(s *site) {
			s.old(s.back, false, in{"cidrBlocks": []any{"192.168.0.0/16", "10.0.0.0/30"}, "sourceSecurityGroupId": s.front})
			s.old(s.front, true, in{"cidrBlocks": []any{"10.0.1.128/25"}})
		}, "front", "back", "tcp 443", "nothing", ""},
		{"an old rule's prefix list, one entry of which is the front", func(s *site) {
			list := s.add("ec2/managedPrefixList:ManagedPrefixList", "list",
				in{"entries": []any{map[string]any{"cidr": "192.0.2.0/24"}, map[string]any{"cidr": "10.0.0.0/24"}}})
			s.old(s.back, false, in{"prefixListIds": []any{list}})
			s.anyone(s.front)
		}, "front", "back", "tcp 443", "tcp 443", ""},
		{"an old rule's prefix list of somebody else", func(s *site) {
			s.old(s.back, false, in{"prefixListIds": []any{"pl-elsewhere"}})
			s.anyone(s.front)
		}, "front", "back", "tcp 443", "nothing", ""},
		{"every protocol, whatever the ports say", func(s *site) {
			s.rule(s.front, true, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"})
			s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/24", "ipProtocol": "-1", "fromPort": 443, "toPort": 443})
		}, "front", "back", "anything", "anything", ""},
		{"protocols as numbers", func(s *site) {
			s.rule(s.front, true, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "6", "fromPort": 1, "toPort": 2000})
			s.rule(s.front, true, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "17", "fromPort": 1, "toPort": 2000})
			s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/24", "ipProtocol": "tcp", "fromPort": 1000, "toPort": 65535})
			s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/24", "ipProtocol": "UDP", "fromPort": 53, "toPort": 53})
		}, "front", "back", "tcp 1000-2000; udp 53", "tcp 1000-2000; udp 53", ""},
		{"echo requests alone", func(s *site) {
			s.rule(s.front, true, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"})
			s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/24", "ipProtocol": "icmp", "fromPort": 8, "toPort": 0})
		}, "front", "back", "icmp", "nothing", ""},
		{"all of ICMP", func(s *site) {
			s.rule(s.front, true, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"})
			s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/24", "ipProtocol": "1", "fromPort": -1, "toPort": -1})
		}, "front", "back", "icmp", "icmp", ""},
		{"a rule at one end", func(s *site) {
			s.rule(s.back, false, in{"referencedSecurityGroupId": s.front})
			s.rule(s.front, true, in{"referencedSecurityGroupId": s.front})
		}, "front", "back", "nothing", "nothing", "no egress rule of front"},
		{"rules that meet at no port", func(s *site) {
			s.rule(s.back, false, in{"referencedSecurityGroupId": s.front})
			s.rule(s.front, true, in{"referencedSecurityGroupId": s.back, "fromPort": 444, "toPort": 445})
		}, "front", "back", "nothing", "nothing", "no ingress rule of back"},
		{"a second group that is broader", func(s *site) {
			s.add("ec2/securityGroup:SecurityGroup", "debug", in{"vpcId": s.vpc})
			debug := s.The("ec2/securityGroup:SecurityGroup", "debug").ID()
			s.The("ec2/instance:Instance", "back").Set("vpcSecurityGroupIds", []any{s.back, debug})
			s.rule(debug, false, in{"cidrIpv4": "10.0.0.0/16", "fromPort": 22, "toPort": 22})
			s.rule(s.front, true, in{"cidrIpv4": "0.0.0.0/0", "fromPort": 0, "toPort": 65535})
		}, "front", "back", "tcp 22", "tcp 22", ""},
		{"a group that is only read", func(s *site) {
			s.Add("ec2/securityGroup:SecurityGroup", "theirs", in{"vpcId": s.vpc}).External()
			s.The("ec2/instance:Instance", "back").
				Set("vpcSecurityGroupIds", []any{s.The("ec2/securityGroup:SecurityGroup", "theirs").ID()})
			s.anyone(s.front)
		}, "front", "back", "tcp 443", "nothing", ""},
		{"groups that are not known yet, from something that is none", func(s *site) {
			s.Add("random:index/randomId:RandomId", "other", in{})
			s.The("ec2/instance:Instance", "back").Set("vpcSecurityGroupIds", []any{unknown}).
				DependsOn("vpcSecurityGroupIds", s.The("random:index/randomId:RandomId", "other"))
			s.add("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", in{"vpcId": s.vpc})
			s.anyone(s.front)
		}, "front", "back", "tcp 443", "nothing", ""},
		{"two groups that are not known yet, of which one is found", func(s *site) {
			s.The("ec2/instance:Instance", "back").Set("vpcSecurityGroupIds", []any{unknown, unknown}).
				DependsOn("vpcSecurityGroupIds", s.The("ec2/securityGroup:SecurityGroup", "back"))
			s.anyone(s.front)
		}, "front", "back", "tcp 443", "nothing", ""},
		{"the default group by the id that the VPC has for it", func(s *site) {
			s.The("ec2/vpc:Vpc", "vpc").Answer("defaultSecurityGroupId", "sg-00000000000000001")
			for _, name := range []string{"one", "two"} {
				s.add("ec2/instance:Instance", name, in{"subnetId": s.private, "vpcSecurityGroupIds": []any{"sg-00000000000000001"}})
			}
		}, "one", "two", "anything", "anything", ""},
		{"the default group, adopted with the rules that AWS puts in it", func(s *site) {
			s.add("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", in{"vpcId": s.vpc,
				"ingress": []any{map[string]any{"protocol": "-1", "self": true, "fromPort": 0, "toPort": 0}},
				"egress":  []any{map[string]any{"protocol": "-1", "cidrBlocks": []any{"0.0.0.0/0"}, "fromPort": 0, "toPort": 0}}})
			for _, name := range []string{"one", "two"} {
				s.add("ec2/instance:Instance", name, in{"subnetId": s.private})
			}
		}, "one", "two", "anything", "anything", ""},
		{"an interface of a template that names no group", func(s *site) {
			template := s.add("ec2/launchTemplate:LaunchTemplate", "pair", in{"networkInterfaces": []any{
				map[string]any{"deviceIndex": 0, "securityGroups": []any{s.back}}, map[string]any{"deviceIndex": 1},
			}})
			s.add("autoscaling/group:Group", "pair",
				in{"vpcZoneIdentifiers": []any{s.private}, "launchTemplate": map[string]any{"id": template, "version": "$Latest"}})
			s.add("ec2/instance:Instance", "one", in{"subnetId": s.public})
		}, "one", "pair", "anything", "anything", ""},
	})
}

// Inline rules and routes are read where nothing of them is unknown, and refused as a form.
func TestRulesAndRoutesWithinTheirOwners(t *testing.T) {
	s := newSite(t)
	s.The("ec2/securityGroup:SecurityGroup", "front").
		Set("ingress",
			[]any{map[string]any{"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": []any{"0.0.0.0/0"},
				"ipv6CidrBlocks": []any{"::/0"}}}).
		Set("egress", []any{map[string]any{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": []any{"0.0.0.0/0"}}})
	s.The("ec2/securityGroup:SecurityGroup", "back").Set("ingress", []any{
		map[string]any{"protocol": "tcp", "fromPort": 8080, "toPort": 8080, "securityGroups": []any{s.front}},
	})
	s.The("ec2/routeTable:RouteTable", "public").Set("routes", []any{
		map[string]any{"cidrBlock": "128.0.0.0/1", "gatewayId": s.gateway}, map[string]any{"ipv6CidrBlock": "::/0", "gatewayId": s.gateway},
	})
	w := network.New(s.Graph())
	assert.Empty(t, w.Problems)
	front, back := w.Find("front")[0], w.Find("back")[0]
	assert.Equal(t, "tcp 80", w.Edge(network.Must, w.Internet, front).String())
	assert.Equal(t, "tcp 8080", w.Edge(network.Must, front, back).String())
	assert.Equal(t, "nothing", w.Edge(network.May, w.Internet, back).String())
	assert.Contains(t, w.FormatWays(w.Internet, back, 5), "ingress rule back ingress[0] of group back")
	assert.Len(t, w.Refused, 4)
}

func TestTrapsOfAddresses(t *testing.T) {
	servers := func(s *site, template in) {
		id := s.add("ec2/launchTemplate:LaunchTemplate", "servers", template)
		s.add("autoscaling/group:Group", "servers",
			in{"vpcZoneIdentifiers": []any{s.public}, "launchTemplate": map[string]any{"id": id, "version": "$Latest"}})
	}
	check(t, []trap{
		{"a public address that a template asks for as a text", func(s *site) {
			s.online()
			s.anyone(s.front)
			servers(s, in{"networkInterfaces": []any{map[string]any{"associatePublicIpAddress": "true", "securityGroups": []any{s.front}}}})
		}, "internet", "servers", "tcp 443", "tcp 443", ""},
		{"a template that says nothing, and a subnet that does", func(s *site) {
			s.online()
			s.anyone(s.front)
			s.The("ec2/subnet:Subnet", "public").Set("mapPublicIpOnLaunch", true)
			servers(s, in{"vpcSecurityGroupIds": []any{s.front}})
		}, "internet", "servers", "tcp 443", "tcp 443", ""},
		{"one of two templates leaves the address to the subnet", func(s *site) {
			s.online()
			s.anyone(s.front)
			s.The("ec2/subnet:Subnet", "public").Set("mapPublicIpOnLaunch", true)
			strict := s.add("ec2/launchTemplate:LaunchTemplate", "strict",
				in{"networkInterfaces": []any{map[string]any{"associatePublicIpAddress": "false", "securityGroups": []any{s.front}}}})
			lax := s.add("ec2/launchTemplate:LaunchTemplate", "lax", in{"vpcSecurityGroupIds": []any{s.front}})
			s.add("autoscaling/group:Group", "servers",
				in{"vpcZoneIdentifiers": []any{s.public}, "mixedInstancesPolicy": map[string]any{"launchTemplate": map[string]any{
					"launchTemplateSpecification": map[string]any{"launchTemplateId": strict, "version": "$Latest"},
					"overrides": []any{map[string]any{"launchTemplateSpecification": map[string]any{"launchTemplateId": lax,
						"version": "$Latest"}}},
				}}})
		}, "internet", "servers", "tcp 443", "tcp 443", ""},
		{"an elastic address by an association", func(s *site) {
			s.online()
			s.anyone(s.front)
			front := s.The("ec2/instance:Instance", "front").Set("associatePublicIpAddress", false)
			eip := s.add("ec2/eip:Eip", "address", in{"domain": "vpc"})
			s.add("ec2/eipAssociation:EipAssociation", "address", in{"instanceId": front.ID(), "allocationId": eip})
		}, "internet", "front", "tcp 443", "tcp 443", ""},
		{"a public address that the cloud tells of and nobody asked for", func(s *site) {
			s.online()
			s.anyone(s.front)
			s.The("ec2/instance:Instance", "front").Set("associatePublicIpAddress", false).Answer("publicIp", "198.51.100.9")
		}, "internet", "front", "tcp 443", "tcp 443", ""},
		{"a public database", func(s *site) {
			s.online()
			s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0", "fromPort": 5432, "toPort": 5432})
			subnets := s.add("rds/subnetGroup:SubnetGroup", "data", in{"name": "data", "subnetIds": []any{s.public, s.private}})
			s.add("rds/instance:Instance", "data",
				in{"engine": "postgres", "dbSubnetGroupName": subnets, "vpcSecurityGroupIds": []any{s.back}, "publiclyAccessible": true})
		}, "internet", "data", "tcp 5432", "nothing", ""},
		{"a cluster of which one instance is public", func(s *site) {
			s.online()
			s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"})
			subnets := s.add("rds/subnetGroup:SubnetGroup", "data", in{"name": "data", "subnetIds": []any{s.public}})
			cluster := s.add("rds/cluster:Cluster", "data",
				in{"engine": "aurora-mysql", "dbSubnetGroupName": subnets, "vpcSecurityGroupIds": []any{s.back}})
			s.add("rds/clusterInstance:ClusterInstance", "one", in{"clusterIdentifier": cluster, "publiclyAccessible": false})
			s.add("rds/clusterInstance:ClusterInstance", "two", in{"clusterIdentifier": cluster, "publiclyAccessible": true})
		}, "internet", "data", "tcp 3306", "tcp 3306", ""},
		{"a replica, whose port is its source's", func(s *site) {
			s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/16", "fromPort": 0, "toPort": 65535})
			s.rule(s.front, true, in{"cidrIpv4": "10.0.0.0/16", "fromPort": 5432, "toPort": 5432})
			subnets := s.add("rds/subnetGroup:SubnetGroup", "data", in{"name": "data", "subnetIds": []any{s.private}})
			s.add("rds/instance:Instance", "data",
				in{"replicateSourceDb": "main", "dbSubnetGroupName": subnets, "vpcSecurityGroupIds": []any{s.back}})
		}, "front", "data", "tcp 5432", "nothing", ""},
	})
}
