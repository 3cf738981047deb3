package controls

import "github.com/causeway-iac/causeway/graph"

// attacks are stacks that are bad and look good: the same mistake by another type, in
// another form, or where a check might not look.
var attacks = map[int][]mutant{
	2: {by("a log group that is not in the stack", func(s *edit) {
		s.set(flowLogType, "prod-network-flows", "logDestination", "arn:aws:logs:eu-west-1:444455556666:log-group:elsewhere")
	}).undecided()},
	9: {by("a policy that is a resource of its own", func(s *edit) {
		s.add(endpointPolicyType, "mutant", in{"vpcEndpointId": s.the(endpointType, endpoint), "policy": `{"Statement": [` + anonymous +
			`]}`})
	})},
	10: {by("a type that is not known", func(s *edit) {
		s.set(endpointType, endpoint, "vpcEndpointType", graph.Unknown{})
		s.set(endpointType, endpoint, "subnetIds", s.the(endpointType, endpoint).Inputs["subnetIds"].([]any)[:1])
	})},
	17: {set(subnetType, "prod-network-public-a", "mapPublicIpOnLaunch", "True"),
		set(subnetType, "prod-network-public-a", "mapPublicIpOnLaunch", graph.Unknown{}).undecided()},
	22: {by("a prefix list by a gateway that is not in the stack", func(s *edit) {
		s.add(routeType, "mutant",
			in{"routeTableId": s.the(routeTableType, "prod-network-data"), "destinationPrefixListId": "pl-0123456789abcdef0",
				"gatewayId": "vgw-1"})
	})},
	32: {
		by("an old rule whose direction is not known", func(s *edit) {
			s.add(ruleType, "mutant", in{"securityGroupId": s.the(groupType, "prod-web"), "type": graph.Unknown{}, "protocol": "tcp",
				"fromPort": 22, "toPort": 22, "cidrBlocks": list("0.0.0.0/0")})
		}),
		by("a group that is not in the stack", func(s *edit) {
			s.add(ingressType, "mutant", in{"securityGroupId": "sg-0123456789abcdef0", "ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
				"cidrIpv4": "0.0.0.0/0"})
		}),
		by("a prefix list whose entries are resources", func(s *edit) {
			l := s.add(prefixListType, "mutant", in{"name": "office"})
			s.add("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry", "mutant", in{"prefixListId": l, "cidr": "0.0.0.0/0"})
			s.add(ingressType, "mutant", in{"securityGroupId": s.the(groupType, "prod-web"), "ipProtocol": "tcp", "fromPort": 22,
				"toPort": 22, "prefixListId": l})
		}),
		by("ports as texts", func(s *edit) {
			s.add(ingressType, "mutant", in{"securityGroupId": s.the(groupType, "prod-web"), "ipProtocol": "6", "fromPort": "0",
				"toPort": "65535", "cidrIpv4": "0.0.0.0/0"})
		}),
		by("rules inside that are not known", func(s *edit) { s.set(groupType, "prod-web", "ingress", graph.Unknown{}) }).undecided(),
	},
	35: {by("a load balancer under another name of its type, and inside", func(s *edit) {
		s.the(balancerType, edge).Type = "aws:alb/loadBalancer:LoadBalancer"
		s.set("aws:alb/loadBalancer:LoadBalancer", edge, "internal", true)
	})},
	37: {ingressTo("prod-web", in{"ipProtocol": "tcp", "fromPort": 2, "toPort": 65535, "cidrIpv4": "10.0.0.0/8"}),
		by("in two halves", func(s *edit) {
			for _, half := range [][2]int{{0, 30000}, {30001, 65535}} {
				s.add(ingressType, text(float64(half[0])), in{"securityGroupId": s.the(groupType, "prod-web"), "ipProtocol": "tcp",
					"fromPort": half[0], "toPort": half[1], "cidrIpv4": "10.0.0.0/8"})
			}
		})},
	41: {egressFrom("prod-database", in{"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "prefixListId": "pl-0123456789abcdef0"}).
		undecided()},
	47: {by("an egress rule inside", func(s *edit) {
		s.set(groupType, "prod-web", "egress", list(in{"protocol": "tcp", "fromPort": 1, "toPort": 1, "cidrBlocks": list("10.0.0.0/8")}))
	})},
	50: {by("a redirect to another port", func(s *edit) {
		plainListener(s, listenerType, in{"protocol": "HTTPS", "port": "8443", "statusCode": "HTTP_301"})
	}),
		by("a redirect to another host", func(s *edit) {
			plainListener(s, listenerType,
				in{"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301", "host": "elsewhere.example.net"})
		}),
		by("another name of the type", func(s *edit) {
			plainListener(s, "aws:elasticloadbalancingv2/listener:Listener", in{"protocol": "HTTP", "port": "80", "statusCode": "HTTP_301"})
		})},
	52: {by("another name of the type",
		func(s *edit) { s.add("aws:alb/listener:Listener", "mutant", in{"protocol": "HTTPS", "port": 443}) }),
		by("a protocol that is not known", func(s *edit) { s.add(listenerType, "mutant", in{"protocol": graph.Unknown{}, "port": 443}) })},
	53: {by("another name of the type", func(s *edit) {
		s.add("aws:applicationloadbalancing/loadBalancer:LoadBalancer", "mutant", in{"internal": true})
	})},
	54: {set(balancerType, edge, "accessLogs", list(in{"enabled": false, "bucket": "b"}))},
	56: {set(balancerType, edge, "enableDeletionProtection", "false")},
	67: {by("a rule for every host", func(s *edit) {
		s.add("aws:lb/listenerRule:ListenerRule", "mutant",
			in{"listenerArn": s.the(listenerType, https), "actions": list(in{"type": "forward"}),
				"conditions": list(in{"hostHeader": in{"values": list("*.*")}})})
	}), by("a rule whose actions are not known", func(s *edit) {
		s.add("aws:lb/listenerRule:ListenerRule", "mutant", in{"listenerArn": s.the(listenerType, https), "actions": graph.Unknown{}})
	})},
	69: {by("a further certificate that nobody validates", func(s *edit) {
		c := s.add(certificateType, "mutant", in{"domainName": "more.example.com"})
		s.add("aws:lb/listenerCertificate:ListenerCertificate", "mutant",
			in{"listenerArn": s.the(listenerType, https), "certificateArn": c})
	})},
	74: {set(templateType, "prod-web", "metadataOptions", list(in{"httpTokens": "optional"})),
		set(templateType, "prod-web", "metadataOptions.httpTokens", graph.Unknown{}).undecided()},
	76: {by("an instance in a public subnet that does not say", func(s *edit) {
		s.set(instanceType, "server", "associatePublicIpAddress", nil)
		s.set(subnetType, "inner", "mapPublicIpOnLaunch", true)
	}).on("made"), by("an address that is attached", func(s *edit) {
		s.add(eipType, "mutant", in{"instance": s.the(instanceType, "server"), "domain": "vpc"})
	}).on("made"), by("a subnet of which it is not known", func(s *edit) {
		s.set(templateType, "prod-web", "networkInterfaces", nil)
		s.set(subnetType, "prod-network-web-a", "mapPublicIpOnLaunch", graph.Unknown{})
	}).undecided()},
	77: {set(templateType, "prod-web", "blockDeviceMappings", list(in{"deviceName": "/dev/sdb", "virtualName": "ephemeral0"})),
		adds(volumeType, in{"size": 8}),
		set(templateType, "prod-web", "blockDeviceMappings", in{"deviceName": "/dev/xvda", "ebs": in{"encrypted": "false"}})},
	79:  {userData("export DB_PASS=correcthorse"), userData("CLIENT_SECRET: 'correct horse'")},
	179: {set(alarmType, "prod-database-cpu", "alarmActions", list(nil))},
	88: {set(scalingType, "prod-web", "healthCheckGracePeriod", 1.0), by("targets that are attached", func(s *edit) {
		g := s.the(scalingType, "prod-web")
		s.set(scalingType, g.Name, "targetGroupArns", nil)
		s.set(scalingType, g.Name, "healthCheckType", "EC2")
		s.add("aws:autoscaling/attachment:Attachment", "mutant", in{"autoscalingGroupName": g})
	})},
	93: {by("a share that is not known", func(s *edit) {
		s.set(scalingType, "spot", "mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity", graph.Unknown{})
		s.set(scalingType, "spot", "capacityRebalance", false)
	}).on("made")},
	94: {by("one subnet that is not in the stack", func(s *edit) {
		s.set(scalingType, "prod-web", "vpcZoneIdentifiers", append(list("subnet-0123456789abcdef0"), s.the(scalingType, "prod-web").
			Inputs["vpcZoneIdentifiers"].([]any)...))
	}).undecided()},
	97: {set(roleType, "prod-app", "inlinePolicies", graph.Secret{}).undecided(), by("a policy inside", func(s *edit) {
		s.set(roleType, "prod-app", "inlinePolicies",
			list(in{"name": "x", "policy": `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`}))
	})},
	103: {by("a policy of AWS", func(s *edit) {
		s.set(roleType, "prod-app", "permissionsBoundary", nil)
		s.set(roleType, "prod-app", "managedPolicyArns", list("arn:aws:iam::aws:policy/AmazonSSMFullAccess"))
	})},
	108: {trusting(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "sts:AssumeRole", ` +
		`"Condition": {"Bool": {"aws:SecureTransport": "true"}}}`),
		trusting(`{"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}, ` +
			`"Action": "sts:AssumeRoleWithWebIdentity"}`)},
	110: {by("a policy that is only called as one of AWS's", func(s *edit) {
		s.add(attachmentType, "mutant",
			in{"role": s.the(roleType, "prod-app"), "policyArn": "arn:aws:iam::444455556666:policy/AmazonSSMManagedInstanceCore"})
	}), by("attachments that exclude others", func(s *edit) {
		s.add("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "mutant",
			in{"roleName": s.the(roleType, "prod-app"), "policyArns": list("arn:aws:iam::aws:policy/AdministratorAccess")})
	})},
	117: {set(databaseType, db, "storageEncrypted", "false"), set(databaseType, db, "storageEncrypted", graph.Unknown{}).undecided()},
	119: {by("all instances in one zone", func(s *edit) {
		for _, m := range []string{"aurora-database-0", "aurora-database-1"} {
			s.set(memberType, m, "availabilityZone", "eu-west-1a")
		}
	}).on("aurora")},
	121: {set(databaseType, db, "backupRetentionPeriod", "1"), set(databaseType, db, "backupRetentionPeriod", graph.Unknown{}).undecided()},
	127: {by("MySQL, in a class that has room for it", func(s *edit) {
		s.set(databaseType, db, "engine", "mysql")
		s.set(databaseType, db, "instanceClass", "db.t4g.medium")
		s.set(databaseType, db, "performanceInsightsEnabled", false)
	})},
	132: {set(databaseType, db, "username", "Postgres")},
	137: {set("aws:backup/vault:Vault", "prod-backup", "forceDestroy", true), set("aws:backup/plan:Plan", "prod-backup",
		"rules[1].lifecycle.deleteAfter", 2.0), unset(planType, "prod-backup", "rules[0].schedule"),
		set(planType, "prod-backup", "rules[0].schedule", "cron(0 6 1 1 ? *)"), set(planType, "prod-backup", "rules[0].schedule",
			"cron(0 6 * * ? 2096)"),
		set(backupSelectionType, "prod-backup", "notResources", list("arn:aws:rds:*")),
		set(backupSelectionType, "prod-backup", "conditions", list(in{"stringEquals": list(in{"key": "a", "value": "b"})}))},
	140: {by("the default group beside its own", func(s *edit) {
		own := s.the(databaseType, db).Inputs["vpcSecurityGroupIds"].([]any)[0]
		s.set(databaseType, db, "vpcSecurityGroupIds", list(own, s.the(defaultGroupType, "").ID))
	}), by("a group that is not in the stack beside its own", func(s *edit) {
		own := s.the(databaseType, db).Inputs["vpcSecurityGroupIds"].([]any)[0]
		s.set(databaseType, db, "vpcSecurityGroupIds", list(own, "sg-0123456789abcdef0"))
	}).undecided()},
	143: {
		adds(vaultPolicyType,
			in{"backupVaultName": "prod-backup-549c439",
				"policy": `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "999999999999"}, ` +
					`"Action": "backup:CopyFromBackupVault", "Resource": "*"}]}`}),
		adds(imageForType, in{"imageId": "ami-1", "group": "all"}), adds(imageForType, in{"imageId": "ami-1", "accountId": "999999999999"}),
		adds(lifecyclesType, in{"policyDetails": in{"schedules": list(in{"shareRules": in{"targetAccounts": list("999999999999")}})}}),
		adds(volumeForType, in{"snapshotId": "snap-1", "accountId": "999999999999"}),
	},
	149: {policyOf(keyType, "prod-data", `{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
		"Principal": {"AWS": "arn:aws:iam::444455556666:root"}}`)},
	147: {by("a second policy, and nobody knows which one was written last", func(s *edit) {
		s.add(keyPolicyType, "mutant", in{"keyId": s.the(keyType, "prod-data"), "policy": `{"Statement": [{"Effect": "Allow",
			"Action": "kms:*", "Resource": "*", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}}]}`})
	}), set(keyType, "prod-data", "keyUsage", "SIGN_VERIFY"), set(keyType, "aurora-zone-dnssec", "keyUsage", "ENCRYPT_DECRYPT").
		on("aurora"),
		set(keyType, "prod-logs", "policy",
			`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "kms:*", `+
				`"Resource": "*"}]}`)},
	1: {set(flowLogType, "prod-network-flows", "logDestinationType", "s3"), unset(flowLogType, "prod-network-flows", "logDestination"),
		set(flowLogType, "prod-network-flows", "deliverCrossAccountRole", "arn:aws:iam::999999999999:role/x")},
	162: {by("a key where load balancers write", func(s *edit) {
		s.set("aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "prod-logs", "rules",
			list(in{"applyServerSideEncryptionByDefault": in{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "k"}}))
	})},
	199: {set(webACLType, edge, "rules[0].statement.rateBasedStatement", in{"limit": 100.0, "aggregateKeyType": "FORWARDED_IP",
		"forwardedIpConfig": in{"headerName": "X-Forwarded-For"}}), set(webACLType, edge, "rules[0].statement.rateBasedStatement",
		in{"limit": 100.0, "aggregateKeyType": "CUSTOM_KEYS", "customKeys": list(in{"header": in{"name": "x"}})}),
		set(webACLType, edge, "rules[0].statement.rateBasedStatement.limit", 2e9)},
	235: {set("pulumi:providers:aws", "prod-aws", "version", "8.0.0").undecided(),
		set("pulumi:providers:cloudflare", "prod-cloudflare", "version", "4.9.0").undecided()},
	223: {set(cfZoneType, "proxied-zone-zone", "paused", true).on("proxied")},
	145: {policyOf(keyType, "prod-data", `{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
		"Principal": {"AWS": "arn:aws:iam::444455556666:user/of-no-stack"}}`).undecided(), by("a grant of another account", func(s *edit) {
		s.add("aws:kms/grant:Grant", "mutant",
			in{"keyId": s.the(keyType, "prod-data"), "granteePrincipal": "arn:aws:iam::999999999999:role/x", "operations": list("Decrypt")})
	}),
		policyOf(keyType, "prod-data",
			`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "kms:Decrypt", "Resource": "*"}`),
		adds("aws:kms/externalKey:ExternalKey", in{"policy": `{"Statement": [` + anonymous + `]}`})},
	152: {policyOf(keyType, "prod-logs",
		`{"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}, "Action": "kms:*", "Resource": "*", `+
			`"Condition": {"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}}}`)},
	155: {set(rotationType, "secret", "rotationRules", in{"scheduleExpression": "rate(365 days)"}).on("made"),
		set(rotationType, "secret", "rotationRules", in{"scheduleExpression": "cron(0 8 1 1 ? *)"}).on("made")},
	165: {by("a bucket that logs into itself", func(s *edit) {
		s.set("aws:s3/bucketLoggingV2:BucketLoggingV2", "prod-releases", "targetBucket", s.the("aws:s3/bucketV2:BucketV2", "prod-releases").
			ID)
	})},
	166: {set("aws:s3/bucketV2:BucketV2", "prod-logs", "grants",
		list(in{"type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers", "permissions": list("READ")}))},
	169: {set("aws:s3/bucketV2:BucketV2", "prod-releases", "policy", `{"Statement": [`+anonymous+`]}`),
		by("an access point", func(s *edit) {
			s.add("aws:s3/accessPoint:AccessPoint", "mutant",
				in{"bucket": s.the("aws:s3/bucketV2:BucketV2", "prod-releases"), "policy": `{"Statement": [` + anonymous + `]}`})
		}),
		policyOf(bucketRules, "prod-releases",
			`{"Effect": "Allow", "Principal": {"CanonicalUser": "79a59df900b949e5"}, "Action": "s3:GetObject", "Resource": "*"}`)},
	177: {set(logGroupType, "prod-web", "retentionInDays", "30")},
	182: {set(subscriptionType, "prod-oncall@example.com", "endpoint", "arn:aws:sqs:eu-west-1:999999999999:theirs"),
		set(subscriptionType, "prod-oncall@example.com", "protocol", "http"), by("a queue", func(s *edit) {
			s.add("aws:sqs/queue:Queue", "mutant", in{"policy": `{"Statement": [` + anonymous + `]}`})
		})},
	193: {set(recordType, "aurora-zone-caa", "name", "below.example.org").on("aurora")},
	198: {set(webACLType, edge, "rules[2].statement.managedRuleGroupStatement.ruleActionOverrides",
		in{"name": "Log4JRCE_BODY", "actionToUse": in{"count": in{}}})},
	203: {set(documentType, "sessions", "permissions", in{"type": "Share", "account_ids": "All"}).on("made")},
	205: {gone(cfSettingsType, "proxied-zone-settings").on("proxied")},
	208: {gone(cfSettingsType, "proxied-zone-settings").on("proxied")},
	217: {by("for a name below only", func(s *edit) {
		for _, authority := range []string{"amazon.com", "letsencrypt.org", "pki.goog", "ssl.com", "sectigo.com"} {
			s.set(cfRecordType, "proxied-zone-caa-"+authority, "name", "below")
		}
	}).on("proxied")},
	219: {by("a set of rules that are all off", func(s *edit) {
		s.remove(webACLForType, "proxied-edge")
		s.add(cfRulesetType, "mutant", in{"zoneId": s.the(cfZoneType, ""), "phase": "http_request_firewall_managed",
			"rules": list(in{"action": "execute", "enabled": false})})
	}).on("proxied")},
	225: {by("a name of which it is not known", func(s *edit) {
		s.set(cfRecordType, "proxied-edge-guestbook.example.net", "proxied", graph.Unknown{})
		s.set(cfPullsType, "proxied-zone-origin-pulls", "enabled", false)
	}).on("proxied")},
	231: {set("pulumi:providers:aws", "prod-aws", "insecure", "true")},
}

func plainListener(s *edit, kind string, redirect in) {
	s.add(kind, "mutant", in{"protocol": "HTTP", "port": 80, "defaultActions": list(in{"type": "redirect", "redirect": redirect})})
}
