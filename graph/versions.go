package graph

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Newer major versions of a provider rename things. A graph uses the names of the oldest version that can be read, in
// addition to those in the state, so that its readers need not know about the renaming.
//
// AWS 7: the upgrade guide (github.com/pulumi/pulumi-aws, docs/version-7-upgrade.md) renames BucketV2 and its parts,
// which a reader finds under both names (see PartOfBucket), and gives every resource a region of its own; nothing
// else that is read here changes.
//
// Cloudflare 6 (Cloudflare's Terraform provider 5: docs/guides/version-5-upgrade.md, and the aliases in
// github.com/pulumi/pulumi-cloudflare, provider/resources.go): records have another type, a zone's name and account
// are renamed, and each setting of a zone is a resource of its own.
var (
	renamed = map[string]map[string]string{
		"cloudflare:index/zone:Zone": {"zone": "name"},
	}
	within = map[string]map[string][2]string{
		"cloudflare:index/zone:Zone": {"accountId": {"account", "id"}},
	}
	// ofSettings are the settings of a zone whose names differ from those of their properties.
	ofSettings = map[string]string{"0rtt": "zeroRtt", "tls_1_3": "tls13", "security_header": "securityHeader"}
)

const (
	zoneSettingType = "cloudflare:index/zoneSetting:ZoneSetting"
	zoneType        = "cloudflare:index/zone:Zone"
)

// Majors are the major versions of each provider that can be read. What others have renamed is not known.
var Majors = map[string][]string{"aws": {"6", "7"}, "cloudflare": {"5", "6"}}

// PartOfBucket returns the types of one part of a bucket, such as Versioning.
func PartOfBucket(name string) []string {
	lower := "aws:s3/bucket" + name
	return []string{lower + "V2:Bucket" + name + "V2", lower + ":Bucket" + name}
}

// translate adds the names that the resource's properties had before, and decodes a provider's settings: the real
// providers keep those that are not scalars as JSON text.
func (r *Resource) translate() {
	if strings.HasPrefix(r.Type, "pulumi:providers:") {
		r.Inputs, r.Outputs = structured(r.Inputs), structured(r.Outputs)
	}
	for old, now := range renamed[r.Type] {
		r.call(old, now, func(properties map[string]any) any { return properties[now] })
	}
	for old, now := range within[r.Type] {
		r.call(old, now[0], func(properties map[string]any) any {
			object, _ := properties[now[0]].(map[string]any)
			return object[now[1]]
		})
	}
}

func structured(properties map[string]any) map[string]any {
	properties = maps.Clone(properties)
	for key, v := range properties {
		var is any
		if text, ok := v.(string); ok && strings.ContainsAny(text[:min(1, len(text))], "[{") && json.Unmarshal([]byte(text), &is) == nil {
			properties[key] = is
		}
	}
	return properties
}

func (r *Resource) call(old, now string, value func(map[string]any) any) {
	for _, properties := range []*map[string]any{&r.Inputs, &r.Outputs} {
		if is := value(*properties); is != nil && (*properties)[old] == nil {
			*properties = maps.Clone(*properties)
			(*properties)[old] = is
			if sources := r.PropertyDependencies[now]; sources != nil && r.PropertyDependencies[old] == nil {
				r.PropertyDependencies = maps.Clone(r.PropertyDependencies)
				r.PropertyDependencies[old] = sources
			}
		}
	}
}

// gatherSettings gives zones the settings that are resources of their own, gathered in one as the older type had
// them. A zone without any is left as it was.
func (g *Graph) gatherSettings() {
	for _, setting := range g.byType[zoneSettingType] {
		id := setting.String("settingId")
		value, known := setting.Get("value")
		if id == "" || !known {
			continue
		}
		name, special := ofSettings[id]
		if !special {
			name = camel(id)
		}
		for _, zone := range g.Ref(setting, "zoneId", zoneType) {
			settings, gathered := zone.Outputs["settings"].(map[string]any)
			zone.Outputs = maps.Clone(zone.Outputs)
			if zone.Outputs == nil {
				zone.Outputs = map[string]any{}
			}
			if settings = maps.Clone(settings); !gathered {
				// Nothing turns it off any more: it is on unless somebody turns it off by hand.
				settings = map[string]any{"universalSsl": "on"}
			}
			settings[name] = settingValue(value)
			zone.Outputs["settings"] = settings
		}
	}
}

// settingValue is the value of a setting, with its keys spelled as in properties. What browsers are told about HTTPS
// used to be one level higher.
func settingValue(value any) any {
	object, isObject := value.(map[string]any)
	if !isObject {
		return value
	}
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		inner := settingValue(object[key])
		if name := camel(key); name == "strictTransportSecurity" {
			return inner
		} else if name == "includeSubDomains" {
			out["includeSubdomains"] = inner
		} else {
			out[name] = inner
		}
	}
	return out
}

func camel(snake string) string {
	parts := strings.Split(snake, "_")
	for i, part := range parts[1:] {
		if part != "" {
			parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, "")
}

// Things for which a provider has several types, perhaps in different versions: whoever looks for such a thing must
// look for all of its types.
var (
	// CloudflareRecords are names in Cloudflare's DNS.
	CloudflareRecords = []string{"cloudflare:index/record:Record", "cloudflare:index/dnsRecord:DnsRecord"}
	// Records are names in DNS.
	Records = append([]string{"aws:route53/record:Record"}, CloudflareRecords...)
)
