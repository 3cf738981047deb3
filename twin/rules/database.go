package rules

// database is RDS.
func database() map[string]ofType {
	return map[string]ofType{
		"aws:rds/instance:Instance": {rds("CreateDBInstance"), []row{
			at("identifier", identifier()...),
			at("identifierPrefix", identifierPrefix()...),
			at("finalSnapshotIdentifier", append(snapshotName(), unlike(`^[^A-Za-z]`, "begins with no letter").refusing("2final"))...),
			at("instanceClass", shaped(`^db\.`, "a database class such as db.t4g.micro").allowing("db.t4g.micro", "db.m7g.large").
				refusing("t4g.micro")),
			at("backupRetentionPeriod", between(0, 35)),
			at("backupWindow", dayWindow()),
			at("maintenanceWindow", weekWindow()),
			at("customIamInstanceProfile", shaped(`^AWSRDSCustom`, "a profile whose name begins with AWSRDSCustom").
				allowing("AWSRDSCustomProfile").refusing("profile")),
			at("domainAuthSecretArn", arn()),
			at("domainDnsIps", address(true, true)),
			at("engineLifecycleSupport", oneOf("open-source-rds-extended-support", "open-source-rds-extended-support-disabled")),
			at("enabledCloudwatchLogsExports", oneOf("agent", "alert", "audit", "diag.log", "error", "general", "iam-db-auth-error",
				"listener", "notify.log", "oemagent", "postgresql", "slowquery", "trace", "upgrade")),
			at("restoreToPointInTime.restoreTime", timestamp()),
			at("backupTarget", oneOf("region", "outposts")),
			at("monitoringInterval", oneOfNumbers(0, 1, 5, 10, 15, 30, 60)),
			at("monitoringRoleArn", arn()),
			at("storageType", oneOf("standard", "gp2", "gp3", "io1", "io2").optional()),
			at("networkType", oneOf("IPV4", "DUAL")),
			at("port", between(1150, 65535)),
			at("kmsKeyId", arn()),
			at("performanceInsightsKmsKeyId", arn()),
			at("performanceInsightsRetentionPeriod", insightsPeriod(0)),
			at("masterUserSecretKmsKeyId", length(1, 2048)),
			at("licenseModel", oneOf("license-included", "bring-your-own-license", "general-public-license", "postgresql-license").
				optional()),
			at("replicaMode", oneOf("open-read-only", "mounted")),
			at("databaseInsightsMode", oneOf("standard", "advanced")),
		}, nil},
		"aws:rds/cluster:Cluster": {rds("CreateDBCluster"), []row{
			at("clusterIdentifier", identifier()...),
			at("clusterIdentifierPrefix", identifierPrefix()...),
			at("engine", oneOf("aurora-mysql", "aurora-postgresql", "mysql", "postgres")),
			at("engineLifecycleSupport", oneOf("open-source-rds-extended-support", "open-source-rds-extended-support-disabled")),
			at("enabledCloudwatchLogsExports", oneOf("audit", "error", "general", "slowquery", "iam-db-auth-error", "postgresql", "upgrade",
				"instance")),
			at("monitoringInterval", oneOfNumbers(0, 1, 5, 10, 15, 30, 60)),
			at("monitoringRoleArn", arn()),
			at("performanceInsightsKmsKeyId", arn()),
			at("masterUserSecretKmsKeyId", length(1, 2048)),
			at("scalingConfiguration.secondsBeforeTimeout", between(60, 600)),
			at("scalingConfiguration.secondsUntilAutoPause", between(300, 86400)),
			at("scalingConfiguration.timeoutAction", oneOf("ForceApplyCapacityChange", "RollbackCapacityChange")),
			at("restoreToPointInTime.restoreToTime", timestamp()),
			at("restoreToPointInTime.sourceClusterIdentifier", either(arn(), shaped(`^[a-z](-?[a-z0-9])*$`, "a cluster's name or ARN").
				allowing("main", "main-2")).refusing("Main", "2main", "main-", "ma--in")),
			at("restoreToPointInTime.restoreType", oneOf("copy-on-write", "full-copy")),
			at("engineMode", oneOf("global", "multimaster", "parallelquery", "provisioned", "serverless")),
			at("backupRetentionPeriod", between(0, 35)),
			at("finalSnapshotIdentifier", snapshotName()...),
			at("preferredBackupWindow", dayWindow()),
			at("preferredMaintenanceWindow", weekWindow()),
			at("networkType", oneOf("IPV4", "DUAL")),
			at("kmsKeyId", arn()),
			at("backtrackWindow", between(0, 259200)),
			at("serverlessv2ScalingConfiguration.minCapacity", between(0, 256)),
			at("serverlessv2ScalingConfiguration.maxCapacity", between(1, 256)),
		}, nil},
		"aws:rds/clusterInstance:ClusterInstance": {rds("CreateDBInstance"), []row{
			at("identifier", identifier()...),
			at("identifierPrefix", identifierPrefix()...),
			at("engine", oneOf("aurora-mysql", "aurora-postgresql", "mysql", "postgres")),
			at("monitoringInterval", oneOfNumbers(0, 1, 5, 10, 15, 30, 60)),
			at("preferredBackupWindow", dayWindow()),
			at("preferredMaintenanceWindow", weekWindow()),
			at("performanceInsightsKmsKeyId", arn()),
			at("performanceInsightsRetentionPeriod", insightsPeriod()),
			at("promotionTier", between(0, 15)),
			at("customIamInstanceProfile", shaped(`^AWSRDSCustom`, "a profile whose name begins with AWSRDSCustom").
				allowing("AWSRDSCustomProfile").refusing("profile")),
			at("monitoringRoleArn", arn()),
		}, nil},
		"aws:rds/parameterGroup:ParameterGroup": {rds("CreateDBParameterGroup"), []row{
			at("name", groupName()...),
			at("namePrefix", groupPrefix()...),
			at("parameters.applyMethod", anyCase("immediate", "pending-reboot")),
		}, nil},
		"aws:rds/clusterParameterGroup:ClusterParameterGroup": {rds("CreateDBClusterParameterGroup"), []row{
			at("name", groupName()...),
			at("namePrefix", groupPrefix()...),
			at("parameters.applyMethod", anyCase("immediate", "pending-reboot")),
		}, nil},
		"aws:rds/eventSubscription:EventSubscription": {rds("CreateEventSubscription"), []row{
			at("name", subscriptionName(255)...),
			at("namePrefix", subscriptionName(229)...),
			at("snsTopic", arn()),
			at("sourceType", oneOf("blue-green-deployment", "custom-engine-version", "db-cluster", "db-cluster-snapshot", "db-instance",
				"db-parameter-group", "db-proxy", "db-security-group", "db-shard-group", "db-snapshot", "zero-etl")),
		}, nil},
		"aws:rds/optionGroup:OptionGroup": {rds("CreateOptionGroup"), []row{
			at("name", length(0, 255), shaped(`^[a-z][a-z0-9-]*$`, "lower-case letters, digits and inner hyphens, beginning with a letter").
				allowing("main", "main-2").refusing("Main", "2main", "main_2", "main.2"),
				unlike(`-$`, "ends with a hyphen").refusing("main-"), noRepeat()),
			at("namePrefix", shaped(`^[a-z][a-z0-9-]*$`, "lower-case letters, digits and hyphens, beginning with a letter").
				allowing("main-").refusing("Main-", "2main", "main.2"), noRepeat(), length(1, 229)),
		}, nil},
		"aws:rds/proxy:Proxy": {rds("CreateDBProxy"), []row{
			at("name", identifier()...),
			at("engineFamily", oneOf("MYSQL", "POSTGRESQL", "SQLSERVER")),
			at("roleArn", arn()),
			at("auths.authScheme", oneOf("SECRETS")),
			at("auths.clientPasswordAuthType", oneOf("MYSQL_NATIVE_PASSWORD", "POSTGRES_SCRAM_SHA_256", "POSTGRES_MD5",
				"SQL_SERVER_AUTHENTICATION")),
			at("auths.iamAuth", oneOf("DISABLED", "REQUIRED", "ENABLED")),
			at("auths.secretArn", arn()),
		}, nil},
		"aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {rds("ModifyDBProxyTargetGroup"), []row{
			at("dbProxyName", identifier()...),
			at("connectionPoolConfig.connectionBorrowTimeout", between(0, 3600)),
			at("connectionPoolConfig.maxConnectionsPercent", between(1, 100)),
			at("connectionPoolConfig.maxIdleConnectionsPercent", between(0, 100)),
			at("connectionPoolConfig.sessionPinningFilters", oneOf("EXCLUDE_VARIABLE_SETS")),
		}, nil},
		"aws:rds/proxyTarget:ProxyTarget": {rds("RegisterDBProxyTargets"), []row{
			at("dbProxyName", identifier()...),
			at("targetGroupName", identifier()...),
			at("dbInstanceIdentifier", identifier()...),
			at("dbClusterIdentifier", identifier()...),
		}, nil},
		"aws:rds/subnetGroup:SubnetGroup": {rds("CreateDBSubnetGroup"), []row{
			at("namePrefix", length(1, 229),
				shaped(`^[0-9a-z ._-]*$`, "lower-case letters, digits, hyphens, underscores, periods and spaces").allowing("data").
					refusing("Data")),
			at("name", length(1, 255), shaped(`^[0-9a-z ._-]*$`, "lower-case letters, digits, hyphens, underscores, periods and spaces").
				allowing("data 1.a_b").refusing("Data", "data/1"),
				unlike(`^(?i)default$`, "is AWS's own").refusing("default")),
		}, nil},
	}
}

func rds(action string) string {
	return "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_" + action + ".html"
}

// noRepeat refuses two hyphens in a row.
func noRepeat() Rule { return unlike(`--`, "has two hyphens in a row").refusing("ma--in") }

func identifier() []Rule {
	return []Rule{
		shaped(`^[a-z][a-z0-9-]{0,62}$`, "a name of at most 63 lower-case letters, digits and inner hyphens, beginning with a letter").
			allowing("main", "main-2").refusing("Main", "2main", "main_2"),
		unlike(`-$`, "ends with a hyphen").refusing("main-"), noRepeat(),
	}
}

func identifierPrefix() []Rule {
	return []Rule{shaped(`^[a-z][a-z0-9-]*$`, "lower-case letters, digits and hyphens, beginning with a letter").allowing("main-").
		refusing("Main-", "2main"), noRepeat()}
}

func groupName() []Rule {
	return []Rule{
		length(0, 255),
		shaped(`^[a-z][a-z0-9.-]*$`, "lower-case letters, digits, periods and inner hyphens, beginning with a letter").
			allowing("main", "main.2-a").refusing("Main", "2main", "main_2"),
		unlike(`-$`, "ends with a hyphen").refusing("main-"), noRepeat(),
	}
}

func groupPrefix() []Rule {
	return []Rule{shaped(`^[a-z][a-z0-9.-]*$`, "lower-case letters, digits, periods and hyphens, beginning with a letter").
		allowing("main-").refusing("Main-", "2main"), noRepeat(), length(1, 229)}
}

func subscriptionName(longest int) []Rule {
	return []Rule{length(1, longest), shaped(`^[A-Za-z][0-9A-Za-z-]*$`, "letters, digits and hyphens, beginning with a letter").
		allowing("events").refusing("my events", "2events")}
}

func snapshotName() []Rule {
	return []Rule{
		shaped(`^[0-9A-Za-z-]+$`, "letters, digits and inner hyphens").allowing("final", "Final-2").refusing("final_2"),
		unlike(`-$`, "ends with a hyphen").refusing("final-"), noRepeat(),
	}
}

// insightsPeriod: a week, months of 31 days, or two years.
func insightsPeriod(also ...float64) Rule {
	return either(oneOfNumbers(append([]float64{7, 731}, also...)...), multiple(31, 31, 713)).refusing(1.0, 8.0, 100.0)
}

func dayWindow() Rule {
	return shaped(`^(?:([01]?\d|2[0-3]):[0-5]\d-([01]?\d|2[0-3]):[0-5]\d)?$`, "a window such as 03:00-04:00").
		allowing("03:00-04:00").refusing("03:00", "25:00-26:00", "mon:03:00-mon:04:00")
}

func weekWindow() Rule {
	return shaped(`^$|^(?i:(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d)$`,
		"a window such as sun:04:00-sun:05:00").
		allowing("sun:04:00-sun:05:00", "Sun:04:00-Sun:05:00").refusing("04:00-05:00", "day:04:00-day:05:00")
}
