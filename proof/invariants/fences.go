package invariants

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

// Behind the groups stands a second fence, in the order of the numbers the last.
var fences = []Invariant{
	{ID: "I27", Title: "A network ACL lets through what its subnets exchange with others, and nothing else", Severity: report.Medium,
		check: fenced, house: true},
	{ID: "I28", Title: "What servers ask of AWS stays in the network, and each endpoint that the platform promises is there",
		Severity: report.Medium, check: each(inside), house: true, Waivers: []string{"noEndpoints"}},
}

// fenced demands that each tier's ACL would keep its packets to its neighbours even if a group let them go elsewhere.
// Towards neighbours an ACL need not name ports. Towards the outside it names those that are served or asked for, and
// those to which answers come back.
func fenced(v *view) (r result) {
	for _, a := range v.w.ACLs {
		if a == a.VPC.DefaultACL || !v.w.Guards(a) {
			continue
		}
		r.applies = true
		r.holds = "each ACL admits its neighbours, what is served to the outside or asked of it, and the answers"
		for _, out := range []bool{false, true} {
			for _, spare := range v.w.Spare(a, out) {
				b := breach{resources: one(a.Resource), found: fmt.Sprintf("%s lets %s %s %s, which its subnets have no use for", a.Name(),
					spare.Traffic, map[bool]string{false: "in from", true: "out to"}[out], network.FormatAddrs(spare.Addrs)),
					remedy: "narrow the rule to whom the subnets exchange packets with, and to the ports in use"}
				for _, rule := range spare.Rules {
					b.resources = append(b.resources, rule.Resource)
					b.evidence = append(b.evidence, fmt.Sprintf("rule %d of %s", rule.Number, rule.Resource.Name))
				}
				r.add(b)
			}
		}
	}
	return r
}

// always are the services that this project's servers use: of a role whose policies are only planned, nothing more is known.
var always = map[string]bool{"logs": true, "secretsmanager": true, "ssm": true, "ssmmessages": true}

// inside demands a way by an endpoint to each service that the servers' roles may use, even where there is a way to the
// internet, and the services that the platform's component says it has endpoints for.
func inside(p *platform, r *result) {
	r.holds = "each service that servers use has an endpoint that they reach"
	for _, n := range p.servers() {
		b := boot{platform: p, r: r, n: n, of: cmp.Or(n.Template, n.Resource), roles: p.identitiesOf(n)}
		for _, service := range slices.Sorted(maps.Keys(served)) {
			if !slices.ContainsFunc(b.roles, func(i *iam.Identity) bool {
				return i.Uses(service) || always[service] && slices.ContainsFunc(i.Policies, func(p iam.Source) bool { return p.Err != nil })
			}) {
				continue
			}
			r.applies = true
			if endpoint, why := b.way(served[service].endpoint); endpoint == nil && why == "" {
				b.lacks("", "add an endpoint for it, with a private name, that the servers' group, routes and ACLs lead to",
					"asks %s by the internet", service)
			}
		}
	}
	for _, component := range p.g.ByType("causeway:endpoints:Endpoints") {
		value, _ := component.Output("services")
		promised, _ := value.([]any)
		for _, service := range promised {
			there := slices.ContainsFunc(p.w.OfKind(network.Endpoint), func(e *network.Node) bool {
				private, _ := e.Resource.Bool("privateDnsEnabled")
				return private && strings.HasSuffix(e.Resource.String("serviceName"), fmt.Sprint(".", service))
			})
			if !there {
				r.add(breach{resources: one(component), found: fmt.Sprintf("%s promises an endpoint for %s, and there is none with a private name",
					component.Name, service), remedy: "deploy it again: `pulumi up`"})
			}
		}
	}
}
