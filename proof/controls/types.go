package controls

import "github.com/causeway-iac/causeway/graph"

// The types that more than one control is about.
const (
	vpcType            = "aws:ec2/vpc:Vpc"
	subnetType         = "aws:ec2/subnet:Subnet"
	routeTableType     = "aws:ec2/routeTable:RouteTable"
	defaultTableType   = "aws:ec2/defaultRouteTable:DefaultRouteTable"
	routeType          = "aws:ec2/route:Route"
	tableForSubnetType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	natType            = "aws:ec2/natGateway:NatGateway"
	eipType            = "aws:ec2/eip:Eip"
	internetType       = "aws:ec2/internetGateway:InternetGateway"
	endpointType       = "aws:ec2/vpcEndpoint:VpcEndpoint"
	endpointPolicyType = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
	aclType            = "aws:ec2/networkAcl:NetworkAcl"
	defaultACLType     = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
	aclRuleType        = "aws:ec2/networkAclRule:NetworkAclRule"
	groupType          = "aws:ec2/securityGroup:SecurityGroup"
	defaultGroupType   = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	ruleType           = "aws:ec2/securityGroupRule:SecurityGroupRule"
	ingressType        = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType         = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	prefixListType     = "aws:ec2/managedPrefixList:ManagedPrefixList"
	interfaceType      = "aws:ec2/networkInterface:NetworkInterface"
	templateType       = "aws:ec2/launchTemplate:LaunchTemplate"
	instanceType       = "aws:ec2/instance:Instance"
	volumeType         = "aws:ebs/volume:Volume"
	scalingType        = "aws:autoscaling/group:Group"

	balancerType    = "aws:lb/loadBalancer:LoadBalancer"
	listenerType    = "aws:lb/listener:Listener"
	targetGroupType = "aws:lb/targetGroup:TargetGroup"

	roleType       = "aws:iam/role:Role"
	policyType     = "aws:iam/policy:Policy"
	rolePolicyType = "aws:iam/rolePolicy:RolePolicy"
	attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	profileType    = "aws:iam/instanceProfile:InstanceProfile"

	databaseType        = "aws:rds/instance:Instance"
	clusterType         = "aws:rds/cluster:Cluster"
	memberType          = "aws:rds/clusterInstance:ClusterInstance"
	subnetGroupType     = "aws:rds/subnetGroup:SubnetGroup"
	parametersType      = "aws:rds/parameterGroup:ParameterGroup"
	clusterParamsType   = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	eventsType          = "aws:rds/eventSubscription:EventSubscription"
	backupSelectionType = "aws:backup/selection:Selection"

	keyType         = "aws:kms/key:Key"
	replicaKeyType  = "aws:kms/replicaKey:ReplicaKey"
	aliasType       = "aws:kms/alias:Alias"
	keyPolicyType   = "aws:kms/keyPolicy:KeyPolicy"
	secretType      = "aws:secretsmanager/secret:Secret"
	secretValueType = "aws:secretsmanager/secretVersion:SecretVersion"
	rotationType    = "aws:secretsmanager/secretRotation:SecretRotation"
	secretRuleType  = "aws:secretsmanager/secretPolicy:SecretPolicy"

	logGroupType = "aws:cloudwatch/logGroup:LogGroup"
	flowLogType  = "aws:ec2/flowLog:FlowLog"
	alarmType    = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compoundType = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	topicType    = "aws:sns/topic:Topic"
	topicRules   = "aws:sns/topicPolicy:TopicPolicy"

	certificateType = "aws:acm/certificate:Certificate"
	validationType  = "aws:acm/certificateValidation:CertificateValidation"
	zoneType        = "aws:route53/zone:Zone"
	recordType      = "aws:route53/record:Record"

	webACLType    = "aws:wafv2/webAcl:WebAcl"
	webACLForType = "aws:wafv2/webAclAssociation:WebAclAssociation"
	webACLLogType = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"

	parameterType = "aws:ssm/parameter:Parameter"
	documentType  = "aws:ssm/document:Document"

	cfZoneType     = "cloudflare:index/zone:Zone"
	cfSettingsType = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
	cfDNSSECType   = "cloudflare:index/zoneDnssec:ZoneDnssec"
	cfRulesetType  = "cloudflare:index/ruleset:Ruleset"
	cfBotsType     = "cloudflare:index/botManagement:BotManagement"
	cfPullsType    = "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls"

	cfPullsSettingsType = "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings"
)

// bucketTypes are both of the types that an S3 bucket has.
var bucketTypes = []string{"aws:s3/bucketV2:BucketV2", "aws:s3/bucket:Bucket"}

// part is both of the types that one of a bucket's parts has, such as Versioning.
func part(name string) []string { return graph.PartOfBucket(name) }
