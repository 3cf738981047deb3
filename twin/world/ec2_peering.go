package world

import "github.com/causeway-iac/causeway/twin/value"

const (
	typePeering              = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
	typePeeringAccepter      = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
	typeMainTableAssociation = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
)

var peeringKinds = map[string]*kind{
	typePeering: {
		id:   prefixed("pcx"),
		text: map[string]string{},
		create: []rule{
			inVPC,
			peerVPC,
			peersApart,
			unique("VpcPeeringConnectionAlreadyExists", "A peering connection of %s to the network exists", "vpcId", "peerVpcId"),
		},
		fill: fillPeering,
	},
	typePeeringAccepter: {
		id:  byOutput("vpcPeeringConnectionId"),
		put: true,
		check: []rule{
			refers("vpcPeeringConnectionId", "InvalidVpcPeeringConnectionID.NotFound", "The vpcPeeringConnection ID '%s' does not exist",
				typePeering),
		},
		fill: func(c *Call, o, _ *Object) {
			peering := c.find(typePeering, o.ID)
			if peering == nil {
				return
			}
			setDefaults(o, value.Map{"vpcId": peering.Text("peerVpcId"), "peerVpcId": peering.Text("vpcId"),
				"peerOwnerId": c.accountID(), "peerRegion": o.Region, "acceptStatus": "active"})
			if peering.Text("acceptStatus") != "active" && o.Flag("autoAccept") {
				peering = peering.copy()
				peering.Outputs["acceptStatus"] = "active"
				c.Put(peering)
			}
		},
	},
	typeMainTableAssociation: {
		id: prefixed("rtbassoc"),
		check: []rule{
			inVPC,
			refers("routeTableId", "InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", typeRouteTable),
			mainTableNear,
		},
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "originalRouteTableId", c.find(typeVPC, o.Text("vpcId")).Text("mainRouteTableId"))
		},
	},
}

// ofOthers says whether a peer is in another account or region, which the twin knows nothing about.
func ofOthers(c *Call, o *Object) bool {
	owner, region := o.Text("peerOwnerId"), o.Text("peerRegion")
	return owner != "" && owner != c.accountID() || region != "" && region != o.Region
}

// peerVPC: the peer VPC exists (EC2 API, CreateVpcPeeringConnection).
func peerVPC(c *Call, o *Object) error {
	if id := o.Text("peerVpcId"); !ofOthers(c, o) && c.find(typeVPC, id) == nil {
		return fault("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
	}
	return nil
}

// peersApart: networks whose addresses overlap cannot be peered (VPC peering guide, "How VPC peering connections
// work"): the connection goes to the state failed, and the provider waits in vain.
func peersApart(c *Call, o *Object) error {
	mine, peer := c.find(typeVPC, o.Text("vpcId")), c.find(typeVPC, o.Text("peerVpcId"))
	if mine == nil || peer == nil {
		return nil
	}
	a, okA := prefix(mine, "cidrBlock")
	b, okB := prefix(peer, "cidrBlock")
	if okA && okB && a.Overlaps(b) {
		return message("PeeringFailed", "waiting for EC2 VPC Peering Connection create: unexpected state 'failed', wanted target 'active, "+
			"pending-acceptance'. last error: Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range: %s and %s", a, b)
	}
	return nil
}

// mainTableNear: the table belongs to the network (EC2 API, ReplaceRouteTableAssociation).
func mainTableNear(c *Call, o *Object) error {
	if table := c.find(typeRouteTable, o.Text("routeTableId")); table.Text("vpcId") != o.Text("vpcId") {
		return fault("InvalidParameterValue", "route table %s and network %s belong to different networks", table.ID, o.Text("vpcId"))
	}
	return nil
}

func fillPeering(c *Call, o, _ *Object) {
	status := "pending-acceptance"
	if o.Flag("autoAccept") {
		status = "active"
	}
	none := value.Map{"allowRemoteVpcDnsResolution": false}
	setDefaults(o, value.Map{"acceptStatus": status, "peerOwnerId": c.accountID(), "peerRegion": o.Region, "accepter": none,
		"requester": none})
}
