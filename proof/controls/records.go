package controls

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// leading are the types of records that lead whoever looks them up to another name, and those that lead mail there.
var (
	leading = []string{"CNAME", "A", "AAAA", "NS", "DNAME", "HTTPS", "SVCB", "SRV", "URI"}
	mailing = []string{"MX", "TXT", "CNAME"}
)

// contentsOf are a record's contents, wherever its type keeps them.
func contentsOf(r *graph.Resource) []string {
	all := r.Strings("records")
	for _, path := range []string{"content", "value", "data.target", "data.value"} {
		if s := r.String(path); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// strangeMail returns how a record lets somebody else send or receive the domain's mail, "" if it does not. A domain
// with mail says in SPF who sends it (RFC 7208): if the zone has such a record, its mail is intended.
func (v *view) strangeMail(r *graph.Resource) string {
	kind, key := r.String("type"), strings.Contains(strings.ToLower(r.String("name")), "._domainkey")
	for _, content := range contentsOf(r) {
		policy, isSPF := sender(content)
		switch {
		case isSPF && (strings.HasSuffix(policy, "+all") || strings.HasSuffix(policy, " all") || strings.HasSuffix(policy, "?all")):
			return "everybody may send its mail: " + policy
		case kind == "MX" && nobody(content), v.mails(r):
		case kind == "MX":
			return "its mail goes to " + content + ", and no record of SPF says that it has any"
		case key && slices.Contains(mailing, kind) && strings.Contains(content, "p=") && !strings.HasSuffix(strings.TrimRight(content,
			`"; `), "p="):
			return "it has a key that signs its mail, and no record of SPF says that it has any"
		}
	}
	return ""
}

// sender returns the policy in a text about who may send mail, and reports whether it is SPF.
func sender(content string) (policy string, isSPF bool) {
	policy = strings.ToLower(strings.Trim(content, `" `))
	return policy, policy == "v=spf1" || strings.HasPrefix(policy, "v=spf1 ")
}

// nobody reports whether an MX record is that of a domain that accepts no mail (RFC 7505).
func nobody(content string) bool {
	fields := strings.Fields(content)
	return len(fields) > 0 && fields[len(fields)-1] == "."
}

// mails reports whether the zone has a record by which somebody may send its mail.
func (v *view) mails(r *graph.Resource) bool {
	return slices.ContainsFunc(v.g.ByType(graph.Records...), func(other *graph.Resource) bool {
		return other.String("zoneId") == r.String("zoneId") && slices.ContainsFunc(contentsOf(other), func(content string) bool {
			policy, isSPF := sender(content)
			return isSPF && policy != "v=spf1 -all"
		})
	})
}

// amazon are the names of ACM's authorities. AWS, ACM user guide, "Configure a CAA record".
var amazon = []string{"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}

// ofCloudflare are the authorities that Cloudflare gets certificates from. Cloudflare, SSL/TLS docs, "Certificate
// authorities".
var ofCloudflare = []string{"letsencrypt.org", "pki.goog", "ssl.com", "sectigo.com", "comodoca.com", "digicert.com"}

// ownAuthority demands that only authorities which issue certificates for the stack may issue one for a name, and
// that ACM can.
func ownAuthority(v *view, r *graph.Resource) outcome {
	if r.String("type") != "CAA" || len(v.g.ByType(certificateType)) == 0 {
		return outcome{}
	}
	proxied := slices.ContainsFunc(v.g.ByType(graph.CloudflareRecords...), func(other *graph.Resource) bool {
		return has("proxied", true)(v, other)
	})
	issues := map[string]bool{}
	for tag, authority := range v.authorities(r) {
		tag, _, _ = strings.Cut(tag, " ")
		issues[tag] = issues[tag] || slices.Contains(amazon, authority)
		if authority != "" && !slices.Contains(amazon, authority) && !(proxied && slices.Contains(ofCloudflare, authority)) {
			return broken("%s may issue certificates for %s, and issues none of the stack", authority, r.String("name"))
		}
	}
	if issued, some := issues["issue"]; some && !issued && !v.amazonMay(r) {
		return broken("ACM may not issue nor renew a certificate for %s", r.String("name")).write(`add a CAA record: 0 issue "amazon.com"`)
	}
	return holds()
}

// authorities are those that a CAA record names, by "tag authority".
func (v *view) authorities(r *graph.Resource) map[string]string {
	all := map[string]string{}
	add := func(tag, value string) {
		authority, _, _ := strings.Cut(strings.Trim(value, `"`), ";")
		if tag == "issue" || tag == "issuewild" {
			all[tag+" "+value] = strings.TrimSpace(authority)
		}
	}
	for _, record := range append(r.Strings("records"), r.String("content")) {
		if fields := strings.Fields(record); len(fields) > 2 {
			add(fields[1], strings.Join(fields[2:], " "))
		}
	}
	add(r.String("data.tag"), r.String("data.value"))
	return all
}

// amazonMay reports whether another record of the same name lets ACM issue.
func (v *view) amazonMay(r *graph.Resource) bool {
	return slices.ContainsFunc(v.g.ByType(graph.Records...), func(other *graph.Resource) bool {
		if other.String("type") != "CAA" || other.String("name") != r.String("name") || other.String("zoneId") != r.String("zoneId") {
			return false
		}
		for tag, authority := range v.authorities(other) {
			if strings.HasPrefix(tag, "issue ") && slices.Contains(amazon, authority) {
				return true
			}
		}
		return false
	})
}

// signsAnother reports whether a record declares another's signing key for a name that is not delegated (RFC 4035).
func (v *view) signsAnother(r *graph.Resource) bool {
	return r.String("type") == "DS" && !slices.ContainsFunc(v.g.ByType(graph.Records...), func(other *graph.Resource) bool {
		return other.String("type") == "NS" && other.String("name") == r.String("name")
	})
}

// mailAndKeys demands that a record hands neither mail nor names to somebody else.
func mailAndKeys(v *view, r *graph.Resource) outcome {
	if found := v.strangeMail(r); found != "" {
		return broken("%s", found).write("remove the record; " +
			"who has mail adds a TXT record that says who sends it: v=spf1 include:… -all")
	}
	if v.signsAnother(r) {
		return broken("it is signed as if it were delegated, and is not").write("remove the record")
	}
	return ownAuthority(v, r)
}

// insideOut demands that no record of a private zone leads out of the stack: whoever looks it up would call somebody
// else.
func (v *view) insideOut(r *graph.Resource) outcome {
	if !slices.Contains(leading, r.String("type")) || !slices.ContainsFunc(v.g.Ref(r, "zoneId", zoneType),
		func(zone *graph.Resource) bool { return !publicZone(v, zone) }) {
		return holds()
	}
	resolved := v.g.Resolve(r, "records")
	if outside := resolved.Outside; len(outside) > 0 && len(resolved.Resources) == 0 && !v.ownNameServers(outside) {
		return broken("it leads those inside to %s, which is not in the stack", strings.Join(outside, ", ")).
			write("lead it to what the stack makes, or leave it out")
	}
	return holds()
}
