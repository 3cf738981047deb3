package backups_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/components/backups"
	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra/infratest"
)

const (
	vaultType     = "aws:backup/vault:Vault"
	planType      = "aws:backup/plan:Plan"
	selectionType = "aws:backup/selection:Selection"
	databaseARN   = "arn:aws:rds:eu-west-1:123456789012:db:prod-database"
)

func declared(t *testing.T, name string, args backups.Args) []infratest.Declared {
	t.Helper()
	return infratest.Record(t, nil, func(ctx *pulumi.Context) error {
		k := &keys.Keys{Data: &keys.Key{ARN: pulumi.String("arn:data").ToStringOutput()}}
		boundary := &identity.Boundary{ARN: pulumi.String("arn:boundary").ToStringOutput()}
		db := &database.Database{ARN: pulumi.String(databaseARN).ToStringOutput()}
		_, err := backups.New(ctx, name, infratest.Platform("prod"), backups.Wiring{Database: db, Keys: k, Boundary: boundary}, args)
		return err
	})
}

// Control 137: the plan covers this database, and nothing else.
func TestPlanCoversTheDatabase(t *testing.T) {
	all := declared(t, "prod-backup", backups.Args{})
	selection := infratest.One(t, all, selectionType)
	assert.Equal(t, []any{databaseARN}, selection.Plain()["resources"])
	assert.Equal(t, "prod-backup-id", selection.Plain()["planId"])
	assert.NotContains(t, selection.Plain(), "selectionTags")
	assert.True(t, slices.ContainsFunc(selection.Options.GetDependencies(), func(urn string) bool {
		return strings.HasSuffix(urn, "AWSBackupServiceRolePolicyForBackup")
	}), "AWS refuses a role that cannot do the work")
	assert.Equal(t, "arn:data", infratest.One(t, all, vaultType).Plain()["kmsKeyArn"])
}

func TestCopiesAreKeptApart(t *testing.T) {
	all := declared(t, "prod-backup", backups.Args{Protect: true})
	vault := infratest.One(t, all, vaultType)
	assert.Equal(t, false, vault.Plain()["forceDestroy"])
	assert.True(t, vault.Options.GetProtect())
	kept := map[any]any{}
	for _, r := range infratest.One(t, all, planType).Plain()["rules"].([]any) {
		rule := r.(map[string]any)
		kept[rule["ruleName"]] = rule["lifecycle"].(map[string]any)["deleteAfter"]
		assert.Equal(t, "prod-backup", rule["targetVaultName"])
		assert.Equal(t, false, rule["enableContinuousBackup"])
		assert.GreaterOrEqual(t, rule["completionWindow"].(float64), rule["startWindow"].(float64)+60)
	}
	assert.Equal(t, map[any]any{"daily": 35.0, "weekly": 365.0}, kept)
}

func TestRoleTrustsOnlyBackup(t *testing.T) {
	role := infratest.One(t, declared(t, "prod-backup", backups.Args{}), "aws:iam/role:Role").Plain()
	assert.Contains(t, role["assumeRolePolicy"], `"Principal":{"Service":"backup.amazonaws.com"}`)
	assert.Equal(t, "arn:boundary", role["permissionsBoundary"])
}

func TestLongNamesFit(t *testing.T) {
	all := declared(t, strings.Repeat("causeway-", 8), backups.Args{})
	for _, token := range []string{vaultType, planType, selectionType} {
		assert.LessOrEqual(t, len(infratest.One(t, all, token).Name)+8, 50, token)
	}
}
