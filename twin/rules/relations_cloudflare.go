package rules

import (
	"net/netip"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// cloudflareTTL: 1 is automatic, which proxying needs (developers.cloudflare.com/dns/manage-dns-records/reference/ttl).
func cloudflareTTL(in value.Map, fail Fail) {
	ttl, ok := in["ttl"].(float64)
	if !ok {
		return
	}
	if proxied, _ := in["proxied"].(bool); proxied && ttl != 1 && ttl != 0 {
		fail("ttl", "a proxied record has the automatic TTL: 1, not %s", Number(ttl))
	} else if ttl != 0 && ttl != 1 && (ttl < 60 || ttl > 86400) { // 0 says nothing
		fail("ttl", "%s is not 1 (automatic) or between 60 and 86400 seconds", Number(ttl))
	}
}

// recordContent: an A record holds an IPv4 address, an AAAA record an IPv6 one, and a CNAME, NS or PTR
// record a name (developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types).
func recordContent(in value.Map, fail Fail) {
	name := "content"
	if in[name] == nil {
		name = "value"
	}
	text, given := in[name].(string)
	if !given {
		return
	}
	if text == "" {
		fail(name, "it is empty: a record says something")
		return
	}
	address, err := netip.ParseAddr(text)
	switch in["type"] {
	case "A":
		if err != nil || !address.Is4() {
			fail(name, "%q is not an IPv4 address, which an A record holds", text)
		}
	case "AAAA":
		if err != nil || !address.Is6() {
			fail(name, "%q is not an IPv6 address, which an AAAA record holds", text)
		}
	case "CNAME", "NS", "PTR":
		if err == nil || strings.ContainsAny(text, " /:") {
			fail(name, "%q is not a host name, which a %v record holds", text, in["type"])
		}
	}
}

// recordFields are what describes a record of each type in place of a content (Cloudflare API reference, Create DNS
// Record: the type's data).
var recordFields = map[string][]string{
	"CAA":    {"flags", "tag", "value"},
	"CERT":   {"algorithm", "certificate", "keyTag", "type"},
	"DNSKEY": {"algorithm", "flags", "protocol", "publicKey"},
	"DS":     {"algorithm", "digest", "digestType", "keyTag"},
	"HTTPS":  {"priority", "target"},
	"LOC":    {"latDegrees", "latDirection", "longDegrees", "longDirection"},
	"NAPTR":  {"order", "preference", "replacement"},
	"SMIMEA": {"certificate", "matchingType", "selector", "usage"},
	"SRV":    {"port", "target"}, // without a priority or a weight it has 0
	"SSHFP":  {"algorithm", "fingerprint", "type"},
	"SVCB":   {"priority", "target"},
	"TLSA":   {"certificate", "matchingType", "selector", "usage"},
	"URI":    {"target", "weight"},
}

// recordData: a record of a type with fields needs each of them, and one of another type a content.
func recordData(in value.Map, fail Fail) {
	kind, known := in["type"].(string)
	data, given := in["data"].(value.Map)
	if !known || in["data"] != nil && !given { // not known yet
		return
	}
	fields := recordFields[kind]
	if fields == nil {
		if given && in["content"] == nil && in["value"] == nil {
			fail("content", "a record of type %s has a content, not data", kind)
		}
		return
	}
	if !given {
		if in["content"] != nil || in["value"] != nil {
			fail("data", "a record of type %s is described by data: %s", kind, strings.Join(fields, ", "))
		}
		return
	}
	for _, name := range fields {
		if data[name] == nil {
			fail("data."+name, "a record of type %s needs %s", kind, strings.Join(fields, ", "))
		}
	}
}

// recordPriority: mail exchangers are ranked.
func recordPriority(in value.Map, fail Fail) {
	if kind := in["type"]; kind == "MX" && in["priority"] == nil {
		fail("priority", "an MX record needs one")
	}
	if n, ok := in["priority"].(float64); ok && (n < 0 || n > 65535) {
		fail("priority", "%s is not between 0 and 65535", Number(n))
	}
}

// rulesetOwner: a ruleset belongs to a zone or an account.
func rulesetOwner(in value.Map, fail Fail) {
	if in["zoneId"] != nil && in["accountId"] != nil {
		fail("accountId", "only one of zoneId, accountId may be set")
	} else if in["zoneId"] == nil && in["accountId"] == nil {
		fail("zoneId", "one of zoneId, accountId must be set")
	}
}
