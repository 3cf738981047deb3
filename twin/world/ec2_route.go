package world

import (
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeRouteTable       = "aws:ec2/routeTable:RouteTable"
	typeDefaultTable     = "aws:ec2/defaultRouteTable:DefaultRouteTable"
	typeRoute            = "aws:ec2/route:Route"
	typeTableAssociation = "aws:ec2/routeTableAssociation:RouteTableAssociation"
)

var routeKinds = map[string]*kind{
	typeRouteTable: {
		id:     prefixed("rtb"),
		arn:    ec2ARN + "route-table/{id}",
		text:   map[string]string{"ownerId": "{account}"},
		create: []rule{inVPC},
		check:  []rule{routesWithin},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"routes": []any{}, "propagatingVgws": []any{}})
		},
		remove: []rule{
			unused("DependencyViolation", "The routeTable '%s' has dependencies and cannot be deleted.",
				use{typeTableAssociation, "routeTableId"}),
		},
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeRoute, "routeTableId"}) },
	},
	typeDefaultTable: {
		id:   byOutput("defaultRouteTableId"),
		arn:  ec2ARN + "route-table/{id}",
		text: map[string]string{"ownerId": "{account}"},
		put:  true,
		create: []rule{
			refers("defaultRouteTableId", "InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist",
				typeRouteTable),
		},
		check: []rule{routesWithin},
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "routes", []any{})
			c.adopted(o, typeRouteTable, "routes")
		},
	},
	typeRoute: {
		id: routeID,
		create: []rule{
			inTable,
			routeUnique,
		},
		check: []rule{
			routeTargetExists,
			routeTargetNear,
		},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"origin": "CreateRoute", "state": "active", "instanceId": "", "instanceOwnerId": "",
				"networkInterfaceId": ""})
		},
		adopt: adoptRoute,
	},
	typeTableAssociation: {
		id: prefixed("rtbassoc"),
		check: []rule{
			inTable,
			tableNear,
		},
		create: []rule{
			inSubnet,
			unique("Resource.AlreadyAssociated",
				"the specified association for subnet %s conflicts with an existing association", "subnetId", "gatewayId"),
		},
		adopt: func(c *Call, id string) *Object {
			subnet, table, _ := strings.Cut(id, "/")
			o := c.where(typeTableAssociation, "subnetId", subnet)
			if o != nil && o.Text("routeTableId") == table {
				return o
			}
			return nil
		},
	},
}

var inTable = refers("routeTableId", "InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", typeRouteTable)

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
	return first(c.each(typeRoute), func(o *Object) bool {
		return found && o.Text("routeTableId") == table && routeDestination(o) == destination
	})
}

var routeTargets = []struct{ property, typ, code string }{
	{"gatewayId", typeInternetGateway, "InvalidInternetGatewayID.NotFound"},
	{"natGatewayId", typeNAT, "InvalidNatGatewayID.NotFound"},
	{"egressOnlyGatewayId", typeEgressGateway, "InvalidEgressOnlyInternetGatewayId.NotFound"},
	{"vpcEndpointId", typeEndpoint, "InvalidVpcEndpointId.NotFound"},
	{"vpcPeeringConnectionId", typePeering, "InvalidVpcPeeringConnectionID.NotFound"},
	{"networkInterfaceId", typeInterface, "InvalidNetworkInterfaceID.NotFound"},
}

// routeTargetExists: a route's target exists (EC2 API, "Error codes").
func routeTargetExists(c *Call, o *Object) error {
	for _, t := range routeTargets {
		if id := o.Text(t.property); id != "" && id != "local" && c.find(t.typ, id) == nil {
			return fault(t.code, "The %s ID '%s' does not exist%s", t.property, id, c.instead(id, t.typ))
		}
	}
	return nil
}

// routeTargetNear: a route's target is in the table's own VPC (EC2 API, CreateRoute).
func routeTargetNear(c *Call, o *Object) error {
	if table := c.find(typeRouteTable, o.Text("routeTableId")); table != nil {
		return c.targetsOf(o, table)
	}
	return nil
}

// targetsOf checks that a route's targets are in the table's VPC (EC2 API, CreateRoute).
func (c *Call) targetsOf(route, table *Object) error {
	for _, t := range routeTargets {
		if target := c.find(t.typ, route.Text(t.property)); target != nil && c.vpcOf(target) != table.Text("vpcId") &&
			target.Text("peerVpcId") != table.Text("vpcId") {
			return fault("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", table.ID,
				called(target))
		}
	}
	return nil
}

// routesWithin checks the routes inside a table like separate ones (EC2 API, CreateRoute).
func routesWithin(c *Call, o *Object) error {
	table := o
	if base := c.find(typeRouteTable, o.Text("defaultRouteTableId")); base != nil {
		table = base
	}
	for _, r := range o.Objects("routes") {
		route := &Object{Type: typeRoute, Region: o.Region, Outputs: r}
		if err := routeTargetExists(c, route); err != nil {
			return err
		}
		if err := c.targetsOf(route, table); err != nil {
			return err
		}
	}
	return nil
}

// routeUnique: a table has only one route to a destination (EC2 API, "Error codes").
func routeUnique(c *Call, o *Object) error {
	if other := c.find(typeRoute, routeID(c, o)); other != nil {
		return fault("RouteAlreadyExists", "The route identified by %s already exists: %s", routeDestination(o), called(other))
	}
	return nil
}

// tableNear: a table serves subnets of its own VPC (EC2 API, AssociateRouteTable).
func tableNear(c *Call, o *Object) error {
	table, subnet := c.find(typeRouteTable, o.Text("routeTableId")), c.find(typeSubnet, o.Text("subnetId"))
	if table != nil && subnet != nil && table.Text("vpcId") != subnet.Text("vpcId") {
		return fault("InvalidParameterValue", "Route table %s and subnet %s belong to different networks", table.ID, called(subnet))
	}
	return nil
}
