package world

import "strings"

// otherVPC makes a second network, with subnets c and d and a group of its own.
func otherVPC(f *fixture) error {
	f.must(typeVPC, "vpc2", in{"cidrBlock": "10.1.0.0/16"})
	f.must(typeInternetGateway, "igw2", in{"vpcId": f.id("vpc2")})
	f.must(typeSubnet, "c", in{"vpcId": f.id("vpc2"), "cidrBlock": "10.1.0.0/24", "availabilityZone": "eu-central-1a"})
	f.must(typeSubnet, "d", in{"vpcId": f.id("vpc2"), "cidrBlock": "10.1.1.0/24", "availabilityZone": "eu-central-1b"})
	f.must(typeSecurityGroup, "sg2", in{"vpcId": f.id("vpc2"), "name": "other"})
	f.must(typeRouteTable, "table2", in{"vpcId": f.id("vpc2")})
	return nil
}

// full makes a subnet in zone b and takes all of its eleven addresses.
func full(f *fixture) error {
	f.must(typeSubnet, "full", in{"vpcId": f.id("vpc"), "cidrBlock": "10.0.9.0/28", "availabilityZone": "eu-central-1b"})
	for i, name := range strings.Fields("n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11") {
		if i < 11 {
			f.must(typeNAT, name, in{"subnetId": f.id("full"), "connectivityType": "private"})
		}
	}
	return nil
}

func more(name string) step {
	return func(f *fixture) error { f.w.options.Quotas = map[string]int{name: 1000}; return nil }
}

var vpcRefusals = []refusal{
	{"VPC too large", create(typeVPC, in{"cidrBlock": "10.0.0.0/8"}), "InvalidVpc.Range", "10.0.0.0/8"},
	{"VPC one bit too large", create(typeVPC, in{"cidrBlock": "10.0.0.0/15"}), "InvalidVpc.Range", "/16 to /28"},
	{"VPC one bit too small", create(typeVPC, in{"cidrBlock": "10.0.0.0/29"}), "InvalidVpc.Range", "/16 to /28"},
	{"VPC with a subnet", after(whole, remove("vpc")), "DependencyViolation", "delete that first"},
	{"VPC with a group only", after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/16"}),
		made(typeSecurityGroup, "g", in{"vpcId": "@v", "name": "g"}), remove("v")), "DependencyViolation", "SecurityGroup g"},
	{"VPC with a gateway only", after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/16"}),
		made(typeInternetGateway, "g", in{"vpcId": "@v"}), remove("v")), "DependencyViolation", "InternetGateway g"},
	{"VPC with a route table only", after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/16"}),
		made(typeRouteTable, "g", in{"vpcId": "@v"}), remove("v")), "DependencyViolation", "RouteTable g"},
	{"VPC with an ACL only", after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/16"}), made(typeNetworkACL, "g", in{"vpcId": "@v"}),
		remove("v")), "DependencyViolation", "NetworkAcl g"},
	{"VPC with an egress gateway only", after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/16"}),
		made(typeEgressGateway, "g", in{"vpcId": "@v"}), remove("v")), "DependencyViolation", "Gateway g"},
	{"VPC with an endpoint only", after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/16"}),
		made(typeEndpoint, "g", in{"vpcId": "@v", "serviceName": "com.amazonaws.eu-central-1.s3"}), remove("v")), "DependencyViolation",
		"Endpoint g"},
	{"DHCP options in use", after(whole, remove("vpcdhcpoptions")), "DependencyViolation", "Association"},
	{"DHCP options of no VPC", after(whole, another("vpcdhcpoptionsassociation", in{"vpcId": "vpc-0"})), "InvalidVpcID.NotFound",
		"vpc-0"},
	{"DHCP options that are gone", after(whole, another("vpcdhcpoptionsassociation", in{"dhcpOptionsId": "dopt-0"})),
		"InvalidDhcpOptionID.NotFound", "dopt-0"},

	{"subnet of no VPC", create(typeSubnet, in{"vpcId": "vpc-0", "cidrBlock": "10.0.9.0/24"}), "InvalidVpcID.NotFound", "vpc-0"},
	{"subnet of a VPC that is gone", after(gone("vpc"), create(typeSubnet, in{"vpcId": "@vpc", "cidrBlock": "10.0.9.0/24"})),
		"InvalidVpcID.NotFound", "vpc-"},
	{"subnet outside", create(typeSubnet, in{"vpcId": "@vpc", "cidrBlock": "10.1.0.0/24"}), "InvalidSubnet.Range", "outside"},
	{"subnet larger than its VPC", after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/20"}),
		create(typeSubnet, in{"vpcId": "@v", "cidrBlock": "10.7.0.0/19"})), "InvalidSubnet.Range", "outside"},
	{"subnet too small", create(typeSubnet, in{"vpcId": "@vpc", "cidrBlock": "10.0.9.0/29"}), "InvalidSubnet.Range", "/28"},
	{"subnet overlapping", create(typeSubnet, in{"vpcId": "@vpc", "cidrBlock": "10.0.0.128/25"}), "InvalidSubnet.Conflict",
		"10.0.0.0/24"},
	{"subnet in no zone", create(typeSubnet, in{"vpcId": "@vpc", "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-central-1z"}),
		"InvalidParameterValue", "eu-central-1z"},
	{"subnet with interfaces", remove("a"), "DependencyViolation", "network interface"},
	{"subnet with machines only", after(made(typeSubnet, "s",
		in{"vpcId": "@vpc", "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-central-1c"}),
		made(typeGroup, "g", in{"name": "g", "minSize": 1.0, "maxSize": 1.0,
			"vpcZoneIdentifiers": list1("@s"), "launchTemplate": in{"id": "@template", "version": "1"}}), remove("s")),
		"DependencyViolation",
		"Group g"},

	{"ACL of no VPC", create(typeNetworkACL, in{"vpcId": "vpc-0"}), "InvalidVpcID.NotFound", "vpc-0"},
	{"ACL of a subnet that is gone", create(typeNetworkACL, in{"vpcId": "@vpc", "subnetIds": list1("subnet-0")}),
		"InvalidSubnetID.NotFound", "subnet-0"},
	{"ACL of another network's subnet", after(otherVPC, create(typeNetworkACL, in{"vpcId": "@vpc", "subnetIds": list1("@c")})),
		"InvalidParameterValue", "different networks"},
	{"ACL in use", after(whole, remove("networkacl")), "DependencyViolation", "Association"},
	{"default ACL that is gone", create(typeDefaultACL, in{"defaultNetworkAclId": "acl-0"}), "InvalidNetworkAclID.NotFound", "acl-0"},
	{"rule of no ACL", create(typeACLRule, in{"networkAclId": "acl-0", "ruleNumber": 1.0}), "InvalidNetworkAclID.NotFound", "acl-0"},
	{"rule number taken", after(whole, another("networkaclrule", in{})), "NetworkAclEntryAlreadyExists", "acl-"},
	{"association of no ACL", create(typeACLAssociation, in{"networkAclId": "acl-0", "subnetId": "@a"}), "InvalidNetworkAclID.NotFound",
		"acl-0"},
	{"ACL on no subnet", after(whole, another("networkaclassociation", in{"subnetId": "subnet-0"})), "InvalidSubnetID.NotFound",
		"subnet-0"},
	{"ACL on another network's subnet", after(whole, otherVPC, another("networkaclassociation", in{"subnetId": "@c"})),
		"InvalidParameterValue", "different networks"},
}

var gatewayRefusals = []refusal{
	{"second gateway", create(typeInternetGateway, in{"vpcId": "@vpc"}), "InvalidParameterValue", "already has"},
	{"gateway of no VPC", create(typeInternetGateway, in{"vpcId": "vpc-0"}), "InvalidVpcID.NotFound", "vpc-0"},
	{"gateway with public addresses", remove("igw"), "DependencyViolation", "mapped public address"},
	{"egress gateway of no VPC", create(typeEgressGateway, in{"vpcId": "vpc-0"}), "InvalidVpcID.NotFound", "vpc-0"},
	{"NAT in no subnet", create(typeNAT, in{"subnetId": "subnet-0"}), "InvalidSubnetID.NotFound", "subnet-0"},
	{"NAT without an address", create(typeNAT, in{"subnetId": "@a"}), "MissingParameter", "Elastic IP"},
	{"NAT with an address that is gone", create(typeNAT, in{"subnetId": "@a", "allocationId": "eipalloc-0"}),
		"InvalidAllocationID.NotFound", "eipalloc-0"},
	{"NAT with a taken address", create(typeNAT, in{"subnetId": "@a", "allocationId": "@eip"}), "Resource.AlreadyAssociated",
		"NatGateway nat"},
	{"NAT with an address of a load balancer",
		after(made(typeEIP, "e", in{}), made(typeLoadBalancer, "n",
			in{"name": "n", "loadBalancerType": "network", "subnetMappings": []any{in{"subnetId": "@a", "allocationId": "@e"}}}),
			create(typeNAT, in{"subnetId": "@b", "allocationId": "@e"})), "Resource.AlreadyAssociated", "LoadBalancer n"},
	{"NAT in a network without a gateway",
		after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/16"}), made(typeSubnet, "s", in{"vpcId": "@v", "cidrBlock": "10.7.0.0/24"}),
			made(typeEIP, "e", in{}),
			create(typeNAT, in{"subnetId": "@s", "allocationId": "@e", "connectivityType": "public"})), "Gateway.NotAttached",
		"no Internet gateway attached"},
	{"NAT in a full subnet", after(more("nat-gateways-per-zone"), full,
		create(typeNAT, in{"subnetId": "@full", "connectivityType": "private"})), "InsufficientFreeAddressesInSubnet", "insufficient"},
	{"address in use by a NAT gateway", remove("eip"), "InvalidIPAddress.InUse", "NatGateway nat"},
	{"address in use by a load balancer",
		after(made(typeEIP, "e", in{}), made(typeLoadBalancer, "n",
			in{"name": "n", "loadBalancerType": "network", "subnetMappings": []any{in{"subnetId": "@a", "allocationId": "@e"}}}),
			remove("e")),
		"InvalidIPAddress.InUse", "LoadBalancer n"},

	{"table of no VPC", create(typeRouteTable, in{"vpcId": "vpc-0"}), "InvalidVpcID.NotFound", "vpc-0"},
	{"table with a route to no NAT gateway",
		create(typeRouteTable, in{"vpcId": "@vpc", "routes": []any{in{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-0"}}}),
		"InvalidNatGatewayID.NotFound", "nat-0"},
	{"table with a route to another network's gateway",
		after(otherVPC, create(typeRouteTable, in{"vpcId": "@vpc", "routes": []any{in{"cidrBlock": "0.0.0.0/0", "gatewayId": "@igw2"}}})),
		"InvalidParameterValue", "different networks"},
	{"default table with a route to another network's gateway",
		after(otherVPC, create(typeDefaultTable,
			in{"defaultRouteTableId": "@vpc.defaultRouteTableId", "routes": []any{in{"cidrBlock": "0.0.0.0/0", "gatewayId": "@igw2"}}})),
		"InvalidParameterValue", "different networks"},
	{"table in use", remove("table"), "DependencyViolation", "rtbassoc-"},
	{"default table that is gone", create(typeDefaultTable, in{"defaultRouteTableId": "rtb-0"}), "InvalidRouteTableID.NotFound", "rtb-0"},
	{"route twice", create(typeRoute, in{"routeTableId": "@table", "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "@nat"}),
		"RouteAlreadyExists", "Route default"},
	{"route in no table", create(typeRoute, in{"routeTableId": "rtb-0", "destinationCidrBlock": "1.0.0.0/8", "natGatewayId": "@nat"}),
		"InvalidRouteTableID.NotFound", "rtb-0"},
	{"route to no NAT gateway", create(typeRoute,
		in{"routeTableId": "@table", "destinationCidrBlock": "1.0.0.0/8", "natGatewayId": "nat-0"}), "InvalidNatGatewayID.NotFound",
		"nat-0"},
	{"route to no internet gateway", create(typeRoute,
		in{"routeTableId": "@table", "destinationCidrBlock": "1.0.0.0/8", "gatewayId": "igw-0"}), "InvalidInternetGatewayID.NotFound",
		"igw-0"},
	{"route to no egress gateway", create(typeRoute,
		in{"routeTableId": "@table", "destinationIpv6CidrBlock": "::/0", "egressOnlyGatewayId": "eigw-0"}),
		"InvalidEgressOnlyInternetGatewayId.NotFound", "eigw-0"},
	{"route to no endpoint", create(typeRoute,
		in{"routeTableId": "@table", "destinationCidrBlock": "1.0.0.0/8", "vpcEndpointId": "vpce-0"}), "InvalidVpcEndpointId.NotFound",
		"vpce-0"},
	{"route to another network's gateway",
		after(otherVPC, create(typeRoute, in{"routeTableId": "@table", "destinationCidrBlock": "1.0.0.0/8", "gatewayId": "@igw2"})),
		"InvalidParameterValue", "different networks"},
	{"association of no table", create(typeTableAssociation, in{"subnetId": "@b", "routeTableId": "rtb-0"}),
		"InvalidRouteTableID.NotFound", "rtb-0"},
	{"association of no subnet", create(typeTableAssociation, in{"subnetId": "subnet-0", "routeTableId": "@table"}),
		"InvalidSubnetID.NotFound", "subnet-0"},
	{"association with another network's table",
		after(otherVPC, create(typeTableAssociation, in{"subnetId": "@b", "routeTableId": "@table2"})), "InvalidParameterValue",
		"different networks"},
	{"subnet associated twice", create(typeTableAssociation, in{"subnetId": "@a", "routeTableId": "@table"}),
		"Resource.AlreadyAssociated", "subnet-"},
}

var securityGroupRefusals = append([]refusal{
	{"group named twice", create(typeSecurityGroup, in{"vpcId": "@vpc", "name": "web"}), "InvalidGroup.Duplicate", "SecurityGroup web"},
	{"group named as ids are", create(typeSecurityGroup, in{"vpcId": "@vpc", "name": "sg-x"}), "InvalidParameterValue", "sg-x"},
	{"group named default", create(typeSecurityGroup, in{"vpcId": "@vpc", "name": "Default"}), "InvalidParameterValue", "reserved"},
	{"group named by an egress rule", after(made(typeSecurityGroup, "g", in{"vpcId": "@vpc", "name": "g"}),
		made(typeEgressRule, "r", in{"securityGroupId": "@web", "referencedSecurityGroupId": "@g", "ipProtocol": "-1"}), remove("g")),
		"DependencyViolation", "Rule r"},
	{"group without VPC", create(typeSecurityGroup, in{"name": "x"}), "VPCIdNotSpecified", "vpcId"},
	{"group of no VPC", create(typeSecurityGroup, in{"name": "x", "vpcId": "vpc-0"}), "InvalidVpcID.NotFound", "vpc-0"},
	{"default group without VPC", create(typeDefaultGroup, in{}), "VPCIdNotSpecified", ""},
	{"default group of no VPC", create(typeDefaultGroup, in{"vpcId": "vpc-0"}), "InvalidVpcID.NotFound", "vpc-0"},
	{"group named by a rule", after(update("lb", in{"securityGroups": list1("@web")}), remove("edge")), "DependencyViolation", "sgr-"},
	{"group whose rule names no group", create(typeSecurityGroup,
		in{"vpcId": "@vpc", "name": "g", "ingress": []any{in{"protocol": "-1", "securityGroups": list1("sg-0")}}}),
		"InvalidGroup.NotFound", "sg-0"},
	{"group whose egress names no group",
		create(typeSecurityGroup, in{"vpcId": "@vpc", "name": "g",
			"egress": []any{in{"protocol": "-1", "securityGroups": list1("sg-0")}}}), "InvalidGroup.NotFound", "sg-0"},
	{"default group whose rule names no group",
		create(typeDefaultGroup, in{"vpcId": "@vpc", "ingress": []any{in{"protocol": "-1", "securityGroups": list1("sg-0")}}}),
		"InvalidGroup.NotFound", "sg-0"},
	{"group that a rule within another names",
		after(made(typeSecurityGroup, "g", in{"vpcId": "@vpc", "name": "g"}),
			made(typeSecurityGroup, "h", in{"vpcId": "@vpc", "name": "h",
				"egress": []any{in{"protocol": "-1", "securityGroups": list1("@g")}}}), remove("g")), "DependencyViolation",
		"SecurityGroup h"},
	{"group on a load balancer", after(remove("rule"), remove("edge")), "DependencyViolation", "LoadBalancer lb"},
	{"group on a database", remove("web"), "DependencyViolation", typeInstance},
	{"group on machines", after(update("db", in{"vpcSecurityGroupIds": []any{}}), remove("web")), "DependencyViolation",
		"machines of aws:autoscaling/group:Group group"},
	{"group on a cluster", after(made(typeSecurityGroup, "g", in{"vpcId": "@vpc", "name": "g"}), whole,
		update("cluster", in{"vpcSecurityGroupIds": list1("@g")}), remove("g")), "DependencyViolation", "Cluster cluster"},
	{"group on an endpoint", after(made(typeSecurityGroup, "g", in{"vpcId": "@vpc", "name": "g"}), whole,
		update("interface", in{"securityGroupIds": list1("@g")}), remove("g")), "DependencyViolation", "Endpoint interface"},
	{"group on a proxy", after(made(typeSecurityGroup, "g", in{"vpcId": "@vpc", "name": "g"}), whole,
		update("proxy", in{"vpcSecurityGroupIds": list1("@g")}), remove("g")), "DependencyViolation", "Proxy proxy"},
	{"prefix list too small", create(typePrefixList,
		in{"maxEntries": 1.0, "entries": []any{in{"cidr": "10.0.0.0/8"}, in{"cidr": "11.0.0.0/8"}}}), "PrefixListMaxEntriesExceeded",
		"2 entries"},
	{"prefix list in a rule", after(whole,
		made(typeIngressRule, "r", in{"securityGroupId": "@web", "ipProtocol": "-1", "prefixListId": "@managedprefixlist"}),
		remove("managedprefixlist")), "DependencyViolation", "Rule r"},
	{"prefix list in an egress rule", after(whole,
		made(typeEgressRule, "r", in{"securityGroupId": "@web", "ipProtocol": "-1", "prefixListId": "@managedprefixlist"}),
		remove("managedprefixlist")), "DependencyViolation", "Rule r"},
	{"prefix list in a route", after(whole,
		made(typeRoute, "r", in{"routeTableId": "@table", "destinationPrefixListId": "@managedprefixlist", "natGatewayId": "@nat"}),
		remove("managedprefixlist")), "DependencyViolation", "Route r"},
}, append(ruleRefusals(typeIngressRule), ruleRefusals(typeEgressRule)...)...)

// ruleRefusals are the same for both directions.
func ruleRefusals(typ string) []refusal {
	rule := in{"securityGroupId": "@web", "referencedSecurityGroupId": "@edge", "ipProtocol": "tcp", "fromPort": 1.0, "toPort": 1.0}
	with := func(changes in) in {
		out := in{}
		for _, m := range []in{rule, changes} {
			for k, v := range m {
				out[k] = v
				if v == nil {
					delete(out, k)
				}
			}
		}
		return out
	}
	short := typ[strings.LastIndexByte(typ, ':')+1:] + ": "
	return []refusal{
		{short + "twice", after(made(typ, "r", rule), create(typ, rule)), "InvalidPermission.Duplicate", "Rule r"},
		{short + "without ports", create(typ, in{"securityGroupId": "@web", "cidrIpv4": "10.0.0.0/8", "ipProtocol": "tcp"}),
			"InvalidParameterValue", "ports"},
		{short + "with one port", create(typ, with(in{"toPort": nil})), "InvalidParameterValue", "ports"},
		{short + "of no group", create(typ, with(in{"securityGroupId": "sg-0"})), "InvalidGroup.NotFound", "sg-0"},
		{short + "from no group", create(typ, with(in{"referencedSecurityGroupId": "sg-0"})), "InvalidGroup.NotFound", "sg-0"},
		{short + "from another network's group", after(otherVPC, create(typ, with(in{"referencedSecurityGroupId": "@sg2"}))),
			"InvalidGroup.NotFound", "different networks"},
		{short + "of no prefix list", create(typ, with(in{"referencedSecurityGroupId": nil, "prefixListId": "pl-0"})),
			"InvalidPrefixListID.NotFound", "pl-0"},
	}
}

var endpointRefusals = []refusal{
	{"endpoint of no VPC", after(whole, another("gateway", in{"vpcId": "vpc-0", "routeTableIds": []any{}})), "InvalidVpcID.NotFound",
		"vpc-0"},
	{"endpoint of no service", after(whole,
		another("gateway", in{"serviceName": "com.amazonaws.us-east-1.s3", "routeTableIds": []any{}})), "InvalidServiceName",
		"eu-central-1"},
	{"gateway endpoint of a service that has none",
		after(whole, another("gateway", in{"serviceName": "com.amazonaws.eu-central-1.logs"})), "InvalidParameter",
		"set vpcEndpointType"},
	{"endpoint twice in a table", after(whole, another("gateway", in{})), "RouteAlreadyExists", "Endpoint gateway"},
	{"endpoint in no subnet", after(whole, another("interface", in{"subnetIds": list1("subnet-0")})), "InvalidSubnetId.NotFound",
		"subnet-0"},
	{"endpoint in no table", after(whole, another("gateway", in{"routeTableIds": list1("rtb-0")})), "InvalidRouteTableId.NotFound",
		"rtb-0"},
	{"endpoint in another network's subnet",
		after(otherVPC, create(typeEndpoint,
			in{"vpcId": "@vpc", "serviceName": "com.amazonaws.eu-central-1.ssm", "vpcEndpointType": "Interface",
				"subnetIds": list1("@c")})), "InvalidParameter", "Subnet c"},
	{"endpoint in another network's table",
		after(otherVPC, create(typeEndpoint,
			in{"vpcId": "@vpc", "serviceName": "com.amazonaws.eu-central-1.s3", "routeTableIds": list1("@table2")})), "InvalidParameter",
		"RouteTable table2"},
	{"endpoint of no group", after(whole, another("interface", in{"securityGroupIds": list1("sg-0")})), "InvalidGroup.NotFound", "sg-0"},
	{"endpoint of another network's group", after(whole, otherVPC, another("interface", in{"securityGroupIds": list1("@sg2")})),
		"InvalidParameter", "another VPC"},
	{"endpoint twice in a zone", after(whole,
		made(typeSubnet, "s", in{"vpcId": "@vpc", "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-central-1a"}),
		another("interface", in{"subnetIds": list1("@a", "@s")})), "DuplicateSubnetsInSameZone", "different availability zones"},
	{"endpoint in a full subnet", after(more("nat-gateways-per-zone"), full,
		create(typeEndpoint, in{"vpcId": "@vpc", "serviceName": "com.amazonaws.eu-central-1.ssm", "vpcEndpointType": "Interface",
			"subnetIds": list1("@full")})), "InsufficientFreeAddressesInSubnet", "no free address"},
	{"private names without the network's DNS",
		after(otherVPC, create(typeEndpoint,
			in{"vpcId": "@vpc2", "serviceName": "com.amazonaws.eu-central-1.ssm", "vpcEndpointType": "Interface",
				"privateDnsEnabled": true})), "InvalidParameter", "enableDnsHostnames"},
	{"private names without the network's DNS support",
		after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/16", "enableDnsSupport": false, "enableDnsHostnames": true}),
			create(typeEndpoint, in{"vpcId": "@v", "serviceName": "com.amazonaws.eu-central-1.ssm", "vpcEndpointType": "Interface",
				"privateDnsEnabled": true})), "InvalidParameter", "enableDnsSupport"},
	{"private names twice", after(whole, another("interface", in{})), "InvalidParameter", "conflicting DNS domain"},
	{"endpoint with a broken policy", after(whole, another("interface", in{"privateDnsEnabled": false, "policy": "{"})),
		"InvalidPolicyDocument", "syntax"},
	{"flow log of no VPC", after(whole, another("flowlog", in{"vpcId": "vpc-0"})), "InvalidVpcID.NotFound", "vpc-0"},
	{"flow log of no subnet", after(whole, another("flowlog", in{"vpcId": nil, "subnetId": "subnet-0"})), "InvalidSubnetID.NotFound",
		"subnet-0"},
	{"flow log of what is logged", after(whole, another("flowlog", in{})), "FlowLogAlreadyExists", "FlowLog"},
	{"flow log to no bucket", after(whole, another("flowlog", in{"logDestination": "arn:aws:s3:::none/x"})),
		"LogDestinationNotFoundException", "none"},
	{"flow log to a group without a role",
		after(whole, another("flowlog", in{"logDestinationType": nil, "logDestination": "@loggroup.arn"})), "InvalidParameter",
		"set iamRoleArn"},
	{"flow log by no role", after(whole, another("flowlog", in{"iamRoleArn": "arn:aws:iam::111122223333:role/none"})), "InvalidParameter",
		"role/none"},
}
