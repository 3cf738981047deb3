package world

import (
	"encoding/base64"
	"slices"
	"strings"
)

// Documents that several quotas are taken from.
const (
	vpcPage         = `VPC user guide, "Amazon VPC quotas"`
	privateLinkPage = `AWS PrivateLink guide, "AWS PrivateLink quotas"`
	balancerPage    = `ELB user guide, "Quotas for your Application Load Balancers"`
	ec2Errors       = `EC2 API, "Error codes"`
)

// quotas are AWS's defaults for an account without increases, as documented in September 2026. A row is all that a
// quota needs. It names the documents of its figure and error code where they are not its service's, and says so
// where there is none.
var quotas = slices.Concat(
	of(vpcPage, ec2Errors,
		quota{name: "vpcs", title: "VPCs per Region", code: "vpc/L-F678F1CE", limit: 5, refusal: "VpcLimitExceeded",
			types: []string{typeVPC}},
		quota{name: "subnets-per-vpc", title: "Subnets per VPC", code: "vpc/L-407747CB", limit: 200, refusal: "SubnetLimitExceeded",
			types: []string{typeSubnet}, by: "vpcId"},
		quota{name: "elastic-ips", title: "EC2-VPC Elastic IPs", code: "ec2/L-0263D0A3", limit: 5, refusal: "AddressLimitExceeded",
			types: []string{typeEIP}},
		quota{name: "internet-gateways", title: "Internet gateways per Region", code: "vpc/L-A4707A72", limit: 5,
			refusal: "InternetGatewayLimitExceeded", types: []string{typeInternetGateway}},
		quota{name: "egress-gateways", title: "Egress-only internet gateways per Region", code: "vpc/L-45FE3B85", limit: 5,
			refusal: "EgressOnlyInternetGatewayLimitExceeded", types: []string{typeEgressGateway},
			answer: `not documented: EC2's list of error codes has none for it; named as the internet gateway's`},
		quota{name: "nat-gateways-per-zone", title: "NAT gateways per Availability Zone", code: "vpc/L-FE5A380F", limit: 5,
			refusal: "NatGatewayLimitExceeded", types: []string{typeNAT}, per: zoneOfSubnet},
		quota{name: "route-tables-per-vpc", title: "Route tables per VPC", code: "vpc/L-589F43AA", limit: 200,
			refusal: "RouteTableLimitExceeded", types: []string{typeRouteTable}, by: "vpcId"},
		quota{name: "routes-per-table", title: "Routes per route table", code: "vpc/L-93826ACB", limit: 500, most: 1000,
			refusal: "RouteLimitExceeded", types: []string{typeRoute}, by: "routeTableId", per: tableAndFamily},
		quota{name: "acls-per-vpc", title: "Network ACLs per VPC", code: "vpc/L-B4A6D682", limit: 200, refusal: "NetworkAclLimitExceeded",
			types: []string{typeNetworkACL}, by: "vpcId"},
		quota{name: "rules-per-acl", title: "Rules per network ACL", code: "vpc/L-2AEEBF1A", limit: 20, most: 40,
			refusal: "NetworkAclEntryLimitExceeded", types: []string{typeACLRule}, by: "networkAclId", per: aclAndDirection},
		quota{name: "security-groups", title: "VPC security groups per Region", code: "vpc/L-E79EC296", limit: 2500,
			refusal: "SecurityGroupLimitExceeded", types: []string{typeSecurityGroup}},
		quota{name: "rules-per-security-group", title: "Inbound or outbound rules per security group", code: "vpc/L-0EA8095F", limit: 60,
			most: 1000, refusal: "RulesPerSecurityGroupLimitExceeded",
			types: []string{typeIngressRule, typeEgressRule}, size: ruleWeight, by: "securityGroupId", per: groupAndDirection},
		quota{name: "security-groups-per-interface", title: "Security groups per network interface", code: "vpc/L-2AFB9258", limit: 5,
			most: 16, refusal: "SecurityGroupsPerInterfaceLimitExceeded", eachObject: true,
			types: []string{typeLoadBalancer, typeInstance, typeCluster, typeEndpoint, typeProxy, typeLaunchTemplate},
			size:  sizeAt("securityGroups", "vpcSecurityGroupIds", "securityGroupIds", "networkInterfaces.securityGroups")},
		quota{name: "gateway-endpoints", title: "Gateway VPC endpoints per Region", code: "vpc/L-1B52E74A", limit: 20,
			refusal: "VpcEndpointLimitExceeded", types: []string{typeEndpoint}, only: isInterface(false),
			source: privateLinkPage},
		quota{name: "interface-endpoints-per-vpc", title: "Interface VPC endpoints per VPC", code: "vpc/L-29B6F2EB", limit: 50,
			refusal: "VpcEndpointLimitExceeded", types: []string{typeEndpoint}, only: isInterface(true), by: "vpcId",
			source: privateLinkPage},
		quota{name: "prefix-lists", title: "Prefix lists per Region", limit: 100, refusal: "PrefixListLimitExceeded",
			types:  []string{typePrefixList},
			answer: `not documented: EC2's list of error codes has none for it; named as EC2's others are`},
		quota{name: "launch-templates", title: "Launch templates", code: "ec2/L-FB451C26", limit: 5000,
			refusal: "MaxTemplateLimitExceeded", types: []string{typeLaunchTemplate},
			source: `EC2 user guide, "Restrictions for Amazon EC2 launch templates"`},
		quota{name: "user-data-bytes", title: "User data in bytes", limit: 16384, fixed: true, refusal: "InvalidParameterValue",
			types: []string{typeLaunchTemplate}, eachObject: true, size: userDataSize,
			source: `EC2 user guide, "Run commands when you launch an EC2 instance with user data input"`,
			answer: `not documented: the common code, with which EC2 refuses longer user data of an instance`},
	),
	of(balancerPage, `ELB API, the errors of its Create actions`,
		quota{name: "application-load-balancers", title: "Application Load Balancers per Region", code: "elasticloadbalancing/L-53DA6B97",
			limit: 50, refusal: "TooManyLoadBalancers", types: []string{typeLoadBalancer}, only: ofFamily("app")},
		quota{name: "network-load-balancers", title: "Network Load Balancers per Region", code: "elasticloadbalancing/L-69A177A2",
			limit: 50, refusal: "TooManyLoadBalancers", types: []string{typeLoadBalancer}, only: ofFamily("net"),
			source: `ELB user guide, "Quotas for your Network Load Balancers"`},
		quota{name: "listeners-per-load-balancer", title: "Listeners per Application Load Balancer",
			code: "elasticloadbalancing/L-B6DF7632", limit: 50, refusal: "TooManyListeners", types: []string{typeListener},
			by: "loadBalancerArn"},
		quota{name: "rules-per-load-balancer", title: "Rules per Application Load Balancer", code: "elasticloadbalancing/L-7EED9B64",
			limit: 100, refusal: "TooManyRules", types: []string{typeListenerRule}, per: balancerOfRule},
		quota{name: "certificates-per-load-balancer", title: "Certificates per Application Load Balancer",
			code: "elasticloadbalancing/L-9365A611", limit: 25, refusal: "TooManyCertificates", types: []string{typeListenerCert},
			per: balancerOfRule},
		quota{name: "target-groups", title: "Target Groups per Region", code: "elasticloadbalancing/L-B22855CB", limit: 3000,
			refusal: "TooManyTargetGroups", types: []string{typeTargetGroup}},
		quota{name: "target-groups-per-action", title: "Target Groups per Action per Application Load Balancer",
			code: "elasticloadbalancing/L-057ECE54", limit: 5, fixed: true, refusal: "TooManyActions", eachObject: true,
			types:  []string{typeListener, typeListenerRule},
			size:   sizeAt("defaultActions.forward.targetGroups.arn", "actions.forward.targetGroups.arn"),
			answer: `not documented: ELB has no code for it; TooManyActions is its code for the next wider limit`},
		quota{name: "targets-per-target-group", title: "Targets per Target Group per Region", code: "elasticloadbalancing/L-A0D0B863",
			limit: 1000, refusal: "TooManyTargets", eachObject: true, types: []string{typeGroup}, only: hasTargets, size: maxSize,
			answer: `ELB API, RegisterTargets, which a group does for its machines`},
		quota{name: "targets-per-load-balancer", title: "Targets per Application Load Balancer", code: "elasticloadbalancing/L-7E6692B2",
			limit: 1000, refusal: "TooManyTargets", eachObject: true, types: []string{typeGroup}, only: hasTargets, size: maxSize,
			answer: `ELB API, RegisterTargets, which a group does for its machines`},
	),
	of(`EC2 Auto Scaling user guide, "Quotas for Auto Scaling resources and groups"`,
		`EC2 Auto Scaling API, LimitExceeded of its Put and Create actions`,
		quota{name: "auto-scaling-groups", title: "Auto Scaling groups per region", code: "autoscaling/L-CDE20ADC", limit: 500,
			refusal: "LimitExceeded", types: []string{typeGroup}},
		quota{name: "scaling-policies-per-group", title: "Scaling policies per Auto Scaling group", code: "autoscaling/L-72753F6F",
			limit: 50, fixed: true, refusal: "LimitExceeded", types: []string{typeScalingPolicy}, by: "autoscalingGroupName"},
		quota{name: "scheduled-actions-per-group", title: "Scheduled actions per Auto Scaling group", limit: 125, fixed: true,
			refusal: "LimitExceeded", types: []string{typeSchedule}, by: "autoscalingGroupName"},
		quota{name: "lifecycle-hooks-per-group", title: "Lifecycle hooks per Auto Scaling group", limit: 50, fixed: true,
			refusal: "LimitExceeded", types: []string{typeLifecycleHook}, by: "autoscalingGroupName"},
	),
	of(`IAM user guide, "IAM and AWS STS quotas"`, `IAM API, LimitExceeded of its Create and Put actions`,
		quota{name: "roles", title: "Roles per account", code: "iam/L-FE177D64", limit: 1000, refusal: "LimitExceeded",
			types: []string{typeRole}},
		quota{name: "policies", title: "Customer managed policies per account", code: "iam/L-E95E4862", limit: 1500,
			refusal: "LimitExceeded", types: []string{typePolicy}},
		quota{name: "instance-profiles", title: "Instance profiles per account", code: "iam/L-6E65F664", limit: 1000,
			refusal: "LimitExceeded", types: []string{typeInstanceProfile}},
		quota{name: "identity-providers", title: "OpenId connect providers per account", code: "iam/L-858F3967", limit: 100,
			refusal: "LimitExceeded", types: []string{typeIdentityProvider}},
		quota{name: "policies-per-role", title: "Managed policies per role", code: "iam/L-0DA4ABF3", limit: 10, refusal: "LimitExceeded",
			types: []string{typeRoleAttachment}, by: "role"},
		quota{name: "trust-policy-characters", title: "Role trust policy length", code: "iam/L-C07B4B0D", limit: 2048,
			refusal: "LimitExceeded", types: []string{typeRole}, eachObject: true, size: policyLength("assumeRolePolicy")},
		quota{name: "managed-policy-characters", title: "Managed policy length", limit: 6144, fixed: true, refusal: "LimitExceeded",
			types: []string{typePolicy}, eachObject: true, size: policyLength("policy")},
		quota{name: "inline-policy-characters-per-role", title: "Role inline policies' aggregate length", limit: 10240, fixed: true,
			refusal: "LimitExceeded", types: []string{typeRolePolicy}, size: policyLength("policy"), by: "role"},
	),
	of(`KMS developer guide, "Resource quotas"`, `KMS API, LimitExceededException of its Create actions`,
		quota{name: "kms-keys", title: "Customer Master Keys (CMKs)", code: "kms/L-C2F1777E", limit: 100_000,
			refusal: "LimitExceededException", types: []string{typeKey}},
		quota{name: "aliases-per-key", title: "Aliases per CMK", code: "kms/L-2601EE20", limit: 50, refusal: "LimitExceededException",
			types: []string{typeAlias}, by: "targetKeyId"},
		quota{name: "key-policy-bytes", title: "Key policy document size", limit: 32768, fixed: true, refusal: "LimitExceededException",
			types: []string{typeKey}, eachObject: true, size: length("policy"),
			source: `KMS developer guide, "Key policies in AWS KMS"`},
	),
	of(`Secrets Manager user guide, "AWS Secrets Manager quotas"`, `Secrets Manager API, CreateSecret`,
		quota{name: "secrets", title: "Secrets per Region", code: "secretsmanager/L-2F66C23C", limit: 500_000,
			refusal: "LimitExceededException", types: []string{typeSecret}},
		quota{name: "secret-bytes", title: "Secret value size", limit: 65536, fixed: true, refusal: "ValidationException",
			types: []string{typeSecretVersion}, eachObject: true, size: length("secretString"),
			answer: `not documented: the common code for a value that is too long`},
	),
	of(`AWS general reference, "AWS Systems Manager endpoints and quotas"`, `Systems Manager API, PutParameter`,
		quota{name: "parameters", title: "Total number of parameters allowed", limit: 10_000, refusal: "ParameterLimitExceeded",
			types: []string{typeParameter}},
		quota{name: "parameter-bytes", title: "Standard parameter value size", limit: 4096, fixed: true, refusal: "ValidationException",
			types: []string{typeParameter}, eachObject: true,
			only: func(_ *Call, o *Object) bool {
				return o.Text("tier") != "Advanced" && o.Text("tier") != "Intelligent-Tiering"
			}, size: length("value", "insecureValue"),
			answer: `not documented: the common code, with which PutParameter refuses a longer value`},
		quota{name: "advanced-parameter-bytes", title: "Advanced parameter value size", limit: 8192, fixed: true,
			refusal: "ValidationException", types: []string{typeParameter}, eachObject: true, size: length("value", "insecureValue"),
			answer: `not documented: the common code, with which PutParameter refuses a longer value`},
	),
	of(`AWS general reference, "Amazon S3 endpoints and quotas"`, `S3 API, "Error responses"`,
		quota{name: "buckets", title: "General purpose buckets", code: "s3/L-DC2B2D3D", limit: 10_000, refusal: "TooManyBuckets",
			types: []string{typeBucket}},
		quota{name: "bucket-policy-bytes", title: "Bucket policy size", limit: 20480, fixed: true, refusal: "PolicyTooLarge",
			types: []string{typeBucketPolicy}, eachObject: true, size: length("policy"),
			source: `S3 user guide, "Adding a bucket policy by using the Amazon S3 console"`,
			answer: `not documented: S3's list of error codes has none for it; PutBucketPolicy answers so`},
		quota{name: "lifecycle-rules-per-bucket", title: "Lifecycle rules per bucket", limit: 1000, fixed: true,
			refusal: "InvalidRequest", types: []string{typeLifecycle}, eachObject: true,
			size:   func(_ *Call, o *Object) int { return len(o.Objects("rules")) },
			source: `S3 API, PutBucketLifecycleConfiguration`,
			answer: `not documented: S3's list of error codes has none for it; the one for any request that is wrong`},
	),
	of(`RDS user guide, "Quotas in Amazon RDS"`, `RDS API, the errors of its Create actions`,
		quota{name: "db-instances", title: "DB instances", code: "rds/L-7B6409FD", limit: 40, refusal: "InstanceQuotaExceeded",
			types:  []string{typeInstance, typeClusterInstance},
			source: `RDS user guide, "Quotas in Amazon RDS"; 20 in ap-south-1, which the twin does not tell apart`},
		quota{name: "db-clusters", title: "DB clusters", code: "rds/L-952B80B8", limit: 40, refusal: "DBClusterQuotaExceededFault",
			types: []string{typeCluster}},
		quota{name: "db-storage", title: "Total storage for all DB instances", code: "rds/L-7ADDB58A", limit: 100_000,
			refusal: "StorageQuotaExceeded", types: []string{typeInstance}, size: number("allocatedStorage")},
		quota{name: "db-subnet-groups", title: "DB subnet groups", code: "rds/L-48C6BF61", limit: 50,
			refusal: "DBSubnetGroupQuotaExceeded", types: []string{typeSubnetGroup},
			source: `RDS user guide, "Quotas in Amazon RDS"; 20 in ap-south-1, which the twin does not tell apart`},
		quota{name: "subnets-per-db-subnet-group", title: "Subnets per DB subnet group", limit: 20, refusal: "DBSubnetQuotaExceededFault",
			types: []string{typeSubnetGroup}, eachObject: true, size: sizeAt("subnetIds")},
		quota{name: "db-parameter-groups", title: "Parameter groups", code: "rds/L-DE55804A", limit: 50,
			refusal: "DBParameterGroupQuotaExceeded", types: []string{typeParameterGroup},
			source: `RDS user guide, "Quotas in Amazon RDS"; 20 in ap-south-1, which the twin does not tell apart`},
		quota{name: "db-cluster-parameter-groups", title: "DB cluster parameter groups", code: "rds/L-E4C808A8", limit: 50,
			refusal: "DBParameterGroupQuotaExceeded", types: []string{typeClusterParameterGroup}},
		quota{name: "db-option-groups", title: "Option groups", code: "rds/L-9FA33840", limit: 20,
			refusal: "OptionGroupQuotaExceededFault", types: []string{typeOptionGroup}},
		quota{name: "db-event-subscriptions", title: "Event subscriptions", code: "rds/L-A59F4C87", limit: 20,
			refusal: "EventSubscriptionQuotaExceeded", types: []string{typeEventSubscription}},
		quota{name: "db-proxies", title: "Proxies", code: "rds/L-D94C7EA3", limit: 20, refusal: "DBProxyQuotaExceededFault",
			types: []string{typeProxy}},
	),
	of(`ACM user guide, "Quotas"`, `ACM API, RequestCertificate`,
		quota{name: "certificates", title: "ACM certificates", code: "acm/L-F141DD1D", limit: 2500, refusal: "LimitExceededException",
			types: []string{typeCertificate}},
		quota{name: "names-per-certificate", title: "Domain names per ACM certificate", code: "acm/L-FB94F0B0", limit: 10, most: 100,
			refusal: "LimitExceededException", types: []string{typeCertificate}, eachObject: true,
			size: func(_ *Call, o *Object) int { return len(certificateHosts(o)) }},
	),
	of(`Route 53 developer guide, "Quotas"`, `Route 53 API, the errors of its Create actions`,
		quota{name: "hosted-zones", title: "Hosted zones", code: "route53/L-4EA4796A", limit: 500, refusal: "TooManyHostedZones",
			types: []string{typeZone}},
		quota{name: "records-per-hosted-zone", title: "Records per hosted zone", code: "route53/L-E209CC9F", limit: 10_000,
			refusal: "InvalidChangeBatch", types: []string{typeRecord}, by: "zoneId",
			answer: `not documented for this: the code for any change that cannot be made (Route 53 API, ChangeResourceRecordSets)`},
		quota{name: "health-checks", title: "Health checks", code: "route53/L-ACB674F3", limit: 200, refusal: "TooManyHealthChecks",
			types: []string{typeHealthCheck}},
		quota{name: "key-signing-keys-per-zone", title: "Key signing keys per hosted zone", limit: 2, fixed: true,
			refusal: "TooManyKeySigningKeys", types: []string{typeSigningKey}, by: "hostedZoneId",
			source: `Route 53 API, CreateKeySigningKey`},
	),
	of(`CloudWatch user guide, "CloudWatch service quotas"`, `CloudWatch API, PutMetricAlarm`,
		quota{name: "alarms", title: "Alarms per Region", limit: 5000, refusal: "LimitExceeded",
			types: []string{typeAlarm, typeCompositeAlarm}},
	),
	of(`CloudWatch Logs user guide, "CloudWatch Logs quotas"`, `CloudWatch Logs API, CreateLogGroup`,
		quota{name: "log-groups", title: "Log groups", code: "logs/L-C7B9AAAB", limit: 1_000_000, refusal: "LimitExceededException",
			types: []string{typeLogGroup}},
		quota{name: "log-resource-policies", title: "Resource policies", limit: 10, fixed: true, refusal: "LimitExceededException",
			types: []string{typeLogPolicy}},
	),
	of(`AWS general reference, "Amazon SNS endpoints and quotas"`, `SNS API, CreateTopic`,
		quota{name: "topics", title: "Topics per Account", code: "sns/L-61103206", limit: 100_000, refusal: "TopicLimitExceeded",
			types: []string{typeTopic}},
	),
	of(`WAF developer guide, "AWS WAF quotas"`, `WAF API, CreateWebACL and CreateIPSet`,
		quota{name: "web-acls", title: "Web ACLs per Region", limit: 100, refusal: "WAFLimitsExceededException",
			types: []string{typeWebACL}},
		quota{name: "ip-sets", title: "IP sets per Region", limit: 100, refusal: "WAFLimitsExceededException",
			types: []string{typeIPSet}},
		quota{name: "web-acl-capacity", title: "Web ACL capacity units", limit: 5000, fixed: true,
			refusal: "WAFInvalidParameterException", types: []string{typeWebACL}, eachObject: true,
			size:   func(_ *Call, o *Object) int { return wafCapacity(o) },
			answer: `not documented: CreateWebACL answers so: "You exceeded the capacity limit for a rule group or web ACL."`},
		quota{name: "addresses-per-ip-set", title: "Addresses per IP set", limit: 10_000, fixed: true,
			refusal: "WAFLimitsExceededException", types: []string{typeIPSet}, eachObject: true, size: sizeAt("addresses")},
	),
	of(`AWS general reference, "AWS Backup endpoints and quotas"`, `AWS Backup API, CreateBackupVault and CreateBackupPlan`,
		quota{name: "backup-vaults", title: "Backup vaults per Region per account", code: "backup/L-7705D2CB", limit: 300,
			refusal: "LimitExceededException", types: []string{typeVault}},
		quota{name: "backup-plans", title: "Backup plans per Region per account", code: "backup/L-BD69F607", limit: 300,
			refusal: "LimitExceededException", types: []string{typeBackupPlan}},
	),
	of(`Cloudflare, "DNS records", "Record limits": zones made since September 2024`,
		`not documented: the API answers 81045, "Record quota exceeded."`,
		quota{name: "cloudflare-records-per-zone", title: "DNS records in a zone of Cloudflare's Free plan", limit: 200, refusal: "81045",
			types: []string{typeCloudflareRecord}, by: "zoneId"},
	),
)

// of gives quotas the documents of their service.
func of(source, answer string, rows ...quota) []quota {
	for i := range rows {
		if rows[i].source == "" {
			rows[i].source = source
		}
		if rows[i].answer == "" {
			rows[i].answer = answer
		}
	}
	return rows
}

func zoneOfSubnet(c *Call, o *Object) string {
	if subnet := c.find(typeSubnet, o.Text("subnetId")); subnet != nil {
		return subnet.Text("availabilityZone")
	}
	return ""
}

// tableAndFamily: IPv4 and IPv6 routes are counted separately.
func tableAndFamily(_ *Call, o *Object) string {
	if o.Text("destinationIpv6CidrBlock") != "" {
		return o.Text("routeTableId") + " for IPv6"
	}
	return o.Text("routeTableId")
}

func aclAndDirection(_ *Call, o *Object) string {
	if o.Flag("egress") {
		return o.Text("networkAclId") + " outbound"
	}
	return o.Text("networkAclId") + " inbound"
}

// groupAndDirection: inbound and outbound rules are counted separately, and so are those for IPv4 and IPv6.
func groupAndDirection(_ *Call, o *Object) string {
	place := o.Text("securityGroupId") + " inbound"
	if o.Type == typeEgressRule {
		place = o.Text("securityGroupId") + " outbound"
	}
	if o.Text("cidrIpv6") != "" {
		place += " for IPv6"
	}
	return place
}

// ruleWeight: a rule that names a prefix list counts as many times as the list can have entries. AWS's own list of
// CloudFront's addresses counts as 55, and those of gateway endpoints as one each (VPC user guide, "AWS-managed
// prefix lists").
func ruleWeight(c *Call, o *Object) int {
	id := o.Text("prefixListId")
	if id == "" {
		return 1
	}
	if list := c.find(typePrefixList, id); list != nil {
		return max(1, int(list.Number("maxEntries")))
	}
	if strings.HasSuffix(c.awsPrefixList(o.Region, id), "cloudfront.origin-facing") {
		return 55
	}
	return 1
}

func isInterface(yes bool) func(*Call, *Object) bool {
	return func(_ *Call, o *Object) bool { return (o.Text("vpcEndpointType") == "Interface") == yes }
}

func userDataSize(_ *Call, o *Object) int {
	raw, err := base64.StdEncoding.DecodeString(o.Text("userData"))
	if err != nil {
		return 0
	}
	return len(raw)
}

func balancerOfRule(c *Call, o *Object) string {
	if listener := c.find(typeListener, o.Text("listenerArn")); listener != nil {
		return listener.Text("loadBalancerArn")
	}
	return ""
}

func hasTargets(_ *Call, o *Object) bool { return len(o.Texts("targetGroupArns")) > 0 }

func maxSize(_ *Call, o *Object) int { return int(o.Number("maxSize")) }

func number(property string) func(*Call, *Object) int {
	return func(_ *Call, o *Object) int { return int(o.Number(property)) }
}

// length counts the bytes of the longest of the properties.
func length(properties ...string) func(*Call, *Object) int {
	return func(_ *Call, o *Object) int {
		n := 0
		for _, p := range properties {
			n = max(n, len(o.Text(p)))
		}
		return n
	}
}

// policyLength counts a policy's characters without white space, as IAM does (IAM user guide, "IAM and AWS STS quotas").
func policyLength(property string) func(*Call, *Object) int {
	return func(_ *Call, o *Object) int { return len(strings.Join(strings.Fields(o.Text(property)), "")) }
}
