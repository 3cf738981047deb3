package network

import (
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// fields are the properties of a modelled type: those that are read, and those that change nothing about who reaches
// whom, by the reason why. Any other that is set is a Problem. Nested properties are named where a block holds some of
// each: networkInterfaces.subnetId.
type fields struct {
	read     string
	harmless map[string]string // reasons to names
}

// Reasons that several types share.
const (
	labels    = "what it is called"
	lifecycle = "how it is made, changed and removed"
	capacity  = "how much of it there is, how fast, and what it costs"
	inner     = "what it does with what reaches it"
	storage   = "what it keeps, and how"
	rights    = "who may do what, which is judged elsewhere"
	watching  = "what is told of it, and to whom"
	zones     = "in which zone: the subnets say so"
)

// everywhereHarmless are properties that any type may have.
var everywhereHarmless = strings.Fields("name namePrefix description tags tagsAll region")

const ruleFields = "cidrBlocks ipv6CidrBlocks prefixListIds protocol fromPort toPort securityGroups self description"

const aclFields = "action cidrBlock ipv6CidrBlock fromPort toPort icmpCode icmpType protocol ruleNo"

const routeTargets = "gatewayId natGatewayId egressOnlyGatewayId vpcPeeringConnectionId destinationPrefixListId"

var modelledFields = map[string]fields{
	"aws:autoscaling/attachment:Attachment": {read: "autoscalingGroupName lbTargetGroupArn"},
	"aws:autoscaling/group:Group": {
		read: `launchConfiguration launchTemplate loadBalancers maxSize minSize mixedInstancesPolicy suspendedProcesses targetGroupArns
			trafficSources vpcZoneIdentifiers`,
		harmless: map[string]string{
			capacity: `availabilityZoneDistribution capacityRebalance capacityReservationSpecification defaultCooldown
				defaultInstanceWarmup desiredCapacity desiredCapacityType maxInstanceLifetime placementGroup protectFromScaleIn
				terminationPolicies warmPool`,
			lifecycle: `context forceDelete forceDeleteWarmPool healthCheckGracePeriod healthCheckType ignoreFailedScalingActivities
				initialLifecycleHooks instanceMaintenancePolicy instanceRefresh minElbCapacity waitForCapacityTimeout waitForElbCapacity`,
			watching: "enabledMetrics metricsGranularity", rights: "serviceLinkedRoleArn", zones: "availabilityZones",
		},
	},
	"aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": {read: "defaultNetworkAclId subnetIds " +
		within("ingress egress", aclFields)},
	"aws:ec2/defaultRouteTable:DefaultRouteTable": {read: "defaultRouteTableId propagatingVgws " +
		within("routes", routeTargets+" cidrBlock ipv6CidrBlock")},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {read: "vpcId " + within("ingress egress", ruleFields),
		harmless: map[string]string{lifecycle: "revokeRulesOnDelete"}},
	"aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": {read: "vpcId"},
	"aws:ec2/eip:Eip": {read: "instance networkInterface", harmless: map[string]string{
		"which of the public addresses it is": "address associateWithPrivateIp domain ipamPoolId networkBorderGroup publicIpv4Pool vpc"}},
	"aws:ec2/eipAssociation:EipAssociation": {read: "allocationId instanceId networkInterfaceId publicIp", harmless: map[string]string{
		"which address of the instance has it": "privateIpAddress", lifecycle: "allowReassociation"}},
	"aws:ec2/instance:Instance": {
		read: `associatePublicIpAddress ipv6AddressCount ipv6Addresses launchTemplate networkInterfaces securityGroups subnetId ` +
			`vpcSecurityGroupIds`,
		harmless: map[string]string{
			capacity: `capacityReservationSpecification cpuCoreCount cpuOptions cpuThreadsPerCore creditSpecification ebsOptimized
				enablePrimaryIpv6 hostId hostResourceGroupArn instanceMarketOptions instanceType placementGroup placementPartitionNumber
				tenancy`,
			lifecycle: "disableApiStop disableApiTermination getPasswordData hibernation instanceInitiatedShutdownBehavior " +
				"maintenanceOptions userDataReplaceOnChange",
			storage: "ebsBlockDevices ephemeralBlockDevices rootBlockDevice volumeTags",
			inner:   "ami enclaveOptions metadataOptions userData userDataBase64 privateDnsNameOptions keyName",
			rights:  "iamInstanceProfile", watching: "monitoring", zones: "availabilityZone",
			"which address of its subnet it has":                   "privateIp secondaryPrivateIps",
			"no route may lead to it, so that it forwards nothing": "sourceDestCheck",
		},
	},
	"aws:ec2/internetGateway:InternetGateway":                     {read: "vpcId"},
	"aws:ec2/internetGatewayAttachment:InternetGatewayAttachment": {read: "internetGatewayId vpcId"},
	"aws:ec2/launchTemplate:LaunchTemplate": {
		read: `securityGroupNames vpcSecurityGroupIds defaultVersion ` + within("networkInterfaces",
			`associatePublicIpAddress ipv6AddressCount ipv6Addresses ipv6PrefixCount ipv6Prefixes networkInterfaceId securityGroups
			subnetId`),
		harmless: map[string]string{
			capacity: `capacityReservationSpecification cpuOptions creditSpecification ebsOptimized elasticGpuSpecifications
				elasticInferenceAccelerator instanceMarketOptions instanceRequirements instanceType licenseSpecifications placement`,
			lifecycle: "disableApiStop disableApiTermination hibernationOptions instanceInitiatedShutdownBehavior maintenanceOptions " +
				"updateDefaultVersion",
			storage: "blockDeviceMappings", watching: "monitoring", rights: "iamInstanceProfile",
			labels: "tagSpecifications privateDnsNameOptions",
			inner:  "enclaveOptions imageId kernelId keyName metadataOptions ramDiskId userData",
			"which addresses of its subnet it has, and by which card": within("networkInterfaces", `deleteOnTermination description
				deviceIndex interfaceType ipv4AddressCount ipv4Addresses ipv4PrefixCount ipv4Prefixes networkCardIndex primaryIpv6
				privateIpAddress`),
		},
	},
	"aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": {read: "routeTableId vpcId"},
	"aws:ec2/managedPrefixList:ManagedPrefixList": {read: "entries",
		harmless: map[string]string{capacity: "maxEntries", labels: "addressFamily"}},
	"aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry": {read: "cidr prefixListId"},
	"aws:ec2/natGateway:NatGateway": {read: "connectivityType subnetId", harmless: map[string]string{
		"which of the public addresses it has": "allocationId secondaryAllocationIds",
		"which address of its subnet it has":   "privateIp secondaryPrivateIpAddressCount secondaryPrivateIpAddresses"}},
	"aws:ec2/networkAcl:NetworkAcl":                       {read: "vpcId subnetIds " + within("ingress egress", aclFields)},
	"aws:ec2/networkAclAssociation:NetworkAclAssociation": {read: "networkAclId subnetId"},
	"aws:ec2/networkAclRule:NetworkAclRule": {read: "cidrBlock egress fromPort icmpCode icmpType ipv6CidrBlock " +
		"networkAclId protocol ruleAction ruleNumber toPort"},
	"aws:ec2/route:Route": {read: "routeTableId destinationCidrBlock destinationIpv6CidrBlock " +
		routeTargets},
	"aws:ec2/routeTable:RouteTable": {read: "vpcId propagatingVgws " +
		within("routes", routeTargets+" cidrBlock ipv6CidrBlock")},
	"aws:ec2/routeTableAssociation:RouteTableAssociation": {read: "gatewayId routeTableId subnetId"},
	"aws:ec2/securityGroup:SecurityGroup": {read: "vpcId " + within("ingress egress", ruleFields),
		harmless: map[string]string{lifecycle: "revokeRulesOnDelete"}},
	"aws:ec2/securityGroupRule:SecurityGroupRule": {read: "cidrBlocks fromPort ipv6CidrBlocks prefixListIds protocol " +
		"securityGroupId self sourceSecurityGroupId toPort type"},
	"aws:ec2/subnet:Subnet": {read: "assignIpv6AddressOnCreation availabilityZone availabilityZoneId cidrBlock ipv6CidrBlock ipv6Native " +
		"mapPublicIpOnLaunch vpcId",
		harmless: map[string]string{labels: "enableResourceNameDnsARecordOnLaunch enableResourceNameDnsAaaaRecordOnLaunch " +
			"privateDnsHostnameTypeOnLaunch"}},
	"aws:ec2/vpc:Vpc": {read: "cidrBlock", harmless: map[string]string{
		"its subnets say which of these addresses are used": `assignGeneratedIpv6CidrBlock ipv4IpamPoolId ipv4NetmaskLength ipv6CidrBlock
			ipv6CidrBlockNetworkBorderGroup ipv6IpamPoolId ipv6NetmaskLength`,
		"whether names are known inside, which a control asks for": "enableDnsHostnames enableDnsSupport",
		watching: "enableNetworkAddressUsageMetrics", capacity: "instanceTenancy"}},
	"aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions": {read: "internetGatewayBlockMode"},
	"aws:ec2/vpcDhcpOptions:VpcDhcpOptions": {read: "domainNameServers", harmless: map[string]string{
		labels: "domainName", inner: "ipv6AddressPreferredLeaseTime netbiosNameServers netbiosNodeType ntpServers"}},
	"aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation": {read: "dhcpOptionsId vpcId"},
	"aws:ec2/vpcEndpoint:VpcEndpoint": {read: `ipAddressType routeTableIds securityGroupIds serviceName subnetConfigurations subnetIds ` +
		`vpcEndpointType vpcId`,
		harmless: map[string]string{rights: "policy", lifecycle: "autoAccept", "which names lead to it": "dnsOptions privateDnsEnabled"}},
	"aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": {read: "routeTableId vpcEndpointId"},
	"aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation":           {read: "cidrBlock ipv4IpamPoolId ipv4NetmaskLength vpcId"},
	"aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation": {read: "vpcId", harmless: map[string]string{
		"its subnets say which of these addresses are used": "assignGeneratedIpv6CidrBlock ipv6CidrBlock ipv6IpamPoolId " +
			"ipv6NetmaskLength ipv6Pool"}},
	"aws:ec2/vpcPeeringConnection:VpcPeeringConnection": {read: "peerVpcId vpcId",
		harmless: map[string]string{lifecycle: "autoAccept", labels: "accepter requester", "whose the peer is": "peerOwnerId peerRegion"}},
	"aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": {read: "vpcPeeringConnectionId",
		harmless: map[string]string{lifecycle: "autoAccept", labels: "accepter requester"}},
	"aws:lb/listener:Listener": {read: "defaultActions loadBalancerArn port protocol", harmless: map[string]string{
		inner: `alpnPolicy certificateArn mutualAuthentication sslPolicy tcpIdleTimeoutSeconds`, "headers of HTTP": routingHeaders}},
	"aws:lb/listenerRule:ListenerRule": {read: "actions conditions listenerArn priority"},
	"aws:lb/loadBalancer:LoadBalancer": {
		read: "internal ipAddressType loadBalancerType securityGroups subnetMappings subnets",
		harmless: map[string]string{
			watching: "accessLogs connectionLogs", capacity: "idleTimeout clientKeepAlive minimumLoadBalancerCapacity " +
				"enableCrossZoneLoadBalancing dnsRecordClientRoutingPolicy enableZonalShift",
			lifecycle: "enableDeletionProtection", "which of the public addresses it has": "ipamPools",
			inner: `desyncMitigationMode dropInvalidHeaderFields enableHttp2 enableTlsVersionAndCipherSuiteHeaders enableWafFailOpen
				enableXffClientPort preserveHostHeader xffHeaderProcessingMode`,
		},
	},
	"aws:lb/targetGroup:TargetGroup": {
		read: "healthCheck port preserveClientIp protocol targetType vpcId ipAddressType",
		harmless: map[string]string{
			inner: `connectionTermination deregistrationDelay lambdaMultiValueHeadersEnabled loadBalancingAlgorithmType
				loadBalancingAnomalyMitigation loadBalancingCrossZoneEnabled protocolVersion proxyProtocolV2 slowStart stickiness
				targetFailovers targetGroupHealth targetHealthStates`,
		},
	},
	"aws:lb/targetGroupAttachment:TargetGroupAttachment": {read: "port targetGroupArn targetId",
		harmless: map[string]string{zones: "availabilityZone"}},
	"aws:rds/cluster:Cluster": {
		read: "dbSubnetGroupName engine networkType port vpcSecurityGroupIds",
		harmless: map[string]string{
			storage: `allocatedStorage backtrackWindow backupRetentionPeriod copyTagsToSnapshot databaseName deleteAutomatedBackups
				enabledCloudwatchLogsExports finalSnapshotIdentifier iops kmsKeyId preferredBackupWindow restoreToPointInTime s3Import
				skipFinalSnapshot snapshotIdentifier storageEncrypted storageType replicationSourceIdentifier sourceRegion
				enableGlobalWriteForwarding enableLocalWriteForwarding globalClusterIdentifier`,
			capacity: "clusterScalabilityType dbClusterInstanceClass engineMode scalingConfiguration serverlessv2ScalingConfiguration",
			lifecycle: `allowMajorVersionUpgrade applyImmediately deletionProtection engineLifecycleSupport engineVersion
				preferredMaintenanceWindow clusterMembers caCertificateIdentifier dbClusterParameterGroupName dbInstanceParameterGroupName
				dbSystemId`,
			labels: "clusterIdentifier clusterIdentifierPrefix", zones: "availabilityZones",
			rights: `domain domainIamRoleName iamDatabaseAuthenticationEnabled iamRoles manageMasterUserPassword masterPassword
				masterUserSecretKmsKeyId masterUsername`,
			watching: `databaseInsightsMode monitoringInterval monitoringRoleArn performanceInsightsEnabled performanceInsightsKmsKeyId
				performanceInsightsRetentionPeriod`,
		},
	},
	"aws:rds/clusterInstance:ClusterInstance": {
		read: "clusterIdentifier dbSubnetGroupName publiclyAccessible engine",
		harmless: map[string]string{
			lifecycle: `applyImmediately autoMinorVersionUpgrade caCertIdentifier dbParameterGroupName engineVersion forceDestroy
				preferredMaintenanceWindow`,
			labels: "identifier identifierPrefix", capacity: "instanceClass promotionTier", zones: "availabilityZone",
			storage: "copyTagsToSnapshot preferredBackupWindow", rights: "customIamInstanceProfile",
			watching: `monitoringInterval monitoringRoleArn performanceInsightsEnabled performanceInsightsKmsKeyId ` +
				`performanceInsightsRetentionPeriod`,
		},
	},
	"aws:rds/instance:Instance": {
		read: "dbSubnetGroupName engine networkType port publiclyAccessible vpcSecurityGroupIds",
		harmless: map[string]string{
			storage: `allocatedStorage backupRetentionPeriod backupTarget backupWindow characterSetName copyTagsToSnapshot dbName
				dedicatedLogVolume deleteAutomatedBackups enabledCloudwatchLogsExports finalSnapshotIdentifier iops kmsKeyId
				maxAllocatedStorage ncharCharacterSetName replicaMode replicateSourceDb restoreToPointInTime s3Import skipFinalSnapshot
				snapshotIdentifier storageEncrypted storageThroughput storageType timezone upgradeStorageConfig`,
			capacity: "instanceClass multiAz", labels: "identifier identifierPrefix", zones: "availabilityZone",
			lifecycle: `allowMajorVersionUpgrade applyImmediately autoMinorVersionUpgrade blueGreenUpdate caCertIdentifier
				deletionProtection engineLifecycleSupport engineVersion licenseModel maintenanceWindow optionGroupName parameterGroupName`,
			rights: `customIamInstanceProfile domain domainAuthSecretArn domainDnsIps domainFqdn domainIamRoleName domainOu
				iamDatabaseAuthenticationEnabled manageMasterUserPassword masterUserSecretKmsKeyId password username`,
			watching: `databaseInsightsMode monitoringInterval monitoringRoleArn performanceInsightsEnabled performanceInsightsKmsKeyId
				performanceInsightsRetentionPeriod`,
		},
	},
	"aws:rds/subnetGroup:SubnetGroup":                           {read: "subnetIds"},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {read: sgRule},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {read: sgRule},
}

const sgRule = "cidrIpv4 cidrIpv6 fromPort ipProtocol prefixListId referencedSecurityGroupId securityGroupId toPort"

const routingHeaders = `routingHttpRequestXAmznMtlsClientcertHeaderName routingHttpRequestXAmznMtlsClientcertIssuerHeaderName
	routingHttpRequestXAmznMtlsClientcertLeafHeaderName routingHttpRequestXAmznMtlsClientcertSerialNumberHeaderName
	routingHttpRequestXAmznMtlsClientcertSubjectHeaderName routingHttpRequestXAmznMtlsClientcertValidityHeaderName
	routingHttpRequestXAmznTlsCipherSuiteHeaderName routingHttpRequestXAmznTlsVersionHeaderName
	routingHttpResponseAccessControlAllowCredentialsHeaderValue routingHttpResponseAccessControlAllowHeadersHeaderValue
	routingHttpResponseAccessControlAllowMethodsHeaderValue routingHttpResponseAccessControlAllowOriginHeaderValue
	routingHttpResponseAccessControlExposeHeadersHeaderValue routingHttpResponseAccessControlMaxAgeHeaderValue
	routingHttpResponseContentSecurityPolicyHeaderValue routingHttpResponseServerEnabled
	routingHttpResponseStrictTransportSecurityHeaderValue routingHttpResponseXContentTypeOptionsHeaderValue
	routingHttpResponseXFrameOptionsHeaderValue`

// within names the properties of blocks.
func within(blocks, names string) string {
	var all []string
	for _, block := range strings.Fields(blocks) {
		for _, name := range strings.Fields(names) {
			all = append(all, block+"."+name)
		}
	}
	return strings.Join(all, " ")
}

// known is, for each modelled type, the properties that are read or harmless and, as false, the blocks that are looked
// into.
var known = func() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for t := range modelledFields {
		all[t] = map[string]bool{}
		for name := range Understood(t) {
			block, _, nested := strings.Cut(name, ".")
			if all[t][name] = true; nested {
				all[t][block] = false
			}
		}
	}
	return all
}()

// Understood is the properties of a modelled type, by why they need no more attention: "read", or the reason why they are
// harmless. Any other that is set is a Problem. It is nil for other types.
func Understood(resourceType string) map[string]string {
	f, ok := modelledFields[canonical(resourceType)]
	if !ok {
		return nil
	}
	all := map[string]string{}
	for _, name := range everywhereHarmless {
		all[name] = labels
	}
	for reason, names := range f.harmless {
		for _, name := range strings.Fields(names) {
			all[name] = reason
		}
	}
	for _, name := range strings.Fields(f.read) {
		all[name] = "read"
	}
	return all
}

// readFields reports properties of a modelled resource that are set and neither read nor harmless.
func (w *Model) readFields() {
	for _, r := range w.Graph.Resources {
		if allowed := known[canonical(r.Type)]; allowed != nil {
			w.unread(r, "", r.Inputs, allowed)
		}
	}
}

func (w *Model) unread(r *graph.Resource, at string, values map[string]any, allowed map[string]bool) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		whole, listed := allowed[at+key]
		switch {
		case listed && !whole:
			blocks, _ := items(&graph.Resource{Inputs: values}, key)
			for _, block := range blocks {
				w.unread(r, at+key+".", block, allowed)
			}
		case !listed && !unset(values[key]):
			w.problem(r, "what its "+at+key+" changes about who reaches whom is not modelled", "leave "+at+key+" out")
		}
	}
}

// unset says that the value asks for nothing.
func unset(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}
