package network_test

import (
	"math"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra/addressplan"
	"github.com/causeway-iac/causeway/infra/infratest"
)

// passes judges one TCP packet, lets one of either protocol, by the declared rules of a tier's ACL, as AWS does:
// the matching rule with the lowest number decides.
func passes(all []infratest.Declared, tier network.Tier, egress bool, peer string, dst int) bool {
	return lets(all, "tcp", tier, egress, peer, dst)
}

func lets(all []infratest.Declared, protocol string, tier network.Tier, egress bool, peer string, dst int) bool {
	lowest, allowed := math.Inf(1), false
	for _, rule := range named(all, aclRuleType) {
		if rule["networkAclId"] == "prod-network-"+tier.String()+"-id" && rule["egress"] == egress && rule["protocol"] == protocol &&
			netip.MustParsePrefix(rule["cidrBlock"].(string)).Contains(netip.MustParseAddr(peer)) &&
			port(rule, "fromPort") <= dst && dst <= port(rule, "toPort") && rule["ruleNumber"].(float64) < lowest {
			lowest, allowed = rule["ruleNumber"].(float64), rule["ruleAction"] == "allow"
		}
	}
	return allowed
}

// connects judges a connection: the request at both ends, and its answer at both.
func connects(all []infratest.Declared, plan addressplan.Plan, from, to network.Tier, dst int) bool {
	const ephemeral = 40000
	a, b := plan.Subnet(from, 0).Addr().Next().String(), plan.Subnet(to, 1).Addr().Next().String()
	return passes(all, from, true, b, dst) && passes(all, to, false, a, dst) &&
		passes(all, to, true, a, ephemeral) && passes(all, from, false, b, ephemeral)
}

// The coarse fence: which tier may open connections to which, across zones.
func TestTiersReachThemselvesAndTheirNeighbours(t *testing.T) {
	want := map[network.Tier][]network.Tier{
		network.Public: {network.Web},
		network.Web:    {network.Public, network.Web, network.App},
		network.App:    {network.Web, network.App, network.Data},
		network.Data:   {network.App, network.Data},
	}
	plan, _ := addressplan.New("10.0.0.0/16")
	for _, nat := range []network.NAT{network.NATNone, network.NATPerZone} {
		all := record(t, network.Args{ZoneNames: zones("ab"), NAT: nat})
		for _, from := range addressplan.Tiers {
			for _, to := range addressplan.Tiers {
				for _, port := range []int{443, 5432, 8443, 40000} {
					assert.Equal(t, slices.Contains(want[from], to), connects(all, plan, from, to, port), "%s to %s:%d with NAT %s", from,
						to, port, nat)
				}
			}
		}
	}
}

// Only where the edge sends requests to the application servers themselves do the two exchange packets.
func TestTheEdgeReachesAppWhereItIsMeantTo(t *testing.T) {
	plan, _ := addressplan.New("10.0.0.0/16")
	all := record(t, network.Args{ZoneNames: zones("ab"), EdgeToApp: true})
	assert.True(t, connects(all, plan, network.Public, network.App, 9443))
	assert.False(t, connects(all, plan, network.Public, network.Data, 5432))
}

const world = "198.51.100.7"

// Controls 27 to 29: what the internet may send to the public subnets.
func TestInternetReachesOnlyWhatIsPublic(t *testing.T) {
	for _, nat := range []network.NAT{network.NATNone, network.NATPerZone} {
		all := record(t, network.Args{ZoneNames: zones("ab"), NAT: nat})
		for _, port := range []int{20, 21, 22, 25, 80, 445, 3389} {
			for _, tier := range addressplan.Tiers {
				assert.False(t, passes(all, tier, false, world, port), "%s:%d with NAT %s", tier, port, nat)
			}
		}
		assert.True(t, passes(all, network.Public, false, world, 443))
		assert.True(t, passes(all, network.Public, true, world, 50000), "answers to clients")
		assert.Equal(t, nat != network.NATNone, passes(all, network.Public, false, world, 5432), "answers to the NAT gateway")
		assert.False(t, passes(all, network.Data, false, world, 50000))
		assert.False(t, passes(all, network.Data, true, world, 443))
		for name, rule := range named(all, aclRuleType) {
			assert.NotEqual(t, "-1", rule["protocol"], name)
			assert.NotEqual(t, "all", rule["protocol"], name)
		}
	}
}

// An instance's request to the internet crosses its own ACL and the gateway's,
// and its answer crosses both back.
func TestNATWorksThroughTheACLs(t *testing.T) {
	plan, _ := addressplan.New("10.0.0.0/16")
	for _, public := range []int{443, 8443} {
		all := record(t, network.Args{ZoneNames: zones("ab"), NAT: network.NATSingle, PublicPorts: []int{public}})
		for _, tier := range []network.Tier{network.Web, network.App} {
			instance := plan.Subnet(tier, 1).Addr().Next().String()
			assert.True(t, passes(all, tier, true, world, 443), tier)
			assert.True(t, passes(all, network.Public, false, instance, 443), tier)
			assert.True(t, passes(all, network.Public, true, world, 443))
			assert.True(t, passes(all, network.Public, false, world, 1024))
			assert.True(t, passes(all, network.Public, true, instance, 40000), tier)
			assert.True(t, passes(all, tier, false, world, 40000), tier)
		}
	}
}

// A way out passes both ACLs, there and back, and leads to nobody else.
func TestWaysOutPassTheACLs(t *testing.T) {
	plan, _ := addressplan.New("10.0.0.0/16")
	out := []network.Out{
		{Tier: network.App, Protocol: "tcp", Port: 587, CIDR: "198.51.100.0/24"}, {Tier: network.Web, Protocol: "udp", Port: 123,
			CIDR: "0.0.0.0/0"},
		{Tier: network.App, Protocol: "udp", Port: 123, CIDR: "0.0.0.0/0"}, {Tier: network.Web, Protocol: "tcp", Port: 587,
			CIDR: "198.51.100.0/24"},
	}
	all := record(t, network.Args{ZoneNames: zones("ab"), Out: out})
	leaves := func(protocol string, tier network.Tier, peer string, port int) bool {
		instance := plan.Subnet(tier, 0).Addr().Next().String()
		return lets(all, protocol, tier, true, peer, port) && lets(all, protocol, network.Public, false, instance, port) &&
			lets(all, protocol, network.Public, true, peer, port) && lets(all, protocol, network.Public, false, peer, 1024) &&
			lets(all, protocol, network.Public, true, instance, 40000) && lets(all, protocol, tier, false, peer, 40000)
	}
	for _, tier := range []network.Tier{network.Web, network.App} {
		assert.True(t, leaves("tcp", tier, world, 587), tier)
		assert.False(t, leaves("tcp", tier, "203.0.113.7", 587), "another's range, from %s", tier)
		assert.False(t, leaves("tcp", tier, world, 25), tier)
		assert.True(t, leaves("udp", tier, "203.0.113.7", 123), tier)
		assert.False(t, leaves("udp", tier, world, 53), tier)
		for _, other := range addressplan.Tiers {
			inside := plan.Subnet(other, 1).Addr().Next().String()
			assert.False(t, lets(all, "udp", tier, true, inside, 123), "%s speaks UDP to %s", tier, other)
		}
	}
	assert.False(t, lets(all, "udp", network.Public, false, world, 3389))
	// Rules are named and numbered by what they mean: taking one away moves no other.
	fewer := named(record(t, network.Args{ZoneNames: zones("ab"), Out: out[1:]}), aclRuleType)
	for name, rule := range named(all, aclRuleType) {
		if less, kept := fewer[name]; kept {
			assert.Equal(t, rule["ruleNumber"], less["ruleNumber"], name)
		}
	}
	var many []network.Out
	for i := range 16 {
		many = append(many, network.Out{Tier: network.App, Protocol: "tcp", Port: 5000 + i, CIDR: "198.51.100.0/24"})
	}
	assert.ErrorContains(t, network.Args{ZoneNames: zones("ab"), Out: many}.Validate().Err(),
		"out: the network ACL of the public tier needs 22 rules in one direction; AWS allows 20")
	assert.ErrorContains(t, network.Args{ZoneNames: zones("ab"), NAT: network.NATNone, Out: out}.Validate().Err(),
		"out[3]: there is no way out")
}

// Without NAT, instances still reach S3, whose addresses are public, by the
// gateway endpoint.
func TestS3WorksThroughTheACLs(t *testing.T) {
	all := record(t, network.Args{ZoneNames: zones("ab"), NAT: network.NATNone})
	for _, tier := range []network.Tier{network.Web, network.App} {
		assert.True(t, passes(all, tier, true, world, 443))
		assert.True(t, passes(all, tier, false, world, 32768))
	}
}

// Control 30, and rule numbers, which must be unique in each direction of an ACL.
func TestEverySubnetHasAnACLOfThePlatform(t *testing.T) {
	all := record(t, network.Args{ZoneNames: zones("abc"), PublicPorts: []int{443, 80}})
	var attached []any
	for _, acl := range named(all, aclType) {
		attached = append(attached, acl["subnetIds"].([]any)...)
	}
	var subnets []any
	for name := range named(all, subnetType) {
		subnets = append(subnets, name+"-id")
	}
	assert.ElementsMatch(t, subnets, attached)
	seen := map[string]string{}
	for name, rule := range named(all, aclRuleType) {
		key := describe(map[string]any{"egress": rule["egress"], "ruleNumber": rule["ruleNumber"], "cidrBlock": rule["networkAclId"]})
		require.NotContains(t, seen, key, "%s has the number of %s", name, seen[key])
		seen[key] = name
	}
	assert.True(t, passes(all, network.Public, false, world, 80))
}
