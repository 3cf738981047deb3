package network_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// Knowing less proves no more: with any one input unknown, what may pass may still pass
// and nothing more is sure, or else a problem is told.
func TestKnowingLessProvesNoMore(t *testing.T) {
	s := newSite(t)
	s.balancer("network", in{"internal": false, "ipAddressType": "dualstack"}, nil,
		in{"targetType": "instance", "healthCheck": map[string]any{"enabled": true, "port": "8081"}})
	s.anyone(s.front)
	s.rule(s.back, false, in{"referencedSecurityGroupId": s.front})
	s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0", "fromPort": 8000, "toPort": 9000})
	s.rule(s.back, true, in{"cidrIpv4": "10.0.0.0/8"})
	s.old(s.front, false, in{"self": true, "cidrBlocks": []any{"10.0.0.0/25"}, "ipv6CidrBlocks": []any{"::/0"}})
	s.nat(in{"connectivityType": "public"})
	s.The("ec2/subnet:Subnet", "public").Set("ipv6CidrBlock", "2a05:d018:1::/64").Set("mapPublicIpOnLaunch", false).
		Set("assignIpv6AddressOnCreation", true)
	s.route(s.publicTable, "::/0", in{"gatewayId": s.gateway})
	acl := s.acl(s.private)
	s.entry(acl, 10, false, "deny", "10.0.0.128/25", 22, 22)
	s.entry(acl, 20, false, "allow", "0.0.0.0/0", 443, 65535)
	other, table := s.second("other", "10.9.0.0/16")
	p := s.add("ec2/vpcPeeringConnection:VpcPeeringConnection", "peering", in{"vpcId": s.vpc, "peerVpcId": other})
	s.route(s.privateTable, "10.9.0.0/16", in{"vpcPeeringConnectionId": p})
	s.route(table, "10.0.0.0/16", in{"vpcPeeringConnectionId": p})
	list := s.add("ec2/managedPrefixList:ManagedPrefixList", "list", in{"entries": []any{map[string]any{"cidr": "10.9.0.0/17"}}})
	s.rule(s.back, false, in{"prefixListId": list, "fromPort": 7000, "toPort": 7000})
	s.add("ec2/vpcEndpoint:VpcEndpoint", "s3", in{"vpcId": s.vpc, "vpcEndpointType": "Gateway", "routeTableIds": []any{s.privateTable}})
	s.add("ec2/vpcEndpoint:VpcEndpoint", "logs", in{"vpcId": s.vpc, "vpcEndpointType": "Interface", "subnetIds": []any{s.private},
		"securityGroupIds": []any{s.back}})
	subnets := s.add("rds/subnetGroup:SubnetGroup", "data", in{"name": "data", "subnetIds": []any{s.public, s.private}})
	s.add("rds/instance:Instance", "data",
		in{"engine": "postgres", "port": 8100, "dbSubnetGroupName": subnets, "vpcSecurityGroupIds": []any{s.back},
			"publiclyAccessible": true, "networkType": "IPV4"})
	template := s.add("ec2/launchTemplate:LaunchTemplate", "web",
		in{"networkInterfaces": []any{map[string]any{"associatePublicIpAddress": "true", "securityGroups": []any{s.front}}}})
	s.add("autoscaling/group:Group", "web",
		in{"vpcZoneIdentifiers": []any{s.public}, "launchTemplate": map[string]any{"id": template, "version": "$Latest"},
			"targetGroupArns": []any{s.The("lb/targetGroup:TargetGroup", "targets").ID()}})
	known := network.New(s.Graph())
	require.Empty(t, known.Problems)
	require.Greater(t, len(known.Matrix()), 20)

	tried, told := 0, 0
	for i, r := range s.Every() {
		for _, key := range r.Inputs() {
			less := s.Copy()
			less.Every()[i].Set(key, unknown)
			w := network.New(less.Graph())
			tried++
			if len(w.Problems) > 0 {
				told++
				continue
			}
			compare(t, known, w, r.Name()+"."+key)
		}
	}
	assert.Greater(t, tried-told, 60)
}

// compare holds a world of which less is known against the whole.
func compare(t *testing.T, known, less *network.Model, what string) {
	of := map[string]*network.Node{}
	for _, n := range less.Nodes {
		of[n.Name+string(n.Kind)] = n
	}
	for _, a := range known.Nodes {
		for _, b := range known.Nodes {
			from, to := of[a.Name+string(a.Kind)], of[b.Name+string(b.Kind)]
			if from == nil || to == nil {
				continue
			}
			lost := known.Edge(network.May, a, b).Minus(less.Edge(network.May, from, to))
			assert.True(t, lost.Empty(), "without %s, %s reaches %s no more on %s", what, a.Name, b.Name, lost)
			more := less.Edge(network.Must, from, to).Minus(known.Edge(network.Must, a, b))
			assert.True(t, more.Empty(), "without %s, %s reaches %s for sure on %s", what, a.Name, b.Name, more)
		}
	}
}

// No value of whatever kind makes the proof panic.
func TestValuesOfTheWrongKind(t *testing.T) {
	s := specimen.Read(t, "../../graph/testdata/local.json")
	for _, wrong := range []any{nil, 7.5, []any{nil, 3, []any{"y"}}, map[string]any{"z": nil}} {
		tried := map[string]bool{}
		for i, r := range s.Every() {
			kind := r.Type()
			if !strings.HasPrefix(kind, "aws:ec2/") && !strings.HasPrefix(kind, "aws:lb/") && !strings.HasPrefix(kind, "aws:vpc/") &&
				!strings.HasPrefix(kind, "aws:rds/") || tried[kind] {
				continue
			}
			tried[kind] = true
			one := s.Copy()
			changed := one.Every()[i]
			for _, key := range r.Inputs() {
				changed.Set(key, wrong)
			}
			g := one.Graph()
			assert.NotPanics(t, func() { network.FormatMatrix(network.New(g).Matrix()) }, "%s %s with %v", kind, r.Name(), wrong)
		}
	}
}
