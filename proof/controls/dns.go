package controls

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

var names = []Control{
	{
		Number: 183, Severity: report.Medium, Title: "Certificates have a strong key", Types: []string{certificateType},
		Known:  "FSBP ACM.2; Prowler acm_certificates_with_secure_key_algorithms",
		Remedy: "set keyAlgorithm to EC_prime256v1 or RSA_2048", each: is("keyAlgorithm", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1",
			"RSA_2048", "RSA_3072", "RSA_4096"),
	},
	{
		Number: 184, Severity: report.Low, Title: "Certificates are in the public logs", Types: []string{certificateType},
		Known:  "Checkov CKV_AWS_234; Prowler acm_certificates_transparency_logs_enabled",
		Remedy: "leave out certificateTransparencyLoggingPreference",
		each:   isNot("options.certificateTransparencyLoggingPreference", "DISABLED"),
	},
	{
		Number: 185, Severity: report.Low, Title: "Certificates are for names, not for wildcards", Types: []string{certificateType},
		Known:   "Checkov CKV2_AWS_71",
		Waivers: []string{"wildcardNames"}, Remedy: "name each host in subjectAlternativeNames", each: noWildcard,
	},
	{
		Number: 186, Severity: report.Low, Title: "A certificate that changes is replaced by a new one before the old one goes",
		Types: []string{certificateType},
		Known: "Checkov CKV_AWS_233",
		Note: "Pulumi makes the new one first unless a program says deleteBeforeReplace, which no graph shows; a certificate that is " +
			"read and not made here is not asked",
		Remedy: "leave out deleteBeforeReplace, and let Pulumi name the listener's parts", each: replaceable,
	},
	{
		Number: 187, Severity: report.Medium, Title: "Certificates renew themselves", Types: []string{certificateType},
		Known:  "FSBP ACM.1; Trivy AWS-0168; Prowler acm_certificates_expiration_check",
		Note:   "whether one is about to end only shows at run time; one that is validated by DNS is renewed by ACM",
		Remedy: "set validationMethod to DNS", each: is("validationMethod", "DNS"),
	},
	{
		Number: 188, Severity: report.Medium, Title: "Certificates are issued by ACM, and known to be", Types: []string{certificateType},
		Remedy: "add an acm.CertificateValidation, and leave out privateKey",
		each:   all(isUnset("privateKey"), companion("certificateArn", []string{validationType}, "nothing waits until it is issued")),
	},
	{
		Number: 189, Severity: report.Low, Title: "Queries of public zones are logged", Types: []string{zoneType}, Later: true,
		Known:   "FSBP Route53.2; Checkov CKV2_AWS_39; Prowler route53_public_hosted_zones_cloudwatch_logging_enabled",
		Note:    "the log must be in us-east-1, and Route 53 charges for it by the query",
		Waivers: []string{"noQueryLog"},
		Remedy:  "add a route53.QueryLog with a log group in us-east-1, and a cloudwatch.LogResourcePolicy that lets Route 53 write to it",
		each: when(publicZone, companion("zoneId", []string{"aws:route53/queryLog:QueryLog"}, "its queries are not logged",
			queriesWritten)),
	},
	{
		Number: 190, Severity: report.Medium, Title: "Public zones are signed", Types: []string{zoneType},
		Known:   "Checkov CKV2_AWS_38",
		Waivers: []string{"unsignedZone"}, Remedy: "add a route53.KeySigningKey and a route53.HostedZoneDnsSec that is SIGNING",
		each: when(publicZone, signed),
	},
	{
		Number: 191, Severity: report.High,
		Title:  "No name leads to what somebody else could take, and neither mail nor certificates to others",
		Types:  []string{recordType},
		Known:  "Checkov CKV2_AWS_23; Prowler route53_dangling_ip_subdomain_takeover",
		Note:   "mail is meant where the zone has a record of SPF; certificates are ACM's, and a name inside leads to what is of the stack",
		Remedy: "point an alias at a load balancer of the stack, and no A record at an address",
		each:   all(noDangling, mailAndKeys, (*view).insideOut),
	},
	{
		Number: 193, Severity: report.Low, Title: "Only named authorities may issue certificates for public zones",
		Types:  []string{zoneType},
		Known:  "Prowler zone_record_caa_exists",
		Remedy: `add a CAA record: 0 issue "amazon.com"`, each: when(publicZone, zoneCAA),
	},
}

func noWildcard(v *view, r *graph.Resource) outcome {
	for _, path := range []string{"domainName", "subjectAlternativeNames"} {
		if _, known := read(r, path); known == hidden {
			return unknown(r, path)
		}
	}
	for _, name := range append(r.Strings("subjectAlternativeNames"), r.String("domainName")) {
		if strings.HasPrefix(name, "*.") {
			return broken("it is for %s", name)
		}
	}
	return holds()
}

// replaceable says that nothing keeps a replacement from being made first. A certificate whose changes the program
// ignores is never replaced at all.
func replaceable(_ *view, r *graph.Resource) outcome {
	for _, property := range []string{"domainName", "subjectAlternativeNames", "*"} {
		if slices.Contains(r.IgnoreChanges, property) {
			return broken("changes of %s are ignored, so it is never replaced", property)
		}
	}
	return holds()
}

func publicZone(_ *view, r *graph.Resource) bool {
	_, networks := read(r, "vpcs")
	return networks == absent
}

const (
	keySigningType = "aws:route53/keySigningKey:KeySigningKey"
	signingType    = "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"
)

// signed demands a key and the signing itself, which may name the zone by its key.
func signed(v *view, zone *graph.Resource) outcome {
	keys := v.pointing(zone, "hostedZoneId", keySigningType)
	if len(keys) == 0 {
		return broken("it has no key to be signed with")
	}
	signings := v.pointing(zone, "hostedZoneId", signingType)
	for _, key := range keys {
		if o := isNot("status", "INACTIVE")(v, key); o.verdict != report.Holds {
			return o
		}
		signings = append(signings, v.pointing(key, "hostedZoneId", signingType)...)
	}
	if len(signings) == 0 {
		return broken("it is not signed")
	}
	return isNot("signingStatus", "NOT_SIGNING")(v, signings[0])
}

// noDangling demands that a name lead to something in the stack: addresses and AWS's own names can be released and taken
// by somebody else.
func noDangling(v *view, r *graph.Resource) outcome {
	if aliases, known := asked(r, "aliases"); known != absent {
		resolved := v.g.Resolve(r, "aliases")
		if len(only(resolved.Resources, func(to *graph.Resource) bool { return to.Type != zoneType })) == 0 {
			return broken("it leads to what is not in the stack: %s", text(aliases))
		}
		return holds()
	}
	kind := r.String("type")
	switch kind {
	case "A", "AAAA":
		resolved := v.g.Resolve(r, "records")
		for _, target := range resolved.Outside {
			if address, err := netip.ParseAddr(target); err == nil && public(netip.PrefixFrom(address, address.BitLen())) {
				return broken("it leads to %s, which nothing in the stack has", target)
			}
		}
		if resolved.Undecided {
			return unknown(r, "records")
		}
	case "CNAME", "NS":
		for _, target := range v.g.Resolve(r, "records").Outside {
			if takeable(target) || answersChallenges(r) || kind == "NS" && !v.ownNameServers([]string{target}) {
				return broken("it leads to %s, which is not in the stack", target)
			}
		}
	}
	return holds()
}

// takeable says that a cloud gives such names away: whoever creates a resource of that name gets what the record sends.
func takeable(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	for _, suffix := range []string{".amazonaws.com", ".cloudfront.net", ".elasticbeanstalk.com", ".azurewebsites.net", ".herokuapp.com",
		".github.io", ".netlify.app", ".pages.dev", ".workers.dev"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// ofApex says that a record is for the zone's own name, not for one below it.
func ofApex(r *graph.Resource, zone string) bool {
	name := strings.TrimSuffix(r.String("name"), ".")
	return name == "" || name == "@" || name == strings.TrimSuffix(zone, ".")
}

func zoneCAA(v *view, zone *graph.Resource) outcome {
	var all []string
	for _, r := range v.pointing(zone, "zoneId", recordType) {
		if r.String("type") == "CAA" && ofApex(r, zone.String("name")) {
			all = append(all, r.Strings("records")...)
		}
	}
	if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, " issue ") }) {
		return broken("any authority may issue for it")
	}
	return holds()
}
