package controls

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every resource whose names tell it apart, once more under another logical name.
func TestEveryResourceOfAnothersName(t *testing.T) {
	base, tried := begin(t, "prod"), 0
	v := newView(base.graph())
	for keys, kinds := range apart {
		for _, kind := range strings.Fields(kinds) {
			seen := map[string]bool{}
			for _, r := range base.graph().ByType(typesOf(kind)...) {
				if _, known := v.claimOf(r, keys); !known || seen[r.Type] {
					continue
				}
				seen[r.Type] = true
				for _, other := range typesOf(kind) {
					s := begin(t, "prod")
					s.add(other, "mutant", r.Inputs).Provider = r.Provider
					assert.Contains(t, failingOn(s, 242), "C242", "a second %s (%s)", r.Name, other)
					tried++
				}
			}
		}
	}
	require.Greater(t, tried, 40)
	t.Log(tried, "resources of another's name")
}

// What AWS lets several resources share is no claim.
func TestNamesThatMayRepeat(t *testing.T) {
	s := begin(t, "prod")
	table := s.the("aws:ec2/routeTable:RouteTable", "prod-network-data").ID
	for _, name := range []string{"a", "b"} {
		s.add("aws:autoscaling/policy:Policy", name, in{"autoscalingGroupName": "group-" + name, "name": "cpu"})
		s.add("aws:ec2/route:Route", name, in{"routeTableId": table, "destinationPrefixListId": "pl-" + name})
		s.add(cfRecordType, name, in{"zoneId": "z", "name": "x.example.com", "type": "AAAA", "content": "2001:db8::" + name})
	}
	assert.False(t, slices.Contains(failingOn(s, 242), "C242"))
}
