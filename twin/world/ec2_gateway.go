package world

import (
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeInternetGateway = "aws:ec2/internetGateway:InternetGateway"
	typeEgressGateway   = "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"
	typeNAT             = "aws:ec2/natGateway:NatGateway"
	typeEIP             = "aws:ec2/eip:Eip"
)

var gatewayKinds = map[string]*kind{
	typeInternetGateway: {
		id:     prefixed("igw"),
		arn:    ec2ARN + "internet-gateway/{id}",
		text:   map[string]string{"ownerId": "{account}"},
		check:  []rule{inVPC},
		create: []rule{oneGatewayPerVPC},
		remove: []rule{gatewayUnused},
	},
	// Deleting an egress-only gateway leaves the routes that name it as black holes, as deleting a NAT gateway does.
	typeEgressGateway: {id: prefixed("eigw"), create: []rule{inVPC}},
	typeNAT: {
		id: prefixed("nat"),
		create: []rule{
			inSubnet,
			natAddress,
			natAddressFree,
			natGateway,
			natRoom,
		},
		fill:    fillNAT,
		removed: func(c *Call, o *Object) { c.releaseEIP(o.Text("allocationId")) },
	},
	typeEIP: {
		id:   prefixed("eipalloc"),
		arn:  ec2ARN + "elastic-ip/{id}",
		fill: fillEIP,
		text: map[string]string{"allocationId": "{id}"},
		remove: []rule{
			unused("InvalidIPAddress.InUse", "Address %s is in use.", use{typeNAT, "allocationId"},
				use{typeLoadBalancer, "subnetMappings.allocationId"}, use{typeEIPAssociation, "allocationId"}),
		},
	},
}

// oneGatewayPerVPC: a VPC has one internet gateway (VPC user guide, "Amazon VPC quotas").
func oneGatewayPerVPC(c *Call, o *Object) error {
	vpc := o.Text("vpcId")
	if other := c.where(typeInternetGateway, "vpcId", vpc); vpc != "" && other != nil {
		return fault("InvalidParameterValue", "Network %s already has an internet gateway attached: %s", vpc, called(other))
	}
	return nil
}

// gatewayUnused: a gateway stays attached while its VPC has mapped public addresses (EC2 API, DetachInternetGateway).
// Routes that name it stay behind, as black holes.
func gatewayUnused(c *Call, o *Object) error {
	vpc := o.Text("vpcId")
	for _, typ := range []string{typeNAT, typeLoadBalancer} {
		for user := range c.each(typ) {
			if vpc != "" && c.vpcOf(user) == vpc && !user.Flag("internal") && user.Text("connectivityType") != "private" {
				return fault("DependencyViolation", "Network %s has some mapped public address(es). Please unmap those public "+
					"address(es) before detaching the gateway. (%s has one: delete that first)", vpc, called(user))
			}
		}
	}
	return nil
}

// natAddress: a public NAT gateway has an existing Elastic IP (EC2 API, CreateNatGateway).
func natAddress(c *Call, o *Object) error {
	id := o.Text("allocationId")
	switch {
	case o.Text("connectivityType") == "private":
		return nil
	case id == "":
		return fault("MissingParameter", "The request must contain the parameter AllocationId: a public NAT gateway has an Elastic IP")
	case c.find(typeEIP, id) == nil:
		return fault("InvalidAllocationID.NotFound", "The allocation ID '%s' does not exist%s", id, c.instead(id, typeEIP))
	}
	return nil
}

// natAddressFree: an Elastic IP belongs to only one gateway (EC2 API, "Error codes").
func natAddressFree(c *Call, o *Object) error {
	id := o.Text("allocationId")
	if user := c.elasticUser(id, o); id != "" && user != nil {
		return fault("Resource.AlreadyAssociated", "Elastic IP address [%s] is already associated with %s", id, called(user))
	}
	return nil
}

// elasticUser is the gateway or load balancer, other than this one, that has an Elastic IP, or nil.
func (c *Call) elasticUser(id string, but *Object) *Object {
	if user := c.where(typeNAT, "allocationId", id); user != nil {
		return user
	}
	return first(c.having(typeLoadBalancer, "subnetMappings.allocationId", id), func(lb *Object) bool { return lb.ID != but.ID })
}

// natGateway: a public NAT gateway fails if its VPC has no internet gateway (VPC user guide, "Troubleshoot NAT
// gateways"). AWS does not check that its subnet has a route there: without one, the NAT gateway is made but forwards
// nothing.
func natGateway(c *Call, o *Object) error {
	vpc := c.vpcOf(o)
	if o.Text("connectivityType") != "private" && c.where(typeInternetGateway, "vpcId", vpc) == nil {
		return message("Gateway.NotAttached",
			"waiting for EC2 NAT Gateway create: unexpected state 'failed', wanted target 'available'. last error: "+
				"Gateway.NotAttached: Network %s has no Internet gateway attached: make one first, and let this depend on it", vpc)
	}
	return nil
}

// natRoom: a NAT gateway fails without a free address in its subnet (VPC user guide, "Troubleshoot NAT gateways").
func natRoom(c *Call, o *Object) error {
	if c.freeAddresses(c.find(typeSubnet, o.Text("subnetId"))) < 1 {
		return message("InsufficientFreeAddressesInSubnet",
			"waiting for EC2 NAT Gateway create: unexpected state 'failed', wanted target 'available'. last error: "+
				"InsufficientFreeAddressesInSubnet: Subnet %s has insufficient free addresses to create this NAT gateway",
			o.Text("subnetId"))
	}
	return nil
}

func fillNAT(c *Call, o, _ *Object) {
	eni := "eni-0" + c.hex(16, "eni")
	setDefaults(o, value.Map{"networkInterfaceId": eni, "privateIp": c.address(o, o.Text("subnetId")),
		"secondaryPrivateIpAddressCount": 0.0, "secondaryPrivateIpAddresses": []any{}, "associationId": "", "publicIp": ""})
	eip := c.find(typeEIP, o.Text("allocationId"))
	if eip == nil {
		return
	}
	o.Outputs["publicIp"] = eip.Text("publicIp")
	setDefault(o, "associationId", "")
	if o.Text("associationId") == "" {
		o.Outputs["associationId"] = "eipassoc-0" + c.hex(16, "eip")
	}
	eip = eip.copy()
	eip.Outputs["associationId"] = o.Text("associationId")
	eip.Outputs["networkInterface"] = o.Text("networkInterfaceId")
	eip.Outputs["privateIp"] = o.Text("privateIp")
	c.Put(eip)
}

func (c *Call) releaseEIP(id string) {
	eip := c.find(typeEIP, id)
	if eip == nil {
		return
	}
	eip = eip.copy()
	for _, p := range []string{"associationId", "networkInterface", "privateIp"} {
		eip.Outputs[p] = ""
	}
	c.Put(eip)
}

// fillEIP takes addresses from 198.18.0.0/15, which RFC 2544 reserves for benchmarks.
func fillEIP(c *Call, o, old *Object) {
	if old == nil {
		for attempt := 0; ; attempt++ {
			if ip := c.publicIP("address", fmt.Sprint(attempt)); c.where(typeEIP, "publicIp", ip) == nil {
				o.Outputs["publicIp"] = ip
				break
			}
		}
	}
	dashed := strings.ReplaceAll(o.Text("publicIp"), ".", "-")
	setDefaults(o, value.Map{"domain": "vpc", "vpc": true, "networkBorderGroup": o.Region, "publicIpv4Pool": "amazon",
		"publicDns": "ec2-" + dashed + "." + o.Region + ".compute.amazonaws.com", "associationId": "", "instance": "",
		"networkInterface": "",
		"privateIp":        "", "carrierIp": "", "customerOwnedIp": "", "ptrRecord": ""})
}
