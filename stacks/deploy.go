// Package stacks composes the platform: the boxes of the picture, wired from the
// browser to the database, and the settings that shape them.
package stacks

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/release"
)

// Deploy is the program: it reads the stack's settings, refuses them if anything is wrong, and declares the platform.
func Deploy(ctx *pulumi.Context) error { return deploy(ctx, refuse) }

// Review is the program for whoever reviews a change. Where Deploy would refuse to change a deployed stack, Review
// only warns, with Refused before the warning, and declares the change all the same, so that a preview shows its
// effect.
func Review(ctx *pulumi.Context) error { return deploy(ctx, warn) }

func deploy(ctx *pulumi.Context, on refusal) error {
	c, folder, err := load(ctx)
	if err != nil {
		return err
	}
	for _, p := range append(c.Notices, c.ended...) {
		if err := ctx.Log.Warn(p.String(), nil); err != nil {
			return err
		}
	}
	if err := hold(ctx, c.Settings, c.ended, on); err != nil {
		return err
	}
	lasting, err := newLasting(ctx, c.Settings, on)
	if err != nil {
		return err
	}
	outputs, err := Compose(ctx, c.Settings, folder, lasting)
	if err != nil {
		return err
	}
	if err := ctx.RegisterResourceOutputs(lasting, pulumi.Map{"databaseZones": outputs["databaseZones"]}); err != nil {
		return fmt.Errorf("noting where the database is: %w", err)
	}
	for _, key := range slices.Sorted(maps.Keys(outputs)) {
		ctx.Export(key, outputs[key])
	}
	return nil
}

// Compose declares one platform and returns what a person wants to know about it. Releases are looked for relative to
// folder; nothing is made before the resources in after exist.
func Compose(ctx *pulumi.Context, s Settings, folder string, after ...pulumi.Resource) (pulumi.Map, error) {
	b := s.builder(ctx, folder, after...)
	if err := b.declare(); err != nil {
		return nil, err
	}
	return b.outputs(), nil
}

func (s Settings) builder(ctx *pulumi.Context, folder string, after ...pulumi.Resource) *builder {
	b := &builder{ctx: ctx, s: s, folder: folder, p: s.platform(), after: after, opened: map[string]release.Release{}}
	maps.Copy(b.opened, s.opened)
	return b
}

// declare declares the boxes of the picture.
func (b *builder) declare() error {
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"what runs", func() error { return b.openReleases(b.ctx.Context()) }},
		{"the providers", b.connect},
		{"the DNS zone", b.makeZone},
		{"the foundation", b.makeFoundation},
		{"the firewall", b.makeFirewall},
		{"the edge load balancer", b.makeEdge},
		{"the web tier", b.makeWeb},
		{"the internal load balancer", b.makeInternal},
		{"the database", b.makeDatabase},
		{"the application tier", b.makeApp},
		{"the workers", b.makeWorkers},
		{"the monitoring", b.makeMonitoring},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("declaring %s: %w", step.what, err)
		}
	}
	return nil
}

// platform is what every component needs to know about this one.
func (s Settings) platform() *infra.Platform {
	notices := map[string]string{}
	for name, waiver := range s.Waivers {
		notices["causeway:waiver:"+name] = waiver.Expires + " " + waiver.Reason
	}
	if relaxed := s.relaxed(); relaxed != "" {
		notices["causeway:relaxed"] = relaxed
	}
	return &infra.Platform{
		Name: s.Name, Environment: s.Environment, Region: s.Region, Account: s.AccountID, Tags: s.Tags, Notices: notices,
	}
}

// connect makes the providers (one account, one region, any other refused) and asks for the region's zones, so that
// asking for too many is noticed before anything exists.
func (b *builder) connect() error {
	cloud, err := b.provider("aws", b.s.Region)
	if err != nil {
		return err
	}
	b.aws = cloud
	b.everywhere = append(b.everywhere, cloud)
	if b.s.DNS.Provider == "cloudflare" {
		edge, err := cloudflare.NewProvider(b.ctx, b.p.Named("cloudflare"), &cloudflare.ProviderArgs{}, once(b.after))
		if err != nil {
			return fmt.Errorf("making the Cloudflare provider: %w", err)
		}
		b.everywhere = append(b.everywhere, edge)
		b.cloudflare = edge
	}
	if b.s.DNS.Provider == "route53" && b.s.Region != globalRegion {
		if b.global, err = b.provider("aws-global", globalRegion); err != nil {
			return err
		}
	}
	b.zones, err = b.zoneNames()
	return err
}

// globalRegion is where AWS keeps resources that belong to no region, such as the key that signs a Route 53 zone.
const globalRegion = "us-east-1"

// once makes a resource wait until these exist. DependsOn would not: for a component, the SDK waits only for its
// parts.
func once(these []pulumi.Resource) pulumi.ResourceOption {
	var there pulumi.ResourceArray
	for _, r := range these {
		there = append(there, r.URN().ApplyT(func(pulumi.URN) pulumi.Resource { return r }).(pulumi.ResourceOutput))
	}
	return pulumi.DependsOnInputs(there)
}

func (b *builder) provider(part, region string) (*aws.Provider, error) {
	provider, err := aws.NewProvider(b.ctx, b.p.Named(part), &aws.ProviderArgs{
		Region:            pulumi.String(region),
		AllowedAccountIds: pulumi.ToStringArray([]string{b.s.AccountID}),
	}, once(b.after))
	if err != nil {
		return nil, fmt.Errorf("making the AWS provider for %s: %w", region, err)
	}
	return provider, nil
}
