package world

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const typeInstance = "aws:rds/instance:Instance"

const rdsARN = "arn:{partition}:rds:{region}:{account}:"

var databaseKinds = map[string]*kind{
	typeInstance: {
		id:      func(c *Call, _ *Object) string { return "db-" + strings.ToUpper(c.hex(26)) },
		arn:     rdsARN + "db:{identifier}",
		text:    map[string]string{"resourceId": "{id}"},
		prepare: []func(*Call, *Object){databaseNamed("identifier", "identifierPrefix"), asSource},
		check: []rule{
			groupsExist("vpcSecurityGroupIds", "InvalidParameterValue"),
			groupsNear("vpcSecurityGroupIds", "InvalidParameterCombination"),
			identifierShape("identifier"),
			subnetGroupExists,
			replicaSource,
			engineExists,
			versionExists,
			parameterGroupExists("parameterGroupName", typeParameterGroup),
			parameterFamily("parameterGroupName", typeParameterGroup),
			optionGroupExists,
			optionGroupFits,
			classExists,
			classOfEngine,
			classEncrypts,
			classHasInsights,
			zoneOfOne,
			monitoringRole,
			passwordOnce("password"),
			passwordShape("password"),
			storageSize,
			storageIOPS,
			storageIOPSNeeded,
			storageThroughput,
			storageGrows,
			windowsApart("backupWindow", "maintenanceWindow"),
			keyUsable("kmsKeyId", "KMSKeyNotAccessibleFault"),
		},
		create: []rule{
			userGiven("username"),
			userFree("username"),
			passwordGiven("password"),
			storageGiven,
			unique("DBInstanceAlreadyExists", "DB instance already exists: %s", "identifier"),
		},
		update: []func(c *Call, o, old *Object) error{
			subnetGroupKept,
			storageKept,
			versionUp,
			majorAllowed,
			passwordKept("password"),
		},
		fill: fillInstance,
		remove: []rule{
			protected("deletionProtection", "InvalidParameterCombination",
				"Cannot delete protected DB Instance %s, please disable deletion protection and try again."),
			finalSnapshot,
			snapshotFree,
		},
		removed: func(c *Call, o *Object) { c.snapshot(o, "snapshot:") },
		adopt:   func(c *Call, id string) *Object { return c.where(typeInstance, "identifier", id) },
	},
}

// restored says whether a database comes from another, and with it its engine, user and password.
func restored(o *Object) bool {
	return o.Text("snapshotIdentifier") != "" || o.Text("replicateSourceDb") != "" || o.Text("replicationSourceIdentifier") != ""
}

// sourceOf is the database that another is a replica of, or nil. One in another region is named by its ARN.
func (c *Call) sourceOf(o *Object) *Object {
	name := o.Text("replicateSourceDb")
	if name == "" || o.Type != typeInstance {
		return nil
	}
	if source := c.where(typeInstance, "identifier", name); source != nil {
		return source
	}
	wide := &Call{World: c.World, Request: c.Request, pending: c.pending}
	return wide.where(typeInstance, "arn", name)
}

// asSource gives a replica what it takes from its source. In another region it has its own subnet group.
func asSource(c *Call, o *Object) {
	source := c.sourceOf(o)
	if source == nil {
		return
	}
	same := []string{"engine", "engineVersion", "allocatedStorage", "storageType", "username", "dbName", "port"}
	if source.Region == o.Region {
		same = append(same, "dbSubnetGroupName")
	}
	for _, property := range same {
		setDefault(o, property, source.Outputs[property])
	}
}

// replicaSource: a replica's source exists and has backups (RDS API, CreateDBInstanceReadReplica).
func replicaSource(c *Call, o *Object) error {
	name, source := o.Text("replicateSourceDb"), c.sourceOf(o)
	switch {
	case name == "" || external(name, c.accountID()):
		return nil
	case source == nil:
		return fault("DBInstanceNotFound",
			"DBInstance %s not found: a replica's source goes by its identifier, or in another region by its ARN", name)
	case source.Number("backupRetentionPeriod") == 0:
		return fault("InvalidDBInstanceState",
			"Automated backups are not enabled for this database instance: set backupRetentionPeriod of %s first", called(source))
	}
	return nil
}

// subnetGroupKept: an instance changes its subnet group only to move to another VPC (RDS user guide, "Updating the
// VPC for a DB instance").
func subnetGroupKept(c *Call, o, old *Object) error {
	was, now := c.find(typeSubnetGroup, old.Text("dbSubnetGroupName")), c.find(typeSubnetGroup, o.Text("dbSubnetGroupName"))
	if was == nil || now == nil || was.ID == now.ID || was.Text("vpcId") != now.Text("vpcId") {
		return nil
	}
	return fault("InvalidVPCNetworkStateFault", "You cannot move DB instance %s to subnet group %s. The specified DB subnet group and DB "+
		"instance are in the same VPC. Choose a DB subnet group in different VPC than the specified DB instance and try again.",
		o.Text("identifier"), now.ID)
}

// databaseNamed generates the identifier that the program left out.
func databaseNamed(property, prefix string) func(*Call, *Object) {
	return func(c *Call, o *Object) {
		if o.Text(property) != "" {
			return
		}
		stem := cmp.Or(o.Text(prefix), "tf-")
		o.Outputs[property] = stem + c.Now.Format("20060102150405") + c.hex(12, "identifier")
	}
}

// identifierShape: RDS API, CreateDBInstance.
func identifierShape(property string) rule {
	return func(_ *Call, o *Object) error {
		name := o.Text(property)
		if len(name) > 63 || name[0] < 'a' || name[0] > 'z' || strings.HasSuffix(name, "-") || strings.Contains(name, "--") ||
			name != strings.ToLower(name) {
			return fault("InvalidParameterValue",
				"The parameter %s is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, "+
					"digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens: %s", property, name)
		}
		return nil
	}
}

// subnetGroupExists checks that the named group exists. The one called default is RDS's own, in the account's default
// VPC.
func subnetGroupExists(c *Call, o *Object) error {
	if o.Text("dbSubnetGroupName") == "default" {
		return nil
	}
	return refers("dbSubnetGroupName", "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist", typeSubnetGroup)(c, o)
}

// optionGroupExists checks that the named group exists. Those called default:… are RDS's own.
func optionGroupExists(c *Call, o *Object) error {
	if strings.HasPrefix(o.Text("optionGroupName"), "default:") {
		return nil
	}
	return refers("optionGroupName", "OptionGroupNotFoundFault", "Specified OptionGroupName: %s not found", typeOptionGroup)(c, o)
}

// zoneOfOne: a Multi-AZ instance does not ask for one zone (RDS API, CreateDBInstance).
func zoneOfOne(_ *Call, o *Object) error {
	if zone, _ := o.Inputs["availabilityZone"].(string); zone != "" && o.Flag("multiAz") {
		return fault("InvalidParameterCombination",
			"Requesting a specific availability zone is not valid for Multi-AZ instances: leave availabilityZone (%s) out", zone)
	}
	return nil
}

// monitoringRole: enhanced monitoring has a role that exists (RDS API, CreateDBInstance).
func monitoringRole(c *Call, o *Object) error {
	if o.Number("monitoringInterval") > 0 && o.Text("monitoringRoleArn") == "" {
		return fault("InvalidParameterCombination",
			"A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.")
	}
	return refers("monitoringRoleArn", "InvalidParameterValue",
		"IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING: %s does not exist",
		typeRole)(c, o)
}

// databaseHost is the part of an endpoint that all databases of an account and region share.
func (c *Call) databaseHost(region string) string { return "c" + c.hexFor("rds "+region, 11) }

func (c *Call) uuidFor(text string) string { return uuid(c.hexFor(text, 32)) }

func fillInstance(c *Call, o, _ *Object) {
	engine := o.Text("engine")
	setDefaults(o, value.Map{"engineVersion": defaultEngineVersion(engine), "port": enginePort(engine), "status": "available",
		"multiAz": false, "backupRetentionPeriod": 0.0,
		"backupWindow": "03:00-03:30", "maintenanceWindow": "mon:04:00-mon:04:30", "caCertIdentifier": "rds-ca-rsa2048-g1",
		"storageType": "gp2", "iops": 0.0, "storageThroughput": 0.0,
		"licenseModel": licenseModel(engine), "networkType": "IPV4",
		"optionGroupName":        "default:" + engine + "-" + strings.ReplaceAll(majorVersion(engine, o.Text("engineVersion")), ".", "-"),
		"parameterGroupName":     "default." + engineFamily(engine, o.Text("engineVersion")),
		"engineLifecycleSupport": "open-source-rds-extended-support", "replicas": []any{}, "replicaMode": "",
		"backupTarget": "region", "characterSetName": "", "dbName": "", "domainFqdn": "", "kmsKeyId": "", "monitoringRoleArn": "",
		"ncharCharacterSetName": "", "timezone": "",
		"performanceInsightsKmsKeyId": "", "performanceInsightsRetentionPeriod": 0.0, "dbSubnetGroupName": "default",
		"vpcSecurityGroupIds": []any{}, "listenerEndpoints": []any{},
		"latestRestorableTime": c.Now.Format(time.RFC3339), "hostedZoneId": c.endpointZone(o.Region)})
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
			if o.Flag("multiAz") {
				c.standby(o, group, subnet)
			}
			return
		}
	}
}

// standby takes an address for the second machine of a Multi-AZ instance, in another zone.
func (c *Call) standby(o, group, first *Object) {
	for _, id := range group.Texts("subnetIds") {
		if subnet := c.find(typeSubnet, id); subnet != nil && subnet.Text("availabilityZone") != first.Text("availabilityZone") {
			c.address(o, id)
			return
		}
	}
}
