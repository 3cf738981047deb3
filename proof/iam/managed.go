package iam

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// ErrNotKnown is why a policy outside the stack counts as one that may allow everything.
var ErrNotKnown = errors.New("is a policy outside of the stack, and nothing is known of it")

// awsOwn is the ARN of a policy that AWS writes: only AWS can make one in the account "aws".
var awsOwn = regexp.MustCompile(`^arn:aws[a-z-]*:iam::aws:policy/(?:[A-Za-z-]+/)*([^/]+)$`)

// ManagedName is the name of AWS's own policy that the ARN is of, "" if it is of another.
func ManagedName(arn string) string {
	if m := awsOwn.FindStringSubmatch(arn); m != nil {
		return m[1]
	}
	return ""
}

// managed is a policy outside of the stack.
func managed(arn string) Source {
	s := Source{Name: arn, ARN: arn}
	if allows, known := managedPolicies[ManagedName(arn)]; known {
		everywhere := []string{"*"}
		s.Statements = []Statement{{Allow: true, Actions: strings.Fields(allows.actions), NotActions: strings.Fields(allows.not),
			Resources: everywhere}}
		if allows.passes != "" {
			s.Statements = append(s.Statements, Statement{Allow: true, Actions: []string{"iam:PassRole"}, Resources: everywhere,
				Conditions: map[string]map[string][]string{"stringequals": {"iam:passedtoservice": {allows.passes}}}})
		}
	} else {
		s.Err = ErrNotKnown
	}
	return s.closed()
}

// Administrative says that AWS's policy of that name gives everything, or enough to get everything, or more than one
// platform needs.
func Administrative(name string) bool {
	return slices.Contains(administrative, name) || strings.HasSuffix(name, "FullAccess")
}

var administrative = []string{
	"AdministratorAccess", "AdministratorAccess-Amplify", "AdministratorAccess-AWSElasticBeanstalk", "PowerUserAccess",
	"SystemAdministrator", "DatabaseAdministrator",
	"NetworkAdministrator", "AWSLambda_FullAccess", "SecretsManagerReadWrite", "AWSKeyManagementServicePowerUser", "AmazonEC2RoleforSSM",
	"ReadOnlyAccess",
}

// managedPolicies are what AWS's policies allow, on every resource, as far as secrets, data and power go; the rest is
// rounded up to whole services, so that they never seem to give less than they do. What it passes is the service to which
// it lets roles be passed. AWS, "AWS managed policies reference".
var managedPolicies = map[string]struct{ actions, not, passes string }{
	"AdministratorAccess": {actions: "*"},
	"PowerUserAccess":     {not: "iam:* organizations:* account:*"},
	"IAMFullAccess":       {actions: "iam:* organizations:DescribeAccount organizations:List*"},
	"IAMReadOnlyAccess":   {actions: "iam:Get* iam:List* iam:Generate* iam:Simulate*"},
	"ReadOnlyAccess": {actions: "s3:Get* s3:List* dynamodb:Get* dynamodb:Query dynamodb:Scan " +
		"dynamodb:BatchGet* ssm:Get* ssm:Describe* ssm:List* logs:* iam:Get* iam:List* ec2:Describe* ec2:Get* rds:Describe* rds:List* " +
		"kms:Describe* kms:Get* kms:List* secretsmanager:DescribeSecret secretsmanager:GetResourcePolicy secretsmanager:List*"},
	"ViewOnlyAccess": {actions: "ec2:Describe* s3:List* rds:Describe* iam:List* logs:Describe* " +
		"secretsmanager:ListSecrets kms:ListKeys"},
	"SecurityAudit": {actions: "ec2:Describe* s3:Get* s3:List* rds:Describe* iam:Get* iam:List* " +
		"logs:Describe* secretsmanager:DescribeSecret secretsmanager:GetResourcePolicy secretsmanager:List* kms:Describe* kms:Get* " +
		"kms:List*"},
	"SecretsManagerReadWrite": {actions: "secretsmanager:* cloudformation:CreateChangeSet " +
		"cloudformation:ExecuteChangeSet cloudformation:Describe* lambda:AddPermission lambda:CreateFunction lambda:GetFunction " +
		"lambda:InvokeFunction lambda:UpdateFunctionConfiguration serverlessrepo:* s3:GetObject kms:DescribeKey kms:List* rds:Describe* " +
		"ec2:Describe* tag:GetResources"},
	"AmazonEC2FullAccess": {actions: "ec2:* elasticloadbalancing:* cloudwatch:* autoscaling:* " +
		"iam:CreateServiceLinkedRole"},
	"AmazonEC2ReadOnlyAccess": {actions: "ec2:Describe* ec2:Get* elasticloadbalancing:Describe* cloudwatch:Get* " +
		"cloudwatch:List* cloudwatch:Describe* autoscaling:Describe*"},
	"AmazonVPCFullAccess":     {actions: "ec2:*"},
	"AmazonVPCReadOnlyAccess": {actions: "ec2:Describe* ec2:Get*"},
	"AmazonRDSFullAccess": {actions: "rds:* application-autoscaling:* cloudwatch:* ec2:Describe* " +
		"ec2:GetCoipPoolUsage sns:* logs:Describe* logs:GetLogEvents pi:* outposts:* devops-guru:* iam:CreateServiceLinkedRole"},
	"AmazonRDSReadOnlyAccess": {actions: "rds:Describe* rds:ListTagsForResource ec2:Describe* cloudwatch:Get* " +
		"cloudwatch:List* logs:Describe* logs:GetLogEvents devops-guru:*"},
	"AmazonRDSDataFullAccess": {actions: "rds-data:* secretsmanager:CreateSecret secretsmanager:ListSecrets " +
		"secretsmanager:GetRandomPassword secretsmanager:GetSecretValue secretsmanager:PutSecretValue secretsmanager:PutResourcePolicy " +
		"secretsmanager:DeleteSecret secretsmanager:DescribeSecret secretsmanager:TagResource tag:GetResources"},
	"AmazonS3FullAccess":     {actions: "s3:* s3-object-lambda:*"},
	"AmazonS3ReadOnlyAccess": {actions: "s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*"},
	"AmazonSQSFullAccess":    {actions: "sqs:*"},
	"AmazonSNSFullAccess":    {actions: "sns:* sms-voice:*"},
	"AmazonSSMFullAccess": {actions: "ssm:* ec2messages:* ssmmessages:* ec2:Describe* cloudwatch:PutMetricData " +
		"ds:* logs:* iam:CreateServiceLinkedRole iam:DeleteServiceLinkedRole iam:GetServiceLinkedRoleDeletionStatus"},
	"AmazonSSMReadOnlyAccess": {actions: "ssm:Describe* ssm:Get* ssm:List*"},
	"AmazonSSMManagedInstanceCore": {actions: "ssm:DescribeAssociation ssm:GetDeployablePatchSnapshotForInstance " +
		"ssm:GetDocument ssm:DescribeDocument ssm:GetManifest ssm:GetParameter ssm:GetParameters ssm:ListAssociations " +
		"ssm:ListInstanceAssociations ssm:PutInventory ssm:PutComplianceItems ssm:PutConfigurePackageResult ssm:UpdateAssociationStatus " +
		"ssm:UpdateInstanceAssociationStatus ssm:UpdateInstanceInformation ssmmessages:* ec2messages:*"},
	"AmazonSSMPatchAssociation": {actions: "ssm:DescribeEffectivePatchesForPatchBaseline ssm:GetPatchBaseline " +
		"tag:GetResources"},
	"AmazonEC2RoleforSSM": {actions: "ssm:DescribeAssociation ssm:GetDeployablePatchSnapshotForInstance " +
		"ssm:GetDocument ssm:DescribeDocument ssm:GetManifest ssm:GetParameters ssm:ListAssociations ssm:ListInstanceAssociations " +
		"ssm:Put* ssm:UpdateAssociationStatus ssm:UpdateInstanceAssociationStatus ssm:UpdateInstanceInformation ssmmessages:* " +
		"ec2messages:* cloudwatch:PutMetricData ec2:DescribeInstanceStatus ds:* logs:* s3:GetBucketLocation s3:PutObject s3:GetObject " +
		"s3:GetEncryptionConfiguration s3:AbortMultipartUpload s3:List*"},
	"CloudWatchAgentServerPolicy": {actions: "cloudwatch:PutMetricData ec2:DescribeVolumes ec2:DescribeTags " +
		"logs:PutLogEvents logs:PutRetentionPolicy logs:Describe* logs:CreateLogStream logs:CreateLogGroup xray:Put* xray:GetSampling* " +
		"ssm:GetParameter"},
	"CloudWatchAgentAdminPolicy": {actions: "cloudwatch:PutMetricData ec2:DescribeTags ec2:DescribeVolumes logs:* " +
		"xray:* ssm:GetParameter ssm:PutParameter"},
	"CloudWatchFullAccess": {actions: "autoscaling:Describe* cloudwatch:* logs:* sns:* iam:GetPolicy " +
		"iam:GetPolicyVersion iam:GetRole oam:ListSinks iam:CreateServiceLinkedRole"},
	"CloudWatchReadOnlyAccess": {actions: "application-autoscaling:Describe* autoscaling:Describe* cloudwatch:* " +
		"logs:* oam:* sns:Get* sns:List* xray:* rum:* synthetics:*"},
	"CloudWatchLogsFullAccess":                     {actions: "logs:* cloudwatch:GenerateQuery*"},
	"AWSXRayDaemonWriteAccess":                     {actions: "xray:*"},
	"AWSXrayWriteOnlyAccess":                       {actions: "xray:*"},
	"AmazonEC2ContainerRegistryReadOnly":           {actions: "ecr:*"},
	"AmazonEC2ContainerRegistryPullOnly":           {actions: "ecr:*"},
	"AmazonECSTaskExecutionRolePolicy":             {actions: "ecr:* logs:CreateLogStream logs:PutLogEvents"},
	"AmazonElasticFileSystemClientReadWriteAccess": {actions: "elasticfilesystem:*"},
	"AWSLambda_FullAccess": {actions: "cloudformation:DescribeStacks cloudformation:ListStackResources " +
		"cloudwatch:* ec2:Describe* kms:ListAliases iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:List* lambda:* " +
		"logs:* states:DescribeStateMachine states:ListStateMachines tag:GetResources xray:*", passes: "lambda.amazonaws.com"},
	"AWSLambdaBasicExecutionRole": {actions: "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"},
	"AWSLambdaVPCAccessExecutionRole": {actions: "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents " +
		"ec2:CreateNetworkInterface ec2:Describe* ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses"},
	"AWSKeyManagementServicePowerUser": {actions: "kms:CreateAlias kms:CreateKey kms:DeleteAlias kms:Describe* " +
		"kms:GenerateRandom kms:Get* kms:List* kms:TagResource kms:UntagResource iam:ListGroups iam:ListRoles iam:ListUsers"},
	"AmazonRDSEnhancedMonitoringRole": {actions: "logs:CreateLogGroup logs:PutRetentionPolicy logs:CreateLogStream " +
		"logs:PutLogEvents logs:DescribeLogStreams logs:GetLogEvents"},
	"AWSBackupServiceRolePolicyForBackup": {actions: "backup:* dynamodb:* rds:AddTagsToResource rds:ListTagsForResource " +
		"rds:Describe* rds:CreateDBSnapshot rds:CreateDBClusterSnapshot rds:Copy* rds:DeleteDBSnapshot rds:DeleteDBClusterSnapshot " +
		"rds:DeleteDBInstanceAutomatedBackup rds:DeleteDBClusterAutomatedBackup rds:ModifyDBInstance rds:ModifyDBCluster " +
		"rds:ModifyDBClusterSnapshotAttribute ec2:CreateSnapshot* ec2:DeleteSnapshot ec2:CreateImage ec2:CopyImage ec2:RegisterImage " +
		"ec2:DeregisterImage ec2:Describe* ec2:CreateTags ec2:CopySnapshot ec2:ModifySnapshotAttribute ec2:ModifyImageAttribute " +
		"ec2:ModifySnapshotTier ec2:GetEbsEncryptionByDefault elasticfilesystem:* storagegateway:* fsx:* redshift:* timestream:* " +
		"cloudformation:GetTemplate cloudformation:DescribeStacks cloudformation:ListStackResources backup-gateway:* kms:CreateGrant " +
		"kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncrypt* tag:GetResources " +
		"ssm-sap:* s3:* events:* cloudwatch:GetMetricData"},
	"AmazonVPCFlowLogsServiceRolePolicy": {actions: "logs:*"},
	"CloudWatchLogsReadOnlyAccess": {actions: "logs:Describe* logs:Get* logs:List* logs:StartQuery logs:StopQuery " +
		"logs:TestMetricFilter logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail cloudwatch:GenerateQuery*"},
}
