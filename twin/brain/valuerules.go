package brain

// valueRules are the rules that the facts lack, by resource type, each read off the provider's or
// the service's public reference, named in the comment above its group.
var valueRules = map[string][]rule{
	// EC2 API reference: CreateVpc, CreateSubnet, CreateSecurityGroup, AuthorizeSecurityGroupIngress, CreateRoute, CreateNetworkAclEntry.
	"aws:ec2/vpc:Vpc":                                           {cidr("cidrBlock"), oneOf("instanceTenancy", "default", "dedicated")},
	"aws:ec2/subnet:Subnet":                                     {cidr("cidrBlock"), cidr("ipv6CidrBlock"), oneOf("privateDnsHostnameTypeOnLaunch", "ip-name", "resource-name")},
	"aws:ec2/securityGroup:SecurityGroup":                       groupRules(),
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": portRules(),
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   portRules(),
	"aws:ec2/route:Route": {cidr("destinationCidrBlock"), cidr("destinationIpv6CidrBlock"),
		exactlyOne("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"),
		exactlyOne("gatewayId", "natGatewayId", "egressOnlyGatewayId", "vpcEndpointId", "transitGatewayId", "vpcPeeringConnectionId", "networkInterfaceId", "localGatewayId", "carrierGatewayId", "coreNetworkArn")},
	"aws:ec2/networkAclRule:NetworkAclRule":       {cidr("cidrBlock"), cidr("ipv6CidrBlock"), oneOf("ruleAction", "allow", "deny"), between("ruleNumber", 1, 32766)},
	"aws:ec2/natGateway:NatGateway":               {oneOf("connectivityType", "public", "private"), absentUnless("secondaryPrivateIpAddressCount", "connectivityType", "private")},
	"aws:ec2/vpcEndpoint:VpcEndpoint":             {oneOf("vpcEndpointType", "Gateway", "Interface", "GatewayLoadBalancer"), document("policy")},
	"aws:ec2/flowLog:FlowLog":                     {oneOf("trafficType", "ACCEPT", "REJECT", "ALL"), oneOf("logDestinationType", "cloud-watch-logs", "s3", "kinesis-data-firehose"), oneOfNumbers("maxAggregationInterval", 60, 600), arn("iamRoleArn")},
	"aws:ec2/managedPrefixList:ManagedPrefixList": {cidr("entries.cidr"), oneOf("addressFamily", "IPv4", "IPv6")},
	"aws:ec2/launchTemplate:LaunchTemplate": {shaped("name", `^[A-Za-z0-9().\-/_]{3,128}$`, "a name of 3 to 128 letters, digits and ().-/_"),
		oneOf("metadataOptions.httpTokens", "optional", "required"), oneOf("metadataOptions.httpEndpoint", "enabled", "disabled"), between("metadataOptions.httpPutResponseHopLimit", 1, 64),
		oneOf("metadataOptions.instanceMetadataTags", "enabled", "disabled"), oneOf("blockDeviceMappings.ebs.volumeType", "standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"),
		oneOf("creditSpecification.cpuCredits", "standard", "unlimited"), oneOf("instanceInitiatedShutdownBehavior", "stop", "terminate")},

	// Elastic Load Balancing API reference: CreateLoadBalancer, CreateTargetGroup, CreateListener, CreateRule.
	"aws:lb/loadBalancer:LoadBalancer": {shaped("name", `^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`, "a name of at most 32 letters, digits and inner hyphens"),
		oneOf("loadBalancerType", "application", "network", "gateway"), oneOf("ipAddressType", "ipv4", "dualstack", "dualstack-without-public-ipv4"),
		oneOf("desyncMitigationMode", "monitor", "defensive", "strictest"), oneOf("xffHeaderProcessingMode", "append", "preserve", "remove"), between("idleTimeout", 1, 4000), between("clientKeepAlive", 60, 604800)},
	"aws:lb/targetGroup:TargetGroup": {targetAddress, shaped("name", `^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`, "a name of at most 32 letters, digits and inner hyphens"), between("port", 1, 65535),
		oneOf("protocol", "GENEVE", "HTTP", "HTTPS", "TCP", "TCP_UDP", "TLS", "UDP"), oneOf("protocolVersion", "GRPC", "HTTP1", "HTTP2"), oneOf("targetType", "instance", "ip", "lambda", "alb"),
		between("deregistrationDelay", 0, 3600), between("slowStart", 0, 900), between("healthCheck.interval", 5, 300), between("healthCheck.timeout", 2, 120),
		between("healthCheck.healthyThreshold", 2, 10), between("healthCheck.unhealthyThreshold", 2, 10), oneOf("healthCheck.protocol", "HTTP", "HTTPS", "TCP"),
		oneOf("loadBalancingAlgorithmType", "round_robin", "least_outstanding_requests", "weighted_random"), healthTimeout},
	"aws:lb/listener:Listener": {arn("loadBalancerArn", "certificateArn", "defaultActions.targetGroupArn"), between("port", 1, 65535), oneOf("protocol", "GENEVE", "HTTP", "HTTPS", "TCP", "TCP_UDP", "TLS", "UDP"),
		oneOf("defaultActions.type", actionTypes...), oneOf("mutualAuthentication.mode", "off", "verify", "passthrough"), actionBodies("defaultActions")},
	"aws:lb/listenerRule:ListenerRule": {arn("listenerArn", "actions.targetGroupArn"), between("priority", 1, 99999), oneOf("actions.type", actionTypes...), actionBodies("actions")},

	// ACM API reference: RequestCertificate.
	"aws:acm/certificate:Certificate": {shaped("domainName", `^[^.].*[^.]$`, "a domain name without a dot at its ends"), oneOf("validationMethod", "DNS", "EMAIL", "NONE"),
		oneOf("keyAlgorithm", "RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")},
	"aws:acm/certificateValidation:CertificateValidation": {arn("certificateArn")},

	// Route 53 API reference: ChangeResourceRecordSets; Cloudflare API reference: DNS records.
	"aws:route53/record:Record": {oneOf("type", "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"), between("ttl", 0, 2147483647)},
	"cloudflare:index/record:Record": {oneOf("type", "A", "AAAA", "CAA", "CNAME", "TXT", "SRV", "LOC", "MX", "NS", "SPF", "CERT", "DNSKEY", "DS", "NAPTR", "SMIMEA", "SSHFP", "TLSA", "URI", "PTR", "HTTPS", "SVCB"),
		exactlyOne("content", "value", "data"), cloudflareTTL},
	"cloudflare:index/zone:Zone": {oneOf("type", "full", "partial", "secondary")},

	// IAM API reference: CreateRole, CreatePolicy, PutRolePolicy.
	"aws:iam/role:Role": {document("assumeRolePolicy"), between("maxSessionDuration", 3600, 43200), arn("permissionsBoundary"),
		shaped("name", `^[\w+=,.@-]{1,64}$`, "a name of at most 64 letters, digits and +=,.@-_")},
	"aws:iam/policy:Policy":                             {document("policy"), shaped("name", `^[\w+=,.@-]{1,128}$`, "a name of at most 128 letters, digits and +=,.@-_")},
	"aws:iam/rolePolicy:RolePolicy":                     {document("policy")},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {arn("policyArn")},

	// KMS API reference: CreateKey, CreateAlias.
	"aws:kms/key:Key": {document("policy"), between("deletionWindowInDays", 7, 30), oneOf("keyUsage", "ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"),
		oneOf("customerMasterKeySpec", "SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "SM2"), between("rotationPeriodInDays", 90, 2560)},
	"aws:kms/alias:Alias": {shaped("name", `^alias/[0-9A-Za-z_/-]+$`, "a name that begins with alias/ and has letters, digits and _/-")},

	// Amazon S3 API reference: PutBucketPolicy, PutBucketVersioning, PutBucketOwnershipControls, PutBucketEncryption.
	"aws:s3/bucketPolicy:BucketPolicy":                                                           {document("policy")},
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               {oneOf("versioningConfiguration.status", "Enabled", "Suspended", "Disabled")},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     {oneOf("rule.objectOwnership", "BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {oneOf("rules.applyServerSideEncryptionByDefault.sseAlgorithm", "AES256", "aws:kms", "aws:kms:dsse")},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       {oneOf("rules.status", "Enabled", "Disabled")},

	// Amazon RDS API reference: CreateDBInstance, CreateDBCluster, CreateDBParameterGroup, CreateDBSubnetGroup.
	"aws:rds/instance:Instance": {between("backupRetentionPeriod", 0, 35), oneOfNumbers("monitoringInterval", 0, 1, 5, 10, 15, 30, 60), oneOf("storageType", "standard", "gp2", "gp3", "io1", "io2"),
		oneOf("networkType", "IPV4", "DUAL"), between("port", 1150, 65535), shaped("identifier", `^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`, "at most 63 lower-case letters, digits and inner hyphens, beginning with a letter"),
		shaped("finalSnapshotIdentifier", `^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$`, "letters, digits and inner hyphens, beginning with a letter"), shaped("instanceClass", `^db\.`, "a database class such as db.t4g.micro")},
	"aws:rds/cluster:Cluster": {oneOf("engine", "aurora-mysql", "aurora-postgresql", "mysql", "postgres"), oneOf("engineMode", "global", "multimaster", "parallelquery", "provisioned", "serverless"), between("backupRetentionPeriod", 0, 35),
		shaped("clusterIdentifier", `^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`, "at most 63 lower-case letters, digits and inner hyphens, beginning with a letter")},
	"aws:rds/parameterGroup:ParameterGroup":               {shaped("name", `^[a-z]([a-z0-9.-]*[a-z0-9])?$`, "lower-case letters, digits, periods and hyphens")},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": {shaped("name", `^[a-z]([a-z0-9.-]*[a-z0-9])?$`, "lower-case letters, digits, periods and hyphens")},
	"aws:rds/subnetGroup:SubnetGroup":                     {shaped("name", `^[a-z0-9 ._-]+$`, "lower-case letters, digits, hyphens, underscores, periods and spaces")},

	// CloudWatch and CloudWatch Logs API references: PutMetricAlarm, PutRetentionPolicy, PutDashboard.
	"aws:cloudwatch/logGroup:LogGroup": {oneOfNumbers("retentionInDays", 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653), arn("kmsKeyId"), oneOf("logGroupClass", "STANDARD", "INFREQUENT_ACCESS")},
	"aws:cloudwatch/metricAlarm:MetricAlarm": {alarmStatistic, oneOf("comparisonOperator", "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"),
		oneOf("statistic", "SampleCount", "Average", "Sum", "Minimum", "Maximum"), oneOf("treatMissingData", "breaching", "notBreaching", "ignore", "missing"), between("evaluationPeriods", 1, 1000000), arn("alarmActions", "okActions")},
	"aws:cloudwatch/dashboard:Dashboard": {document("dashboardBody"), shaped("dashboardName", `^[A-Za-z0-9_-]{1,255}$`, "letters, digits, hyphens and underscores")},

	// Other services' API references: SNS CreateTopic, SSM PutParameter, WAF CreateWebACL, Auto Scaling CreateAutoScalingGroup.
	"aws:sns/topic:Topic":                         {topicDeduplication, shaped("name", `^[A-Za-z0-9_-]{1,256}(\.fifo)?$`, "at most 256 letters, digits, hyphens and underscores"), document("policy")},
	"aws:sns/topicPolicy:TopicPolicy":             {arn("arn"), document("policy")},
	"aws:sns/topicSubscription:TopicSubscription": {arn("topic"), oneOf("protocol", "application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")},
	"aws:ssm/parameter:Parameter":                 {oneOf("type", "String", "StringList", "SecureString"), oneOf("tier", "Standard", "Advanced", "Intelligent-Tiering"), exactlyOne("value", "insecureValue")},
	"aws:wafv2/webAcl:WebAcl":                     {oneOf("scope", "REGIONAL", "CLOUDFRONT")},
	"aws:wafv2/ipSet:IpSet":                       {oneOf("scope", "REGIONAL", "CLOUDFRONT"), oneOf("ipAddressVersion", "IPV4", "IPV6"), cidr("addresses")},
	"aws:autoscaling/group:Group": {between("minSize", 0, 10000), between("maxSize", 0, 10000), oneOf("healthCheckType", "EC2", "ELB", "EBS", "VPC_LATTICE"), oneOf("instanceRefresh.strategy", "Rolling"),
		between("instanceRefresh.preferences.minHealthyPercentage", 0, 100), between("instanceRefresh.preferences.maxHealthyPercentage", 100, 200)},
	"aws:autoscaling/policy:Policy":       {oneOf("policyType", "SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"), absentUnless("targetTrackingConfiguration", "policyType", "TargetTrackingScaling")},
	"aws:secretsmanager/secret:Secret":    {document("policy"), recoveryWindow},
	"aws:route53/healthCheck:HealthCheck": {oneOf("type", "HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP", "CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"), oneOfNumbers("requestInterval", 10, 30)},
	"aws:budgets/budget:Budget":           {oneOf("budgetType", "USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"), oneOf("timeUnit", "DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY")},
}

var actionTypes = []string{"forward", "redirect", "fixed-response", "authenticate-cognito", "authenticate-oidc"}
