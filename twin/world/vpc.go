package world

import (
	"net/netip"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeVPC              = "aws:ec2/vpc:Vpc"
	typeSubnet           = "aws:ec2/subnet:Subnet"
	typeInternetGateway  = "aws:ec2/internetGateway:InternetGateway"
	typeEgressGateway    = "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"
	typeNAT              = "aws:ec2/natGateway:NatGateway"
	typeEIP              = "aws:ec2/eip:Eip"
	typeRouteTable       = "aws:ec2/routeTable:RouteTable"
	typeDefaultTable     = "aws:ec2/defaultRouteTable:DefaultRouteTable"
	typeRoute            = "aws:ec2/route:Route"
	typeTableAssociation = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	typeEndpoint         = "aws:ec2/vpcEndpoint:VpcEndpoint"
	typeDHCP             = "aws:ec2/vpcDhcpOptions:VpcDhcpOptions"
	typeDHCPAssociation  = "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation"
	typeFlowLog          = "aws:ec2/flowLog:FlowLog"
)

const ec2ARN = "arn:{partition}:ec2:{region}:{account}:"

var inVPC = refers("vpcId", "InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", typeVPC)

var vpcKinds = map[string]*kind{
	typeVPC: {
		id: prefixed("vpc"), arn: ec2ARN + "vpc/{id}", text: map[string]string{"ownerId": "{account}"},
		create: []rule{vpcRange}, fill: fillVPC, removed: removeVPCDefaults,
		remove: []rule{unused("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.",
			use{typeSubnet, "vpcId"}, use{typeSecurityGroup, "vpcId"}, use{typeInternetGateway, "vpcId"}, use{typeRouteTable, "vpcId"},
			use{typeEndpoint, "vpcId"}, use{typeNetworkACL, "vpcId"}, use{typeEgressGateway, "vpcId"})},
	},
	typeSubnet: {
		id: prefixed("subnet"), arn: ec2ARN + "subnet/{id}", text: map[string]string{"ownerId": "{account}"},
		create: []rule{inVPC, subnetZone, subnetRange, subnetOverlap}, fill: fillSubnet,
		remove: []rule{unused("DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted.",
			use{typeNAT, "subnetId"}, use{typeLoadBalancer, "subnets"}, use{typeEndpoint, "subnetIds"},
			use{typeGroup, "vpcZoneIdentifiers"}, use{typeSubnetGroup, "subnetIds"}, use{typeProxy, "vpcSubnetIds"})},
	},
	typeInternetGateway: {
		id: prefixed("igw"), arn: ec2ARN + "internet-gateway/{id}", text: map[string]string{"ownerId": "{account}"},
		check: []rule{inVPC}, create: []rule{oneGatewayPerVPC}, remove: []rule{gatewayUnused},
	},
	typeEgressGateway: {id: prefixed("eigw"), create: []rule{inVPC},
		remove: []rule{unused("DependencyViolation", "The gateway '%s' is in use.", use{typeRoute, "egressOnlyGatewayId"})}},
	typeNAT: {
		id:     prefixed("nat"),
		create: []rule{inSubnet, natAddress, natGateway}, fill: fillNAT,
		removed: func(c *Call, o *Object) { c.releaseEIP(o.Text("allocationId")) },
	},
	typeEIP: {
		id: prefixed("eipalloc"), arn: ec2ARN + "elastic-ip/{id}", fill: fillEIP,
		text:   map[string]string{"allocationId": "{id}"},
		remove: []rule{unused("InvalidIPAddress.InUse", "Address %s is in use.", use{typeNAT, "allocationId"}, use{typeLoadBalancer, "subnetMappings.allocationId"})},
	},
	typeRouteTable: {
		id: prefixed("rtb"), arn: ec2ARN + "route-table/{id}", text: map[string]string{"ownerId": "{account}"},
		create: []rule{inVPC}, fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"routes": []any{}, "propagatingVgws": []any{}})
		},
		remove: []rule{unused("DependencyViolation", "The routeTable '%s' has dependencies and cannot be deleted.", use{typeTableAssociation, "routeTableId"})},
	},
	typeDefaultTable: {
		id: byOutput("defaultRouteTableId"), arn: ec2ARN + "route-table/{id}", text: map[string]string{"ownerId": "{account}"},
		create: []rule{refers("defaultRouteTableId", "InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", typeRouteTable)},
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "routes", []any{})
			c.adopted(o, typeRouteTable, "routes")
		},
	},
	typeRoute: {
		id:     routeID,
		create: []rule{inTable, routeTarget, routeUnique},
		check:  []rule{routeTargetExists},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"origin": "CreateRoute", "state": "active", "instanceId": "", "instanceOwnerId": "", "networkInterfaceId": ""})
		},
		adopt: adoptRoute,
	},
	typeTableAssociation: {
		id: prefixed("rtbassoc"), check: []rule{inTable},
		create: []rule{refers("subnetId", "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", typeSubnet),
			unique("Resource.AlreadyAssociated", "the specified association for subnet %s conflicts with an existing association", "subnetId", "gatewayId")},
		adopt: func(c *Call, id string) *Object {
			subnet, table, _ := strings.Cut(id, "/")
			o := c.where(typeTableAssociation, "subnetId", subnet)
			if o != nil && o.Text("routeTableId") == table {
				return o
			}
			return nil
		},
	},
	typeEndpoint: {
		id: prefixed("vpce"), arn: ec2ARN + "vpc-endpoint/{id}", text: map[string]string{"ownerId": "{account}"},
		create: []rule{inVPC, endpointService},
		check: []rule{
			refers("subnetIds", "InvalidSubnetId.NotFound", "The subnet ID '%s' does not exist", typeSubnet),
			refers("routeTableIds", "InvalidRouteTableId.NotFound", "The routeTable ID '%s' does not exist", typeRouteTable),
			groupsExist("securityGroupIds"),
		},
		fill: fillEndpoint,
	},
	typeDHCP: {id: prefixed("dopt"), arn: ec2ARN + "dhcp-options/{id}", text: map[string]string{"ownerId": "{account}"},
		remove: []rule{unused("DependencyViolation", "The dhcpOptions '%s' has dependencies and cannot be deleted.", use{typeDHCPAssociation, "dhcpOptionsId"})}},
	typeDHCPAssociation: {id: byTemplate("{dhcpOptionsId}-{vpcId}"), create: []rule{inVPC}},
	typeFlowLog: {id: prefixed("fl"), arn: ec2ARN + "vpc-flow-log/{id}", create: []rule{inVPC, inSubnet, flowLogDestination},
		fill: func(_ *Call, o, _ *Object) {
			setDefault(o, "logFormat", "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}")
			setDefaults(o, value.Map{"logDestination": "", "logGroupName": ""})
		}},
}

var inSubnet = refers("subnetId", "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", typeSubnet)
var inTable = refers("routeTableId", "InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", typeRouteTable)

func prefix(o *Object, property string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(o.Text(property))
	return p, err == nil
}

// vpcRange: a VPC's block is between /16 and /28 (AWS, VPC user guide, "VPC CIDR blocks").
func vpcRange(_ *Call, o *Object) error {
	p, ok := prefix(o, "cidrBlock")
	if o.Text("cidrBlock") == "" && o.Outputs["ipv4IpamPoolId"] != nil {
		return nil
	}
	if !ok || p.Bits() < 16 || p.Bits() > 28 || p.Masked() != p {
		return fault("InvalidVpc.Range", "The CIDR '%s' is invalid.", o.Text("cidrBlock"))
	}
	return nil
}

func fillVPC(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"enableDnsHostnames": false, "enableNetworkAddressUsageMetrics": false,
		"ipv6AssociationId": "", "ipv6CidrBlock": "", "ipv6CidrBlockNetworkBorderGroup": "", "dhcpOptionsId": "dopt-0" + c.hexFor(o.Region, 16)})
	if o.Flag("assignGeneratedIpv6CidrBlock") && o.Text("ipv6CidrBlock") == "" {
		o.Outputs["ipv6CidrBlock"] = "2001:db8:" + c.hex(4, "ipv6")[:2] + "00::/56"
		o.Outputs["ipv6AssociationId"] = "vpc-cidr-assoc-0" + c.hex(16, "ipv6")
		o.Outputs["ipv6CidrBlockNetworkBorderGroup"] = o.Region
	}
	if old != nil {
		return
	}
	group := c.implicit(o, typeSecurityGroup, "sg", value.Map{"name": "default", "description": "default VPC security group",
		"egress": []any{anyTraffic()}, "ingress": []any{}}, "security-group")
	acl := c.implicit(o, typeNetworkACL, "acl", value.Map{"ingress": []any{}, "egress": []any{}, "subnetIds": []any{}}, "network-acl")
	table := c.implicit(o, typeRouteTable, "rtb", value.Map{"routes": []any{}, "propagatingVgws": []any{}}, "route-table")
	o.Outputs["defaultSecurityGroupId"] = group.ID
	o.Outputs["defaultNetworkAclId"] = acl.ID
	o.Outputs["defaultRouteTableId"] = table.ID
	o.Outputs["mainRouteTableId"] = table.ID
}

func anyTraffic() value.Map {
	return value.Map{"protocol": "-1", "fromPort": 0.0, "toPort": 0.0, "cidrBlocks": []any{"0.0.0.0/0"}, "self": false}
}

// implicit makes what comes with a VPC.
func (c *Call) implicit(vpc *Object, typ, prefix string, outputs value.Map, kind string) *Object {
	o := &Object{Type: typ, ID: prefix + "-0" + c.hex(16, typ), Region: vpc.Region, Outputs: outputs, Inputs: value.Map{},
		Hidden: value.Map{}, Created: c.Now, Implicit: true}
	outputs["vpcId"], outputs["ownerId"], outputs["tagsAll"] = vpc.ID, c.accountID(), value.Map{}
	outputs["arn"] = c.expand(ec2ARN+kind+"/{id}", o)
	c.Put(o)
	return o
}

func removeVPCDefaults(c *Call, vpc *Object) {
	for _, typ := range []string{typeSecurityGroup, typeNetworkACL, typeRouteTable} {
		var gone []*Object
		c.each(typ, func(o *Object) bool {
			if o.Implicit && o.Text("vpcId") == vpc.ID {
				gone = append(gone, o)
			}
			return true
		})
		for _, o := range gone {
			c.Drop(o)
		}
	}
}

// adopted copies what an adopting resource sets on the implicit object, and the rest back.
func (c *Call) adopted(o *Object, typ string, properties ...string) {
	base := c.find(typ, o.ID)
	if base == nil {
		return
	}
	base = base.copy()
	for _, p := range properties {
		base.Outputs[p] = value.Copy(o.Outputs[p])
		setDefault(base, p, []any{})
	}
	o.Outputs["vpcId"] = base.Text("vpcId")
	c.Put(base)
}

func subnetZone(_ *Call, o *Object) error {
	zone := o.Text("availabilityZone")
	if zone == "" {
		return nil
	}
	for _, z := range Zones(o.Region) {
		if z == zone {
			return nil
		}
	}
	return fault("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: %s.",
		zone, strings.Join(Zones(o.Region), ", "))
}

// subnetRange: a subnet lies within its VPC and is between /16 and /28.
func subnetRange(c *Call, o *Object) error {
	if o.Flag("ipv6Native") {
		return nil
	}
	p, ok := prefix(o, "cidrBlock")
	if !ok || p.Bits() < 16 || p.Bits() > 28 || p.Masked() != p {
		return fault("InvalidSubnet.Range", "The CIDR '%s' is invalid.", o.Text("cidrBlock"))
	}
	vpc := c.find(typeVPC, o.Text("vpcId"))
	if block, ok := prefix(vpc, "cidrBlock"); ok && (!block.Contains(p.Addr()) || p.Bits() < block.Bits()) {
		return fault("InvalidSubnet.Range", "The CIDR '%s' is invalid: it is outside the VPC's %s.", p, block)
	}
	return nil
}

func subnetOverlap(c *Call, o *Object) error {
	p, ok := prefix(o, "cidrBlock")
	if !ok {
		return nil
	}
	var err error
	c.each(typeSubnet, func(other *Object) bool {
		if q, ok := prefix(other, "cidrBlock"); ok && other.Text("vpcId") == o.Text("vpcId") && p.Overlaps(q) {
			err = fault("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet: %s has %s.", p, other.ID, q)
		}
		return err == nil
	})
	return err
}

func fillSubnet(c *Call, o, _ *Object) {
	setDefaults(o, value.Map{"availabilityZone": Zones(o.Region)[0], "privateDnsHostnameTypeOnLaunch": "ip-name", "ipv6CidrBlockAssociationId": ""})
	setDefault(o, "availabilityZoneId", zoneIDOf(o.Text("availabilityZone")))
	if o.Text("ipv6CidrBlock") != "" && o.Text("ipv6CidrBlockAssociationId") == "" {
		o.Outputs["ipv6CidrBlockAssociationId"] = "subnet-cidr-assoc-0" + c.hex(16, "ipv6")
	}
}
