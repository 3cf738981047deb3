package world

import "strings"

// validationOf makes a certificate for a host in a zone of the fixture, with its record where it should be.
func validationOf(host string) step {
	return func(f *fixture) error {
		f.must(typeCertificate, "wanted", in{"domainName": host, "validationMethod": "DNS"})
		option := f.made["wanted"].Objects("domainValidationOptions")[0]
		f.must(typeRecord, "hostRecord", in{"zoneId": f.id("zone"), "name": option["resourceRecordName"], "type": "CNAME", "ttl": 60.0,
			"records": []any{option["resourceRecordValue"]}})
		return nil
	}
}

func delegate(zone string, on bool) step {
	return func(f *fixture) error { _, err := f.w.Delegate(zone, on); return err }
}

var validate = create(typeValidation, in{"certificateArn": "@wanted"})

var certificateRefusals = []refusal{
	{"certificate of no host", create(typeCertificate, in{"domainName": "a.*.example.test"}), "InvalidDomainValidationOptionsException",
		"a.*.example.test"},
	{"certificate of a long first name", create(typeCertificate,
		in{"domainName": "a23456789-123456789-123456789-123456789-123456789-123456789.example.test"}), "ValidationException", "64"},
	{"certificate of a first name of 65 characters", create(typeCertificate, in{"domainName": longName(65)}), "ValidationException",
		"64"},
	{"certificate of a name without a domain", create(typeCertificate, in{"domainName": "localhost"}),
		"InvalidDomainValidationOptionsException", "localhost"},
	{"certificate in use by a listener", remove("cert"), "ResourceInUseException", "Listener listener"},
	{"certificate in use beside another",
		after(validationOf("www.example.test"), validate,
			made(typeListenerCert, "more", in{"listenerArn": "@listener", "certificateArn": "@wanted"}), remove("wanted")),
		"ResourceInUseException", "Certificate more"},
	{"validation of no certificate", create(typeValidation, in{"certificateArn": "arn:none"}), "ResourceNotFoundException", "arn:none"},
	{"validation without its record", after(pendingCertificate, create(typeValidation, in{"certificateArn": "@pending"})),
		"PendingValidation", "hosts no delegated zone"},
	{"validation that waits for another record",
		create(typeValidation, in{"certificateArn": "@cert", "validationRecordFqdns": list1("other.example.test")}),
		"MissingValidationRecord", "validationRecordFqdns"},
	{"validation whose record has another value",
		after(validationOf("www.example.test"), update("hostRecord", in{"records": list1("_x.acm-validations.aws.")}), validate),
		"PendingValidation", "answers"},
	{"validation whose record is gone", after(validationOf("www.example.test"), gone("hostRecord"), validate), "PendingValidation",
		"has no record"},
	{"validation in a zone that is not delegated", after(validationOf("www.example.test"), delegate("example.test", false), validate),
		"PendingValidation", "causeway twin delegate example.test"},
	{"validation in a zone made twice", after(made(typeZone, "second", in{"name": "example.test"}), func(f *fixture) error {
		f.made["zone"] = f.made["second"]
		return validationOf("www.example.test")(f)
	}, validate), "PendingValidation", "not delegated"},
	{"validation in a child zone without its NS record",
		after(made(typeZone, "parent", in{"name": "test"}), made(typeZone, "child", in{"name": "shop.example.test"}),
			func(f *fixture) error {
				f.made["zone"] = f.made["child"]
				return validationOf("www.shop.example.test")(f)
			}, validate), "PendingValidation", "needs an NS record shop.example.test"},
	{"validation by a proxied record", after(func(f *fixture) error {
		f.must(typeCertificate, "wanted", in{"domainName": "example.org", "validationMethod": "DNS"})
		option := f.made["wanted"].Objects("domainValidationOptions")[0]
		return f.create(typeCloudflareRecord, "r",
			in{"zoneId": f.id("cfzone"), "name": option["resourceRecordName"], "type": "CNAME", "content": option["resourceRecordValue"],
				"proxied": true})
	}, validate), "PendingValidation", "not proxied"},
	{"validation that CAA forbids",
		after(validationOf("www.example.test"),
			made(typeRecord, "caa", in{"zoneId": "@zone", "name": "example.test", "type": "CAA", "ttl": 60.0,
				"records": list1(`0 issue "letsencrypt.org"`)}), validate), "CAA_ERROR", "letsencrypt.org"},
	{"validation of a wildcard that CAA forbids",
		after(validationOf("*.shop.example.test"), caa(`0 issue "amazon.com"`, `0 issuewild "letsencrypt.org"`), validate), "CAA_ERROR",
		"letsencrypt.org"},
}

// caa gives the fixture's zone CAA records.
func caa(records ...string) step {
	return made(typeRecord, "caa", in{"zoneId": "@zone", "name": "example.test", "type": "CAA", "ttl": 60.0,
		"records": list1(records...)})
}

// longName is a host name of n characters.
func longName(n int) string {
	return strings.Repeat("a", 40) + "." + strings.Repeat("b", n-46) + ".test"
}

// record makes a record in the fixture's zone.
func record(changes in) step {
	outputs := in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1")}
	for k, v := range changes {
		outputs[k] = v
		if v == nil {
			delete(outputs, k)
		}
	}
	return create(typeRecord, outputs)
}

func alias(name, zone string) in {
	return in{"ttl": nil, "records": nil, "aliases": []any{in{"name": name, "zoneId": zone, "evaluateTargetHealth": false}}}
}

var dnsRefusals = []refusal{
	{"zone with records", remove("zone"), "HostedZoneNotEmpty", "Record validation"},
	{"zone of no VPC", create(typeZone, in{"name": "x.internal", "vpcs": []any{in{"vpcId": "vpc-0"}}}), "InvalidVPCId", "vpc-0"},
	{"private zone twice in a VPC", after(made(typeZone, "p", in{"name": "x.internal", "vpcs": []any{in{"vpcId": "@vpc"}}}),
		create(typeZone, in{"name": "x.internal", "vpcs": []any{in{"vpcId": "@vpc"}}})), "ConflictingDomainExists", "Zone p"},
	{"record in no zone", record(in{"zoneId": "Z0"}), "NoSuchHostedZone", "Z0"},
	{"record of a zone that is gone", after(gone("zone"), record(in{})), "NoSuchHostedZone", "Z0"},
	{"record without a value", record(in{"records": nil}), "InvalidChangeBatch", "no values"},
	{"address that is none", record(in{"records": list1("2001:db8::1")}), "InvalidChangeBatch", "type A"},
	{"mail server without a preference", record(in{"type": "MX", "records": list1("mx.example.test")}), "InvalidChangeBatch",
		"MXRRDATAIllegal"},
	{"service without its numbers", record(in{"type": "SRV", "records": list1("10 5060 sip.example.test")}), "InvalidChangeBatch",
		"SRVRRDATAIllegal"},
	{"authority without quotes", record(in{"type": "CAA", "records": list1("0 issue amazon.com")}), "InvalidChangeBatch",
		"CAARRDATAIllegal"},
	{"a record with a weight beside one without",
		after(made(typeRecord, "r", in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1")}),
			record(in{"setIdentifier": "x", "weightedRoutingPolicies": []any{in{"weight": 1.0}}})), "InvalidChangeBatch",
		"a simple rrset exists"},
	{"a record without a weight beside one with it",
		after(made(typeRecord, "r", in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1"),
			"setIdentifier": "x", "weightedRoutingPolicies": []any{in{"weight": 1.0}}}), record(in{})), "InvalidChangeBatch",
		"a weighted rrset exists"},
	{"a record by latency beside one with a weight",
		after(made(typeRecord, "r", in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1"),
			"setIdentifier": "x", "weightedRoutingPolicies": []any{in{"weight": 1.0}}}),
			record(in{"setIdentifier": "y", "latencyRoutingPolicies": []any{in{"region": "eu-central-1"}}})), "InvalidChangeBatch",
		"a weighted rrset exists"},
	{"two records to fail over from", after(made(typeRecord, "r",
		in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1"), "setIdentifier": "x",
			"failoverRoutingPolicies": []any{in{"type": "PRIMARY"}}}),
		record(in{"setIdentifier": "y", "failoverRoutingPolicies": []any{in{"type": "PRIMARY"}}})), "InvalidChangeBatch",
		"role PRIMARY"},
	{"health check of nothing", create(typeHealthCheck, in{"type": "HTTPS", "port": 443.0}), "InvalidInput", "fqdn or ipAddress"},
	{"CNAME of two", record(in{"type": "CNAME", "records": list1("a.test", "b.test")}), "InvalidChangeBatch", "2 values"},
	{"CNAME at the apex", record(in{"name": "example.test", "type": "CNAME", "records": list1("x")}), "InvalidChangeBatch", "apex"},
	{"alias out of its zone", record(alias("www.other.test", "@zone")), "InvalidChangeBatch", "does not lie within"},
	{"alias to no record", record(alias("none.example.test", "@zone")), "InvalidChangeBatch", "was not found"},
	{"alias to no load balancer", record(alias("gone-1.eu-central-1.elb.amazonaws.com", "@lb.zoneId")), "InvalidChangeBatch",
		"no load balancer"},
	{"alias to a record of another type",
		after(made(typeRecord, "r", in{"zoneId": "@zone", "name": "www", "type": "AAAA", "ttl": 60.0, "records": list1("2001:db8::1")}),
			record(in{"name": "api", "ttl": nil, "records": nil,
				"aliases": []any{in{"name": "www.example.test", "zoneId": "@zone", "evaluateTargetHealth": false}}})),
		"InvalidChangeBatch", "was not found"},
	{"alias to a load balancer in another zone than its own", func(f *fixture) error {
		return record(alias(f.made["lb"].Text("dnsName"), balancerZones["us-east-1"][0]))(f)
	}, "InvalidChangeBatch", "no load balancer"},
	{"record of no health check", record(in{"healthCheckId": "none"}), "NoSuchHealthCheck", "none"},
	{"record twice", after(made(typeRecord, "r",
		in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1")}),
		record(in{"name": "WWW.example.test."})), "InvalidChangeBatch", "Record r"},
	{"record beside a CNAME", after(made(typeRecord, "r",
		in{"zoneId": "@zone", "name": "www", "type": "CNAME", "ttl": 60.0, "records": list1("x.test")}), record(in{})),
		"InvalidChangeBatch", "conflicting RRSet"},
	{"CNAME beside an address", after(made(typeRecord, "r",
		in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1")}),
		record(in{"type": "CNAME", "records": list1("x.test")})), "InvalidChangeBatch", "conflicting RRSet"},
	{"health check in use", after(made(typeHealthCheck, "health", in{"type": "HTTPS", "fqdn": "example.test"}),
		made(typeRecord, "r", in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1"),
			"healthCheckId": "@health"}), remove("health")), "HealthCheckInUse", "Record r"},
	{"query log of no zone", after(whole, another("querylog", in{"zoneId": "Z0"})), "NoSuchHostedZone", "Z0"},
	{"query log in another region", after(whole, another("querylog", in{"cloudwatchLogGroupArn": "@loggroup.arn"})),
		"NoSuchCloudWatchLogsLogGroup", "us-east-1"},
	{"query log in no group", after(whole,
		another("querylog", in{"cloudwatchLogGroupArn": "arn:aws:logs:us-east-1:111122223333:log-group:none"})),
		"NoSuchCloudWatchLogsLogGroup", "none"},
	{"query log that nothing lets Route 53 write", after(whole, gone("logpolicy"), another("querylog", in{})),
		"InsufficientCloudWatchLogsResourcePolicy", "logs:CreateLogStream"},
	{"query log that only another region lets Route 53 write",
		after(whole, gone("logpolicy"), made(typeLogPolicy, "p", in{"policyName": "p", "policyDocument": queriesPolicy("*")}),
			another("querylog", in{})), "InsufficientCloudWatchLogsResourcePolicy", "us-east-1"},
	{"query log in a group that no policy is for",
		after(whole, gone("logpolicy"), madeIn("us-east-1", typeLogPolicy, "p",
			in{"policyName": "p", "policyDocument": queriesPolicy("arn:aws:logs:us-east-1:111122223333:log-group:other:*")}),
			another("querylog", in{})), "InsufficientCloudWatchLogsResourcePolicy", "queries:*"},
	{"log policy that is none", create(typeLogPolicy, in{"policyName": "p", "policyDocument": "{}"}), "InvalidParameterException",
		"no Statement"},
	{"query log twice", after(whole, another("querylog", in{})), "QueryLoggingConfigAlreadyExists", "QueryLog querylog"},
	{"namespace of no VPC", create(typePrivateNamespace, in{"name": "x", "vpc": "vpc-0"}), "InvalidInput", "vpc-0"},
	{"namespace twice", after(whole, another("privatednsnamespace", in{})), "NamespaceAlreadyExists", "rest"},

	{"signing of no zone", create(typeZoneDNSSEC, in{"hostedZoneId": "Z0"}), "NoSuchHostedZone", "Z0"},
	{"signing without a key", create(typeZoneDNSSEC, in{"hostedZoneId": "@zone"}), "KeySigningKeyWithActiveStatusNotFound", "Z0"},
	{"signing key of no zone", after(whole, another("keysigningkey", in{"hostedZoneId": "Z0"})), "NoSuchHostedZone", "Z0"},
	{"signing key of another region", after(whole, another("keysigningkey", in{"name": "x", "keyManagementServiceArn": "@key.arn"})),
		"InvalidKMSArn", "us-east-1"},
	{"signing key that is gone", after(whole,
		another("keysigningkey", in{"name": "x", "keyManagementServiceArn": "arn:aws:kms:us-east-1:111122223333:key/none"})),
		"InvalidKMSArn", "none"},
	{"signing key of another kind", after(whole, madeIn("us-east-1", typeKey, "k", in{}),
		another("keysigningkey", in{"name": "x", "keyManagementServiceArn": "@k.arn"})), "InvalidKMSArn", "ECC_NIST_P256"},
	{"signing key twice", after(whole, another("keysigningkey", in{})), "KeySigningKeyAlreadyExists", "rest"},
	{"signing key in use", after(whole, update("hostedzonednssec", in{"signingStatus": "SIGNING"}), remove("keysigningkey")),
		"KeySigningKeyInUse", "rest"},
}

// inCF makes a record in the fixture's Cloudflare zone, which has www as a CNAME.
func inCF(changes in) step {
	outputs := in{"zoneId": "@cfzone", "name": "api", "type": "A", "content": "192.0.2.1"}
	for k, v := range changes {
		outputs[k] = v
	}
	return create(typeCloudflareRecord, outputs)
}

var cloudflareRefusals = append([]refusal{
	{"Cloudflare zone twice", create(typeCloudflareZone, in{"zone": "example.org"}), "1061", "already exists"},
	{"Cloudflare record in no zone", inCF(in{"zoneId": "0"}), "7003", "zones/0"},
	{"Cloudflare record of a zone that is gone", after(gone("cfzone"), inCF(in{})), "7003", ""},
	{"proxied TXT", inCF(in{"type": "TXT", "content": "x", "proxied": true}), "9004", "TXT"},
	{"TTL with proxied", inCF(in{"proxied": true, "ttl": 300.0}), "ProxiedTTL", "ttl must be set to 1"},
	{"TTL too short", inCF(in{"ttl": 30.0}), "9021", "between 60 and 86400"},
	{"TTL a second too short", inCF(in{"ttl": 59.0}), "9021", "between 60 and 86400"},
	{"TTL a second too long", inCF(in{"ttl": 86401.0}), "9021", "between 60 and 86400"},
	{"IPv4 address that is none", inCF(in{"content": "2001:db8::1"}), "9005", "IPv4"},
	{"IPv6 address that is none", inCF(in{"type": "AAAA"}), "9006", "IPv6"},
	{"a text with an umlaut", inCF(in{"type": "TXT", "content": "é"}), "9101", "printable"},
	{"a text of two lines", inCF(in{"type": "TXT", "content": "a\nb"}), "9101", "printable"},
	{"an address of an interface", inCF(in{"type": "AAAA", "content": "fe80::1%eth0"}), "9006", "fe80"},
	{"a setting that the plan has not", create(typeZoneSettings, in{"zoneId": "@cfzone", "settings": in{"mirage": "on"}}),
		"ReadonlySetting", "mirage"},
	{"writing back a setting that the plan has not any more", after(update("cfzone", in{"plan": "pro"}),
		made(typeZoneSettings, "s", in{"zoneId": "@cfzone", "settings": in{"mirage": "on"}}), update("cfzone", in{"plan": "free"}),
		remove("s")), "ReadonlySetting", "mirage"},
	{"deleting a record that is gone", after(gone("www"), remove("www")), "81044", "does not exist"},
	{"deleting a zone that is gone", after(gone("cfzone"), remove("cfzone")), "7003", "object identifier"},
	{"deleting DNSSEC of a zone that is gone", after(whole, gone("cfzone"), remove("zonednssec")), "7003", "object identifier"},
	{"deleting settings of a zone that is gone", after(whole, gone("cfzone"), remove("zonesettingsoverride")), "7003", "object identifier"},
	{"deleting pulls of a zone that is gone", after(whole, gone("cfzone"), remove("authenticatedoriginpulls")), "7003",
		"object identifier"},
	{"CNAME to itself", inCF(in{"type": "CNAME", "content": "api.example.org"}), "9039", "itself"},
	{"Cloudflare record twice", after(made(typeCloudflareRecord, "r",
		in{"zoneId": "@cfzone", "name": "api.example.org", "type": "A", "content": "192.0.2.1"}), inCF(in{})), "RecordExists", "Record r"},
	{"Cloudflare CNAME twice", inCF(in{"name": "www", "type": "CNAME", "content": "other.test"}), "81053", "Record www"},
	{"Cloudflare CNAME beside an address",
		after(made(typeCloudflareRecord, "r", in{"zoneId": "@cfzone", "name": "api", "type": "A", "content": "192.0.2.1"}),
			inCF(in{"type": "CNAME", "content": "other.test"})), "81053", "Record r"},
	{"Cloudflare address beside a CNAME", inCF(in{"name": "www"}), "81054", "Record www"},
	{"ruleset of a phase twice", after(whole, another("ruleset", in{})), "20217", "http_request_firewall_custom"},
}, func() []refusal {
	var all []refusal
	for _, typ := range []string{typeCloudflareDNSSEC, typeOriginPulls, typeOriginPullsCert, typeCloudflareHealth, typeRuleset,
		typeZoneSettings} {
		all = append(all, refusal{typ + " in no zone", create(typ, in{"zoneId": "0"}), "7003", "zones/0"})
	}
	return all
}()...)
