package dns

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
)

// PrivateArgs are the settings of a private zone.
type PrivateArgs struct {
	// Domain is the zone's name, such as internal.example.com. Required. Keep it
	// below a public domain that you own: only then can a public authority issue
	// certificates for its names.
	Domain string
	// Protect keeps Pulumi from deleting the zone.
	Protect bool
}

func (a PrivateArgs) withDefaults() PrivateArgs {
	a.Domain = Normalise(a.Domain)
	return a
}

// Validate reports everything that is wrong with the settings.
func (a PrivateArgs) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	if what := NameProblem(a.Domain); what != "" {
		ps.Addf("domain", "write a name below your own domain, such as internal.example.com", "%q %s", a.Domain, what)
	}
	return ps
}

// PrivateZone is a Route 53 zone that only the platform's network sees. It costs 0.50
// USD a month (AWS, Route 53 pricing).
type PrivateZone struct {
	pulumi.ResourceState

	// Domain is the zone's name, normalised.
	Domain string
	// ID is the zone's identifier in Route 53.
	ID pulumi.StringOutput
}

// NewPrivate declares a private zone for the network net.
func NewPrivate(ctx *pulumi.Context, name string, p *infra.Platform, net *network.Network, args PrivateArgs, opts ...pulumi.ResourceOption) (*PrivateZone, error) {
	if net == nil {
		return nil, fmt.Errorf("private dns %s: no network to answer in", name)
	}
	args = args.withDefaults()
	if err := args.Validate().Err(); err != nil {
		return nil, fmt.Errorf("private dns %s: %w", name, err)
	}
	z := &PrivateZone{Domain: args.Domain}
	if err := ctx.RegisterComponentResource("causeway:dns:PrivateZone", name, z, opts...); err != nil {
		return nil, err
	}
	made, err := route53.NewZone(ctx, name+"-zone", &route53.ZoneArgs{
		Name:         pulumi.String(args.Domain),
		Comment:      pulumi.String("Internal names of the platform " + p.Name),
		ForceDestroy: pulumi.Bool(false),
		Vpcs: route53.ZoneVpcArray{route53.ZoneVpcArgs{
			VpcId:     net.VPC,
			VpcRegion: pulumi.String(p.Region),
		}},
		Tags: p.TagsFor(name+"-zone", "internal"),
	}, pulumi.Parent(z), pulumi.Protect(args.Protect))
	if err != nil {
		return nil, fmt.Errorf("private dns %s: %w", name, err)
	}
	z.ID = made.ZoneId
	return z, ctx.RegisterResourceOutputs(z, pulumi.Map{"domain": pulumi.String(z.Domain), "zoneId": z.ID})
}

// Point makes hosts, fully qualified names in the zone, lead to target.
func (z *PrivateZone) Point(ctx *pulumi.Context, name string, target Target, hosts ...string) error {
	if err := checkHosts(z.Domain, hosts).Err(); err != nil {
		return fmt.Errorf("pointing %s: %w", name, err)
	}
	for _, host := range hosts {
		host = Normalise(host)
		if err := aliases(ctx, name+"-"+host, host, z.ID, target, pulumi.Parent(z)); err != nil {
			return fmt.Errorf("pointing %s at the load balancer: %w", host, err)
		}
	}
	return nil
}
