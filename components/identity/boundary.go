// Package identity makes IAM roles of least privilege: each trusts one service,
// and none can do more than the platform's permissions boundary allows, whatever
// is attached to it.
package identity

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
)

// BoundaryArgs are the boundary's settings.
type BoundaryArgs struct {
	// Statements are what the platform's own servers may be allowed beyond the built-in list, such as a queue that
	// they read. Default none.
	Statements []infra.Statement
}

// Validate rejects statements that would make the boundary boundless.
func (a BoundaryArgs) Validate() infra.Problems { return CheckStatements("statements", a.Statements) }

// Boundary is the permissions boundary of all roles of one platform.
type Boundary struct {
	pulumi.ResourceState

	ARN pulumi.StringOutput
}

// NewBoundary makes the boundary. It names the platform's keys themselves, since
// no role may decrypt with any other, and everything else by the patterns of the
// platform's account and region.
func NewBoundary(
	ctx *pulumi.Context, name string, p *infra.Platform, k *keys.Keys, args BoundaryArgs, opts ...pulumi.ResourceOption,
) (*Boundary, error) {
	b := &Boundary{}
	err := infra.Declare(ctx, infra.Component{
		Type: "identity:Boundary", Name: name, Platform: p, Wiring: k, Problems: args.Validate(), Options: opts,
	}, b, func() (pulumi.Map, error) {
		policy, err := iam.NewPolicy(ctx, name, &iam.PolicyArgs{
			Description: pulumi.String("The most that a role of the platform can do"),
			Policy:      infra.PolicyWithin(mostPolicy, name, append(ceiling(p, k), args.Statements...)...),
			Tags:        p.TagsFor(name, infra.Everywhere),
		}, pulumi.Parent(b))
		if err != nil {
			return nil, fmt.Errorf("making the policy: %w", err)
		}
		b.ARN = policy.Arn
		return pulumi.Map{"arn": b.ARN}, nil
	})
	return b, err
}
