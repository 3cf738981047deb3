package world

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/store"
	"github.com/causeway-iac/causeway/twin/value"
)

// twoRegions is a world with things of the same names in two regions.
func twoRegions(t *testing.T) *fixture {
	f := newFixture(t)
	for _, region := range []string{"eu-central-1", "us-east-1"} {
		f.region = region
		f.must(typeVPC, "vpc "+region, in{"cidrBlock": "10.0.0.0/16"})
		f.must(typeLogGroup, "logs "+region, in{"name": "site", "retentionInDays": 7.0})
		f.must(typeKey, "key "+region, in{})
		f.must(typeAlias, "alias "+region, in{"name": "alias/data", "targetKeyId": f.id("key " + region)})
		f.must(typeParameter, "parameter "+region, in{"name": "/site", "type": "String", "value": region})
		f.must(typeTopic, "topic "+region, in{"name": "pages"})
		f.must(typeAlarm, "alarm "+region, in{"name": "cpu", "metricName": "m", "namespace": "n"})
	}
	f.region = ""
	return f
}

// TestRegionsKeepTheirOwnNames: the same name in two regions is two things, each read, changed and deleted only
// through its own region.
func TestRegionsKeepTheirOwnNames(t *testing.T) {
	f := twoRegions(t)
	for _, kind := range []string{"logs", "alias", "parameter", "alarm"} {
		one, two := f.made[kind+" eu-central-1"], f.made[kind+" us-east-1"]
		assert.Equal(t, one.ID, two.ID, kind)
		assert.NotEqual(t, one.Text("arn"), two.Text("arn"), kind)
	}
	require.NoError(t, f.w.Delete(Request{Type: typeLogGroup, ID: "site", Region: "eu-central-1", State: in{"name": "site"}}))
	for region, there := range map[string]bool{"eu-central-1": false, "us-east-1": true} {
		o, err := f.w.Read(Request{Type: typeLogGroup, ID: "site", Region: region})
		require.NoError(t, err)
		assert.Equal(t, there, o != nil, region)
		if there {
			assert.Equal(t, region, o.Region)
		}
	}
	o, err := f.w.Update(Request{Type: typeLogGroup, ID: "site", Region: "us-east-1", State: in{"name": "site"},
		Inputs: in{"name": "site"}, Planned: in{"name": "site", "retentionInDays": 30.0}})
	require.NoError(t, err)
	assert.EqualValues(t, 30, o.Number("retentionInDays"))
	_, err = f.w.Update(Request{Type: typeLogGroup, ID: "site", Region: "eu-central-1", State: in{"name": "site"}, Inputs: in{},
		Planned: in{}})
	assert.ErrorContains(t, err, "site does not exist in eu-central-1")
}

// TestAVPCOfOneRegionIsNotFoundInAnother, neither by a read nor by a lookup.
func TestAVPCOfOneRegionIsNotFoundInAnother(t *testing.T) {
	f := twoRegions(t)
	id := f.id("vpc us-east-1")
	o, err := f.w.Read(Request{Type: typeVPC, ID: id, Region: "eu-central-1"})
	require.NoError(t, err)
	assert.Nil(t, o)
	_, err = f.w.Invoke(Query{Function: "aws:ec2/getVpc:getVpc", Region: "eu-central-1", Args: in{"id": id}})
	assert.ErrorContains(t, err, "0 VPCs match")
	_, err = f.w.Invoke(Query{Function: "aws:ec2/getVpc:getVpc", Region: "us-east-1", Args: in{"id": id}})
	assert.NoError(t, err)
}

// TestLookupsAnswerOfTheirRegion where both regions have something of that name.
func TestLookupsAnswerOfTheirRegion(t *testing.T) {
	f := twoRegions(t)
	for _, region := range []string{"eu-central-1", "us-east-1"} {
		out, err := f.w.Invoke(Query{Function: "aws:ssm/getParameter:getParameter", Region: region, Args: in{"name": "/site"}})
		require.NoError(t, err)
		assert.Equal(t, region, out["value"])
		out, err = f.w.Invoke(Query{Function: "aws:kms/getKey:getKey", Region: region, Args: in{"keyId": "alias/data"}})
		require.NoError(t, err)
		assert.Equal(t, f.made["key "+region].Text("arn"), out["arn"])
	}
}

// TestRegionsSurviveTheFile: the same names in two regions are two records of the store.
func TestRegionsSurviveTheFile(t *testing.T) {
	path := t.TempDir() + "/twin.db"
	s, err := store.Open(path)
	require.NoError(t, err)
	w, err := Open(Options{Store: s, Account: "111122223333"})
	require.NoError(t, err)
	for _, region := range []string{"eu-central-1", "us-east-1"} {
		_, err := w.Create(Request{Type: typeLogGroup, URN: "urn:pulumi:s::p::" + typeLogGroup + "::" + region, Region: region,
			Inputs: value.Map{"name": "site"}, Planned: value.Map{"name": "site"}})
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	s, err = store.Open(path)
	require.NoError(t, err)
	defer s.Close()
	w, err = Open(Options{Store: s, Account: "111122223333"})
	require.NoError(t, err)
	require.Len(t, w.Objects(), 2)
	require.NoError(t, w.Delete(Request{Type: typeLogGroup, ID: "site", Region: "us-east-1"}))
	require.Len(t, w.Objects(), 1)
	assert.Equal(t, "eu-central-1", w.Objects()[0].Region)
}

// TestGlobalTypesAreOfTheKinds: no name in the list is wrong.
func TestGlobalTypesAreOfTheKinds(t *testing.T) {
	for typ := range globalTypes {
		assert.Contains(t, kinds, typ)
	}
}
