package world

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const typeEndpoint = "aws:ec2/vpcEndpoint:VpcEndpoint"

var endpointKinds = map[string]*kind{
	typeEndpoint: {
		id:   prefixed("vpce"),
		arn:  ec2ARN + "vpc-endpoint/{id}",
		text: map[string]string{"ownerId": "{account}"},
		create: []rule{
			inVPC,
			endpointService,
			endpointType,
			endpointRoutes,
		},
		check: []rule{
			refers("subnetIds", "InvalidSubnetId.NotFound", "The subnet ID '%s' does not exist", typeSubnet),
			refers("routeTableIds", "InvalidRouteTableId.NotFound", "The routeTable ID '%s' does not exist", typeRouteTable),
			groupsExist("securityGroupIds", "InvalidGroup.NotFound"),
			groupsNear("securityGroupIds", "InvalidParameter"),
			endpointNear,
			endpointZones,
			endpointRoom,
			endpointNames,
			endpointNamesFree,
			policyText("policy", endpointPolicy),
		},
		fill: fillEndpoint,
	},
}

// endpointService: a service's name has the region in it (EC2 API, "Error codes").
func endpointService(_ *Call, o *Object) error {
	name := o.Text("serviceName")
	if !strings.HasPrefix(name, "com.amazonaws."+o.Region+".") && !strings.HasPrefix(name, "aws.") &&
		!strings.HasPrefix(name, "com.amazonaws.vpce.") {
		return fault("InvalidServiceName",
			"The Vpc Endpoint Service '%s' does not exist: in this region names begin with com.amazonaws.%s.", name, o.Region)
	}
	return nil
}

// endpointType: only S3 and DynamoDB have gateway endpoints (AWS PrivateLink guide, "Gateway endpoints").
func endpointType(_ *Call, o *Object) error {
	name := o.Text("serviceName")
	if kind := o.Text("vpcEndpointType"); (kind == "" || kind == "Gateway") && !strings.HasSuffix(name, ".s3") &&
		!strings.HasSuffix(name, ".dynamodb") {
		return fault("InvalidParameter", "Endpoint type (Gateway) does not match available service types ([Interface]) of %s: set "+
			"vpcEndpointType to Interface", name)
	}
	return nil
}

// endpointRoutes: a route table has one route to a service's prefix list (AWS PrivateLink guide, "Gateway endpoints").
func endpointRoutes(c *Call, o *Object) error {
	for other := range c.having(typeEndpoint, "serviceName", o.Text("serviceName")) {
		for _, table := range other.Texts("routeTableIds") {
			if slices.Contains(o.Texts("routeTableIds"), table) {
				return fault("RouteAlreadyExists", "route table %s already has a route with destination-prefix-list-id %s, to %s", table,
					prefixListOf(o.Text("serviceName")), called(other))
			}
		}
	}
	return nil
}

// endpointNear: an endpoint's subnets and route tables are in its own VPC (EC2 API, CreateVpcEndpoint).
func endpointNear(c *Call, o *Object) error {
	for typ, path := range map[string]string{typeSubnet: "subnetIds", typeRouteTable: "routeTableIds"} {
		for _, id := range o.Texts(path) {
			if part := c.find(typ, id); part.Text("vpcId") != o.Text("vpcId") {
				return fault("InvalidParameter", "%s does not belong to the VPC %s", called(part), o.Text("vpcId"))
			}
		}
	}
	return nil
}

// endpointZones: an interface endpoint has one subnet per zone (EC2 API, "Error codes").
func endpointZones(c *Call, o *Object) error {
	zones := map[string]string{}
	for _, id := range o.Texts("subnetIds") {
		zone := c.find(typeSubnet, id).Text("availabilityZone")
		if zones[zone] != "" {
			return fault("DuplicateSubnetsInSameZone",
				"Found another VPC endpoint subnet in the availability zone of %s: %s. VPC endpoint subnets should be in different "+
					"availability zones", id, zones[zone])
		}
		zones[zone] = id
	}
	return nil
}

// endpointRoom: an interface endpoint needs a free address in each of its subnets (EC2 API, "Error codes").
func endpointRoom(c *Call, o *Object) error {
	held, _ := o.Hidden[addressKey].(value.Map)
	for _, id := range o.Texts("subnetIds") {
		if held[id] == nil && c.freeAddresses(c.find(typeSubnet, id)) < 1 {
			return fault("InsufficientFreeAddressesInSubnet", "The subnet %s has no free address", id)
		}
	}
	return nil
}

// endpointNames: private DNS needs DNS support and host names in the VPC (AWS PrivateLink guide, "Private DNS").
func endpointNames(c *Call, o *Object) error {
	vpc := c.find(typeVPC, o.Text("vpcId"))
	if !o.Flag("privateDnsEnabled") || vpc == nil {
		return nil
	}
	if vpc.Outputs["enableDnsSupport"] == false || !vpc.Flag("enableDnsHostnames") {
		return fault("InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes "+
			"set to true for %s", called(vpc))
	}
	return nil
}

// endpointNamesFree: only one endpoint in a VPC has a service's private name. Not documented: CreateVpcEndpoint says so.
func endpointNamesFree(c *Call, o *Object) error {
	for e := range c.each(typeEndpoint) {
		if o.Flag("privateDnsEnabled") && e.Flag("privateDnsEnabled") && e.ID != o.ID && sameIn([]string{"vpcId", "serviceName"}, e, o) {
			return fault("InvalidParameter", "private-dns-enabled cannot be set because there is already a conflicting DNS domain for %s "+
				"in the VPC %s: %s has it", o.Text("serviceName"), o.Text("vpcId"), called(e))
		}
	}
	return nil
}

func fillEndpoint(c *Call, o, _ *Object) {
	setDefaults(o, value.Map{"state": "available", "requesterManaged": false, "privateDnsEnabled": false, "ipAddressType": "ipv4",
		"policy":    `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}`,
		"subnetIds": []any{}, "routeTableIds": []any{}, "securityGroupIds": []any{}, "subnetConfigurations": []any{},
		"cidrBlocks": []any{}, "dnsEntries": []any{}, "networkInterfaceIds": []any{}})
	service := o.Text("serviceName")
	if o.Text("vpcEndpointType") != "Interface" {
		o.Outputs["prefixListId"] = prefixListOf(service)
		o.Outputs["cidrBlocks"] = list(awsPrefixes(service))
		return
	}
	if len(o.Texts("securityGroupIds")) == 0 {
		o.Outputs["securityGroupIds"] = []any{c.find(typeVPC, o.Text("vpcId")).Text("defaultSecurityGroupId")}
	}
	var interfaces, configurations []any
	for _, subnet := range o.Texts("subnetIds") {
		interfaces = append(interfaces, "eni-0"+c.hexFor(o.ID+" in "+subnet, 16))
		configurations = append(configurations, value.Map{"subnetId": subnet, "ipv4": c.address(o, subnet), "ipv6": ""})
	}
	o.Outputs["networkInterfaceIds"], o.Outputs["subnetConfigurations"] = interfaces, configurations
	short := service[strings.LastIndexByte(service, '.')+1:]
	entries := []any{value.Map{"dnsName": o.ID + "-" + c.hexFor(o.ID, 8) + "." + short + "." + o.Region + ".vpce.amazonaws.com",
		"hostedZoneId": "Z" + strings.ToUpper(c.hexFor(service, 13))}}
	if o.Flag("privateDnsEnabled") {
		entries = append(entries, value.Map{"dnsName": short + "." + o.Region + ".amazonaws.com",
			"hostedZoneId": "Z" + strings.ToUpper(c.hexFor(o.ID+" private", 20))})
	}
	o.Outputs["dnsEntries"] = entries
}
