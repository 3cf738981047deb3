package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
)

// empty declares nothing.
func empty(*pulumi.Context) error { return nil }

// bareType is cheap for engine and twin alike: two inputs, no dependency, no rule.
const bareType = "aws:cloudwatch/logGroup:LogGroup"

// bare declares n resources that have nothing to do with each other, without a component: what the engine takes for that
// many, whoever declares them.
func bare(n int, region string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "floor", &aws.ProviderArgs{Region: pulumi.String(region)})
		if err != nil {
			return fmt.Errorf("making the floor's provider: %w", err)
		}
		for i := range n {
			var r pulumi.CustomResourceState
			inputs := pulumi.Map{"retentionInDays": pulumi.Int(14), "skipDestroy": pulumi.Bool(false)}
			if err := ctx.RegisterResource(bareType, fmt.Sprintf("floor-%04d", i), inputs, &r, pulumi.Provider(provider)); err != nil {
				return fmt.Errorf("registering bare resource %d: %w", i, err)
			}
		}
		return nil
	}
}

// platforms declares n platforms side by side, numbered from from, each with its own name, address range and domain.
func platforms(from, n int, s stacks.Settings, folder string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for i := from; i < from+n; i++ {
			outputs, err := stacks.Compose(ctx, nth(s, i), folder)
			if err != nil {
				return err
			}
			for key, value := range outputs {
				ctx.Export(fmt.Sprintf("%s-%d", key, i), value)
			}
		}
		return nil
	}
}

// nth is the settings of one of several platforms.
func nth(s stacks.Settings, i int) stacks.Settings {
	s.Name = fmt.Sprintf("p%d", i)
	s.Domain = s.Name + "." + s.DNS.Zone
	s.DNS.Names = nil
	s.Network.CIDR = fmt.Sprintf("10.%d.0.0/16", i)
	return s
}

// world is what a twin must hold before platforms with these settings are deployed.
func world(s stacks.Settings) twin.Options {
	manyPlatforms := twin.Manners{Quotas: map[string]int{"all": 1_000_000}}
	o := twin.Options{Account: s.AccountID, Manners: manyPlatforms}
	switch {
	case s.DNS.Create:
	case s.DNS.Provider == "route53":
		o.Route53Zones = []string{s.DNS.Zone}
	default:
		o.CloudflareZones = []string{s.DNS.Zone}
	}
	return o
}
