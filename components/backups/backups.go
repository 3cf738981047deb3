// Package backups keeps daily and weekly copies of the database in a vault of their own, which survives the deletion
// of the database. They complement RDS's automatic backups, which can restore any second but only within their
// retention.
//
// AWS Backup must be opted in for RDS and Aurora in the region, as it is unless somebody turned it off (AWS Backup
// developer guide, "Service opt-in").
package backups

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
)

const (
	tier = infra.TierData
	// nameLimit is the longest name of a vault, a plan or a selection (AWS Backup API
	// reference, CreateBackupVault and BackupSelection).
	nameLimit = 50
	// Both start after the hours that package database chooses for RDS's own backups and maintenance, during which a
	// job would fail (AWS Backup developer guide, "Amazon RDS backups").
	dailySchedule  = "cron(0 6 * * ? *)"
	weeklySchedule = "cron(0 8 ? * SUN *)"
	// startMinutes is how long a job may wait to begin, completeMinutes how long until it must be done.
	startMinutes    = 60
	completeMinutes = 480
	// dailyDays and weeklyDays are how long copies are kept.
	dailyDays  = 35
	weeklyDays = 365
)

// Args are the backups' settings.
type Args struct {
	// Protect keeps Pulumi from deleting the vault. Default false.
	Protect bool
	// Disposable lets the vault be deleted with the copies in it. Default false: AWS
	// then refuses.
	Disposable bool
}

// Backup is the vault and what fills it.
type Backup struct {
	pulumi.ResourceState

	// Vault is the vault's name, VaultARN its ARN.
	Vault, VaultARN pulumi.StringOutput
	// Plan is the plan's id.
	Plan pulumi.StringOutput
}

// Wiring is what is backed up, and what the backups are encrypted and authorized with.
type Wiring struct {
	Database *database.Database
	Keys     *keys.Keys
	Boundary *identity.Boundary
}

// New declares the vault, the plan, and the selection of the database.
func New(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args Args, opts ...pulumi.ResourceOption) (*Backup, error) {
	b := &Backup{}
	err := infra.Declare(ctx, infra.Component{
		Type: "backup:Backup", Name: name, Platform: p, Wiring: w, Options: opts,
	}, b, func() (pulumi.Map, error) {
		err := b.declare(ctx, infra.ShortName(nameLimit, name), p, w, args)
		return pulumi.Map{"vault": b.Vault, "vaultArn": b.VaultARN, "plan": b.Plan}, err
	})
	return b, err
}

func (b *Backup) declare(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args Args) error {
	vault, err := backup.NewVault(ctx, name, &backup.VaultArgs{
		KmsKeyArn:    w.Keys.Data.ARN,
		ForceDestroy: pulumi.Bool(args.Disposable),
		Tags:         p.TagsFor(name, tier),
	}, pulumi.Parent(b), pulumi.Protect(args.Protect))
	if err != nil {
		return fmt.Errorf("making the vault: %w", err)
	}
	plan, err := backup.NewPlan(ctx, name, &backup.PlanArgs{
		Rules: backup.PlanRuleArray{
			rule(p, name, "daily", dailySchedule, vault.Name, dailyDays),
			rule(p, name, "weekly", weeklySchedule, vault.Name, weeklyDays),
		},
		Tags: p.TagsFor(name, tier),
	}, pulumi.Parent(b))
	if err != nil {
		return fmt.Errorf("making the plan: %w", err)
	}
	role, err := identity.NewRole(ctx, name, p, w.Boundary, identity.RoleArgs{
		Service:         "backup.amazonaws.com",
		Description:     "AWS Backup copies the database into the vault",
		Tier:            tier,
		ManagedPolicies: []string{"service-role/AWSBackupServiceRolePolicyForBackup"},
	}, pulumi.Parent(b))
	if err != nil {
		return err
	}
	_, err = backup.NewSelection(ctx, name, &backup.SelectionArgs{
		PlanId:     plan.ID(),
		IamRoleArn: role.ARN,
		Resources:  pulumi.StringArray{w.Database.ARN},
	}, pulumi.Parent(b), pulumi.DependsOn(role.Ready))
	if err != nil {
		return fmt.Errorf("selecting the database: %w", err)
	}
	b.Vault, b.VaultARN, b.Plan = vault.Name, vault.Arn, plan.ID().ToStringOutput()
	return nil
}

// rule is one of the plan's schedules; label is daily or weekly.
func rule(p *infra.Platform, name, label, schedule string, vault pulumi.StringInput, days int) *backup.PlanRuleArgs {
	return &backup.PlanRuleArgs{
		RuleName:         pulumi.String(label),
		TargetVaultName:  vault,
		Schedule:         pulumi.String(schedule),
		StartWindow:      pulumi.Int(startMinutes),
		CompletionWindow: pulumi.Int(completeMinutes),
		// A continuous backup would take over RDS's own, with its retention and window.
		EnableContinuousBackup: pulumi.Bool(false),
		Lifecycle:              &backup.PlanRuleLifecycleArgs{DeleteAfter: pulumi.Int(days)},
		RecoveryPointTags:      p.TagsFor(name+"-"+label, tier),
	}
}
