package identity

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
)

// AWSOwnedBuckets are the ARNs of the objects that AWS publishes for instances in
// its own buckets of the region: the package repositories of Amazon Linux 2023
// (AWS, Amazon Linux 2023 user guide, package repositories and S3 gateway
// endpoints), and what the SSM agent and the CloudWatch agent fetch (AWS, Systems
// Manager user guide, SSM agent communications with AWS managed S3 buckets).
func AWSOwnedBuckets(p *infra.Platform) (arns []string) {
	for _, bucket := range []string{
		"al2023-repos-" + p.Region + "-de612dc2",
		"amazon-ssm-" + p.Region,
		"amazon-ssm-packages-" + p.Region,
		"amazoncloudwatch-agent-" + p.Region,
		"aws-ssm-" + p.Region,
		"aws-ssm-document-attachments-" + p.Region,
		"patch-baseline-snapshot-" + p.Region,
	} {
		arns = append(arns, "arn:"+p.Partition()+":s3:::"+bucket+"/*")
	}
	return arns
}

// ceiling is everything that servers, flow logs, database monitoring and backups of this platform do. Nothing in it
// changes identities, keys or networks.
func ceiling(p *infra.Platform, k *keys.Keys) []infra.Statement {
	anywhere := pulumi.StringArray{pulumi.String("*")}
	own := func(service, resource string) pulumi.StringArray {
		return pulumi.StringArray{pulumi.String(p.ARN(service, resource))}
	}
	return []infra.Statement{
		{
			Sid: "UsePlatformKeys",
			Actions: []string{
				"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt",
				"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
				"kms:ReEncryptFrom", "kms:ReEncryptTo",
			},
			Resources: pulumi.StringArray{k.Data.ARN, k.Logs.ARN, k.Topics.ARN},
		}, {
			Sid:        "GrantPlatformKeysToServices",
			Actions:    []string{"kms:CreateGrant"},
			Resources:  pulumi.StringArray{k.Data.ARN},
			Conditions: map[string]map[string][]string{"Bool": {"kms:GrantIsForAWSResource": {"true"}}},
		}, {
			Sid:       "ReadSecrets",
			Actions:   []string{"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"},
			Resources: own("secretsmanager", "secret:*"),
		}, {
			Sid:       "ConnectToDatabases",
			Actions:   []string{"rds-db:connect"},
			Resources: own("rds-db", "dbuser:*"),
		}, {
			Sid: "UseOwnBuckets",
			Actions: []string{
				"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject",
				"s3:GetObjectVersion", "s3:ListBucket", "s3:PutObject",
			},
			Resources:  pulumi.StringArray{pulumi.String("arn:" + p.Partition() + ":s3:::*")},
			Conditions: map[string]map[string][]string{"StringEquals": {"aws:ResourceAccount": {p.Account}}},
		}, {
			Sid:       "ReadWhatAWSPublishes",
			Actions:   []string{"s3:GetObject"},
			Resources: pulumi.ToStringArray(AWSOwnedBuckets(p)),
		}, {
			Sid: "WriteLogs",
			Actions: []string{
				"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups",
				"logs:DescribeLogStreams", "logs:PutLogEvents", "logs:PutRetentionPolicy",
			},
			Resources: own("logs", "log-group:*"),
		}, {
			Sid: "ReportLifecycle",
			Actions: []string{
				"autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat",
			},
			Resources: own("autoscaling", "autoScalingGroup:*"),
		}, {
			// These either cannot be restricted to a resource or answer only for the caller (AWS, service
			// authorization reference).
			Sid: "BeManaged",
			Actions: []string{
				"autoscaling:DescribeAutoScalingInstances",
				"cloudwatch:PutMetricData",
				"ec2:DescribeInstances", "ec2:DescribeTags", "ec2:DescribeVolumes",
				"ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage",
				"ec2messages:GetEndpoint", "ec2messages:GetMessages", "ec2messages:SendReply",
				"ssm:DescribeAssociation", "ssm:DescribeDocument", "ssm:GetDeployablePatchSnapshotForInstance",
				"ssm:GetDocument", "ssm:GetManifest", "ssm:GetParameter", "ssm:GetParameters",
				"ssm:ListAssociations", "ssm:ListInstanceAssociations", "ssm:PutComplianceItems",
				"ssm:PutConfigurePackageResult", "ssm:PutInventory", "ssm:UpdateAssociationStatus",
				"ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation",
				"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
				"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
			},
			Resources: anywhere,
		}, {
			Sid: "BackUpDatabases",
			Actions: []string{
				"rds:AddTagsToResource", "rds:CopyDBClusterSnapshot", "rds:CopyDBSnapshot",
				"rds:CreateDBClusterSnapshot", "rds:CreateDBSnapshot",
				"rds:DeleteDBClusterAutomatedBackup", "rds:DeleteDBClusterSnapshot",
				"rds:DeleteDBInstanceAutomatedBackup", "rds:DeleteDBSnapshot",
				"rds:DescribeDBClusterAutomatedBackups", "rds:DescribeDBClusterSnapshots",
				"rds:DescribeDBClusters", "rds:DescribeDBInstanceAutomatedBackups",
				"rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource",
				"rds:ModifyDBCluster", "rds:ModifyDBInstance",
			},
			Resources: own("rds", "*"),
		}, {
			Sid: "KeepBackups",
			Actions: []string{
				"backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault",
				"backup:TagResource",
			},
			Resources: pulumi.StringArray{
				pulumi.String(p.ARN("backup", "backup-vault:*")), pulumi.String(p.ARN("backup", "recovery-point:*")),
			},
		}, {
			Sid:       "FindTaggedResources",
			Actions:   []string{"tag:GetResources"},
			Resources: anywhere,
		},
	}
}
