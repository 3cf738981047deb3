package world

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
)

// TestOutputsHaveTheShapesOfTheRealProvider: seen of its whole life of dev and prod against an emulated AWS.
func TestOutputsHaveTheShapesOfTheRealProvider(t *testing.T) {
	f := newFixture(t).platform().rest()
	require.NoError(t, another("networkaclrule", in{"ruleNumber": 200.0, "protocol": "tcp"})(f))
	assert.Equal(t, "6", f.made["x"].Text("protocol"), "a protocol is kept as its number")
	require.NoError(t, another("dashboard", in{"dashboardName": "x", "dashboardBody": `{"widgets": [] }`})(f))
	assert.Equal(t, `{"widgets": [] }`, f.made["x"].Text("dashboardBody"), "a body is kept as it was written")
	assert.Nil(t, f.made["db"].Outputs["snapshotIdentifier"], "a database that is restored from nothing says nothing of it")

	configured := value.CopyMap(f.made["interface"].Outputs)
	var subnets []string
	for _, c := range objectsIn(configured["subnetConfigurations"]) {
		subnets = append(subnets, c["subnetId"].(string))
		assert.NotEmpty(t, c["ipv4"])
	}
	assert.ElementsMatch(t, []string{f.id("a"), f.id("b")}, subnets, "an endpoint has a configuration for each subnet")
}
