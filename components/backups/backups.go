// Package backups keeps copies of the database apart from the database: daily and
// weekly ones, in a vault of their own, that deleting the database does not delete.
// They are beside the automatic backups of RDS, which go back to any second but
// only as far as those are kept.
//
// AWS Backup must be opted in for RDS and Aurora in the region, as it is unless
// somebody turned it off (AWS Backup developer guide, "Service opt-in").
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
	tier = "data"
	// nameLimit is the longest name of a vault, a plan or a selection (AWS Backup API
	// reference, CreateBackupVault and BackupSelection).
	nameLimit = 50
	// Both start after the hours that database chooses for RDS's own backups and
	// maintenance, during which a job would fail (AWS Backup developer guide, "Amazon
	// RDS backups").
	dailySchedule  = "cron(0 6 * * ? *)"
	weeklySchedule = "cron(0 8 ? * SUN *)"
	// startMinutes is how long a job may wait to begin, completeMinutes until it must
	// be done.
	startMinutes    = 60
	completeMinutes = 480
)

// Args are the backups' settings. The zero value of each is its default.
type Args struct {
	// DailyDays is how many days a daily copy is kept, 1 to 365. Default 35.
	DailyDays int
	// WeeklyDays is how many days a weekly copy is kept, more than DailyDays and at
	// most 3650. Default 365.
	WeeklyDays int
	// Protect keeps Pulumi from deleting the vault. AWS refuses to delete one that
	// holds copies, whatever this says. Default false.
	Protect bool
}

func (a Args) withDefaults() Args {
	if a.DailyDays == 0 {
		a.DailyDays = 35
	}
	if a.WeeklyDays == 0 {
		a.WeeklyDays = 365
	}
	return a
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	if a.DailyDays < 1 || a.DailyDays > 365 {
		ps.Addf("dailyDays", "write 1 to 365", "a daily copy cannot be kept for %d days", a.DailyDays)
	}
	if a.WeeklyDays <= a.DailyDays || a.WeeklyDays > 3650 {
		ps.Addf("weeklyDays", "write more than dailyDays and at most 3650",
			"weekly copies kept for %d days add nothing to daily ones kept for %d", a.WeeklyDays, a.DailyDays)
	}
	return ps
}

// Backup is the vault and what fills it.
type Backup struct {
	pulumi.ResourceState

	// Vault is the vault's name, VaultARN its ARN.
	Vault, VaultARN pulumi.StringOutput
	// Plan is the plan's id.
	Plan pulumi.StringOutput
}

// New declares the vault, the plan, and the database as what it backs up.
func New(ctx *pulumi.Context, name string, p *infra.Platform, k *keys.Keys, boundary *identity.Boundary,
	db *database.Database, args Args, opts ...pulumi.ResourceOption,
) (*Backup, error) {
	args = args.withDefaults()
	if err := args.Validate().Err(); err != nil {
		return nil, fmt.Errorf("backup %s: %w", name, err)
	}
	if p == nil || k == nil || boundary == nil || db == nil {
		return nil, fmt.Errorf("backup %s: a platform, keys, boundary and database are required", name)
	}
	b := &Backup{}
	if err := ctx.RegisterComponentResource("causeway:backup:Backup", name, b, opts...); err != nil {
		return nil, fmt.Errorf("backup %s: %w", name, err)
	}
	name = infra.ShortName(nameLimit, name)
	vault, err := backup.NewVault(ctx, name, &backup.VaultArgs{
		KmsKeyArn:    k.Data.ARN,
		ForceDestroy: pulumi.Bool(false),
		Tags:         p.TagsFor(name, tier),
	}, pulumi.Parent(b), pulumi.Protect(args.Protect))
	if err != nil {
		return nil, fmt.Errorf("backup %s: making the vault: %w", name, err)
	}
	plan, err := backup.NewPlan(ctx, name, &backup.PlanArgs{
		Rules: backup.PlanRuleArray{
			rule(p, name, "daily", dailySchedule, vault.Name, args.DailyDays),
			rule(p, name, "weekly", weeklySchedule, vault.Name, args.WeeklyDays),
		},
		Tags: p.TagsFor(name, tier),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("backup %s: making the plan: %w", name, err)
	}
	role, err := identity.NewRole(ctx, name, p, boundary, identity.RoleArgs{
		Service:         "backup.amazonaws.com",
		Description:     "AWS Backup copies the database into the vault",
		Tier:            tier,
		ManagedPolicies: []string{"service-role/AWSBackupServiceRolePolicyForBackup"},
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("backup %s: %w", name, err)
	}
	_, err = backup.NewSelection(ctx, name, &backup.SelectionArgs{
		PlanId:     plan.ID(),
		IamRoleArn: role.ARN,
		Resources:  pulumi.StringArray{db.ARN},
	}, pulumi.Parent(b), pulumi.DependsOn(role.Ready))
	if err != nil {
		return nil, fmt.Errorf("backup %s: selecting the database: %w", name, err)
	}
	b.Vault, b.VaultARN, b.Plan = vault.Name, vault.Arn, plan.ID().ToStringOutput()
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{"vault": b.Vault, "vaultArn": b.VaultARN, "plan": b.Plan})
}

func rule(p *infra.Platform, name, label, schedule string, vault pulumi.StringInput, days int) *backup.PlanRuleArgs {
	return &backup.PlanRuleArgs{
		RuleName:         pulumi.String(label),
		TargetVaultName:  vault,
		Schedule:         pulumi.String(schedule),
		StartWindow:      pulumi.Int(startMinutes),
		CompletionWindow: pulumi.Int(completeMinutes),
		// A continuous backup would take RDS's own over, retention and window with it.
		EnableContinuousBackup: pulumi.Bool(false),
		Lifecycle:              &backup.PlanRuleLifecycleArgs{DeleteAfter: pulumi.Int(days)},
		RecoveryPointTags:      p.TagsFor(name+"-"+label, tier),
	}
}
