package addressplan

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The golden layout of pain 18. It must never change: a subnet that moves is
// replaced, with everything in it.
const golden = `
public a 10.20.0.0/22    web a 10.20.32.0/22    app a 10.20.64.0/22    data a 10.20.96.0/22
public b 10.20.4.0/22    web b 10.20.36.0/22    app b 10.20.68.0/22    data b 10.20.100.0/22
public c 10.20.8.0/22    web c 10.20.40.0/22    app c 10.20.72.0/22    data c 10.20.104.0/22
public d 10.20.12.0/22   web d 10.20.44.0/22    app d 10.20.76.0/22    data d 10.20.108.0/22
public e 10.20.16.0/22   web e 10.20.48.0/22    app e 10.20.80.0/22    data e 10.20.112.0/22
public f 10.20.20.0/22   web f 10.20.52.0/22    app f 10.20.84.0/22    data f 10.20.116.0/22
public g 10.20.24.0/22   web g 10.20.56.0/22    app g 10.20.88.0/22    data g 10.20.120.0/22
public h 10.20.28.0/22   web h 10.20.60.0/22    app h 10.20.92.0/22    data h 10.20.124.0/22
`

func TestLayoutIsGolden(t *testing.T) {
	plan := mustPlan(t, "10.20.0.0/16")
	var got []string
	for slot := range MaxZones {
		for _, tier := range Tiers {
			got = append(got, fmt.Sprintf("%s %c %s", tier, 'a'+slot, plan.Subnet(tier, slot)))
		}
	}
	assert.Equal(t, strings.Fields(golden), strings.Fields(strings.Join(got, " ")))
}

// Over every size and some places: subnets are disjoint, inside their tier, tiers
// inside the block, and big enough for a load balancer.
func TestSubnetsAreDisjointInsideAndLargeEnough(t *testing.T) {
	for bits := largest; bits <= smallest; bits++ {
		for _, base := range []string{"10.0.0.0", "10.255.0.0", "172.16.0.0", "192.168.0.0", "100.64.0.0"} {
			block := netip.PrefixFrom(netip.MustParseAddr(base), bits)
			plan := mustPlan(t, block.String())
			var all []netip.Prefix
			for _, tier := range Tiers {
				require.True(t, contains(block, plan.Tier(tier)), "%s of %s", tier, block)
				for slot := range MaxZones {
					subnet := plan.Subnet(tier, slot)
					require.True(t, contains(plan.Tier(tier), subnet), "%s in %s", subnet, tier)
					require.Equal(t, subnet, subnet.Masked())
					require.LessOrEqual(t, subnet.Bits(), 27)
					for _, other := range all {
						require.False(t, other.Overlaps(subnet), "%s and %s", other, subnet)
					}
					all = append(all, subnet)
				}
			}
		}
	}
}

func contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

func TestRefusedBlocks(t *testing.T) {
	for _, c := range []struct{ cidr, problem string }{
		{"", "is not a CIDR block"},
		{"10.0.0.0", "is not a CIDR block"},
		{"10.0.0.0/33", "is not a CIDR block"},
		{"fd00::/16", "is IPv6"},
		{"10.0.0.1/16", "write 10.0.0.0/16"},
		{"10.0.0.0/15", "larger than a VPC can be"},
		{"10.0.0.0/22", "too small"},
		{"10.0.0.0/28", "too small"},
		{"11.0.0.0/16", "is not private"},
		{"172.32.0.0/16", "is not private"},
		{"100.128.0.0/16", "is not private"},
		{"192.169.0.0/16", "is not private"},
	} {
		_, problems := New(c.cidr)
		assert.ErrorContains(t, problems.Err(), c.problem, c.cidr)
	}
}

func TestEverythingWrongIsReportedAtOnce(t *testing.T) {
	_, problems := New("8.8.8.8/28")
	assert.Len(t, problems, 3)
}

func TestSlotComesFromTheZonesLetter(t *testing.T) {
	for zone, want := range map[string]int{"eu-west-1a": 0, "us-east-1f": 5, "us-gov-west-1c": 2, "ap-southeast-4h": 7} {
		region, slot, ok := Slot(zone)
		require.True(t, ok, zone)
		assert.Equal(t, want, slot, zone)
		assert.Equal(t, zone[:len(zone)-1], region)
	}
	for _, zone := range []string{"", "a", "eu-west-1", "eu-west-1i", "eu-west-1A", "us-east-1-bos-1a", "us-west-2-lax-1b", "euw1-az1"} {
		_, _, ok := Slot(zone)
		assert.False(t, ok, zone)
	}
}

func mustPlan(t *testing.T, cidr string) Plan {
	t.Helper()
	plan, problems := New(cidr)
	require.NoError(t, problems.Err())
	return plan
}
