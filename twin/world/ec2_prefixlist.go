package world

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const typePrefixList = "aws:ec2/managedPrefixList:ManagedPrefixList"

var prefixListKinds = map[string]*kind{
	typePrefixList: {
		id:    prefixed("pl"),
		arn:   ec2ARN + "prefix-list/{id}",
		text:  map[string]string{"ownerId": "{account}"},
		check: []rule{prefixListSize},
		fill: func(_ *Call, o, old *Object) {
			setDefault(o, "entries", []any{})
			setDefault(o, "version", 1.0)
			if old != nil && value.Canonical(old.Outputs["entries"]) != value.Canonical(o.Outputs["entries"]) {
				o.Outputs["version"] = old.Number("version") + 1
			}
		},
		remove: []rule{
			unused("DependencyViolation", "The prefix list '%s' is in use.", use{typeIngressRule, "prefixListId"},
				use{typeEgressRule, "prefixListId"}, use{typeRoute, "destinationPrefixListId"}),
		},
	},
}

// prefixListSize: a list has room for its entries (EC2 API, CreateManagedPrefixList).
func prefixListSize(_ *Call, o *Object) error {
	if n := len(o.Objects("entries")); float64(n) > o.Number("maxEntries") {
		return fault("PrefixListMaxEntriesExceeded", "the list has %d entries and maxEntries is %v", n, o.Number("maxEntries"))
	}
	return nil
}

// prefixListExists: a rule names a list that exists (EC2 API, "Error codes").
func prefixListExists(c *Call, o *Object) error {
	id := o.Text("prefixListId")
	if id == "" || c.find(typePrefixList, id) != nil || c.awsPrefixList(o.Region, id) != "" {
		return nil
	}
	return fault("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist%s (Twin.<stack>.yaml lists what the twin's "+
		"account has besides the stack, under account)", id, c.instead(id, typePrefixList))
}

// awsPrefixList returns the name of one of AWS's own prefix lists by its id, or "".
func (c *Call) awsPrefixList(region, id string) string {
	for _, name := range awsPrefixLists(region) {
		if prefixListOf(name) == id {
			return name
		}
	}
	return ""
}

func awsPrefixLists(region string) []string {
	return []string{"com.amazonaws." + region + ".s3", "com.amazonaws." + region + ".dynamodb",
		"com.amazonaws.global.cloudfront.origin-facing"}
}

// prefixListOf returns the id of AWS's own prefix list of a service.
func prefixListOf(service string) string {
	sum := sha256.Sum256([]byte(service))
	return "pl-" + hex.EncodeToString(sum[:])[:8]
}

// awsPrefixes returns the addresses of a gateway endpoint's service. They are taken from the blocks
// that RFC 5737 keeps for documentation: the twin's S3 and DynamoDB live nowhere else.
func awsPrefixes(service string) []string {
	if strings.HasSuffix(service, ".dynamodb") {
		return []string{netip.MustParsePrefix("203.0.113.0/25").String()}
	}
	return []string{netip.MustParsePrefix("192.0.2.0/25").String(), netip.MustParsePrefix("192.0.2.128/25").String()}
}
