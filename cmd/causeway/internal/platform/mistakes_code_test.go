package platform

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/stacks"
)

// codeMistake is what somebody changed of what the platform declares, or wrote below it.
type codeMistake struct {
	what    string
	edit    func(p *declared, name string, args any)
	below   func(ctx *pulumi.Context, p *declared) error
	fails   string // the checks that must fail, and no other
	refused string // how AWS refuses it, where it does
}

// declared is what the platform has declared, as a program's own variables would hold it.
type declared struct{ resources map[string]pulumi.Resource }

func (d *declared) get(kind, name string) pulumi.CustomResource {
	return d.resources["aws:"+kind+" prod-"+name].(pulumi.CustomResource)
}

func (d *declared) id(kind, name string) pulumi.StringOutput {
	return d.get(kind, name).ID().ToStringOutput()
}

func (d *declared) group(name string) pulumi.StringOutput {
	return d.id("ec2/securityGroup:SecurityGroup", name)
}

// provider is the platform's own.
func (d *declared) provider() pulumi.ResourceOption {
	return pulumi.Provider(d.resources["pulumi:providers:aws prod-aws"].(pulumi.ProviderResource))
}

func tagsOf(name string, tier infra.Tier) pulumi.StringMap {
	return (&infra.Platform{Name: "prod", Environment: "prod"}).TagsFor(name, tier)
}

// program is the platform with the mistake in it.
func (m codeMistake) program() pulumi.RunFunc { return m.programOf(stacks.Deploy) }

func (m codeMistake) programOf(platform pulumi.RunFunc) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p := &declared{map[string]pulumi.Resource{}}
		err := ctx.RegisterStackTransformation(func(r *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			p.resources[r.Type+" "+r.Name] = r.Resource
			if m.edit != nil {
				m.edit(p, r.Name, r.Props)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := platform(ctx); err != nil || m.below == nil {
			return err
		}
		return m.below(ctx, p)
	}
}

// in edits the arguments of the one resource of their type and that name.
func in[Args any](name string, edit func(*Args)) func(*declared, string, any) {
	return func(_ *declared, logical string, props any) {
		if args, ok := props.(*Args); ok && logical == name {
			edit(args)
		}
	}
}

func admits(name string, args *vpc.SecurityGroupIngressRuleArgs, group string) func(*pulumi.Context, *declared) error {
	return func(ctx *pulumi.Context, p *declared) error {
		args.SecurityGroupId, args.Description, args.Tags = p.group(group), pulumi.String(name), tagsOf(name, "")
		_, err := vpc.NewSecurityGroupIngressRule(ctx, name, args, p.provider())
		return err
	}
}

func grants(name, role, statement string) func(*pulumi.Context, *declared) error {
	return func(ctx *pulumi.Context, p *declared) error {
		_, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
			Role:   p.id("iam/role:Role", role),
			Policy: pulumi.String(`{"Version": "2012-10-17", "Statement": [` + statement + `]}`),
		}, p.provider())
		return err
	}
}

func routes(name, table string, args *ec2.RouteArgs, target func(*ec2.RouteArgs, *declared)) func(*pulumi.Context, *declared) error {
	return func(ctx *pulumi.Context, p *declared) error {
		args.RouteTableId = p.id("ec2/routeTable:RouteTable", table)
		target(args, p)
		_, err := ec2.NewRoute(ctx, name, args, p.provider())
		return err
	}
}

var codeMistakes = slices.Concat(networkMistakes, serversMistakes, rolesMistakes, dataMistakes)
