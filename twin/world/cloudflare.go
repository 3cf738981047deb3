package world

import (
	"fmt"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeCloudflareZone    = "cloudflare:index/zone:Zone"
	typeCloudflareRecord  = "cloudflare:index/record:Record"
	typeCloudflareDNSSEC  = "cloudflare:index/zoneDnssec:ZoneDnssec"
	typeOriginPulls       = "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls"
	typeOriginPullsCert   = "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate"
	typeCloudflareHealth  = "cloudflare:index/healthcheck:Healthcheck"
	typeOriginCertificate = "cloudflare:index/originCaCertificate:OriginCaCertificate"
	typeRuleset           = "cloudflare:index/ruleset:Ruleset"
	typeZoneSettings      = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
)

func hex32(c *Call, _ *Object) string { return c.hex(32) }

// inCloudflareZone refuses, as Cloudflare does, any object of a zone that does not exist.
var inCloudflareZone = refers("zoneId", "7003", "Could not route to /client/v4/zones/%s, perhaps your object identifier is invalid?",
	typeCloudflareZone)

var cloudflareKinds = map[string]*kind{
	typeCloudflareZone: {
		id:      hex32,
		gone:    onlyDeleting(noRoute),
		create:  []rule{unique("1061", "%s already exists", "zone")},
		fill:    fillCloudflareZone,
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeCloudflareRecord, "zoneId"}) },
	},
	typeCloudflareRecord: {
		id:      recordIdentity,
		within:  inItsZone,
		gone:    onlyDeleting(noRecord),
		imports: importRecord,
		create:  []rule{recordCharacters},
		prepare: []func(*Call, *Object){cloudflareName},
		fill:    fillCloudflareRecord,
		check: []rule{
			inCloudflareZone,
			proxiedType,
			proxiedTTL,
			cloudflareTTL,
			cloudflareAddress,
			cloudflareToItself,
			cloudflareTwice,
			cloudflareBesideOthers,
			cloudflareBesideCNAME,
		},
	},
	typeCloudflareDNSSEC: {
		id:       byOutput("zoneId"),
		put:      true,
		within:   inItsZone,
		gone:     noRoute,
		readable: dnssecEnabled,
		check:    []rule{inCloudflareZone},
		fill:     fillCloudflareDNSSEC,
	},
	typeOriginPulls: {
		id:      originPullsID,
		put:     true,
		within:  inItsZone,
		gone:    noRoute,
		imports: importOriginPulls,
		check:   []rule{inCloudflareZone},
	},
	typeOriginPullsCert: {
		id:    hex32,
		check: []rule{inCloudflareZone},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"issuer": "", "signature": "SHA256WithRSA", "serialNumber": c.hex(30, "serial"), "status": "active",
				"uploadedOn": c.Now.Format(time.RFC3339), "expiresOn": c.Now.AddDate(1, 0, 0).Format(time.RFC3339)})
		},
	},
	typeCloudflareHealth: {
		id:    hex32,
		check: []rule{inCloudflareZone},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"checkRegions": []any{"WNAM"}, "method": "GET", "createdOn": c.Now.Format(time.RFC3339)})
			o.Outputs["modifiedOn"] = c.Now.Format(time.RFC3339)
		},
	},
	typeOriginCertificate: {
		id: func(c *Call, _ *Object) string { return c.hex(40) },
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "requestedValidity", 5475.0)
			setDefaults(o, value.Map{"expiresOn": c.Now.AddDate(0, 0, int(o.Number("requestedValidity"))).Format(time.RFC3339),
				"certificate": ""})
		},
	},
	typeRuleset: {
		id:    hex32,
		check: []rule{inCloudflareZone},
		create: []rule{
			unique("20217", "A similar configuration with rules already exists for phase %s", "phase", "zoneId"),
		},
		fill: func(_ *Call, o, _ *Object) { setDefault(o, "description", "") },
	},
	typeZoneSettings: {
		id:      byOutput("zoneId"),
		put:     true,
		within:  inItsZone,
		gone:    onlyDeleting(noRoute),
		imports: func(*Call, string) (*Object, error) { return nil, noImporter },
		check: []rule{
			inCloudflareZone,
			settingEditable,
		},
		remove: []rule{settingEditable}, // deleting writes the initial settings back
		fill:   fillZoneSettings,
	},
}

// nameServers are two of Cloudflare's pool, always the same for a domain.
func (c *Call) nameServers(domain string) []any {
	names := []string{"ada", "bob", "cora", "dan", "elma", "finn", "gina", "hank", "iris", "jack", "kate", "leo", "mona", "ned", "olga",
		"pete"}
	var n int
	_, _ = fmt.Sscanf(c.hexFor("cloudflare "+domain, 6), "%x", &n)
	first, second := n%len(names), (n/len(names)+n%len(names)+1)%len(names)
	if first == second {
		second = (second + 1) % len(names)
	}
	return []any{names[first] + ".ns.cloudflare.com", names[second] + ".ns.cloudflare.com"}
}

func fillCloudflareZone(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"nameServers": c.nameServers(o.Text("zone")), "plan": "free",
		"verificationKey":   c.hex(9, "key") + "-" + c.hex(9, "key2"),
		"vanityNameServers": []any{}, "meta": value.Map{"wildcard_proxiable": true, "phishing_detected": false}})
	if old == nil {
		c.delegateNew(o)
	} else {
		o.Outputs["accountId"] = old.Outputs["accountId"] // the provider does not send it
	}
	c.zoneStatus(o)
}

func fillCloudflareDNSSEC(c *Call, o, old *Object) {
	if old != nil {
		return
	}
	var tag int
	_, _ = fmt.Sscanf(c.hex(4, "tag"), "%x", &tag)
	digest := strings.ToUpper(c.hex(64, "digest"))
	zone := c.find(typeCloudflareZone, o.Text("zoneId")).Text("zone")
	setDefaults(o, value.Map{"algorithm": "13", "digest": digest, "digestAlgorithm": "SHA256", "digestType": "2", "flags": 257.0,
		"keyTag":  float64(tag),
		"keyType": "ECDSAP256SHA256", "publicKey": c.hex(60, "public"), "status": "pending", "modifiedOn": c.Now.Format(time.RFC1123Z),
		"ds": fmt.Sprintf("%s. 3600 IN DS %d 13 2 %s", zone, tag, digest)})
}
