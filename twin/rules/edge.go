package rules

import "slices"

// edge is ACM, Route 53, Cloud Map, WAF and Shield.
func edge() map[string]ofType {
	return map[string]ofType{
		"aws:acm/certificate:Certificate": {acm("RequestCertificate"), []row{
			at("certificateAuthorityArn", arn()),
			at("domainName", unlike(`\.$`, "ends with a period").allowing("example.com", "*.example.com").refusing("example.com.")),
			at("earlyRenewalDuration", either(duration(), period()).refusing("soon").optional()),
			at("keyAlgorithm", oneOf("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")),
			at("options.certificateTransparencyLoggingPreference", oneOf("ENABLED", "DISABLED")),
			at("subjectAlternativeNames", length(1, 253), unlike(`\.$`, "ends with a period").refusing("example.com.")),
			at("validationMethod", oneOf("DNS", "EMAIL")),
		}, nil},
		"aws:acm/certificateValidation:CertificateValidation": {acm("DescribeCertificate"), []row{at("certificateArn", arn())}, nil},
		"aws:route53/zone:Zone": {route53("CreateHostedZone"), []row{
			at("name", length(1, 1024)),
			at("comment", length(0, 256)),
			at("delegationSetId", length(0, 32)),
			at("vpcs.vpcId", some()),
		}, nil},
		"aws:route53/record:Record": {route53("ChangeResourceRecordSets"), []row{
			at("type", oneOf("A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB",
				"TLSA", "TXT")),
			at("failoverRoutingPolicies.type", oneOf("PRIMARY", "SECONDARY")),
			at("geoproximityRoutingPolicy.bias", between(-99, 99)),
			at("latencyRoutingPolicies.region", oneOf(recordRegions...)),
			at("aliases.name", length(1, 1024)),
			at("aliases.zoneId", length(1, 32)),
			at("zoneId", some()),
		}, []relation{
			needs("cidrRoutingPolicy", "setIdentifier"), needs("failoverRoutingPolicies", "setIdentifier"),
			needs("geolocationRoutingPolicies", "setIdentifier"),
			needs("geoproximityRoutingPolicy", "setIdentifier"), needs("latencyRoutingPolicies", "setIdentifier"),
			needs("multivalueAnswerRoutingPolicy", "setIdentifier"),
			needs("weightedRoutingPolicies", "setIdentifier"),
		}},
		"aws:route53/healthCheck:HealthCheck": {route53("CreateHealthCheck"), []row{
			at("type", oneOf("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP", "CALCULATED", "CLOUDWATCH_METRIC",
				"RECOVERY_CONTROL")),
			at("requestInterval", oneOfNumbers(10, 30)),
			at("childHealthThreshold", between(0, 256)),
			at("failureThreshold", between(1, 10)),
			at("fqdn", length(0, 255)),
			at("cloudwatchAlarmRegion", oneOf(alarmRegions...)),
			at("insufficientDataHealthStatus", oneOf("Healthy", "Unhealthy", "LastKnownStatus")),
			at("ipAddress", address(true, true)),
			at("port", between(1, 65535)),
			at("referenceName", length(0, 27)),
			at("regions", oneOf("us-east-1", "us-west-1", "us-west-2", "eu-west-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
				"sa-east-1")),
			at("resourcePath", length(0, 255)),
			at("routingControlArn", arn()),
			at("searchString", length(0, 255)),
		}, nil},
		"aws:route53/hostedZoneDnsSec:HostedZoneDnsSec": {route53("EnableHostedZoneDNSSEC"), []row{
			at("signingStatus", oneOf("SIGNING", "NOT_SIGNING")),
		}, nil},
		"aws:route53/keySigningKey:KeySigningKey": {route53("CreateKeySigningKey"), []row{
			at("keyManagementServiceArn", arn()),
			at("name", length(3, 128), shaped(`^[0-9A-Za-z_.-]*$`, "letters, digits, points, underscores and dashes").
				allowing("main_1", "dev-zone-ksk-1f025e0").refusing("my key")),
			at("status", oneOf("ACTIVE", "INACTIVE")),
		}, nil},
		"aws:route53/queryLog:QueryLog": {route53("CreateQueryLoggingConfig"), []row{at("cloudwatchLogGroupArn", arn())}, nil},
		"aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": {
			"https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_CreateResolverQueryLogConfig.html", []row{
				at("destinationArn", arn()),
				at("name", length(1, 64), shaped(`^[0-9A-Za-z_ '-]*$`, "letters, digits and _-' ").refusing("my/log"),
					unlike(`^[0-9]$`, "is one digit").refusing("7")),
			}, nil},
		"aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": {
			"https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html", []row{
				at("name", length(1, 1024), shaped(`^[0-9A-Za-z._-]*$`, "letters, digits and ._-").allowing("internal.example.com").
					refusing("my name")),
			}, nil},
		"aws:shield/protection:Protection": {"https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_CreateProtection.html",
			[]row{at("resourceArn", arn())}, nil},
		"aws:wafv2/webAcl:WebAcl": {waf("CreateWebACL"), []row{
			at("name", length(1, 128), wafName()),
			at("description", length(1, 256)),
			at("scope", oneOf("REGIONAL", "CLOUDFRONT")),
			at("customResponseBodies.content", length(1, 10240)),
			at("customResponseBodies.contentType", oneOf("TEXT_PLAIN", "TEXT_HTML", "APPLICATION_JSON")),
			at("customResponseBodies.key", length(1, 128), shaped(`^[\w-]*$`, "letters, digits, hyphens and underscores").
				refusing("a key")),
			at("ruleJson", document()),
			at("rules.name", length(1, 128)),
			at("tokenDomains", length(1, 253), shaped(`^[\w./-]*$`, "a domain").allowing("example.com").refusing("no such value")),
			at("visibilityConfig.metricName", length(1, 128), wafName()),
		}, nil},
		"aws:wafv2/webAclAssociation:WebAclAssociation": {waf("AssociateWebACL"), []row{
			at("resourceArn", arn()),
			at("webAclArn", arn()),
		}, nil},
		"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {waf("PutLoggingConfiguration"), []row{
			at("resourceArn", arn()),
			at("logDestinationConfigs", arn()),
			at("loggingFilter.defaultBehavior", oneOf("KEEP", "DROP")),
			at("loggingFilter.filters.behavior", oneOf("KEEP", "DROP")),
			at("loggingFilter.filters.requirement", oneOf("MEETS_ALL", "MEETS_ANY")),
			at("loggingFilter.filters.conditions.actionCondition.action",
				oneOf("ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE", "EXCLUDED_AS_COUNT")),
			at("loggingFilter.filters.conditions.labelNameCondition.labelName", length(1, 1024),
				shaped(`^[0-9A-Za-z_:-]*$`, "letters, digits and _-:").refusing("a label")),
			at("redactedFields.singleHeader.name", length(1, 40),
				shaped(`^[0-9a-z_-]*$`, "lower-case letters, digits, hyphens and underscores").refusing("Authorization")),
		}, nil},
		"aws:wafv2/ipSet:IpSet": {waf("CreateIPSet"), []row{
			at("name", length(1, 128)),
			at("description", length(1, 256)),
			at("scope", oneOf("REGIONAL", "CLOUDFRONT")),
			at("ipAddressVersion", oneOf("IPV4", "IPV6")),
			at("addresses", anyBlock()),
		}, nil},
	}
}

func acm(action string) string {
	return "https://docs.aws.amazon.com/acm/latest/APIReference/API_" + action + ".html"
}

func route53(action string) string {
	return "https://docs.aws.amazon.com/Route53/latest/APIReference/API_" + action + ".html"
}

func waf(action string) string {
	return "https://docs.aws.amazon.com/waf/latest/APIReference/API_" + action + ".html"
}

func wafName() Rule {
	return shaped(`^[0-9A-Za-z_-]*$`, "letters, digits, hyphens and underscores").allowing("web-1_a").refusing("my web")
}

// recordRegions and alarmRegions are the regions to which Route 53 knows the latency, and whose alarms it can follow
// (Route 53 API reference, ResourceRecordSet and AlarmIdentifier).
var (
	recordRegions = []string{
		"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1",
		"eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
		"ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2",
		"ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7",
		"af-south-1", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "cn-north-1", "cn-northwest-1",
	}
	alarmRegions = append(slices.Clone(recordRegions), "us-gov-west-1", "us-gov-east-1", "us-iso-east-1", "us-iso-west-1", "us-isob-east-1")
)
