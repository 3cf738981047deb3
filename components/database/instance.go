package database

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// instance declares RDS for PostgreSQL or MySQL.
func (b *builder) instance() error {
	a, e := b.args, b.engine
	parameters, err := b.parameterGroup()
	if err != nil {
		return err
	}
	in := &rds.InstanceArgs{
		Identifier:             b.identifier,
		Engine:                 pulumi.String(a.Engine),
		EngineVersion:          pulumi.String(a.Version),
		EngineLifecycleSupport: pulumi.String(supportEnds),
		InstanceClass:          pulumi.String(a.Class),
		DbName:                 pulumi.String(databaseName),
		Port:                   pulumi.Int(e.port),
		ParameterGroupName:     parameters.Name,

		Username:                         pulumi.String(masterUser),
		ManageMasterUserPassword:         pulumi.Bool(true),
		MasterUserSecretKmsKeyId:         b.wiring.Keys.Data.ARN,
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),
		CaCertIdentifier:                 pulumi.String(authority),

		StorageType:         pulumi.String("gp3"),
		AllocatedStorage:    pulumi.Int(a.StorageGiB),
		MaxAllocatedStorage: pulumi.Int(a.MaxStorageGiB),
		StorageEncrypted:    pulumi.Bool(true),
		KmsKeyId:            b.wiring.Keys.Data.ARN,

		DbSubnetGroupName:   b.subnets.Name,
		VpcSecurityGroupIds: pulumi.StringArray{b.wiring.Group.ID},
		PubliclyAccessible:  pulumi.Bool(false),
		MultiAz:             pulumi.Bool(a.MultiZone),

		BackupRetentionPeriod:   pulumi.Int(a.BackupDays),
		BackupWindow:            pulumi.String(backupWindow),
		MaintenanceWindow:       pulumi.String(maintenanceWindow),
		CopyTagsToSnapshot:      pulumi.Bool(true),
		DeleteAutomatedBackups:  pulumi.Bool(a.Disposable),
		SkipFinalSnapshot:       pulumi.Bool(a.Disposable),
		FinalSnapshotIdentifier: b.finalSnapshot(),
		DeletionProtection:      pulumi.Bool(a.Protect),

		// A change that was reviewed happens when it is deployed, not in the maintenance window; the old parameter
		// group can then be deleted when the deployment ends.
		ApplyImmediately:         pulumi.Bool(true),
		AllowMajorVersionUpgrade: pulumi.Bool(true),
		AutoMinorVersionUpgrade:  pulumi.Bool(true),

		MonitoringInterval:           pulumi.Int(monitoringSeconds),
		MonitoringRoleArn:            b.monitor.ARN,
		PerformanceInsightsEnabled:   pulumi.Bool(e.insights(a.Class)),
		EnabledCloudwatchLogsExports: pulumi.ToStringArray(e.logs),
		Tags:                         b.p.TagsFor(b.name, tier),
	}
	if e.insights(a.Class) {
		in.PerformanceInsightsKmsKeyId = b.wiring.Keys.Data.ARN
		in.PerformanceInsightsRetentionPeriod = pulumi.Int(insightsDays)
	}
	if !e.postgres() {
		options, err := b.optionGroup()
		if err != nil {
			return err
		}
		in.OptionGroupName = options.Name
	}
	instance, err := rds.NewInstance(b.ctx, b.name, in, b.child(), b.after(), pulumi.Protect(a.Protect))
	if err != nil {
		return fmt.Errorf("making the instance: %w", err)
	}
	d := b.database
	d.Endpoint, d.Identifier, d.ARN, d.ResourceID = instance.Address, instance.Identifier, instance.Arn, instance.ResourceId
	d.ParameterGroup = parameters.Name
	d.Zones = pulumi.StringArray{instance.AvailabilityZone}
	d.SecretARN = instance.MasterUserSecrets.ApplyT(func(secrets []rds.InstanceMasterUserSecret) (string, error) {
		if len(secrets) == 0 || secrets[0].SecretArn == nil {
			return "", errNoSecret
		}
		return *secrets[0].SecretArn, nil
	}).(pulumi.StringOutput)
	return nil
}

// errNoSecret is returned for a database without a managed password: one that was imported, or whose password
// somebody took over.
var errNoSecret = errors.New("RDS manages no master password for the database; " +
	"run pulumi up again, which hands it the password, and then once more")

func (b *builder) parameterGroup() (*rds.ParameterGroup, error) {
	family, label := b.family()
	name := b.name + "-" + label
	var parameters rds.ParameterGroupParameterArray
	for _, p := range b.engine.parameters() {
		parameters = append(parameters, &rds.ParameterGroupParameterArgs{
			Name: pulumi.String(p.name), Value: pulumi.String(p.value), ApplyMethod: p.method(),
		})
	}
	group, err := rds.NewParameterGroup(b.ctx, name, &rds.ParameterGroupArgs{
		Description: pulumi.String("TLS forced, connections and slow statements logged"),
		Family:      pulumi.String(family),
		Parameters:  parameters,
		Tags:        b.p.TagsFor(name, tier),
	}, b.child())
	if err != nil {
		return nil, fmt.Errorf("making the parameter group: %w", err)
	}
	return group, nil
}

// optionGroup adds the plugin that writes MySQL's audit log: who connected, and what changed tables or rights (AWS,
// RDS user guide, "MariaDB Audit Plugin support for MySQL").
func (b *builder) optionGroup() (*rds.OptionGroup, error) {
	_, label := b.family()
	name := b.name + "-" + label
	group, err := rds.NewOptionGroup(b.ctx, name, &rds.OptionGroupArgs{
		OptionGroupDescription: pulumi.String("Audit log of connections and changes"),
		EngineName:             pulumi.String(b.args.Engine),
		MajorEngineVersion:     pulumi.String(b.args.Version),
		Options: rds.OptionGroupOptionArray{&rds.OptionGroupOptionArgs{
			OptionName: pulumi.String("MARIADB_AUDIT_PLUGIN"),
			OptionSettings: rds.OptionGroupOptionOptionSettingArray{&rds.OptionGroupOptionOptionSettingArgs{
				Name: pulumi.String("SERVER_AUDIT_EVENTS"), Value: pulumi.String("CONNECT,QUERY_DDL,QUERY_DCL"),
			}},
		}},
		Tags: b.p.TagsFor(name, tier),
	}, b.child())
	if err != nil {
		return nil, fmt.Errorf("making the option group: %w", err)
	}
	return group, nil
}
