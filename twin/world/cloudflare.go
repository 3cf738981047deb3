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

// zoneGone is Cloudflare's answer for any object of a zone that it does not have.
var inCloudflareZone = refers("zoneId", "7003", "Could not route to /client/v4/zones/%s, perhaps your object identifier is invalid?", typeCloudflareZone)

var cloudflareKinds = map[string]*kind{
	typeCloudflareZone: {
		id: hex32, create: []rule{unique("1061", "%s already exists", "zone")}, fill: fillCloudflareZone,
		removed: removeZoneRecords,
	},
	typeCloudflareRecord: {
		id: hex32, check: []rule{inCloudflareZone, cloudflareName, proxiedRecord, cloudflareConflicts}, fill: fillCloudflareRecord,
		adopt: func(c *Call, id string) *Object {
			if _, record, found := strings.Cut(id, "/"); found {
				return c.find(typeCloudflareRecord, record)
			}
			return nil
		},
	},
	typeCloudflareDNSSEC: {id: byOutput("zoneId"), check: []rule{inCloudflareZone}, fill: fillCloudflareDNSSEC},
	typeOriginPulls:      {id: originPullsID, check: []rule{inCloudflareZone}},
	typeOriginPullsCert: {id: hex32, check: []rule{inCloudflareZone}, fill: func(c *Call, o, _ *Object) {
		setDefaults(o, value.Map{"issuer": "", "signature": "SHA256WithRSA", "serialNumber": c.hex(30, "serial"), "status": "active",
			"uploadedOn": c.Now.Format(time.RFC3339), "expiresOn": c.Now.AddDate(1, 0, 0).Format(time.RFC3339)})
	}},
	typeCloudflareHealth: {id: hex32, check: []rule{inCloudflareZone}, fill: func(c *Call, o, _ *Object) {
		setDefaults(o, value.Map{"checkRegions": []any{"WNAM"}, "method": "GET", "createdOn": c.Now.Format(time.RFC3339)})
		o.Outputs["modifiedOn"] = c.Now.Format(time.RFC3339)
	}},
	typeOriginCertificate: {id: func(c *Call, _ *Object) string { return c.hex(40) }, fill: func(c *Call, o, _ *Object) {
		setDefault(o, "requestedValidity", 5475.0)
		setDefaults(o, value.Map{"expiresOn": c.Now.AddDate(0, 0, int(o.Number("requestedValidity"))).Format(time.RFC3339), "certificate": ""})
	}},
	typeRuleset: {id: hex32, check: []rule{inCloudflareZone}, create: []rule{unique("20217", "A similar configuration with rules already exists for phase %s", "phase", "zoneId")},
		fill: func(_ *Call, o, _ *Object) { setDefault(o, "description", "") }},
	typeZoneSettings: {id: byOutput("zoneId"), check: []rule{inCloudflareZone}, fill: func(c *Call, o, _ *Object) {
		setDefaults(o, value.Map{"initialSettings": []any{}, "initialSettingsReadAt": c.Now.Format(time.RFC3339), "readonlySettings": []any{}, "zoneStatus": "active", "zoneType": "full", "settings": value.Map{}})
	}},
}

// nameServers are two of Cloudflare's pool, the same for a domain whenever it is asked.
func (c *Call) nameServers(domain string) []any {
	names := []string{"ada", "bob", "cora", "dan", "elma", "finn", "gina", "hank", "iris", "jack", "kate", "leo", "mona", "ned", "olga", "pete"}
	var n int
	_, _ = fmt.Sscanf(c.hexFor("cloudflare "+domain, 6), "%x", &n)
	first, second := n%len(names), (n/len(names)+n%len(names)+1)%len(names)
	if first == second {
		second = (second + 1) % len(names)
	}
	return []any{names[first] + ".ns.cloudflare.com", names[second] + ".ns.cloudflare.com"}
}

func fillCloudflareZone(c *Call, o, _ *Object) {
	domain := o.Text("zone")
	setDefaults(o, value.Map{"nameServers": c.nameServers(domain), "status": "active", "plan": "free", "verificationKey": c.hex(9, "key") + "-" + c.hex(9, "key2"),
		"vanityNameServers": []any{}, "meta": value.Map{"wildcard_proxiable": true, "phishing_detected": false}})
}

func removeZoneRecords(c *Call, zone *Object) {
	var gone []*Object
	c.each(typeCloudflareRecord, func(r *Object) bool {
		if r.Text("zoneId") == zone.ID {
			gone = append(gone, r)
		}
		return true
	})
	for _, r := range gone {
		c.Drop(r)
	}
}

// cloudflareName works out the full name of a record: "@" is the zone's own.
func cloudflareName(c *Call, o *Object) error {
	zone := c.find(typeCloudflareZone, o.Text("zoneId")).Text("zone")
	name := strings.ToLower(strings.TrimSuffix(o.Text("name"), "."))
	switch {
	case name == "@" || name == zone:
		name = zone
	case !strings.HasSuffix(name, "."+zone):
		name += "." + zone
	}
	o.Outputs["hostname"] = name
	return nil
}

var proxiableTypes = map[string]bool{"A": true, "AAAA": true, "CNAME": true}

// proxiedRecord: only addresses and aliases can be proxied, and then the TTL is automatic, 1
// (Cloudflare, "Proxy status" and "Time to Live").
func proxiedRecord(_ *Call, o *Object) error {
	if !o.Flag("proxied") {
		return nil
	}
	if !proxiableTypes[o.Text("type")] {
		return fault("9004", "This record type cannot be proxied: %s", o.Text("type"))
	}
	if ttl := o.Number("ttl"); ttl != 0 && ttl != 1 {
		return fault("9021", "ttl must be set to 1 when `proxied` is true")
	}
	return nil
}

func recordContent(o *Object) string {
	if s := o.Text("content"); s != "" {
		return s
	}
	if s := o.Text("value"); s != "" {
		return s
	}
	return value.Canonical(o.Outputs["data"])
}

func cloudflareConflicts(c *Call, o *Object) error {
	var err error
	c.each(typeCloudflareRecord, func(other *Object) bool {
		if other.ID == c.ID || other.Text("zoneId") != o.Text("zoneId") || other.Text("hostname") != o.Text("hostname") {
			return true
		}
		same := other.Text("type") == o.Text("type")
		switch {
		case same && sameContent(other, o) && !o.Flag("allowOverwrite"):
			err = fault("81058", "An identical record already exists: %s %s", o.Text("hostname"), o.Text("type"))
		case same && o.Text("type") == "CNAME", !same && proxiableTypes[other.Text("type")] && o.Text("type") == "CNAME":
			err = fault("81053", "An A, AAAA, or CNAME record with that host already exists: %s", o.Text("hostname"))
		case !same && other.Text("type") == "CNAME" && proxiableTypes[o.Text("type")]:
			err = fault("81054", "A CNAME record with that host already exists: %s", o.Text("hostname"))
		}
		return err == nil
	})
	return err
}

func sameContent(a, b *Object) bool {
	if a.Outputs["data"] != nil || b.Outputs["data"] != nil {
		return value.Canonical(a.Outputs["data"]) == value.Canonical(b.Outputs["data"])
	}
	return strings.EqualFold(recordContent(a), recordContent(b))
}

func fillCloudflareRecord(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"ttl": 1.0, "metadata": value.Map{}, "createdOn": c.Now.Format(time.RFC3339)})
	o.Outputs["modifiedOn"] = c.Now.Format(time.RFC3339)
	o.Outputs["proxiable"] = proxiableTypes[o.Text("type")]
	switch {
	case o.Inputs["content"] != nil:
		o.Outputs["value"] = o.Outputs["content"]
	case o.Inputs["value"] != nil:
		o.Outputs["content"] = o.Outputs["value"]
	case o.Outputs["data"] != nil:
		text := dataText(o)
		o.Outputs["content"], o.Outputs["value"] = text, text
	}
}

// dataText writes a record's data as a zone file would.
func dataText(o *Object) string {
	data, _ := o.Outputs["data"].(value.Map)
	text := func(k string) string {
		if data[k] == nil {
			return ""
		}
		return strings.Trim(value.Canonical(data[k]), `"`)
	}
	if o.Text("type") == "CAA" {
		return fmt.Sprintf("%s %s %q", text("flags"), text("tag"), text("value"))
	}
	var parts []string
	for _, k := range []string{"priority", "weight", "port", "target", "keyTag", "algorithm", "digestType", "digest", "value"} {
		if t := text(k); t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, " ")
}

func fillCloudflareDNSSEC(c *Call, o, old *Object) {
	if old != nil {
		return
	}
	var tag int
	_, _ = fmt.Sscanf(c.hex(4, "tag"), "%x", &tag)
	digest := strings.ToUpper(c.hex(64, "digest"))
	zone := c.find(typeCloudflareZone, o.Text("zoneId")).Text("zone")
	setDefaults(o, value.Map{"algorithm": "13", "digest": digest, "digestAlgorithm": "SHA256", "digestType": "2", "flags": 257.0, "keyTag": float64(tag),
		"keyType": "ECDSAP256SHA256", "publicKey": c.hex(60, "public"), "status": "active", "modifiedOn": c.Now.Format(time.RFC3339),
		"ds": fmt.Sprintf("%s. 3600 IN DS %d 13 2 %s", zone, tag, digest)})
}

func originPullsID(_ *Call, o *Object) string {
	for _, p := range []string{"hostname", "authenticatedOriginPullsCertificate"} {
		if s := o.Text(p); s != "" {
			return o.Text("zoneId") + "/" + s
		}
	}
	return o.Text("zoneId")
}
