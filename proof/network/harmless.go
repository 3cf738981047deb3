package network

import (
	"regexp"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// The world of types is closed: a resource's type is modelled, or understood to be harmless for the reason given here, or
// it is a Problem. Harmless means that it carries no packets to or from the stack's network and starts nothing in it. Who
// may do what with it is for proof/iam.

// harmless are packages of providers, and single types.
var harmless = reasons(map[string]string{
	"it names, proves, encrypts or signs, and carries nothing": `aws:acm aws:acmpca aws:kms aws:rolesanywhere aws:secretsmanager
		aws:servicediscovery aws:signer aws:route53 aws:route53domains tls`,
	"it watches, and tells what it saw": `aws:accessanalyzer aws:amp aws:auditmanager aws:budgets aws:cfg aws:chatbot aws:cloudtrail
		aws:cloudwatch aws:costexplorer aws:cur aws:detective aws:devopsguru aws:guardduty aws:inspector aws:inspector2
		aws:internetmonitor aws:logs aws:macie aws:macie2 aws:oam aws:resourceexplorer aws:rum aws:securityhub aws:securitylake aws:xray
		aws:ec2/flowLog:FlowLog aws:ec2/networkInsightsAnalysis:NetworkInsightsAnalysis aws:ec2/networkInsightsPath:NetworkInsightsPath
		aws:ec2/vpcEndpointConnectionNotification:VpcEndpointConnectionNotification datadog newrelic opsgenie pagerduty`,
	"it keeps data behind an API of AWS's own": `aws:athena aws:backup aws:codeartifact aws:codecommit aws:dlm aws:dynamodb aws:ebs
		aws:ecr aws:ecrpublic aws:glacier aws:keyspaces aws:kinesis/stream:Stream aws:s3 aws:s3control aws:s3tables aws:sns aws:sqs
		aws:timestreamwrite aws:ec2/ami:Ami aws:ec2/amiCopy:AmiCopy aws:ec2/amiFromInstance:AmiFromInstance
		aws:ec2/amiLaunchPermission:AmiLaunchPermission aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission
		aws:ec2/volumeAttachment:VolumeAttachment`,
	"it sends mail or signs people in, by an API of AWS's own": `aws:cognito aws:identitystore aws:pinpoint aws:ses aws:sesv2 aws:ssoadmin`,
	"it says who may do what, which is judged elsewhere": `aws:account aws:iam aws:organizations aws:ram
		aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess aws:ec2/keyPair:KeyPair
		aws:ec2/serialConsoleAccess:SerialConsoleAccess`,
	"it counts, groups or labels": `aws:resourcegroups aws:resourcegroupstaggingapi aws:servicequotas aws:licensemanager aws:ec2/tag:Tag
		aws:ec2/eipDomainName:EipDomainName`,
	"it filters requests, and lets nothing in that is out": `aws:shield aws:waf aws:wafregional aws:wafv2 aws:lb/trustStore:TrustStore
		aws:lb/trustStoreRevocation:TrustStoreRevocation aws:lb/listenerCertificate:ListenerCertificate`,
	"it leads browsers to public names, which are judged there": `aws:cloudfront`,
	"it sets parameters, and its commands are types of their own": `aws:appautoscaling aws:appconfig aws:autoscaling ` +
		`aws:autoscalingplans aws:rds aws:ssm`,
	"it runs by a role, outside of any network": `aws:scheduler aws:sfn`,
	"it says where and how servers are started, not who reaches them": `aws:ec2/capacityReservation:CapacityReservation
		aws:ec2/dedicatedHost:DedicatedHost aws:ec2/defaultCreditSpecification:DefaultCreditSpecification
		aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults aws:ec2/placementGroup:PlacementGroup`,
	"it sets addresses aside, and those that are used stand in subnets": `aws:ec2/subnetCidrReservation:SubnetCidrReservation
		aws:ec2/vpcIpam:VpcIpam aws:ec2/vpcIpamPool:VpcIpamPool aws:ec2/vpcIpamPoolCidr:VpcIpamPoolCidr aws:ec2/vpcIpamScope:VpcIpamScope`,
	"it makes names of peers known, and opens no way to them": `aws:ec2/peeringConnectionOptions:PeeringConnectionOptions`,
	"it only computes, or is the engine's own":                `archive pulumi random std time`,
	"it makes images and pipelines, elsewhere": `docker-build github docker:index/image:Image docker:index/registryImage:RegistryImage
		docker:index/remoteImage:RemoteImage docker:index/tag:Tag docker:index/buildxBuilder:BuildxBuilder`,
	"it is a name, a certificate or a setting at Cloudflare": cloudflare(`accessRule argoSmartRouting argoTieredCaching
		authenticatedOriginPulls authenticatedOriginPullsCertificate authenticatedOriginPullsSettings botManagement certificatePack
		customPages dnsRecord filter firewallRule healthcheck hostnameTlsSetting list listItem managedHeaders managedTransforms
		notificationPolicy notificationPolicyWebhooks originCaCertificate pageShieldPolicy rateLimit record regionalTieredCache ruleset
		tieredCache totalTls turnstileWidget universalSslSetting urlNormalizationSettings userAgentBlockingRule waitingRoom zone
		zoneCacheReserve zoneDnssec zoneHold zoneLockdown zoneSetting zoneSettingsOverride`),
})

// attachable are harmless as long as they name no piece of the network.
var attachable = reasons(map[string]string{
	"it is in a network only where it is told in which": `aws:apigateway aws:apigatewayv2 aws:apprunner aws:appsync aws:batch aws:cloud9
		aws:codebuild aws:codedeploy aws:codepipeline aws:datasync aws:dax aws:directoryservice aws:dms aws:docdb aws:ecs aws:efs aws:eks
		aws:elasticache aws:elasticsearch aws:emr aws:emrserverless aws:fsx aws:glue aws:grafana aws:imagebuilder aws:kinesis
		aws:kinesisanalyticsv2 aws:lambda aws:memorydb aws:mq aws:msk aws:mskconnect aws:neptune aws:opensearch aws:pipes aws:quicksight
		aws:redshift aws:redshiftserverless aws:sagemaker aws:synthetics aws:transfer aws:workspaces`,
	"it starts tasks in a network only where it is told in which": `aws:cloudwatch/eventTarget:EventTarget aws:scheduler/schedule:Schedule`,
	"it shares with others only what it names":                    `aws:ram/resourceAssociation:ResourceAssociation`,
})

// loud are types of harmless packages that are not harmless.
var loud = reasons(map[string]string{
	"leads into the network": `aws:cloudfront/vpcOrigin:VpcOrigin aws:route53/resolverEndpoint:ResolverEndpoint`,
	"leads names to servers that somebody else may hold": `aws:route53/resolverRule:ResolverRule
		aws:route53/resolverRuleAssociation:ResolverRuleAssociation aws:route53/resolverFirewallRule:ResolverFirewallRule
		aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation
		aws:route53/profilesAssociation:ProfilesAssociation aws:route53/profilesResourceAssociation:ProfilesResourceAssociation`,
	"opens connections to the database":   `aws:rds/proxy:Proxy aws:rds/proxyEndpoint:ProxyEndpoint aws:rds/shardGroup:ShardGroup`,
	"puts targets behind a load balancer": `aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment`,
	"runs commands on servers, or documents of Systems Manager": `aws:ssm/association:Association
		aws:ssm/maintenanceWindowTask:MaintenanceWindowTask aws:budgets/budgetAction:BudgetAction
		aws:cfg/remediationConfiguration:RemediationConfiguration aws:cfg/organizationConformancePack:OrganizationConformancePack
		aws:cfg/conformancePack:ConformancePack`,
})

// filtering are the phases of Cloudflare's rulesets that let requests pass or refuse them, and lead none elsewhere.
var filtering = regexp.MustCompile(`^(ddos_|http_request_(firewall_|sbfm$|late_transform$|transform$|cache_settings$)|http_ratelimit$|` +
	`http_response_|http_log_|magic_)`)

// commands is a Systems Manager document, with which whoever runs it can do anything.
var commands = regexp.MustCompile(`^arn:[\w-]+:ssm:[^:]*:[^:]*:(automation-definition|document)/`)

// settles says why a resource of a harmless type does harm after all, "" if it does none.
func settles(r *graph.Resource) string {
	for property, value := range r.Inputs {
		switch text, _ := value.(string); {
		case property == "phase" && r.Type == "cloudflare:index/ruleset:Ruleset" && !filtering.MatchString(text):
			return "may lead requests elsewhere"
		case commands.MatchString(text):
			return "runs a document of Systems Manager"
		}
	}
	return ""
}

// reasons turns lists by reason into reasons by entry.
func reasons(of map[string]string) map[string]string {
	by := map[string]string{}
	for reason, words := range of {
		for _, word := range strings.Fields(words) {
			by[word] = reason
		}
	}
	return by
}

// cloudflare writes the names of Cloudflare's types out.
func cloudflare(names string) string {
	var all []string
	for _, name := range strings.Fields(names) {
		all = append(all, "cloudflare:index/"+name+":"+strings.ToUpper(name[:1])+name[1:])
	}
	return strings.Join(all, " ")
}

// packageOf is the package of a type: aws:ec2 of aws:ec2/vpc:Vpc, and of another provider the
// provider itself.
func packageOf(t string) string {
	provider, rest, _ := strings.Cut(t, ":")
	if provider != "aws" {
		return provider
	}
	module, _, _ := strings.Cut(rest, "/")
	return provider + ":" + module
}
