package world

import (
	"fmt"
	"maps"
	"regexp"
	"sort"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const typeLoadBalancer = "aws:lb/loadBalancer:LoadBalancer"

const elbARN = "arn:{partition}:elasticloadbalancing:{region}:{account}:"

var balancerKinds = map[string]*kind{
	typeLoadBalancer: {
		id: func(c *Call, o *Object) string {
			return c.expand(elbARN+"loadbalancer/", o) + balancerFamily(o) + "/" + o.Text("name") + "/" + c.hex(16)
		},
		arn:     "{id}",
		taken:   "DuplicateLoadBalancerName",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			balancerName,
			balancerSubnetsExist,
			balancerZoneOnce,
			balancerTwoZones,
			balancerOneVPC,
			groupsExist("securityGroups", "InvalidSecurityGroup"),
			groupsNear("securityGroups", "InvalidConfigurationRequest"),
			refers("subnetMappings.allocationId", "AllocationIdNotFound", "The allocation ID '%s' does not exist", typeEIP),
			elasticFree,
			elasticOutside,
			balancerAddresses,
			logBucket("accessLogs"),
			logBucketRegion("accessLogs"),
			logBucketPolicy("accessLogs"),
			logBucket("connectionLogs"),
			logBucketRegion("connectionLogs"),
			logBucketPolicy("connectionLogs"),
		},
		create: []rule{
			balancerGateway,
			unique("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", "name"),
		},
		fill: fillBalancer,
		remove: []rule{
			protected("enableDeletionProtection", "OperationNotPermitted",
				"Load balancer '%s' cannot be deleted because deletion protection is enabled"),
		},
		removed: func(c *Call, o *Object) {
			c.dropWhere(typeListener, func(l *Object) bool {
				if l.Text("loadBalancerArn") != o.ID {
					return false
				}
				removeListenerParts(c, l)
				return true
			})
			c.dropUsers(o, use{typeACLAttachment, "resourceArn"})
		},
	},
}

func balancerFamily(o *Object) string {
	switch o.Text("loadBalancerType") {
	case "network":
		return "net"
	case "gateway":
		return "gwy"
	}
	return "app"
}

var balancerNamePattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

// balancerName: a name has up to 32 letters, digits and inner hyphens, and does not begin with internal- (ELB API,
// CreateLoadBalancer).
func balancerName(_ *Call, o *Object) error {
	name := o.Text("name")
	if len(name) > 32 || !balancerNamePattern.MatchString(name) || strings.HasPrefix(name, "internal-") {
		return fault("ValidationError", "The name '%s' is not valid: up to 32 letters, digits and inner hyphens, and not internal-...",
			name)
	}
	return nil
}

func (c *Call) balancerSubnetIDs(o *Object) []string {
	ids := o.Texts("subnets")
	if len(ids) == 0 {
		ids = at(o.Outputs, "subnetMappings.subnetId")
	}
	sort.Strings(ids)
	return ids
}

// balancerSubnetsExist: a load balancer's subnets exist (ELB API, CreateLoadBalancer).
func balancerSubnetsExist(c *Call, o *Object) error {
	for _, id := range c.balancerSubnetIDs(o) {
		if subnet := c.find(typeSubnet, id); subnet == nil || c.unseen(subnet) {
			return fault("SubnetNotFound", "The subnet ID '%s' does not exist%s", id, c.instead(id, typeSubnet))
		}
	}
	return nil
}

// balancerZoneOnce: a load balancer has one subnet per zone (ELB API, CreateLoadBalancer).
func balancerZoneOnce(c *Call, o *Object) error {
	zones := map[string]string{}
	for _, id := range c.balancerSubnetIDs(o) {
		zone := c.find(typeSubnet, id).Text("availabilityZone")
		if zones[zone] != "" {
			return fault("InvalidConfigurationRequest",
				"A load balancer cannot be attached to multiple subnets in the same Availability Zone: %s and %s are in %s", zones[zone],
				id, zone)
		}
		zones[zone] = id
	}
	return nil
}

// balancerTwoZones: an application load balancer has subnets in at least two zones (ELB user guide, "Subnets for your
// load balancer").
func balancerTwoZones(c *Call, o *Object) error {
	if n := len(c.balancerSubnetIDs(o)); balancerFamily(o) == "app" && n < 2 {
		return fault("ValidationError", "At least two subnets in two different Availability Zones must be specified; this has %d", n)
	}
	return nil
}

// balancerOneVPC: a load balancer's subnets are in one VPC (ELB API, CreateLoadBalancer).
func balancerOneVPC(c *Call, o *Object) error {
	vpc := c.balancerVPC(o)
	for _, id := range c.balancerSubnetIDs(o) {
		if other := c.find(typeSubnet, id).Text("vpcId"); other != vpc {
			return fault("InvalidConfigurationRequest", "The subnets are of different VPCs: %s and %s", vpc, other)
		}
	}
	return nil
}

func (c *Call) balancerVPC(o *Object) string {
	for _, id := range c.balancerSubnetIDs(o) {
		if subnet := c.find(typeSubnet, id); subnet != nil {
			return subnet.Text("vpcId")
		}
	}
	return ""
}

// balancerGateway: an internet-facing load balancer is in a VPC with an internet gateway (ELB user guide,
// "Troubleshoot your Application Load Balancers").
func balancerGateway(c *Call, o *Object) error {
	vpc := c.balancerVPC(o)
	if !o.Flag("internal") && vpc != "" && c.where(typeInternetGateway, "vpcId", vpc) == nil {
		return fault("InvalidSubnet", "VPC %s has no internet gateway: make one first, or set internal", vpc)
	}
	return nil
}

// balancerAddresses: every subnet of a load balancer has eight free addresses (ELB user guide, "Subnets for your load
// balancer"). The /27 on that page is advice: ELB accepts a smaller subnet that has eight.
func balancerAddresses(c *Call, o *Object) error {
	held, _ := o.Hidden[addressKey].(value.Map)
	for _, id := range c.balancerSubnetIDs(o) {
		if free := c.freeAddresses(c.find(typeSubnet, id)); held[id] == nil && free < 8 {
			return fault("InvalidSubnet",
				"Not enough IP space available in %s. ELB requires at least 8 free IP addresses in each subnet; it has %d",
				called(c.find(typeSubnet, id)), max(free, 0))
		}
	}
	return nil
}

// elasticFree: an Elastic IP belongs to one subnet mapping, and to nothing else (ELB API, CreateLoadBalancer).
func elasticFree(c *Call, o *Object) error {
	seen := map[string]bool{}
	for _, id := range at(o.Outputs, "subnetMappings.allocationId") {
		user := c.elasticUser(id, o)
		switch {
		case user != nil:
			return fault("ResourceInUse", "The allocation IDs are not available for use: %s is of %s", id, called(user))
		case seen[id]:
			return fault("ResourceInUse", "The allocation IDs are not available for use: %s stands twice", id)
		}
		seen[id] = true
	}
	return nil
}

// elasticOutside: an internal load balancer has no Elastic IPs (ELB API, CreateLoadBalancer).
func elasticOutside(_ *Call, o *Object) error {
	if ids := at(o.Outputs, "subnetMappings.allocationId"); o.Flag("internal") && len(ids) > 0 {
		return fault("InvalidConfigurationRequest",
			"Elastic IP addresses are for internet-facing load balancers: leave allocationId (%s) out, or internal", ids[0])
	}
	return nil
}

// logBuckets are the buckets that a load balancer writes its logs to.
func logBuckets(o *Object, property string) (names []string) {
	for _, logs := range o.Objects(property) {
		if enabled, _ := logs["enabled"].(bool); enabled {
			names = append(names, textIn(logs, "bucket"))
		}
	}
	return names
}

// logBucket: the bucket for logs exists (ELB user guide, "Enable access logs").
func logBucket(property string) rule {
	return func(c *Call, o *Object) error {
		for _, name := range logBuckets(o, property) {
			if c.find(typeBucket, name) == nil {
				return fault("InvalidConfigurationRequest", "The requested bucket does not exist: %s", name)
			}
		}
		return nil
	}
}

// logBucketRegion: the bucket for logs is in the load balancer's region (ELB user guide, "Enable access logs").
func logBucketRegion(property string) rule {
	return func(c *Call, o *Object) error {
		for _, name := range logBuckets(o, property) {
			if bucket := c.find(typeBucket, name); bucket.Region != o.Region {
				return fault("InvalidConfigurationRequest", "The requested bucket %s is in %s: it must be in %s, as the load balancer",
					name, bucket.Region, o.Region)
			}
		}
		return nil
	}
}

// logBucketPolicy: the policy of the bucket for logs lets the delivery service write (ELB user guide, "Enable access logs").
func logBucketPolicy(property string) rule {
	return func(c *Call, o *Object) error {
		for _, name := range logBuckets(o, property) {
			policy := c.find(typeBucketPolicy, name)
			if policy == nil || !logDeliveryAllowed(policy.Text("policy"), elbAccounts[o.Region]) {
				return fault("InvalidConfigurationRequest",
					"Access Denied for bucket: %s. Please check S3bucket permission: its policy must let "+
						"logdelivery.elasticloadbalancing.amazonaws.com put objects", name)
			}
		}
		return nil
	}
}

func fillBalancer(c *Call, o, old *Object) {
	internal := o.Flag("internal")
	setDefaults(o, value.Map{"internal": internal, "ipAddressType": "ipv4", "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic": ""})
	vpc := c.balancerVPC(o)
	o.Outputs["vpcId"] = vpc
	o.Outputs["arnSuffix"] = o.ID[strings.Index(o.ID, ":loadbalancer/")+len(":loadbalancer/"):]
	o.Outputs["zoneId"] = balancerZoneID(o)
	if old == nil {
		o.Outputs["dnsName"] = balancerDNS(c, o)
	}
	if balancerFamily(o) == "app" && len(o.Texts("securityGroups")) == 0 {
		if v := c.find(typeVPC, vpc); v != nil {
			o.Outputs["securityGroups"] = []any{v.Text("defaultSecurityGroupId")}
		}
	}
	setDefault(o, "securityGroups", []any{})
	subnets := c.balancerSubnetIDs(o)
	var mappings []any
	given := map[string]value.Map{}
	for _, m := range o.Objects("subnetMappings") {
		given[textIn(m, "subnetId")] = m
	}
	for _, id := range subnets {
		m := value.Map{"subnetId": id, "allocationId": "", "ipv6Address": "", "outpostId": "", "privateIpv4Address": ""}
		maps.Copy(m, given[id])
		mappings = append(mappings, m)
		c.address(o, id)
	}
	o.Outputs["subnets"], o.Outputs["subnetMappings"] = list(subnets), mappings
	fillPublic(c, o)
}

func balancerDNS(c *Call, o *Object) string {
	var n uint32
	_, _ = fmt.Sscanf(c.hex(8, "dns"), "%x", &n)
	name := o.Text("name")
	if balancerFamily(o) == "net" {
		return fmt.Sprintf("%s-%s.elb.%s.amazonaws.com", name, c.hex(16), o.Region)
	}
	if o.Flag("internal") {
		name = "internal-" + name
	}
	return fmt.Sprintf("%s-%d.%s.elb.amazonaws.com", name, n%2_000_000_000, o.Region)
}
