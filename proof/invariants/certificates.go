package invariants

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
)

const (
	certificateType = "aws:acm/certificate:Certificate"
	validationType  = "aws:acm/certificateValidation:CertificateValidation"
)

func certified(p *platform, r *result) {
	r.holds = "the certificates are validated, cover the names, and the names lead to the edge"
	for _, n := range p.tiers[edge] {
		records := p.recordsFor(n)
		for _, l := range n.Listeners {
			if value, ok := l.Resource.Get("certificateArn"); !ok || value == nil || value == "" {
				continue
			}
			r.applies = true
			certificates := p.g.Ref(l.Resource, "certificateArn", certificateType)
			for _, extra := range p.g.ByType("aws:lb/listenerCertificate:ListenerCertificate") {
				if slices.Contains(p.g.Ref(extra, "listenerArn"), l.Resource) {
					certificates = append(certificates, p.g.Ref(extra, "certificateArn", certificateType)...)
				}
			}
			if len(certificates) == 0 {
				r.add(breach{resources: one(l.Resource), found: "the certificate of " + l.Resource.Name +
					" is not of this stack, so that its names are not known", undecided: true, remedy: "make the certificate in the stack"})
				continue
			}
			var covered []string
			for _, c := range certificates {
				if !p.validated(c) {
					r.add(breach{resources: one(c), found: c.Name + " is not validated before the listener uses it",
						remedy: "write a CertificateValidation, and give its certificateArn to the listener"})
				}
				if why := p.unproved(c); why != "" {
					r.add(breach{resources: one(c), found: c.Name + " cannot be renewed: " + why,
						remedy: "write a record of each of the certificate's domainValidationOptions"})
				}
				covered = append(covered, append(c.Strings("subjectAlternativeNames"), c.String("domainName"))...)
			}
			for _, record := range records {
				if name := recordName(record); name != "" && !slices.ContainsFunc(covered, func(c string) bool { return covers(c, name) }) {
					r.add(breach{resources: []*graph.Resource{record, certificates[0]},
						found:    fmt.Sprintf("%s points at %s, and no certificate of %s covers it", name, n.Name, l.Resource.Name),
						evidence: covered, remedy: "add the name to the certificate's subjectAlternativeNames"})
				}
			}
			p.pointHere(r, n, covered)
		}
		p.challenges(r)
		p.lost(r)
		if r.applies && len(records) == 0 && p.hasZone() {
			r.add(breach{resources: one(n.Resource), found: "no name points at " + n.Name, remedy: "write a record for it"})
		}
	}
}

// validated says that the certificate was issued, or that somebody waits until it is.
func (p *platform) validated(c *graph.Resource) bool {
	if c.String("status") == "ISSUED" || c.Inputs["privateKey"] != nil {
		return true
	}
	return slices.ContainsFunc(p.g.ByType(validationType), func(v *graph.Resource) bool {
		return slices.Contains(p.g.Ref(v, "certificateArn"), c)
	})
}

// covers says that a name of a certificate is good for a host: a wildcard stands for one label (RFC 6125).
func covers(name, host string) bool {
	name, host = strings.ToLower(strings.TrimSuffix(name, ".")), strings.ToLower(strings.TrimSuffix(host, "."))
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		return found && parent == rest
	}
	return name == host
}

// records are those that lead somewhere, and are served.
func (p *platform) records() []*graph.Resource {
	return slices.DeleteFunc(slices.Clone(p.g.ByType(graph.Records...)), func(r *graph.Resource) bool {
		return p.astray()[r] != "" ||
			!slices.Contains([]string{"A", "AAAA", "CNAME", "DNAME", "HTTPS", "NS", "SVCB"}, strings.ToUpper(r.String("type")))
	})
}

func (p *platform) hasZone() bool {
	return len(p.g.ByType("cloudflare:index/zone:Zone", "aws:route53/zone:Zone")) > 0
}

// recordsFor is the records that point at the load balancer.
func (p *platform) recordsFor(n *network.Node) (all []*graph.Resource) {
	for _, r := range p.records() {
		if slices.Contains(p.pointsAt(r), n.Resource) {
			all = append(all, r)
		}
	}
	return all
}

// pointsAt is what a record leads to.
func (v *view) pointsAt(r *graph.Resource) []*graph.Resource {
	all, known := v.leads[r]
	if !known {
		for _, path := range []string{"content", "value", "records", "aliases"} {
			if value, ok := r.Inputs[path]; ok && value != nil {
				all = append(all, v.g.Ref(r, path)...)
			}
		}
		all = slices.DeleteFunc(all, func(to *graph.Resource) bool { // what has an address has a zone for it
			at, of := r.String("aliases[0].zoneId"), to.String("zoneId")
			return at != "" && of != "" && at != of
		})
		v.leads[r] = all
	}
	return all
}

func recordName(r *graph.Resource) string {
	written := strings.TrimSuffix(r.String("name"), ".")
	for _, path := range []string{"hostname", "fqdn"} {
		name, ok := r.Outputs[path].(string)
		if ok && name != "" && (written == "@" || strings.HasPrefix(strings.ToLower(name), strings.ToLower(written))) {
			return name
		}
	}
	return written
}

// challenges finds records through which their target's owner can have certificates for a name issued to himself (RFC
// 8555, section 8.4).
func (p *platform) challenges(r *result) {
	for _, record := range p.g.ByType(graph.Records...) {
		name := recordName(record)
		label, _, _ := strings.Cut(strings.ToLower(name), ".")
		if slices.Contains([]string{"_acme-challenge", "_pki-validation", "_dnsauth"}, label) || p.provesAnother(record) {
			r.add(breach{resources: one(record), found: name + " lets somebody else have certificates for the name",
				remedy: "remove it: ACM validates by names of its own"})
		}
	}
}

// proofs are what ACM wants to find in DNS before it issues or renews the certificate, by name; none if that is not
// known.
func proofs(c *graph.Resource) map[string]string {
	all := map[string]string{}
	value, _ := c.Output("domainValidationOptions")
	list, _ := value.([]any)
	for _, element := range list {
		option, _ := element.(map[string]any)
		name, _ := option["resourceRecordName"].(string)
		content, _ := option["resourceRecordValue"].(string)
		all[dotless(name)] = dotless(content)
	}
	return all
}

// contents are the texts that a record leads to.
func contents(record *graph.Resource) []string {
	return append(record.Strings("records"), cmp.Or(record.String("content"), record.String("value")))
}

func dotless(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// provesAnother says that the record proves a certificate to ACM that is not of the stack. What ACM is going to ask for a certificate that
// does not exist yet, nobody can have written.
func (p *platform) provesAnother(record *graph.Resource) bool {
	return slices.ContainsFunc(contents(record), func(content string) bool {
		return strings.HasSuffix(dotless(content), proves) && !slices.ContainsFunc(p.g.ByType(certificateType),
			func(c *graph.Resource) bool { return proofs(c)[dotless(recordName(record))] == dotless(content) })
	})
}

// unproved is why ACM does not find what it asks for before it issues the certificate and whenever it renews it, "" if it does. Before it
// has asked, each of the names still needs a record that comes of the certificate.
func (p *platform) unproved(c *graph.Resource) string {
	asked := proofs(c)
	for _, v := range p.g.ByType(validationType) {
		if !slices.Contains(p.g.Ref(v, "certificateArn"), c) {
			continue
		}
		for _, name := range v.Strings("validationRecordFqdns") {
			wanted := asked[dotless(name)]
			if wanted != "" && !slices.ContainsFunc(p.g.ByType(graph.Records...), func(record *graph.Resource) bool {
				return p.astray()[record] == "" && record.String("type") == "CNAME" && dotless(recordName(record)) == dotless(name) &&
					slices.ContainsFunc(contents(record), func(content string) bool { return dotless(content) == wanted })
			}) {
				return "no record " + name + " tells ACM what it asks for"
			}
		}
		written, _ := v.Get("validationRecordFqdns")
		list, _ := written.([]any)
		if names, records := len(namesOf(c)), p.comesOf(c); len(asked) == 0 && c.Planned && records < min(len(list), names) {
			return fmt.Sprintf("%d of its %d names have a record that tells ACM what it is going to ask for", records, names)
		}
	}
	return ""
}

// namesOf are the names that a certificate's owner has to prove: that of a wildcard is the one below which it stands.
func namesOf(c *graph.Resource) []string {
	var all []string
	for _, name := range append(c.Strings("subjectAlternativeNames"), c.String("domainName")) {
		all = append(all, strings.TrimPrefix(dotless(name), "*."))
	}
	return unique(all)
}

// comesOf counts the records whose content is the certificate's to say.
func (p *platform) comesOf(c *graph.Resource) int {
	return len(slices.DeleteFunc(slices.Clone(p.g.ByType(graph.Records...)), func(record *graph.Resource) bool {
		return !slices.ContainsFunc([]string{"content", "value", "records"}, func(path string) bool {
			return slices.Contains(p.g.Ref(record, path), c)
		})
	}))
}

// pointHere checks where every record of a covered name leads.
func (p *platform) pointHere(r *result, n *network.Node, covered []string) {
	for _, record := range p.records() {
		name := recordName(record)
		if name == "" || !slices.ContainsFunc(covered, func(c string) bool { return covers(c, name) }) || strings.HasPrefix(name, "_") {
			continue
		}
		at := p.pointsAt(record)
		if len(at) != 1 || !slices.ContainsFunc(p.tiers[edge], func(e *network.Node) bool { return e.Resource == at[0] }) {
			r.add(breach{resources: one(record), found: name + " does not point at the edge load balancer alone",
				evidence: []string{fmt.Sprintf("content %v", record.Inputs["content"])},
				remedy:   "point it at the dnsName of " + n.Name})
		}
	}
}
