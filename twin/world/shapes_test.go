package world

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
)

// TestOutputsHaveTheShapesOfTheRealProvider: as seen in the whole life of dev and prod against an emulated AWS.
func TestOutputsHaveTheShapesOfTheRealProvider(t *testing.T) {
	f := newFixture(t).platform().rest()
	require.NoError(t, another("networkaclrule", in{"ruleNumber": 200.0, "protocol": "tcp"})(f))
	assert.Equal(t, "6", f.made["x"].Text("protocol"), "a protocol is kept as its number")
	require.NoError(t, another("dashboard", in{"dashboardName": "x", "dashboardBody": `{"widgets": [] }`})(f))
	assert.Equal(t, `{"widgets": [] }`, f.made["x"].Text("dashboardBody"), "a body is kept as it was written")
	for name, property := range map[string]string{
		"db": "snapshotIdentifier", "bucket": "websiteEndpoint", "eip": "privateDns", "validation": "allowOverwrite",
		"selection": "conditions",
	} {
		require.NotNil(t, f.made[name], name)
		assert.NotContains(t, f.made[name].Outputs, property, "what there is nothing of is not an empty text")
	}

	require.NoError(t, another("object", in{"key": "large", "content": strings.Repeat("x", 2*partSize+1)})(f))
	assert.Regexp(t, "^[0-9a-f]{32}-3$", f.made["x"].Text("etag"), "what is uploaded in parts says in how many")
	require.NoError(t, another("object", in{"key": "small", "content": strings.Repeat("x", partSize)})(f))
	assert.Regexp(t, "^[0-9a-f]{32}$", f.made["x"].Text("etag"))

	configured := value.CopyMap(f.made["interface"].Outputs)
	var subnets []string
	for _, c := range objectsIn(configured["subnetConfigurations"]) {
		subnets = append(subnets, c["subnetId"].(string))
		assert.NotEmpty(t, c["ipv4"])
	}
	assert.ElementsMatch(t, []string{f.id("a"), f.id("b")}, subnets, "an endpoint has a configuration for each subnet")
}
