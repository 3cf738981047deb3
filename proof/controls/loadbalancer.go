package controls

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
)

const oneListener = "a load balancer without port 80 satisfies Security Hub's ELB.1 and ELB.18 and Checkov's CKV_AWS_260 at once; with the waiver httpRedirect, it may have one that redirects"

var (
	balancers = []string{balancerType, "aws:alb/loadBalancer:LoadBalancer"}
	listeners = []string{listenerType, "aws:alb/listener:Listener"}
	targets   = []string{targetGroupType, "aws:alb/targetGroup:TargetGroup"}
)

var loadBalancers = []Control{
	{
		Number: 50, Severity: proof.Medium, Title: "Plain HTTP is only ever redirected to HTTPS", Types: listeners, Note: oneListener,
		Remedy: "remove the listener, or make its only action a redirect to HTTPS, 443, HTTP_301", each: httpRedirects,
	},
	{
		Number: 51, Severity: proof.Medium, Title: "Every listener speaks HTTPS", Types: listeners, Note: oneListener,
		Waivers: []string{"httpRedirect"}, Remedy: "set protocol HTTPS and port 443", each: is("protocol", "HTTPS", "TLS"),
	},
	{
		Number: 52, Severity: proof.High, Title: "Listeners take TLS 1.2 with forward secrecy, or newer", Types: listeners,
		Note:   "Checkov takes every policy that begins with ELBSecurityPolicy-TLS13, also TLS13-1-0, which takes TLS 1.0; Pulumi's own pack has a list from before post-quantum policies. Security Hub's list is followed",
		Remedy: "set sslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", each: when(encrypts, modernTLS),
	},
	{
		Number: 53, Severity: proof.Medium, Title: "Load balancers drop headers that are not valid", Types: balancers,
		Remedy: "set dropInvalidHeaderFields", each: when(isApplication, is("dropInvalidHeaderFields", true)),
	},
	{
		Number: 54, Severity: proof.Medium, Title: "Load balancers keep access logs", Types: balancers,
		Remedy: "set accessLogs with enabled and a bucket", each: all(is("accessLogs.enabled", true), isSet("accessLogs.bucket")),
	},
	{
		Number: 55, Severity: proof.Low, Title: "Load balancers keep connection logs", Types: balancers,
		Remedy: "set connectionLogs with enabled and a bucket", each: when(isApplication, all(is("connectionLogs.enabled", true), isSet("connectionLogs.bucket"))),
	},
	{
		Number: 56, Severity: proof.Medium, Title: "Load balancers are protected from deletion", Types: balancers,
		Waivers: []string{"unprotected"}, Remedy: "set enableDeletionProtection", each: is("enableDeletionProtection", true),
	},
	{
		Number: 57, Severity: proof.Medium, Title: "Load balancers refuse requests that could be read in two ways", Types: balancers,
		Remedy: "set desyncMitigationMode to strictest or defensive", each: when(isApplication, is("desyncMitigationMode", "strictest", "defensive")),
	},
	{
		Number: 58, Severity: proof.Medium, Title: "Load balancers are in two zones or more", Types: balancers,
		Remedy: "name subnets of two zones or more", each: inZones("subnets", "subnetMappings"),
	},
	{
		Number: 59, Severity: proof.High, Title: "A web ACL filters what reaches the load balancer that faces the internet", Types: balancers,
		Note:    "a load balancer that only Cloudflare can reach has Cloudflare's in its place",
		Waivers: []string{"noWebAcl"}, Remedy: "add a wafv2.WebAclAssociation with the load balancer's ARN", each: when(facesInternet, filtered),
	},
	{
		Number: 60, Severity: proof.Medium, Title: "Without its web ACL, a load balancer lets nothing through", Types: balancers,
		Remedy: "leave out enableWafFailOpen", each: when(isApplication, isNot("enableWafFailOpen", true)),
	},
	{
		Number: 61, Severity: proof.Medium, Title: "One load balancer faces the internet, and no other", Types: balancers,
		Note:   "Trivy refuses every one that does; a platform for browsers needs exactly one",
		Remedy: "set internal on all but the edge", whole: oneEdge,
	},
	{
		Number: 62, Severity: proof.Low, Title: "Load balancers spread requests over all zones", Types: balancers,
		Remedy: "set enableCrossZoneLoadBalancing", each: either(when(isApplication, isNot("enableCrossZoneLoadBalancing", false)), is("enableCrossZoneLoadBalancing", true)),
	},
	{
		Number: 63, Severity: proof.Low, Title: "Every load balancer has a listener", Types: balancers,
		Remedy: "add a listener, or remove it", each: companion("loadBalancerArn", listeners, "it has no listener"),
	},
	{
		Number: 64, Severity: proof.Medium, Title: "Network load balancers terminate TLS", Types: balancers,
		Remedy: "set the listener's protocol to TLS", each: when(isNetwork, companion("loadBalancerArn", listeners, "it has no listener", is("protocol", "TLS"))),
	},
	{
		Number: 65, Severity: proof.Low, Title: "Load balancers add the client's address to what they pass on, and keep its host", Types: balancers,
		Remedy: "set xffHeaderProcessingMode to append, and preserveHostHeader", each: when(isApplication, all(is("xffHeaderProcessingMode", "append"), is("preserveHostHeader", true))),
	},
	{
		Number: 66, Severity: proof.Low, Title: "Responses tell browsers to use HTTPS only, not to guess types, and not to be framed", Types: listeners,
		Remedy: "set the routingHttpResponse… values: Strict-Transport-Security, X-Content-Type-Options nosniff, X-Frame-Options DENY, and no Server header",
		each:   when(has("protocol", "HTTPS"), responseHeaders),
	},
	{
		Number: 67, Severity: proof.Medium, Title: "A request for an unknown host is refused", Types: listeners,
		Remedy: "make the listener's default action a fixed response of 403, and forward by rules for hosts", each: when(has("protocol", "HTTPS"), unknownHost),
	},
	{
		Number: 68, Severity: proof.Medium, Title: "Clients' certificates, where they are asked for, are verified", Types: listeners,
		Remedy: "set mutualAuthentication to mode verify and a trust store", each: when(asksClients, verifiesClients),
	},
	{
		Number: 69, Severity: proof.Medium, Title: "Listeners wait for a certificate that is validated", Types: listeners,
		Remedy: "pass on the certificateArn of the acm.CertificateValidation", each: when(encrypts, validated),
	},
	{
		Number: 70, Severity: proof.Medium, Title: "Load balancers talk to servers by HTTPS", Types: targets,
		Note:   "Checkov lets a target group of plain HTTP pass behind anything but a plain listener",
		Remedy: "set the target group's protocol to HTTPS", each: when(hasProtocol, is("protocol", "HTTPS", "TLS")),
	},
	{
		Number: 71, Severity: proof.Low, Title: "Health is checked by HTTPS", Types: targets,
		Remedy: "set healthCheck.protocol to HTTPS", each: when(hasProtocol, either(is("healthCheck.protocol", "HTTPS"), all(is("protocol", "TLS"), is("healthCheck.protocol", "TCP", "HTTPS")))),
	},
	{
		Number: 72, Severity: proof.Low, Title: "Health is checked by a request for a page", Types: targets,
		Remedy: "set healthCheck with path and matcher", each: when(webTarget, all(isNot("healthCheck.enabled", false), isSet("healthCheck.path"), isSet("healthCheck.matcher"))),
	},
	{
		Number: 73, Severity: proof.Medium, Title: "No classic load balancer", Remedy: "use lb.LoadBalancer",
		whole: none("it is of the classic kind", "aws:elb/"),
	},
}

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

func encrypts(_ *view, r *graph.Resource) bool {
	protocol := r.String("protocol")
	_, certificate := read(r, "certificateArn")
	return protocol == "HTTPS" || protocol == "TLS" || certificate != absent
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
		return holds()
	}
	toHTTPS := func(at string) check {
		return all(is(at+".type", "redirect"), is(at+".redirect.protocol", "HTTPS"), is(at+".redirect.statusCode", "HTTP_301"))
	}
	o := elements("defaultActions", 1, toHTTPS)(v, r)
	for _, rule := range v.pointing(r, "listenerArn", "aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule") {
		if next := elements("actions", 1, toHTTPS)(v, rule); worse(next, o) {
			o = next.because(rule.URN)
		}
	}
	return o
}

// modern are the policies that Security Hub's ELB.17 admits, and their post-quantum and
// FIPS kin. AWS, "Security policies for your Application Load Balancer".
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

func filtered(v *view, r *graph.Resource) outcome {
	if !isApplication(v, r) || len(v.pointing(r, "resourceArn", webACLForType, "aws:wafregional/webAclAssociation:WebAclAssociation")) > 0 {
		return holds()
	}
	if v.onlyFromCloudflare(r) && v.asksEverybody(r) {
		return holds()
	}
	return broken("it has no web ACL")
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
			if rule.unknown != "" || len(rule.lists)+len(rule.others)+len(rule.groups) > 0 || slices.ContainsFunc(rule.prefixes, func(p netip.Prefix) bool { return !fromCloudflare(p) }) {
				return false
			}
		}
	}
	return some
}

// asksEverybody says that all listeners verify clients' certificates.
func (v *view) asksEverybody(balancer *graph.Resource) bool {
	all := v.pointing(balancer, "loadBalancerArn", listeners...)
	return len(all) > 0 && !slices.ContainsFunc(all, func(l *graph.Resource) bool { return l.String("mutualAuthentication.mode") != "verify" })
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
	if _, err := fmt.Sscanf(value, "max-age=%d", &age); (err != nil || age < 15768000) && o.verdict == proof.Holds {
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
	if o.verdict != proof.Holds {
		return o
	}
	for _, rule := range v.pointing(r, "listenerArn", "aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule") {
		if !forwards(rule) {
			continue
		}
		conditions, _ := rule.Get("conditions")
		list, _ := conditions.([]any)
		named := false
		for i := range list {
			hosts := rule.Strings(fmt.Sprintf("conditions[%d].hostHeader.values", i))
			_, known := read(rule, fmt.Sprintf("conditions[%d].hostHeader", i))
			if known == hidden || len(hosts) > 0 && !slices.Contains(hosts, "*") {
				named = true
			}
		}
		if !named {
			return broken("its rule %s forwards requests for any host", rule.Name).because(rule.URN)
		}
	}
	return o
}

func forwards(rule *graph.Resource) bool {
	actions, _ := rule.Get("actions")
	list, _ := actions.([]any)
	return slices.ContainsFunc(list, func(a any) bool {
		action, _ := a.(map[string]any)
		return action["type"] == "forward"
	})
}

// asksClients says that the listener asks for certificates, or is where only Cloudflare
// may come from, which shows its own.
func asksClients(v *view, r *graph.Resource) bool {
	mode := r.String("mutualAuthentication.mode")
	if mode != "" && mode != "off" {
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
	return all(is("mutualAuthentication.mode", "verify"), isSet("mutualAuthentication.trustStoreArn"), isNot("mutualAuthentication.ignoreClientCertificateExpiry", true))(v, r)
}

func validated(v *view, r *graph.Resource) outcome {
	if _, known := read(r, "certificateArn"); known == absent {
		return broken("certificateArn is not set")
	}
	certificates := v.g.Ref(r, "certificateArn", certificateType)
	if len(certificates) == 0 {
		return undecided("its certificate is not in the stack")
	}
	for _, c := range certificates {
		if len(v.pointing(c, "certificateArn", validationType)) == 0 {
			return broken("its certificate %s is not known to be validated", c.Name)
		}
	}
	if !slices.ContainsFunc(r.PropertyDependencies["certificateArn"], func(urn string) bool {
		source := v.g.ByURN(urn)
		return source != nil && source.Type == validationType
	}) && !slices.ContainsFunc(r.Dependencies, func(urn string) bool { source := v.g.ByURN(urn); return source != nil && source.Type == validationType }) {
		return broken("it does not wait until its certificate is validated")
	}
	return holds()
}
