package invariants_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// admits adds an ACL's first rule, for TCP on every port from everywhere but for what is said.
func admits(s *specimen.Stack, name string, out bool, more in) {
	rule := in{"networkAclId": id(s, acl, name), "egress": out, "ruleNumber": 1, "ruleAction": "allow", "protocol": "tcp", "fromPort": 1,
		"toPort": 65535}
	for key, value := range more {
		rule[key] = value
	}
	s.Add(aclRule, "mutant", rule)
}

// beyondTheFence is whom no tier exchanges packets with, or not by these ports or protocols.
var beyondTheFence = map[string]in{
	"everybody, by all protocols": {"cidrBlock": "0.0.0.0/0", "protocol": "-1", "fromPort": 0, "toPort": 0},
	"a stranger":                  {"cidrBlock": "203.0.113.9/32"},
	"another network's addresses": {"cidrBlock": "10.40.0.0/16"},
	"the whole network, by UDP":   {"cidrBlock": "10.30.0.0/16", "protocol": "udp"},
	"everybody, by low ports":     {"cidrBlock": "0.0.0.0/0", "fromPort": 20, "toPort": 442},
	"everybody, over IPv6":        {"ipv6CidrBlock": "::/0"},
	"everybody, by a tunnel":      {"cidrBlock": "0.0.0.0/0", "protocol": "47", "fromPort": 0, "toPort": 0},
}

// Every ACL, in both directions, opened to whoever has no business there; and every rule of it widened, or its denial gone.
func TestEveryHoleInTheSecondFence(t *testing.T) {
	base, tried := specimen.Read(t, prod), 0
	breaks := func(what string, change func(*specimen.Stack)) {
		s := base.Copy()
		change(s)
		assert.Contains(t, failing(invariants.Only(s.Graph(), "I27")), "I27", what)
		tried++
	}
	for _, tier := range []string{"public", "web", "app", "data"} {
		for _, out := range []bool{false, true} {
			for whom, rule := range beyondTheFence {
				breaks(fmt.Sprintf("%s, out %v: %s", tier, out, whom), func(s *specimen.Stack) { admits(s, "prod-network-"+tier, out, rule) })
			}
		}
	}
	for _, rule := range base.All(aclRule) {
		tier := strings.Split(rule.Name(), "-")[2]
		own := strings.HasSuffix(rule.Name(), "from-"+tier) || strings.HasSuffix(rule.Name(), "to-"+tier)
		switch {
		case rule.Get("ruleAction") == "deny":
			breaks(rule.Name()+" is gone", func(s *specimen.Stack) { s.Remove(aclRule, rule.Name()) })
		case rule.Get("protocol") == "icmp" || own:
		default:
			change := in{"protocol": "-1"}
			if tried%2 == 0 {
				change = in{"fromPort": 1, "cidrBlock": "0.0.0.0/0"}
			}
			breaks(fmt.Sprint(rule.Name(), " with ", change), func(s *specimen.Stack) {
				for key, value := range change {
					s.The(aclRule, rule.Name()).Set(key, value)
				}
			})
		}
	}
	require.Greater(t, tried, 80)
	t.Log(tried, "holes in the second fence")
}
