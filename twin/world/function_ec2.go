package world

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	faults "github.com/causeway-iac/causeway/twin/fault"
	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/value"
)

// filtersMatch applies EC2's filters; names has the value that each looks at. An unknown filter is an error: ignoring
// it would answer another question.
func filtersMatch(filters any, names map[string]string, tags value.Map) (bool, error) {
	for _, f := range objectsIn(filters) {
		name, _ := f["name"].(string)
		have, known := names[name]
		if tag, isTag := strings.CutPrefix(name, "tag:"); isTag {
			have, _ = tags[tag].(string)
		} else if !known {
			all := slices.Sorted(maps.Keys(names))
			return false, fmt.Errorf("the twin does not know the filter %q: it has tag:… and %s", name, strings.Join(all, ", "))
		}
		if !slices.ContainsFunc(texts(f["values"]), func(want string) bool { return faults.Like(want, have) }) {
			return false, nil
		}
	}
	return true, nil
}

// getVPC: the twin's account has no default VPC, like one whose default VPC was deleted.
func getVPC(c *Call, q Query) (value.Map, error) {
	var found []*Object
	for o := range c.each(typeVPC) {
		names := map[string]string{"vpc-id": o.ID, "cidr": o.Text("cidrBlock"), "state": "available", "is-default": "false",
			"dhcp-options-id": o.Text("dhcpOptionsId"), "owner-id": o.Text("ownerId")}
		match := tagsMatch(o, q.Args["tags"]) && q.Args["default"] != true
		for argument, have := range map[string]string{"id": o.ID, "cidrBlock": o.Text("cidrBlock"),
			"dhcpOptionsId": o.Text("dhcpOptionsId"), "state": "available"} {
			want, given := q.Args[argument].(string)
			match = match && (!given || want == "" || want == have)
		}
		fits, err := filtersMatch(q.Args["filters"], names, tagsOf(o))
		if err != nil {
			return nil, err
		}
		if match && fits {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d VPCs match %s in %s: a lookup needs exactly one, and the twin has no default VPC", len(found),
			value.Canonical(q.Args), q.Region)
	}
	o := found[0]
	return value.Map{"id": o.ID, "arn": o.Text("arn"), "cidrBlock": o.Text("cidrBlock"), "default": false, "state": "available",
		"ownerId": o.Text("ownerId"), "dhcpOptionsId": o.Text("dhcpOptionsId"),
		"enableDnsHostnames": o.Flag("enableDnsHostnames"), "enableDnsSupport": o.Outputs["enableDnsSupport"] != false,
		"enableNetworkAddressUsageMetrics": o.Flag("enableNetworkAddressUsageMetrics"),
		"instanceTenancy":                  "default", "mainRouteTableId": o.Text("mainRouteTableId"),
		"ipv6AssociationId": o.Text("ipv6AssociationId"),
		"ipv6CidrBlock":     o.Text("ipv6CidrBlock"), "tags": tagsOf(o),
		"cidrBlockAssociations": []any{value.Map{"associationId": "vpc-cidr-assoc-" + strings.TrimPrefix(o.ID, "vpc-"),
			"cidrBlock": o.Text("cidrBlock"), "state": "associated"}}}, nil
}

func getSubnets(c *Call, q Query) (value.Map, error) {
	var ids []string
	for o := range c.each(typeSubnet) {
		names := map[string]string{"vpc-id": o.Text("vpcId"), "availability-zone": o.Text("availabilityZone"),
			"availability-zone-id": o.Text("availabilityZoneId"), "cidr-block": o.Text("cidrBlock"),
			"subnet-id": o.ID, "state": "available", "default-for-az": "false",
			"map-public-ip-on-launch": fmt.Sprint(o.Flag("mapPublicIpOnLaunch")), "owner-id": o.Text("ownerId")}
		fits, err := filtersMatch(q.Args["filters"], names, tagsOf(o))
		if err != nil {
			return nil, err
		}
		if fits && tagsMatch(o, q.Args["tags"]) {
			ids = append(ids, o.ID)
		}
	}
	sort.Strings(ids)
	wanted, _ := q.Args["tags"].(value.Map)
	return value.Map{"id": q.Region, "ids": list(ids), "tags": value.CopyMap(wanted)}, nil
}

// getInstances finds the machines of Auto Scaling groups: the twin has no others. They have no public addresses.
func getInstances(c *Call, q Query) (value.Map, error) {
	states := texts(q.Args["instanceStateNames"])
	if len(states) == 0 {
		states = []string{"running"}
	}
	addresses := map[string]string{}
	for g := range c.each(typeGroup) {
		s := machines(g)
		if s == nil {
			continue
		}
		tags := c.machineTags(g)
		for _, i := range s.Instances {
			subnet := c.find(typeSubnet, i.Subnet)
			vpc := ""
			if subnet != nil {
				vpc = subnet.Text("vpcId")
			}
			names := map[string]string{"instance-id": i.ID, "subnet-id": i.Subnet, "vpc-id": vpc, "availability-zone": i.Zone,
				"instance-state-name": machineState(i)}
			fits, err := filtersMatch(q.Args["filters"], names, tags)
			if err != nil {
				return nil, err
			}
			if fits && slices.Contains(states, machineState(i)) &&
				tagsMatch(&Object{Outputs: value.Map{"tagsAll": tags}}, q.Args["instanceTags"]) {
				addresses[i.ID] = c.machineAddresses(i.Subnet)[i.ID]
			}
		}
	}
	var ips []string
	ids := slices.Sorted(maps.Keys(addresses))
	for _, id := range ids {
		if addresses[id] != "" {
			ips = append(ips, addresses[id])
		}
	}
	return value.Map{"id": q.Region, "ids": list(ids), "privateIps": list(ips), "publicIps": []any{}, "ipv6Addresses": []any{}}, nil
}

// machineState is EC2's name for the state of a group's machine.
func machineState(i fleet.Instance) string {
	if i.State == fleet.InService {
		return "running"
	}
	if strings.HasPrefix(i.State, "Terminat") {
		return "shutting-down"
	}
	return "pending"
}

// machineTags are the tags that a group and its template give to machines (EC2 Auto Scaling user guide, "Tag Auto
// Scaling groups and instances").
func (c *Call) machineTags(g *Object) value.Map {
	tags := value.Map{"aws:autoscaling:groupName": g.ID}
	if template, version := c.usedTemplate(g); template != nil {
		tags["aws:ec2launchtemplate:id"] = template.ID
		for _, spec := range objectsIn(templateContent(template, version)["tagSpecifications"]) {
			more, _ := spec["tags"].(value.Map)
			for k, v := range more {
				if spec["resourceType"] == "instance" {
					tags[k] = v
				}
			}
		}
	}
	for _, tag := range g.Objects("tags") {
		if key, _ := tag["key"].(string); tag["propagateAtLaunch"] == true {
			tags[key] = tag["value"]
		}
	}
	return tags
}

func getLoadBalancer(c *Call, q Query) (value.Map, error) {
	out, err := lookup(typeLoadBalancer, "load balancer", "arn", "name")(c, q)
	if err != nil {
		return nil, err
	}
	delete(out, "namePrefix")
	for name, v := range (value.Map{"clientKeepAlive": 3600.0, "customerOwnedIpv4Pool": "", "desyncMitigationMode": "defensive",
		"dnsRecordClientRoutingPolicy": "", "dropInvalidHeaderFields": false,
		"enableCrossZoneLoadBalancing": true, "enableDeletionProtection": false, "enableHttp2": true,
		"enableTlsVersionAndCipherSuiteHeaders": false, "enableWafFailOpen": false,
		"enableXffClientPort": false, "idleTimeout": 60.0, "loadBalancerType": "application", "preserveHostHeader": false,
		"xffHeaderProcessingMode": "append"}) {
		if out[name] == nil {
			out[name] = v
		}
	}
	for _, logs := range []string{"accessLogs", "connectionLogs"} {
		where := value.Map{"bucket": "", "enabled": false, "prefix": ""}
		for _, m := range objectsIn(out[logs]) {
			maps.Copy(where, m)
		}
		out[logs] = []any{where}
	}
	return out, nil
}

// amazon is the account that owns AWS's own images.
const amazon = "137112412989"

// getAmi finds an image for any question except for the account's own images: the twin boots none, so every name
// exists. The same question always gets the same id.
func getAmi(c *Call, q Query) (value.Map, error) {
	owner := amazon
	for _, o := range texts(q.Args["owners"]) {
		switch o {
		case "self", c.accountID():
			return nil, fmt.Errorf("your query returned no results: the twin's account has no images of its own; ask for one of " +
				"amazon, or name an image")
		case "amazon":
		default:
			owner = o
		}
	}
	name, architecture := "al2023-ami-2023.8.20250818.0-kernel-6.1-x86_64", "x86_64"
	for _, f := range objectsIn(q.Args["filters"]) {
		for _, v := range texts(f["values"]) {
			switch f["name"] {
			case "name":
				name = strings.ReplaceAll(strings.ReplaceAll(v, "*", "20250818"), "?", "0")
			case "architecture":
				architecture = v
			}
		}
	}
	if strings.Contains(name, "arm64") {
		architecture = "arm64"
	}
	id := "ami-0" + c.hexFor("ami "+q.Region+value.Canonical(q.Args), 16)
	return value.Map{"id": id, "imageId": id, "arn": "arn:" + Partition(q.Region) + ":ec2:" + q.Region + "::image/" + id,
		"architecture": architecture, "state": "available",
		"name": name, "description": name, "imageLocation": owner + "/" + name, "rootDeviceName": "/dev/xvda", "rootDeviceType": "ebs",
		"rootSnapshotId":     "snap-" + id[len("ami-"):],
		"virtualizationType": "hvm", "hypervisor": "xen", "ownerId": owner,
		"imageOwnerAlias": map[bool]string{true: "amazon"}[owner == amazon], "public": true, "enaSupport": true,
		"imdsSupport":  "v2.0",
		"creationDate": "2025-08-18T00:00:00.000Z", "deprecationTime": "2027-08-18T00:00:00.000Z", "bootMode": "uefi-preferred",
		"imageType": "machine", "platform": "", "platformDetails": "Linux/UNIX",
		"usageOperation": "RunInstances", "kernelId": "", "ramdiskId": "", "sriovNetSupport": "simple", "tpmSupport": "",
		"tags":                value.Map{},
		"blockDeviceMappings": []any{}, "productCodes": []any{}, "stateReason": value.Map{}}, nil
}
