package world

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeServer           = "aws:ec2/instance:Instance"
	typeKeyPair          = "aws:ec2/keyPair:KeyPair"
	typeInterface        = "aws:ec2/networkInterface:NetworkInterface"
	typeEIPAssociation   = "aws:ec2/eipAssociation:EipAssociation"
	typeVolume           = "aws:ebs/volume:Volume"
	typeVolumeAttachment = "aws:ec2/volumeAttachment:VolumeAttachment"
)

var instanceKinds = map[string]*kind{
	typeServer: {
		id:  prefixed("i"),
		arn: ec2ARN + "instance/{id}",
		check: []rule{
			serverPlaced,
			inSubnet,
			serverImage,
			serverType,
			groupsExist("vpcSecurityGroupIds", "InvalidGroup.NotFound"),
			groupsNear("vpcSecurityGroupIds", "InvalidParameter"),
			refers("iamInstanceProfile", "InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid "+
				"IAM Instance Profile name", typeInstanceProfile),
			refers("keyName", "InvalidKeyPair.NotFound", "The key pair '%s' does not exist", typeKeyPair),
			serverUserData,
			serverRoom,
		},
		fill: fillServer,
		remove: []rule{
			protected("disableApiTermination", "OperationNotPermitted",
				"The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."),
		},
	},
	typeKeyPair: {
		id:    byOutput("keyName"),
		arn:   ec2ARN + "key-pair/{keyName}",
		taken: "InvalidKeyPair.Duplicate",
		check: []rule{keyMaterial},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"keyPairId": "key-0" + c.hex(16), "fingerprint": c.hexFor(o.Text("publicKey"), 32), "keyType": "rsa"})
		},
	},
	typeInterface: {
		id:  prefixed("eni"),
		arn: ec2ARN + "network-interface/{id}",
		check: []rule{
			inSubnet,
			groupsExist("securityGroups", "InvalidGroup.NotFound"),
			groupsNear("securityGroups", "InvalidParameter"),
			serverRoom,
		},
		text: map[string]string{"ownerId": "{account}"},
		fill: func(c *Call, o, _ *Object) {
			ip := c.address(o, o.Text("subnetId"))
			setDefaults(o, value.Map{"privateIp": ip, "privateIps": []any{ip}, "privateIpsCount": 0.0, "interfaceType": "interface",
				"securityGroups": []any{c.defaultGroup(o.Text("subnetId"))}, "macAddress": "0a:" +
					strings.Join(pairs(c.hex(10, "mac")), ":")})
		},
		remove: []rule{unused("InvalidNetworkInterface.InUse", "Interface: [%s] in use.",
			use{typeServer, "networkInterfaces.networkInterfaceId"})},
	},
	typeEIPAssociation: {
		id: prefixed("eipassoc"),
		create: []rule{
			refers("allocationId", "InvalidAllocationID.NotFound", "The allocation ID '%s' does not exist", typeEIP),
			refers("instanceId", "InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", typeServer),
			refers("networkInterfaceId", "InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '%s' does not exist",
				typeInterface),
			unique("Resource.AlreadyAssociated", "resource %s is already associated", "allocationId"),
		},
		fill: func(c *Call, o, _ *Object) {
			eip, server := c.find(typeEIP, o.Text("allocationId")), c.find(typeServer, o.Text("instanceId"))
			if eip != nil {
				setDefault(o, "publicIp", eip.Text("publicIp"))
			}
			if server != nil {
				setDefaults(o, value.Map{"privateIpAddress": server.Text("privateIp"),
					"networkInterfaceId": server.Text("primaryNetworkInterfaceId")})
			}
		},
	},
	typeVolume: {
		id:  prefixed("vol"),
		arn: "arn:{partition}:ec2:{region}:{account}:volume/{id}",
		check: []rule{
			subnetZone,
			volumeSized,
			keyUsable("kmsKeyId", "InvalidParameterValue"),
		},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"type": "gp2", "iops": 100.0, "size": 8.0})
		},
		remove: []rule{unused("VolumeInUse", "Volume %s is currently attached", use{typeVolumeAttachment, "volumeId"})},
	},
	typeVolumeAttachment: {
		id: byTemplate("vai-{deviceName}-{instanceId}-{volumeId}"),
		create: []rule{
			refers("instanceId", "InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", typeServer),
			refers("volumeId", "InvalidVolume.NotFound", "The volume '%s' does not exist.", typeVolume),
			volumeZone,
			unique("VolumeInUse", "%s is already attached to an instance", "volumeId"),
			unique("InvalidParameterValue", "Invalid value '%s' for unixDevice. Attachment point is already in use", "deviceName",
				"instanceId"),
		},
	},
}

func pairs(hex string) (out []string) {
	for i := 0; i+1 < len(hex); i += 2 {
		out = append(out, hex[i:i+2])
	}
	return out
}

// defaultGroup is the default security group of a subnet's VPC.
func (c *Call) defaultGroup(subnetID string) string {
	if subnet := c.find(typeSubnet, subnetID); subnet != nil {
		if vpc := c.find(typeVPC, subnet.Text("vpcId")); vpc != nil {
			return vpc.Text("defaultSecurityGroupId")
		}
	}
	return ""
}

// serverPlaced: an instance needs a subnet, since there is no default VPC to start it in (EC2 API, "Error codes").
func serverPlaced(_ *Call, o *Object) error {
	if o.Text("subnetId") == "" && len(o.Objects("networkInterfaces")) == 0 {
		return fault("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC: "+
			"set subnetId")
	}
	return nil
}

var imagePattern = regexp.MustCompile(`^(ami-[0-9a-f]{1,17}|resolve:ssm:.+)$`)

// serverImage: the instance or its launch template gives an image and a type, and the image id has the right form
// (EC2 API, RunInstances).
func serverImage(_ *Call, o *Object) error {
	image := o.Text("ami")
	switch {
	case o.Outputs["launchTemplate"] != nil:
		return nil
	case image == "" || o.Text("instanceType") == "":
		return fault("MissingParameter", "The request must contain the parameters ImageId and InstanceType: set ami and instanceType, or "+
			"launchTemplate")
	case !imagePattern.MatchString(image):
		return fault("InvalidAMIID.Malformed", "Invalid id: %q (expecting \"ami-...\")", image)
	}
	return nil
}

// serverType: the instance type exists (EC2 API, "Error codes").
func serverType(_ *Call, o *Object) error {
	name := o.Text("instanceType")
	if family, _, dotted := strings.Cut(name, "."); name != "" && (!dotted || !sizeKnown(family, name)) {
		return fault("InvalidInstanceType", "Invalid value '%s' for InstanceType.", name)
	}
	return nil
}

// userDataLimit is the maximum size of user data before it is encoded (EC2 user guide, "Run commands when you launch
// an EC2 instance with user data input").
const userDataLimit = 16384

// serverUserData: user data is at most 16 KiB (EC2 user guide, "Run commands when you launch an EC2 instance with
// user data input").
func serverUserData(_ *Call, o *Object) error {
	n := len(o.Text("userData"))
	if raw, err := base64.StdEncoding.DecodeString(o.Text("userDataBase64")); err == nil && len(raw) > 0 {
		n = len(raw)
	}
	if n > userDataLimit {
		return fault("InvalidParameterValue", "User data is limited to %d bytes: this has %d", userDataLimit, n)
	}
	return nil
}

// serverRoom: the subnet has a free address for the instance (EC2 API, "Error codes").
func serverRoom(c *Call, o *Object) error {
	subnet := c.find(typeSubnet, o.Text("subnetId"))
	held, _ := o.Hidden[addressKey].(value.Map)
	if subnet != nil && held[subnet.ID] == nil && c.freeAddresses(subnet) < 1 {
		return fault("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '%s' to satisfy the requested "+
			"number of instances.", called(subnet))
	}
	return nil
}

// keyMaterial: a key is in OpenSSH format (EC2 API, ImportKeyPair).
func keyMaterial(_ *Call, o *Object) error {
	if text := o.Text("publicKey"); !strings.HasPrefix(text, "ssh-") && !strings.HasPrefix(text, "ecdsa-") &&
		!strings.Contains(text, "BEGIN") {
		return fault("InvalidKey.Format", "Key is not in valid OpenSSH public key format")
	}
	return nil
}

// volumeSized: a volume has a size or comes from a snapshot (EC2 API, CreateVolume).
func volumeSized(_ *Call, o *Object) error {
	if o.Number("size") == 0 && o.Text("snapshotId") == "" {
		return fault("MissingParameter", "The request must contain the parameter size or snapshotId")
	}
	return nil
}

// volumeZone: a volume is attached only within its zone (EC2 API, "Error codes").
func volumeZone(c *Call, o *Object) error {
	volume, server := c.find(typeVolume, o.Text("volumeId")), c.find(typeServer, o.Text("instanceId"))
	if a, b := volume.Text("availabilityZone"), server.Text("availabilityZone"); a != b {
		return fault("InvalidVolume.ZoneMismatch", "The volume '%s' is not in the same availability zone as instance '%s': %s and %s",
			volume.ID, server.ID, a, b)
	}
	return nil
}

func fillServer(c *Call, o, old *Object) {
	subnet := c.find(typeSubnet, o.Text("subnetId"))
	if subnet == nil {
		return
	}
	ip := c.address(o, subnet.ID)
	dashed := strings.ReplaceAll(ip, ".", "-")
	setDefaults(o, value.Map{"availabilityZone": subnet.Text("availabilityZone"), "privateIp": ip, "instanceState": "running",
		"privateDns": "ip-" + dashed + "." + o.Region + ".compute.internal", "primaryNetworkInterfaceId": "eni-0" + c.hexFor(o.ID, 16),
		"tenancy": "default", "vpcSecurityGroupIds": []any{c.defaultGroup(subnet.ID)}, "securityGroups": []any{},
		"associatePublicIpAddress": subnet.Flag("mapPublicIpOnLaunch"), "instanceInitiatedShutdownBehavior": "stop"})
	if old == nil && o.Flag("associatePublicIpAddress") {
		n := c.hex(8, "public")
		var a, b uint8
		a, b = n[0], n[1]
		public := "198.19." + strconv.Itoa(int(a)) + "." + strconv.Itoa(int(b))
		setDefaults(o, value.Map{"publicIp": public,
			"publicDns": "ec2-" + strings.ReplaceAll(public, ".", "-") + "." + o.Region + ".compute.amazonaws.com"})
	}
}
