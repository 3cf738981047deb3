package world

import "strings"

// database is another like the fixture's.
func database(changes in) step {
	outputs := in{"identifier": "other"}
	for k, v := range changes {
		outputs[k] = v
	}
	return another("db", outputs)
}

const oneZone = "DBSubnetGroupDoesNotCoverEnoughAZs"

var databaseRefusals = []refusal{
	{"subnet group in one zone", create(typeSubnetGroup, in{"name": "x", "subnetIds": list1("@a")}), oneZone, "coverage: 1"},
	{"subnet group of no subnet", create(typeSubnetGroup, in{"name": "x", "subnetIds": list1("@a", "subnet-0")}), "InvalidSubnet", "subnet-0"},
	{"subnet group across networks", after(otherVPC, create(typeSubnetGroup, in{"name": "x", "subnetIds": list1("@a", "@d")})), "InvalidSubnet", "different VPCs"},
	{"subnet group named twice", another("subnets", in{}), "DBSubnetGroupAlreadyExists", "SubnetGroup subnets"},
	{"subnet group in use", remove("subnets"), "InvalidDBSubnetGroupStateFault", "Instance db"},
	{"subnet group of a cluster", after(whole, update("db", in{"deletionProtection": false, "skipFinalSnapshot": true}), remove("db"), remove("subnets")), "InvalidDBSubnetGroupStateFault", "Cluster cluster"},
	{"parameter group of no family", create(typeParameterGroup, in{"name": "x", "family": "postgres99"}), "InvalidParameterValue", "postgres99"},
	{"parameter group named twice", another("parameters", in{}), "DBParameterGroupAlreadyExists", "ParameterGroup parameters"},
	{"parameter group in use", remove("parameters"), "InvalidDBParameterGroupState", "Instance db"},
	{"cluster parameter group of no family", create(typeClusterParameterGroup, in{"name": "x", "family": "postgres99"}), "InvalidParameterValue", "postgres99"},
	{"cluster parameter group in use", after(whole, remove("clusterparametergroup")), "InvalidDBParameterGroupState", "Cluster cluster"},
	{"parameter group of a cluster's instance", after(whole, made(typeParameterGroup, "p", in{"name": "p", "family": "aurora-postgresql17"}), update("clusterinstance", in{"dbParameterGroupName": "p"}), remove("p")), "InvalidDBParameterGroupState", "ClusterInstance"},
	{"option group of no version", create(typeOptionGroup, in{"name": "x", "engineName": "mysql", "majorEngineVersion": "9"}), "InvalidParameterCombination", "9"},
	{"option group in use", after(whole, update("db", in{"optionGroupName": "rest"}), remove("optiongroup")), "InvalidOptionGroupStateFault", "Instance db"},
	{"events to no topic", create(typeEventSubscription, in{"name": "x", "snsTopic": "arn:none"}), "SNSTopicArnNotFound", "arn:none"},

	{"database of no group", database(in{"vpcSecurityGroupIds": list1("sg-0")}), "InvalidParameterValue", "sg-0"},
	{"database of another network's group", after(otherVPC, database(in{"vpcSecurityGroupIds": list1("@sg2")})), "InvalidParameterCombination", "another VPC"},
	{"database in no subnet group", database(in{"dbSubnetGroupName": "none"}), "DBSubnetGroupNotFoundFault", "none"},
	{"database of no engine", database(in{"engine": "oracle7"}), "InvalidParameterValue", "oracle7"},
	{"engine version that is not", update("db", in{"engineVersion": "99"}), "InvalidParameterCombination", "99"},
	{"database of no parameter group", database(in{"parameterGroupName": "none"}), "DBParameterGroupNotFound", "none"},
	{"parameter group of another family", database(in{"engineVersion": "16"}), "InvalidParameterCombination", "postgres16"},
	{"replica of nothing", create(typeInstance, in{"identifier": "r", "replicateSourceDb": "none", "instanceClass": "db.t4g.micro"}), "DBInstanceNotFound", "none"},
	{"replica of a database without backups", create(typeInstance, in{"identifier": "r", "replicateSourceDb": "db", "instanceClass": "db.t4g.micro"}), "InvalidDBInstanceState", "Automated backups are not enabled"},
	{"replica of another network's group", after(otherVPC, update("db", in{"backupRetentionPeriod": 1.0}), create(typeInstance, in{"identifier": "r", "replicateSourceDb": "db", "instanceClass": "db.t4g.micro", "vpcSecurityGroupIds": list1("@sg2")})), "InvalidParameterCombination", "another VPC"},
	{"replica of another family", after(update("db", in{"backupRetentionPeriod": 1.0}), made(typeParameterGroup, "p", in{"name": "p", "family": "postgres16"}), create(typeInstance, in{"identifier": "r", "replicateSourceDb": "db", "instanceClass": "db.t4g.micro", "parameterGroupName": "p"})), "InvalidParameterCombination", "postgres17"},
	{"option group of another version", after(made(typeOptionGroup, "o", in{"name": "o", "engineName": "postgres", "majorEngineVersion": "16"}), database(in{"optionGroupName": "o"})), "InvalidParameterCombination", "postgres 16"},
	{"option group of another engine with the same version", after(made(typeOptionGroup, "o", in{"name": "o", "engineName": "sqlserver-se", "majorEngineVersion": "17"}), database(in{"optionGroupName": "o"})), "InvalidParameterCombination", "sqlserver-se 17"},
	{"option group of another engine", after(made(typeOptionGroup, "o", in{"name": "o", "engineName": "mysql", "majorEngineVersion": "8.4"}), database(in{"optionGroupName": "o"})), "InvalidParameterCombination", "mysql 8.4"},
	{"database of no option group", database(in{"optionGroupName": "none"}), "OptionGroupNotFoundFault", "none"},
	{"database of no class", database(in{"instanceClass": "db.m7g.micro"}), "InvalidParameterValue", "db.m7g.micro"},
	{"serverless outside Aurora", database(in{"instanceClass": "db.serverless"}), "InvalidParameterCombination", "db.serverless"},
	{"encryption that a class has not", database(in{"instanceClass": "db.t2.micro", "storageEncrypted": true}), "InvalidParameterCombination", "encryption"},
	{"performance insights that a class has not", database(in{"engine": "mysql", "engineVersion": "8.4", "parameterGroupName": nil, "performanceInsightsEnabled": true}), "InvalidParameterCombination", "Performance Insights"},
	{"a zone of several", database(in{"multiAz": true, "availabilityZone": "eu-central-1a"}), "InvalidParameterCombination", "Multi-AZ"},
	{"monitoring without a role", database(in{"monitoringInterval": 60.0}), "InvalidParameterCombination", "MonitoringRoleARN"},
	{"monitoring by no role", database(in{"monitoringInterval": 60.0, "monitoringRoleArn": "arn:aws:iam::111122223333:role/none"}), "InvalidParameterValue", "role/none"},
	{"managed and given password", database(in{"password": "hunter2hunter2"}), "InvalidParameterCombination", "leave password out"},
	{"password too short", database(in{"manageMasterUserPassword": nil, "password": "short"}), "InvalidParameterValue", "8 characters"},
	{"password of seven characters", database(in{"manageMasterUserPassword": nil, "password": "seven77"}), "InvalidParameterValue", "8 characters"},
	{"password with a slash", database(in{"manageMasterUserPassword": nil, "password": "a/bcdefghi"}), "InvalidParameterValue", "none of / @"},
	{"database without a password", database(in{"manageMasterUserPassword": nil}), "InvalidParameterValue", "manageMasterUserPassword"},
	{"database without a user", database(in{"username": nil}), "InvalidParameterValue", "username"},
	{"database of a user that the engine keeps", database(in{"username": "admin"}), "InvalidParameterValue", "reserved"},
	{"database of no name", database(in{"identifier": "Bad--Name"}), "InvalidParameterValue", "Bad--Name"},
	{"database of a name of 64 characters", database(in{"identifier": strings.Repeat("a", 64)}), "InvalidParameterValue", "valid identifier"},
	{"database named twice", another("db", in{}), "DBInstanceAlreadyExists", "Instance db"},
	{"windows that overlap", database(in{"backupWindow": "03:00-04:00", "maintenanceWindow": "mon:03:30-mon:04:30"}), "InvalidParameterValue", "overlap"},
	{"windows that overlap over midnight", database(in{"backupWindow": "23:30-00:30", "maintenanceWindow": "sun:00:00-sun:01:00"}), "InvalidParameterValue", "overlap"},
	{"protected database", remove("db"), "InvalidParameterCombination", "deletion protection"},
	{"database without a final snapshot", after(update("db", in{"deletionProtection": false}), remove("db")), "FinalSnapshotRequired", "final_snapshot_identifier is required"},
	{"final snapshot whose name is taken", after(database(in{"deletionProtection": false, "finalSnapshotIdentifier": "last"}), remove("x"), update("db", in{"deletionProtection": false, "finalSnapshotIdentifier": "last"}), remove("db")),
		"DBSnapshotAlreadyExists", "of other"},
	{"an older version", after(database(in{"engineVersion": "17.6"}), update("x", in{"engineVersion": "17.4"})), "InvalidParameterCombination", "never goes back"},
	{"another major version unasked", after(database(in{"engineVersion": "16", "parameterGroupName": nil}), update("x", in{"engineVersion": "17", "parameterGroupName": nil})), "InvalidParameterCombination", "allowMajorVersionUpgrade"},
}

var storageRefusals = []refusal{
	{"database without storage", database(in{"allocatedStorage": nil}), "InvalidParameterValue", "allocatedStorage"},
	{"storage of no type", database(in{"storageType": "tape"}), "InvalidParameterValue", "tape"},
	{"too little storage", database(in{"allocatedStorage": 10.0}), "InvalidParameterValue", "20 to 65536"},
	{"too much storage", database(in{"allocatedStorage": 70000.0, "storageType": "gp3"}), "InvalidParameterValue", "70000"},
	{"too little storage for io1", database(in{"storageType": "io1", "iops": 1000.0}), "InvalidParameterValue", "100 to"},
	{"IOPS of gp2", database(in{"storageType": "gp2", "iops": 3000.0}), "InvalidParameterCombination", "gp3, io1 and io2"},
	{"IOPS of a small gp3", database(in{"storageType": "gp3", "iops": 3000.0}), "InvalidParameterCombination", "less than 400"},
	{"too few IOPS of gp3", database(in{"storageType": "gp3", "allocatedStorage": 400.0, "iops": 3000.0}), "InvalidParameterCombination", "12000 to 64000"},
	{"too few IOPS of io1", database(in{"storageType": "io1", "allocatedStorage": 100.0, "iops": 500.0}), "InvalidParameterCombination", "1000 to 256000"},
	{"too many IOPS for a size", database(in{"storageType": "io1", "allocatedStorage": 100.0, "iops": 9000.0}), "InvalidParameterCombination", "fifty times"},
	{"one of IOPS too many for a size", database(in{"storageType": "io1", "allocatedStorage": 100.0, "iops": 5001.0}), "InvalidParameterCombination", "fifty times"},
	{"too many IOPS of io2", database(in{"storageType": "io2", "allocatedStorage": 100.0, "iops": 200000.0}), "InvalidParameterCombination", "thousand times"},
	{"io2 without IOPS", database(in{"storageType": "io2", "allocatedStorage": 100.0}), "InvalidParameterCombination", "must specify an IOPS"},
	{"throughput of gp2", database(in{"storageThroughput": 500.0}), "InvalidParameterCombination", "only gp3"},
	{"throughput of a small gp3", database(in{"storageType": "gp3", "storageThroughput": 500.0}), "InvalidParameterCombination", "less than 400"},
	{"storage that does not grow", database(in{"maxAllocatedStorage": 21.0}), "InvalidParameterCombination", "a tenth more"},
	{"storage that shrinks", after(database(in{"allocatedStorage": 50.0}), update("x", in{"allocatedStorage": 20.0})), "InvalidParameterCombination", "shrink"},
}

// aurora is another cluster like the rest's.
func auroraLike(changes in) step {
	outputs := in{"clusterIdentifier": "other"}
	for k, v := range changes {
		outputs[k] = v
	}
	return after(whole, another("cluster", outputs))
}

func auroraInstance(changes in) step {
	outputs := in{"identifier": "other"}
	for k, v := range changes {
		outputs[k] = v
	}
	return after(whole, another("clusterinstance", outputs))
}

var clusterRefusals = []refusal{
	{"cluster of no group", auroraLike(in{"vpcSecurityGroupIds": list1("sg-0")}), "InvalidParameterValue", "sg-0"},
	{"cluster of another network's group", after(otherVPC, auroraLike(in{"vpcSecurityGroupIds": list1("@sg2")})), "InvalidParameterCombination", "another VPC"},
	{"cluster in no subnet group", auroraLike(in{"dbSubnetGroupName": "none"}), "DBSubnetGroupNotFoundFault", "none"},
	{"cluster of no engine", auroraLike(in{"engine": "oracle7"}), "InvalidParameterValue", "oracle7"},
	{"cluster of no version", auroraLike(in{"engineVersion": "99"}), "InvalidParameterCombination", "99"},
	{"cluster of no parameter group", auroraLike(in{"dbClusterParameterGroupName": "none"}), "DBClusterParameterGroupNotFound", "none"},
	{"cluster of another family", auroraLike(in{"engineVersion": "16"}), "InvalidParameterCombination", "aurora-postgresql16"},
	{"cluster with two passwords", auroraLike(in{"masterPassword": "hunter2hunter2"}), "InvalidParameterCombination", "leave masterPassword out"},
	{"cluster with a short password", auroraLike(in{"manageMasterUserPassword": nil, "masterPassword": "short"}), "InvalidParameterValue", "8 characters"},
	{"cluster without a password", auroraLike(in{"manageMasterUserPassword": nil}), "InvalidParameterValue", "masterPassword"},
	{"cluster without a user", auroraLike(in{"masterUsername": nil}), "InvalidParameterValue", "masterUsername"},
	{"cluster of a user that the engine keeps", auroraLike(in{"masterUsername": "rdsadmin"}), "InvalidParameterValue", "reserved"},
	{"cluster of no name", auroraLike(in{"clusterIdentifier": "-x"}), "InvalidParameterValue", "-x"},
	{"cluster named twice", auroraLike(in{"clusterIdentifier": "aurora"}), "DBClusterAlreadyExistsFault", "Cluster cluster"},
	{"cluster whose least capacity is the more", auroraLike(in{"serverlessv2ScalingConfiguration": in{"minCapacity": 8.0, "maxCapacity": 4.0}}), "InvalidParameterCombination", "minimum capacity 8"},
	{"cluster windows that overlap", auroraLike(in{"preferredBackupWindow": "03:00-04:00", "preferredMaintenanceWindow": "mon:03:30-mon:04:30"}), "InvalidParameterValue", "overlap"},
	{"cluster of a key that is gone", auroraLike(in{"kmsKeyId": "arn:aws:kms:eu-central-1:111122223333:key/none"}), "KMSKeyNotAccessibleFault", "none"},
	{"protected cluster", after(whole, update("cluster", in{"deletionProtection": true}), remove("cluster")), "InvalidParameterCombination", "deletion protection"},
	{"cluster with instances", after(whole, update("cluster", in{"skipFinalSnapshot": true}), remove("cluster")), "InvalidDBClusterStateFault", "ClusterInstance"},
	{"cluster without a final snapshot", after(whole, remove("clusterinstance"), remove("cluster")), "FinalSnapshotRequired", "RDS Cluster final_snapshot_identifier"},
	{"cluster snapshot whose name is taken", after(database(in{"deletionProtection": false, "finalSnapshotIdentifier": "last"}), remove("x"), whole, update("cluster", in{"finalSnapshotIdentifier": "last"}), remove("clusterinstance"), remove("cluster")),
		"DBClusterSnapshotAlreadyExistsFault", "last"},
	{"an older version of a cluster", after(whole, update("cluster", in{"engineVersion": "17.4"})), "InvalidParameterCombination", "never goes back"},
	{"another major version of a cluster unasked", after(whole, another("cluster", in{"clusterIdentifier": "old", "engineVersion": "16", "dbClusterParameterGroupName": nil}), update("x", in{"engineVersion": "17", "dbClusterParameterGroupName": nil})),
		"InvalidParameterCombination", "allowMajorVersionUpgrade"},

	{"instance of no cluster", auroraInstance(in{"clusterIdentifier": "none"}), "DBClusterNotFoundFault", "none"},
	{"instance of another engine", auroraInstance(in{"engine": "aurora-mysql"}), "InvalidParameterCombination", "aurora-mysql"},
	{"instance of another version than its cluster", auroraInstance(in{"engineVersion": "16.6"}), "InvalidParameterCombination", "of your DB cluster (17.5)"},
	{"instance of no parameter group", auroraInstance(in{"dbParameterGroupName": "none"}), "DBParameterGroupNotFound", "none"},
	{"instance of another family", auroraInstance(in{"dbParameterGroupName": "pg17"}), "InvalidParameterCombination", "aurora-postgresql17"},
	{"instance of a group of another version than its cluster's", after(whole, another("cluster", in{"clusterIdentifier": "old", "engineVersion": "16", "dbClusterParameterGroupName": nil}), made(typeParameterGroup, "p", in{"name": "p", "family": "aurora-postgresql17"}),
		another("clusterinstance", in{"identifier": "old-1", "clusterIdentifier": "old", "dbParameterGroupName": "p"})), "InvalidParameterCombination", "aurora-postgresql16"},
	{"instance of no class", auroraInstance(in{"instanceClass": "large"}), "InvalidParameterValue", "large"},
	{"instance of a class that Aurora has not", auroraInstance(in{"instanceClass": "db.m7g.large"}), "InvalidParameterCombination", "db.m7g.large"},
	{"serverless without a scale", auroraInstance(in{"instanceClass": "db.serverless"}), "InvalidDBClusterStateFault", "Serverless v2"},
	{"instance monitored by nobody", auroraInstance(in{"monitoringInterval": 60.0}), "InvalidParameterCombination", "MonitoringRoleARN"},
	{"instance of no name", auroraInstance(in{"identifier": "9x"}), "InvalidParameterValue", "9x"},
	{"instance named as a database", auroraInstance(in{"identifier": "db"}), "DBInstanceAlreadyExists", "Instance db"},
	{"instance named twice", auroraInstance(in{"identifier": "aurora-1"}), "DBInstanceAlreadyExists", "ClusterInstance"},

	{"proxy of no group", after(whole, another("proxy", in{"name": "x", "vpcSecurityGroupIds": list1("sg-0")})), "InvalidParameterValue", "sg-0"},
	{"proxy of another network's group", after(whole, otherVPC, another("proxy", in{"name": "x", "vpcSecurityGroupIds": list1("@sg2")})), "InvalidParameterCombination", "another VPC"},
	{"proxy in no subnet", after(whole, another("proxy", in{"name": "x", "vpcSubnetIds": list1("subnet-0")})), "InvalidSubnet", "subnet-0"},
	{"proxy in one zone", after(whole, another("proxy", in{"name": "x", "vpcSubnetIds": list1("@a")})), "InvalidSubnet", "1 zones"},
	{"proxy across networks", after(whole, otherVPC, another("proxy", in{"name": "x", "vpcSubnetIds": list1("@a", "@d")})), "InvalidSubnet", "zones of 2"},
	{"proxy of no role", after(whole, another("proxy", in{"name": "x", "roleArn": "arn:aws:iam::111122223333:role/none"})), "InvalidParameterValue", "role/none"},
	{"proxy of no secret", after(whole, another("proxy", in{"name": "x", "auths": []any{in{"secretArn": "arn:none"}}})), "InvalidParameterValue", "arn:none"},
	{"proxy named twice", after(whole, another("proxy", in{})), "DBProxyAlreadyExistsFault", "Proxy proxy"},
	{"proxy targets of no proxy", create(typeProxyTargetGroup, in{"dbProxyName": "none"}), "DBProxyNotFoundFault", "none"},
	{"proxy target of no proxy", create(typeProxyTarget, in{"dbProxyName": "none"}), "DBProxyNotFoundFault", "none"},
	{"proxy target of no cluster", after(whole, another("proxytarget", in{"dbClusterIdentifier": "none"})), "DBClusterNotFoundFault", "none"},
	{"proxy target of no database", after(whole, another("proxytarget", in{"dbClusterIdentifier": nil, "dbInstanceIdentifier": "none"})), "DBInstanceNotFound", "none"},
}
