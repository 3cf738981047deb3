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
	{ID: "I22", Title: "Every hop from the internet to the database is encrypted: listeners, targets and the database",
		Severity: report.High, check: each(encrypted)},
	{ID: "I23", Title: "The edge's certificate is validated and covers the names, and they point at exactly this load balancer",
		Severity: report.High, check: each(certified)},
	{ID: "I24", Title: "A proxied name has a load balancer that admits only Cloudflare; any other has a web ACL", Severity: report.High,
		Waivers: []string{"noWebAcl", "openOrigin"}, check: each(shielded)},
	{ID: "I25", Title: "Only the app role can read the database's secret or connect by IAM; nothing leads there from another role",
		Severity: report.Critical, check: each(secret), blind: true},
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
					r.add(breach{resources: one(l.Resource), found: fmt.Sprintf("%s forwards requests that come by %s", l.Resource.Name,
						kind), remedy: "write protocol HTTPS and a certificate"})
				}
				for _, f := range l.Forwards {
					if kind := strings.ToUpper(f.Group.String("protocol")); kind != "HTTPS" && kind != "TLS" {
						r.add(breach{resources: one(f.Group), found: fmt.Sprintf("%s passes requests on by %s", f.Group.Name, kind),
							remedy: "write protocol HTTPS"})
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

// forcesTLS checks a database's parameters. If none says so, the engine's default counts: PostgreSQL forces TLS from
// version 15 on, MySQL and MariaDB do not (AWS, RDS user guide, requiring an SSL connection).
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
			if value, known, found := parameterIn(group, parameter); found {
				resources = append(resources, group)
				forced = known && slices.Contains([]string{"1", "on", "true"}, strings.ToLower(value))
			}
		}
		if outside := p.g.Resolve(n.Resource, path).Outside; len(outside) > 0 && !strings.HasPrefix(outside[0], "default.") && !forced {
			r.add(breach{resources: resources, found: fmt.Sprintf("whether %s forces TLS is said in %s, which is not of this stack", n.Name,
				outside[0]), undecided: true, remedy: "make the parameter group in the stack"})
			return
		}
	}
	if !forced {
		r.add(breach{resources: resources, found: n.Name + " takes connections without TLS", evidence: []string{parameter + " is not 1"},
			remedy: "set " + parameter + " to 1 in its parameter group"})
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

// paused says that Cloudflare only answers the names of the record's zone, so that requests bypass it.
func (p *platform) paused(record *graph.Resource) bool {
	return slices.ContainsFunc(p.g.Ref(record, "zoneId"), func(zone *graph.Resource) bool { on, _ := zone.Bool("paused"); return on })
}

func onlyCloudflare(p *platform, r *result, n *network.Node) {
	for _, g := range n.Groups {
		for _, rule := range g.Ingress {
			for _, peer := range rule.Peers {
				if peer.Group == nil && (peer.Anyone || !peer.Addrs.Within(cloudflare)) && rule.Resource != nil {
					r.add(breach{resources: one(rule.Resource),
						found: fmt.Sprintf("%s admits %s to %s, whose name is proxied by Cloudflare", rule.Resource.Name, whom(peer),
							n.Name),
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
		r.add(breach{resources: resources, found: n.Name + " takes requests that neither Cloudflare nor a web ACL filters: " + missing.Why,
			undecided: missing.Unknown, later: missing.Later,
			remedy: "associate a web ACL whose rules refuse, or let Cloudflare proxy every name"})
	}
}
