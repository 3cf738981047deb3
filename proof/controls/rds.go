package controls

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

var (
	instances     = []string{databaseType, memberType}
	whole         = []string{databaseType, clusterType} // what holds data as a whole
	anyOfDatabase = []string{databaseType, clusterType, memberType}
)

var databases = []Control{
	{
		Number: 116, Severity: report.Critical, Title: "The database has no public address", Types: instances,
		Known:  "FSBP RDS.2; CIS v3.0/2.3.3 v5.0/2.2.3; Checkov CKV_AWS_17; Trivy AWS-0180; Prowler rds_instance_no_public_access",
		Note:   "left out, it depends on the subnets: it must be written",
		Remedy: "set publiclyAccessible to false", each: is("publiclyAccessible", false),
	},
	{
		Number: 117, Severity: report.High, Title: "The database is encrypted", Types: whole,
		Known: "FSBP RDS.3 RDS.27; CIS v3.0/2.3.1 v5.0/2.2.1; Checkov CKV_AWS_16 CKV_AWS_96; Trivy AWS-0080 AWS-0079; " +
			"Prowler rds_instance_storage_encrypted rds_cluster_storage_encrypted",
		Remedy: "set storageEncrypted", each: is("storageEncrypted", true),
	},
	{
		Number: 118, Severity: report.Low, Title: "The database is encrypted by a key of the platform's own", Types: whole,
		Known:  "Checkov CKV_AWS_327",
		Remedy: "set kmsKeyId", each: ownKey("kmsKeyId"),
	},
	{
		Number: 119, Severity: report.Medium, Title: "The database runs in two zones", Types: whole,
		Known:   "FSBP RDS.5 RDS.15; CIS v5.0/2.2.4; Checkov CKV_AWS_157; Prowler rds_instance_multi_az",
		Waivers: []string{"singleZoneDatabase"}, Remedy: "set multiAz, or give the cluster two instances", each: twoDatabases,
	},
	{
		Number: 120, Severity: report.Medium, Title: "The database is protected from deletion", Types: whole,
		Known:   "FSBP RDS.8 RDS.7; Checkov CKV_AWS_293 CKV_AWS_139; Trivy AWS-0177 AWS-0343; Prowler rds_instance_deletion_protection",
		Waivers: []string{"unprotected"}, Remedy: "set deletionProtection", each: is("deletionProtection", true),
	},
	{
		Number: 121, Severity: report.Medium, Title: "The database is backed up, for a week at least", Types: whole,
		Known:  "FSBP RDS.11 RDS.50; Checkov CKV_AWS_133; Trivy AWS-0077; Prowler rds_instance_backup_enabled",
		Note:   "Pulumi's own pack lets a database without backupRetentionPeriod pass, which keeps one day",
		Remedy: "set backupRetentionPeriod to 7 or more", each: when(holdsData, atLeast("backupRetentionPeriod", 7)),
	},
	{
		Number: 122, Severity: report.Low, Title: "Snapshots carry the database's tags", Types: whole,
		Known:  "FSBP RDS.17 RDS.16 RDS.47 RDS.48; Checkov CKV2_AWS_60 CKV_AWS_313; Prowler rds_instance_copy_tags_to_snapshots",
		Remedy: "set copyTagsToSnapshot", each: is("copyTagsToSnapshot", true),
	},
	{
		Number: 123, Severity: report.Medium, Title: "The database knows AWS's roles", Types: whole,
		Known:  "FSBP RDS.10 RDS.12; Checkov CKV_AWS_161 CKV_AWS_162; Trivy AWS-0176; Prowler rds_instance_iam_authentication_enabled",
		Remedy: "set iamDatabaseAuthenticationEnabled", each: is("iamDatabaseAuthenticationEnabled", true),
	},
	{
		Number: 124, Severity: report.Medium, Title: "The database takes minor versions on its own", Types: instances,
		Known:  "FSBP RDS.13 RDS.35; CIS v3.0/2.3.2 v5.0/2.2.2; Checkov CKV_AWS_226; Prowler rds_instance_minor_version_upgrade_enabled",
		Remedy: "leave out autoMinorVersionUpgrade", each: isNot("autoMinorVersionUpgrade", false),
	},
	{
		Number: 125, Severity: report.Medium, Title: "The database's logs are kept", Types: whole,
		Known: "FSBP RDS.9 RDS.36 RDS.37 RDS.34 RDS.40 RDS.42; Checkov CKV_AWS_129 CKV_AWS_324 CKV_AWS_325; " +
			"Prowler rds_instance_integration_cloudwatch_logs",
		Remedy: "set enabledCloudwatchLogsExports: postgresql and upgrade, or error, general, slowquery and audit", each: logsExported,
	},
	{
		Number: 126, Severity: report.Low, Title: "The database's machine is measured", Types: instances, Later: true,
		Known:  "FSBP RDS.6; Checkov CKV_AWS_118; Prowler rds_instance_enhanced_monitoring_enabled",
		Remedy: "set monitoringInterval to 60 and monitoringRoleArn",
		each:   all(is("monitoringInterval", 1, 5, 10, 15, 30, 60), isSet("monitoringRoleArn"), measured),
	},
	{
		Number: 127, Severity: report.Low, Title: "The database's statements are measured", Types: instances,
		Known:  "Checkov CKV_AWS_353; Trivy AWS-0133",
		Note:   "MySQL's and MariaDB's smallest classes lack the memory for it, and are not asked",
		Remedy: "set performanceInsightsEnabled", each: when(measurable, is("performanceInsightsEnabled", true)),
	},
	{
		Number: 128, Severity: report.Low, Title: "What is measured of statements is encrypted by the platform's own key", Types: instances,
		Known:  "Checkov CKV_AWS_354; Trivy AWS-0078",
		Remedy: "set performanceInsightsKmsKeyId",
		each:   when(has("performanceInsightsEnabled", true), ownKey("performanceInsightsKmsKeyId")),
	},
	{
		Number: 129, Severity: report.Medium, Title: "The database's certificate is from an authority of today", Types: instances,
		Known:  "Checkov CKV_AWS_211; Prowler rds_instance_certificate_expiration",
		Remedy: "set caCertIdentifier to rds-ca-rsa2048-g1", each: is("caCertIdentifier", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1",
			"rds-ca-ecc384-g1"),
	},
	{
		Number: 130, Severity: report.High, Title: "The database refuses connections without TLS", Types: whole,
		Known:  "FSBP RDS.38 RDS.39 RDS.41 RDS.44; Checkov CKV2_AWS_69; Prowler rds_instance_transport_encrypted",
		Note:   "Checkov lets a database without a parameter group pass, which has AWS's default one",
		Remedy: "give it a parameter group with rds.force_ssl 1, or require_secure_transport ON", each: forcesTLS,
	},
	{
		Number: 131, Severity: report.Low, Title: "The database does not listen where everybody looks", Types: whole,
		Known:  "FSBP RDS.23; Prowler rds_instance_non_default_port",
		Remedy: "set port, such as 5433", each: all(isSet("port"), isNot("port", 5432, 3306, 1433, 1521, 50000)),
	},
	{
		Number: 132, Severity: report.Medium, Title: "The database's administrator has no well-known name", Types: whole,
		Known:  "FSBP RDS.25 RDS.24; Prowler rds_instance_default_admin",
		Remedy: "set username to a name of its own", each: administrator,
	},
	{
		Number: 133, Severity: report.High, Title: "The database is in subnets of its own, without a way to the internet", Types: whole,
		Known:  "FSBP RDS.46 RDS.18; Prowler rds_instance_inside_vpc",
		Remedy: "set dbSubnetGroupName to a group of data subnets", each: inDataSubnets,
	},
	{
		Number: 134, Severity: report.Low, Title: "The database logs changes of its structure, and slow statements", Types: whole,
		Known:  "Checkov CKV2_AWS_30 CKV2_AWS_27",
		Remedy: "set log_statement ddl and log_min_duration_statement, or slow_query_log, in the parameter group", each: logsStatements,
	},
	{
		Number: 135, Severity: report.Medium, Title: "The database's version is one that gets fixes, and stays so", Types: whole,
		Later:  true,
		Known:  "Checkov CKV_AWS_250 CKV_AWS_388; Prowler rds_instance_deprecated_engine_version rds_instance_extended_support",
		Remedy: "set engineVersion to a major version of today, and engineLifecycleSupport to open-source-rds-extended-support-disabled",
		each:   currentEngine,
	},
	{
		Number: 136, Severity: report.High, Title: "No password of the database is in the state", Types: whole,
		Known:  "FSBP SecretsManager.1; Checkov CKV2_AWS_57",
		Remedy: "set manageMasterUserPassword and masterUserSecretKmsKeyId, and leave out password", each: managedPassword,
	},
	{
		Number: 137, Severity: report.Low, Title: "A backup plan keeps what the database's own backups do not", Types: whole, Later: true,
		Known:   "FSBP RDS.26; Checkov CKV2_AWS_8; Prowler rds_instance_protected_by_backup_plan",
		Waivers: []string{"noBackupPlan"}, Remedy: "add a backup.Selection that names the database's ARN",
		each: when(holdsData, inBackupPlan),
	},
	{
		Number: 138, Severity: report.High, Title: "The database's last snapshot outlives it", Types: whole,
		Waivers: []string{"unprotected"},
		Remedy:  "set skipFinalSnapshot to false, finalSnapshotIdentifier, and deleteAutomatedBackups to false",
		each:    all(is("skipFinalSnapshot", false), isSet("finalSnapshotIdentifier"), is("deleteAutomatedBackups", false)),
	},
	{
		Number: 139, Severity: report.Low, Title: "Somebody is told of what happens to the database and its parameters",
		Types: anyOfDatabase, Later: true,
		Known:  "FSBP RDS.19-22",
		Remedy: "add an rds.EventSubscription for db-instance (or db-cluster) and one for db-parameter-group", whole: eventsTold,
	},
	{
		Number: 140, Severity: report.High, Title: "The database names its security group", Types: whole,
		Remedy: "set vpcSecurityGroupIds to a group that only the application's may reach", each: ownGroup,
	},
	{
		Number: 141, Severity: report.Medium, Title: "An Aurora cluster has no Data API, and a MySQL one can go back",
		Types:  []string{clusterType},
		Known:  "FSBP RDS.14 RDS.34 RDS.45; Checkov CKV_AWS_326 CKV_AWS_325; Prowler rds_cluster_backtrack_enabled",
		Remedy: "leave out enableHttpEndpoint; set backtrackWindow for Aurora MySQL", each: aurora,
	},
	{
		Number: 142, Severity: report.High, Title: "A database proxy refuses connections without TLS",
		Types:  []string{"aws:rds/proxy:Proxy"},
		Known:  "FSBP RDS.43",
		Remedy: "set requireTls", each: is("requireTls", true),
	},
	{
		Number: 143, Severity: report.Critical, Title: "No copy of the data leaves the account: no snapshot, backup, export, image or " +
			"object goes to another, and no global cluster is in plain text",
		Known: "FSBP RDS.1 RDS.4 RDS.51; Checkov CKV_AWS_302 CKV_AWS_146 CKV_AWS_140",
		Later: true,
		Remedy: "leave out what shares, copies or redirects, or name a vault, bucket, warehouse or host of the stack; set the global " +
			"cluster's storageEncrypted", whole: waysOut,
	},
}

// ownKey demands a KMS key other than AWS's own for the service.
func ownKey(path string) check {
	return func(v *view, r *graph.Resource) outcome {
		o := refersTo(path, ":key/", keyType, replicaKeyType, aliasType)(v, r)
		if strings.Contains(r.String(path), "alias/aws/") {
			return broken("%s is AWS's own key", path)
		}
		return o
	}
}

func holdsData(_ *view, r *graph.Resource) bool {
	_, replica := asked(r, "replicateSourceDb")
	_, replicas := asked(r, "replicationSourceIdentifier")
	return replica == absent && replicas == absent
}

func twoDatabases(v *view, r *graph.Resource) outcome {
	if r.Type == databaseType {
		return is("multiAz", true)(v, r)
	}
	members := v.pointing(r, "clusterIdentifier", memberType)
	if len(members) < 2 {
		return broken("it has %d instances", len(members))
	}
	// Aurora spreads instances over zones, except those whose zone the program names.
	zones := map[string]bool{}
	for _, m := range members {
		zone, known := asked(m, "availabilityZone")
		if known == absent {
			return holds()
		}
		zones[text(zone)] = true
	}
	if len(zones) < 2 {
		return broken("all of its instances are in one zone")
	}
	return holds()
}

func logsExported(v *view, r *graph.Resource) outcome {
	path := "enabledCloudwatchLogsExports"
	if _, known := read(r, path); known == hidden {
		return unknown(r, path)
	}
	wanted := []string{"postgresql"}
	switch engine := r.String("engine"); {
	case strings.Contains(engine, "mysql") || engine == "mariadb":
		wanted = []string{"error", "slowquery"}
	case r.Type == databaseType:
		wanted = []string{"postgresql", "upgrade"}
	}
	found := r.Strings(path)
	for _, log := range wanted {
		if !slices.Contains(found, log) {
			return broken("the log %s is not kept", log)
		}
	}
	kind, name := "instance", r.String("identifier")
	if r.Type == clusterType {
		kind, name = "cluster", r.String("clusterIdentifier")
	}
	for _, log := range found {
		if group := "/aws/rds/" + kind + "/" + name + "/" + log; v.ours && name != "" && len(v.g.ByIdentity(group)) == 0 {
			return broken("the log group %s is not of the stack, so that RDS makes one without a key and an end", group).
				write("add a cloudwatch.LogGroup of that name")
		}
	}
	return holds()
}

func administrator(v *view, r *graph.Resource) outcome {
	path := "username"
	if r.Type == clusterType {
		path = "masterUsername"
	}
	if _, known := read(r, path); known == absent && !holdsData(v, r) {
		return outcome{}
	}
	if name := strings.ToLower(r.String(path)); slices.Contains([]string{"admin", "postgres", "root", "administrator", "awsuser", "sa"},
		name) {
		return broken("%s is %s", path, name)
	}
	return isSet(path)(v, r)
}

func inDataSubnets(v *view, r *graph.Resource) outcome {
	if _, known := asked(r, "dbSubnetGroupName"); known == absent {
		return broken("dbSubnetGroupName is not set, so it is in the account's default network")
	}
	groups := v.g.Ref(r, "dbSubnetGroupName", subnetGroupType)
	if len(groups) == 0 {
		return undecided("its subnet group is not in the stack")
	}
	for _, g := range groups {
		found, known := v.subnetsOf(g)
		for _, s := range found {
			if o := databaseStays(v, s); o.verdict != report.Holds {
				return o
			}
		}
		if known.verdict != report.Holds {
			return undecided("the subnets of %s are not all in the stack", g.Name)
		}
	}
	return holds()
}

func managedPassword(v *view, r *graph.Resource) outcome {
	if !holdsData(v, r) {
		return outcome{}
	}
	for _, path := range []string{"password", "masterPassword", "passwordWo", "masterPasswordWo"} {
		if _, known := asked(r, path); known != absent {
			return broken("%s is set", path)
		}
	}
	return all(is("manageMasterUserPassword", true), ownKey("masterUserSecretKmsKeyId"))(v, r)
}

func inBackupPlan(v *view, r *graph.Resource) outcome {
	for _, s := range v.g.ByType(backupSelectionType) {
		if len(v.g.Ref(s, "planId", planType)) == 0 || v.leavesOut(s, r) {
			continue
		}
		for _, selected := range v.g.Ref(s, "resources") {
			if selected == r {
				return backsUp(v, s)
			}
		}
		for _, pattern := range s.Strings("resources") {
			if arn := r.String("arn"); arn != "" && iam.Matches(pattern, arn) {
				return backsUp(v, s)
			}
		}
	}
	return broken("no backup plan selects it")
}

// measured demands that RDS can write its measurements with the role.
func measured(v *view, r *graph.Resource) outcome {
	for _, role := range v.g.Ref(r, "monitoringRoleArn", roleType) {
		on := "arn:aws:logs:" + v.regionOf(r) + ":" + strings.Join(v.iam.AccountsOf(r), "") + ":log-group:RDSOSMetrics:log-stream:*"
		return v.admitted(v.iam.Serves(v.iam.Of(role), "monitoring.rds.amazonaws.com", "logs:PutLogEvents", on, v.byService(r)),
			"RDS may write what it measures by %s", role.Name).
			write("let monitoring.rds.amazonaws.com take the role, and the role do logs:PutLogEvents on RDSOSMetrics")
	}
	return holds()
}

func ownGroup(v *view, r *graph.Resource) outcome {
	if _, known := asked(r, "vpcSecurityGroupIds"); known == absent {
		return broken("vpcSecurityGroupIds is not set, so it has the VPC's default group")
	}
	resolved := v.g.Resolve(r, "vpcSecurityGroupIds")
	own := only(resolved.Resources, func(g *graph.Resource) bool { return g.Type == groupType })
	switch {
	case slices.ContainsFunc(resolved.Resources, func(g *graph.Resource) bool { return g.Type == defaultGroupType || g.Type == vpcType }),
		v.isDefaultGroup(resolved.Outside):
		return broken("it has the VPC's default group")
	case len(own) == 0, len(resolved.Outside) > 0, resolved.Undecided:
		return undecided("its security groups are not all in the stack")
	}
	return holds()
}

// isDefaultGroup says that one of the ids is a VPC's default group.
func (v *view) isDefaultGroup(ids []string) bool {
	return slices.ContainsFunc(v.g.ByType(vpcType), func(network *graph.Resource) bool {
		return slices.Contains(ids, network.String("defaultSecurityGroupId"))
	})
}

func aurora(v *view, r *graph.Resource) outcome {
	o := isNot("enableHttpEndpoint", true)(v, r)
	if o.verdict == report.Holds && r.String("engine") == "aurora-mysql" {
		return atLeast("backtrackWindow", 1)(v, r)
	}
	return o
}

// measurable says that the machine is large enough for Performance Insights (AWS, RDS user guide, "Amazon RDS DB engine,
// Region, and instance class support for Performance Insights").
func measurable(_ *view, r *graph.Resource) bool {
	if engine := r.String("engine"); engine != "mysql" && engine != "mariadb" {
		return true
	}
	class := r.String("instanceClass")
	return !strings.HasPrefix(class, "db.t") || !strings.HasSuffix(class, ".micro") && !strings.HasSuffix(class, ".small")
}
