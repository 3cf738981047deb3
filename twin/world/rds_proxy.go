package world

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeProxy            = "aws:rds/proxy:Proxy"
	typeProxyTargetGroup = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"
	typeProxyTarget      = "aws:rds/proxyTarget:ProxyTarget"
)

var proxyKinds = map[string]*kind{
	typeProxy: {
		id:    byOutput("name"),
		taken: "DBProxyAlreadyExistsFault",
		check: []rule{
			groupsExist("vpcSecurityGroupIds", "InvalidParameterValue"),
			groupsNear("vpcSecurityGroupIds", "InvalidParameterCombination"),
			refers("vpcSubnetIds", "InvalidSubnet", "subnet %s does not exist", typeSubnet),
			proxyZones,
			refers("roleArn", "InvalidParameterValue", "role %s does not exist", typeRole),
			refers("auths.secretArn", "InvalidParameterValue", "secret %s does not exist", typeSecret),
		},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"idleClientTimeout": 1800.0, "vpcSecurityGroupIds": []any{},
				"arn":      c.expand(rdsARN+"db-proxy:prx-0"+c.hex(16), o),
				"endpoint": o.Text("name") + ".proxy-" + c.databaseHost(o.Region) + "." + o.Region + ".rds.amazonaws.com"})
			for _, subnet := range o.Texts("vpcSubnetIds") {
				c.address(o, subnet)
			}
		},
		removed: func(c *Call, o *Object) {
			c.dropUsers(o, use{typeProxyTarget, "dbProxyName"}, use{typeProxyTargetGroup, "dbProxyName"})
		},
	},
	typeProxyTargetGroup: {
		id:    byOutput("dbProxyName"),
		check: []rule{inProxy},
		put:   true,
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"name": "default", "arn": c.expand(rdsARN+"target-group:prx-tg-0"+c.hex(16), o),
				"connectionPoolConfig": value.Map{"connectionBorrowTimeout": 120.0, "maxConnectionsPercent": 100.0,
					"maxIdleConnectionsPercent": 50.0}})
		},
	},
	typeProxyTarget: {
		id: func(_ *Call, o *Object) string {
			return strings.Join([]string{o.Text("dbProxyName"), o.Text("targetGroupName"), proxyTargetKind(o),
				o.Text("dbInstanceIdentifier") + o.Text("dbClusterIdentifier")}, "/")
		},
		taken: "DBProxyTargetAlreadyRegisteredFault",
		check: []rule{
			inProxy,
			refers("dbClusterIdentifier", "DBClusterNotFoundFault", "DBCluster %s not found", typeCluster),
			proxyInstance,
		},
		fill: fillProxyTarget,
	},
}

var inProxy = refers("dbProxyName", "DBProxyNotFoundFault", "DB proxy %s not found", typeProxy)

// proxyZones: a proxy has subnets in at least two zones of one VPC (RDS user guide, "Planning where to use RDS Proxy").
func proxyZones(c *Call, o *Object) error {
	zones, vpcs := map[string]bool{}, map[string]bool{}
	for _, id := range o.Texts("vpcSubnetIds") {
		subnet := c.find(typeSubnet, id)
		zones[subnet.Text("availabilityZone")], vpcs[subnet.Text("vpcId")] = true, true
	}
	if len(zones) < 2 || len(vpcs) > 1 {
		return fault("InvalidSubnet", "A proxy needs subnets in at least two Availability Zones of one VPC: these are in %d zones of %d",
			len(zones), len(vpcs))
	}
	return nil
}

// proxyInstance: the registered database exists (RDS API, RegisterDBProxyTargets).
func proxyInstance(c *Call, o *Object) error {
	if name := o.Text("dbInstanceIdentifier"); name != "" && c.where(typeInstance, "identifier", name) == nil {
		return fault("DBInstanceNotFound", "DBInstance %s not found", name)
	}
	return nil
}

func proxyTargetKind(o *Object) string {
	if o.Text("dbClusterIdentifier") != "" {
		return "TRACKED_CLUSTER"
	}
	return "RDS_INSTANCE"
}

func fillProxyTarget(c *Call, o, _ *Object) {
	setDefaults(o, value.Map{"type": proxyTargetKind(o), "trackedClusterId": "", "targetArn": ""})
	if db := c.where(typeInstance, "identifier", o.Text("dbInstanceIdentifier")); db != nil {
		o.Outputs["endpoint"], o.Outputs["port"], o.Outputs["rdsResourceId"] = db.Text("address"), db.Number("port"),
			db.Text("identifier")
	}
	if cluster := c.find(typeCluster, o.Text("dbClusterIdentifier")); cluster != nil {
		o.Outputs["endpoint"], o.Outputs["port"], o.Outputs["rdsResourceId"] = cluster.Text("endpoint"), cluster.Number("port"),
			cluster.ID
	}
}
