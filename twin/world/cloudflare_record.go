package world

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

// cloudflareName works out the full name of a record: "@" is the zone's own.
func cloudflareName(c *Call, o *Object) {
	zone := c.find(typeCloudflareZone, o.Text("zoneId"))
	if zone == nil {
		return
	}
	name := hostName(o.Text("name"))
	switch {
	case name == "@":
		name = domain(zone)
	case !within(name, domain(zone)):
		name += "." + domain(zone)
	}
	o.Outputs["hostname"] = name
}

var proxiableTypes = map[string]bool{"A": true, "AAAA": true, "CNAME": true}

// proxiedType: only addresses and aliases can be proxied (Cloudflare, "Proxy status").
func proxiedType(_ *Call, o *Object) error {
	if o.Flag("proxied") && !proxiableTypes[o.Text("type")] {
		return fault("9004", "This record type cannot be proxied: %s", o.Text("type"))
	}
	return nil
}

// proxiedTTL: a proxied record's TTL is automatic (Pulumi Cloudflare, Record). The provider checks this before
// Cloudflare does.
func proxiedTTL(_ *Call, o *Object) error {
	if ttl := o.Number("ttl"); o.Flag("proxied") && ttl != 0 && ttl != 1 {
		return message("ProxiedTTL", "error validating record %s: ttl must be set to 1 when `proxied` is true", o.Text("hostname"))
	}
	return nil
}

// cloudflareTTL: a TTL is automatic, or a minute to a day (Cloudflare, "Time to Live").
func cloudflareTTL(_ *Call, o *Object) error {
	if ttl := o.Number("ttl"); ttl != 0 && ttl != 1 && (ttl < 60 || ttl > 86400) {
		return fault("9021", "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic: %v", ttl)
	}
	return nil
}

// cloudflareAddress: an A record holds an IPv4 address and an AAAA record an IPv6 one (Cloudflare, "DNS record
// types").
func cloudflareAddress(_ *Call, o *Object) error {
	codes := map[string]string{"A": "9005", "AAAA": "9006"}
	code, isAddress := codes[o.Text("type")]
	if a, err := netip.ParseAddr(recordContent(o)); isAddress && (err != nil || a.Is4() != (code == "9005")) {
		return fault(code, "Content for %s record is invalid. Must be a valid IPv%s address: %s", o.Text("type"),
			map[string]string{"9005": "4", "9006": "6"}[code], recordContent(o))
	}
	return nil
}

// cloudflareToItself: a CNAME does not point to itself (Cloudflare, "DNS record types").
func cloudflareToItself(_ *Call, o *Object) error {
	if o.Text("type") == "CNAME" && hostName(recordContent(o)) == o.Text("hostname") {
		return fault("9039", "CNAME content cannot reference itself: %s", o.Text("hostname"))
	}
	return nil
}

func recordContent(o *Object) string {
	for _, property := range []string{"content", "value"} {
		if s, _ := o.Inputs[property].(string); s != "" {
			return s
		}
	}
	for _, property := range []string{"content", "value"} {
		if s := o.Text(property); s != "" {
			return s
		}
	}
	return value.Canonical(o.Outputs["data"])
}

// sameCloudflareHost finds another record of the same name for which f is true.
func (c *Call) sameCloudflareHost(o *Object, f func(*Object) bool) *Object {
	return first(c.having(typeCloudflareRecord, "hostname", o.Text("hostname")), func(other *Object) bool {
		return other.ID != c.ID && other.Text("zoneId") == o.Text("zoneId") && f(other)
	})
}

// cloudflareTwice: records of the same name and type differ in content (Cloudflare, "Records with the same name").
func cloudflareTwice(c *Call, o *Object) error {
	other := c.sameCloudflareHost(o, func(other *Object) bool {
		return other.Text("type") == o.Text("type") && sameContent(other, o) && !takesOver(c, o)
	})
	if other != nil {
		return message("RecordExists", "expected DNS record to not already be present but already exists: %s %s is %s",
			o.Text("hostname"), o.Text("type"), called(other))
	}
	return nil
}

// cloudflareBesideOthers: a CNAME stands alone (Cloudflare, "Records with the same name").
func cloudflareBesideOthers(c *Call, o *Object) error {
	other := c.sameCloudflareHost(o, func(other *Object) bool {
		return o.Text("type") == "CNAME" && proxiableTypes[other.Text("type")] && !(other.Text("type") == "CNAME" && takesOver(c, o))
	})
	if other != nil {
		return fault("81053", "An A, AAAA, or CNAME record with that host already exists: %s has %s", o.Text("hostname"), called(other))
	}
	return nil
}

// cloudflareBesideCNAME: no address or other CNAME stands beside a CNAME (Cloudflare, "Records with the same name").
func cloudflareBesideCNAME(c *Call, o *Object) error {
	other := c.sameCloudflareHost(o, func(other *Object) bool {
		return other.Text("type") == "CNAME" && o.Text("type") != "CNAME" && proxiableTypes[o.Text("type")]
	})
	if other != nil {
		return fault("81054", "A CNAME record with that host already exists: %s has %s", o.Text("hostname"), called(other))
	}
	return nil
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
		delete(o.Outputs, "value") // the state has only the one that the program sets
	case o.Inputs["value"] != nil:
		delete(o.Outputs, "content")
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
