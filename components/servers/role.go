package servers

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/infra"
)

// roleAndProfile declares what the servers may do: read their tier's releases and their
// own secrets, write their own logs, and answer Session Manager.
func (b *builder) roleAndProfile() error {
	role, err := identity.NewRole(b.ctx, b.name, b.p, b.wiring.Boundary, identity.RoleArgs{
		Service:     "ec2.amazonaws.com",
		Description: b.description(),
		Tier:        b.tier,
		Statements:  b.statements(),
	}, b.child())
	if err != nil {
		return err
	}
	b.role = role
	b.g.RoleARN, b.g.RoleName = role.ARN, role.Name
	b.profile, err = role.InstanceProfile(b.ctx, b.p, b.child())
	return err
}

func (b *builder) statements() []infra.Statement {
	through := []string{"s3." + b.p.Region + ".amazonaws.com"}
	secrets := make(pulumi.StringArray, len(b.args.Secrets))
	copy(secrets, b.args.Secrets)
	logs := pulumi.StringArray{pulumi.Sprintf("%s:*", b.logs.Arn)}
	if b.done != nil {
		logs = append(logs, pulumi.Sprintf("%s:*", b.done.Arn))
	}
	statements := []infra.Statement{
		{
			// Every release of the tier, not only the newest: while the group is being updated, and after that fails,
			// servers still start from the previous template and must be able to fetch its release.
			Sid:       "ReadReleases",
			Actions:   []string{"s3:GetObject"},
			Resources: pulumi.StringArray{pulumi.Sprintf("%s/%s/releases/*", b.wiring.Releases.ARN, b.part)},
		},
		{
			Sid:       "WriteLogs",
			Actions:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			Resources: logs,
		},
		{
			Sid:       "RegisterWithSessionManager",
			Actions:   []string{"ssm:UpdateInstanceInformation"},
			Resources: pulumi.StringArray{pulumi.String(b.p.ARN("ec2", "instance/*"))},
		},
		{
			// AWS defines no resource for these; a channel is always the caller's own (AWS, service authorization
			// reference, Amazon Session Manager Message Gateway).
			Sid: "AnswerSessionManager",
			Actions: []string{
				"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
				"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
			},
			Resources: pulumi.StringArray{pulumi.String("*")},
		},
	}
	if len(secrets) > 0 {
		through = append(through, "secretsmanager."+b.p.Region+".amazonaws.com")
		statements = append(statements, infra.Statement{
			Sid:       "ReadSecrets",
			Actions:   []string{"secretsmanager:GetSecretValue"},
			Resources: secrets,
		})
	}
	keys := []string{"kms:Decrypt"}
	if len(b.args.Buckets) > 0 {
		keys = append(keys, "kms:GenerateDataKey")
		statements = append(statements, bucketStatements(b.args.Buckets)...)
	}
	statements = append(statements, b.args.Permissions...)
	return append(statements, infra.Statement{
		Sid:        "Decrypt",
		Actions:    keys,
		Resources:  pulumi.StringArray{b.wiring.Keys.Data.ARN},
		Conditions: map[string]map[string][]string{"StringEquals": {"kms:ViaService": through}},
	})
}

// bucketStatements let the servers use the tier's own buckets, but leave versions and settings to whoever deploys.
func bucketStatements(buckets map[string]*bucket.Bucket) []infra.Statement {
	var whole, objects pulumi.StringArray
	for _, name := range slices.Sorted(maps.Keys(buckets)) {
		whole = append(whole, buckets[name].ARN)
		objects = append(objects, pulumi.Sprintf("%s/*", buckets[name].ARN))
	}
	return []infra.Statement{
		{Sid: "ListBuckets", Actions: []string{"s3:ListBucket"}, Resources: whole},
		{
			Sid:       "UseBuckets",
			Actions:   []string{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
			Resources: objects,
		},
	}
}
