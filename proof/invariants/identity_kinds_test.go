package invariants_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// breaksI25 says what I25 finds of prod with a change.
func breaksI25(t *testing.T, prod *specimen.Stack, change func(*specimen.Stack)) []string {
	t.Helper()
	s := prod.Copy()
	change(s)
	return failing(invariants.Only(s.Graph(), "I25"))["I25"]
}

// whoElse are principals who are neither the app role nor identities of the stack.
var whoElse = []string{
	`"Principal":"*"`,
	`"Principal":{"AWS":"*"}`,
	`"Principal":{"AWS":"arn:aws:iam::999999999999:root"}`,
	`"Principal":{"AWS":"999999999999"}`,
	`"Principal":{"AWS":"arn:aws:iam::999999999999:role/x"}`,
	`"Principal":{"AWS":"arn:aws:iam::444455556666:role/of-no-stack"}`,
	`"Principal":{"AWS":"arn:aws:iam::444455556666:user/somebody"}`,
	`"Principal":{"AWS":"arn:aws:sts::444455556666:assumed-role/of-no-stack/x"}`,
	`"Principal":{"Federated":"accounts.google.com"}`,
	`"Principal":{"Service":"lambda.amazonaws.com"}`,
	`"Principal":{"Service":"ssm.amazonaws.com"}`,
	`"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"999999999999"}}`,
	`"Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":"999999999999"}}`,
	`"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-somebody"}}`,
	`"Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"999999999999"}}`,
	`"NotPrincipal":{"AWS":"arn:aws:iam::999999999999:root"}`,
}

// Whoever else the app role's trust, or the secret's policy, lets in beside those that it
// should is found, although a provider and a key of another account are in the stack.
func TestWhoeverElseIsLetIn(t *testing.T) {
	base := specimen.Read(t, prod)
	base.Add("pulumi:providers:aws", "away", in{"allowedAccountIds": []any{"999999999999"}})
	base.Add("kms/key:Key", "theirs", in{}).Answer("arn", "arn:aws:kms:eu-west-1:999999999999:key/1").External()
	assert.Empty(t, breaksI25(t, base, func(*specimen.Stack) {}))
	tried := 0
	for _, who := range append(whoElse, `"Principal":{"AWS":"arn:aws:iam::444455556666:root"}`,
		`"Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`) {
		assert.NotEmpty(t, breaksI25(t, base, func(s *specimen.Stack) {
			s.The(role, "prod-app").
				Set("assumeRolePolicy",
					document(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"},`+
						`{"Effect":"Allow",`+who+`,"Action":"sts:AssumeRole"}`))
		}), "the app role trusts %s", who)
		tried++
	}
	for _, who := range whoElse {
		for _, read := range []string{"secretsmanager:GetSecretValue", "secretsmanager:*", "secretsmanager:PutResourcePolicy"} {
			assert.NotEmpty(t, breaksI25(t, base, func(s *specimen.Stack) {
				secretLetsIn(s, `{"Effect":"Allow",`+who+`,"Action":"`+read+`","Resource":"*"}`)
			}), "the secret lets %s in", who)
			tried++
		}
	}
	t.Log(tried, "ways in")
}

// Every power that leads to the data without the secret, or to what reads it, on the very resource, on its pattern, or on all.
func TestPowersOverTheDatabase(t *testing.T) {
	base := specimen.Read(t, prod)
	groupARN := func(tier string) string {
		return "arn:aws:ec2:eu-west-1:444455556666:security-group/" + id(base, group, "prod-"+tier)
	}
	database, releases := arn(base, db, "prod-database"), arn(base, "s3/bucketV2:BucketV2", "prod-releases")
	tried := 0
	for resource, actions := range map[string]string{
		database: "rds:ModifyDBInstance rds:RestoreDBInstanceToPointInTime rds:CreateDBInstanceReadReplica rds:StartActivityStream " +
			"rds:DownloadDBLogFilePortion rds:DownloadCompleteDBLogFile rds:StartDBInstanceAutomatedBackupsReplication",
		"arn:aws:rds:eu-west-1:444455556666:snapshot:prod-*": "rds:ModifyDBSnapshotAttribute rds:StartExportTask",
		"arn:aws:rds:eu-west-1:444455556666:*": "rds:RestoreDBInstanceFromDBSnapshot rds:ModifyDBClusterSnapshotAttribute " +
			"rds:RestoreDBClusterFromSnapshot rds:RestoreDBClusterToPointInTime rds:CreateIntegration rds:CreateBlueGreenDeployment",
		arn(base, "backup/vault:Vault", "prod-backup"): "backup:PutBackupVaultAccessPolicy backup:StartCopyJob backup:StartRestoreJob",
		arn(base, "backup/plan:Plan", "prod-backup"):   "backup:UpdateBackupPlan",
		groupARN("database"):                           "ec2:AuthorizeSecurityGroupIngress ec2:ModifySecurityGroupRules",
		groupARN("web"):                                "ec2:AuthorizeSecurityGroupIngress ec2:ModifySecurityGroupRules",
		groupARN("app"):                                "ec2:RunInstances ec2:CreateNetworkInterface ec2:ModifyNetworkInterfaceAttribute",
		releases + "/app/*": "s3:PutObject s3:DeleteObject s3:PutObjectAcl s3:PutObjectVersionAcl " +
			"s3:ReplicateObject s3:DeleteObjectVersion",
		"arn:aws:s3:eu-west-1:444455556666:accesspoint/x":        "s3:PutAccessPointPolicy",
		arn(base, "autoscaling/group:Group", "prod-app"):         "autoscaling:UpdateAutoScalingGroup autoscaling:StartInstanceRefresh",
		"arn:aws:ec2:eu-west-1:444455556666:network-interface/*": "ec2:AttachNetworkInterface",
		"arn:aws:pi:eu-west-1:444455556666:metrics/rds/*":        "pi:DescribeDimensionKeys pi:GetDimensionKeyDetails",
		"arn:aws:ssm:eu-west-1:444455556666:document/x":          "ssm:UpdateDocument",
		"arn:aws:codedeploy:eu-west-1:444455556666:x":            "codedeploy:CreateDeployment",
		"arn:aws:imagebuilder:eu-west-1:444455556666:x/y": "imagebuilder:StartImagePipelineExecution " +
			"imagebuilder:UpdateImagePipeline imagebuilder:UpdateDistributionConfiguration",
		"arn:aws:codepipeline:eu-west-1:444455556666:x": "codepipeline:StartPipelineExecution",
		"arn:aws:fis:eu-west-1:444455556666:x":          "fis:StartExperiment",
		releases: "s3:PutBucketPolicy s3:DeleteBucketPolicy s3:PutBucketAcl s3:PutBucketOwnershipControls " +
			"s3:PutBucketPublicAccessBlock s3:PutReplicationConfiguration s3:PutLifecycleConfiguration s3:PutBucketVersioning",
		secretARN(base): "secretsmanager:ReplicateSecretToRegions",
		"arn:aws:iam::444455556666:role/of-nobody": "iam:PutRolePolicy sts:AssumeRole iam:AttachRolePolicy " +
			"iam:UpdateAssumeRolePolicy iam:PassRole",
		"arn:aws:iam::444455556666:user/of-nobody": "iam:PutUserPolicy iam:AttachUserPolicy iam:CreateAccessKey iam:CreateLoginProfile " +
			"iam:UpdateLoginProfile iam:CreateServiceSpecificCredential iam:UploadSSHPublicKey",
		"arn:aws:iam::444455556666:group/of-nobody":          "iam:PutGroupPolicy iam:AttachGroupPolicy iam:AddUserToGroup",
		"arn:aws:iam::444455556666:policy/of-nobody":         "iam:CreatePolicyVersion iam:SetDefaultPolicyVersion",
		"arn:aws:iam::444455556666:saml-provider/x":          "iam:UpdateSAMLProvider",
		"arn:aws:lambda:eu-west-1:444455556666:function:x":   "lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration",
		"arn:aws:codebuild:eu-west-1:444455556666:project/x": "codebuild:UpdateProject codebuild:StartBuild",
		"arn:aws:cloudformation:eu-west-1:444455556666:stack/x": "cloudformation:UpdateStack cloudformation:ExecuteChangeSet " +
			"cloudformation:UpdateStackSet cloudformation:CreateStackInstances",
	} {
		for n, action := range strings.Fields(actions) {
			for _, role := range []string{"prod-web", "prod-app"}[:2-n%2] {
				assert.NotEmpty(t, breaksI25(t, base, func(s *specimen.Stack) { policy(s, role, gives(action, resource)) }),
					"%s: %s on %s", role, action, resource)
				tried++
			}
		}
	}
	t.Log(tried, "powers")
	for _, who := range []string{`{"AWS":"` + arn(base, role, "prod-web") + `"}`, `"*"`} {
		for resource, statement := range map[string]string{"s3:PutObject": releases + "/*", "s3:*": releases + "/app/*"} {
			assert.NotEmpty(t, breaksI25(t, base, func(s *specimen.Stack) {
				s.The("s3/bucketPolicy:BucketPolicy", "prod-releases").Set("policy", document(`{"Effect":"Allow","Principal":`+who+
					`,"Action":"`+resource+`","Resource":"`+statement+`"}`))
			}), "the bucket's policy lets %s %s", who, resource)
		}
		assert.NotEmpty(t, breaksI25(t, base, func(s *specimen.Stack) {
			s.Add("backup/vaultPolicy:VaultPolicy", "mutant", in{"backupVaultName": id(s, "backup/vault:Vault", "prod-backup"),
				"policy": document(`{"Effect":"Allow","Principal":` + who + `,"Action":"backup:*","Resource":"*"}`)})
		}), "the vault's policy lets %s", who)
	}
	assert.Empty(t,
		breaksI25(t, base,
			web("ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:eu-west-1:444455556666:security-group/sg-0000000000000000f")),
		"another group's rules")
}

// What a replacement has left in place still grants; and no type of the packages that say who
// may do what is passed over.
func TestIdentityIsAClosedWorld(t *testing.T) {
	base := specimen.Read(t, prod)
	left := 0
	for _, r := range base.Every() {
		if kind := r.Type(); strings.HasPrefix(kind, "aws:iam/") || strings.HasPrefix(kind, "aws:kms/key") {
			assert.NotEmpty(t, breaksI25(t, base, func(s *specimen.Stack) {
				s.Add(kind, "old", in{"policy": r.Get("policy"), "role": r.Get("role"), "assumeRolePolicy": r.Get("assumeRolePolicy")}).
					Leftover()
			}), "a leftover %s", kind)
			left++
		}
	}
	assert.Greater(t, left, 10)
	for _, kind := range []string{
		"iam/organizationsFeatures:OrganizationsFeatures", "iam/somethingNew:SomethingNew", "kms/customKeyStore:CustomKeyStore",
		"secretsmanager/somethingNew:SomethingNew",
		"ssoadmin/accountAssignment:AccountAssignment", "ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
		"identitystore/groupMembership:GroupMembership",
		"organizations/delegatedAdministrator:DelegatedAdministrator", "organizations/resourcePolicy:ResourcePolicy",
		"ram/resourceAssociation:ResourceAssociation",
		"ssm/activation:Activation", "ssm/serviceSetting:ServiceSetting",
		"cloudformation/stack:Stack", "cloudformation/stackSetInstance:StackSetInstance", "cloudcontrol/resource:Resource",
		"servicecatalog/provisionedProduct:ProvisionedProduct",
		"serverlessrepository/cloudFormationStack:CloudFormationStack",
		"command:local:Command", "pulumi-nodejs:dynamic:Resource", "aws-native:iam:RolePolicy", "awscc:iam:Role",
		"terraform:state:Something", "anything:new:Thing",
	} {
		assert.NotEmpty(t, breaksI25(t, base, func(s *specimen.Stack) { s.Add(kind, "mutant", in{}) }), kind)
	}
	for _, kind := range []string{"iam/accountAlias:AccountAlias", "iam/openIdConnectProvider:OpenIdConnectProvider", "kms/alias:Alias",
		"organizations/policy:Policy", "random:index/randomId:RandomId", "kubernetes:core/v1:ConfigMap"} {
		assert.Empty(t, breaksI25(t, base, func(s *specimen.Stack) { s.Add(kind, "harmless", in{}) }), kind)
	}
	assert.Contains(t, fmt.Sprint(breaksI25(t, base, func(s *specimen.Stack) { s.Add("ram/resourceShare:ResourceShare", "shared", in{}) })),
		"aws:ram/resourceShare:ResourceShare")
}
