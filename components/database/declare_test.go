package database_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra/infratest"
)

const (
	instanceType   = "aws:rds/instance:Instance"
	clusterType    = "aws:rds/cluster:Cluster"
	clusterMember  = "aws:rds/clusterInstance:ClusterInstance"
	parameterType  = "aws:rds/parameterGroup:ParameterGroup"
	clusterParType = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	optionType     = "aws:rds/optionGroup:OptionGroup"
	subnetType     = "aws:rds/subnetGroup:SubnetGroup"
	logType        = "aws:cloudwatch/logGroup:LogGroup"
	roleType       = "aws:iam/role:Role"
	secretARN      = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1"
)

func text(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }

func key(name string) *keys.Key { return &keys.Key{ARN: text("arn:" + name), ID: text(name)} }

// outputs is what RDS and Pulumi fill in. Names get a suffix, as auto-names do.
func outputs(d infratest.Declared) map[string]any {
	switch d.Type {
	case subnetType, parameterType, clusterParType, optionType:
		return map[string]any{"name": d.Name + "-1a2b3c4"}
	case instanceType:
		return map[string]any{"address": "db.internal", "resourceId": "db-1",
			"masterUserSecrets": []any{map[string]any{"secretArn": secretARN}}}
	case clusterType:
		return map[string]any{"endpoint": "writer.internal", "clusterResourceId": "cluster-1",
			"masterUserSecrets": []any{map[string]any{"secretArn": secretARN}}}
	}
	return nil
}

// declared is what a database in an otherwise plain platform declares.
func declared(t *testing.T, name string, args database.Args, use func(*database.Database)) []infratest.Declared {
	t.Helper()
	return infratest.Record(t, outputs, func(ctx *pulumi.Context) error {
		p := infratest.Platform("prod")
		k := &keys.Keys{Data: key("data"), Logs: key("logs"), Topics: key("topics")}
		boundary := &identity.Boundary{ARN: text("arn:boundary")}
		net, err := network.New(ctx, "prod-network", p, network.Wiring{Keys: k, Boundary: boundary},
			network.Args{ZoneNames: []string{"eu-west-1a", "eu-west-1b"}})
		if err != nil {
			return err
		}
		group := &firewall.Group{Party: firewall.Database, ID: text("sg-database")}
		d, err := database.New(ctx, name, p, database.Wiring{Network: net, Group: group, Keys: k, Boundary: boundary}, args)
		if err == nil && use != nil {
			use(d)
		}
		return err
	})
}

func plain(t *testing.T, all []infratest.Declared, token string) map[string]any {
	t.Helper()
	return infratest.One(t, all, token).Plain()
}

// Controls 116 to 138, on an instance and, as far as RDS has them there, on a cluster.
func TestControls(t *testing.T) {
	common := map[string]any{
		"storageEncrypted": true, "kmsKeyId": "arn:data", "deletionProtection": true, "copyTagsToSnapshot": true,
		"iamDatabaseAuthenticationEnabled": true, "manageMasterUserPassword": true, "masterUserSecretKmsKeyId": "arn:data",
		"skipFinalSnapshot": false, "deleteAutomatedBackups": false, "backupRetentionPeriod": 7.0,
		"engineLifecycleSupport": "open-source-rds-extended-support-disabled",
		"vpcSecurityGroupIds":    []any{"sg-database"},
	}
	server := map[string]any{
		"publiclyAccessible": false, "autoMinorVersionUpgrade": true, "monitoringInterval": 60.0,
		"monitoringRoleArn":          "arn:aws:iam:eu-west-1:123456789012:prod-database-monitor",
		"performanceInsightsEnabled": true, "performanceInsightsKmsKeyId": "arn:data", "caCertIdentifier": "rds-ca-rsa2048-g1",
	}
	holds := func(t *testing.T, got map[string]any, wants ...map[string]any) {
		t.Helper()
		for _, want := range wants {
			for _, property := range slices.Sorted(maps.Keys(want)) {
				assert.Equal(t, want[property], got[property], property)
			}
		}
	}
	t.Run("postgres", func(t *testing.T) {
		all := declared(t, "prod-database", database.Args{MultiZone: true, Protect: true}, nil)
		got := plain(t, all, instanceType)
		holds(t, got, common, server, map[string]any{
			"multiAz": true, "port": 5433.0, "username": "causeway", "storageType": "gp3", "allocatedStorage": 20.0,
			"maxAllocatedStorage":          50.0,
			"enabledCloudwatchLogsExports": []any{"postgresql", "upgrade"}, "parameterGroupName": "prod-database-postgres17-1a2b3c4",
		})
		assert.Equal(t, []any{"prod-network-data-a-id", "prod-network-data-b-id"}, plain(t, all, subnetType)["subnetIds"],
			"only data subnets")
	})
	t.Run("mysql", func(t *testing.T) {
		all := declared(t, "prod-database", database.Args{Engine: database.MySQL, Class: "db.t4g.medium", Protect: true}, nil)
		holds(t, plain(t, all, instanceType), common, server, map[string]any{
			"port": 3307.0, "enabledCloudwatchLogsExports": []any{"audit", "error", "general", "slowquery"},
			"optionGroupName": "prod-database-mysql8-4-1a2b3c4",
		})
		assert.Equal(t, "8.4", plain(t, all, optionType)["majorEngineVersion"])
	})
	t.Run("aurora", func(t *testing.T) {
		all := declared(t, "prod-database", database.Args{Engine: database.AuroraPostgres, MultiZone: true, Protect: true}, nil)
		cluster := plain(t, all, clusterType)
		holds(t, cluster, common, map[string]any{
			"port": 5433.0, "masterUsername": "causeway", "enableHttpEndpoint": false,
			"enabledCloudwatchLogsExports": []any{"postgresql"}, "dbClusterParameterGroupName": "prod-database-aurora-postgresql17-1a2b3c4",
		})
		assert.NotContains(t, cluster, "availabilityZones", "AWS's own three zones would replace the cluster")
		members := infratest.OfType(all, clusterMember)
		require.Len(t, members, 2)
		for i, m := range members {
			holds(t, m.Plain(), server, map[string]any{"promotionTier": float64(i), "dbSubnetGroupName": "prod-database-1a2b3c4"})
		}
		one := declared(t, "prod-database", database.Args{Engine: database.AuroraPostgres}, nil)
		assert.Len(t, infratest.OfType(one, clusterMember), 1)
	})
}

// Control 130: nothing connects without TLS.
func TestTLSIsForced(t *testing.T) {
	for _, c := range []struct{ engine, group, name, value string }{
		{database.Postgres, parameterType, "rds.force_ssl", "1"},
		{database.MySQL, parameterType, "require_secure_transport", "ON"},
		{database.AuroraPostgres, clusterParType, "rds.force_ssl", "1"},
	} {
		t.Run(c.engine, func(t *testing.T) {
			all := declared(t, "prod-database", database.Args{Engine: c.engine}, nil)
			var found any
			for _, p := range plain(t, all, c.group)["parameters"].([]any) {
				if parameter := p.(map[string]any); parameter["name"] == c.name {
					found = parameter["value"]
				}
			}
			assert.Equal(t, c.value, found)
		})
	}
}

// Pain 20: the engine's version is a major one, and nothing that AWS does to the
// minor one is undone.
func TestPain20OnlyAMajorVersionIsDeclared(t *testing.T) {
	for engine, version := range map[string]string{database.Postgres: "17", database.MySQL: "8.4", database.AuroraPostgres: "17"} {
		all := declared(t, "prod-database", database.Args{Engine: engine}, nil)
		for _, d := range all {
			if v, ok := d.Plain()["engineVersion"]; ok {
				assert.Equal(t, version, v, d.Type)
				assert.NotEqual(t, clusterMember, d.Type, "members follow the cluster")
			}
		}
	}
}

// Pain 21: the identifier outlives whatever would replace the database, the final
// snapshot is named after it, and protection is asked of AWS and of Pulumi.
func TestPain21ReplacementAndDestruction(t *testing.T) {
	for engine, token := range map[string]string{database.Postgres: instanceType, database.AuroraPostgres: clusterType} {
		all := declared(t, "prod-database", database.Args{Engine: engine, Protect: true}, nil)
		database1 := infratest.One(t, all, token)
		identifier := database1.Plain()["identifier"]
		if engine == database.AuroraPostgres {
			identifier = database1.Plain()["clusterIdentifier"]
		}
		assert.Equal(t, "prod-database-1a2b3c4", identifier, "the subnet group's auto-name")
		assert.Equal(t, "prod-database-1a2b3c4-final", database1.Plain()["finalSnapshotIdentifier"])
		assert.True(t, database1.Options.GetProtect())
		assert.False(t, infratest.One(t, declared(t, "d", database.Args{Engine: engine}, nil), token).Options.GetProtect())

		gone := plain(t, declared(t, "d", database.Args{Engine: engine, Disposable: true}, nil), token)
		assert.Equal(t, true, gone["skipFinalSnapshot"])
		assert.Equal(t, true, gone["deleteAutomatedBackups"])
		assert.NotContains(t, gone, "finalSnapshotIdentifier")
		assert.Equal(t, false, gone["deletionProtection"])
	}
}

// Pain 22: no password in the program, and the secret's ARN is what comes out.
func TestPain22NoPasswordAnywhere(t *testing.T) {
	for _, engine := range database.Engines {
		var secret string
		all := declared(t, "prod-database", database.Args{Engine: engine}, func(d *database.Database) {
			d.SecretARN.ApplyT(func(s string) string { secret = s; return s })
		})
		for _, d := range all {
			for property := range d.Plain() {
				lower := strings.ToLower(property)
				assert.False(t, lower == "password" || lower == "masterpassword", "%s %s", d.Type, property)
			}
		}
		assert.Equal(t, secretARN, secret, engine)
	}
}

// Pain 23: another major version is another parameter group, with a name of its
// own, so that the old one can stay until the database has left it.
func TestPain23ParameterGroupIsNamedByFamily(t *testing.T) {
	for _, c := range []struct{ engine, version, group, family, name string }{
		{database.Postgres, "16", parameterType, "postgres16", "prod-database-postgres16"},
		{database.Postgres, "17", parameterType, "postgres17", "prod-database-postgres17"},
		{database.MySQL, "8.4", parameterType, "mysql8.4", "prod-database-mysql8-4"},
		{database.AuroraPostgres, "16", clusterParType, "aurora-postgresql16", "prod-database-aurora-postgresql16"},
	} {
		d := infratest.One(t, declared(t, "prod-database", database.Args{Engine: c.engine, Version: c.version}, nil), c.group)
		assert.Equal(t, c.name, d.Name)
		assert.Equal(t, c.family, d.Plain()["family"])
		assert.NotContains(t, d.Plain(), "name", "auto-named, so that two fit beside each other")
	}
}

// The engine's logs are ours before RDS would make them: encrypted, with an end.
func TestLogGroupsComeFirst(t *testing.T) {
	for engine, want := range map[string][]string{
		database.Postgres:       {"/aws/rds/instance/prod-database-1a2b3c4/postgresql", "/aws/rds/instance/prod-database-1a2b3c4/upgrade"},
		database.AuroraPostgres: {"/aws/rds/cluster/prod-database-1a2b3c4/postgresql"},
	} {
		all := declared(t, "prod-database", database.Args{Engine: engine, LogDays: 30}, nil)
		var names, waits []string
		for _, d := range all {
			if d.Type == instanceType || d.Type == clusterType {
				waits = d.Options.GetDependencies()
			}
			if d.Type != logType || !strings.HasPrefix(d.Name, "prod-database-") {
				continue
			}
			log := d.Plain()
			names = append(names, log["name"].(string))
			assert.Equal(t, "arn:logs", log["kmsKeyId"])
			assert.Equal(t, 30.0, log["retentionInDays"])
		}
		assert.Equal(t, want, names)
		for _, name := range names {
			log := name[strings.LastIndex(name, "/")+1:]
			assert.True(t, slices.ContainsFunc(waits,
				func(urn string) bool { return strings.HasSuffix(urn, "LogGroup::prod-database-"+log) }), name)
		}
	}
}

func TestMonitoringRoleIsForThisDatabase(t *testing.T) {
	role := infratest.Named(t, declared(t, "prod-database", database.Args{}, nil), roleType, "prod-database-monitor").Plain()
	assert.Contains(t, role["assumeRolePolicy"], "monitoring.rds.amazonaws.com")
	assert.Contains(t, role["assumeRolePolicy"], "arn:aws:rds:eu-west-1:123456789012:db:prod-database-*")
	assert.Contains(t, role["assumeRolePolicy"], "aws:SourceAccount")
}

func TestSmallestMySQLHasNoPerformanceInsights(t *testing.T) {
	small := plain(t, declared(t, "d", database.Args{Engine: database.MySQL, Class: "db.t4g.small"}, nil), instanceType)
	assert.Equal(t, false, small["performanceInsightsEnabled"])
	assert.NotContains(t, small, "performanceInsightsKmsKeyId")
	same := plain(t, declared(t, "d", database.Args{Class: "db.t4g.small"}, nil), instanceType)
	assert.Equal(t, true, same["performanceInsightsEnabled"])
}

func TestServerlessHasBounds(t *testing.T) {
	all := declared(t, "d", database.Args{Engine: database.AuroraPostgres, Class: "db.serverless", MaxACU: 8}, nil)
	assert.Equal(t, map[string]any{"minCapacity": 0.5, "maxCapacity": 8.0}, plain(t, all, clusterType)["serverlessv2ScalingConfiguration"])
}

// A cluster instance's identifier is a prefix, a dash and 26 characters, 63 at most.
func TestLongNamesFit(t *testing.T) {
	long := strings.Repeat("causeway-", 6) + "database"
	all := declared(t, long, database.Args{Engine: database.AuroraPostgres}, nil)
	seed := infratest.One(t, all, subnetType).Name
	assert.LessOrEqual(t, len(seed)+8+1+26, 63)
	prefix := infratest.OfType(all, clusterMember)[0].Plain()["identifierPrefix"]
	assert.Equal(t, seed+"-1a2b3c4-", prefix)
}

func TestWiringIsRequired(t *testing.T) {
	_, err := infratest.TryRecord(nil, func(ctx *pulumi.Context) error {
		_, err := database.New(ctx, "d", infratest.Platform("prod"), database.Wiring{}, database.Args{})
		return err
	})
	for _, field := range []string{"Network", "Group", "Keys", "Boundary"} {
		assert.ErrorContains(t, err, field+": is missing from the component's wiring")
	}
}
