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
	for keys, types := range apart {
		seen := map[string]bool{}
		for _, r := range base.graph().ByType(strings.Fields(types)...) {
			if _, known := v.claimOf(r, keys); !known || seen[r.Type] {
				continue
			}
			seen[r.Type] = true
			s := begin(t, "prod")
			s.add(r.Type, "mutant", r.Inputs).Provider = r.Provider
			assert.Contains(t, failingOn(s, 242), "C242", "a second %s (%s)", r.Name, r.Type)
			tried++
		}
	}
	require.Greater(t, tried, 20)
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
