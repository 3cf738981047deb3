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
	// Statements are what the platform's own servers may be given beyond the
	// built-in list, such as a queue that they read. Default none.
	Statements []infra.Statement
}

func (a BoundaryArgs) withDefaults() BoundaryArgs { return a }

// Validate rejects statements that would make the boundary boundless.
func (a BoundaryArgs) Validate() infra.Problems { return checkStatements(a.Statements) }

// Boundary is the permissions boundary of all roles of one platform.
type Boundary struct {
	pulumi.ResourceState

	ARN pulumi.StringOutput
}

// NewBoundary makes the boundary. It names the platform's keys themselves, since
// no role may decrypt with any other, and everything else by the patterns of the
// platform's account and region.
func NewBoundary(ctx *pulumi.Context, name string, p *infra.Platform, k *keys.Keys, args BoundaryArgs, opts ...pulumi.ResourceOption) (*Boundary, error) {
	if k == nil {
		return nil, fmt.Errorf("making boundary %s: the platform's keys are missing", name)
	}
	args = args.withDefaults()
	if err := args.Validate().Err(); err != nil {
		return nil, fmt.Errorf("making boundary %s: %w", name, err)
	}
	b := &Boundary{}
	if err := ctx.RegisterComponentResource("causeway:identity:Boundary", name, b, opts...); err != nil {
		return nil, fmt.Errorf("registering boundary %s: %w", name, err)
	}
	policy, err := iam.NewPolicy(ctx, name, &iam.PolicyArgs{
		Description: pulumi.String("The most that a role of the platform can do"),
		Policy:      infra.PolicyDocument(append(ceiling(p, k), args.Statements...)...),
		Tags:        p.TagsFor(name, ""),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("making the policy of boundary %s: %w", name, err)
	}
	b.ARN = policy.Arn
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{"arn": b.ARN})
}
