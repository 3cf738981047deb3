package world

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// TestAnUpdateOfNothingChangesNothing: for every type, repeating the same inputs is accepted and changes nothing.
func TestAnUpdateOfNothingChangesNothing(t *testing.T) {
	f := newFixture(t).platform().rest()
	for name, o := range f.made {
		before := f.w.Get(o.Type, o.Key)
		require.NoError(t, f.update(name, in{}), name)
		after := f.w.Get(o.Type, o.Key)
		for _, moving := range []string{"latestRestorableTime", "version", "lockToken", "latestVersion", "modifiedOn"} {
			delete(before.Outputs, moving)
			delete(after.Outputs, moving)
		}
		assert.Equal(t, before.Outputs, after.Outputs, name)
		assert.Equal(t, before.Hidden[addressKey], after.Hidden[addressKey], name)
	}
}

// TestWhatMovedOnStays: for every type with tags, an update of something else does not undo a change made behind the
// engine's back.
func TestWhatMovedOnStays(t *testing.T) {
	f := newFixture(t).platform().rest()
	types := 0
	for name, o := range f.made {
		if r := facts.AWS().Resources[o.Type]; r == nil || r.Properties["tags"] == nil {
			continue
		}
		types++
		remembered := f.w.Get(o.Type, o.Key).Outputs
		require.NoError(t, f.w.Alter(o.Type, o.Key, in{"tags": in{"moved": "on"}}), name)
		planned := value.CopyMap(remembered)
		planned["somethingElse"] = "changed"
		_, err := f.w.Update(Request{Type: o.Type, URN: o.URN, ID: o.ID, Region: o.Region, State: remembered, Inputs: o.Inputs,
			Planned: planned})
		require.NoError(t, err, name)
		now := f.w.Get(o.Type, o.Key)
		assert.Equal(t, in{"moved": "on"}, now.Outputs["tags"], name)
		assert.Equal(t, "changed", now.Outputs["somethingElse"], name)
	}
	assert.Greater(t, types, 40)
}

// TestFewerSubnetsGiveAddressesBack: whatever holds addresses in three subnets can shrink to two and grow back to
// three, and the subnet it left can be deleted meanwhile.
func TestFewerSubnetsGiveAddressesBack(t *testing.T) {
	for name, property := range map[string]string{"lb": "subnets", "interface": "subnetIds", "proxy": "vpcSubnetIds"} {
		f := newFixture(t).platform().rest()
		third := func() {
			f.must(typeSubnet, "c", in{"vpcId": f.id("vpc"), "cidrBlock": "10.0.2.0/24", "availabilityZone": "eu-central-1c"})
		}
		wide := func() error {
			return f.update(name, in{property: list1(f.id("a"), f.id("b"), f.id("c")), "subnetMappings": nil})
		}
		third()
		require.NoError(t, wide(), name)
		require.ErrorContains(t, f.remove("c"), "DependencyViolation", name)
		require.NoError(t, f.update(name, in{property: list1(f.id("a"), f.id("b")), "subnetMappings": nil}), name)
		o := f.w.Get(f.made[name].Type, f.id(name))
		held, _ := o.Hidden[addressKey].(value.Map)
		assert.ElementsMatch(t, []string{f.id("a"), f.id("b")}, slices.Collect(maps.Keys(held)), name)
		require.NoError(t, f.remove("c"), name)
		third()
		require.NoError(t, wide(), name)
	}
}

// TestADatabaseThatGrewIsUpdated: storage that grew, by itself or by hand, is no reason to refuse another change.
func TestADatabaseThatGrewIsUpdated(t *testing.T) {
	f := newFixture(t).platform()
	remembered := f.w.Get(typeInstance, f.id("db"))
	require.NoError(t, f.w.Alter(typeInstance, f.id("db"), in{"allocatedStorage": 34.0}))
	planned := value.CopyMap(remembered.Outputs)
	planned["instanceClass"] = "db.t4g.small"
	o, err := f.w.Update(Request{Type: typeInstance, URN: remembered.URN, ID: remembered.ID, Region: remembered.Region,
		State: remembered.Outputs, Inputs: remembered.Inputs, Planned: planned})
	require.NoError(t, err)
	assert.Equal(t, 34.0, o.Number("allocatedStorage"))
	assert.ErrorContains(t, f.update("db", in{"allocatedStorage": 30.0}), "cannot shrink to 30")
}

// TestInstancesFollowTheirCluster: when a cluster moves to another major version, its instances have that version and
// can be changed.
func TestInstancesFollowTheirCluster(t *testing.T) {
	f := newFixture(t).platform()
	f.must(typeClusterParameterGroup, "old", in{"name": "old", "family": "aurora-postgresql15"})
	f.must(typeParameterGroup, "own", in{"name": "own", "family": "aurora-postgresql15"})
	f.must(typeCluster, "c", in{"clusterIdentifier": "c", "engine": "aurora-postgresql", "engineVersion": "15", "masterUsername": "app",
		"manageMasterUserPassword": true, "dbSubnetGroupName": "data"})
	f.must(typeClusterInstance, "i", in{"identifier": "i", "clusterIdentifier": "c", "engine": "aurora-postgresql",
		"instanceClass": "db.r8g.large", "dbParameterGroupName": "own"})
	require.NoError(t, f.update("c", in{"engineVersion": "17", "allowMajorVersionUpgrade": true, "dbClusterParameterGroupName": nil}))
	require.NoError(t, f.update("i", in{"instanceClass": "db.r8g.xlarge"}))
	o := f.w.Get(typeClusterInstance, "i")
	assert.Equal(t, "17.5", o.Text("engineVersionActual"))
	assert.Equal(t, "17", o.Text("engineVersion"))
	assert.Equal(t, "default.aurora-postgresql17", o.Text("dbParameterGroupName"))
}
