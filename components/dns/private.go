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
	// Disposable lets the zone be deleted together with records that others made in it. Default false: AWS then
	// refuses.
	Disposable bool
}

// Validate reports everything that is wrong with the settings.
func (a PrivateArgs) Validate() (ps infra.Problems) {
	if what := NameProblem(Normalise(a.Domain)); what != "" {
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
func NewPrivate(
	ctx *pulumi.Context, name string, p *infra.Platform, net network.Place, args PrivateArgs, opts ...pulumi.ResourceOption,
) (*PrivateZone, error) {
	z := &PrivateZone{Domain: Normalise(args.Domain)}
	err := infra.Declare(ctx, infra.Component{
		Type: "dns:PrivateZone", Name: name, Platform: p, Options: opts,
		Wiring: struct{ Network network.Place }{net}, Problems: args.Validate(),
	}, z, func() (pulumi.Map, error) {
		made, err := route53.NewZone(ctx, name+"-zone", &route53.ZoneArgs{
			Name:         pulumi.String(z.Domain),
			Comment:      pulumi.String("Internal names of the platform " + p.Name),
			ForceDestroy: pulumi.Bool(args.Disposable),
			Vpcs: route53.ZoneVpcArray{route53.ZoneVpcArgs{
				VpcId:     net.VPC(),
				VpcRegion: pulumi.String(p.Region),
			}},
			Tags: p.TagsFor(name+"-zone", infra.TierInternal),
		}, pulumi.Parent(z))
		if err != nil {
			return nil, err
		}
		z.ID = made.ZoneId
		return pulumi.Map{"domain": pulumi.String(z.Domain), "zoneId": z.ID}, nil
	})
	return z, err
}

// Point makes hosts, fully qualified names in the zone, lead to target.
func (z *PrivateZone) Point(ctx *pulumi.Context, name string, target Target, hosts ...string) error {
	if err := checkHosts(z.Domain, hosts).Err(); err != nil {
		return fmt.Errorf("pointing %s: %w", name, err)
	}
	for _, host := range hosts {
		host = Normalise(host)
		if err := alias(ctx, name+"-"+LogicalName(host), host, z.ID, target, z); err != nil {
			return fmt.Errorf("pointing %s at the load balancer: %w", host, err)
		}
	}
	return nil
}
