package world

import (
	"fmt"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeInstance              = "aws:rds/instance:Instance"
	typeCluster               = "aws:rds/cluster:Cluster"
	typeClusterInstance       = "aws:rds/clusterInstance:ClusterInstance"
	typeParameterGroup        = "aws:rds/parameterGroup:ParameterGroup"
	typeClusterParameterGroup = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	typeOptionGroup           = "aws:rds/optionGroup:OptionGroup"
	typeSubnetGroup           = "aws:rds/subnetGroup:SubnetGroup"
	typeEventSubscription     = "aws:rds/eventSubscription:EventSubscription"
	typeProxy                 = "aws:rds/proxy:Proxy"
	typeProxyTargetGroup      = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"
	typeProxyTarget           = "aws:rds/proxyTarget:ProxyTarget"
)

const rdsARN = "arn:{partition}:rds:{region}:{account}:"

var rdsKinds = map[string]*kind{
	typeInstance: {
		id: func(c *Call, _ *Object) string { return "db-" + strings.ToUpper(c.hex(26)) }, arn: rdsARN + "db:{identifier}",
		text:  map[string]string{"resourceId": "{id}"},
		check: []rule{groupsExist("vpcSecurityGroupIds"), subnetGroupExists, engineExists, parameterFamily("parameterGroupName", typeParameterGroup)},
		create: []rule{databaseName("identifier", "identifierPrefix"), databasePassword("password", "username"), databaseStorage,
			unique("DBInstanceAlreadyExists", "DB instance already exists: %s", "identifier")},
		fill:   fillInstance,
		remove: []rule{protected("deletionProtection", "InvalidParameterCombination", "Cannot delete protected DB Instance %s, please disable deletion protection and try again."), finalSnapshot},
		adopt:  byIdentifier(typeInstance, "identifier"),
	},
	typeCluster: {
		id: byOutput("clusterIdentifier"), arn: rdsARN + "cluster:{clusterIdentifier}", taken: "DBClusterAlreadyExistsFault",
		check:  []rule{groupsExist("vpcSecurityGroupIds"), subnetGroupExists, engineExists, parameterFamily("dbClusterParameterGroupName", typeClusterParameterGroup)},
		create: []rule{databaseName("clusterIdentifier", "clusterIdentifierPrefix"), databasePassword("masterPassword", "masterUsername")},
		fill:   fillCluster,
		remove: []rule{
			protected("deletionProtection", "InvalidParameterCombination", "Cannot delete protected Cluster %s, please disable deletion protection and try again."), finalSnapshot,
			unused("InvalidDBClusterStateFault", "Cluster %s cannot be deleted, it still contains DB instances.", use{typeClusterInstance, "clusterIdentifier"})},
	},
	typeClusterInstance: {
		id: byOutput("identifier"), arn: rdsARN + "db:{identifier}", taken: "DBInstanceAlreadyExists",
		check:  []rule{refers("clusterIdentifier", "DBClusterNotFoundFault", "DBCluster %s not found", typeCluster), parameterFamily("dbParameterGroupName", typeParameterGroup)},
		create: []rule{databaseName("identifier", "identifierPrefix")}, fill: fillClusterInstance,
	},
	typeParameterGroup: {
		id: byOutput("name"), arn: rdsARN + "pg:{name}", taken: "DBParameterGroupAlreadyExists", check: []rule{familyExists}, create: []rule{nameFromPrefix},
		remove: []rule{unused("InvalidDBParameterGroupState", "One or more database instances are still members of this parameter group %s, so the group cannot be deleted",
			use{typeInstance, "parameterGroupName"}, use{typeClusterInstance, "dbParameterGroupName"})},
	},
	typeClusterParameterGroup: {
		id: byOutput("name"), arn: rdsARN + "cluster-pg:{name}", taken: "DBParameterGroupAlreadyExists", check: []rule{familyExists}, create: []rule{nameFromPrefix},
		remove: []rule{unused("InvalidDBParameterGroupState", "One or more database clusters are still members of this parameter group %s", use{typeCluster, "dbClusterParameterGroupName"})},
	},
	typeOptionGroup: {
		id: byOutput("name"), arn: rdsARN + "og:{name}", taken: "OptionGroupAlreadyExistsFault", create: []rule{nameFromPrefix},
		remove: []rule{unused("InvalidOptionGroupStateFault", "The option group '%s' cannot be deleted because it is in use.", use{typeInstance, "optionGroupName"})},
	},
	typeSubnetGroup: {
		id: byOutput("name"), arn: rdsARN + "subgrp:{name}", taken: "DBSubnetGroupAlreadyExists", create: []rule{nameFromPrefix}, check: []rule{subnetGroupZones},
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "supportedNetworkTypes", []any{"IPV4"})
			for _, id := range o.Texts("subnetIds") {
				o.Outputs["vpcId"] = c.find(typeSubnet, id).Text("vpcId")
			}
		},
		remove: []rule{unused("InvalidDBSubnetGroupStateFault", "Cannot delete the subnet group '%s' because at least one database instance is still using it",
			use{typeInstance, "dbSubnetGroupName"}, use{typeCluster, "dbSubnetGroupName"})},
	},
	typeEventSubscription: {id: byOutput("name"), arn: rdsARN + "es:{name}", taken: "SubscriptionAlreadyExist", text: map[string]string{"customerAwsId": "{account}"},
		check: []rule{refers("snsTopic", "SNSTopicArnNotFound", "SNS topic %s not found", typeTopic)}, create: []rule{nameFromPrefix}},
	typeProxy: {id: byOutput("name"), taken: "DBProxyAlreadyExistsFault",
		check: []rule{groupsExist("vpcSecurityGroupIds"), refers("vpcSubnetIds", "InvalidSubnet", "subnet %s does not exist", typeSubnet), refers("roleArn", "InvalidParameterValue", "role %s does not exist", typeRole)},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"idleClientTimeout": 1800.0, "vpcSecurityGroupIds": []any{}, "arn": c.expand(rdsARN+"db-proxy:prx-0"+c.hex(16), o),
				"endpoint": o.Text("name") + ".proxy-" + c.databaseHost(o.Region) + "." + o.Region + ".rds.amazonaws.com"})
		},
		remove: []rule{unused("InvalidDBProxyStateFault", "The proxy %s has targets", use{typeProxyTarget, "dbProxyName"})}},
	typeProxyTargetGroup: {id: byOutput("dbProxyName"), check: []rule{inProxy}, fill: func(c *Call, o, _ *Object) {
		setDefaults(o, value.Map{"name": "default", "arn": c.expand(rdsARN+"target-group:prx-tg-0"+c.hex(16), o),
			"connectionPoolConfig": value.Map{"connectionBorrowTimeout": 120.0, "maxConnectionsPercent": 100.0, "maxIdleConnectionsPercent": 50.0}})
	}},
	typeProxyTarget: {id: func(_ *Call, o *Object) string {
		return strings.Join([]string{o.Text("dbProxyName"), o.Text("targetGroupName"), proxyTargetKind(o), o.Text("dbInstanceIdentifier") + o.Text("dbClusterIdentifier")}, "/")
	}, check: []rule{inProxy}, fill: fillProxyTarget},
}

var inProxy = refers("dbProxyName", "DBProxyNotFoundFault", "DB proxy %s not found", typeProxy)

func proxyTargetKind(o *Object) string {
	if o.Text("dbClusterIdentifier") != "" {
		return "TRACKED_CLUSTER"
	}
	return "RDS_INSTANCE"
}

func byIdentifier(typ, property string) func(*Call, string) *Object {
	return func(c *Call, id string) *Object { return c.where(typ, property, id) }
}

// databaseName gives the identifier that the program left out.
func databaseName(property, prefix string) rule {
	return func(c *Call, o *Object) error {
		if o.Text(property) == "" {
			stem := o.Text(prefix)
			if stem == "" {
				stem = "tf-"
			}
			o.Outputs[property] = stem + c.Now.Format("20060102150405") + c.hex(12, "identifier")
		}
		name := o.Text(property)
		if len(name) > 63 || strings.HasSuffix(name, "-") || strings.Contains(name, "--") || name != strings.ToLower(name) {
			return fault("InvalidParameterValue", "The parameter %s is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens: %s", property, name)
		}
		return nil
	}
}

func databasePassword(password, user string) rule {
	return func(_ *Call, o *Object) error {
		if o.Outputs["snapshotIdentifier"] != nil || o.Outputs["replicateSourceDb"] != nil || o.Outputs["replicationSourceIdentifier"] != nil {
			return nil
		}
		if o.Flag("manageMasterUserPassword") && o.Text(password) != "" {
			return fault("InvalidParameterCombination", "You can't specify %s when you manage the master user password with Secrets Manager", password)
		}
		if o.Text(user) == "" {
			return fault("InvalidParameterValue", "The parameter %s must be provided", user)
		}
		if !o.Flag("manageMasterUserPassword") && o.Text(password) == "" {
			return fault("InvalidParameterValue", "The parameter MasterUserPassword must be provided and must not be blank.")
		}
		return nil
	}
}

func databaseStorage(_ *Call, o *Object) error {
	if o.Number("allocatedStorage") == 0 && o.Outputs["snapshotIdentifier"] == nil && o.Outputs["replicateSourceDb"] == nil {
		return fault("InvalidParameterValue", "Invalid storage size for engine name %s and storage type: allocatedStorage must be given", o.Text("engine"))
	}
	return nil
}

// subnetGroupExists asks for the group that is named. The one called default is
// RDS's own, made in the account's default VPC for whoever names none.
func subnetGroupExists(c *Call, o *Object) error {
	if o.Text("dbSubnetGroupName") == "default" {
		return nil
	}
	return refers("dbSubnetGroupName", "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist", typeSubnetGroup)(c, o)
}

// subnetGroupZones: a subnet group covers two zones (RDS API, CreateDBSubnetGroup).
func subnetGroupZones(c *Call, o *Object) error {
	zones := map[string]bool{}
	vpc := ""
	for _, id := range o.Texts("subnetIds") {
		subnet := c.find(typeSubnet, id)
		if subnet == nil {
			return fault("InvalidSubnet", "Subnet %s does not exist", id)
		}
		if vpc != "" && vpc != subnet.Text("vpcId") {
			return fault("InvalidVPCNetworkStateFault", "The subnets are of different VPCs: %s and %s", vpc, subnet.Text("vpcId"))
		}
		vpc = subnet.Text("vpcId")
		zones[subnet.Text("availabilityZone")] = true
	}
	if len(zones) < 2 {
		return fault("DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %d. Add subnets to cover at least 2 AZs.", len(zones))
	}
	return nil
}

// finalSnapshot: a database is deleted with a final snapshot of a new name, or by a program that says it wants none.
func finalSnapshot(_ *Call, o *Object) error {
	if !o.Flag("skipFinalSnapshot") && o.Text("finalSnapshotIdentifier") == "" {
		return fault("InvalidParameterCombination", "finalSnapshotIdentifier is required when skipFinalSnapshot is false: %s", o.ID)
	}
	return nil
}

func parameterFamily(property, typ string) rule {
	return func(c *Call, o *Object) error {
		name := o.Text(property)
		if name == "" || strings.HasPrefix(name, "default.") {
			return nil
		}
		group := c.find(typ, name)
		if group == nil {
			return fault("DBParameterGroupNotFound", "DBParameterGroup not found: %s", name)
		}
		if family := engineFamily(o.Text("engine"), o.Text("engineVersion")); family != "" && group.Text("family") != family {
			return fault("InvalidParameterCombination", "The Parameter Group %s with DBParameterGroupFamily %s can't be used for this instance. Please use a Parameter Group with DBParameterGroupFamily %s",
				name, group.Text("family"), family)
		}
		return nil
	}
}

// databaseHost is the part of an endpoint that all databases of an account and region share.
func (c *Call) databaseHost(region string) string { return "c" + c.hexFor("rds "+region, 11) }

func (c *Call) masterSecret(o *Object, kind string) {
	managed := o.Flag("manageMasterUserPassword")
	if !managed {
		o.Outputs["masterUserSecrets"] = []any{}
		return
	}
	if len(o.Objects("masterUserSecrets")) > 0 {
		return
	}
	key := o.Text("masterUserSecretKmsKeyId")
	if key == "" {
		key = c.expand("arn:{partition}:kms:{region}:{account}:key/", o) + c.uuidFor("aws/secretsmanager "+o.Region)
		o.Outputs["masterUserSecretKmsKeyId"] = key
	}
	o.Outputs["masterUserSecrets"] = []any{value.Map{"kmsKeyId": key, "secretStatus": "active",
		"secretArn": c.expand("arn:{partition}:secretsmanager:{region}:{account}:secret:rds!"+kind+"-", o) + c.uuid("secret") + "-" + c.hex(6, "suffix")}}
}

func (c *Call) uuidFor(text string) string {
	h := c.hexFor(text, 32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}

func fillInstance(c *Call, o, _ *Object) {
	engine := o.Text("engine")
	setDefaults(o, value.Map{"engineVersion": defaultEngineVersion(engine), "port": enginePort(engine), "status": "available", "multiAz": false, "backupRetentionPeriod": 0.0,
		"backupWindow": "03:00-03:30", "maintenanceWindow": "mon:04:00-mon:04:30", "caCertIdentifier": "rds-ca-rsa2048-g1", "storageType": "gp2", "iops": 0.0, "storageThroughput": 0.0,
		"licenseModel": licenseModel(engine), "networkType": "IPV4", "optionGroupName": "default:" + engine + "-" + strings.ReplaceAll(majorVersion(engine, o.Text("engineVersion")), ".", "-"),
		"parameterGroupName": "default." + engineFamily(engine, o.Text("engineVersion")), "engineLifecycleSupport": "open-source-rds-extended-support", "replicas": []any{}, "replicaMode": "",
		"backupTarget": "region", "characterSetName": "", "dbName": "", "domainFqdn": "", "kmsKeyId": "", "monitoringRoleArn": "", "ncharCharacterSetName": "", "snapshotIdentifier": "", "timezone": "",
		"performanceInsightsKmsKeyId": "", "performanceInsightsRetentionPeriod": 0.0, "dbSubnetGroupName": "default", "vpcSecurityGroupIds": []any{}, "listenerEndpoints": []any{},
		"latestRestorableTime": c.Now.Format(time.RFC3339), "hostedZoneId": databaseZones[o.Region]})
	c.databaseZone(o)
	o.Outputs["engineVersionActual"] = actualVersion(engine, o.Text("engineVersion"))
	o.Outputs["address"] = o.Text("identifier") + "." + c.databaseHost(o.Region) + "." + o.Region + ".rds.amazonaws.com"
	o.Outputs["endpoint"] = fmt.Sprintf("%s:%v", o.Text("address"), o.Number("port"))
	c.masterSecret(o, "db")
	if o.Flag("storageEncrypted") && o.Text("kmsKeyId") == "" {
		o.Outputs["kmsKeyId"] = c.expand("arn:{partition}:kms:{region}:{account}:key/", o) + c.uuidFor("aws/rds "+o.Region)
	}
}

// databaseZone puts an instance in a zone of its subnets, and takes an address there.
func (c *Call) databaseZone(o *Object) {
	group := c.find(typeSubnetGroup, o.Text("dbSubnetGroupName"))
	if group == nil {
		setDefault(o, "availabilityZone", Zones(o.Region)[0])
		return
	}
	for i, id := range group.Texts("subnetIds") {
		subnet := c.find(typeSubnet, id)
		zone := o.Text("availabilityZone")
		if subnet != nil && (zone == subnet.Text("availabilityZone") || (zone == "" && i == 0)) {
			o.Outputs["availabilityZone"] = subnet.Text("availabilityZone")
			c.address(o, id)
			return
		}
	}
}

func fillCluster(c *Call, o, _ *Object) {
	engine := o.Text("engine")
	setDefaults(o, value.Map{"engineVersion": defaultEngineVersion(engine), "port": enginePort(engine), "backupRetentionPeriod": 1.0, "preferredBackupWindow": "03:00-03:30",
		"preferredMaintenanceWindow": "mon:04:00-mon:04:30", "clusterMembers": []any{}, "iamRoles": []any{}, "storageEncrypted": false, "storageType": "", "allocatedStorage": 1.0,
		"dbClusterParameterGroupName": "default." + engineFamily(engine, o.Text("engineVersion")), "networkType": "IPV4", "engineLifecycleSupport": "open-source-rds-extended-support",
		"applyImmediately": false, "caCertificateIdentifier": "", "caCertificateValidTill": "", "databaseName": "", "dbSubnetGroupName": "default", "dbSystemId": "", "kmsKeyId": "", "masterUsername": "",
		"performanceInsightsKmsKeyId": "", "performanceInsightsRetentionPeriod": 0.0, "vpcSecurityGroupIds": []any{}, "hostedZoneId": databaseZones[o.Region],
		"clusterResourceId": "cluster-" + strings.ToUpper(c.hex(26))})
	if o.Outputs["availabilityZones"] == nil {
		o.Outputs["availabilityZones"] = list(Zones(o.Region)[:min(3, len(Zones(o.Region)))])
	}
	o.Outputs["engineVersionActual"] = actualVersion(engine, o.Text("engineVersion"))
	name, host := o.Text("clusterIdentifier"), c.databaseHost(o.Region)+"."+o.Region+".rds.amazonaws.com"
	o.Outputs["endpoint"] = name + ".cluster-" + host
	o.Outputs["readerEndpoint"] = name + ".cluster-ro-" + host
	c.masterSecret(o, "cluster")
	if o.Flag("storageEncrypted") && o.Text("kmsKeyId") == "" {
		o.Outputs["kmsKeyId"] = c.expand("arn:{partition}:kms:{region}:{account}:key/", o) + c.uuidFor("aws/rds "+o.Region)
	}
}

func fillClusterInstance(c *Call, o, old *Object) {
	cluster := c.find(typeCluster, o.Text("clusterIdentifier"))
	if old == nil {
		writer := true
		c.each(typeClusterInstance, func(other *Object) bool {
			writer = writer && other.Text("clusterIdentifier") != cluster.ID
			return writer
		})
		o.Outputs["writer"] = writer
	}
	setDefaults(o, value.Map{"engineVersion": cluster.Text("engineVersion"), "port": cluster.Number("port"), "dbSubnetGroupName": cluster.Text("dbSubnetGroupName"),
		"caCertIdentifier": "rds-ca-rsa2048-g1", "dbiResourceId": "db-" + strings.ToUpper(c.hex(26)), "networkType": "IPV4", "performanceInsightsEnabled": false,
		"preferredBackupWindow": cluster.Text("preferredBackupWindow"), "preferredMaintenanceWindow": "mon:04:00-mon:04:30", "publiclyAccessible": false, "monitoringRoleArn": "",
		"applyImmediately": false, "performanceInsightsKmsKeyId": "", "performanceInsightsRetentionPeriod": 0.0,
		"dbParameterGroupName": "default." + engineFamily(cluster.Text("engine"), cluster.Text("engineVersion"))})
	o.Outputs["engineVersionActual"] = cluster.Text("engineVersionActual")
	o.Outputs["kmsKeyId"], o.Outputs["storageEncrypted"] = cluster.Text("kmsKeyId"), cluster.Flag("storageEncrypted")
	o.Outputs["endpoint"] = o.Text("identifier") + "." + c.databaseHost(o.Region) + "." + o.Region + ".rds.amazonaws.com"
	c.databaseZone(o)
}

func fillProxyTarget(c *Call, o, _ *Object) {
	setDefaults(o, value.Map{"type": proxyTargetKind(o), "trackedClusterId": "", "targetArn": ""})
	if db := c.where(typeInstance, "identifier", o.Text("dbInstanceIdentifier")); db != nil {
		o.Outputs["endpoint"], o.Outputs["port"], o.Outputs["rdsResourceId"] = db.Text("address"), db.Number("port"), db.Text("identifier")
	}
	if cluster := c.find(typeCluster, o.Text("dbClusterIdentifier")); cluster != nil {
		o.Outputs["endpoint"], o.Outputs["port"], o.Outputs["rdsResourceId"] = cluster.Text("endpoint"), cluster.Number("port"), cluster.ID
	}
}
