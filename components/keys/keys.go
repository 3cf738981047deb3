// Package keys makes the platform's KMS keys: one for stored data, one for logs, one for announcements. There are
// three because their users differ: no reader of a log may be let near the database's key.
//
// Each key's policy names its users itself. The account administers the keys, but may encrypt and decrypt only
// through the services listed here.
package keys

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// Args are the keys' settings. Each key costs 1 USD a month, and the same again for each of its first two rotations
// (AWS KMS pricing).
type Args struct {
	// Protect refuses to delete the keys until it is false: data whose key is deleted is lost. Default false.
	Protect bool
}

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
	// pendingDays is how many days a deleted key stays recoverable, the most that KMS offers (AWS, KMS API reference,
	// ScheduleKeyDeletion).
	pendingDays = 30
	// rotationDays makes KMS renew the key material once a year.
	rotationDays = 365
)

// New makes the keys. The account must have the service-linked role of Auto
// Scaling, which the data key's policy names and KMS looks up; an account in
// which no Auto Scaling group has ever been made gets it by
//
//	aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com
func New(ctx *pulumi.Context, name string, p *infra.Platform, args Args, opts ...pulumi.ResourceOption) (*Keys, error) {
	k := &Keys{}
	err := infra.Declare(ctx, infra.Component{
		Type: "keys:Keys", Name: name, Platform: p, Options: opts,
	}, k, func() (_ pulumi.Map, err error) {
		for _, part := range []struct {
			key  **Key
			made keyArgs
		}{
			{&k.Data, keyArgs{"data", "Volumes, databases, backups, secrets and buckets of the platform", dataUsers(p)}},
			{&k.Logs, keyArgs{"logs", "CloudWatch log groups of the platform", logsUsers(p)}},
			{&k.Topics, keyArgs{"topics", "SNS topics of the platform", topicsUsers(p)}},
		} {
			if *part.key, err = part.made.declare(ctx, name, p, args, k); err != nil {
				return nil, err
			}
		}
		return pulumi.Map{"data": k.Data.ARN, "logs": k.Logs.ARN, "topics": k.Topics.ARN}, nil
	})
	return k, err
}

// keyArgs is what distinguishes the platform's keys.
type keyArgs struct {
	part        string
	description string
	users       []infra.Statement
}

func (of keyArgs) declare(ctx *pulumi.Context, name string, p *infra.Platform, args Args, parent *Keys) (*Key, error) {
	name += "-" + of.part
	policy := append([]infra.Statement{administration(p)}, of.users...)
	key, err := kms.NewKey(ctx, name, &kms.KeyArgs{
		Description:                    pulumi.String(of.description),
		KeyUsage:                       pulumi.String("ENCRYPT_DECRYPT"),
		CustomerMasterKeySpec:          pulumi.String("SYMMETRIC_DEFAULT"),
		IsEnabled:                      pulumi.Bool(true),
		EnableKeyRotation:              pulumi.Bool(true),
		RotationPeriodInDays:           pulumi.Int(rotationDays),
		DeletionWindowInDays:           pulumi.Int(pendingDays),
		MultiRegion:                    pulumi.Bool(false),
		BypassPolicyLockoutSafetyCheck: pulumi.Bool(false),
		Policy:                         infra.PolicyDocument(policy...),
		Tags:                           p.TagsFor(name, infra.Everywhere),
	}, pulumi.Parent(parent), pulumi.Protect(args.Protect))
	if err != nil {
		return nil, fmt.Errorf("making key %s: %w", name, err)
	}
	// An alias is not auto-named: KMS requires that the name start with alias/, and people look for it by name.
	_, err = kms.NewAlias(ctx, name, &kms.AliasArgs{
		Name:        pulumi.String("alias/" + name),
		TargetKeyId: key.KeyId,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("making the alias of key %s: %w", name, err)
	}
	return &Key{ARN: key.Arn, ID: key.KeyId}, nil
}
