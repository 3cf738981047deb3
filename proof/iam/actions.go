package iam

import (
	"slices"
	"strings"
)

// What an action can do for whoever has it on everything. AWS, "Actions, resources, and condition keys for AWS services"
// in the Service Authorization Reference, lists them all.
var (
	// Credentials are the actions that hand out credentials.
	Credentials = []string{
		"chime:CreateApiKey", "codepipeline:PollForJobs", "cognito-identity:GetCredentialsForIdentity",
		"cognito-identity:GetId", "cognito-identity:GetOpenIdToken*", "connect:GetFederationToken*",
		"ec2:GetPasswordData", "gamelift:GetInstanceAccess", "gamelift:RequestUploadCredentials",
		"iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential",
		"iam:UpdateAccessKey", "iam:UpdateLoginProfile", "lightsail:GetInstanceAccessDetails",
		"lightsail:GetRelationalDatabaseMasterUserPassword",
		"rds-db:connect", "redshift:GetClusterCredentials*", "sso:GetRoleCredentials", "sts:AssumeRole*", "sts:GetFederationToken",
		"sts:GetSessionToken",
	}
	// Data are the actions that read what a platform keeps.
	Data = []string{
		"s3:GetObject*", "ssm:GetParameter*", "secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue",
		"dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query", "dynamodb:BatchGetItem", "rds:CopyDBSnapshot",
		"rds:ModifyDBSnapshotAttribute",
		"ec2:GetEbsSnapshotBlock", "ebs:GetSnapshotBlock", "ec2:ModifySnapshotAttribute", "logs:GetLogEvents", "logs:FilterLogEvents",
	}
	// Permissions are the actions that change who may do what.
	Permissions = []string{
		"iam:Add*", "iam:Attach*", "iam:Create*Policy*", "iam:CreateRole", "iam:CreateUser", "iam:CreateInstanceProfile",
		"iam:Delete*Polic*", "iam:DeleteRolePermissionsBoundary",
		"iam:DeleteUserPermissionsBoundary", "iam:Detach*", "iam:PassRole", "iam:Put*", "iam:Remove*", "iam:SetDefaultPolicyVersion",
		"iam:UpdateAssumeRolePolicy",
		"kms:PutKeyPolicy", "kms:CreateGrant", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl",
		"s3:PutAccountPublicAccessBlock", "s3:PutBucketPublicAccessBlock", "sns:AddPermission", "sns:SetTopicAttributes",
		"sqs:AddPermission", "sqs:SetQueueAttributes",
		"lambda:AddPermission", "lambda:AddLayerVersionPermission", "secretsmanager:PutResourcePolicy", "ecr:SetRepositoryPolicy",
		"organizations:*Policy", "ram:*",
		"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute", "ec2:CreateNetworkInterfacePermission",
		"rds:AuthorizeDBSecurityGroupIngress", "logs:PutResourcePolicy",
	}
)

// unrestrictable are the actions that AWS lets nobody narrow down to a resource.
var unrestrictable = []string{
	"ssmmessages:*", "ec2messages:*", "ec2:Describe*", "autoscaling:Describe*", "elasticloadbalancing:Describe*",
	"cloudwatch:PutMetricData",
	"cloudwatch:Describe*", "cloudwatch:ListMetrics", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics",
	"ecr:GetAuthorizationToken",
	"logs:DescribeLogGroups", "xray:Put*", "xray:GetSampling*", "s3:ListAllMyBuckets", "s3:GetAccountPublicAccessBlock", "kms:ListKeys",
	"kms:ListAliases", "kms:CreateKey", "kms:GenerateRandom", "sts:GetCallerIdentity", "sts:DecodeAuthorizationMessage", "tag:Get*",
	"ssm:DescribeParameters",
	"ssm:DescribeInstanceInformation", "ssm:PutInventory", "ssm:PutComplianceItems", "ssm:ListAssociations", "ssm:GetManifest",
	"ssm:PutConfigurePackageResult",
	"ssm:GetDeployablePatchSnapshotForInstance", "iam:ListRoles", "iam:ListUsers", "iam:ListPolicies", "iam:GetAccountSummary",
	"acm:ListCertificates",
	"route53:ListHostedZones*", "route53:GetChange", "rds:DescribeDBEngineVersions", "pricing:*", "health:Describe*", "ce:Get*",
	"secretsmanager:ListSecrets",
	"secretsmanager:GetRandomPassword", "backup:ListBackupPlans", "logs:DescribeQueries", "ssm:ListInstanceAssociations",
	"ssm:UpdateInstanceAssociationStatus",
}

// Restrictable are the actions of the statement that could be narrowed down to resources, and are not.
func Restrictable(s Statement) []string {
	if !s.Allow || len(s.Resources) > 0 && !slices.ContainsFunc(s.Resources, ofAnyKind) || narrowed(s) {
		return nil
	}
	if len(s.NotActions) > 0 {
		return []string{"everything but " + strings.Join(s.NotActions, ", ")}
	}
	return slices.DeleteFunc(slices.Clone(s.Actions), func(a string) bool {
		return slices.ContainsFunc(unrestrictable, func(u string) bool { return Matches(strings.ToLower(u), strings.ToLower(a)) })
	})
}

// ofAnyKind says that the resource is everything, or everything of a service.
func ofAnyKind(resource string) bool {
	parts := strings.SplitN(resource, ":", 6)
	return Broad(resource) && strings.Trim(parts[len(parts)-1], "*?") == ""
}

// reading are the prefixes of actions that change nothing.
var reading = []string{"Get", "List", "Describe", "BatchGet", "Head", "Lookup", "Search", "Check", "View", "Query", "Scan", "Test",
	"Validate", "Verify", "Estimate", "Select", "Filter"}

// Writes are the actions of the statement that change things of every kind, without any condition, and could be narrowed
// down.
func Writes(s Statement) []string {
	if len(s.Conditions) > 0 {
		return nil
	}
	return slices.DeleteFunc(Restrictable(s), func(a string) bool {
		_, name, ok := strings.Cut(a, ":")
		return ok && slices.ContainsFunc(reading,
			func(prefix string) bool { return strings.HasPrefix(strings.ToLower(name), strings.ToLower(prefix)) })
	})
}
