package world

import (
	"github.com/causeway-iac/causeway/twin/rules"
	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeNetworkACL     = "aws:ec2/networkAcl:NetworkAcl"
	typeDefaultACL     = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
	typeACLRule        = "aws:ec2/networkAclRule:NetworkAclRule"
	typeACLAssociation = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
)

var aclKinds = map[string]*kind{
	typeNetworkACL: {
		id:     prefixed("acl"),
		arn:    ec2ARN + "network-acl/{id}",
		text:   map[string]string{"ownerId": "{account}"},
		create: []rule{inVPC},
		fill:   fillACL,
		check: []rule{
			refers("subnetIds", "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", typeSubnet),
			aclSubnetsNear,
		},
		remove: []rule{
			unused("DependencyViolation", "The networkAcl '%s' has dependencies and cannot be deleted.",
				use{typeACLAssociation, "networkAclId"}),
		},
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeACLRule, "networkAclId"}) },
	},
	typeDefaultACL: {
		id:   byOutput("defaultNetworkAclId"),
		arn:  ec2ARN + "network-acl/{id}",
		text: map[string]string{"ownerId": "{account}"},
		put:  true,
		create: []rule{
			refers("defaultNetworkAclId", "InvalidNetworkAclID.NotFound", "The networkAcl ID '%s' does not exist",
				typeNetworkACL),
		},
		fill: func(c *Call, o, _ *Object) { c.adopted(o, typeNetworkACL, "ingress", "egress") },
	},
	typeACLRule: {
		id: func(c *Call, _ *Object) string { return "nacl-" + c.hex(9) },
		create: []rule{
			inACL,
			unique("NetworkAclEntryAlreadyExists", "The network acl entry identified by %s already exists.",
				"networkAclId", "ruleNumber", "egress"),
		},
		fill: func(_ *Call, o, _ *Object) { o.Outputs["protocol"] = rules.ProtocolNumber(o.Text("protocol")) }, // as EC2 stores it
	},
	typeACLAssociation: {
		id: prefixed("aclassoc"),
		check: []rule{
			inACL,
			inSubnet,
			aclNear,
		},
	},
}

var inACL = refers("networkAclId", "InvalidNetworkAclID.NotFound", "The networkAcl ID '%s' does not exist", typeNetworkACL)

func fillACL(_ *Call, o, _ *Object) {
	setDefaults(o, value.Map{"ingress": []any{}, "egress": []any{}, "subnetIds": []any{}})
}

// aclNear: an ACL guards subnets of its own VPC (VPC user guide, "Network ACL basics").
func aclNear(c *Call, o *Object) error {
	acl, subnet := c.find(typeNetworkACL, o.Text("networkAclId")), c.find(typeSubnet, o.Text("subnetId"))
	if acl != nil && subnet != nil && acl.Text("vpcId") != subnet.Text("vpcId") {
		return fault("InvalidParameterValue", "networkAcl %s and subnet %s belong to different networks", acl.ID, called(subnet))
	}
	return nil
}

// aclSubnetsNear: the subnets that an ACL lists are in its own VPC (VPC user guide, "Network ACL basics").
func aclSubnetsNear(c *Call, o *Object) error {
	for _, id := range o.Texts("subnetIds") {
		if subnet := c.find(typeSubnet, id); subnet.Text("vpcId") != o.Text("vpcId") {
			return fault("InvalidParameterValue", "networkAcl %s and subnet %s belong to different networks", called(o), called(subnet))
		}
	}
	return nil
}
