package world

import (
	"net/netip"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeVPC             = "aws:ec2/vpc:Vpc"
	typeDHCP            = "aws:ec2/vpcDhcpOptions:VpcDhcpOptions"
	typeDHCPAssociation = "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation"
)

const ec2ARN = "arn:{partition}:ec2:{region}:{account}:"

var inVPC = refers("vpcId", "InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", typeVPC)

var vpcKinds = map[string]*kind{
	typeVPC: {
		id:      prefixed("vpc"),
		arn:     ec2ARN + "vpc/{id}",
		text:    map[string]string{"ownerId": "{account}"},
		create:  []rule{vpcRange},
		fill:    fillVPC,
		removed: removeVPCDefaults,
		remove: []rule{
			unused("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.",
				use{typeSubnet, "vpcId"}, use{typeSecurityGroup, "vpcId"}, use{typeInternetGateway, "vpcId"},
				use{typeRouteTable, "vpcId"},
				use{typeEndpoint, "vpcId"}, use{typeNetworkACL, "vpcId"}, use{typeEgressGateway, "vpcId"}),
		},
	},
	typeDHCP: {
		id:   prefixed("dopt"),
		arn:  ec2ARN + "dhcp-options/{id}",
		text: map[string]string{"ownerId": "{account}"},
		remove: []rule{
			unused("DependencyViolation", "The dhcpOptions '%s' has dependencies and cannot be deleted.",
				use{typeDHCPAssociation, "dhcpOptionsId"}),
		},
	},
	typeDHCPAssociation: {
		id:  byTemplate("{dhcpOptionsId}-{vpcId}"),
		put: true,
		check: []rule{
			inVPC,
			refers("dhcpOptionsId", "InvalidDhcpOptionID.NotFound", "The dhcpOption ID '%s' does not exist",
				typeDHCP),
		},
	},
}

func prefix(o *Object, property string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(o.Text(property))
	return p, err == nil
}

// vpcRange: a VPC's block is between /16 and /28 (VPC user guide, "VPC CIDR blocks"). EC2 drops host bits, but the
// provider refuses them first.
func vpcRange(_ *Call, o *Object) error {
	p, ok := prefix(o, "cidrBlock")
	if o.Text("cidrBlock") == "" && o.Outputs["ipv4IpamPoolId"] != nil {
		return nil
	}
	if !ok || p.Bits() < 16 || p.Bits() > 28 {
		return fault("InvalidVpc.Range", "The CIDR '%s' is invalid: write a block from /16 to /28.", o.Text("cidrBlock"))
	}
	return nil
}

func fillVPC(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"enableDnsHostnames": false, "enableNetworkAddressUsageMetrics": false,
		"ipv6AssociationId": "", "ipv6CidrBlock": "", "ipv6CidrBlockNetworkBorderGroup": "",
		"dhcpOptionsId": "dopt-0" + c.hexFor(o.Region, 16)})
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
		c.dropWhere(typ, func(o *Object) bool { return o.Implicit && o.Text("vpcId") == vpc.ID })
	}
}

// adopted copies what an adopting resource sets onto the implicit object, and the VPC back.
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

// vpcOf is the network that something is in, by its own property or its subnet's.
func (c *Call) vpcOf(o *Object) string {
	if vpc := o.Text("vpcId"); vpc != "" {
		return vpc
	}
	if subnet := c.find(typeSubnet, o.Text("subnetId")); subnet != nil {
		return subnet.Text("vpcId")
	}
	return ""
}
