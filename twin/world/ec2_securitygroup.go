package world

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeSecurityGroup = "aws:ec2/securityGroup:SecurityGroup"
	typeDefaultGroup  = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	typeIngressRule   = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	typeEgressRule    = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

var securityGroupKinds = map[string]*kind{
	typeSecurityGroup: {
		id:   prefixed("sg"),
		arn:  ec2ARN + "security-group/{id}",
		text: map[string]string{"ownerId": "{account}"},
		create: []rule{
			groupHasVPC,
			inVPC,
			groupName,
			unique("InvalidGroup.Duplicate", "The security group '%s' already exists for the VPC", "name", "vpcId"),
		},
		check: []rule{groupsWithin},
		fill:  func(_ *Call, o, _ *Object) { setDefaults(o, value.Map{"ingress": []any{}, "egress": []any{}}) },
		remove: []rule{
			unused("DependencyViolation", "resource %s has a dependent object", use{typeLoadBalancer, "securityGroups"},
				use{typeInstance, "vpcSecurityGroupIds"},
				use{typeCluster, "vpcSecurityGroupIds"}, use{typeEndpoint, "securityGroupIds"}, use{typeProxy, "vpcSecurityGroupIds"},
				use{typeServer, "vpcSecurityGroupIds"}, use{typeInterface, "securityGroups"}, use{typeMountTarget, "securityGroups"},
				use{typeFunction, "vpcConfig.securityGroupIds"}, use{typeService, "networkConfiguration.securityGroups"}),
			groupOnNoMachine,
			groupInNoRule,
		},
		removed: func(c *Call, o *Object) {
			c.dropUsers(o, use{typeIngressRule, "securityGroupId"}, use{typeEgressRule, "securityGroupId"},
				use{typeGroupRule, "securityGroupId"})
		},
	},
	typeDefaultGroup: {
		id: func(c *Call, o *Object) string {
			return c.find(typeVPC, o.Text("vpcId")).Text("defaultSecurityGroupId")
		},
		text: map[string]string{"ownerId": "{account}"},
		arn:  ec2ARN + "security-group/{id}",
		put:  true,
		create: []rule{
			groupHasVPC,
			inVPC,
		},
		check: []rule{groupsWithin},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"name": "default", "description": "default VPC security group", "namePrefix": "", "ingress": []any{},
				"egress": []any{}})
			c.adopted(o, typeSecurityGroup, "ingress", "egress")
		},
	},
	typeIngressRule: securityGroupRule(),
	typeEgressRule:  securityGroupRule(),
}

// groupHasVPC: accounts today have no groups outside a VPC (EC2 API, "Error codes").
func groupHasVPC(_ *Call, o *Object) error {
	if o.Text("vpcId") == "" {
		return fault("VPCIdNotSpecified",
			"No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC: set vpcId")
	}
	return nil
}

// groupName: names that begin with sg- are reserved (EC2 API, CreateSecurityGroup).
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

func groupsExist(path, code string) rule {
	return refers(path, code, "The security group '%s' does not exist", typeSecurityGroup)
}

// groupsWithin: rules within a group name groups that exist. Groups of another account follow its number (EC2 API,
// "Error codes").
func groupsWithin(c *Call, o *Object) error {
	for _, id := range append(at(o.Outputs, "ingress.securityGroups"), at(o.Outputs, "egress.securityGroups")...) {
		if !strings.Contains(id, "/") && c.any(id, typeSecurityGroup) == nil {
			return fault("InvalidGroup.NotFound", "The security group '%s' does not exist%s", id, c.instead(id, typeSecurityGroup))
		}
	}
	return nil
}

// groupsNear: a network interface's groups are in its own VPC (VPC user guide, "Security groups").
func groupsNear(path, code string) rule {
	return func(c *Call, o *Object) error {
		vpc := c.placedIn(o)
		for _, id := range at(o.Outputs, path) {
			if group := c.find(typeSecurityGroup, id); group != nil && vpc != "" && group.Text("vpcId") != vpc {
				return fault(code, "The security group '%s' is of another VPC: it is in %s and this is in %s", id, group.Text("vpcId"),
					vpc)
			}
		}
		return nil
	}
}

// placedIn is the VPC that an object's network interfaces are in.
func (c *Call) placedIn(o *Object) string {
	ids := append(o.Texts("subnetIds"), o.Texts("vpcSubnetIds")...)
	ids = append(ids, c.balancerSubnetIDs(o)...)
	ids = append(ids, at(o.Outputs, "subnetId")...)
	if group := c.find(typeSubnetGroup, o.Text("dbSubnetGroupName")); group != nil {
		ids = append(ids, group.Texts("subnetIds")...)
	}
	for _, id := range ids {
		if subnet := c.find(typeSubnet, id); subnet != nil {
			return subnet.Text("vpcId")
		}
	}
	return ""
}

// groupOnNoMachine: a group is in use while machines of Auto Scaling groups have it from their template's version
// (EC2 API, DeleteSecurityGroup).
func groupOnNoMachine(c *Call, o *Object) error {
	for g := range c.each(typeGroup) {
		s := machines(g)
		if subnet := c.find(typeSubnet, firstOf(g.Texts("vpcZoneIdentifiers"))); s == nil || subnet != nil &&
			subnet.Text("vpcId") != o.Text("vpcId") {
			continue
		}
		for _, i := range s.Instances {
			if slices.Contains(c.templateGroups(i.Template), o.ID) {
				return fault("DependencyViolation",
					"resource %s has a dependent object (machines of %s carry it: refresh or delete them first)", o.ID, called(g))
			}
		}
	}
	return nil
}

func firstOf(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}

// groupInNoRule: a group cannot be deleted while rules of other groups name it (EC2 API, DeleteSecurityGroup).
func groupInNoRule(c *Call, o *Object) error {
	for _, u := range []use{{typeIngressRule, "referencedSecurityGroupId"}, {typeEgressRule, "referencedSecurityGroupId"},
		{typeGroupRule, "sourceSecurityGroupId"}} {
		for r := range c.having(u.typ, u.path, o.ID) {
			if r.Text("securityGroupId") != o.ID {
				return fault("DependencyViolation", "resource %s has a dependent object (it is named by %s of %s: delete that first)",
					o.ID, called(r), r.Text("securityGroupId"))
			}
		}
	}
	for _, path := range []string{"ingress.securityGroups", "egress.securityGroups"} {
		for g := range c.having(typeSecurityGroup, path, o.ID) {
			if g.ID != o.ID {
				return fault("DependencyViolation", "resource %s has a dependent object (a rule of %s names it: take that away first)",
					o.ID, called(g))
			}
		}
	}
	return nil
}

func securityGroupRule() *kind {
	return &kind{
		id: prefixed("sgr"), arn: ec2ARN + "security-group-rule/{id}", text: map[string]string{"securityGroupRuleId": "{id}"},
		check: []rule{
			groupsExist("securityGroupId", "InvalidGroup.NotFound"),
			groupsExist("referencedSecurityGroupId", "InvalidGroup.NotFound"),
			peerNear,
			prefixListExists,
			portsOfProtocol,
			unique("InvalidPermission.Duplicate", "the specified rule already exists in group %s",
				"securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId",
				"referencedSecurityGroupId"),
		},
	}
}

// peerNear: a rule names only groups of its own VPC (EC2 API, AuthorizeSecurityGroupIngress). The twin has no peering.
func peerNear(c *Call, o *Object) error {
	group, peer := c.find(typeSecurityGroup, o.Text("securityGroupId")), c.find(typeSecurityGroup, o.Text("referencedSecurityGroupId"))
	if group != nil && peer != nil && group.Text("vpcId") != peer.Text("vpcId") {
		return fault("InvalidGroup.NotFound", "You have specified two resources that belong to different networks: %s and %s",
			called(group), called(peer))
	}
	return nil
}

// portsOfProtocol: TCP and UDP rules name their ports (EC2 API reference, IpPermission).
func portsOfProtocol(_ *Call, o *Object) error {
	protocol := o.Text("ipProtocol")
	if (protocol == "tcp" || protocol == "udp") && (o.Outputs["fromPort"] == nil || o.Outputs["toPort"] == nil) {
		return fault("InvalidParameterValue", "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.")
	}
	return nil
}
