// Package bucket holds the platform's buckets. All are private, encrypted, versioned, reachable only over TLS,
// without ACLs and cleaned up by a lifecycle; they differ in who may write to them and how long objects are kept.
package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
)

// nameLimit is the longest name of a bucket (AWS, S3 user guide, "Bucket naming rules").
const nameLimit = 63

// noncurrentDays is how long overwritten and deleted objects are kept.
const noncurrentDays = 30

// Args are the settings of a bucket.
type Args struct {
	// Protect keeps Pulumi from deleting the bucket. Default false.
	Protect bool
	// Disposable lets the bucket be deleted with the objects in it. Refused in prod, and together with Protect.
	// Default: a bucket that is not empty stays.
	Disposable bool
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() (ps infra.Problems) {
	if a.Disposable && a.Protect {
		ps.Add("disposable", "set only one of protect and disposable", "a protected bucket cannot be disposable")
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
	// Ready is the bucket's policy. A writer that AWS admits by that policy must depend on it.
	Ready pulumi.Resource
}

// purpose is what distinguishes one bucket from another.
type purpose struct {
	key        *keys.Key                                       // nil: S3's own key
	logs       *Bucket                                         // nil: requests are not recorded
	expiring   []string                                        // prefixes whose objects are deleted
	expireDays int                                             // after so many days
	statements func(arn pulumi.StringOutput) []infra.Statement // beyond those that every bucket has
}

// builder holds the state that the parts of one bucket share while they are declared.
type builder struct {
	purpose
	ctx  *pulumi.Context
	name string
	p    *infra.Platform
	args Args
	b    *Bucket
}

// declare registers the bucket and its parts. wiring and problems are those of its kind.
func (b *builder) declare(wiring any, problems infra.Problems, opts []pulumi.ResourceOption) (*Bucket, error) {
	b.b = &Bucket{Key: b.key}
	if b.args.Disposable && b.p != nil && b.p.Environment == "prod" {
		problems.Add("disposable", "leave it out, and empty the bucket by hand before you destroy it",
			"would throw away what a prod bucket holds")
	}
	err := infra.Declare(b.ctx, infra.Component{
		Type: "bucket:Bucket", Name: b.name, Platform: b.p, Wiring: wiring, Problems: append(b.args.Validate(), problems...), Options: opts,
	}, b.b, func() (pulumi.Map, error) {
		err := infra.InOrder(b.makeBucket, b.blockPublicAccess, b.encrypt, b.keepVersions, b.attachPolicy, b.recordRequests)
		return pulumi.Map{"name": b.b.Name, "arn": b.b.ARN}, err
	})
	return b.b, err
}

func (b *builder) child(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append(opts, pulumi.Parent(b.b))
}

func (b *builder) makeBucket() error {
	name := infra.ShortName(nameLimit, b.name)
	made, err := s3.NewBucketV2(b.ctx, name, &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(b.args.Disposable),
		Tags:         b.p.TagsFor(name, infra.Everywhere),
	}, b.child(pulumi.Protect(b.args.Protect))...)
	if err != nil {
		return err
	}
	b.b.Name = made.Bucket
	b.b.ARN = pulumi.Sprintf("arn:%s:s3:::%s", b.p.Partition(), made.Bucket)
	return nil
}

// blockPublicAccess refuses public policies and every ACL.
func (b *builder) blockPublicAccess() error {
	_, err := s3.NewBucketPublicAccessBlock(b.ctx, b.name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                b.b.Name,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, b.child()...)
	if err != nil {
		return err
	}
	_, err = s3.NewBucketOwnershipControls(b.ctx, b.name, &s3.BucketOwnershipControlsArgs{
		Bucket: b.b.Name,
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, b.child()...)
	return err
}

func (b *builder) encrypt() error {
	with := s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
		SseAlgorithm: pulumi.String("AES256"),
	}
	if b.key != nil {
		with.SseAlgorithm = pulumi.String("aws:kms")
		with.KmsMasterKeyId = b.key.ARN
	}
	_, err := s3.NewBucketServerSideEncryptionConfigurationV2(b.ctx, b.name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: b.b.Name,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
			s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
				ApplyServerSideEncryptionByDefault: with,
				// This saves requests to KMS when there are many objects; it has no effect without a key of ours.
				BucketKeyEnabled: pulumi.Bool(b.key != nil),
			},
		},
	}, b.child()...)
	return err
}

// keepVersions turns on versioning, and sets when old versions and unfinished uploads are deleted.
func (b *builder) keepVersions() error {
	versions, err := s3.NewBucketVersioningV2(b.ctx, b.name, &s3.BucketVersioningV2Args{
		Bucket:                  b.b.Name,
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, b.child()...)
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
			NoncurrentDays: pulumi.Int(noncurrentDays),
		},
	}}
	for i, prefix := range b.expiring {
		rules = append(rules, s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:         pulumi.String(fmt.Sprintf("expire-%d", i)),
			Status:     pulumi.String("Enabled"),
			Filter:     s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(prefix)},
			Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(b.expireDays)},
		})
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(b.ctx, b.name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: b.b.Name, Rules: rules,
	}, b.child(pulumi.DependsOn([]pulumi.Resource{versions}))...)
	return err
}

func (b *builder) attachPolicy() error {
	objects := pulumi.Sprintf("%s/*", b.b.ARN)
	statements := append([]infra.Statement{{
		Sid:        "RefusePlainHTTP",
		Effect:     infra.Deny,
		Principals: map[string][]string{"AWS": {"*"}},
		Actions:    []string{"s3:*"},
		Resources:  pulumi.StringArray{b.b.ARN, objects},
		Conditions: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
	}}, b.statements(b.b.ARN)...)
	policy, err := s3.NewBucketPolicy(b.ctx, b.name, &s3.BucketPolicyArgs{
		Bucket: b.b.Name,
		Policy: infra.PolicyDocument(statements...),
	}, b.child()...)
	if err != nil {
		return err
	}
	b.b.Ready = policy
	return nil
}

func (b *builder) recordRequests() error {
	if b.logs == nil {
		return nil
	}
	_, err := s3.NewBucketLoggingV2(b.ctx, b.name, &s3.BucketLoggingV2Args{
		Bucket:       b.b.Name,
		TargetBucket: b.logs.Name,
		TargetPrefix: pulumi.String(RequestLogs + "/" + b.name + "/"),
	}, b.child(pulumi.DependsOn([]pulumi.Resource{b.logs.Ready}))...)
	return err
}
