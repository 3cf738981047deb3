package world

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (f *fixture) read(name string) (*Object, error) {
	o := f.made[name]
	return f.w.Read(Request{Type: o.Type, URN: o.URN, ID: o.ID, State: o.Outputs, Region: o.Region})
}

func (f *fixture) imported(typ, id string) (*Object, error) {
	return f.w.Read(Request{Type: typ, URN: "urn", ID: id})
}

// TestAZoneOfCloudflareThatIsGone: a refresh treats some of its objects as deleted, and fails for the rest.
func TestAZoneOfCloudflareThatIsGone(t *testing.T) {
	f := newFixture(t).platform().rest()
	require.NoError(t, f.w.Remove(typeCloudflareZone, f.id("cfzone")))
	for _, name := range []string{"cfzone", "www", "zonesettingsoverride"} {
		o, err := f.read(name)
		require.NoError(t, err, name)
		assert.Nil(t, o, name)
	}
	for _, name := range []string{"zonednssec", "authenticatedoriginpulls"} {
		_, err := f.read(name)
		assert.ErrorContains(t, err, "7003", name)
	}
}

func TestDNSSECThatWasDisabledByHand(t *testing.T) {
	f := newFixture(t).platform().rest()
	assert.Equal(t, "pending", f.made["zonednssec"].Text("status"))
	require.NoError(t, f.w.Alter(typeCloudflareDNSSEC, f.id("zonednssec"), in{"status": "disabled"}))
	_, err := f.read("zonednssec")
	assert.ErrorContains(t, err, "already disabled")
}

// TestImportsFromCloudflare: an imported record has its short name and no content; an apex record has its full name.
func TestImportsFromCloudflare(t *testing.T) {
	f := newFixture(t).platform().rest()
	zone := f.id("cfzone")
	f.must(typeCloudflareRecord, "apex", in{"zoneId": zone, "name": "example.org", "type": "TXT", "content": "x"})
	f.must(typeCloudflareRecord, "full", in{"zoneId": zone, "name": "api.example.org", "type": "TXT", "content": "x"})
	for name, want := range map[string]string{"www": "www", "full": "api", "apex": "example.org"} {
		o, err := f.imported(typeCloudflareRecord, zone+"/"+f.id(name))
		require.NoError(t, err, name)
		assert.Equal(t, want, o.Text("name"))
		assert.Nil(t, o.Outputs["content"], name)
		assert.NotEmpty(t, o.Text("value"), name)
	}
	_, err := f.imported(typeCloudflareRecord, f.id("www"))
	assert.ErrorContains(t, err, "zoneID/recordID")
	_, err = f.imported(typeCloudflareRecord, "0/"+f.id("www"))
	assert.ErrorContains(t, err, "unable to find record")
	_, err = f.imported(typeZoneSettings, zone)
	assert.ErrorContains(t, err, "doesn't support import")
	o, err := f.imported(typeOriginPulls, zone)
	require.NoError(t, err)
	assert.Regexp(t, "^[0-9a-f]{32}$", o.ID)
	_, err = f.imported(typeOriginPulls, zone+"/certificate")
	assert.ErrorContains(t, err, "7003")
}

// TestARecordIsTakenOver: it is found by its name within the zone, and keeps its id.
func TestARecordIsTakenOver(t *testing.T) {
	f := newFixture(t).platform()
	zone := f.id("cfzone")
	over := func(name, content string) error {
		return f.create(typeCloudflareRecord, "x", in{"zoneId": zone, "name": name, "type": "CNAME", "content": content,
			"allowOverwrite": true})
	}
	require.NoError(t, over("www", "other.test"))
	assert.Equal(t, f.id("www"), f.id("x"))
	assert.Equal(t, "other.test", f.w.Get(typeCloudflareRecord, f.id("www")).Text("content"))
	assert.ErrorContains(t, over("www.example.org", "other.test"), "expected DNS record to not already be present")
}

// TestAZoneKeepsItsAccount: changing it is an update that writes nothing.
func TestAZoneKeepsItsAccount(t *testing.T) {
	f := newFixture(t).platform()
	require.NoError(t, f.update("cfzone", in{"accountId": "y"}))
	assert.Equal(t, "x", f.w.Get(typeCloudflareZone, f.id("cfzone")).Text("accountId"))
}

// TestSettingsOfAZone: all are read before any is written, nel is never written, and webp only with polish.
func TestSettingsOfAZone(t *testing.T) {
	f := newFixture(t).platform()
	require.NoError(t, f.update("cfzone", in{"plan": "pro"}))
	f.must(typeZoneSettings, "s", in{"zoneId": f.id("cfzone"),
		"settings": in{"ssl": "strict", "nel": in{"enabled": true}, "webp": "on", "mirage": "on", "zeroRtt": "on"}})
	o := f.w.Get(typeZoneSettings, f.id("s"))
	assert.Equal(t, in{"ssl": "strict", "mirage": "on", "zeroRtt": "on"}, o.Outputs["settings"])
	initial := objectsIn(o.Outputs["initialSettings"])
	require.Len(t, initial, 1)
	assert.Len(t, initial[0], 61)
	assert.Equal(t, "full", initial[0]["ssl"])
	assert.Contains(t, o.Outputs["readonlySettings"], "mirage")

	require.NoError(t, f.update("s", in{"settings": in{"ssl": "strict", "webp": "on", "polish": "lossy", "mirage": "on"}}))
	assert.Equal(t, "on", f.w.Get(typeZoneSettings, f.id("s")).Outputs["settings"].(in)["webp"])
}

// TestARecordAsItsProviderHasIt: it has either content or value, as the program does; an SRV record may lack its
// priority; and an updated text is not checked.
func TestARecordAsItsProviderHasIt(t *testing.T) {
	f := newFixture(t).platform()
	zone := f.id("cfzone")
	for name, property := range map[string]string{"a": "content", "b": "value"} {
		f.must(typeCloudflareRecord, name, in{"zoneId": zone, "name": name, "type": "TXT", property: "x", "ttl": 0.0})
		o := f.w.Get(typeCloudflareRecord, f.id(name))
		assert.Equal(t, "x", o.Text(property))
		assert.NotContains(t, o.Outputs, map[string]string{"content": "value", "value": "content"}[property])
	}
	require.NoError(t, f.update("a", in{"content": "é"}))
	f.must(typeCloudflareRecord, "srv", in{"zoneId": zone, "name": "_sip._tcp", "type": "SRV",
		"data": in{"port": 443.0, "target": "example.org"}})
	zones, err := getCloudflareZone(&Call{World: f.w}, Query{Args: in{"name": "none.example"}})
	assert.Nil(t, zones)
	assert.ErrorContains(t, err, "no zone found")
}
