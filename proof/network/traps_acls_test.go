package network_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTrapsOfACLs(t *testing.T) {
	between := func(build func(s *site, acl string)) func(*site) {
		return func(s *site) {
			s.rule(s.front, true, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"})
			s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443, "toPort": 444})
			build(s, s.acl(s.private))
		}
	}
	check(t, []trap{
		{"an ACL that says nothing of it", between(func(*site, string) {}), "front", "back", "nothing", "nothing",
			"ACL acl does not let it in"},
		{"a rule that allows before one that denies", between(func(s *site, acl string) {
			s.entry(acl, 100, false, "allow", "10.0.0.0/16", 443, 443)
			s.entry(acl, 200, false, "deny", "0.0.0.0/0")
		}), "front", "back", "tcp 443", "tcp 443", ""},
		{"a rule that denies before one that allows", between(func(s *site, acl string) {
			s.entry(acl, 200, false, "allow", "0.0.0.0/0")
			s.entry(acl, 100, false, "deny", "10.0.0.0/24", 443, 443)
		}), "front", "back", "tcp 444", "tcp 444", ""},
		{"a rule that denies a half of the senders", between(func(s *site, acl string) {
			s.entry(acl, 100, false, "deny", "10.0.0.0/25")
			s.entry(acl, 200, false, "allow", "0.0.0.0/0")
		}), "front", "back", "tcp 443-444", "nothing", ""},
		{"replies that do not get out", between(func(s *site, acl string) {
			s.entry(acl, 100, false, "allow", "0.0.0.0/0")
			s.entry(acl, 100, true, "deny", "10.0.0.0/24")
		}), "front", "back", "nothing", "nothing", "the ACLs stop the replies"},
		{"replies that get out to some ports", between(func(s *site, acl string) {
			s.entry(acl, 100, false, "allow", "0.0.0.0/0")
			s.entry(acl, 100, true, "allow", "10.0.0.0/24", 32768, 40000)
			s.entry(acl, 200, true, "deny", "10.0.0.0/24")
		}), "front", "back", "tcp 443-444", "nothing", ""},
		{"replies to one port that the sender may choose are stopped", between(func(s *site, acl string) {
			s.entry(acl, 100, false, "allow", "0.0.0.0/0")
			s.entry(acl, 100, true, "deny", "0.0.0.0/0", 50000, 50000)
		}), "front", "back", "tcp 443-444", "nothing", ""},
		{"replies to one port that it never chooses are stopped", between(func(s *site, acl string) {
			s.entry(acl, 100, false, "allow", "0.0.0.0/0")
			s.entry(acl, 100, true, "deny", "0.0.0.0/0", 3389, 3389)
		}), "front", "back", "tcp 443-444", "tcp 443-444", ""},
		{"rules within the ACL", func(s *site) {
			s.anyone(s.front)
			s.anyone(s.back)
			all := func(action string) []any {
				return []any{
					map[string]any{"ruleNo": 10, "action": action, "protocol": "tcp", "fromPort": 443, "toPort": 443,
						"cidrBlock": "10.0.0.0/24"},
					map[string]any{"ruleNo": 20, "action": "allow", "protocol": "all", "fromPort": 0, "toPort": 0,
						"cidrBlock": "0.0.0.0/0"},
				}
			}
			s.add("ec2/networkAcl:NetworkAcl", "acl", in{"vpcId": s.vpc, "subnetIds": []any{s.private}, "ingress": all("deny"),
				"egress": all("allow")})
		}, "front", "back", "nothing", "nothing", "ACL acl does not let it in"},
		{"an ACL is not asked within its subnet", func(s *site) {
			s.anyone(s.back)
			s.add("ec2/instance:Instance", "neighbour", in{"subnetId": s.private, "vpcSecurityGroupIds": []any{s.back}})
			s.add("ec2/networkAcl:NetworkAcl", "closed", in{"vpcId": s.vpc, "subnetIds": []any{s.private}})
		}, "neighbour", "back", "tcp 443", "tcp 443", ""},
		{"the default ACL, adopted and emptied", func(s *site) {
			s.anyone(s.front)
			s.anyone(s.back)
			s.The("ec2/vpc:Vpc", "vpc").Answer("defaultNetworkAclId", "acl-born")
			s.add("ec2/defaultNetworkAcl:DefaultNetworkAcl", "default", in{"defaultNetworkAclId": "acl-born"})
		}, "front", "back", "nothing", "nothing", "ACL default does not let it out"},
		{"an association takes the subnet to another ACL", func(s *site) {
			s.anyone(s.front)
			s.anyone(s.back)
			s.acl(s.private)
			closed := s.add("ec2/networkAcl:NetworkAcl", "closed", in{"vpcId": s.vpc})
			s.add("ec2/networkAclAssociation:NetworkAclAssociation", "closed", in{"networkAclId": closed, "subnetId": s.public})
		}, "front", "back", "nothing", "nothing", "ACL closed does not let it out"},
		{"one type of ICMP denied is not all of it", between(func(s *site, acl string) {
			s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "icmp", "fromPort": -1, "toPort": -1})
			s.Add("ec2/networkAclRule:NetworkAclRule", "ping",
				in{"networkAclId": acl, "egress": false, "ruleNumber": 1, "ruleAction": "deny", "protocol": "icmp", "icmpType": 8,
					"icmpCode": -1, "cidrBlock": "0.0.0.0/0"})
			s.entry(acl, 200, false, "allow", "10.0.0.0/24")
		}), "front", "back", "tcp 443-444; icmp", "tcp 443-444", ""},
		{"all types of ICMP denied", between(func(s *site, acl string) {
			s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "icmp", "fromPort": -1, "toPort": -1})
			s.Add("ec2/networkAclRule:NetworkAclRule", "ping",
				in{"networkAclId": acl, "egress": false, "ruleNumber": 1, "ruleAction": "deny", "protocol": "1", "icmpType": -1,
					"icmpCode": -1, "cidrBlock": "0.0.0.0/0"})
			s.entry(acl, 200, false, "allow", "10.0.0.0/24")
		}), "front", "back", "tcp 443-444", "tcp 443-444", ""},
		{"an action that is not known", between(func(s *site, acl string) {
			s.entry(acl, 10, false, unknown, "0.0.0.0/0")
			s.entry(acl, 20, false, "deny", "0.0.0.0/0", 443, 443)
			s.entry(acl, 30, false, "allow", "0.0.0.0/0")
		}), "front", "back", "tcp 443-444", "nothing", ""},
		{"a denied block that is not known", between(func(s *site, acl string) {
			s.entry(acl, 10, false, "deny", unknown)
			s.entry(acl, 20, false, "allow", "0.0.0.0/0")
		}), "front", "back", "tcp 443-444", "nothing", ""},
	})
}

func TestARuleOfAnACLWithoutANumber(t *testing.T) {
	s := newSite(t)
	acl := s.acl(s.private)
	s.Add("ec2/networkAclRule:NetworkAclRule", "lost", in{"networkAclId": acl, "ruleNumber": unknown, "ruleAction": "allow",
		"protocol": "-1", "cidrBlock": "0.0.0.0/0"})
	assert.Contains(t, strings.Join(s.problems(), "\n"), "the number of a rule is not known")
}
