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
	return failing(invariants.Check(s.Graph()))["I25"]
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

// Every power that leads to the data without the secret, on the very resource or on all.
func TestPowersOverTheDatabase(t *testing.T) {
	base := specimen.Read(t, prod)
	group := "arn:aws:ec2:eu-west-1:444455556666:security-group/" + id(base, group, "prod-database")
	database := arn(base, db, "prod-database")
	for action, resource := range map[string]string{
		"rds:ModifyDBInstance": database, "rds:ModifyDBSnapshotAttribute": "arn:aws:rds:eu-west-1:444455556666:snapshot:prod-*",
		"rds:ModifyDBClusterSnapshotAttribute": "*",
		"rds:StartExportTask":                  "*", "rds:RestoreDBInstanceFromDBSnapshot": "arn:aws:rds:eu-west-1:444455556666:*",
		"rds:RestoreDBInstanceToPointInTime": database,
		"rds:RestoreDBClusterFromSnapshot":   "*", "rds:RestoreDBClusterToPointInTime": "*",
		"backup:PutBackupVaultAccessPolicy": arn(base, "backup/vault:Vault", "prod-backup"), "backup:StartCopyJob": "*",
		"backup:StartRestoreJob":            "*",
		"ec2:AuthorizeSecurityGroupIngress": group, "ec2:ModifySecurityGroupRules": group,
	} {
		assert.NotEmpty(t, breaksI25(t, base, web(action, resource)), "%s on %s", action, resource)
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
