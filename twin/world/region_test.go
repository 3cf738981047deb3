package world

import (
	gomaps "maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A region missing from a table fails in the middle of a deployment, on an empty zone id.
func TestEveryTableKnowsEveryRegion(t *testing.T) {
	regions := slices.Sorted(gomaps.Keys(zonesOf))
	assert.Len(t, regions, 38)
	assert.Equal(t, regions, slices.Sorted(gomaps.Keys(balancerZones)))
	assert.Equal(t, regions, slices.Sorted(gomaps.Keys(bucketZones)))
	seen := map[string]string{}
	for region, zones := range balancerZones {
		for _, zone := range zones {
			assert.Regexp(t, `^Z[0-9A-Z]{11,20}$`, zone, region)
			assert.Empty(t, seen[zone], "%s is in %s too", zone, region)
			seen[zone] = region
		}
	}
}
