package world

import "github.com/causeway-iac/causeway/twin/value"

const (
	typeFileSystem  = "aws:efs/fileSystem:FileSystem"
	typeMountTarget = "aws:efs/mountTarget:MountTarget"

	typeCacheSubnets = "aws:elasticache/subnetGroup:SubnetGroup"
)

var fileSystemKinds = map[string]*kind{
	typeFileSystem: {
		id:    prefixed("fs"),
		arn:   "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}",
		text:  map[string]string{"ownerId": "{account}", "dnsName": "{id}.efs.{region}.amazonaws.com"},
		check: []rule{keyUsable("kmsKeyId", "BadRequest")},
		create: []rule{
			unique("FileSystemAlreadyExists", "File system with the creation token %s already exists", "creationToken"),
		},
		prepare: []func(*Call, *Object){func(c *Call, o *Object) {
			setDefault(o, "creationToken", "terraform-"+c.Now.Format("20060102150405")+c.hex(12, "token"))
		}},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"performanceMode": "generalPurpose", "encrypted": false,
				"sizeInBytes": []any{value.Map{"value": 0.0, "valueInIa": 0.0, "valueInStandard": 0.0}}})
		},
		remove: []rule{unused("FileSystemInUse", "File system %s is in use: it has mount targets", use{typeMountTarget, "fileSystemId"})},
	},
	typeMountTarget: {
		id: prefixed("fsmt"),
		check: []rule{
			refers("fileSystemId", "FileSystemNotFound", "File system '%s' does not exist.", typeFileSystem),
			refers("subnetId", "SubnetNotFound", "The subnet ID '%s' does not exist", typeSubnet),
			groupsExist("securityGroups", "SecurityGroupNotFound"),
			mountOncePerZone,
		},
		fill: func(c *Call, o, _ *Object) {
			subnet, fs := c.find(typeSubnet, o.Text("subnetId")), c.find(typeFileSystem, o.Text("fileSystemId"))
			setDefaults(o, value.Map{"ipAddress": c.address(o, subnet.ID), "availabilityZoneName": subnet.Text("availabilityZone"),
				"availabilityZoneId": subnet.Text("availabilityZoneId"), "networkInterfaceId": "eni-0" + c.hexFor(o.ID, 16),
				"fileSystemArn": fs.Text("arn"), "dnsName": fs.Text("dnsName"), "ownerId": c.accountID(),
				"mountTargetDnsName": subnet.Text("availabilityZone") + "." + fs.Text("dnsName"),
				"securityGroups":     []any{c.defaultGroup(subnet.ID)}})
		},
	},
	typeCacheSubnets: {
		id:    byOutput("name"),
		arn:   "arn:{partition}:elasticache:{region}:{account}:subnetgroup:{name}",
		taken: "CacheSubnetGroupAlreadyExists",
		check: []rule{
			refers("subnetIds", "InvalidSubnet", "Subnet %s does not exist", typeSubnet),
			subnetGroupVPC,
		},
		fill: func(c *Call, o, _ *Object) {
			for _, id := range o.Texts("subnetIds") {
				o.Outputs["vpcId"] = c.find(typeSubnet, id).Text("vpcId")
			}
		},
	},
}

// mountOncePerZone: a file system has one mount target per zone, all in one VPC (EFS API, CreateMountTarget).
func mountOncePerZone(c *Call, o *Object) error {
	subnet := c.find(typeSubnet, o.Text("subnetId"))
	for other := range c.having(typeMountTarget, "fileSystemId", o.Text("fileSystemId")) {
		beside := c.find(typeSubnet, other.Text("subnetId"))
		switch {
		case other.Key == o.Key || beside == nil:
		case beside.Text("vpcId") != subnet.Text("vpcId"):
			return fault("MountTargetConflict",
				"requested subnet for new mount target is not in the same VPC as existing mount targets: %s", called(other))
		case beside.Text("availabilityZone") == subnet.Text("availabilityZone"):
			return fault("MountTargetConflict", "mount target already exists in this AZ: %s", called(other))
		}
	}
	return nil
}
