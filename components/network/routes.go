package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/addressplan"
)

const everywhere = "0.0.0.0/0"

// makeRoutes makes the route tables and associates every subnet with one. Web and app share a table in each zone,
// whatever the NAT setting: changing the setting only changes where a route points. The data tier's table has no
// routes of its own.
func (b *builder) makeRoutes() error {
	gateway, err := ec2.NewInternetGateway(b.ctx, b.name, &ec2.InternetGatewayArgs{
		VpcId: b.vpc.ID(),
		Tags:  b.p.TagsFor(b.name, infra.TierPublic),
	}, b.child())
	if err != nil {
		return fmt.Errorf("making the internet gateway: %w", err)
	}
	public, err := b.table("public", infra.TierPublic)
	if err != nil {
		return err
	}
	out, err := ec2.NewRoute(b.ctx, b.name+"-public-internet", &ec2.RouteArgs{
		RouteTableId:         public.ID(),
		DestinationCidrBlock: pulumi.String(everywhere),
		GatewayId:            gateway.ID(),
	}, b.child())
	if err != nil {
		return fmt.Errorf("making the route to the internet: %w", err)
	}
	b.readies(out, Public)
	data, err := b.table("data", infra.TierData)
	if err != nil {
		return err
	}
	for _, zone := range b.n.Zones {
		table, err := b.table("private-"+letter(zone), infra.TierPrivate)
		if err != nil {
			return err
		}
		b.private = append(b.private, table)
	}
	if err := b.associate(public, data); err != nil {
		return err
	}
	return b.makeNAT(out)
}

func (b *builder) table(part string, tier infra.Tier) (*ec2.RouteTable, error) {
	name := b.name + "-" + part
	table, err := ec2.NewRouteTable(b.ctx, name, &ec2.RouteTableArgs{
		VpcId: b.vpc.ID(),
		Tags:  b.p.TagsFor(name, tier),
	}, b.child())
	if err != nil {
		return nil, fmt.Errorf("making route table %s: %w", name, err)
	}
	return table, nil
}

func (b *builder) associate(public, data *ec2.RouteTable) error {
	for i, zone := range b.n.Zones {
		tables := map[Tier]*ec2.RouteTable{Public: public, Web: b.private[i], App: b.private[i], Data: data}
		for _, tier := range addressplan.Tiers {
			name := b.name + "-" + tier.String() + "-" + letter(zone)
			association, err := ec2.NewRouteTableAssociation(b.ctx, name, &ec2.RouteTableAssociationArgs{
				SubnetId:     b.placed[tier][i].ID(),
				RouteTableId: tables[tier].ID(),
			}, b.child())
			if err != nil {
				return fmt.Errorf("associating subnet %s with its route table: %w", name, err)
			}
			b.readies(association, tier)
		}
	}
	return nil
}

// makeNAT makes the NAT gateways and the private tiers' routes to them. A gateway is named by its zone, so that going
// from single to perZone keeps the existing one.
func (b *builder) makeNAT(out *ec2.Route) error {
	addresses := pulumi.StringArray{}
	defer func() { b.n.NATAddresses = addresses.ToStringArrayOutput() }()
	if b.args.NAT == NATNone {
		return nil
	}
	var gateways []*ec2.NatGateway
	for i, zone := range b.n.Zones {
		if b.args.NAT == NATSingle && i > 0 {
			break
		}
		name := b.name + "-nat-" + letter(zone)
		address, err := ec2.NewEip(b.ctx, name, &ec2.EipArgs{
			Domain: pulumi.String("vpc"),
			Tags:   b.p.TagsFor(name, infra.TierPublic),
		}, b.child())
		if err != nil {
			return fmt.Errorf("making the address of %s: %w", name, err)
		}
		// A NAT gateway cannot be made in a VPC that has no way to the internet yet, or with an address that another
		// gateway still holds.
		gateway, err := ec2.NewNatGateway(b.ctx, name, &ec2.NatGatewayArgs{
			AllocationId:     address.AllocationId,
			ConnectivityType: pulumi.String("public"),
			SubnetId:         b.placed[Public][i].ID(),
			Tags:             b.p.TagsFor(name, infra.TierPublic),
		}, b.child(), pulumi.DependsOn([]pulumi.Resource{out}), pulumi.DeleteBeforeReplace(true))
		if err != nil {
			return fmt.Errorf("making NAT gateway %s: %w", name, err)
		}
		gateways = append(gateways, gateway)
		addresses = append(addresses, address.PublicIp)
	}
	for i, zone := range b.n.Zones {
		gateway := gateways[0]
		if b.args.NAT == NATPerZone {
			gateway = gateways[i]
		}
		name := b.name + "-private-" + letter(zone) + "-internet"
		route, err := ec2.NewRoute(b.ctx, name, &ec2.RouteArgs{
			RouteTableId:         b.private[i].ID(),
			DestinationCidrBlock: pulumi.String(everywhere),
			NatGatewayId:         gateway.ID(),
		}, b.child())
		if err != nil {
			return fmt.Errorf("making route %s: %w", name, err)
		}
		b.readies(route, Web, App)
	}
	return nil
}
