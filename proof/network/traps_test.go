package network_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/network"
)

// trap is a small network with a hole, or with what looks like one, and the exact answer.
type trap struct {
	name  string
	build func(*site)
	// From and to are nodes by name; may and must what gets from one to the other.
	from, to, may, must string
	// Stop is what stops it where nothing gets through; "" where that is not asked.
	stop string
}

func check(t *testing.T, traps []trap) {
	t.Helper()
	for _, c := range traps {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			c.build(s)
			w := network.New(s.Graph())
			require.Empty(t, w.Problems)
			from, to := w.Find(c.from), w.Find(c.to)
			require.NotEmpty(t, from)
			require.NotEmpty(t, to)
			assert.Equal(t, c.may, w.Edge(network.May, from[0], to[0]).String(), "may")
			assert.Equal(t, c.must, w.Edge(network.Must, from[0], to[0]).String(), "must")
			reached := w.Reachable(network.May, from[0])[to[0]]
			path := w.Shortest(network.May, from[0], to[0])
			paths, _ := w.Paths(network.May, from[0], to[0], 50)
			assert.Equal(t, reached, path != nil, "the ways of looking for a path agree")
			assert.Equal(t, reached, len(paths) > 0, "the ways of looking for a path agree")
			if c.may != "nothing" {
				require.NotEmpty(t, paths)
				assert.NotEmpty(t, w.Explain(path[len(path)-1]), "what lets it through is told")
			} else if c.stop != "" {
				assert.Contains(t, w.Stopped(network.May, from[0], to[0]), c.stop)
			}
		})
	}
}

// online leads the public subnet to the internet.
func (s *site) online() { s.route(s.publicTable, "0.0.0.0/0", in{"gatewayId": s.gateway}) }

// anyone lets a group send and take 443/tcp to and from every IPv4 address.
func (s *site) anyone(group string) {
	s.rule(group, false, in{"cidrIpv4": "0.0.0.0/0"})
	s.rule(group, true, in{"cidrIpv4": "0.0.0.0/0"})
}

func (s *site) add(kind, name string, inputs in) string { return s.Add(kind, name, inputs).ID() }

// sentence lets one group talk to another, at both ends.
func (s *site) sentence(from, to string) {
	s.rule(from, true, in{"referencedSecurityGroupId": to})
	s.rule(to, false, in{"referencedSecurityGroupId": from})
}

// second is another VPC with one instance, called stranger, whose group is open.
func (s *site) second(name, block string) (vpc, table string) {
	vpc = s.add("ec2/vpc:Vpc", name, in{"cidrBlock": block})
	subnet := s.add("ec2/subnet:Subnet", name, in{"vpcId": vpc, "cidrBlock": block})
	table = s.add("ec2/routeTable:RouteTable", name, in{"vpcId": vpc})
	s.add("ec2/routeTableAssociation:RouteTableAssociation", name, in{"subnetId": subnet, "routeTableId": table})
	group := s.add("ec2/securityGroup:SecurityGroup", name, in{"vpcId": vpc})
	s.anyone(group)
	s.add("ec2/instance:Instance", "in-"+name, in{"subnetId": subnet, "vpcSecurityGroupIds": []any{group}})
	return vpc, table
}

// nat puts a NAT gateway into the public subnet and leads the private one to it.
func (s *site) nat(inputs in) {
	all := in{"subnetId": s.public}
	for key, value := range inputs {
		all[key] = value
	}
	s.route(s.privateTable, "0.0.0.0/0", in{"natGatewayId": s.add("ec2/natGateway:NatGateway", "nat", all)})
}

// entry writes a rule of an ACL; ports are all if there are none.
func (s *site) entry(acl string, number int, egress bool, action, prefix string, ports ...int) {
	inputs := in{"networkAclId": acl, "egress": egress, "ruleNumber": number, "ruleAction": action, "protocol": "-1"}
	if len(ports) == 2 {
		inputs["protocol"], inputs["fromPort"], inputs["toPort"] = "6", ports[0], ports[1]
	}
	key := "cidrBlock"
	for _, c := range prefix {
		if c == ':' {
			key = "ipv6CidrBlock"
		}
	}
	inputs[key] = prefix
	s.add("ec2/networkAclRule:NetworkAclRule", fmt.Sprintf("entry-%d", len(s.Every())), inputs)
}

// acl gives a subnet an ACL that lets everything out, and in what the entries say.
func (s *site) acl(subnet string) string {
	acl := s.add("ec2/networkAcl:NetworkAcl", "acl", in{"vpcId": s.vpc, "subnetIds": []any{subnet}})
	s.entry(acl, 900, true, "allow", "0.0.0.0/0")
	return acl
}
