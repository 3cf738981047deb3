package world

import (
	"fmt"
	"hash/crc32"
	"strings"
)

func routeDestination(o *Object) string {
	for _, p := range []string{"destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"} {
		if d := o.Text(p); d != "" {
			return d
		}
	}
	return ""
}

func routeID(_ *Call, o *Object) string {
	return fmt.Sprintf("r-%s%d", o.Text("routeTableId"), crc32.ChecksumIEEE([]byte(routeDestination(o))))
}

func adoptRoute(c *Call, id string) *Object {
	table, destination, found := strings.Cut(id, "_")
	var route *Object
	c.each(typeRoute, func(o *Object) bool {
		if found && o.Text("routeTableId") == table && routeDestination(o) == destination {
			route = o
		}
		return route == nil
	})
	return route
}

var routeTargets = []struct{ property, typ, code string }{
	{"gatewayId", typeInternetGateway, "InvalidInternetGatewayID.NotFound"},
	{"natGatewayId", typeNAT, "InvalidNatGatewayID.NotFound"},
	{"egressOnlyGatewayId", typeEgressGateway, "InvalidEgressOnlyInternetGatewayId.NotFound"},
	{"vpcEndpointId", typeEndpoint, "InvalidVpcEndpointId.NotFound"},
}

func routeTargetExists(c *Call, o *Object) error {
	for _, t := range routeTargets {
		if id := o.Text(t.property); id != "" && id != "local" && c.find(t.typ, id) == nil {
			return fault(t.code, "The %s ID '%s' does not exist", t.property, id)
		}
	}
	return nil
}

// routeTarget: a route leads somewhere, and a gateway in it is attached to the table's own VPC.
func routeTarget(c *Call, o *Object) error {
	vpc := c.find(typeRouteTable, o.Text("routeTableId")).Text("vpcId")
	for _, t := range routeTargets[:2] {
		if target := c.find(t.typ, o.Text(t.property)); target != nil && c.vpcOf(target) != vpc {
			return fault("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", o.Text("routeTableId"), target.ID)
		}
	}
	return nil
}

func routeUnique(c *Call, o *Object) error {
	if c.find(typeRoute, routeID(c, o)) != nil {
		return fault("RouteAlreadyExists", "The route identified by %s already exists.", routeDestination(o))
	}
	return nil
}
