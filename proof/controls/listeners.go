package controls

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

func isApplication(_ *view, r *graph.Resource) bool {
	kind := r.String("loadBalancerType")
	return kind == "" || kind == "application"
}

func isNetwork(_ *view, r *graph.Resource) bool { return r.String("loadBalancerType") == "network" }

// facesInternet says that the load balancer is not known to be internal.
func facesInternet(_ *view, r *graph.Resource) bool {
	internal, known := r.Bool("internal")
	return !known || !internal
}

func encrypts(v *view, r *graph.Resource) bool {
	return anyOf(has("protocol", "HTTPS", "TLS"), has("certificateArn"))(v, r)
}

func hasProtocol(_ *view, r *graph.Resource) bool { return r.String("targetType") != "lambda" }

func webTarget(_ *view, r *graph.Resource) bool {
	return strings.HasPrefix(r.String("protocol"), "HTTP")
}

func httpRedirects(v *view, r *graph.Resource) outcome {
	if _, known := read(r, "protocol"); known == hidden {
		return unknown(r, "protocol")
	}
	if r.String("protocol") != "HTTP" {
		return staysEncrypted(v, r)
	}
	toHTTPS := func(at string) check {
		return all(is(at+".type", "redirect"), is(at+".redirect.protocol", "HTTPS"), is(at+".redirect.port", 443),
			is(at+".redirect.statusCode", "HTTP_301"),
			either(isAbsent(at+".redirect.host"), is(at+".redirect.host", "#{host}")))
	}
	o := elements("defaultActions", 1, toHTTPS)(v, r)
	for _, rule := range v.pointing(r, "listenerArn", listenerRules...) {
		if next := elements("actions", 1, toHTTPS)(v, rule); worse(next, o) {
			o = next.because(rule.URN)
		}
	}
	return o
}

// staysEncrypted demands that an HTTPS listener send nobody to plain HTTP.
func staysEncrypted(v *view, r *graph.Resource) outcome {
	stays := func(at string) check { return isNot(at+".redirect.protocol", "HTTP") }
	o := elements("defaultActions", 0, stays)(v, r)
	for _, rule := range v.pointing(r, "listenerArn", listenerRules...) {
		if next := elements("actions", 0, stays)(v, rule); worse(next, o) {
			o = next.because(rule.URN)
		}
	}
	return o
}

// modern are the policies that Security Hub's ELB.17 admits, and their post-quantum and FIPS variants. AWS, "Security
// policies for your Application Load Balancer".
var modern = []string{
	"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
	"ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
}

func modernTLS(_ *view, r *graph.Resource) outcome {
	value, known := asked(r, "sslPolicy")
	switch {
	case known == hidden:
		return unknown(r, "sslPolicy")
	case known == absent:
		return broken("sslPolicy is not set, which is ELBSecurityPolicy-2016-08 with TLS 1.0")
	case !slices.Contains(modern, text(value)):
		return broken("sslPolicy is %s", text(value))
	}
	return holds()
}

// crossZone demands it of network load balancers. An application load balancer always spreads, so what the provider
// answers is nobody's choice, unless the program asks for the opposite.
func crossZone(v *view, r *graph.Resource) outcome {
	if !isApplication(v, r) {
		return is("enableCrossZoneLoadBalancing", true)(v, r)
	}
	if value, _ := asked(r, "enableCrossZoneLoadBalancing"); value != nil {
		return isNot("enableCrossZoneLoadBalancing", false)(v, r)
	}
	return holds()
}

func filtered(v *view, r *graph.Resource) outcome {
	if !isApplication(v, r) {
		return outcome{} // it has no such setting
	}
	if v.onlyFromCloudflare(r) && v.asksEverybody(r) {
		return holds()
	}
	return v.inForce(r, filters)
}

// onlyFromCloudflare says that its groups let in Cloudflare's ranges and nobody else.
func (v *view) onlyFromCloudflare(balancer *graph.Resource) bool {
	groups := v.g.Ref(balancer, "securityGroups", groupType)
	some := false
	for _, g := range groups {
		for _, rule := range v.byGroup[g] {
			if !rule.ingress {
				continue
			}
			some = true
			if rule.unknown != "" || len(rule.lists)+len(rule.others)+len(rule.groups) > 0 ||
				slices.ContainsFunc(rule.prefixes, func(p netip.Prefix) bool { return !fromCloudflare(p) }) {
				return false
			}
		}
	}
	return some
}

// asksEverybody says that all listeners verify clients' certificates.
func (v *view) asksEverybody(balancer *graph.Resource) bool {
	all := v.pointing(balancer, "loadBalancerArn", listeners...)
	return len(all) > 0 && !slices.ContainsFunc(all,
		func(l *graph.Resource) bool { return l.String("mutualAuthentication.mode") != "verify" })
}

func oneEdge(v *view) []outcome {
	var edges, all []*graph.Resource
	for _, r := range v.g.ByType(balancers...) {
		all = append(all, r)
		if facesInternet(v, r) {
			edges = append(edges, r)
		}
	}
	switch {
	case len(all) == 0:
		return nil
	case len(edges) > 1:
		names := make([]string, len(edges))
		for i, e := range edges {
			names[i] = e.Name
		}
		return []outcome{broken("%s face the internet", strings.Join(names, " and ")).about(edges...)}
	}
	return []outcome{holds().about(all...)}
}

const responses = "routingHttpResponse"

func responseHeaders(v *view, r *graph.Resource) outcome {
	o := all(
		is(responses+"XContentTypeOptionsHeaderValue", "nosniff"),
		is(responses+"XFrameOptionsHeaderValue", "DENY"),
		is(responses+"ServerEnabled", false),
	)(v, r)
	var age int
	value := r.String(responses + "StrictTransportSecurityHeaderValue")
	if _, err := fmt.Sscanf(value, "max-age=%d", &age); (err != nil || age < 15768000) && o.verdict == report.Holds {
		return broken("Strict-Transport-Security is %q, and not at least half a year", value)
	}
	return o
}

func unknownHost(v *view, r *graph.Resource) outcome {
	o := elements("defaultActions", 1, func(at string) check {
		return all(is(at+".type", "fixed-response"), func(_ *view, r *graph.Resource) outcome {
			return number(r, at+".fixedResponse.statusCode", func(n int) bool { return n >= 400 && n < 500 }, "which refuses nothing")
		})
	})(v, r)
	if o.verdict != report.Holds {
		return o
	}
	for _, rule := range v.pointing(r, "listenerArn", listenerRules...) {
		if !forwards(rule) {
			continue
		}
		list, _ := blocks(rule, "conditions")
		named := false
		for i := range list {
			hosts, known := blocks(rule, fmt.Sprintf("conditions[%d].hostHeader.values", i))
			named = named || known == hidden || known == present && !slices.ContainsFunc(hosts, anyHost)
		}
		if !named {
			return broken("its rule %s forwards requests for any host", rule.Name).because(rule.URN)
		}
	}
	return o
}

// anyHost says that a pattern of host names ties them to no domain: only the last two labels of a name say whose it is.
func anyHost(pattern any) bool {
	labels := strings.Split(text(pattern), ".")
	return slices.ContainsFunc(labels[max(0, len(labels)-2):], func(label string) bool { return strings.ContainsAny(label, "*?") })
}

// forwards says that the rule may pass requests on.
func forwards(rule *graph.Resource) bool {
	list, known := blocks(rule, "actions")
	return known == hidden || slices.ContainsFunc(list, func(a any) bool {
		action, block := a.(map[string]any)
		_, written := action["type"].(string)
		return !block || !written || action["type"] == "forward"
	})
}

// asksClients says that the listener asks for certificates, or is where only Cloudflare, which shows its own, may come
// from.
func asksClients(v *view, r *graph.Resource) bool {
	if mode, known := read(r, "mutualAuthentication.mode"); known != absent && text(mode) != "off" {
		return true
	}
	for _, b := range v.g.Ref(r, "loadBalancerArn", balancers...) {
		if facesInternet(v, b) && v.onlyFromCloudflare(b) {
			return true
		}
	}
	return false
}

func verifiesClients(v *view, r *graph.Resource) outcome {
	return all(is("mutualAuthentication.mode", "verify"), isSet("mutualAuthentication.trustStoreArn"),
		isNot("mutualAuthentication.ignoreClientCertificateExpiry", true))(v, r)
}

func validated(v *view, r *graph.Resource) outcome {
	if _, known := read(r, "certificateArn"); known == absent {
		return broken("certificateArn is not set")
	}
	found := v.g.Ref(r, "certificateArn", certificateType)
	if len(found) == 0 {
		return undecided("its certificate is not in the stack")
	}
	for _, more := range v.pointing(r, "listenerArn", certificates...) {
		others := v.g.Ref(more, "certificateArn", certificateType)
		if len(others) == 0 {
			return undecided("its certificate of %s is not in the stack", more.Name)
		}
		found = append(found, others...)
	}
	for _, c := range found {
		if len(v.pointing(c, "certificateArn", validationType)) == 0 {
			return broken("its certificate %s is not known to be validated", c.Name)
		}
	}
	if !slices.ContainsFunc(r.PropertyDependencies["certificateArn"], func(urn string) bool {
		source := v.g.ByURN(urn)
		return source != nil && source.Type == validationType
	}) && !slices.ContainsFunc(r.Dependencies,
		func(urn string) bool { source := v.g.ByURN(urn); return source != nil && source.Type == validationType }) {
		return broken("it does not wait until its certificate is validated")
	}
	return holds()
}
