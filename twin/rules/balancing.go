package rules

// balancing is Elastic Load Balancing.
func balancing() map[string]ofType {
	return map[string]ofType{
		"aws:lb/loadBalancer:LoadBalancer": {elb("CreateLoadBalancer"), []row{
			at("name", append(balancerName(), unlike(`^internal-`, "begins with internal-, which AWS keeps for itself").
				refusing("internal-web"))...),
			at("namePrefix", balancerPrefix()...),
			at("loadBalancerType", oneOf("application", "network", "gateway")),
			at("ipAddressType", oneOf("ipv4", "dualstack", "dualstack-without-public-ipv4")),
			at("desyncMitigationMode", oneOf("monitor", "defensive", "strictest")),
			at("dnsRecordClientRoutingPolicy",
				oneOf("any_availability_zone", "availability_zone_affinity", "partial_availability_zone_affinity")),
			at("enforceSecurityGroupInboundRulesOnPrivateLinkTraffic", oneOf("on", "off")),
			at("xffHeaderProcessingMode", oneOf("append", "preserve", "remove")),
			at("idleTimeout", between(1, 4000)),
			at("clientKeepAlive", between(60, 604800)),
			at("subnetMappings.privateIpv4Address", address(true, false)),
			at("subnetMappings.ipv6Address", address(false, true)),
		}, nil},
		"aws:lb/targetGroup:TargetGroup": {elb("CreateTargetGroup"), []row{
			at("name", append(balancerName(), some())...),
			at("namePrefix", balancerPrefix()...),
			at("port", between(1, 65535)),
			at("protocol", oneOf("GENEVE", "HTTP", "HTTPS", "TCP", "TCP_UDP", "TLS", "UDP")),
			at("protocolVersion", anyCase("GRPC", "HTTP1", "HTTP2")),
			at("targetType", oneOf("instance", "ip", "lambda", "alb")),
			at("deregistrationDelay", count(0, 3600)),
			at("ipAddressType", oneOf("ipv4", "ipv6")),
			at("slowStart", orBetween([]float64{0}, 30, 900)),
			at("loadBalancingAlgorithmType", oneOf("round_robin", "least_outstanding_requests", "weighted_random")),
			at("loadBalancingAnomalyMitigation", oneOf("on", "off")),
			at("loadBalancingCrossZoneEnabled", oneOf("true", "false", "use_load_balancer_configuration")),
			at("preserveClientIp", truth()),
			at("healthCheck.interval", between(5, 300)),
			at("healthCheck.timeout", between(2, 120)),
			at("healthCheck.healthyThreshold", between(2, 10)),
			at("healthCheck.unhealthyThreshold", between(2, 10)),
			at("healthCheck.path", length(1, 1024), shaped(`^/`, "a path that begins with /").allowing("/healthz").refusing("healthz")),
			at("healthCheck.port", shaped(`^(traffic-port|[0-9]{1,5})$`, "a port, or traffic-port").allowing("traffic-port", "8080").
				refusing("http")),
			at("healthCheck.protocol", anyCase("HTTP", "HTTPS", "TCP")),
			at("stickiness.type", oneOf("lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto")),
			at("stickiness.cookieDuration", between(0, 604800)),
			at("targetFailovers.onDeregistration", oneOf("rebalance", "no_rebalance")),
			at("targetFailovers.onUnhealthy", oneOf("rebalance", "no_rebalance")),
			at("targetGroupHealth.dnsFailover.minimumHealthyTargetsCount", offOr(count(1, 1000))),
			at("targetGroupHealth.dnsFailover.minimumHealthyTargetsPercentage", offOr(count(1, 100))),
			at("targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsPercentage", offOr(count(1, 100))),
			at("targetHealthStates.unhealthyDrainingInterval", between(0, 360000)),
		}, []relation{targetAddress, healthTimeout, healthProtocol}},
		"aws:lb/listener:Listener": {elb("CreateListener"), join([]row{
			at("loadBalancerArn", arn()),
			at("certificateArn", arn()),
			at("port", between(1, 65535)),
			at("protocol", anyCase("GENEVE", "HTTP", "HTTPS", "TCP", "TCP_UDP", "TLS", "UDP")),
			at("alpnPolicy", anyCase("HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None")),
			at("mutualAuthentication.mode", anyCase("off", "verify", "passthrough")),
			at("mutualAuthentication.trustStoreArn", arn()),
		}, actionRows("defaultActions.")), []relation{actionBodies("defaultActions")}},
		"aws:lb/listenerRule:ListenerRule": {elb("CreateRule"), join([]row{
			at("listenerArn", arn()),
			at("priority", between(1, 99999)),
			at("conditions.hostHeader.values", length(1, 128)),
			at("conditions.httpHeader.httpHeaderName",
				shaped("^[0-9A-Za-z!#$%&'*+.^_`|~-]{1,40}$", "a header's name of at most 40 characters").allowing("X-Forwarded-For").
					refusing("X Header")),
			at("conditions.httpHeader.values", length(1, 128)),
			at("conditions.httpRequestMethod.values", shaped(`^[A-Za-z_-]{1,40}$`, "a method such as GET").allowing("GET").
				refusing("GET 1")),
			at("conditions.pathPattern.values", length(1, 128)),
			at("conditions.sourceIp.values", eitherBlock()),
		}, actionRows("actions.")), []relation{actionBodies("actions")}},
		"aws:lb/listenerCertificate:ListenerCertificate": {elb("AddListenerCertificates"), []row{
			at("listenerArn", arn()),
			at("certificateArn", arn()),
		}, nil},
		"aws:lb/trustStore:TrustStore": {elb("CreateTrustStore"), []row{
			at("name", balancerName()...),
			at("namePrefix", balancerPrefix()...),
			at("caCertificatesBundleS3Bucket", some()),
			at("caCertificatesBundleS3Key", some()),
			at("caCertificatesBundleS3ObjectVersion", some()),
		}, nil},
	}
}

func elb(action string) string {
	return "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_" + action + ".html"
}

func balancerName() []Rule {
	return []Rule{
		length(0, 32),
		shaped(`^[0-9A-Za-z-]*$`, "letters, digits and inner hyphens").allowing("web-1").refusing("web_1"),
		unlike(`^-|-$`, "begins or ends with a hyphen").refusing("-web", "web-"),
	}
}

func balancerPrefix() []Rule {
	return []Rule{length(1, 6), shaped(`^[0-9A-Za-z-]*$`, "letters, digits and hyphens").allowing("web-").refusing("web_"),
		unlike(`^-`, "begins with a hyphen").refusing("-web")}
}

func actionRows(in string) []row {
	return []row{
		at(in+"type", anyCase("forward", "redirect", "fixed-response", "authenticate-cognito", "authenticate-oidc")),
		at(in+"targetGroupArn", arn()),
		at(in+"order", between(1, 50000)),
		at(in+"authenticateCognito.onUnauthenticatedRequest", anyCase("deny", "allow", "authenticate")),
		at(in+"authenticateCognito.userPoolArn", arn()),
		at(in+"authenticateOidc.onUnauthenticatedRequest", anyCase("deny", "allow", "authenticate")),
		at(in+"redirect.statusCode", oneOf("HTTP_301", "HTTP_302")),
		at(in+"redirect.protocol", oneOf("#{protocol}", "HTTP", "HTTPS")),
		at(in+"redirect.path", length(1, 128)),
		at(in+"redirect.query", length(0, 128)),
		at(in+"redirect.host", length(1, 128)),
		at(in+"fixedResponse.contentType", oneOf("text/plain", "text/css", "text/html", "application/javascript", "application/json")),
		at(in+"fixedResponse.messageBody", length(0, 1024)),
		at(in+"fixedResponse.statusCode", shaped(`^[245]\d\d$`, "a status 2XX, 4XX or 5XX").allowing("200", "404", "503").
			refusing("301", "99")),
		at(in+"forward.targetGroups.arn", arn()),
		at(in+"forward.targetGroups.weight", between(0, 999)),
		at(in+"forward.stickiness.duration", between(1, 604800)),
	}
}
