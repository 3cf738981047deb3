package world

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeCluster         = "aws:rds/cluster:Cluster"
	typeClusterInstance = "aws:rds/clusterInstance:ClusterInstance"
)

var clusterKinds = map[string]*kind{
	typeCluster: {
		id:      byOutput("clusterIdentifier"),
		arn:     rdsARN + "cluster:{clusterIdentifier}",
		taken:   "DBClusterAlreadyExistsFault",
		prepare: []func(*Call, *Object){databaseNamed("clusterIdentifier", "clusterIdentifierPrefix")},
		check: []rule{
			groupsExist("vpcSecurityGroupIds", "InvalidParameterValue"),
			groupsNear("vpcSecurityGroupIds", "InvalidParameterCombination"),
			subnetGroupExists,
			engineExists,
			versionExists,
			parameterGroupExists("dbClusterParameterGroupName", typeClusterParameterGroup),
			parameterFamily("dbClusterParameterGroupName", typeClusterParameterGroup),
			passwordOnce("masterPassword"),
			passwordShape("masterPassword"),
			scaleOrdered,
			windowsApart("preferredBackupWindow", "preferredMaintenanceWindow"),
			keyUsable("kmsKeyId", "KMSKeyNotAccessibleFault"),
		},
		create: []rule{
			identifierShape("clusterIdentifier"),
			userGiven("masterUsername"),
			userFree("masterUsername"),
			passwordGiven("masterPassword"),
		},
		update: []func(c *Call, o, old *Object) error{versionUp, majorAllowed, passwordKept("masterPassword")},
		fill:   fillCluster,
		remove: []rule{
			protected("deletionProtection", "InvalidParameterCombination",
				"Cannot delete protected Cluster %s, please disable deletion protection and try again."),
			unused("InvalidDBClusterStateFault", "Cluster %s cannot be deleted, it still contains DB instances.",
				use{typeClusterInstance, "clusterIdentifier"}),
			finalSnapshot,
			snapshotFree,
		},
		removed: func(c *Call, o *Object) { c.snapshot(o, "cluster-snapshot:") },
	},
	typeClusterInstance: {
		id:      byOutput("identifier"),
		arn:     rdsARN + "db:{identifier}",
		taken:   "DBInstanceAlreadyExists",
		prepare: []func(*Call, *Object){databaseNamed("identifier", "identifierPrefix")},
		check: []rule{
			refers("clusterIdentifier", "DBClusterNotFoundFault", "DBCluster %s not found", typeCluster),
			engineOfCluster,
			identifierShape("identifier"),
			versionOfCluster,
			parameterGroupExists("dbParameterGroupName", typeParameterGroup),
			parameterFamily("dbParameterGroupName", typeParameterGroup),
			classExists,
			classOfEngine,
			serverlessScale,
			monitoringRole,
		},
		create: []rule{instanceNameFree},
		fill:   fillClusterInstance,
	},
}

// engineOfCluster: a cluster's instances run the cluster's engine (RDS API, CreateDBInstance).
func engineOfCluster(c *Call, o *Object) error {
	if cluster := c.find(typeCluster, o.Text("clusterIdentifier")); o.Text("engine") != cluster.Text("engine") {
		return fault("InvalidParameterCombination",
			"The engine name requested for your DB instance (%s) doesn't match the engine name of your DB cluster (%s).",
			o.Text("engine"), cluster.Text("engine"))
	}
	return nil
}

// versionOfCluster: a cluster's instances have its version, which the cluster manages (RDS API, CreateDBInstance).
func versionOfCluster(c *Call, o *Object) error {
	cluster := c.find(typeCluster, o.Text("clusterIdentifier"))
	wanted, now := actualVersion(o.Text("engine"), o.Text("engineVersion")), cluster.Text("engineVersionActual")
	if o.Text("engineVersion") != "" && wanted != now {
		return fault("InvalidParameterCombination",
			"The engine version that you requested for your DB instance (%s) does not match the engine version of your DB cluster (%s).",
			o.Text("engineVersion"), now)
	}
	return nil
}

// scaleOrdered: the minimum capacity is not above the maximum (RDS API, ServerlessV2ScalingConfiguration).
func scaleOrdered(_ *Call, o *Object) error {
	for _, s := range o.Objects("serverlessv2ScalingConfiguration") {
		low, _ := s["minCapacity"].(float64)
		if high, given := s["maxCapacity"].(float64); given && low > high {
			return fault("InvalidParameterCombination", "The minimum capacity %v of Serverless v2 is more than the maximum, %v", low,
				high)
		}
	}
	return nil
}

// serverlessScale: Aurora user guide, "Creating a DB cluster that uses Aurora Serverless v2".
func serverlessScale(c *Call, o *Object) error {
	cluster := c.find(typeCluster, o.Text("clusterIdentifier"))
	if o.Text("instanceClass") == "db.serverless" && len(cluster.Objects("serverlessv2ScalingConfiguration")) == 0 {
		return fault("InvalidDBClusterStateFault",
			"Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance: %s",
			called(cluster))
	}
	return nil
}

// instanceNameFree: instances in and outside clusters share one namespace (RDS API, CreateDBInstance).
func instanceNameFree(c *Call, o *Object) error {
	if other := c.where(typeInstance, "identifier", o.Text("identifier")); other != nil {
		return fault("DBInstanceAlreadyExists", "DB instance already exists: %s (by %s)", o.Text("identifier"), called(other))
	}
	return nil
}

func fillCluster(c *Call, o, old *Object) {
	engine := o.Text("engine")
	setDefaults(o, value.Map{"engineVersion": defaultEngineVersion(engine), "port": enginePort(engine), "backupRetentionPeriod": 1.0,
		"preferredBackupWindow":      "03:00-03:30",
		"preferredMaintenanceWindow": "mon:04:00-mon:04:30", "clusterMembers": []any{}, "iamRoles": []any{}, "storageEncrypted": false,
		"storageType": "", "allocatedStorage": 1.0,
		"dbClusterParameterGroupName": "default." + engineFamily(engine, o.Text("engineVersion")), "networkType": "IPV4",
		"engineLifecycleSupport": "open-source-rds-extended-support",
		"applyImmediately":       false, "caCertificateIdentifier": "", "caCertificateValidTill": "", "databaseName": "",
		"dbSubnetGroupName": "default", "dbSystemId": "", "kmsKeyId": "", "masterUsername": "",
		"performanceInsightsKmsKeyId": "", "performanceInsightsRetentionPeriod": 0.0, "vpcSecurityGroupIds": []any{},
		"hostedZoneId":      c.endpointZone(o.Region),
		"clusterResourceId": "cluster-" + strings.ToUpper(c.hex(26))})
	if o.Outputs["availabilityZones"] == nil {
		o.Outputs["availabilityZones"] = list(Zones(o.Region)[:min(3, len(Zones(o.Region)))])
	}
	o.Outputs["engineVersionActual"] = actualVersion(engine, o.Text("engineVersion"))
	name, host := o.Text("clusterIdentifier"), c.databaseHost(o.Region)+"."+o.Region+".rds.amazonaws.com"
	o.Outputs["endpoint"] = name + ".cluster-" + host
	o.Outputs["readerEndpoint"] = name + ".cluster-ro-" + host
	if old != nil && old.Text("engineVersionActual") != o.Text("engineVersionActual") {
		c.upgradeInstances(o)
	}
	c.masterSecret(o, "cluster")
	if o.Flag("storageEncrypted") && o.Text("kmsKeyId") == "" {
		o.Outputs["kmsKeyId"] = c.expand("arn:{partition}:kms:{region}:{account}:key/", o) + c.uuidFor("aws/rds "+o.Region)
	}
}

// upgradeInstances gives a cluster's instances its version, and the default parameter group where theirs is for
// another major version (Aurora user guide, "Upgrading the Amazon Aurora DB engine version").
func (c *Call) upgradeInstances(cluster *Object) {
	version, family := cluster.Text("engineVersionActual"), engineFamily(cluster.Text("engine"), cluster.Text("engineVersion"))
	for _, o := range slices.Collect(c.having(typeClusterInstance, "clusterIdentifier", cluster.ID)) {
		o = o.copy()
		o.Outputs["engineVersionActual"] = version
		if said := o.Text("engineVersion"); actualVersion(o.Text("engine"), said) != version {
			o.Outputs["engineVersion"] = cluster.Text("engineVersion")
		}
		if group := c.find(typeParameterGroup, o.Text("dbParameterGroupName")); group == nil || group.Text("family") != family {
			o.Outputs["dbParameterGroupName"] = "default." + family
		}
		c.Put(o)
	}
}

func fillClusterInstance(c *Call, o, old *Object) {
	cluster := c.find(typeCluster, o.Text("clusterIdentifier"))
	if old == nil {
		o.Outputs["writer"] = c.where(typeClusterInstance, "clusterIdentifier", cluster.ID) == nil
	}
	setDefaults(o, value.Map{"engineVersion": cluster.Text("engineVersion"), "port": cluster.Number("port"),
		"dbSubnetGroupName": cluster.Text("dbSubnetGroupName"),
		"caCertIdentifier":  "rds-ca-rsa2048-g1", "dbiResourceId": "db-" + strings.ToUpper(c.hex(26)), "networkType": "IPV4",
		"performanceInsightsEnabled": false,
		"preferredBackupWindow":      cluster.Text("preferredBackupWindow"), "preferredMaintenanceWindow": "mon:04:00-mon:04:30",
		"publiclyAccessible": false, "monitoringRoleArn": "",
		"applyImmediately": false, "performanceInsightsKmsKeyId": "", "performanceInsightsRetentionPeriod": 0.0,
		"dbParameterGroupName": "default." + engineFamily(cluster.Text("engine"), cluster.Text("engineVersion"))})
	o.Outputs["engineVersionActual"] = cluster.Text("engineVersionActual")
	o.Outputs["kmsKeyId"], o.Outputs["storageEncrypted"] = cluster.Text("kmsKeyId"), cluster.Flag("storageEncrypted")
	o.Outputs["endpoint"] = o.Text("identifier") + "." + c.databaseHost(o.Region) + "." + o.Region + ".rds.amazonaws.com"
	c.databaseZone(o)
}
