package network_test

import (
	"fmt"
	"math/rand"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// The answers are held against packets: every address of two small subnets, every port
// at which a rule begins or ends, and its neighbours. The simulation knows nothing of
// sets: it asks each rule of one packet, in order.

type rule struct {
	allow    bool
	from, to int
	prefix   netip.Prefix
}

func (r rule) String() string { return fmt.Sprintf("%v %d-%d %s", r.allow, r.from, r.to, r.prefix) }

func (r rule) matches(addr netip.Addr, port int) bool {
	return r.prefix.Contains(addr) && r.from <= port && port <= r.to
}

// first is what an ACL says: the first rule that matches, else no.
func first(rules []rule, addr netip.Addr, port int) bool {
	for _, r := range rules {
		if r.matches(addr, port) {
			return r.allow
		}
	}
	return false
}

func either(rules []rule, addr netip.Addr, port int) bool {
	for _, r := range rules {
		if r.matches(addr, port) {
			return true
		}
	}
	return false
}

type side struct {
	addrs    []netip.Addr
	prefix   string
	group    []rule // egress of the sender, ingress of the receiver
	in, out  []rule // the ACL
	id, kind string
}

var borders = []int{0, 1, 100, 443, 1024, 32767, 32768, 40000, 60999, 61000, 65535}

func randomRules(r *rand.Rand, prefixes []string, n int) []rule {
	var rules []rule
	for range n {
		a, b := borders[r.Intn(len(borders))], borders[r.Intn(len(borders))]
		rules = append(rules, rule{r.Intn(3) > 0, min(a, b), max(a, b), netip.MustParsePrefix(prefixes[r.Intn(len(prefixes))])})
	}
	return rules
}

func ports() []int {
	seen := map[int]bool{}
	var all []int
	for _, b := range borders {
		for _, p := range []int{b - 1, b, b + 1} {
			if p >= 0 && p <= 65535 && !seen[p] {
				seen[p] = true
				all = append(all, p)
			}
		}
	}
	return all
}

func TestAnswersAgreeWithPackets(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	some, all, none := 0, 0, 0
	for world := range 300 {
		a := side{prefix: "10.0.0.0/30", kind: "egress"}
		b := side{prefix: "10.0.0.4/30", kind: "ingress"}
		wide := []string{"0.0.0.0/0", "10.0.0.0/29", "0.0.0.0/1", "10.0.0.0/30", "10.0.0.4/30", "10.0.0.0/31", "10.0.0.6/31", "10.0.0.5/32",
			"10.0.0.2/32"}
		for _, s := range []*side{&a, &b} {
			for at := netip.MustParsePrefix(s.prefix).Addr(); netip.MustParsePrefix(s.prefix).Contains(at); at = at.Next() {
				s.addrs = append(s.addrs, at)
			}
			s.group, s.in, s.out = randomRules(r, wide, 1+r.Intn(2)), randomRules(r, wide, 1+r.Intn(4)), randomRules(r, wide, 1+r.Intn(4))
			// Most worlds would be closed: a last rule that allows opens many of them.
			everything := rule{true, 0, 65535, netip.MustParsePrefix("0.0.0.0/0")}
			for _, rules := range []*[]rule{&s.in, &s.out, &s.group} {
				if r.Intn(4) > 0 {
					*rules = append(*rules, everything)
				}
			}
		}
		w := build(t, a, b)
		require.Empty(t, w.Problems)
		from, to := w.Find("a")[0], w.Find("b")[0]
		for _, port := range ports() {
			may, must := simulate(a, b, port)
			packet := network.TCP(network.Port(port))
			require.Equal(t, may, packet.Within(w.Gate(network.May, from, to)), "world %d may port %d\na %v\nb %v", world, port, a, b)
			require.Equal(t, must, packet.Within(w.Gate(network.Must, from, to)), "world %d must port %d\na %v\nb %v", world, port, a, b)
			switch {
			case must:
				all++
			case may:
				some++
			default:
				none++
			}
		}
	}
	require.Greater(t, min(some, all, none), 100, "the worlds say too little: %d some, %d all, %d none", some, all, none)
}

// simulate asks for one port whether some packet and its reply get through, and whether
// all do. The sender is a server on Linux.
func simulate(a, b side, port int) (may, must bool) {
	must = true
	for _, src := range a.addrs {
		for _, dst := range b.addrs {
			there := either(a.group, dst, port) && either(b.group, src, port) && first(a.out, dst, port) && first(b.in, src, port)
			for _, reply := range ports() {
				through := there && first(b.out, src, reply) && first(a.in, dst, reply)
				may = may || through && reply > 0
				if reply >= 32768 && reply <= 60999 {
					must = must && through
				}
			}
		}
	}
	return may, must
}

func build(t *testing.T, sides ...side) *network.Model {
	s := specimen.Empty(t)
	vpc := s.Add("ec2/vpc:Vpc", "vpc", specimen.Inputs{"cidrBlock": "10.0.0.0/28"}).ID()
	for i, one := range sides {
		name := string(rune('a' + i))
		subnet := s.Add("ec2/subnet:Subnet", "subnet-"+name, specimen.Inputs{"vpcId": vpc, "cidrBlock": one.prefix}).ID()
		group := s.Add("ec2/securityGroup:SecurityGroup", "group-"+name, specimen.Inputs{"vpcId": vpc}).ID()
		acl := s.Add("ec2/networkAcl:NetworkAcl", "acl-"+name, specimen.Inputs{"vpcId": vpc, "subnetIds": []any{subnet}}).ID()
		s.Add("ec2/instance:Instance", name, specimen.Inputs{"subnetId": subnet, "vpcSecurityGroupIds": []any{group}})
		kind := map[string]string{"egress": "Egress", "ingress": "Ingress"}[one.kind]
		for j, r := range one.group {
			s.Add(fmt.Sprintf("vpc/securityGroup%sRule:SecurityGroup%sRule", kind, kind), fmt.Sprintf("rule-%s-%d", name, j),
				specimen.Inputs{
					"securityGroupId": group, "ipProtocol": "tcp", "fromPort": r.from, "toPort": r.to, "cidrIpv4": r.prefix.String(),
				})
		}
		for direction, rules := range map[bool][]rule{false: one.in, true: one.out} {
			for j, r := range rules {
				s.Add("ec2/networkAclRule:NetworkAclRule", fmt.Sprintf("acl-%s-%v-%d", name, direction, j), specimen.Inputs{
					"networkAclId": acl, "egress": direction, "ruleNumber": j + 1, "protocol": "tcp", "fromPort": r.from, "toPort": r.to,
					"ruleAction": map[bool]string{true: "allow", false: "deny"}[r.allow], "cidrBlock": r.prefix.String(),
				})
			}
		}
	}
	return network.New(s.Graph())
}
