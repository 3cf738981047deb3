package controls

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

var hostName = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)+$`)

// ownHost says that a host, which may be written as an address or as a wildcard, is the stack's: the name of one of its records, of
// something that the cloud named for it, or below a zone of its and not delegated. Where somebody has to prove the domain and no more,
// proved lets names below a certificate of the stack's count too: ACM issues it to whoever holds the domain.
func (v *view) ownHost(host string, proved bool) bool {
	if _, rest, schemed := strings.Cut(host, "://"); schemed {
		host = rest
	}
	host, _, _ = strings.Cut(host, "/")
	host, _, _ = strings.Cut(host, ":")
	host = strings.TrimPrefix(strings.TrimSuffix(strings.ToLower(host), "."), "*.")
	if !hostName.MatchString(host) {
		return false
	}
	for name := host; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		delegated := false
		for _, r := range v.g.ByType(append([]string{zoneType, cfZoneType}, graph.Records...)...) {
			switch zone := r.Type == zoneType || r.Type == cfZoneType; {
			case !named(r, name):
			case zone, name == host && !strings.EqualFold(r.String("type"), "NS"):
				return true
			default:
				delegated = delegated || strings.EqualFold(r.String("type"), "NS")
			}
		}
		if delegated {
			return false
		}
	}
	return slices.ContainsFunc(v.g.ByIdentity(host), func(r *graph.Resource) bool { return !r.External && named(r, host) }) ||
		proved && slices.ContainsFunc(v.g.ByType(certificateType), func(c *graph.Resource) bool { return v.proves(c, host) })
}

// named says that the resource has the name in DNS, and not only a name of its own choice that looks like one.
func named(r *graph.Resource, host string) bool {
	paths := []string{"dnsName", "endpoint", "address", "fqdn", "hostname", "websiteEndpoint", "domainName"}
	if r.Type == zoneType || r.Type == cfZoneType || slices.Contains(graph.Records, r.Type) {
		paths = append(paths, "name", "zone")
	} else if r.Type == certificateType {
		return false // for whose names proves speaks
	}
	return slices.ContainsFunc(paths, func(path string) bool {
		name, _, _ := strings.Cut(strings.ToLower(r.String(path)), ":")
		return strings.TrimSuffix(name, ".") == host
	})
}

// proves says that ACM issues the certificate, which it does to whoever holds the domain, and that the host is one of its names or below
// one.
func (v *view) proves(c *graph.Resource, host string) bool {
	if _, imported := asked(c, "privateKey"); imported != absent || c.External ||
		cmp.Or(c.String("status"), "PENDING_VALIDATION") != "ISSUED" && len(v.pointing(c, "certificateArn", validationType)) == 0 {
		return false
	}
	return slices.ContainsFunc(append(c.Strings("subjectAlternativeNames"), c.String("domainName")), func(name string) bool {
		name = strings.ToLower(strings.TrimPrefix(name, "*."))
		return name != "" && (host == name || strings.HasSuffix(host, "."+name))
	})
}
