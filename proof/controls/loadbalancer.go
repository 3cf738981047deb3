package controls

import (
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

const oneListener = "a load balancer without port 80 satisfies Security Hub's ELB.1 and ELB.18 and Checkov's CKV_AWS_260 at once; with " +
	"the waiver httpRedirect, it may have one that redirects"

var (
	balancers     = underAliases("loadBalancer:LoadBalancer")
	listeners     = underAliases("listener:Listener")
	listenerRules = underAliases("listenerRule:ListenerRule")
	certificates  = underAliases("listenerCertificate:ListenerCertificate")
	targets       = underAliases("targetGroup:TargetGroup")
)

// underAliases are the SDK's alternative names for a load balancer type.
func underAliases(name string) []string {
	return []string{"aws:lb/" + name, "aws:alb/" + name, "aws:applicationloadbalancing/" + name, "aws:elasticloadbalancingv2/" + name}
}

var loadBalancers = []Control{
	{
		Number: 50, Severity: report.Medium, Title: "Plain HTTP is only ever redirected to HTTPS", Types: listeners, Note: oneListener,
		Known:  "FSBP ELB.1; Checkov CKV_AWS_2 CKV2_AWS_20; Trivy AWS-0054; Prowler elbv2_ssl_listeners",
		Remedy: "remove the listener, or make its only action a redirect to HTTPS, 443, HTTP_301", each: httpRedirects,
	},
	{
		Number: 51, Severity: report.Medium, Title: "Every listener speaks HTTPS", Types: listeners, Note: oneListener,
		Known:   "FSBP ELB.18; Checkov CKV_AWS_2; Trivy AWS-0054; Prowler elbv2_ssl_listeners",
		Waivers: []string{"httpRedirect"}, Remedy: "set protocol HTTPS and port 443", each: is("protocol", "HTTPS", "TLS"),
	},
	{
		Number: 52, Severity: report.High, Title: "Listeners take TLS 1.2 with forward secrecy, or newer", Types: listeners,
		Known: "FSBP ELB.17; Checkov CKV_AWS_103 CKV2_AWS_74; Trivy AWS-0047; " +
			"Prowler elbv2_insecure_ssl_ciphers elbv2_listener_pqc_tls_enabled",
		Note: "Checkov takes every policy that begins with ELBSecurityPolicy-TLS13, also TLS13-1-0, which takes TLS 1.0; Pulumi's own " +
			"pack has a list from before post-quantum policies. Security Hub's list is followed",
		Remedy: "set sslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", each: when(encrypts, modernTLS),
	},
	{
		Number: 53, Severity: report.Medium, Title: "Load balancers drop headers that are not valid", Types: balancers,
		Known:  "FSBP ELB.4; Checkov CKV_AWS_131; Trivy AWS-0052; Prowler elbv2_alb_drop_invalid_header_fields_enabled",
		Remedy: "set dropInvalidHeaderFields", each: when(isApplication, is("dropInvalidHeaderFields", true)),
	},
	{
		Number: 54, Severity: report.Medium, Title: "Load balancers keep access logs", Types: balancers, Later: true,
		Known:  "FSBP ELB.5; Checkov CKV_AWS_91; Prowler elbv2_logging_enabled",
		Remedy: "set accessLogs with enabled and a bucket",
		each:   all(is("accessLogs.enabled", true), logsTo("accessLogs.bucket", bucketTypes...), balancerLogs("accessLogs")),
	},
	{
		Number: 55, House: true, Severity: report.Low, Title: "Load balancers keep connection logs", Types: balancers, Later: true,
		Remedy: "set connectionLogs with enabled and a bucket",
		each: when(isApplication, all(is("connectionLogs.enabled", true), logsTo("connectionLogs.bucket", bucketTypes...),
			balancerLogs("connectionLogs"))),
	},
	{
		Number: 56, Severity: report.Medium, Title: "Load balancers are protected from deletion", Types: balancers,
		Known:   "FSBP ELB.6; Checkov CKV_AWS_150; Prowler elbv2_deletion_protection",
		Waivers: []string{"unprotected"}, Remedy: "set enableDeletionProtection", each: is("enableDeletionProtection", true),
	},
	{
		Number: 57, Severity: report.Medium, Title: "Load balancers refuse requests that could be read in two ways", Types: balancers,
		Known:  "FSBP ELB.12; Checkov CKV_AWS_328; Prowler elbv2_desync_mitigation_mode",
		Remedy: "set desyncMitigationMode to strictest or defensive",
		each:   when(isApplication, is("desyncMitigationMode", "strictest", "defensive")),
	},
	{
		Number: 58, Severity: report.Medium, Title: "Load balancers are in two zones or more", Types: balancers,
		Known:  "FSBP ELB.13; Prowler elbv2_is_in_multiple_az",
		Remedy: "name subnets of two zones or more", each: inZones("subnets", "subnetMappings"),
	},
	{
		Number: 59, Severity: report.High, Title: "A web ACL filters what reaches the load balancer that faces the internet",
		Types:   balancers,
		Known:   "FSBP ELB.16; Checkov CKV2_AWS_28; Prowler elbv2_waf_acl_attached",
		Note:    "a load balancer that only Cloudflare can reach has Cloudflare's in its place",
		Waivers: []string{"noWebAcl"}, Remedy: "add a wafv2.WebAclAssociation with the load balancer's ARN",
		each: when(facesInternet, filtered),
	},
	{
		Number: 60, Severity: report.Medium, Title: "Without its web ACL, a load balancer lets nothing through", Types: balancers,
		Remedy: "leave out enableWafFailOpen", each: when(isApplication, isNot("enableWafFailOpen", true)),
	},
	{
		Number: 61, Severity: report.Medium, Title: "One load balancer faces the internet, and no other", Types: balancers,
		Known:  "Trivy AWS-0053; Prowler elbv2_internet_facing",
		Note:   "Trivy refuses every one that does; a platform for browsers needs exactly one",
		Remedy: "set internal on all but the edge", whole: oneEdge,
	},
	{
		Number: 62, Severity: report.Low, Title: "Load balancers spread requests over all zones", Types: balancers,
		Known:  "Checkov CKV_AWS_152; Prowler elbv2_cross_zone_load_balancing_enabled",
		Remedy: "set enableCrossZoneLoadBalancing", each: crossZone,
	},
	{
		Number: 63, Severity: report.Low, Title: "Every load balancer has a listener", Types: balancers,
		Known:  "Prowler elbv2_listeners_underneath",
		Remedy: "add a listener, or remove it", each: companion("loadBalancerArn", listeners, "it has no listener"),
	},
	{
		Number: 64, Severity: report.Medium, Title: "Network load balancers terminate TLS", Types: balancers,
		Known:  "Prowler elbv2_nlb_tls_termination_enabled",
		Remedy: "set the listener's protocol to TLS",
		each:   when(isNetwork, companion("loadBalancerArn", listeners, "it has no listener", is("protocol", "TLS"))),
	},
	{
		Number: 65, House: true, Severity: report.Low, Types: balancers,
		Title:  "Load balancers add the client's address to what they pass on, and keep its host",
		Remedy: "set xffHeaderProcessingMode to append, and preserveHostHeader",
		each:   when(isApplication, all(is("xffHeaderProcessingMode", "append"), is("preserveHostHeader", true))),
	},
	{
		Number: 66, Severity: report.Low, Title: "Responses tell browsers to use HTTPS only, not to guess types, and not to be framed",
		Types: listeners,
		Remedy: "set the routingHttpResponse… values: Strict-Transport-Security, X-Content-Type-Options nosniff, X-Frame-Options DENY, " +
			"and no Server header",
		each: when(has("protocol", "HTTPS"), responseHeaders),
	},
	{
		Number: 67, Severity: report.Medium, Title: "A request for an unknown host is refused", Types: listeners,
		Remedy: "make the listener's default action a fixed response of 403, and forward by rules for hosts",
		each:   when(has("protocol", "HTTPS"), unknownHost),
	},
	{
		Number: 68, Severity: report.Medium, Title: "Clients' certificates, where they are asked for, are verified", Types: listeners,
		Remedy: "set mutualAuthentication to mode verify and a trust store", each: when(asksClients, verifiesClients),
	},
	{
		Number: 69, Severity: report.Medium, Title: "Listeners wait for a certificate that is validated", Types: listeners,
		Known:  "FSBP ELB.2; Checkov CKV_AWS_127",
		Remedy: "pass on the certificateArn of the acm.CertificateValidation", each: when(encrypts, validated),
	},
	{
		Number: 70, Severity: report.Medium, Title: "Load balancers talk to servers by HTTPS", Types: targets,
		Known:  "FSBP ELB.22; Checkov CKV_AWS_378",
		Note:   "Checkov lets a target group of plain HTTP pass behind anything but a plain listener",
		Remedy: "set the target group's protocol to HTTPS", each: when(hasProtocol, is("protocol", "HTTPS", "TLS")),
	},
	{
		Number: 71, Severity: report.Low, Title: "Health is checked by HTTPS", Types: targets,
		Known:  "FSBP ELB.21",
		Remedy: "set healthCheck.protocol to HTTPS",
		each: when(hasProtocol,
			either(is("healthCheck.protocol", "HTTPS"), all(is("protocol", "TLS"), is("healthCheck.protocol", "TCP", "HTTPS")))),
	},
	{
		Number: 72, Severity: report.Low, Title: "Health is checked by a request for a page", Types: targets,
		Known:  "Checkov CKV_AWS_261",
		Note:   "whoever answers an error is ill, and is known to be within ten minutes",
		Remedy: "set healthCheck with path and matcher",
		each: when(webTarget, all(isNot("healthCheck.enabled", false), isSet("healthCheck.path"), isSet("healthCheck.matcher"),
			illIsSeen)),
	},
	{
		Number: 73, Severity: report.Medium, Title: "No classic load balancer", Remedy: "use lb.LoadBalancer",
		Known: "FSBP ELB.2 ELB.3 ELB.7 ELB.8 ELB.9 ELB.10 ELB.14; Checkov CKV_AWS_92 CKV_AWS_127 CKV_AWS_138 CKV_AWS_376",
		whole: none("it is of the classic kind", "aws:elb/"),
	},
}

// illIsSeen demands that no answer which is an error counts as health, and that some minutes of them are enough.
func illIsSeen(_ *view, r *graph.Resource) outcome {
	for _, codes := range strings.Split(r.String("healthCheck.matcher"), ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(codes), "-")
		if !ranged {
			last = first
		}
		if n, err := strconv.Atoi(last); err == nil && n >= 500 && r.String("healthCheck.protocol") != "GRPC" {
			return broken("healthCheck.matcher is %s: a server that fails counts as healthy", r.String("healthCheck.matcher")).
				write("set healthCheck.matcher to 200")
		}
	}
	interval, every := r.Int("healthCheck.interval")
	times, often := r.Int("healthCheck.unhealthyThreshold")
	if every && often && interval*times > 600 {
		return broken("a server that is ill is asked for another %d minutes", interval*times/60).
			write("choose a shorter healthCheck.interval, or a lower unhealthyThreshold")
	}
	return holds()
}
