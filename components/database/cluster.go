package database

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// cluster declares Aurora PostgreSQL: the cluster, which holds the data, and its
// instances, which hold none.
func (b *builder) cluster() error {
	a, e := b.args, b.engine
	parameters, err := b.clusterParameterGroup()
	if err != nil {
		return err
	}
	in := &rds.ClusterArgs{
		ClusterIdentifier:           b.identifier,
		Engine:                      pulumi.String(a.Engine),
		EngineMode:                  pulumi.String("provisioned"),
		EngineVersion:               pulumi.String(a.Version),
		EngineLifecycleSupport:      pulumi.String(supportEnds),
		DatabaseName:                pulumi.String(databaseName),
		Port:                        pulumi.Int(e.port),
		DbClusterParameterGroupName: parameters.Name,

		MasterUsername:                   pulumi.String(masterUser),
		ManageMasterUserPassword:         pulumi.Bool(true),
		MasterUserSecretKmsKeyId:         b.wiring.Keys.Data.ARN,
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),
		EnableHttpEndpoint:               pulumi.Bool(false),

		StorageEncrypted: pulumi.Bool(true),
		KmsKeyId:         b.wiring.Keys.Data.ARN,

		// Zones are the subnet group's: a list here, shorter than AWS's own three,
		// would replace the cluster at every deployment.
		DbSubnetGroupName:   b.subnets.Name,
		VpcSecurityGroupIds: pulumi.StringArray{b.wiring.Group.ID},

		BackupRetentionPeriod:      pulumi.Int(a.BackupDays),
		PreferredBackupWindow:      pulumi.String(backupWindow),
		PreferredMaintenanceWindow: pulumi.String(maintenanceWindow),
		CopyTagsToSnapshot:         pulumi.Bool(true),
		DeleteAutomatedBackups:     pulumi.Bool(a.Disposable),
		SkipFinalSnapshot:          pulumi.Bool(a.Disposable),
		FinalSnapshotIdentifier:    b.finalSnapshot(),
		DeletionProtection:         pulumi.Bool(a.Protect),

		ApplyImmediately:         pulumi.Bool(true),
		AllowMajorVersionUpgrade: pulumi.Bool(true),

		EnabledCloudwatchLogsExports: pulumi.ToStringArray(e.logs),
		Tags:                         b.p.TagsFor(b.name, tier),
	}
	if a.Class == ServerlessClass {
		in.Serverlessv2ScalingConfiguration = &rds.ClusterServerlessv2ScalingConfigurationArgs{
			MinCapacity: pulumi.Float64(a.MinACU), MaxCapacity: pulumi.Float64(a.MaxACU),
		}
	}
	cluster, err := rds.NewCluster(b.ctx, b.name, in, b.child(), b.after(), pulumi.Protect(a.Protect))
	if err != nil {
		return fmt.Errorf("making the cluster: %w", err)
	}
	if err := b.clusterInstances(cluster); err != nil {
		return err
	}
	d := b.database
	d.Endpoint, d.Identifier, d.ARN, d.ResourceID = cluster.Endpoint, cluster.ClusterIdentifier, cluster.Arn, cluster.ClusterResourceId
	d.ParameterGroup = parameters.Name
	d.SecretARN = cluster.MasterUserSecrets.ApplyT(func(secrets []rds.ClusterMasterUserSecret) (string, error) {
		if len(secrets) == 0 || secrets[0].SecretArn == nil {
			return "", errNoSecret
		}
		return *secrets[0].SecretArn, nil
	}).(pulumi.StringOutput)
	return nil
}

// clusterInstances declares the writer and, over zones, a reader that can become
// it. AWS spreads them over the subnet group's zones.
func (b *builder) clusterInstances(cluster *rds.Cluster) error {
	count := 1
	if b.args.MultiZone {
		count = 2
	}
	for i := range count {
		name := fmt.Sprintf("%s-%d", b.name, i)
		member, err := rds.NewClusterInstance(b.ctx, name, &rds.ClusterInstanceArgs{
			ClusterIdentifier: cluster.ID(),
			// A prefix, because an instance is replaced by creating another beside it.
			IdentifierPrefix:                   pulumi.Sprintf("%s-", b.identifier),
			Engine:                             rds.EngineTypeAuroraPostgresql,
			InstanceClass:                      pulumi.String(b.args.Class),
			DbSubnetGroupName:                  b.subnets.Name,
			PubliclyAccessible:                 pulumi.Bool(false),
			PromotionTier:                      pulumi.Int(i),
			CaCertIdentifier:                   pulumi.String(authority),
			AutoMinorVersionUpgrade:            pulumi.Bool(true),
			ApplyImmediately:                   pulumi.Bool(true),
			CopyTagsToSnapshot:                 pulumi.Bool(true),
			PreferredMaintenanceWindow:         pulumi.String(maintenanceWindow),
			MonitoringInterval:                 pulumi.Int(monitoringSeconds),
			MonitoringRoleArn:                  b.monitor.ARN,
			PerformanceInsightsEnabled:         pulumi.Bool(true),
			PerformanceInsightsKmsKeyId:        b.wiring.Keys.Data.ARN,
			PerformanceInsightsRetentionPeriod: pulumi.Int(insightsDays),
			Tags:                               b.p.TagsFor(name, tier),
		}, b.child(), pulumi.DependsOn(b.monitor.Ready))
		if err != nil {
			return fmt.Errorf("making instance %d: %w", i, err)
		}
		b.database.Members = append(b.database.Members, member.Identifier)
		b.database.Zones = append(b.database.Zones, member.AvailabilityZone)
	}
	return nil
}

func (b *builder) clusterParameterGroup() (*rds.ClusterParameterGroup, error) {
	family, label := b.family()
	name := b.name + "-" + label
	var parameters rds.ClusterParameterGroupParameterArray
	for _, p := range b.engine.parameters() {
		parameters = append(parameters, &rds.ClusterParameterGroupParameterArgs{
			Name: pulumi.String(p.name), Value: pulumi.String(p.value), ApplyMethod: p.method(),
		})
	}
	group, err := rds.NewClusterParameterGroup(b.ctx, name, &rds.ClusterParameterGroupArgs{
		Description: pulumi.String("TLS forced, connections and slow statements logged"),
		Family:      pulumi.String(family),
		Parameters:  parameters,
		Tags:        b.p.TagsFor(name, tier),
	}, b.child())
	if err != nil {
		return nil, fmt.Errorf("making the cluster parameter group: %w", err)
	}
	return group, nil
}
