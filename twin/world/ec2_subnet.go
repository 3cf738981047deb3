package world

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const typeSubnet = "aws:ec2/subnet:Subnet"

var subnetKinds = map[string]*kind{
	typeSubnet: {
		id:   prefixed("subnet"),
		arn:  ec2ARN + "subnet/{id}",
		text: map[string]string{"ownerId": "{account}"},
		create: []rule{
			inVPC,
			subnetZone,
			subnetRange,
			subnetInVPC,
			subnetOverlap,
		},
		fill:   fillSubnet,
		remove: []rule{subnetUnused},
	},
}

var inSubnet = refers("subnetId", "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", typeSubnet)

// subnetZone: a subnet's zone is one of its region's (EC2 API, CreateSubnet).
func subnetZone(_ *Call, o *Object) error {
	zone := o.Text("availabilityZone")
	if zone == "" || slices.Contains(Zones(o.Region), zone) {
		return nil
	}
	return fault("InvalidParameterValue",
		"Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability "+
			"zones: %s.",
		zone, strings.Join(Zones(o.Region), ", "))
}

// subnetRange: a subnet's block is between /16 and /28 (VPC user guide, "Subnet CIDR blocks").
func subnetRange(_ *Call, o *Object) error {
	if o.Flag("ipv6Native") {
		return nil
	}
	if p, ok := prefix(o, "cidrBlock"); !ok || p.Bits() < 16 || p.Bits() > 28 {
		return fault("InvalidSubnet.Range", "The CIDR '%s' is invalid: write a block from /16 to /28.", o.Text("cidrBlock"))
	}
	return nil
}

// subnetInVPC: a subnet lies within its VPC (EC2 API, CreateSubnet). The twin's VPCs have one block: no resource of
// the twin adds another.
func subnetInVPC(c *Call, o *Object) error {
	vpc := c.find(typeVPC, o.Text("vpcId"))
	block, given := prefix(vpc, "cidrBlock")
	p, ok := prefix(o, "cidrBlock")
	if given && ok && (!block.Contains(p.Addr()) || p.Bits() < block.Bits()) {
		return fault("InvalidSubnet.Range", "The CIDR '%s' is invalid: it is outside %s, which has %s.", p, called(vpc), block)
	}
	return nil
}

// subnetOverlap: the subnets of a VPC do not overlap (EC2 API, CreateSubnet).
func subnetOverlap(c *Call, o *Object) error {
	p, ok := prefix(o, "cidrBlock")
	if !ok {
		return nil
	}
	for other := range c.having(typeSubnet, "vpcId", o.Text("vpcId")) {
		if q, ok := prefix(other, "cidrBlock"); ok && p.Overlaps(q) {
			return fault("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet: %s has %s.", p, called(other), q)
		}
	}
	return nil
}

// subnetUnused: a subnet can be deleted only when no network interface is left in it (EC2 API, DeleteSubnet). Groups
// that merely name it, such as a DB subnet group, have none.
func subnetUnused(c *Call, o *Object) error {
	if holder := c.holderIn(o.ID); holder != nil {
		return fault("DependencyViolation",
			"The subnet '%s' has dependencies and cannot be deleted. (%s has a network interface in it: delete that first)", o.ID,
			called(holder))
	}
	return nil
}

// holderIn finds an object that has a network interface in a subnet.
func (c *Call) holderIn(subnetID string) *Object {
	holder := c.addressed(subnetID, addressHolders...)
	if holder == nil && len(c.machinesIn(subnetID)) > 0 {
		return first(c.having(typeGroup, "vpcZoneIdentifiers", subnetID), func(*Object) bool { return true })
	}
	return holder
}

// addressed finds an object of the given types that has an address in a subnet.
func (c *Call) addressed(subnetID string, types ...string) *Object {
	for _, typ := range types {
		for o := range c.each(typ) {
			if held, _ := o.Hidden[addressKey].(value.Map); held[subnetID] != nil {
				return o
			}
		}
	}
	return nil
}

func fillSubnet(c *Call, o, _ *Object) {
	setDefaults(o, value.Map{"availabilityZone": Zones(o.Region)[0], "privateDnsHostnameTypeOnLaunch": "ip-name",
		"ipv6CidrBlockAssociationId": ""})
	setDefault(o, "availabilityZoneId", zoneIDOf(o.Text("availabilityZone")))
	if o.Text("ipv6CidrBlock") != "" && o.Text("ipv6CidrBlockAssociationId") == "" {
		o.Outputs["ipv6CidrBlockAssociationId"] = "subnet-cidr-assoc-0" + c.hex(16, "ipv6")
	}
}
