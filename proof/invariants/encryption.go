package invariants

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/webacl"
)

var encryption = []Invariant{
	{ID: "I22", Title: "Every hop from the internet to the database is encrypted: listeners, targets and the database", Severity: report.High, check: each(encrypted)},
	{ID: "I23", Title: "The edge's certificate is validated and covers the names, and they point at exactly this load balancer", Severity: report.High, check: each(certified)},
	{ID: "I24", Title: "A proxied name has a load balancer that admits only Cloudflare; any other has a web ACL", Severity: report.High, Waivers: []string{"noWebAcl", "openOrigin"}, check: each(shielded)},
	{ID: "I25", Title: "Only the app role can read the database's secret or connect by IAM; nothing leads there from another role", Severity: report.Critical, check: each(secret), blind: true},
}

func encrypted(p *platform, r *result) {
	r.holds = "listeners and targets speak TLS, and the database refuses what is not"
	for _, tier := range []string{edge, internal} {
		for _, n := range p.tiers[tier] {
			for _, l := range n.Listeners {
				if len(l.Forwards) == 0 {
					continue // it only redirects or refuses
				}
				r.applies = true
				if kind := strings.ToUpper(l.Protocol); kind != "HTTPS" && kind != "TLS" {
					r.add(breach{resources: one(l.Resource), found: fmt.Sprintf("%s forwards requests that come by %s", l.Resource.Name, kind), remedy: "write protocol HTTPS and a certificate"})
				}
				for _, f := range l.Forwards {
					if kind := strings.ToUpper(f.Group.String("protocol")); kind != "HTTPS" && kind != "TLS" {
						r.add(breach{resources: one(f.Group), found: fmt.Sprintf("%s passes requests on by %s", f.Group.Name, kind), remedy: "write protocol HTTPS"})
					}
				}
			}
		}
	}
	for _, n := range p.tiers[database] {
		r.applies = true
		p.forcesTLS(n, r)
	}
}

// forcesTLS holds a database's parameters. Where none says so, the engine's default
// counts: PostgreSQL forces TLS from version 15 on, MySQL and MariaDB do not (AWS, RDS
// user guide, requiring an SSL connection).
func (p *platform) forcesTLS(n *network.Node, r *result) {
	engine, parameter := n.Resource.String("engine"), "require_secure_transport"
	forced := false
	if strings.Contains(engine, "postgres") {
		parameter = "rds.force_ssl"
		var major int
		_, err := fmt.Sscanf(n.Resource.String("engineVersion"), "%d", &major)
		forced = err == nil && major >= 15 && !strings.Contains(engine, "aurora") || err == nil && major >= 17
	}
	resources := []*graph.Resource{n.Resource}
	for _, path := range []string{"parameterGroupName", "dbClusterParameterGroupName"} {
		for _, group := range p.g.Ref(n.Resource, path) {
			value, known, found := parameterIn(group, parameter)
			if found {
				resources = append(resources, group)
				forced = known && slices.Contains([]string{"1", "on", "true"}, strings.ToLower(value))
			}
		}
		if outside := p.g.Resolve(n.Resource, path).Outside; len(outside) > 0 && !strings.HasPrefix(outside[0], "default.") && !forced {
			r.add(breach{resources: resources, found: fmt.Sprintf("whether %s forces TLS is said in %s, which is not of this stack", n.Name, outside[0]), undecided: true, remedy: "make the parameter group in the stack"})
			return
		}
	}
	if !forced {
		r.add(breach{resources: resources, found: n.Name + " takes connections without TLS", evidence: []string{parameter + " is not 1"}, remedy: "set " + parameter + " to 1 in its parameter group"})
	}
}

func parameterIn(group *graph.Resource, name string) (value string, known, found bool) {
	list, _ := group.Get("parameters")
	all, isList := list.([]any)
	if list != nil && !isList {
		return "", false, true
	}
	for _, element := range all {
		if p, ok := element.(map[string]any); ok && p["name"] == name {
			value, known = p["value"].(string)
			return value, known, true
		}
	}
	return "", false, false
}

const (
	certificateType = "aws:acm/certificate:Certificate"
	validationType  = "aws:acm/certificateValidation:CertificateValidation"
)

func certified(p *platform, r *result) {
	r.holds = "the certificates are validated, cover the names, and the names lead to the edge"
	for _, n := range p.tiers[edge] {
		records := p.recordsFor(n)
		for _, l := range n.Listeners {
			value, ok := l.Resource.Get("certificateArn")
			if !ok || value == nil || value == "" {
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
				r.add(breach{resources: one(l.Resource), found: "the certificate of " + l.Resource.Name + " is not of this stack, so that its names are not known", undecided: true, remedy: "make the certificate in the stack"})
				continue
			}
			var covered []string
			for _, c := range certificates {
				if !p.validated(c) {
					r.add(breach{resources: one(c), found: c.Name + " is not validated before the listener uses it", remedy: "write a CertificateValidation, and give its certificateArn to the listener"})
				}
				covered = append(covered, append(c.Strings("subjectAlternativeNames"), c.String("domainName"))...)
			}
			for _, record := range records {
				if name := recordName(record); name != "" && !slices.ContainsFunc(covered, func(c string) bool { return covers(c, name) }) {
					r.add(breach{resources: []*graph.Resource{record, certificates[0]}, found: fmt.Sprintf("%s points at %s, and no certificate of %s covers it", name, n.Name, l.Resource.Name),
						evidence: covered, remedy: "add the name to the certificate's subjectAlternativeNames"})
				}
			}
			p.pointHere(r, n, covered)
		}
		p.challenges(r)
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
	for _, v := range p.g.ByType(validationType) {
		if slices.Contains(p.g.Ref(v, "certificateArn"), c) {
			return true
		}
	}
	return false
}

// covers says that a name of a certificate is good for a host: a wildcard stands for one
// label (RFC 6125).
func covers(name, host string) bool {
	name, host = strings.ToLower(strings.TrimSuffix(name, ".")), strings.ToLower(strings.TrimSuffix(host, "."))
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		return found && parent == rest
	}
	return name == host
}

// records are those that lead somewhere.
func (p *platform) records() []*graph.Resource {
	return slices.DeleteFunc(slices.Clone(p.g.ByType(graph.Records...)), func(r *graph.Resource) bool {
		return !slices.Contains([]string{"A", "AAAA", "CNAME", "DNAME", "HTTPS", "NS", "SVCB"}, strings.ToUpper(r.String("type")))
	})
}

func (p *platform) hasZone() bool {
	return len(p.g.ByType("cloudflare:index/zone:Zone", "aws:route53/zone:Zone")) > 0
}

// recordsFor is the records that point at the load balancer.
func (p *platform) recordsFor(n *network.Node) []*graph.Resource {
	var all []*graph.Resource
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
		v.leads[r] = all
	}
	return all
}

func recordName(r *graph.Resource) string {
	for _, path := range []string{"hostname", "fqdn"} {
		if name, ok := r.Outputs[path].(string); ok && name != "" {
			return name
		}
	}
	return r.String("name")
}

// challenges holds the records by which whoever is led to can have certificates for a name issued to
// himself (RFC 8555, section 8.4).
func (p *platform) challenges(r *result) {
	for _, record := range p.g.ByType(graph.Records...) {
		if name := recordName(record); strings.HasPrefix(strings.ToLower(name), "_acme-challenge.") || strings.EqualFold(name, "_acme-challenge") {
			r.add(breach{resources: one(record), found: name + " lets somebody else have certificates for the name", remedy: "remove it: ACM validates by names of its own"})
		}
	}
}

// pointHere holds every record of a covered name against where it should lead.
func (p *platform) pointHere(r *result, n *network.Node, covered []string) {
	for _, record := range p.records() {
		name := recordName(record)
		if name == "" || !slices.ContainsFunc(covered, func(c string) bool { return covers(c, name) }) || strings.HasPrefix(name, "_") {
			continue
		}
		at := p.pointsAt(record)
		if len(at) != 1 || !slices.ContainsFunc(p.tiers[edge], func(e *network.Node) bool { return e.Resource == at[0] }) {
			r.add(breach{resources: one(record), found: name + " does not point at the edge load balancer alone", evidence: []string{fmt.Sprintf("content %v", record.Inputs["content"])},
				remedy: "point it at the dnsName of " + n.Name})
		}
	}
}

func shielded(p *platform, r *result) {
	r.holds = "no request reaches the edge unfiltered"
	for _, n := range p.tiers[edge] {
		r.applies = true
		proxied, direct := false, false
		for _, record := range p.recordsFor(n) {
			if on, known := record.Bool("proxied"); on || !known && record.Inputs["proxied"] != nil {
				proxied = true
				direct = direct || p.paused(record)
			} else {
				direct = true
			}
		}
		if proxied {
			onlyCloudflare(p, r, n)
		}
		if !proxied || direct {
			p.filtered(r, n)
		}
	}
}

// paused says that Cloudflare only answers the names of the record's zone, and lets requests
// pass beside it.
func (p *platform) paused(record *graph.Resource) bool {
	return slices.ContainsFunc(p.g.Ref(record, "zoneId"), func(zone *graph.Resource) bool { on, _ := zone.Bool("paused"); return on })
}

func onlyCloudflare(p *platform, r *result, n *network.Node) {
	for _, g := range n.Groups {
		for _, rule := range g.Ingress {
			for _, peer := range rule.Peers {
				if peer.Group == nil && (peer.Anyone || !peer.Addrs.Within(cloudflare)) && rule.Resource != nil {
					r.add(breach{resources: one(rule.Resource), found: fmt.Sprintf("%s admits %s to %s, whose name is proxied by Cloudflare", rule.Resource.Name, whom(peer), n.Name),
						remedy: "admit Cloudflare's ranges only: https://www.cloudflare.com/ips"})
				}
			}
		}
	}
}

// filtered adds why no web ACL filters what reaches the load balancer, if none does.
func (p *platform) filtered(r *result, n *network.Node) {
	acl, missing := webacl.InForce(p.g, n.Resource)
	resources := one(n.Resource)
	switch {
	case acl != nil && p.iam().Foreign(acl):
		missing = webacl.Lack{Why: "its web ACL " + acl.Name + " is another account's"}
	case acl != nil:
		resources = append(resources, acl)
		missing = webacl.Filters(p.g, acl)
	}
	if !missing.None() {
		r.add(breach{resources: resources, found: n.Name + " takes requests that neither Cloudflare nor a web ACL filters: " + missing.Why, undecided: missing.Unknown, later: missing.Later,
			remedy: "associate a web ACL whose rules refuse, or let Cloudflare proxy every name"})
	}
}
