package network

import (
	"fmt"
	"maps"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/addressplan"
)

// makeVPC makes the VPC. DNS works inside it, as private DNS names of endpoints and databases require.
func (b *builder) makeVPC() error {
	tags := b.p.TagMap(b.name, infra.Everywhere)
	maps.Copy(tags, b.p.Notices)
	vpc, err := ec2.NewVpc(b.ctx, b.name, &ec2.VpcArgs{
		CidrBlock:                    pulumi.String(b.n.CIDR),
		EnableDnsSupport:             pulumi.Bool(true),
		EnableDnsHostnames:           pulumi.Bool(true),
		InstanceTenancy:              pulumi.String("default"),
		AssignGeneratedIpv6CidrBlock: pulumi.Bool(false),
		Tags:                         pulumi.ToStringMap(tags),
	}, b.child())
	if err != nil {
		return fmt.Errorf("making the VPC: %w", err)
	}
	b.vpc = vpc
	b.n.vpc = vpc.ID().ToStringOutput()
	return nil
}

// emptyDefaults adopts what AWS makes with every VPC and empties it, so that a resource attached to nothing else gets
// no traffic through.
func (b *builder) emptyDefaults() error {
	name := b.name + "-default"
	if _, err := ec2.NewDefaultSecurityGroup(b.ctx, name, &ec2.DefaultSecurityGroupArgs{
		VpcId:   b.vpc.ID(),
		Ingress: ec2.DefaultSecurityGroupIngressArray{},
		Egress:  ec2.DefaultSecurityGroupEgressArray{},
		Tags:    b.p.TagsFor(name, infra.Everywhere),
	}, b.child()); err != nil {
		return fmt.Errorf("emptying the default security group: %w", err)
	}
	// A new subnet starts with the default ACL. Adopting that ACL only after the platform's own have taken their
	// subnets keeps the subnets out of its state, where they would show as drift.
	if _, err := ec2.NewDefaultNetworkAcl(b.ctx, name, &ec2.DefaultNetworkAclArgs{
		DefaultNetworkAclId: b.vpc.DefaultNetworkAclId,
		Ingress:             ec2.DefaultNetworkAclIngressArray{},
		Egress:              ec2.DefaultNetworkAclEgressArray{},
		Tags:                b.p.TagsFor(name, infra.Everywhere),
	}, b.child(), pulumi.DependsOn(b.acls)); err != nil {
		return fmt.Errorf("emptying the default network ACL: %w", err)
	}
	if _, err := ec2.NewDefaultRouteTable(b.ctx, name, &ec2.DefaultRouteTableArgs{
		DefaultRouteTableId: b.vpc.DefaultRouteTableId,
		Routes:              ec2.DefaultRouteTableRouteArray{},
		Tags:                b.p.TagsFor(name, infra.Everywhere),
	}, b.child()); err != nil {
		return fmt.Errorf("emptying the main route table: %w", err)
	}
	return nil
}

func (b *builder) makeSubnets() error {
	for _, tier := range addressplan.Tiers {
		ids := pulumi.StringArray{}
		for _, zone := range b.n.Zones {
			_, slot, _ := addressplan.Slot(zone)
			name := b.name + "-" + tier.String() + "-" + letter(zone)
			subnet, err := ec2.NewSubnet(b.ctx, name, &ec2.SubnetArgs{
				VpcId:                       b.vpc.ID(),
				AvailabilityZone:            pulumi.String(zone),
				CidrBlock:                   pulumi.String(b.n.Plan.Subnet(tier, slot).String()),
				MapPublicIpOnLaunch:         pulumi.Bool(false),
				AssignIpv6AddressOnCreation: pulumi.Bool(false),
				Tags:                        b.p.TagsFor(name, tier.Tag()),
			}, b.child())
			if err != nil {
				return fmt.Errorf("making subnet %s: %w", name, err)
			}
			b.placed[tier] = append(b.placed[tier], subnet)
			ids = append(ids, subnet.ID())
		}
		b.n.subnets[tier] = ids
	}
	return nil
}
