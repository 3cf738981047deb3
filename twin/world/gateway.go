package world

import (
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

func oneGatewayPerVPC(c *Call, o *Object) error {
	if vpc := o.Text("vpcId"); vpc != "" && c.where(typeInternetGateway, "vpcId", vpc) != nil {
		return fault("Resource.AlreadyAssociated", "resource %s is already attached to an internet gateway", vpc)
	}
	return nil
}

// gatewayUnused: a gateway stays attached while its VPC has mapped public addresses or routes use it.
func gatewayUnused(c *Call, o *Object) error {
	vpc := o.Text("vpcId")
	for _, typ := range []string{typeNAT, typeLoadBalancer} {
		var err error
		c.each(typ, func(other *Object) bool {
			if c.vpcOf(other) == vpc && !other.Flag("internal") && other.Text("connectivityType") != "private" {
				err = fault("DependencyViolation", "Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway. (%s)", vpc, other.ID)
			}
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Call) vpcOf(o *Object) string {
	if vpc := o.Text("vpcId"); vpc != "" {
		return vpc
	}
	if subnet := c.find(typeSubnet, o.Text("subnetId")); subnet != nil {
		return subnet.Text("vpcId")
	}
	return ""
}

func natAddress(c *Call, o *Object) error {
	id := o.Text("allocationId")
	if o.Text("connectivityType") == "private" {
		return nil
	}
	if id == "" {
		return fault("MissingParameter", "The request must contain the parameter AllocationId")
	}
	if c.find(typeEIP, id) == nil {
		return fault("InvalidAllocationID.NotFound", "The allocation ID '%s' does not exist", id)
	}
	if c.where(typeNAT, "allocationId", id) != nil {
		return fault("InvalidParameterValue", "The allocation ID '%s' is already associated", id)
	}
	return nil
}

func natGateway(c *Call, o *Object) error {
	vpc := c.vpcOf(o)
	if o.Text("connectivityType") != "private" && c.where(typeInternetGateway, "vpcId", vpc) == nil {
		return fault("Gateway.NotAttached", "Network %s has no Internet gateway attached", vpc)
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

// fillEIP takes addresses from 198.18.0.0/15, which RFC 2544 keeps for laboratories.
func fillEIP(c *Call, o, old *Object) {
	if old == nil {
		for attempt := 0; ; attempt++ {
			var n uint32
			_, _ = fmt.Sscanf(c.hex(8, "address", fmt.Sprint(attempt)), "%x", &n)
			ip := fmt.Sprintf("198.%d.%d.%d", 18+n>>16&1, n>>8&255, n&255)
			if c.where(typeEIP, "publicIp", ip) == nil {
				o.Outputs["publicIp"] = ip
				break
			}
		}
	}
	dashed := strings.ReplaceAll(o.Text("publicIp"), ".", "-")
	setDefaults(o, value.Map{"domain": "vpc", "vpc": true, "networkBorderGroup": o.Region, "publicIpv4Pool": "amazon",
		"publicDns": "ec2-" + dashed + "." + o.Region + ".compute.amazonaws.com", "associationId": "", "instance": "", "networkInterface": "",
		"privateIp": "", "privateDns": "", "carrierIp": "", "customerOwnedIp": "", "ptrRecord": ""})
}
