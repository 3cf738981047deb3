package brain

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/causeway-iac/causeway/twin/value"
)

// What Cloudflare's provider decides by code of its own. Found by running its code (4.52).

// sameBeforeDot compares records' contents: one final dot does not matter, case does. The root equals only itself.
func sameBeforeDot(a, b string) bool {
	return a != "." && b != "." && strings.TrimSuffix(a, ".") == strings.TrimSuffix(b, ".")
}

// sameContent takes two notations of an address for the same.
func sameContent(a, b string) bool {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	return sameBeforeDot(a, b) || errX == nil && errY == nil && x == y
}

// sameUnicode compares a domain in punycode with its Unicode form. Case and a final dot matter.
func sameUnicode(a, b string) bool {
	x, errX := idna.Punycode.ToASCII(a)
	y, errY := idna.Punycode.ToASCII(b)
	return errX == nil && errY == nil && x == y
}

// rankedOnly: the priority of a record type without ranks is not compared.
func rankedOnly(changes []Change, _, news, _ value.Map) []Change {
	if kind := news["type"]; kind == "MX" || kind == "URI" {
		return changes
	}
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Path == "priority" })
}

// renewed replaces a certificate with fewer days left than the program wants.
func renewed(changes []Change, old, news, _ value.Map) []Change {
	days, wanted := news["minDaysForRenewal"].(float64)
	text, _ := old["expiresOn"].(string)
	expires, err := time.Parse(time.RFC3339, text)
	if wanted && err == nil && time.Until(expires) < time.Duration(days*24)*time.Hour {
		changes = append(changes, Change{Path: "expiresOn", Kind: Update, Replace: true})
	}
	return changes
}

// becomesPartial says whether a zone gets a key that proves who owns it.
func becomesPartial(token string, old, news value.Map) bool {
	return token == "cloudflare:index/zone:Zone" && old != nil && old["type"] != "partial" && news["type"] == "partial"
}
