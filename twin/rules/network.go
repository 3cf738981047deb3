package rules

// network is VPC and EC2 networking.
func network() map[string]ofType {
	return map[string]ofType{
		"aws:ec2/vpc:Vpc": {ec2("CreateVpc"), []row{
			at("cidrBlock", block(false, 16, 28)),
			at("instanceTenancy", oneOf("default", "dedicated")),
			at("ipv6CidrBlock", block(true, 44, 60)),
			at("ipv6NetmaskLength", oneOfNumbers(44, 48, 52, 56, 60)),
			at("ipv4NetmaskLength", between(16, 28)),
		}, []relation{
			needs("ipv4NetmaskLength", "ipv4IpamPoolId"), needs("ipv6CidrBlock", "ipv6IpamPoolId"), needs("ipv6NetmaskLength", "ipv6IpamPoolId"),
			needs("ipv6CidrBlockNetworkBorderGroup", "assignGeneratedIpv6CidrBlock"),
		}},
		"aws:ec2/subnet:Subnet": {ec2("CreateSubnet"), []row{
			at("enableLniAtDeviceIndex", unequal(0)),
			at("outpostArn", arn()),
			at("cidrBlock", block4()),
			at("ipv6CidrBlock", block6()),
			at("privateDnsHostnameTypeOnLaunch", oneOf("ip-name", "resource-name")),
		}, []relation{together("customerOwnedIpv4Pool", "mapCustomerOwnedIpOnLaunch", "outpostArn")}},
		"aws:ec2/eip:Eip": {ec2("AllocateAddress"), []row{
			at("domain", oneOf("vpc", "standard")),
		}, nil},
		"aws:ec2/natGateway:NatGateway": {ec2("CreateNatGateway"), []row{
			at("connectivityType", oneOf("public", "private")),
			at("privateIp", address(true, false)),
			at("secondaryPrivateIpAddressCount", atLeast(1)),
		}, []relation{natAddresses}},
		"aws:ec2/routeTable:RouteTable":               {ec2("CreateRoute"), routeRows("routes."), nil},
		"aws:ec2/defaultRouteTable:DefaultRouteTable": {ec2("CreateRoute"), routeRows("routes."), nil},
		"aws:ec2/route:Route": {ec2("CreateRoute"), []row{
			at("destinationCidrBlock", block4()),
			at("destinationIpv6CidrBlock", block6()),
		}, []relation{
			exactlyOne("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"),
			exactlyOne("gatewayId", "natGatewayId", "egressOnlyGatewayId", "vpcEndpointId", "transitGatewayId", "vpcPeeringConnectionId", "networkInterfaceId", "localGatewayId", "carrierGatewayId", "coreNetworkArn"),
		}},
		"aws:ec2/networkAcl:NetworkAcl":               {ec2("CreateNetworkAclEntry"), append(entryRows("ingress."), entryRows("egress.")...), nil},
		"aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": {ec2("CreateNetworkAclEntry"), append(entryRows("ingress."), entryRows("egress.")...), nil},
		"aws:ec2/networkAclRule:NetworkAclRule": {ec2("CreateNetworkAclEntry"), []row{
			at("ruleAction", oneOf("allow", "deny")),
			at("protocol", protocol()),
			at("ruleNumber", between(1, 32766)),
			at("cidrBlock", block4()),
			at("ipv6CidrBlock", block6()),
		}, nil},
		"aws:ec2/securityGroup:SecurityGroup":                       {ec2("CreateSecurityGroup"), append(append(groupNames(), groupRuleRows("ingress.")...), groupRuleRows("egress.")...), nil},
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":         {ec2("CreateSecurityGroup"), append(groupRuleRows("ingress."), groupRuleRows("egress.")...), nil},
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {ec2("AuthorizeSecurityGroupIngress"), peerRows(), []relation{onePeer, portsInOrder}},
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {ec2("AuthorizeSecurityGroupEgress"), peerRows(), []relation{onePeer, portsInOrder}},
		"aws:ec2/vpcEndpoint:VpcEndpoint": {ec2("CreateVpcEndpoint"), []row{
			at("vpcEndpointType", oneOf("Gateway", "Interface", "GatewayLoadBalancer")),
			at("policy", document()),
			at("ipAddressType", oneOf("ipv4", "ipv6", "dualstack")),
			at("dnsOptions.dnsRecordIpType", oneOf("ipv4", "ipv6", "dualstack", "service-defined")),
		}, nil},
		"aws:ec2/flowLog:FlowLog": {ec2("CreateFlowLogs"), []row{
			at("trafficType", oneOf("ACCEPT", "REJECT", "ALL")),
			at("logDestinationType", oneOf("cloud-watch-logs", "s3", "kinesis-data-firehose")),
			at("maxAggregationInterval", oneOfNumbers(60, 600)),
			at("iamRoleArn", arn()),
			at("logDestination", arn()),
			at("deliverCrossAccountRole", arn()),
			at("destinationOptions.fileFormat", oneOf("plain-text", "parquet")),
		}, nil},
		"aws:ec2/managedPrefixList:ManagedPrefixList": {ec2("CreateManagedPrefixList"), []row{
			at("addressFamily", oneOf("IPv4", "IPv6")),
			at("maxEntries", atLeast(1)),
			at("name", length(1, 255), unlike(`^com\.amazonaws`, "begins with com.amazonaws, which AWS keeps for itself").refusing("com.amazonaws.mine")),
			at("entries.cidr", anyBlock()),
			at("entries.description", length(0, 255)),
		}, nil},
		"aws:ec2/networkInsightsPath:NetworkInsightsPath": {ec2("CreateNetworkInsightsPath"), []row{
			at("protocol", oneOf("tcp", "udp")),
		}, nil},
	}
}

func ec2(action string) string {
	return "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_" + action + ".html"
}

func routeRows(in string) []row {
	return []row{
		at(in+"cidrBlock", block4()),
		at(in+"ipv6CidrBlock", block6()),
	}
}

func entryRows(in string) []row {
	return []row{
		at(in+"protocol", protocol()),
		at(in+"action", anyCase("allow", "deny")),
		at(in+"ruleNo", between(1, 32766)),
		at(in+"fromPort", between(0, 65535)),
		at(in+"toPort", between(0, 65535)),
		at(in+"cidrBlock", block4()),
		at(in+"ipv6CidrBlock", block6()),
	}
}

// EC2 API reference, CreateSecurityGroup: what a description may have.
func description() Rule {
	return shaped(`^[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]*$`, "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*").refusing("it's", "ä")
}

// protocol allows a protocol's name or number, -1 being all of them (IANA, "Protocol Numbers").
func protocol() Rule {
	return either(oneOf("-1", "all", "tcp", "udp", "icmp", "icmpv6"), shaped(`^(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])$`, "").allowing("6")).refusing("http", "256")
}

func groupNames() []row {
	idLike := unlike(`^sg-`, "begins with sg-, which is the form of ids").refusing("sg-web")
	return []row{
		at("name", length(0, 255), idLike),
		at("namePrefix", length(0, 229), idLike),
		at("description", length(0, 255), description()),
	}
}

func groupRuleRows(in string) []row {
	return []row{
		at(in+"cidrBlocks", block4()),
		at(in+"ipv6CidrBlocks", block6()),
		at(in+"description", length(0, 255), description()),
	}
}

func peerRows() []row {
	return []row{
		at("cidrIpv4", block4()),
		at("cidrIpv6", block6()),
		at("fromPort", between(-1, 65535)),
		at("toPort", between(-1, 65535)),
		at("description", length(0, 255), description()),
	}
}
