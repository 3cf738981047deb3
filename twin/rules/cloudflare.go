package rules

// cloudflare is everything of Cloudflare's that the Terraform provider's version 4 states in its schemas (what it
// documents as available values), and the API for what holds between properties.
func cloudflare() map[string]ofType {
	return map[string]ofType{
		"cloudflare:index/record:Record": {cloudflareDocs("record"), []row{
			at("type", oneOf("A", "AAAA", "CAA", "CNAME", "TXT", "SRV", "LOC", "MX", "NS", "SPF", "CERT", "DNSKEY", "DS", "NAPTR", "SMIMEA",
				"SSHFP", "TLSA", "URI", "PTR", "HTTPS", "SVCB")),
		}, []relation{cloudflareTTL, recordContent, recordData, recordPriority}},
		"cloudflare:index/zone:Zone": {cloudflareDocs("zone"), []row{
			at("type", oneOf("full", "partial", "secondary")),
			at("plan", oneOf("free", "lite", "pro", "pro_plus", "business", "enterprise", "partners_free", "partners_pro",
				"partners_business", "partners_enterprise")),
		}, nil},
		"cloudflare:index/healthcheck:Healthcheck": {cloudflareDocs("healthcheck"), []row{
			at("type", oneOf("TCP", "HTTP", "HTTPS")),
			at("method", oneOf("connection_established", "GET", "HEAD")),
			at("port", between(0, 65535)),
			at("checkRegions", oneOf("WNAM", "ENAM", "WEU", "EEU", "NSAM", "SSAM", "OC", "ME", "NAF", "SAF", "IN", "SEAS", "NEAS",
				"ALL_REGIONS")),
		}, nil},
		"cloudflare:index/originCaCertificate:OriginCaCertificate": {cloudflareDocs("origin_ca_certificate"), []row{
			at("csr", request()),
			at("requestType", oneOf("origin-rsa", "origin-ecc", "keyless-certificate")),
			at("requestedValidity", oneOfNumbers(7, 30, 90, 365, 730, 1095, 5475)),
		}, nil},
		"cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate": {
			cloudflareDocs("authenticated_origin_pulls_certificate"), []row{
				at("type", oneOf("per-zone", "per-hostname")),
			}, nil},
		"cloudflare:index/ruleset:Ruleset": {cloudflareDocs("ruleset"), []row{
			at("kind", anyCase("custom", "managed", "root", "zone")),
			at("phase", anyCase("ddos_l4", "ddos_l7", "http_config_settings", "http_custom_errors", "http_log_custom_fields",
				"http_ratelimit", "http_request_cache_settings",
				"http_request_dynamic_redirect", "http_request_firewall_custom", "http_request_firewall_managed",
				"http_request_late_transform", "http_request_origin",
				"http_request_redirect", "http_request_sanitize", "http_request_transform",
				"http_response_compression", "http_response_firewall_managed", "http_response_headers_transform", "magic_transit")),
			at("rules.action", anyCase("block", "challenge", "compress_response", "ddos_dynamic", "ddos_mitigation", "execute",
				"force_connection_close", "js_challenge", "log",
				"log_custom_field", "managed_challenge", "redirect", "rewrite", "route", "score", "serve_error", "set_cache_settings",
				"set_config", "skip")),
		}, []relation{rulesetOwner}},
		"cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride": {cloudflareDocs("zone_settings_override"), settingRows(), nil},
	}
}

func cloudflareDocs(resource string) string {
	return "https://registry.terraform.io/providers/cloudflare/cloudflare/4.52.0/docs/resources/" + resource
}

// settingRows are the zone settings that take few values. Most are switches.
func settingRows() []row {
	var rows []row
	for _, name := range []string{
		"alwaysOnline", "automaticHttpsRewrites", "binaryAst", "brotli", "browserCheck", "developmentMode", "earlyHints",
		"emailObfuscation", "filterLogsToCloudflare",
		"fonts", "hotlinkProtection", "http2", "http3", "ipGeolocation", "ipv6", "logToCloudflare", "mirage", "opportunisticEncryption",
		"opportunisticOnion",
		"orangeToOrange", "originErrorPagePassThru", "prefetchPreload", "privacyPass", "replaceInsecureJs", "responseBuffering",
		"serverSideExclude",
		"sortQueryStringForCache", "speedBrain", "tls12Only", "tlsClientAuth", "trueClientIpHeader", "universalSsl", "visitorIp", "waf",
		"webp", "websockets", "zeroRtt",
	} {
		rows = append(rows, at("settings."+name, oneOf("on", "off")))
	}
	return append(rows,
		at("settings.cacheLevel", oneOf("aggressive", "basic", "simplified")),
		at("settings.cnameFlattening", oneOf("flatten_at_root", "flatten_all", "flatten_none")),
		at("settings.h2Prioritization", oneOf("on", "off", "custom")),
		at("settings.imageResizing", oneOf("on", "off", "open")),
		at("settings.minTlsVersion", oneOf("1.0", "1.1", "1.2", "1.3")),
		at("settings.originMaxHttpVersion", oneOf("1", "2")),
		at("settings.polish", oneOf("off", "lossless", "lossy")),
		at("settings.pseudoIpv4", oneOf("off", "add_header", "overwrite_header")),
		at("settings.rocketLoader", oneOf("on", "off", "manual")),
		at("settings.securityLevel", oneOf("off", "essentially_off", "low", "medium", "high", "under_attack")),
		at("settings.ssl", oneOf("off", "flexible", "full", "strict", "origin_pull")),
		at("settings.tls13", oneOf("on", "off", "zrt")),
		at("settings.browserCacheTtl", oneOfNumbers(0, 30, 60, 120, 300, 1200, 1800, 3600, 7200, 10800, 14400, 18000, 28800, 43200, 57600,
			72000, 86400, 172800, 259200,
			345600, 432000, 691200, 1382400, 2073600, 2678400, 5356800, 16070400, 31536000)),
		at("settings.challengeTtl", oneOfNumbers(300, 900, 1800, 2700, 3600, 7200, 10800, 14400, 28800, 57600, 86400, 604800, 2592000,
			31536000)),
		at("settings.sslAutomaticMode", oneOf("auto", "custom")),
		at("settings.aegis.poolId", shaped(`[0-9A-Za-z_-]`, "a name").allowing("pool-1").refusing("")),
		at("settings.minify.css", oneOf("on", "off")),
		at("settings.minify.html", oneOf("on", "off")),
		at("settings.minify.js", oneOf("on", "off")),
		at("settings.mobileRedirect.status", oneOf("on", "off")),
	)
}
