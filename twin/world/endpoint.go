package world

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

func endpointService(_ *Call, o *Object) error {
	name := o.Text("serviceName")
	if !strings.HasPrefix(name, "com.amazonaws."+o.Region+".") && !strings.HasPrefix(name, "aws.") && !strings.HasPrefix(name, "com.amazonaws.vpce.") {
		return fault("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", name)
	}
	return nil
}

func fillEndpoint(c *Call, o, _ *Object) {
	setDefaults(o, value.Map{"state": "available", "requesterManaged": false, "privateDnsEnabled": false, "ipAddressType": "ipv4",
		"policy":    `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}`,
		"subnetIds": []any{}, "routeTableIds": []any{}, "securityGroupIds": []any{}, "subnetConfigurations": []any{},
		"cidrBlocks": []any{}, "prefixListId": "", "dnsEntries": []any{}, "networkInterfaceIds": []any{}})
	service := o.Text("serviceName")
	if o.Text("vpcEndpointType") != "Interface" {
		o.Outputs["prefixListId"] = prefixListOf(service)
		o.Outputs["cidrBlocks"] = list(awsPrefixes(service))
		return
	}
	if len(o.Texts("securityGroupIds")) == 0 {
		o.Outputs["securityGroupIds"] = []any{c.find(typeVPC, o.Text("vpcId")).Text("defaultSecurityGroupId")}
	}
	var interfaces []any
	for _, subnet := range o.Texts("subnetIds") {
		interfaces = append(interfaces, "eni-0"+c.hex(16, "eni", subnet))
		c.address(o, subnet)
	}
	o.Outputs["networkInterfaceIds"] = interfaces
	short := service[strings.LastIndexByte(service, '.')+1:]
	entries := []any{value.Map{"dnsName": o.ID + "-" + c.hex(8, "dns") + "." + short + "." + o.Region + ".vpce.amazonaws.com", "hostedZoneId": "Z" + strings.ToUpper(c.hexFor(service, 13))}}
	if o.Flag("privateDnsEnabled") {
		entries = append(entries, value.Map{"dnsName": short + "." + o.Region + ".amazonaws.com", "hostedZoneId": "Z" + strings.ToUpper(c.hex(20, "private"))})
	}
	o.Outputs["dnsEntries"] = entries
}

func flowLogDestination(c *Call, o *Object) error {
	destination := o.Text("logDestination")
	switch {
	case o.Text("logDestinationType") == "s3":
		bucket := strings.SplitN(strings.TrimPrefix(destination, "arn:"+Partition(o.Region)+":s3:::"), "/", 2)[0]
		if c.find(typeBucket, bucket) == nil {
			return fault("InvalidParameter", "LogDestination: %s does not exist", bucket)
		}
	case strings.Contains(destination, ":log-group:"):
		if c.where(typeLogGroup, "arn", strings.TrimSuffix(destination, ":*")) == nil {
			return fault("InvalidParameter", "LogDestination: %s does not exist", destination)
		}
	}
	return nil
}
