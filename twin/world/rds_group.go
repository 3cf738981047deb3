package world

import (
	"slices"
	"strings"
)

const (
	typeParameterGroup        = "aws:rds/parameterGroup:ParameterGroup"
	typeClusterParameterGroup = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	typeOptionGroup           = "aws:rds/optionGroup:OptionGroup"
	typeSubnetGroup           = "aws:rds/subnetGroup:SubnetGroup"
	typeEventSubscription     = "aws:rds/eventSubscription:EventSubscription"
)

var databaseGroupKinds = map[string]*kind{
	typeParameterGroup: {
		id:      byOutput("name"),
		arn:     rdsARN + "pg:{name}",
		taken:   "DBParameterGroupAlreadyExists",
		check:   []rule{familyExists},
		prepare: []func(*Call, *Object){nameFromPrefix},
		remove: []rule{
			unused("InvalidDBParameterGroupState",
				"One or more database instances are still members of this parameter group %s, so the group cannot be deleted",
				use{typeInstance, "parameterGroupName"}, use{typeClusterInstance, "dbParameterGroupName"}),
		},
	},
	typeClusterParameterGroup: {
		id:      byOutput("name"),
		arn:     rdsARN + "cluster-pg:{name}",
		taken:   "DBParameterGroupAlreadyExists",
		check:   []rule{familyExists},
		prepare: []func(*Call, *Object){nameFromPrefix},
		remove: []rule{
			unused("InvalidDBParameterGroupState",
				"One or more database clusters are still members of this parameter group %s",
				use{typeCluster, "dbClusterParameterGroupName"}),
		},
	},
	typeOptionGroup: {
		id:      byOutput("name"),
		arn:     rdsARN + "og:{name}",
		taken:   "OptionGroupAlreadyExistsFault",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check:   []rule{optionEngine},
		remove: []rule{
			unused("InvalidOptionGroupStateFault", "The option group '%s' cannot be deleted because it is in use.",
				use{typeInstance, "optionGroupName"}),
		},
	},
	typeSubnetGroup: {
		id:      byOutput("name"),
		arn:     rdsARN + "subgrp:{name}",
		taken:   "DBSubnetGroupAlreadyExists",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			refers("subnetIds", "InvalidSubnet", "Subnet %s does not exist", typeSubnet),
			subnetGroupVPC,
			subnetGroupZones,
		},
		update: []func(c *Call, o, old *Object) error{subnetsInUse},
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "supportedNetworkTypes", []any{"IPV4"})
			for _, id := range o.Texts("subnetIds") {
				o.Outputs["vpcId"] = c.find(typeSubnet, id).Text("vpcId")
			}
		},
		remove: []rule{
			unused("InvalidDBSubnetGroupStateFault",
				"Cannot delete the subnet group '%s' because at least one database instance is still using it",
				use{typeInstance, "dbSubnetGroupName"}, use{typeCluster, "dbSubnetGroupName"}),
		},
	},
	typeEventSubscription: {
		id:      byOutput("name"),
		arn:     rdsARN + "es:{name}",
		taken:   "SubscriptionAlreadyExist",
		text:    map[string]string{"customerAwsId": "{account}"},
		prepare: []func(*Call, *Object){nameFromPrefix},
		check:   []rule{refers("snsTopic", "SNSTopicArnNotFound", "SNS topic %s not found", typeTopic)},
	},
}

// subnetGroupVPC: a group's subnets are in one VPC (RDS API, CreateDBSubnetGroup).
func subnetGroupVPC(c *Call, o *Object) error {
	vpc := ""
	for _, id := range o.Texts("subnetIds") {
		mine := c.find(typeSubnet, id).Text("vpcId")
		if vpc != "" && vpc != mine {
			return fault("InvalidSubnet", "The subnets are of different VPCs: %s and %s", vpc, mine)
		}
		vpc = mine
	}
	return nil
}

// subnetGroupZones: a subnet group covers at least two zones (RDS API, CreateDBSubnetGroup).
func subnetGroupZones(c *Call, o *Object) error {
	zones := map[string]bool{}
	for _, id := range o.Texts("subnetIds") {
		zones[c.find(typeSubnet, id).Text("availabilityZone")] = true
	}
	if len(zones) < 2 {
		return fault("DBSubnetGroupDoesNotCoverEnoughAZs",
			"The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %d. Add subnets to "+
				"cover at least 2 AZs.", len(zones))
	}
	return nil
}

// subnetsInUse: a subnet stays in its group while a database has an address there (RDS API, ModifyDBSubnetGroup).
func subnetsInUse(c *Call, o, old *Object) error {
	for _, id := range old.Texts("subnetIds") {
		user := c.addressed(id, typeInstance, typeClusterInstance)
		if user != nil && !slices.Contains(o.Texts("subnetIds"), id) {
			return fault("SubnetAlreadyInUse", "Subnet to be deleted is currently in use: %s, by %s", id, called(user))
		}
	}
	return nil
}

// familyExists: a family is an engine and its major version (RDS API, CreateDBParameterGroup).
func familyExists(_ *Call, o *Object) error {
	for engine, versions := range engineVersions {
		for _, v := range versions {
			if o.Text("family") == engine+majorVersion(engine, v) {
				return nil
			}
		}
	}
	return fault("InvalidParameterValue",
		"ParameterGroupFamily %s does not exist: write the engine and its major version, such as postgres17", o.Text("family"))
}

// optionEngine: an option group is for a major version that its engine has (RDS API, CreateOptionGroup).
func optionEngine(_ *Call, o *Object) error {
	engine, version := o.Text("engineName"), o.Text("majorEngineVersion")
	if engineVersions[engine] != nil && actualVersion(engine, version) == "" {
		return fault("InvalidParameterCombination", "Cannot find major version %s for %s", version, engine)
	}
	return nil
}

// optionGroupFits: an option group is for one major version of one engine (RDS user guide, "Working with option
// groups").
func optionGroupFits(c *Call, o *Object) error {
	group := c.find(typeOptionGroup, o.Text("optionGroupName"))
	version := actualVersion(o.Text("engine"), o.Text("engineVersion"))
	if group == nil || version == "" {
		return nil
	}
	if major := majorVersion(o.Text("engine"), version); group.Text("engineName") != o.Text("engine") ||
		group.Text("majorEngineVersion") != major {
		return fault("InvalidParameterCombination", "The option group %s is for %s %s and can't be used for this instance, of %s %s",
			group.ID, group.Text("engineName"), group.Text("majorEngineVersion"), o.Text("engine"), major)
	}
	return nil
}

// parameterGroupExists: the named parameter group exists. Those called default.… are RDS's own (RDS API,
// CreateDBInstance and CreateDBCluster).
func parameterGroupExists(property, typ string) rule {
	return func(c *Call, o *Object) error {
		name := o.Text(property)
		if name == "" || strings.HasPrefix(name, "default.") || c.find(typ, name) != nil {
			return nil
		}
		code := "DBParameterGroupNotFound"
		if typ == typeClusterParameterGroup {
			code = "DBClusterParameterGroupNotFound"
		}
		return fault(code, "DBParameterGroup not found: %s%s", name, c.instead(name, typ))
	}
}

// parameterFamily: a parameter group is for one major version of one engine (RDS user guide, "Parameter groups").
func parameterFamily(property, typ string) rule {
	return func(c *Call, o *Object) error {
		engine, version := o.Text("engine"), o.Text("engineVersion")
		if cluster := c.find(typeCluster, o.Text("clusterIdentifier")); o.Type == typeClusterInstance && cluster != nil {
			engine, version = cluster.Text("engine"), cluster.Text("engineVersion")
		}
		group, family := c.find(typ, o.Text(property)), engineFamily(engine, version)
		if group != nil && family != "" && group.Text("family") != family {
			return fault("InvalidParameterCombination",
				"The Parameter Group %s with DBParameterGroupFamily %s can't be used for this instance. Please use a Parameter Group "+
					"with DBParameterGroupFamily %s",
				group.ID, group.Text("family"), family)
		}
		return nil
	}
}
