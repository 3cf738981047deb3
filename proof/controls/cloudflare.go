package controls

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/webacl"
)

const paid = "Cloudflare's managed rules, rules of one's own and limits of rate depend on the zone's plan; where requests pass AWS's web " +
	"ACL behind it, that one does it"

// zoneSettings are a zone's settings, and the zones, which must have some.
var zoneSettings = []string{cfSettingsType, cfZoneType}

// ofSettings is a check of a zone's settings. A zone that serves requests, and whose settings nobody writes, has
// Cloudflare's defaults.
func ofSettings(then check) check {
	return func(v *view, r *graph.Resource) outcome {
		if _, gathered := read(r, "settings"); r.Type != cfZoneType || gathered != absent {
			return then(v, r)
		}
		passes := slices.ContainsFunc(v.pointing(r, "zoneId", graph.CloudflareRecords...),
			func(record *graph.Resource) bool { return has("proxied", true)(v, record) })
		if passes && len(v.pointing(r, "zoneId", cfSettingsType)) == 0 {
			return broken("its settings are not written").write("add a cloudflare.ZoneSettingsOverride")
		}
		return outcome{}
	}
}

// notPaused demands that Cloudflare work for a zone: while it is paused, Cloudflare only answers names, and every proxied
// one leads straight to the load balancer.
func notPaused(v *view, r *graph.Resource) outcome {
	if r.Type != cfZoneType {
		return outcome{}
	}
	return isNot("paused", true)(v, r)
}

var cloudflare = []Control{
	setting(205, "Prowler zone_ssl_strict", report.Critical, "Cloudflare checks the load balancer's certificate", "ssl", "strict"),
	setting(206, "Prowler zone_https_redirect_enabled", report.Medium, "Cloudflare sends browsers to HTTPS", "alwaysUseHttps", "on"),
	setting(207, "Prowler zone_min_tls_version_secure", report.High, "Cloudflare takes TLS 1.2 or newer", "minTlsVersion", "1.2", "1.3"),
	{
		Number: 208, Severity: report.Low, Title: "Cloudflare speaks TLS 1.3, without early data that could be sent twice",
		Types:  zoneSettings,
		Known:  "Prowler zone_tls_1_3_enabled",
		Remedy: "set settings.tls13 to on and zeroRtt to off",
		each:   ofSettings(all(is("settings.tls13", "on"), isNot("settings.zeroRtt", "on"))),
	},
	{
		Number: 209, Severity: report.Medium, Title: "Browsers are told to use HTTPS for half a year at least, also for names below",
		Types:  zoneSettings,
		Known:  "Prowler zone_hsts_enabled",
		Remedy: "set settings.securityHeader with enabled, maxAge 31536000, includeSubdomains and nosniff",
		each: ofSettings(all(is("settings.securityHeader.enabled", true), atLeast("settings.securityHeader.maxAge", 15768000),
			is("settings.securityHeader.includeSubdomains", true), is("settings.securityHeader.nosniff", true))),
	},
	setting(210, "Prowler zone_universal_ssl_enabled", report.Medium, "Cloudflare has a certificate for the zone", "universalSsl", "on"),
	setting(211, "Prowler zone_automatic_https_rewrites_enabled", report.Low, "Cloudflare mends links to plain HTTP",
		"automaticHttpsRewrites", "on"),
	{
		Number: 212, Severity: report.Medium, Title: "Cloudflare's zones are signed", Types: []string{cfZoneType},
		Known:   "Prowler zone_dnssec_enabled",
		Note:    "the registrar must have the key as well, which only shows at run time",
		Waivers: []string{"unsignedZone"}, Remedy: "add a cloudflare.ZoneDnssec",
		each: companion("zoneId", []string{cfDNSSECType}, "it is not signed"),
	},
	{
		Number: 213, Severity: report.Medium,
		Title: "Requests pass Cloudflare where it protects the origin, and validation records never do", Types: graph.CloudflareRecords,
		Known: "Prowler dns_record_proxied",
		Note: "Prowler wants every record proxied; validation records must not be, and a zone that only names the load balancer " +
			"leaves filtering to AWS's web ACL",
		Waivers: []string{"noWebAcl"}, Remedy: "set proxied of the names that browsers use", each: proxied,
	},
	{
		Number: 214, Severity: report.Low, Title: "No record answers for every name", Types: graph.CloudflareRecords, Later: true,
		Known:   "Prowler dns_record_no_wildcard",
		Waivers: []string{"wildcardNames"}, Remedy: "name each host", each: recordNamed,
	},
	{
		Number: 215, Severity: report.Medium, Title: "No public record tells an internal address", Types: graph.CloudflareRecords,
		Later:  true,
		Known:  "Prowler dns_record_no_internal_ip",
		Remedy: "keep it in a private zone", each: noInternalAddress,
	},
	{
		Number: 216, Severity: report.High,
		Title:  "Public names lead to the stack's own load balancer, and neither mail nor certificates to others",
		Types:  graph.CloudflareRecords,
		Known:  "Prowler dns_record_cname_target_valid",
		Note:   "mail is meant where the zone has a record of SPF; certificates are ACM's, and Cloudflare's where a name is proxied",
		Remedy: "pass on the load balancer's dnsName as content", each: ownTarget,
	},
	{
		Number: 217, Severity: report.Low, Title: "Only named authorities may issue certificates for Cloudflare's zones",
		Types:  []string{cfZoneType},
		Known:  "Prowler zone_record_caa_exists",
		Remedy: "add a CAA record: 0 issue amazon.com", each: cfZoneCAA,
	},
	{
		Number: 218, Severity: report.Low, Title: "Nobody can send mail in the name of Cloudflare's zones", Types: []string{cfZoneType},
		Known:  "Prowler zone_record_spf_exists zone_record_dmarc_exists zone_record_dkim_exists",
		Remedy: "add TXT records: v=spf1 -all, and v=DMARC1; p=reject for _dmarc", each: noMail,
	},
	{
		Number: 219, Severity: report.Medium, Title: "Requests that pass Cloudflare pass managed rules", Types: []string{cfZoneType},
		Note:    paid,
		Known:   "Prowler zone_waf_enabled zone_waf_owasp_ruleset_enabled",
		Waivers: []string{"noWebAcl"},
		Remedy:  "add a cloudflare.Ruleset of phase http_request_firewall_managed, or a web ACL at the load balancer",
		each:    filteredBy("http_request_firewall_managed", managedGroup),
	},
	{
		Number: 220, Severity: report.Low, Title: "Requests that pass Cloudflare pass rules of the platform's own",
		Types: []string{cfZoneType}, Note: paid,
		Known:   "Prowler zone_firewall_blocking_rules_configured",
		Waivers: []string{"noWebAcl"},
		Remedy:  "add a cloudflare.Ruleset of phase http_request_firewall_custom, or a web ACL with rules at the load balancer",
		each:    filteredBy("http_request_firewall_custom", filters),
	},
	{
		Number: 221, Severity: report.Medium, Title: "Requests that pass Cloudflare are limited in rate", Types: []string{cfZoneType},
		Note:    paid,
		Known:   "Prowler zone_rate_limiting_enabled",
		Waivers: []string{"noWebAcl"},
		Remedy:  "add a cloudflare.Ruleset of phase http_ratelimit, or a web ACL that limits at the load balancer",
		each:    filteredBy("http_ratelimit", floods),
	},
	{
		Number: 222, Severity: report.Low, Title: "Cloudflare turns simple robots away", Types: zoneSettings,
		Known: "Prowler zone_bot_fight_mode_enabled zone_browser_integrity_check_enabled",
		Note: "fight mode of bots also refuses monitors and programs that call the site, and cannot be told which; the browser check " +
			"is what is asked for, and fight mode must not be turned off where it is written",
		Remedy: "set settings.browserCheck to on", each: ofSettings(all(is("settings.browserCheck", "on"), botsFought)),
	},
	{
		Number: 223, Severity: report.Low, Title: "Cloudflare is in its ordinary mode", Types: zoneSettings,
		Known:  "Prowler zone_development_mode_disabled zone_always_online_disabled zone_security_under_attack_disabled",
		Remedy: "set developmentMode and alwaysOnline to off, and securityLevel to medium; leave out paused of the zone",
		each: all(notPaused,
			ofSettings(all(isNot("settings.developmentMode", "on"), isNot("settings.alwaysOnline", "on"),
				isNot("settings.securityLevel", "under_attack", "off", "essentially_off")))),
	},
	{
		Number: 224, Severity: report.Low, Title: "Cloudflare hides addresses and images from those who collect them", Types: zoneSettings,
		Known: "Prowler zone_hotlink_protection_enabled zone_email_obfuscation_enabled zone_ip_geolocation_enabled " +
			"zone_challenge_passage_configured",
		Remedy: "set hotlinkProtection, emailObfuscation and ipGeolocation to on, and challengeTtl between 900 and 2700",
		each: ofSettings(all(is("settings.hotlinkProtection", "on"), is("settings.emailObfuscation", "on"),
			is("settings.ipGeolocation", "on"),
			func(_ *view, r *graph.Resource) outcome {
				return number(r, "settings.challengeTtl", func(n int) bool { return n >= 900 && n <= 2700 }, "not between 900 and 2700")
			})),
	},
	{
		Number: 225, Severity: report.High, Title: "The load balancer behind Cloudflare cannot be reached around it",
		Types:   graph.CloudflareRecords,
		Waivers: []string{"openOrigin"},
		Remedy:  "let in Cloudflare's ranges only, and verify its certificate by authenticatedOriginPulls and mutualAuthentication",
		each:    when(has("proxied", true), locked),
	},
}

// setting is a control of one of a zone's settings.
func setting(number int, known string, severity report.Severity, title, name string, values ...any) Control {
	return Control{
		Number: number, Known: known, Severity: severity, Title: title, Types: zoneSettings,
		Remedy: "set settings." + name + " to " + text(values[0]), each: ofSettings(is("settings."+name, values...)),
	}
}

// validationRecord says that the record only shows an authority who controls the name.
func validationRecord(r *graph.Resource) bool {
	name := r.String("name")
	return strings.HasPrefix(name, "_") || strings.HasSuffix(strings.TrimSuffix(r.String(recordContent(r)), "."), ".acm-validations.aws")
}

// answersChallenges says that whoever controls the record's target can get certificates for the name below it (RFC 8555,
// 8.4), which ACM's own records allow nobody.
func answersChallenges(r *graph.Resource) bool {
	return slices.Contains(strings.Split(strings.ToLower(r.String("name")), "."), "_acme-challenge")
}

// recordContent is the property that says where a record leads.
func recordContent(r *graph.Resource) string {
	if _, known := asked(r, "content"); known == absent {
		if _, known := asked(r, "value"); known != absent {
			return "value"
		}
	}
	return "content"
}

// ownNameServers says that all of the names are name servers of zones of the stack.
func (v *view) ownNameServers(names []string) bool {
	var own []string
	for _, zone := range v.g.ByType(zoneType, cfZoneType) {
		own = append(own, zone.Strings("nameServers")...)
	}
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(own, strings.TrimSuffix(name, ".")) })
}

func proxied(v *view, r *graph.Resource) outcome {
	switch r.String("type") {
	case "A", "AAAA", "CNAME":
	default:
		return outcome{}
	}
	through, known := r.Bool("proxied")
	if _, state := read(r, "proxied"); state == hidden {
		return unknown(r, "proxied")
	}
	content := v.g.Resolve(r, recordContent(r))
	validation := validationRecord(r) ||
		len(only(content.Resources, func(to *graph.Resource) bool { return to.Type == certificateType })) > 0
	switch {
	case validation && through:
		return broken("it is a validation record, which nobody finds behind Cloudflare")
	case validation:
		return holds()
	case through && known:
		return holds()
	}
	for _, to := range content.Resources {
		if slices.Contains(balancers, to.Type) && v.inForce(to, filters).verdict == report.Holds {
			return holds() // filtered there
		}
	}
	return broken("requests do not pass Cloudflare, nor a web ACL").write("set proxied, or give the load balancer a web ACL")
}

func recordNamed(_ *view, r *graph.Resource) outcome {
	name, known := read(r, "name")
	if known == hidden {
		return unknown(r, "name")
	}
	if s := text(name); s == "*" || strings.HasPrefix(s, "*.") {
		return broken("it is for %s", s)
	}
	return holds()
}

func noInternalAddress(_ *view, r *graph.Resource) outcome {
	if kind := r.String("type"); kind != "A" && kind != "AAAA" {
		return outcome{}
	}
	content, known := read(r, recordContent(r))
	if known == hidden {
		return unknown(r, recordContent(r))
	}
	address, err := netip.ParseAddr(text(content))
	if err == nil && !public(netip.PrefixFrom(address, address.BitLen())) {
		return broken("it tells %s", address)
	}
	return holds()
}

func ownTarget(v *view, r *graph.Resource) outcome {
	switch kind := r.String("type"); {
	case !slices.Contains(leading, kind):
		return mailAndKeys(v, r)
	case validationRecord(r) && !answersChallenges(r) && kind != "SRV":
		return outcome{}
	}
	path := recordContent(r)
	if target, data := asked(r, "data.target"); data != absent && text(target) != "" {
		path = "data.target"
	}
	resolved := v.g.Resolve(r, path)
	switch {
	case resolved.Undecided:
		return unknown(r, path)
	case len(resolved.Resources) == 0 && !(r.String("type") == "NS" && v.ownNameServers(resolved.Outside)):
		return broken("it leads to %s, which is not in the stack", strings.Join(resolved.Outside, ", "))
	}
	return holds()
}

func recordsOf(v *view, zone *graph.Resource, kind string) []*graph.Resource {
	return only(v.pointing(zone, "zoneId", graph.CloudflareRecords...), func(r *graph.Resource) bool { return r.String("type") == kind })
}

func cfZoneCAA(v *view, zone *graph.Resource) outcome {
	for _, r := range recordsOf(v, zone, "CAA") {
		if r.String("data.tag") == "issue" && ofApex(r, zone.String("zone")) {
			return holds()
		}
	}
	return broken("any authority may issue for it")
}

func noMail(v *view, zone *graph.Resource) outcome {
	spf, dmarc := false, false
	for _, r := range recordsOf(v, zone, "TXT") {
		content := strings.Trim(r.String(recordContent(r)), `"`)
		spf = spf || strings.HasPrefix(content, "v=spf1 ") && (strings.HasSuffix(content, "-all") || strings.HasSuffix(content, "~all"))
		dmarc = dmarc || strings.HasPrefix(r.String("name"), "_dmarc") && strings.HasPrefix(content, "v=DMARC1") &&
			(strings.Contains(content, "p=reject") || strings.Contains(content, "p=quarantine"))
	}
	switch {
	case !spf:
		return broken("nothing says who may send its mail (SPF)")
	case !dmarc:
		return broken("nothing says what becomes of false mail (DMARC)")
	}
	return holds()
}

// filteredBy demands a ruleset of the phase, or that every load balancer behind the zone's proxied names has a web ACL
// that does the same.
func filteredBy(phase string, same check) check {
	return func(v *view, zone *graph.Resource) outcome {
		for _, set := range v.pointing(zone, "zoneId", cfRulesetType) {
			if set.String("phase") == phase && acts(set) {
				return holds()
			}
		}
		through := false
		for _, r := range v.pointing(zone, "zoneId", graph.CloudflareRecords...) {
			if on, _ := r.Bool("proxied"); !on {
				continue
			}
			through = true
			for _, to := range v.g.Ref(r, recordContent(r), balancers...) {
				if o := v.inForce(to, same); o.verdict != report.Holds {
					o.found = "Cloudflare does not do it, and at " + to.Name + " " + o.found
					return o
				}
			}
		}
		if !through {
			return outcome{}
		}
		return holds()
	}
}

// acts says that a rule of the set is enabled, and does more than count or let pass.
func acts(set *graph.Resource) bool {
	rules, _ := blocks(set, "rules")
	for i := range rules {
		enabled, _ := read(set, fmt.Sprintf("rules[%d].enabled", i))
		action, known := read(set, fmt.Sprintf("rules[%d].action", i))
		if !same(false, enabled) && known == present && text(action) != "log" && text(action) != "skip" {
			return true
		}
	}
	return false
}

func managedGroup(v *view, acl *graph.Resource) outcome {
	return lacks(webacl.Enforces(v.g, acl, "AWSManagedRulesCommonRuleSet", "CrossSiteScripting", "GenericLFI", "GenericRFI"))
}

func botsFought(v *view, r *graph.Resource) outcome {
	for _, zone := range v.g.Ref(r, "zoneId", cfZoneType) {
		for _, bots := range v.pointing(zone, "zoneId", cfBotsType) {
			if fights, known := bots.Bool("fightMode"); known && !fights {
				return broken("fightMode is false").because(bots.URN)
			}
		}
	}
	return holds()
}

// showsCertificate says that Cloudflare shows its certificate to the origin, for the zone or for a host.
func showsCertificate(pulls *graph.Resource) bool {
	list, _ := blocks(pulls, "configs")
	on, _ := pulls.Bool("enabled")
	return on || slices.ContainsFunc(list, func(c any) bool { config, _ := c.(map[string]any); return config["enabled"] == true })
}

func locked(v *view, r *graph.Resource) outcome {
	for _, to := range v.g.Ref(r, recordContent(r), balancers...) {
		switch {
		case !v.onlyFromCloudflare(to):
			return broken("its load balancer %s lets in others than Cloudflare", to.Name).because(to.URN)
		case !v.asksEverybody(to):
			return broken("its load balancer %s does not ask for Cloudflare's certificate", to.Name).because(to.URN)
		}
		if !slices.ContainsFunc(v.g.ByType(cfPullsType, cfPullsSettingsType), showsCertificate) {
			return broken("Cloudflare does not show its certificate")
		}
	}
	return holds()
}
