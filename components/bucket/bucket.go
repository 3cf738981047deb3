// Package bucket holds the platform's buckets. All are private, encrypted, versioned,
// reached only over TLS, owned without ACLs and tidied by a lifecycle; they differ in
// who may write to them, and for how long things are kept.
package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
)

// nameLimit is the longest that a bucket's name can be (AWS, S3 user guide, "Bucket
// naming rules").
const nameLimit = 63

// Args are the settings of a bucket.
type Args struct {
	// ExpireDays deletes an object after so many days. Default: never.
	ExpireDays int
	// NoncurrentDays keeps what was overwritten or deleted for so many days more.
	// Default: 30.
	NoncurrentDays int
	// ForceDestroy lets the bucket be destroyed with what is in it. Refused in prod,
	// and together with Protect. Default: a bucket that is not empty stays.
	ForceDestroy bool
	// Protect keeps Pulumi from deleting the bucket.
	Protect bool
}

func (a Args) withDefaults() Args {
	if a.NoncurrentDays == 0 {
		a.NoncurrentDays = 30
	}
	return a
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	if a.ExpireDays < 0 {
		ps.Addf("expireDays", "write 0 to keep objects, or a number of days", "%d days cannot be", a.ExpireDays)
	}
	if a.NoncurrentDays < 1 {
		ps.Addf("noncurrentDays", "write a number of days from 1", "%d days cannot be", a.NoncurrentDays)
	}
	if a.ForceDestroy && a.Protect {
		ps.Add("forceDestroy", "set only one of them", "contradicts protect")
	}
	return ps
}

// Bucket is a private bucket.
type Bucket struct {
	pulumi.ResourceState

	// Name is the bucket's name.
	Name pulumi.StringOutput
	// ARN is the bucket's.
	ARN pulumi.StringOutput
	// Key encrypts the objects; nil if S3's own key does.
	Key *keys.Key
	// Ready is what a writer that AWS lets in by the bucket's policy must depend on:
	// the policy itself.
	Ready pulumi.Resource
}

// purpose is what distinguishes one bucket from another.
type purpose struct {
	key        *keys.Key                                       // nil: S3's own key
	logging    *Bucket                                         // nil: requests are not recorded
	expiring   []string                                        // prefixes whose objects ExpireDays deletes
	statements func(arn pulumi.StringOutput) []infra.Statement // beyond those that every bucket has
}

// New makes a private bucket that is reached by IAM policies alone. Objects are
// encrypted with key, or with S3's own key if it is nil; requests are recorded in
// logs, unless it is nil.
func New(ctx *pulumi.Context, name string, p *infra.Platform, key *keys.Key, logs *Bucket, args Args, opts ...pulumi.ResourceOption) (*Bucket, error) {
	return build(ctx, name, p, purpose{key: key, logging: logs, expiring: []string{""}}, args, opts...)
}

func build(ctx *pulumi.Context, name string, p *infra.Platform, what purpose, args Args, opts ...pulumi.ResourceOption) (*Bucket, error) {
	args = args.withDefaults()
	problems := args.Validate()
	if args.ForceDestroy && p.Environment == "prod" {
		problems.Add("forceDestroy", "leave it out; empty the bucket by hand before destroying it", "would throw away what a prod bucket holds")
	}
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("bucket %s: %w", name, err)
	}
	b := &Bucket{Key: what.key}
	if err := ctx.RegisterComponentResource("causeway:bucket:Bucket", name, b, opts...); err != nil {
		return nil, err
	}
	logical := infra.ShortName(nameLimit, name)
	made, err := s3.NewBucketV2(ctx, logical, &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(args.ForceDestroy),
		Tags:         p.TagsFor(logical, ""),
	}, pulumi.Parent(b), pulumi.Protect(args.Protect))
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", name, err)
	}
	b.Name = made.Bucket
	b.ARN = pulumi.Sprintf("arn:%s:s3:::%s", p.Partition(), made.Bucket)
	for _, declare := range []func(*pulumi.Context, string, *infra.Platform, purpose, Args) error{
		b.closed, b.encrypted, b.kept, b.governed, b.recorded,
	} {
		if err := declare(ctx, name, p, what, args); err != nil {
			return nil, fmt.Errorf("bucket %s: %w", name, err)
		}
	}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{"name": b.Name, "arn": b.ARN})
}

func (b *Bucket) closed(ctx *pulumi.Context, name string, _ *infra.Platform, _ purpose, _ Args) error {
	_, err := s3.NewBucketPublicAccessBlock(ctx, name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                b.Name,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, pulumi.Parent(b))
	if err != nil {
		return err
	}
	_, err = s3.NewBucketOwnershipControls(ctx, name, &s3.BucketOwnershipControlsArgs{
		Bucket: b.Name,
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, pulumi.Parent(b))
	return err
}

func (b *Bucket) encrypted(ctx *pulumi.Context, name string, _ *infra.Platform, what purpose, _ Args) error {
	with := s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
		SseAlgorithm: pulumi.String("AES256"),
	}
	if what.key != nil {
		with.SseAlgorithm = pulumi.String("aws:kms")
		with.KmsMasterKeyId = what.key.ARN
	}
	_, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: b.Name,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
			s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
				ApplyServerSideEncryptionByDefault: with,
				// One request to KMS for many objects; without a key of ours it means nothing.
				BucketKeyEnabled: pulumi.Bool(what.key != nil),
			},
		},
	}, pulumi.Parent(b))
	return err
}

// kept turns on versions, and says when they and unfinished uploads go.
func (b *Bucket) kept(ctx *pulumi.Context, name string, _ *infra.Platform, what purpose, args Args) error {
	versions, err := s3.NewBucketVersioningV2(ctx, name, &s3.BucketVersioningV2Args{
		Bucket:                  b.Name,
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, pulumi.Parent(b))
	if err != nil {
		return err
	}
	rules := s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:     pulumi.String("tidy"),
		Status: pulumi.String("Enabled"),
		Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
			DaysAfterInitiation: pulumi.Int(7),
		},
		NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
			NoncurrentDays: pulumi.Int(args.NoncurrentDays),
		},
	}}
	for i, prefix := range what.expiring {
		if args.ExpireDays == 0 {
			break
		}
		rules = append(rules, s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:         pulumi.String(fmt.Sprintf("expire-%d", i)),
			Status:     pulumi.String("Enabled"),
			Filter:     s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(prefix)},
			Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(args.ExpireDays)},
		})
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(ctx, name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: b.Name, Rules: rules,
	}, pulumi.Parent(b), pulumi.DependsOn([]pulumi.Resource{versions}))
	return err
}

// governed attaches the bucket's policy.
func (b *Bucket) governed(ctx *pulumi.Context, name string, p *infra.Platform, what purpose, _ Args) error {
	objects := pulumi.Sprintf("%s/*", b.ARN)
	statements := []infra.Statement{{
		Sid:        "RefusePlainHTTP",
		Effect:     infra.Deny,
		Principals: map[string][]string{"AWS": {"*"}},
		Actions:    []string{"s3:*"},
		Resources:  pulumi.StringArray{b.ARN, objects},
		Conditions: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
	}}
	if what.statements != nil {
		statements = append(statements, what.statements(b.ARN)...)
	}
	policy, err := s3.NewBucketPolicy(ctx, name, &s3.BucketPolicyArgs{
		Bucket: b.Name,
		Policy: infra.PolicyDocument(statements...),
	}, pulumi.Parent(b))
	if err != nil {
		return err
	}
	b.Ready = policy
	return nil
}

func (b *Bucket) recorded(ctx *pulumi.Context, name string, _ *infra.Platform, what purpose, _ Args) error {
	if what.logging == nil {
		return nil
	}
	_, err := s3.NewBucketLoggingV2(ctx, name, &s3.BucketLoggingV2Args{
		Bucket:       b.Name,
		TargetBucket: what.logging.Name,
		TargetPrefix: pulumi.String(RequestLogs + "/" + name + "/"),
	}, pulumi.Parent(b), pulumi.DependsOn([]pulumi.Resource{what.logging.Ready}))
	return err
}
