package cost

import (
	"slices"
	"strings"
)

// usage lists, for each type that is billed only by use, what is billed.
var usage = map[string][]string{
	"aws:s3/bucketV2:BucketV2":                       {"s3 storage and requests"},
	"aws:s3/bucket:Bucket":                           {"s3 storage and requests"},
	"aws:cloudwatch/logGroup:LogGroup":               {"log ingestion", "log storage"},
	"aws:sns/topic:Topic":                            {"notifications"},
	"aws:backup/vault:Vault":                         {"backup storage"},
	"aws:cloudflare/zone:Zone":                       {"the plan of the Cloudflare zone"},
	"cloudflare:index/zone:Zone":                     {"the plan of the Cloudflare zone"},
	"aws:lambda/function:Function":                   {"lambda requests and duration"},
	"aws:sqs/queue:Queue":                            {"queue requests"},
	"aws:ecr/repository:Repository":                  {"image storage"},
	"aws:cloudfront/distribution:Distribution":       {"cloudfront traffic and requests"},
	"aws:apigateway/restApi:RestApi":                 {"api requests"},
	"aws:apigatewayv2/api:Api":                       {"api requests"},
	"aws:cloudwatch/eventBus:EventBus":               {"events"},
	"aws:cognito/userPool:UserPool":                  {"monthly active users"},
	"aws:sfn/stateMachine:StateMachine":              {"state transitions"},
	"aws:cloudwatch/queryDefinition:QueryDefinition": {"log queries"},
}

// freeTypes cost nothing in themselves: what they configure is priced at its own type, or is free.
var freeTypes = set(`
	aws:acm/certificate:Certificate aws:acm/certificateValidation:CertificateValidation
	aws:autoscaling/policy:Policy aws:autoscaling/attachment:Attachment aws:autoscaling/lifecycleHook:LifecycleHook
	aws:autoscaling/notification:Notification aws:autoscaling/schedule:Schedule aws:autoscaling/tag:Tag
	aws:backup/plan:Plan aws:backup/selection:Selection aws:backup/vaultPolicy:VaultPolicy
	aws:backup/vaultLockConfiguration:VaultLockConfiguration
	aws:cloudwatch/eventRule:EventRule aws:cloudwatch/eventTarget:EventTarget aws:cloudwatch/logResourcePolicy:LogResourcePolicy
	aws:cloudwatch/logMetricFilter:LogMetricFilter aws:cloudwatch/logStream:LogStream
	aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter
	aws:ec2/defaultNetworkAcl:DefaultNetworkAcl aws:ec2/defaultRouteTable:DefaultRouteTable
	aws:ec2/defaultSecurityGroup:DefaultSecurityGroup
	aws:ec2/defaultSubnet:DefaultSubnet aws:ec2/defaultVpc:DefaultVpc aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway
	aws:ec2/eipAssociation:EipAssociation aws:ec2/flowLog:FlowLog aws:ec2/internetGateway:InternetGateway
	aws:ec2/internetGatewayAttachment:InternetGatewayAttachment aws:ec2/keyPair:KeyPair aws:ec2/launchTemplate:LaunchTemplate
	aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation aws:ec2/managedPrefixList:ManagedPrefixList
	aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry aws:ec2/networkAcl:NetworkAcl aws:ec2/networkAclAssociation:NetworkAclAssociation
	aws:ec2/networkAclRule:NetworkAclRule aws:ec2/networkInterface:NetworkInterface
	aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment
	aws:ec2/placementGroup:PlacementGroup aws:ec2/route:Route aws:ec2/routeTable:RouteTable
	aws:ec2/routeTableAssociation:RouteTableAssociation
	aws:ec2/securityGroup:SecurityGroup aws:ec2/securityGroupRule:SecurityGroupRule aws:ec2/subnet:Subnet
	aws:ec2/volumeAttachment:VolumeAttachment
	aws:ec2/vpc:Vpc aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions aws:ec2/vpcDhcpOptions:VpcDhcpOptions
	aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy
	aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation
	aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation
	aws:ec2/vpcPeeringConnection:VpcPeeringConnection aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter
	aws:ecr/lifecyclePolicy:LifecyclePolicy aws:ecr/repositoryPolicy:RepositoryPolicy aws:ecs/cluster:Cluster
	aws:ecs/taskDefinition:TaskDefinition
	aws:kms/alias:Alias aws:kms/grant:Grant aws:kms/keyPolicy:KeyPolicy
	aws:lambda/permission:Permission aws:lambda/alias:Alias aws:lambda/eventSourceMapping:EventSourceMapping
	aws:lb/listener:Listener aws:lb/listenerCertificate:ListenerCertificate aws:lb/listenerRule:ListenerRule aws:lb/targetGroup:TargetGroup
	aws:lb/targetGroupAttachment:TargetGroupAttachment aws:lb/trustStore:TrustStore
	aws:rds/clusterParameterGroup:ClusterParameterGroup aws:rds/eventSubscription:EventSubscription aws:rds/parameterGroup:ParameterGroup
	aws:rds/subnetGroup:SubnetGroup aws:rds/optionGroup:OptionGroup
	aws:route53/keySigningKey:KeySigningKey aws:route53/hostedZoneDnsSec:HostedZoneDnsSec aws:route53/queryLog:QueryLog
	aws:route53/record:Record
	aws:route53/zoneAssociation:ZoneAssociation aws:secretsmanager/secretPolicy:SecretPolicy
	aws:secretsmanager/secretRotation:SecretRotation
	aws:secretsmanager/secretVersion:SecretVersion aws:sns/topicPolicy:TopicPolicy aws:sns/topicSubscription:TopicSubscription
	aws:sqs/queuePolicy:QueuePolicy aws:ssm/document:Document aws:ssm/association:Association
	aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule
	aws:wafv2/ipSet:IpSet aws:wafv2/regexPatternSet:RegexPatternSet aws:wafv2/ruleGroup:RuleGroup
	aws:wafv2/webAclAssociation:WebAclAssociation
	aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration
	aws:appautoscaling/policy:Policy aws:appautoscaling/target:Target aws:apigateway/deployment:Deployment
	cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls cloudflare:index/record:Record
	cloudflare:index/zoneDnssec:ZoneDnssec cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride
`)

// freePackages cost nothing, whatever the type: identities and policies, packages that create no infrastructure, and
// all of S3 except the bucket itself.
var freePackages = []string{"aws:iam/", "aws:s3/bucket", "aws:s3/accountPublicAccessBlock", "random:", "tls:", "time:"}

func free(t string) bool {
	if freeTypes[t] {
		return true
	}
	return slices.ContainsFunc(freePackages, func(prefix string) bool { return strings.HasPrefix(t, prefix) })
}

func set(text string) map[string]bool {
	all := map[string]bool{}
	for _, t := range strings.Fields(text) {
		all[t] = true
	}
	return all
}
