package iam

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/proof/policy"
)

// What an action can do to whoever has it on everything. AWS, "Actions, resources, and
// condition keys for AWS services" in the Service Authorization Reference, has all.
var (
	// Credentials are the actions that hand out credentials.
	Credentials = []string{
		"chime:CreateApiKey", "codepipeline:PollForJobs", "cognito-identity:GetCredentialsForIdentity",
		"cognito-identity:GetId", "cognito-identity:GetOpenIdToken*", "connect:GetFederationToken*",
		"ec2:GetPasswordData", "gamelift:GetInstanceAccess", "gamelift:RequestUploadCredentials",
		"iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential",
		"iam:UpdateAccessKey", "iam:UpdateLoginProfile", "lightsail:GetInstanceAccessDetails", "lightsail:GetRelationalDatabaseMasterUserPassword",
		"rds-db:connect", "redshift:GetClusterCredentials*", "sso:GetRoleCredentials", "sts:AssumeRole*", "sts:GetFederationToken", "sts:GetSessionToken",
	}
	// Data are the actions that read what a platform keeps.
	Data = []string{
		"s3:GetObject*", "ssm:GetParameter*", "secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue",
		"dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query", "dynamodb:BatchGetItem", "rds:CopyDBSnapshot", "rds:ModifyDBSnapshotAttribute",
		"ec2:GetEbsSnapshotBlock", "ebs:GetSnapshotBlock", "ec2:ModifySnapshotAttribute", "logs:GetLogEvents", "logs:FilterLogEvents",
	}
	// Permissions are the actions that change who may do what.
	Permissions = []string{
		"iam:Add*", "iam:Attach*", "iam:Create*Policy*", "iam:CreateRole", "iam:CreateUser", "iam:CreateInstanceProfile", "iam:Delete*Polic*", "iam:DeleteRolePermissionsBoundary",
		"iam:DeleteUserPermissionsBoundary", "iam:Detach*", "iam:PassRole", "iam:Put*", "iam:Remove*", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
		"kms:PutKeyPolicy", "kms:CreateGrant", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl",
		"s3:PutAccountPublicAccessBlock", "s3:PutBucketPublicAccessBlock", "sns:AddPermission", "sns:SetTopicAttributes", "sqs:AddPermission", "sqs:SetQueueAttributes",
		"lambda:AddPermission", "lambda:AddLayerVersionPermission", "secretsmanager:PutResourcePolicy", "ecr:SetRepositoryPolicy", "organizations:*Policy", "ram:*",
		"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute", "ec2:CreateNetworkInterfacePermission", "rds:AuthorizeDBSecurityGroupIngress", "logs:PutResourcePolicy",
	}
)

// escalations are the sets of actions that, together, let somebody become whoever they
// like, and what for. Rhino Security Labs, "AWS IAM privilege escalation methods".
var escalations = []struct {
	actions []string
	how     string
}{
	{[]string{"iam:CreatePolicyVersion"}, "write a new version of a policy that they have"},
	{[]string{"iam:SetDefaultPolicyVersion"}, "go back to a wider version of a policy"},
	{[]string{"iam:AttachUserPolicy"}, "attach an administrator's policy to a user"},
	{[]string{"iam:AttachGroupPolicy"}, "attach an administrator's policy to a group"},
	{[]string{"iam:AttachRolePolicy"}, "attach an administrator's policy to a role"},
	{[]string{"iam:PutUserPolicy"}, "write a user's policy"},
	{[]string{"iam:PutGroupPolicy"}, "write a group's policy"},
	{[]string{"iam:PutRolePolicy"}, "write a role's policy"},
	{[]string{"iam:AddUserToGroup"}, "join the administrators"},
	{[]string{"iam:CreateAccessKey"}, "make a key for another user"},
	{[]string{"iam:CreateLoginProfile"}, "set another user's password"},
	{[]string{"iam:UpdateLoginProfile"}, "set another user's password"},
	{[]string{"iam:UpdateAssumeRolePolicy"}, "let themselves take a role"},
	{[]string{"iam:DeleteRolePermissionsBoundary"}, "remove a role's boundary"},
	{[]string{"iam:PassRole", "ec2:RunInstances"}, "start a server with another role"},
	{[]string{"iam:PassRole", "autoscaling:CreateAutoScalingGroup"}, "start servers with another role"},
	{[]string{"iam:PassRole", "autoscaling:CreateLaunchConfiguration"}, "start servers with another role"},
	{[]string{"iam:PassRole", "lambda:CreateFunction"}, "run a function with another role"},
	{[]string{"iam:PassRole", "ecs:RunTask"}, "run a container with another role"},
	{[]string{"iam:PassRole", "ecs:RegisterTaskDefinition"}, "run a container with another role"},
	{[]string{"iam:PassRole", "cloudformation:CreateStack"}, "make a stack with another role"},
	{[]string{"iam:PassRole", "glue:CreateDevEndpoint"}, "work in Glue with another role"},
	{[]string{"iam:PassRole", "glue:CreateJob"}, "run a job with another role"},
	{[]string{"iam:PassRole", "datapipeline:CreatePipeline"}, "run a pipeline with another role"},
	{[]string{"iam:PassRole", "codebuild:CreateProject"}, "run a build with another role"},
	{[]string{"iam:PassRole", "sagemaker:CreateNotebookInstance"}, "work in a notebook with another role"},
	{[]string{"iam:PassRole", "sagemaker:CreateTrainingJob"}, "train with another role"},
	{[]string{"iam:PassRole", "ssm:StartAutomationExecution"}, "run an automation with another role"},
	{[]string{"iam:PassRole", "states:CreateStateMachine"}, "run a state machine with another role"},
	{[]string{"iam:PassRole", "scheduler:CreateSchedule"}, "call any API with another role"},
	{[]string{"iam:PassRole", "bedrock-agentcore:CreateCodeInterpreter"}, "run code with another role"},
	{[]string{"lambda:UpdateFunctionCode"}, "run their own code with a function's role"},
	{[]string{"lambda:UpdateFunctionConfiguration"}, "run their own layer with a function's role"},
	{[]string{"glue:UpdateDevEndpoint"}, "log in to an endpoint of Glue"},
	{[]string{"codestar:CreateProject", "iam:PassRole"}, "make a project with another role"},
	{[]string{"ssm:SendCommand"}, "run commands as any server"},
	{[]string{"ssm:StartSession"}, "log in to any server"},
	{[]string{"ec2-instance-connect:SendSSHPublicKey"}, "log in to any server"},
	{[]string{"ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"}, "change what a server runs when it boots"},
	{[]string{"ec2:AssociateIamInstanceProfile", "iam:PassRole"}, "give a server another role"},
	{[]string{"ec2:ReplaceIamInstanceProfileAssociation", "iam:PassRole"}, "give a server another role"},
	{[]string{"ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"}, "change what servers run when they boot"},
	{[]string{"iam:CreateServiceLinkedRole", "iam:PassRole"}, "pass a service's role"},
	{[]string{"sts:AssumeRole"}, "take any role that trusts the account"},
	{[]string{"iam:AddRoleToInstanceProfile", "iam:PassRole"}, "give a server another role"},
}

// Escalation is what somebody who has all of the policies could do to become somebody
// else, "" if nothing. An action counts where it is allowed on more than single
// resources; a boundary is the most that the policies give.
func Escalation(boundary *policy.Document, policies ...policy.Document) string {
	for _, e := range escalations {
		if !slices.ContainsFunc(e.actions, func(action string) bool { return !widely(action, boundary, policies) }) {
			return "with " + strings.Join(e.actions, " and ") + " they can " + e.how
		}
	}
	return ""
}

func widely(action string, boundary *policy.Document, policies []policy.Document) bool {
	if boundary != nil && boundary.MayAllow(action, "*") == nil {
		return false
	}
	for _, d := range policies {
		if d.MayAllow(action, "*") == nil {
			continue
		}
		if slices.ContainsFunc(d.Statements, func(s policy.Statement) bool {
			return len(BroadlyAllows(s, action)) > 0 || s.Allow && !narrowed(s) && len(Allowed(s, action)) > 0 && slices.ContainsFunc(s.Resources, manyRoles)
		}) {
			return true
		}
	}
	return false
}

// manyRoles says that the resource is a pattern of roles or users that more than one can
// match: whoever may pass "role/app-*" may pass a role that somebody else makes.
func manyRoles(resource string) bool {
	return strings.HasPrefix(resource, "arn:") && strings.Contains(resource, ":iam:") && strings.ContainsAny(resource, "*?")
}

// unrestrictable are the actions that AWS lets nobody narrow down to a resource.
var unrestrictable = []string{
	"ssmmessages:*", "ec2messages:*", "ec2:Describe*", "autoscaling:Describe*", "elasticloadbalancing:Describe*", "cloudwatch:PutMetricData",
	"cloudwatch:Describe*", "cloudwatch:ListMetrics", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "ecr:GetAuthorizationToken",
	"logs:DescribeLogGroups", "xray:Put*", "xray:GetSampling*", "s3:ListAllMyBuckets", "s3:GetAccountPublicAccessBlock", "kms:ListKeys",
	"kms:ListAliases", "kms:CreateKey", "kms:GenerateRandom", "sts:GetCallerIdentity", "sts:DecodeAuthorizationMessage", "tag:Get*", "ssm:DescribeParameters",
	"ssm:DescribeInstanceInformation", "ssm:PutInventory", "ssm:PutComplianceItems", "ssm:ListAssociations", "ssm:GetManifest", "ssm:PutConfigurePackageResult",
	"ssm:GetDeployablePatchSnapshotForInstance", "iam:ListRoles", "iam:ListUsers", "iam:ListPolicies", "iam:GetAccountSummary", "acm:ListCertificates",
	"route53:ListHostedZones*", "route53:GetChange", "rds:DescribeDBEngineVersions", "pricing:*", "health:Describe*", "ce:Get*", "secretsmanager:ListSecrets",
	"secretsmanager:GetRandomPassword", "backup:ListBackupPlans", "logs:DescribeQueries", "ssm:ListInstanceAssociations", "ssm:UpdateInstanceAssociationStatus",
}

// Restrictable are the actions of the statement that could be narrowed down to resources,
// and are not.
func Restrictable(s policy.Statement) []string {
	if !s.Allow || len(s.Resources) > 0 && !slices.ContainsFunc(s.Resources, ofAnyKind) || narrowed(s) {
		return nil
	}
	if len(s.NotActions) > 0 {
		return []string{"everything but " + strings.Join(s.NotActions, ", ")}
	}
	return slices.DeleteFunc(slices.Clone(s.Actions), func(a string) bool {
		return slices.ContainsFunc(unrestrictable, func(u string) bool { return policy.Matches(strings.ToLower(u), strings.ToLower(a)) })
	})
}

// ofAnyKind says that the resource is everything, or everything of a service.
func ofAnyKind(resource string) bool {
	parts := strings.SplitN(resource, ":", 6)
	return Broad(resource) && strings.Trim(parts[len(parts)-1], "*?") == ""
}

// reading are the beginnings of the names of actions that change nothing.
var reading = []string{"Get", "List", "Describe", "BatchGet", "Head", "Lookup", "Search", "Check", "View", "Query", "Scan", "Test", "Validate", "Verify", "Estimate", "Select", "Filter"}

// Writes are the actions of the statement that change something of every kind there is,
// with no condition at all, and could be narrowed down.
func Writes(s policy.Statement) []string {
	if len(s.Conditions) > 0 {
		return nil
	}
	return slices.DeleteFunc(Restrictable(s), func(a string) bool {
		_, name, ok := strings.Cut(a, ":")
		return ok && slices.ContainsFunc(reading, func(prefix string) bool { return strings.HasPrefix(strings.ToLower(name), strings.ToLower(prefix)) })
	})
}
