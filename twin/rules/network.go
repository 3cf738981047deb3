package rules

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// network is VPC and EC2 networking.
func network() map[string]ofType {
	return map[string]ofType{
		"aws:ec2/vpc:Vpc": {ec2("CreateVpc"), []row{
			at("cidrBlock", block(false, 16, 28)),
			at("instanceTenancy", oneOf("default", "dedicated")),
			at("ipv6CidrBlock", block(true, 44, 60), fours()),
			at("ipv6NetmaskLength", oneOfNumbers(44, 48, 52, 56, 60)),
			at("ipv4NetmaskLength", between(16, 28)),
		}, []relation{
			needs("ipv4NetmaskLength", "ipv4IpamPoolId"), needs("ipv6CidrBlock", "ipv6IpamPoolId"),
			needs("ipv6NetmaskLength", "ipv6IpamPoolId"),
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
			at("secondaryPrivateIpAddressCount", either(oneOfNumbers(0), atLeast(1)).refusing(-1.0)),
		}, []relation{natAddresses, publicOnly("allocationId"), publicOnly("secondaryAllocationIds")}},
		"aws:ec2/routeTable:RouteTable":               {ec2("CreateRoute"), routeRows("routes."), nil},
		"aws:ec2/defaultRouteTable:DefaultRouteTable": {ec2("CreateRoute"), routeRows("routes."), nil},
		"aws:ec2/route:Route": {ec2("CreateRoute"), []row{
			at("destinationCidrBlock", block4()),
			at("destinationIpv6CidrBlock", block6()),
		}, []relation{
			exactlyOne("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"),
			exactlyOne("gatewayId", "natGatewayId", "egressOnlyGatewayId", "vpcEndpointId", "transitGatewayId", "vpcPeeringConnectionId",
				"networkInterfaceId", "localGatewayId", "carrierGatewayId", "coreNetworkArn"),
		}},
		"aws:ec2/networkAcl:NetworkAcl": {ec2("CreateNetworkAclEntry"),
			append(entryRows("ingress."), entryRows("egress.")...), nil},
		"aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": {ec2("CreateNetworkAclEntry"),
			append(entryRows("ingress."), entryRows("egress.")...), nil},
		"aws:ec2/networkAclRule:NetworkAclRule": {ec2("CreateNetworkAclEntry"), []row{
			at("ruleAction", oneOf("allow", "deny")),
			at("protocol", protocol()),
			at("ruleNumber", between(1, 32766)),
			at("cidrBlock", hostBits(block4()).optional()),
			at("ipv6CidrBlock", block6().optional()),
		}, nil},
		"aws:ec2/securityGroup:SecurityGroup": {ec2("CreateSecurityGroup"),
			append(append(groupNames(), groupRuleRows("ingress.")...), groupRuleRows("egress.")...), nil},
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {ec2("CreateSecurityGroup"),
			append(groupRuleRows("ingress."), groupRuleRows("egress.")...), nil},
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {ec2("AuthorizeSecurityGroupIngress"), peerRows(),
			[]relation{onePeer, portsInOrder}},
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {ec2("AuthorizeSecurityGroupEgress"), peerRows(),
			[]relation{onePeer, portsInOrder}},
		"aws:ec2/vpcDhcpOptions:VpcDhcpOptions": {ec2("CreateDhcpOptions"), nil, []relation{
			oneAtLeast("domainName", "domainNameServers", "ipv6AddressPreferredLeaseTime", "netbiosNameServers", "netbiosNodeType",
				"ntpServers"),
		}},
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
			at("name", length(1, 255), unlike(`^com\.amazonaws`, "begins with com.amazonaws, which AWS keeps for itself").
				refusing("com.amazonaws.mine")),
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

// EC2 API reference, CreateSecurityGroup: which characters a description may have.
func description() Rule {
	return shaped(`^[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]*$`, "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*").refusing("it's", "ä")
}

// protocol allows a protocol's name or number, with -1 for all (IANA, "Protocol Numbers": 255 is reserved).
func protocol() Rule {
	names := append([]string{"-1", "all"}, slices.Sorted(maps.Keys(protocolNumbers))...)
	return either(oneOf(names...), shaped(`^(\d{1,2}|1[0-3]\d|14[0-2])$`, "").allowing("6", "142")).
		refusing("http", "icmpv6", "TCP", "143", "255", "256")
}

// protocolNumbers are the names that a network ACL's rules may give instead of a number (IANA, "Protocol Numbers").
var protocolNumbers = map[string]string{
	"hopopt": "0", "icmp": "1", "igmp": "2", "ipv4": "4", "tcp": "6", "egp": "8", "udp": "17", "rdp": "27", "dccp": "33", "ipv6": "41",
	"ipv6-route": "43",
	"ipv6-frag":  "44", "rsvp": "46", "gre": "47", "esp": "50", "ah": "51", "ipv6-icmp": "58", "ipv6-nonxt": "59", "ipv6-opts": "60",
	"eigrp": "88", "ospfigp": "89",
	"pim": "103", "vrrp": "112", "l2tp": "115", "sctp": "132", "fc": "133", "udplite": "136", "mpls-in-ip": "137",
}

// ProtocolNumber is the number of a protocol that has a name, as text; -1 is all.
func ProtocolNumber(name string) string {
	if name == "all" {
		return "-1"
	}
	if n, named := protocolNumbers[name]; named {
		return n
	}
	return name
}

// SameProtocol says whether two texts name one protocol.
func SameProtocol(a, b string) bool { return ProtocolNumber(a) == ProtocolNumber(b) }

// hostBits allows a block to have host bits too, which the service drops (EC2 API reference, CreateNetworkAclEntry).
func hostBits(r Rule) Rule {
	strict := r.complain
	r.complain = func(v any) string {
		if s, ok := v.(string); ok {
			if p, err := netip.ParsePrefix(s); err == nil {
				return strict(p.Masked().String())
			}
		}
		return strict(v)
	}
	r.refused = slices.DeleteFunc(slices.Clone(r.refused), func(v any) bool { return v == "10.0.0.1/16" })
	return r.allowing("10.0.0.1/16")
}

// fours requires a prefix length that is a multiple of four (EC2 API reference, CreateVpc).
func fours() Rule {
	return onText(func(s string) string {
		if p, err := netip.ParsePrefix(s); err == nil && p.Bits()%4 != 0 {
			return fmt.Sprintf("%q is a /%d, and the length is a multiple of 4", s, p.Bits())
		}
		return ""
	}).allowing("2001:db8::/44").refusing("2001:db8::/57")
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
