package world

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeSecurityGroup  = "aws:ec2/securityGroup:SecurityGroup"
	typeDefaultGroup   = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	typeIngressRule    = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	typeEgressRule     = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	typeNetworkACL     = "aws:ec2/networkAcl:NetworkAcl"
	typeDefaultACL     = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
	typeACLRule        = "aws:ec2/networkAclRule:NetworkAclRule"
	typeACLAssociation = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
)

var groupKinds = map[string]*kind{
	typeSecurityGroup: {
		id: prefixed("sg"), arn: ec2ARN + "security-group/{id}", text: map[string]string{"ownerId": "{account}"},
		create: []rule{groupVPC, groupName, unique("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC", "name", "vpcId")},
		fill:   func(_ *Call, o, _ *Object) { setDefaults(o, value.Map{"ingress": []any{}, "egress": []any{}}) },
		remove: []rule{groupUnused},
	},
	typeDefaultGroup: {
		id: func(c *Call, o *Object) string {
			return c.find(typeVPC, o.Text("vpcId")).Text("defaultSecurityGroupId")
		},
		text: map[string]string{"ownerId": "{account}"}, arn: ec2ARN + "security-group/{id}",
		create: []rule{groupVPC, inVPC},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"name": "default", "description": "default VPC security group", "namePrefix": "", "ingress": []any{}, "egress": []any{}})
			c.adopted(o, typeSecurityGroup, "ingress", "egress")
		},
	},
	typeIngressRule: groupRule(),
	typeEgressRule:  groupRule(),
	typeNetworkACL: {
		id: prefixed("acl"), arn: ec2ARN + "network-acl/{id}", text: map[string]string{"ownerId": "{account}"},
		create: []rule{inVPC}, fill: fillACL,
		check: []rule{refers("subnetIds", "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", typeSubnet)},
	},
	typeDefaultACL: {
		id: byOutput("defaultNetworkAclId"), arn: ec2ARN + "network-acl/{id}", text: map[string]string{"ownerId": "{account}"},
		create: []rule{refers("defaultNetworkAclId", "InvalidNetworkAclID.NotFound", "The networkAcl ID '%s' does not exist", typeNetworkACL)},
		fill:   func(c *Call, o, _ *Object) { c.adopted(o, typeNetworkACL, "ingress", "egress") },
	},
	typeACLRule: {
		id:     func(c *Call, _ *Object) string { return "nacl-" + c.hex(9) },
		create: []rule{inACL, unique("NetworkAclEntryAlreadyExists", "The network acl entry identified by %s already exists.", "networkAclId", "ruleNumber", "egress")},
	},
	typeACLAssociation: {
		id:    prefixed("aclassoc"),
		check: []rule{inACL, inSubnet},
	},
}

var inACL = refers("networkAclId", "InvalidNetworkAclID.NotFound", "The networkAcl ID '%s' does not exist", typeNetworkACL)

func fillACL(_ *Call, o, _ *Object) {
	setDefaults(o, value.Map{"ingress": []any{}, "egress": []any{}, "subnetIds": []any{}})
}

func groupVPC(c *Call, o *Object) error {
	if o.Text("vpcId") == "" {
		return fault("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC: set vpcId")
	}
	return inVPC(c, o)
}

// groupName: names that begin with sg- are the cloud's own (EC2 API, CreateSecurityGroup).
func groupName(_ *Call, o *Object) error {
	name := o.Text("name")
	if strings.HasPrefix(name, "sg-") {
		return fault("InvalidParameterValue", "invalid value for parameter GroupName: %s: a name cannot begin with sg-", name)
	}
	if strings.EqualFold(name, "default") {
		return fault("InvalidParameterValue", "Cannot use reserved security group name: %s", name)
	}
	return nil
}

func groupsExist(path string) rule {
	return refers(path, "InvalidGroup.NotFound", "The security group '%s' does not exist", typeSecurityGroup)
}

var groupUses = []use{
	{typeLoadBalancer, "securityGroups"}, {typeInstance, "vpcSecurityGroupIds"}, {typeCluster, "vpcSecurityGroupIds"},
	{typeEndpoint, "securityGroupIds"}, {typeProxy, "vpcSecurityGroupIds"},
}

// groupUnused: a group that interfaces carry or that rules of other groups name cannot be deleted.
func groupUnused(c *Call, o *Object) error {
	if err := unused("DependencyViolation", "resource %s has a dependent object", groupUses...)(c, o); err != nil {
		return err
	}
	for _, typ := range []string{typeIngressRule, typeEgressRule} {
		var user *Object
		c.each(typ, func(r *Object) bool {
			if r.Text("referencedSecurityGroupId") == o.ID && r.Text("securityGroupId") != o.ID {
				user = r
			}
			return user == nil
		})
		if user != nil {
			return fault("DependencyViolation", "resource %s has a dependent object (it is named by rule %s of %s)", o.ID, user.ID, user.Text("securityGroupId"))
		}
	}
	return nil
}

func groupRule() *kind {
	return &kind{
		id: prefixed("sgr"), arn: ec2ARN + "security-group-rule/{id}", text: map[string]string{"securityGroupRuleId": "{id}"},
		check: []rule{
			groupsExist("securityGroupId"), groupsExist("referencedSecurityGroupId"), prefixListExists, portsOfProtocol,
			unique("InvalidPermission.Duplicate", "the specified rule already exists in group %s",
				"securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"),
		},
		create: []rule{ruleLimit},
	}
}

// portsOfProtocol: TCP and UDP rules name their ports (EC2 API reference, IpPermission).
func portsOfProtocol(_ *Call, o *Object) error {
	protocol := o.Text("ipProtocol")
	if (protocol == "tcp" || protocol == "udp") && (o.Outputs["fromPort"] == nil || o.Outputs["toPort"] == nil) {
		return fault("InvalidParameterValue", "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.")
	}
	return nil
}

// ruleLimit is AWS's default quota: 60 rules a group and direction (VPC user guide, "Quotas").
func ruleLimit(c *Call, o *Object) error {
	n := 0
	c.each(o.Type, func(other *Object) bool {
		if other.Text("securityGroupId") == o.Text("securityGroupId") {
			n++
		}
		return true
	})
	if n >= 60 {
		return fault("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached: %s", o.Text("securityGroupId"))
	}
	return nil
}

func prefixListExists(c *Call, o *Object) error {
	id := o.Text("prefixListId")
	if id == "" || c.find(typePrefixList, id) != nil || c.awsPrefixList(o.Region, id) != "" {
		return nil
	}
	return fault("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", id)
}

// awsPrefixList returns the name of one of AWS's own prefix lists by its id, or "".
func (c *Call) awsPrefixList(region, id string) string {
	for _, name := range awsPrefixLists(region) {
		if prefixListOf(name) == id {
			return name
		}
	}
	return ""
}

func awsPrefixLists(region string) []string {
	return []string{"com.amazonaws." + region + ".s3", "com.amazonaws." + region + ".dynamodb", "com.amazonaws.global.cloudfront.origin-facing"}
}
