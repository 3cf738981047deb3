package world

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// What the Cloudflare provider says itself, or does differently from others, as seen by running its code (4.52).

// inItsZone says whether an object's zone still exists.
func inItsZone(c *Call, o *Object) bool { return c.find(typeCloudflareZone, o.Text("zoneId")) != nil }

// noRoute: anything in a deleted zone is not found (Cloudflare, "Troubleshooting API requests").
func noRoute(c *Call, _ string) error {
	zone, _ := c.State["zoneId"].(string)
	zone = cmp.Or(zone, c.ID)
	return fault("7003", "Could not route to /client/v4/zones/%s, perhaps your object identifier is invalid?", zone)
}

// noRecord: a deleted record is not found (Cloudflare, "DNS Records for a Zone", errors).
func noRecord(*Call, string) error { return fault("81044", "Record does not exist.") }

// onlyDeleting is for what a refresh takes as deleted, but a deletion reports as an error.
func onlyDeleting(says func(*Call, string) error) func(*Call, string) error {
	return func(c *Call, operation string) error {
		if operation != "delete" {
			return nil
		}
		return says(c, operation)
	}
}

// noImporter is the provider's answer to the import of a zone's settings.
var noImporter = message("NoImporter", "resource cloudflare_zone_settings_override doesn't support import")

// importRecord finds a record by zone and id. As the provider reads it, it has its name relative to the zone and no
// content: a program that writes either differently replaces or changes the record next (Pulumi Cloudflare, Record).
func importRecord(c *Call, id string) (*Object, error) {
	zoneID, recordID, both := strings.Cut(id, "/")
	if !both {
		return nil, message("RecordID", "invalid id (%q) specified, should be in format \"zoneID/recordID\" for import", id)
	}
	o := c.find(typeCloudflareRecord, recordID)
	zone := c.find(typeCloudflareZone, zoneID)
	if o == nil || zone == nil || o.Text("zoneId") != zoneID {
		return nil, message("RecordImport", "unable to find record with ID %q in zone %q", recordID, zoneID)
	}
	o = o.copy()
	if short, within := strings.CutSuffix(o.Text("hostname"), "."+domain(zone)); within {
		o.Outputs["name"] = short
	} else {
		o.Outputs["name"] = o.Text("hostname")
	}
	o.Outputs["value"] = recordContent(o)
	delete(o.Outputs, "content")
	return o, nil
}

// originPullsID is a hash of what is authenticated: a zone, a zone by its own certificate, or one of its hosts.
func originPullsID(_ *Call, o *Object) string {
	zone, certificate, host := o.Text("zoneId"), o.Text("authenticatedOriginPullsCertificate"), o.Text("hostname")
	text := "GlobalAOP/" + zone + "/"
	switch {
	case host != "":
		text = "PerHostnameAOP/" + zone + "/" + host + "/" + certificate
	case certificate != "":
		text = "PerZoneAOP/" + zone + "/" + certificate
	}
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// importOriginPulls takes a zone, a zone and a certificate, or a zone, a certificate and a host.
func importOriginPulls(c *Call, id string) (*Object, error) {
	parts := append(strings.Split(id, "/"), "", "")
	o := &Object{Outputs: value.Map{"zoneId": parts[0], "authenticatedOriginPullsCertificate": parts[1], "hostname": parts[2]}}
	found := c.find(typeOriginPulls, originPullsID(c, o))
	if found == nil || len(parts) > 5 {
		return nil, noRoute(c, "import")
	}
	return found.copy(), nil
}

// dnssecEnabled: the provider does not read a zone whose DNSSEC was disabled by hand (Pulumi Cloudflare, ZoneDnssec).
func dnssecEnabled(_ *Call, o *Object) error {
	if o.Text("status") == "disabled" {
		return message("DNSSECDisabled", "DNSSEC is already disabled for zone %q", o.Text("zoneId"))
	}
	return nil
}

// readonlySettings are those that a zone on the free plan cannot set (Cloudflare, "Plans": of each feature its
// availability).
var readonlySettings = strings.Fields(`advanced_ddos mirage origin_error_page_pass_thru polish prefetch_preload proxy_read_timeout
	response_buffering sort_query_string_for_cache true_client_ip_header waf webp`)

// settingEditable: a setting that the plan makes read-only is refused (Pulumi Cloudflare, ZoneSettingsOverride).
func settingEditable(c *Call, o *Object) error {
	settings, _ := o.Outputs["settings"].(value.Map)
	zone := c.find(typeCloudflareZone, o.Text("zoneId"))
	if plan := zone.Text("plan"); plan != "" && plan != "free" {
		return nil
	}
	for _, name := range readonlySettings {
		if v, said := settings[camelCase(name)]; said && !value.Zero(v) {
			return message("ReadonlySetting", "invalid zone setting %q (value: %v) found - cannot be set as it is read only", name, v)
		}
	}
	return nil
}

// newZoneSettings are the settings of a new zone, which creation reads before it writes (Cloudflare API reference,
// "Zone settings": the default of each). Those not listed are off.
var newZoneSettings = value.Map{
	"alwaysOnline": "on", "automaticHttpsRewrites": "on", "brotli": "on", "browserCacheTtl": 14400.0, "browserCheck": "on",
	"cacheLevel": "aggressive", "challengeTtl": 1800.0, "ciphers": []any{}, "cnameFlattening": "flatten_at_root",
	"emailObfuscation": "on", "fonts": "off", "http2": "on", "http3": "on", "ipGeolocation": "on", "ipv6": "on", "maxUpload": 100.0,
	"minTlsVersion": "1.0", "opportunisticEncryption": "on", "opportunisticOnion": "on", "originMaxHttpVersion": "2",
	"privacyPass": "on", "proxyReadTimeout": "100", "replaceInsecureJs": "on", "securityLevel": "medium", "serverSideExclude": "on",
	"ssl": "full", "sslAutomaticMode": "auto", "tls13": "on", "universalSsl": "on", "websockets": "on",
	"aegis": value.Map{"enabled": false, "poolId": ""}, "minify": value.Map{"css": "off", "html": "off", "js": "off"},
	"mobileRedirect": value.Map{"mobileSubdomain": "", "status": "off", "stripUri": false}, "nel": value.Map{"enabled": true},
	"securityHeader": value.Map{"enabled": false, "includeSubdomains": false, "maxAge": 0.0, "nosniff": false, "preload": false},
}

// fillZoneSettings keeps what the provider writes: never nel, and webp only with polish.
func fillZoneSettings(c *Call, o, _ *Object) {
	initial := value.CopyMap(newZoneSettings)
	for name := range facts.Cloudflare().Resources[typeZoneSettings].Properties["settings"].Properties {
		if initial[name] == nil {
			initial[name] = "off"
		}
	}
	setDefaults(o, value.Map{"initialSettings": []any{initial}, "initialSettingsReadAt": c.Now.Format(time.RFC3339),
		"readonlySettings": list(readonlySettings), "zoneStatus": "active", "zoneType": "full", "settings": value.Map{}})
	settings, _ := o.Outputs["settings"].(value.Map)
	delete(settings, "nel")
	if polish, _ := settings["polish"].(string); polish == "" || polish == "off" {
		delete(settings, "webp")
	}
}

func camelCase(snake string) string {
	parts := strings.Split(snake, "_")
	for i, p := range parts[1:] {
		parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
	}
	return strings.Join(parts, "")
}

// takesOver says whether a record replaces an existing one: the provider looks that up by the name relative to the
// zone, never by the full name.
func takesOver(c *Call, o *Object) bool {
	return o.Flag("allowOverwrite") && !strings.EqualFold(o.Text("name"), o.Text("hostname"))
}

// recordIdentity is the id of the record being taken over, or a new one.
func recordIdentity(c *Call, o *Object) string {
	if takesOver(c, o) {
		if other := c.sameCloudflareHost(o, func(other *Object) bool { return other.Text("type") == o.Text("type") }); other != nil {
			return other.ID
		}
	}
	return c.hex(32)
}

// recordCharacters: text is printable ASCII, a record has a name, and an address has no zone index (Cloudflare, "DNS
// record types"). Updates are not checked for this.
func recordCharacters(_ *Call, o *Object) error {
	content := recordContent(o)
	switch {
	case o.Text("name") == "":
		return fault("9000", "DNS name is invalid.")
	case o.Text("type") == "AAAA" && strings.Contains(content, "%"):
		return fault("9006", "Content for AAAA record is invalid. Must be a valid IPv6 address: %s", content)
	case o.Text("type") == "TXT" && strings.ContainsFunc(content, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }):
		return fault("9101", "Content for TXT record is invalid: it has characters that are no printable ASCII: %q", content)
	}
	return nil
}
