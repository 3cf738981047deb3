// Package keys makes the platform's KMS keys: one for what is kept, one for what
// is logged, one for what is announced. Three, because their users differ: no
// reader of a log can be let near the database's key.
//
// A key's policy names its users itself. The account administers the keys, but
// may encrypt and decrypt only by way of the services listed here.
package keys

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// Args are the keys' settings. Each key costs 1 USD a month, and as much again
// for each of its first two rotations (AWS KMS pricing).
type Args struct {
	// Protect refuses to delete the keys until it is false: without its key, data
	// is lost. Default false.
	Protect bool
}

func (a Args) withDefaults() Args { return a }

// Validate finds nothing wrong: the keys have no setting that could be.
func (a Args) Validate() infra.Problems { return nil }

// Key is one KMS key.
type Key struct {
	ARN pulumi.StringOutput
	ID  pulumi.StringOutput
}

// Keys are the platform's keys.
type Keys struct {
	pulumi.ResourceState

	// Data encrypts volumes, databases, their backups, secrets and buckets.
	Data *Key
	// Logs encrypts CloudWatch log groups.
	Logs *Key
	// Topics encrypts SNS topics, and lets alarms and events be published to them.
	Topics *Key
}

const (
	// pendingDays is the longest that KMS keeps a deleted key recoverable (AWS, KMS
	// API reference, ScheduleKeyDeletion).
	pendingDays = 30
	// rotationDays renews the key material once a year.
	rotationDays = 365
)

// New makes the keys. The account must have the service-linked role of Auto
// Scaling, which the data key's policy names and KMS looks up; an account in
// which no Auto Scaling group has ever been made gets it by
//
//	aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com
func New(ctx *pulumi.Context, name string, p *infra.Platform, args Args, opts ...pulumi.ResourceOption) (*Keys, error) {
	args = args.withDefaults()
	if err := args.Validate().Err(); err != nil {
		return nil, fmt.Errorf("making keys %s: %w", name, err)
	}
	k := &Keys{}
	if err := ctx.RegisterComponentResource("causeway:keys:Keys", name, k, opts...); err != nil {
		return nil, fmt.Errorf("registering keys %s: %w", name, err)
	}
	for _, part := range []struct {
		key         **Key
		name        string
		description string
		users       []infra.Statement
	}{
		{&k.Data, "data", "Volumes, databases, backups, secrets and buckets of the platform", dataUsers(p)},
		{&k.Logs, "logs", "CloudWatch log groups of the platform", logsUsers(p)},
		{&k.Topics, "topics", "SNS topics of the platform", topicsUsers(p)},
	} {
		key, err := newKey(ctx, name+"-"+part.name, p, part.description, part.users, args, k)
		if err != nil {
			return nil, err
		}
		*part.key = key
	}
	return k, ctx.RegisterResourceOutputs(k, pulumi.Map{
		"data": k.Data.ARN, "logs": k.Logs.ARN, "topics": k.Topics.ARN,
	})
}

func newKey(ctx *pulumi.Context, name string, p *infra.Platform, description string, users []infra.Statement, args Args, parent pulumi.Resource) (*Key, error) {
	policy := append([]infra.Statement{administration(p)}, users...)
	key, err := kms.NewKey(ctx, name, &kms.KeyArgs{
		Description:                    pulumi.String(description),
		KeyUsage:                       pulumi.String("ENCRYPT_DECRYPT"),
		CustomerMasterKeySpec:          pulumi.String("SYMMETRIC_DEFAULT"),
		IsEnabled:                      pulumi.Bool(true),
		EnableKeyRotation:              pulumi.Bool(true),
		RotationPeriodInDays:           pulumi.Int(rotationDays),
		DeletionWindowInDays:           pulumi.Int(pendingDays),
		MultiRegion:                    pulumi.Bool(false),
		BypassPolicyLockoutSafetyCheck: pulumi.Bool(false),
		Policy:                         infra.PolicyDocument(policy...),
		Tags:                           p.TagsFor(name, ""),
	}, pulumi.Parent(parent), pulumi.Protect(args.Protect))
	if err != nil {
		return nil, fmt.Errorf("making key %s: %w", name, err)
	}
	// An alias has no random suffix to add to: KMS wants the name to start with
	// alias/, and a person looks for it by name.
	_, err = kms.NewAlias(ctx, name, &kms.AliasArgs{
		Name:        pulumi.String("alias/" + name),
		TargetKeyId: key.KeyId,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("making the alias of key %s: %w", name, err)
	}
	return &Key{ARN: key.Arn, ID: key.KeyId}, nil
}
