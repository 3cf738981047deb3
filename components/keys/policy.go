package keys

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

type conditions = map[string]map[string][]string

// thisKey is the only resource that a key policy can name: the key that it is attached to.
var thisKey = pulumi.StringArray{pulumi.String("*")}

// use is what a service needs to encrypt and decrypt for its caller.
var use = []string{
	"kms:Decrypt",
	"kms:DescribeKey",
	"kms:Encrypt",
	"kms:GenerateDataKey",
	"kms:GenerateDataKeyWithoutPlaintext",
	"kms:ReEncryptFrom",
	"kms:ReEncryptTo",
}

// administration lets the account's own IAM policies delegate the administration of a key, but not its use. The
// account root also keeps a key from becoming inaccessible (AWS, KMS developer guide, default key policy).
func administration(p *infra.Platform) infra.Statement {
	return infra.Statement{
		Sid:        "AccountAdministers",
		Principals: account(p),
		Actions: []string{
			"kms:CancelKeyDeletion",
			"kms:CreateAlias",
			"kms:DeleteAlias",
			"kms:DescribeKey",
			"kms:DisableKey",
			"kms:DisableKeyRotation",
			"kms:EnableKey",
			"kms:EnableKeyRotation",
			"kms:GetKeyPolicy",
			"kms:GetKeyRotationStatus",
			"kms:ListGrants",
			"kms:ListKeyPolicies",
			"kms:ListKeyRotations",
			"kms:ListResourceTags",
			"kms:PutKeyPolicy",
			"kms:RevokeGrant",
			"kms:RotateKeyOnDemand",
			"kms:ScheduleKeyDeletion",
			"kms:TagResource",
			"kms:UntagResource",
			"kms:UpdateAlias",
			"kms:UpdateKeyDescription",
		},
		Resources: thisKey,
	}
}

// dataUsers admits identities of the account whose IAM policies allow it, through the services that store data, and
// Auto Scaling, which launches instances with encrypted volumes (AWS, EC2 Auto Scaling user guide, required KMS key
// policy for use with encrypted volumes).
func dataUsers(p *infra.Platform) []infra.Statement {
	through := viaService(p, "backup", "ec2", "rds", "s3", "secretsmanager")
	autoscaling := map[string][]string{"AWS": {p.GlobalARN("iam",
		"role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling")}}
	return []infra.Statement{
		{
			Sid:        "AccountUsesThroughServices",
			Principals: account(p),
			Actions:    use,
			Resources:  thisKey,
			Conditions: conditions{"StringEquals": through},
		}, {
			Sid:        "AccountGrantsToServices",
			Principals: account(p),
			Actions:    []string{"kms:CreateGrant"},
			Resources:  thisKey,
			Conditions: conditions{"StringEquals": through, "Bool": forAWSResource()},
		}, {
			Sid:        "AutoScalingUses",
			Principals: autoscaling,
			Actions:    use,
			Resources:  thisKey,
		}, {
			Sid:        "AutoScalingGrantsToVolumes",
			Principals: autoscaling,
			Actions:    []string{"kms:CreateGrant"},
			Resources:  thisKey,
			Conditions: conditions{"Bool": forAWSResource()},
		},
	}
}

// logsUsers admits CloudWatch Logs, for log groups of this account and region (AWS, CloudWatch Logs user guide,
// encrypt log data using KMS).
func logsUsers(p *infra.Platform) []infra.Statement {
	return []infra.Statement{{
		Sid:        "LogGroupsUse",
		Principals: map[string][]string{"Service": {"logs." + p.Region + ".amazonaws.com"}},
		Actions:    use,
		Resources:  thisKey,
		Conditions: conditions{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": {p.ARN("logs", "log-group:*")}}},
	}}
}

// topicsUsers admits the services that publish to an encrypted topic (AWS, SNS developer guide, enable compatibility
// between event sources and encrypted topics).
func topicsUsers(p *infra.Platform) []infra.Statement {
	publish := []string{"kms:Decrypt", "kms:GenerateDataKey"}
	publisher := func(sid, service, source string) infra.Statement {
		return infra.Statement{
			Sid:        sid,
			Principals: map[string][]string{"Service": {service}},
			Actions:    publish,
			Resources:  thisKey,
			Conditions: conditions{
				"StringEquals": {"aws:SourceAccount": {p.Account}},
				"ArnLike":      {"aws:SourceArn": {source}},
			},
		}
	}
	return []infra.Statement{
		publisher("AlarmsPublish", "cloudwatch.amazonaws.com", p.ARN("cloudwatch", "alarm:*")),
		publisher("DatabaseEventsPublish", "events.rds.amazonaws.com", p.ARN("rds", "*")),
		{
			Sid:        "AccountPublishes",
			Principals: account(p),
			Actions:    publish,
			Resources:  thisKey,
			Conditions: conditions{"StringEquals": viaService(p, "sns")},
		},
	}
}

func account(p *infra.Platform) map[string][]string {
	return map[string][]string{"AWS": {p.GlobalARN("iam", "root")}}
}

func viaService(p *infra.Platform, services ...string) map[string][]string {
	hosts := make([]string, len(services))
	for i, s := range services {
		hosts[i] = s + "." + p.Region + ".amazonaws.com"
	}
	slices.Sort(hosts)
	return map[string][]string{"kms:CallerAccount": {p.Account}, "kms:ViaService": hosts}
}

func forAWSResource() map[string][]string {
	return map[string][]string{"kms:GrantIsForAWSResource": {"true"}}
}
