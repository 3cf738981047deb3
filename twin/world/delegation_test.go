package world

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAZoneOfAProgramIsDelegated unless the twin is told otherwise: then its certificate waits until a person
// delegates it.
func TestAZoneOfAProgramIsDelegated(t *testing.T) {
	f := newFixture(t).platform()
	require.NoError(t, validationOf("www.example.test")(f))
	_, err := f.w.Delegate("example.test", false)
	require.NoError(t, err)
	require.ErrorContains(t, validate(f), "timeout while waiting for state to become 'ISSUED' (last state: 'PENDING_VALIDATION'")
	_, err = f.w.Create(Request{Type: typeValidation, URN: "urn:pulumi:s::p::x::x", Region: "eu-central-1",
		Planned: in{"certificateArn": f.id("wanted")}, Timeout: 10 * time.Minute})
	require.ErrorContains(t, err, "timeout: 10m0s", "the program's own")
	assert.NotEqual(t, "ISSUED", f.w.Get(typeCertificate, f.id("wanted")).Text("status"))
	changed, err := f.w.Delegate("Example.test.", true)
	require.NoError(t, err)
	assert.Equal(t, []string{"aws:route53/zone:Zone zone (" + f.id("zone") + ")"}, changed)
	require.NoError(t, validate(f))
	assert.Equal(t, "ISSUED", f.w.Get(typeCertificate, f.id("wanted")).Text("status"))
	events := f.w.Events()
	assert.Equal(t, "delegate", events[len(events)-2].Operation)
}

// TestACertificateThatNobodyWaitsForIsIssuedByTheNextDeployment: AWS issues it within minutes.
func TestACertificateThatNobodyWaitsForIsIssuedByTheNextDeployment(t *testing.T) {
	f := newFixture(t).platform()
	require.NoError(t, validationOf("www.example.test")(f))
	require.NoError(t, pendingCertificate(f))
	listen := another("listener", in{"port": 8443.0, "certificateArn": "@wanted"})
	require.ErrorContains(t, listen(f), "UnsupportedCertificate")
	require.NoError(t, f.w.Claim(nil, nil))
	assert.Equal(t, "acm.amazonaws.com", f.w.Events()[len(f.w.Events())-1].Caller)
	require.NoError(t, listen(f))
	assert.Equal(t, "PENDING_VALIDATION", f.w.Get(typeCertificate, f.id("pending")).Text("status"), "whose record is nowhere")
}

func TestZonesAreDelegatedByHandWhereThatIsAsked(t *testing.T) {
	f := newFixture(t)
	f.w.options.Undelegated = true
	f.must(typeZone, "zone", in{"name": "example.test"})
	f.must(typeCloudflareZone, "cf", in{"zone": "example.org"})
	for _, d := range f.w.Delegations() {
		assert.False(t, d.Delegated, d.Domain)
		assert.Contains(t, d.Why, d.NameServers[0], "what to write at the registrar")
	}
	assert.Equal(t, "pending", f.w.Get(typeCloudflareZone, f.id("cf")).Text("status"))
	_, err := f.w.Delegate("example.org", true)
	require.NoError(t, err)
	assert.Equal(t, "active", f.w.Get(typeCloudflareZone, f.id("cf")).Text("status"))
}

// TestOfTwoZonesOfADomainOneIsDelegated: the first, until a person says which.
func TestOfTwoZonesOfADomainOneIsDelegated(t *testing.T) {
	f := newFixture(t)
	f.must(typeZone, "first", in{"name": "example.test"})
	f.must(typeZone, "second", in{"name": "example.test"})
	f.must(typeZone, "private", in{"name": "example.test", "vpcs": []any{}})
	delegated := func() (ids []string) {
		for _, d := range f.w.Delegations() {
			if d.Delegated {
				ids = append(ids, d.Zone)
			}
		}
		return ids
	}
	assert.Equal(t, []string{called(f.made["first"])}, delegated())
	_, err := f.w.Delegate("example.test", true)
	require.ErrorContains(t, err, "3 zones are named example.test, and a domain is delegated to one: give the id")
	_, err = f.w.Delegate(f.id("second"), true)
	require.NoError(t, err)
	assert.Equal(t, []string{called(f.made["second"])}, delegated())
	_, err = f.w.Delegate("none.test", true)
	assert.ErrorIs(t, err, ErrNotFound)
}

// TestAChildZoneIsDelegatedByItsNSRecord where its parent zone is on the twin too, in either cloud.
func TestAChildZoneIsDelegatedByItsNSRecord(t *testing.T) {
	f := newFixture(t)
	f.must(typeCloudflareZone, "parent", in{"zone": "example.test"})
	f.must(typeZone, "zone", in{"name": "shop.example.test"})
	require.NoError(t, validationOf("www.shop.example.test")(f))
	require.ErrorContains(t, validate(f), "needs an NS record shop.example.test with ns-")
	f.must(typeCloudflareRecord, "ns", in{"zoneId": f.id("parent"), "name": "shop", "type": "NS",
		"content": f.made["zone"].Texts("nameServers")[2]})
	require.NoError(t, validate(f))
	require.NoError(t, f.remove("ns"))
	f.must(typeCloudflareRecord, "wrong", in{"zoneId": f.id("parent"), "name": "shop", "type": "NS", "content": "ns1.elsewhere.test"})
	require.NoError(t, f.create(typeCertificate, "wanted", in{"domainName": "www.shop.example.test", "validationMethod": "DNS"}))
	assert.ErrorContains(t, validate(f), "not delegated", "name servers of someone else")
}

// TestCAAIsAskedFromTheNameUp (RFC 8659): the nearest records count, and for a wildcard those with its own tag.
func TestCAAIsAskedFromTheNameUp(t *testing.T) {
	caa := func(name string, values ...string) step {
		return func(f *fixture) error {
			return f.create(typeRecord, "caa "+name,
				in{"zoneId": f.id("zone"), "name": name, "type": "CAA", "ttl": 60.0, "records": list(values)})
		}
	}
	for name, c := range map[string]struct {
		host  string
		steps []step
		fails bool
	}{
		"none":      {"www.example.test", nil, false},
		"Amazon's":  {"www.example.test", []step{caa("example.test", `0 issue "letsencrypt.org"`, `0 issue "amazon.com"`)}, false},
		"another's": {"www.example.test", []step{caa("example.test", `0 issue "letsencrypt.org"`)}, true},
		"nobody's":  {"www.example.test", []step{caa("example.test", `0 issue ";"`)}, true},
		"nearer": {"www.example.test",
			[]step{caa("example.test", `0 issue "letsencrypt.org"`), caa("www.example.test", `0 issue "amazontrust.com"`)}, false},
		"reports only": {"www.example.test", []step{caa("example.test", `0 iodef "mailto:a@example.test"`)}, false},
		"wildcards, another": {"*.example.test", []step{caa("example.test", `0 issue "amazon.com"`, `0 issuewild "letsencrypt.org"`)},
			true},
		"wildcards, Amazon": {"*.example.test", []step{caa("example.test", `0 issue "letsencrypt.org"`, `0 issuewild "amazon.com"`)},
			false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.must(typeZone, "zone", in{"name": "example.test"})
			for _, s := range append(c.steps, validationOf(c.host)) {
				require.NoError(t, s(f))
			}
			err := validate(f)
			if c.fails {
				require.ErrorContains(t, err, "CAA_ERROR")
				return
			}
			require.NoError(t, err)
		})
	}
}
