package platform

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// dataMistakes are what people do to databases, buckets and logs.
var dataMistakes = []codeMistake{
	{
		what:  "a bucket as the first example has it",
		fails: "C160 C161 C162 C163 C164 C165 C166 C167 C174 C231 C232 C233",
		below: func(ctx *pulumi.Context, _ *declared) error {
			_, err := s3.NewBucketV2(ctx, "uploads", &s3.BucketV2Args{ForceDestroy: pulumi.Bool(true)})
			return err
		},
	},
	{
		what: "a bucket's policy lets everybody read",
		edit: in("prod-releases", func(a *s3.BucketPolicyArgs) {
			a.Policy = pulumi.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", `+
				`"Action": "s3:GetObject", "Resource": "arn:aws:s3:::%s/*"}]}`, a.Bucket)
		}),
		refused: "public policies are blocked by the BlockPublicPolicy block public access setting",
	},
	{
		what:  "a database that takes connections without TLS, for an old driver",
		fails: "I22 C130",
		edit: in("prod-database-postgres17", func(a *rds.ParameterGroupArgs) {
			for _, p := range a.Parameters.(rds.ParameterGroupParameterArray) {
				if p := p.(*rds.ParameterGroupParameterArgs); p.Name == pulumi.String("rds.force_ssl") {
					p.Value = pulumi.String("0")
				}
			}
		}),
	},
	{
		what:  "a database with a public address",
		fails: "I1 C116",
		edit:  in("prod-database", func(a *rds.InstanceArgs) { a.PubliclyAccessible = pulumi.Bool(true) }),
	},
	{
		what:  "a database that can be lost: no backups, no protection, no last snapshot",
		fails: "C120 C121 C138",
		edit: in("prod-database", func(a *rds.InstanceArgs) {
			a.BackupRetentionPeriod, a.DeletionProtection, a.SkipFinalSnapshot = pulumi.Int(0), pulumi.Bool(false), pulumi.Bool(true)
		}),
	},
	{
		what:  "a database in plain text",
		fails: "C117 C118 C128",
		edit: in("prod-database", func(a *rds.InstanceArgs) {
			a.StorageEncrypted, a.KmsKeyId, a.PerformanceInsightsKmsKeyId = pulumi.Bool(false), nil, nil
		}),
	},
	{
		what:  "a token in a parameter that is plain text",
		fails: "C201",
		below: func(ctx *pulumi.Context, p *declared) error {
			var token pulumi.CustomResourceState
			return ctx.RegisterResource("aws:ssm/parameter:Parameter", "token", pulumi.Map{
				"type": pulumi.String("String"), "value": pulumi.String("sk_live_0123456789abcdefghijklmn"), "tags": tagsOf("token", "app"),
			}, &token, p.provider())
		},
	},
	{
		what:  "logs for a week",
		fails: "C177",
		edit:  in("prod-app", func(a *cloudwatch.LogGroupArgs) { a.RetentionInDays = pulumi.Int(7) }),
	},
}
