package identity

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/infratest"
)

func anyBucket() []infra.Statement {
	return []infra.Statement{{Actions: []string{"s3:GetObject"}, Resources: pulumi.StringArray{pulumi.String("arn:aws:s3:::b/*")}}}
}

func instanceRole() RoleArgs {
	return RoleArgs{Service: "ec2.amazonaws.com", Description: "Web servers", Tier: "web", Statements: anyBucket()}
}

func record(t *testing.T, name string, args RoleArgs) []infratest.Declared {
	t.Helper()
	return infratest.Record(t, nil, func(ctx *pulumi.Context) error {
		p := infratest.Platform("prod")
		k, err := keys.New(ctx, "prod-keys", p, keys.Args{})
		if err != nil {
			return err
		}
		boundary, err := NewBoundary(ctx, "prod-boundary", p, k, BoundaryArgs{})
		if err != nil {
			return err
		}
		role, err := NewRole(ctx, name, p, boundary, args)
		if err != nil {
			return err
		}
		_, err = role.InstanceProfile(ctx, p)
		return err
	})
}

// Controls 112 and 113: one place for rights, and a boundary around them.
func TestRoleIsBoundedAndHasOnePolicy(t *testing.T) {
	all := record(t, "prod-web", instanceRole())
	role := infratest.Named(t, all, "aws:iam/role:Role", "prod-web").Plain()
	assert.Equal(t, "arn:aws:iam:eu-west-1:123456789012:prod-boundary", role["permissionsBoundary"])
	assert.NotContains(t, role, "inlinePolicies")
	assert.NotContains(t, role, "managedPolicyArns")
	assert.NotContains(t, role, "name")
	policy := infratest.One(t, all, "aws:iam/rolePolicy:RolePolicy").Plain()
	assert.Equal(t, "prod-web", policy["role"])
	assert.Contains(t, policy["policy"], "arn:aws:s3:::b/*")
	assert.Empty(t, infratest.OfType(all, "aws:iam/rolePolicyAttachment:RolePolicyAttachment"))
	assert.Equal(t, "prod-web", infratest.One(t, all, "aws:iam/instanceProfile:InstanceProfile").Plain()["role"])
}

func TestManagedPoliciesAreAttachedAndNotCopied(t *testing.T) {
	all := record(t, "prod-backup", RoleArgs{
		Service: "backup.amazonaws.com", Description: "Backups",
		ManagedPolicies: []string{"service-role/AWSBackupServiceRolePolicyForBackup"},
	})
	attachment := infratest.One(t, all, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
	assert.Equal(t, "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup", attachment.Plain()["policyArn"])
	assert.Empty(t, infratest.OfType(all, "aws:iam/rolePolicy:RolePolicy"))
}

// Controls 108 and 109.
func TestTrustNamesOneServiceAndItsSource(t *testing.T) {
	args := instanceRole()
	trust := infratest.Named(t, record(t, "r", args), "aws:iam/role:Role", "r").Plain()["assumeRolePolicy"].(string)
	assert.Contains(t, trust, `"Principal":{"Service":"ec2.amazonaws.com"}`)
	assert.NotContains(t, trust, "Condition")

	args.Service = "vpc-flow-logs.amazonaws.com"
	args.Sources = []string{"arn:aws:ec2:eu-west-1:123456789012:vpc-flow-log/*"}
	trust = infratest.Named(t, record(t, "r", args), "aws:iam/role:Role", "r").Plain()["assumeRolePolicy"].(string)
	assert.Contains(t, trust, `"StringEquals":{"aws:SourceAccount":"123456789012"}`)
	assert.Contains(t, trust, `"ArnLike":{"aws:SourceArn":"arn:aws:ec2:eu-west-1:123456789012:vpc-flow-log/*"}`)
}

// Pain 2, for roles: AWS allows 64 characters.
func TestLongNamesAreCut(t *testing.T) {
	all := record(t, strings.Repeat("long-", 20)+"web", instanceRole())
	role := infratest.One(t, all, "aws:iam/role:Role")
	assert.LessOrEqual(t, len(role.Name)+infra.AutoNameSuffix, 64)
}

// Controls 97, 98 and 105: the boundary is not an administrator, and AWS takes no
// managed policy beyond 6,144 characters (AWS, IAM user guide, IAM quotas).
func TestBoundaryIsBounded(t *testing.T) {
	policy := infratest.One(t, record(t, "r", instanceRole()), "aws:iam/policy:Policy").Plain()["policy"].(string)
	assert.Less(t, len(policy), 6144)
	var document struct {
		Statement []struct {
			Sid              string
			Action, Resource any
		}
	}
	require.NoError(t, json.Unmarshal([]byte(policy), &document))
	for _, s := range document.Statement {
		text, err := json.Marshal(s.Action)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "*", s.Sid)
		assert.NotContains(t, string(text), `"iam:`, s.Sid)
		if strings.Contains(string(text), "kms:") || strings.Contains(string(text), "GetSecretValue") {
			assert.NotEqual(t, "*", s.Resource, s.Sid)
			resources, err := json.Marshal(s.Resource)
			require.NoError(t, err)
			assert.NotContains(t, string(resources), "key/*", s.Sid)
		}
	}
}

func TestRefusedRoles(t *testing.T) {
	one := func(change func(*RoleArgs)) RoleArgs {
		args := instanceRole()
		change(&args)
		return args
	}
	action := func(a string) RoleArgs {
		return one(func(args *RoleArgs) { args.Statements[0].Actions = []string{a} })
	}
	for _, c := range []struct {
		args    RoleArgs
		problem string
	}{
		{one(func(a *RoleArgs) { a.Service = "" }), "service: \"\" is not a service"},
		{one(func(a *RoleArgs) { a.Service = "arn:aws:iam::1:root" }), "write one service"},
		{one(func(a *RoleArgs) { a.Sources = []string{"arn"} }), "sources: ec2.amazonaws.com does not say"},
		{one(func(a *RoleArgs) { a.Description = "" }), "say what the role is for"},
		{one(func(a *RoleArgs) { a.Statements = nil }), "give either statements or managedPolicies"},
		{one(func(a *RoleArgs) { a.ManagedPolicies = []string{"AmazonSSMManagedInstanceCore"} }),
			"give either statements or managedPolicies"},
		{one(func(a *RoleArgs) { a.Statements[0].Resources = nil }), "statements[0].resources: is empty"},
		{one(func(a *RoleArgs) { a.Statements[0].Actions = nil }), "statements[0].actions: is empty"},
		{one(func(a *RoleArgs) { a.Statements[0].Principals = map[string][]string{"AWS": {"*"}} }), "cannot name a principal"},
		{action("*"), "\"*\" is not an action"},
		{action("s3:*"), "s3:* allows everything"},
		{action("*:Get"), "allows everything"},
		{action("iam:PassRole"), "leave it to whoever deploys"},
		{one(func(a *RoleArgs) { a.Statements, a.ManagedPolicies = nil, []string{"AdministratorAccess"} }), "far more than one role needs"},
		{one(func(a *RoleArgs) { a.Statements, a.ManagedPolicies = nil, []string{"AmazonS3FullAccess"} }), "far more than one role needs"},
		{one(func(a *RoleArgs) { a.Statements, a.ManagedPolicies = nil, []string{"arn:aws:iam::aws:policy/X"} }),
			"write the part after policy/"},
	} {
		assert.ErrorContains(t, c.args.Validate().Err(), c.problem)
	}
	assert.ErrorContains(t, BoundaryArgs{Statements: action("sqs:*").Statements}.Validate().Err(), "allows everything")
	assert.NoError(t, instanceRole().Validate().Err())
}

func TestMissingWiring(t *testing.T) {
	_, err := infratest.TryRecord(nil, func(ctx *pulumi.Context) error {
		_, err := NewRole(ctx, "r", infratest.Platform("prod"), nil, instanceRole())
		return err
	})
	assert.ErrorContains(t, err, "the permissions boundary is missing")
	_, err = infratest.TryRecord(nil, func(ctx *pulumi.Context) error {
		_, err := NewBoundary(ctx, "b", infratest.Platform("prod"), nil, BoundaryArgs{})
		return err
	})
	assert.ErrorContains(t, err, "keys.Keys: is missing from the component's wiring")
}
