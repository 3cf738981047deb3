package world

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeLoadBalancer = "aws:lb/loadBalancer:LoadBalancer"
	typeTargetGroup  = "aws:lb/targetGroup:TargetGroup"
	typeListener     = "aws:lb/listener:Listener"
	typeListenerRule = "aws:lb/listenerRule:ListenerRule"
	typeListenerCert = "aws:lb/listenerCertificate:ListenerCertificate"
	typeTrustStore   = "aws:lb/trustStore:TrustStore"
)

const elbARN = "arn:{partition}:elasticloadbalancing:{region}:{account}:"

var balancerKinds = map[string]*kind{
	typeLoadBalancer: {
		id: func(c *Call, o *Object) string {
			return c.expand(elbARN+"loadbalancer/", o) + balancerFamily(o) + "/" + o.Text("name") + "/" + c.hex(16)
		},
		arn: "{id}", taken: "DuplicateLoadBalancerName",
		check: []rule{groupsExist("securityGroups"), balancerSubnets, balancerLogs("accessLogs"), balancerLogs("connectionLogs")},
		create: []rule{nameFromPrefix, balancerName, balancerGateway, balancerAddresses,
			unique("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", "name")},
		fill:   fillBalancer,
		remove: []rule{protected("enableDeletionProtection", "OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled")},
		removed: func(c *Call, o *Object) {
			var gone []*Object
			c.each(typeListener, func(l *Object) bool {
				if l.Text("loadBalancerArn") == o.ID {
					gone = append(gone, l)
				}
				return true
			})
			for _, l := range gone {
				c.Drop(l)
			}
		},
	},
	typeTargetGroup: {
		id: func(c *Call, o *Object) string {
			return c.expand(elbARN+"targetgroup/{name}/", o) + c.hex(16)
		},
		arn:   "{id}",
		check: []rule{inVPC},
		create: []rule{nameFromPrefix, balancerName, targetGroupShape,
			unique("DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", "name")},
		fill: fillTargetGroup,
		remove: []rule{unused("ResourceInUse", "Target group '%s' is currently in use by a listener or a rule",
			use{typeListener, "defaultActions.targetGroupArn"}, use{typeListener, "defaultActions.forward.targetGroups.arn"},
			use{typeListenerRule, "actions.targetGroupArn"}, use{typeListenerRule, "actions.forward.targetGroups.arn"})},
	},
	typeListener: {
		id: func(c *Call, o *Object) string {
			return strings.Replace(o.Text("loadBalancerArn"), ":loadbalancer/", ":listener/", 1) + "/" + c.hex(16)
		},
		arn: "{id}",
		check: []rule{
			refers("loadBalancerArn", "LoadBalancerNotFound", "Load balancer '%s' not found", typeLoadBalancer),
			listenerTLS, targetsExist("defaultActions"), oneBalancerPerTarget("defaultActions"),
			unique("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", "loadBalancerArn", "port"),
		},
		fill: fillListener,
	},
	typeListenerRule: {
		id: func(c *Call, o *Object) string {
			return strings.Replace(o.Text("listenerArn"), ":listener/", ":listener-rule/", 1) + "/" + c.hex(16)
		},
		arn: "{id}",
		check: []rule{inListener, targetsExist("actions"), rulePriority,
			unique("PriorityInUse", "Priority is currently in use on listener '%s'", "listenerArn", "priority")},
	},
	typeListenerCert: {
		id:     byTemplate("{listenerArn}_{certificateArn}"),
		create: []rule{inListener, certificateIssued("certificateArn")},
	},
	typeTrustStore: {
		id: func(c *Call, o *Object) string {
			return c.expand(elbARN+"truststore/{name}/", o) + c.hex(16)
		},
		arn:   "{id}",
		check: []rule{bucketExists("caCertificatesBundleS3Bucket", "CaCertificatesBundleNotFound")},
		fill: func(_ *Call, o, _ *Object) {
			o.Outputs["arnSuffix"] = o.ID[strings.Index(o.ID, "truststore/"):]
		},
		remove: []rule{unused("TrustStoreInUse", "Trust store '%s' is currently in use", use{typeListener, "mutualAuthentication.trustStoreArn"})},
	},
}

var inListener = refers("listenerArn", "ListenerNotFound", "One or more listeners not found: '%s'", typeListener)

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

// balancerName: 32 letters, digits and inner hyphens, not "internal-..." (ELB API, CreateLoadBalancer).
func balancerName(_ *Call, o *Object) error {
	name := o.Text("name")
	if len(name) > 32 || !balancerNamePattern.MatchString(name) || strings.HasPrefix(name, "internal-") {
		return fault("ValidationError", "The name '%s' is not valid: up to 32 letters, digits and inner hyphens, and not internal-...", name)
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

// balancerSubnets: an application load balancer has subnets in two zones, one in each, of one VPC.
func balancerSubnets(c *Call, o *Object) error {
	zones := map[string]string{}
	vpc := ""
	for _, id := range c.balancerSubnetIDs(o) {
		subnet := c.find(typeSubnet, id)
		if subnet == nil {
			return fault("SubnetNotFound", "The subnet ID '%s' does not exist", id)
		}
		zone := subnet.Text("availabilityZone")
		if zones[zone] != "" {
			return fault("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone: %s and %s are in %s", zones[zone], id, zone)
		}
		if vpc != "" && vpc != subnet.Text("vpcId") {
			return fault("InvalidConfigurationRequest", "The subnets are of different VPCs: %s and %s", vpc, subnet.Text("vpcId"))
		}
		zones[zone], vpc = id, subnet.Text("vpcId")
	}
	if balancerFamily(o) == "app" && len(zones) < 2 {
		return fault("ValidationError", "At least two subnets in two different Availability Zones must be specified")
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

func balancerGateway(c *Call, o *Object) error {
	vpc := c.balancerVPC(o)
	if !o.Flag("internal") && vpc != "" && c.where(typeInternetGateway, "vpcId", vpc) == nil {
		return fault("InvalidSubnet", "VPC %s has no internet gateway", vpc)
	}
	return nil
}

// balancerAddresses: eight free addresses in every subnet (ELB user guide, "Subnets for your load balancer").
func balancerAddresses(c *Call, o *Object) error {
	for _, id := range c.balancerSubnetIDs(o) {
		if free := c.freeAddresses(c.find(typeSubnet, id)); free < 8 {
			return fault("InvalidSubnet", "Not enough IP space available in %s. ELB requires at least 8 free IP addresses in each subnet; it has %d", id, free)
		}
	}
	return nil
}

// balancerLogs: the bucket exists and its policy lets the delivery service write.
func balancerLogs(property string) rule {
	return func(c *Call, o *Object) error {
		for _, logs := range o.Objects(property) {
			if enabled, _ := logs["enabled"].(bool); !enabled {
				continue
			}
			bucket, _ := logs["bucket"].(string)
			if c.find(typeBucket, bucket) == nil {
				return fault("InvalidConfigurationRequest", "The requested bucket does not exist: %s", bucket)
			}
			policy := c.find(typeBucketPolicy, bucket)
			if policy == nil || !logDeliveryAllowed(policy.Text("policy"), elbAccounts[o.Region]) {
				return fault("InvalidConfigurationRequest", "Access Denied for bucket: %s. Please check S3bucket permission", bucket)
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
		id, _ := m["subnetId"].(string)
		given[id] = m
	}
	for _, id := range subnets {
		m := value.Map{"subnetId": id, "allocationId": "", "ipv6Address": "", "outpostId": "", "privateIpv4Address": ""}
		for k, v := range given[id] {
			m[k] = v
		}
		mappings = append(mappings, m)
		c.address(o, id)
	}
	o.Outputs["subnets"], o.Outputs["subnetMappings"] = list(subnets), mappings
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

var targetProtocols = map[string]bool{"HTTP": true, "HTTPS": true, "TCP": true, "TLS": true, "UDP": true, "TCP_UDP": true, "GENEVE": true}

func targetGroupShape(_ *Call, o *Object) error {
	if o.Text("targetType") == "lambda" {
		return nil
	}
	if !targetProtocols[o.Text("protocol")] {
		return fault("ValidationError", "A protocol must be specified")
	}
	if o.Number("port") == 0 {
		return fault("ValidationError", "A port must be specified")
	}
	if o.Text("vpcId") == "" {
		return fault("ValidationError", "A VPC ID must be specified")
	}
	return nil
}

func fillTargetGroup(_ *Call, o, _ *Object) {
	o.Outputs["arnSuffix"] = o.ID[strings.LastIndex(o.ID, "targetgroup/"):]
	http := strings.HasPrefix(o.Text("protocol"), "HTTP")
	setDefaults(o, value.Map{"loadBalancerArns": []any{}, "ipAddressType": "ipv4", "loadBalancingCrossZoneEnabled": "use_load_balancer_configuration"})
	health, _ := o.Outputs["healthCheck"].(value.Map)
	if health == nil {
		health = value.Map{}
	}
	defaults := value.Map{"enabled": true, "healthyThreshold": 3.0, "interval": 30.0, "port": "traffic-port", "unhealthyThreshold": 3.0, "protocol": "TCP", "timeout": 10.0, "path": "", "matcher": ""}
	if http {
		setDefaults(o, value.Map{"loadBalancingAlgorithmType": "round_robin", "loadBalancingAnomalyMitigation": "off", "protocolVersion": "HTTP1"})
		setDefault(o, "stickiness", value.Map{"enabled": false, "type": "lb_cookie", "cookieDuration": 86400.0, "cookieName": ""})
		defaults["protocol"], defaults["timeout"], defaults["path"], defaults["matcher"] = "HTTP", 5.0, "/", "200"
	} else {
		setDefaults(o, value.Map{"preserveClientIp": "true", "connectionTermination": false, "loadBalancingAlgorithmType": "", "loadBalancingAnomalyMitigation": "", "protocolVersion": ""})
	}
	if p, _ := health["protocol"].(string); strings.HasPrefix(p, "HTTP") {
		defaults["path"], defaults["matcher"] = "/", "200"
	}
	for k, v := range defaults {
		if health[k] == nil {
			health[k] = v
		}
	}
	o.Outputs["healthCheck"] = health
	setDefault(o, "targetFailovers", []any{value.Map{"onDeregistration": "", "onUnhealthy": ""}})
	setDefault(o, "targetHealthStates", []any{value.Map{"enableUnhealthyConnectionTermination": false}})
	setDefault(o, "targetGroupHealth", value.Map{
		"dnsFailover":           value.Map{"minimumHealthyTargetsCount": "1", "minimumHealthyTargetsPercentage": "off"},
		"unhealthyStateRouting": value.Map{"minimumHealthyTargetsCount": 1.0, "minimumHealthyTargetsPercentage": "off"}})
}

func listenerTLS(c *Call, o *Object) error {
	protocol := o.Text("protocol")
	secure := protocol == "HTTPS" || protocol == "TLS"
	certificate := o.Text("certificateArn")
	switch {
	case secure && certificate == "":
		return fault("ValidationError", "A certificate must be specified for %s listeners", protocol)
	case !secure && certificate != "":
		return fault("ValidationError", "A certificate cannot be specified for %s listeners", protocol)
	case !secure:
		return nil
	}
	if policy := o.Text("sslPolicy"); policy != "" && !strings.HasPrefix(policy, "ELBSecurityPolicy-") {
		return fault("SSLPolicyNotFound", "SSL policy '%s' not found", policy)
	}
	return certificateIssued("certificateArn")(c, o)
}

func certificateIssued(property string) rule {
	return func(c *Call, o *Object) error {
		arn := o.Text(property)
		certificate := c.find(typeCertificate, arn)
		if certificate == nil {
			return fault("CertificateNotFound", "Certificate '%s' not found", arn)
		}
		if certificate.Text("status") != "ISSUED" {
			return fault("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size: it is %s, not ISSUED",
				arn, certificate.Text("status"))
		}
		return nil
	}
}

func actionTargets(o *Object, property string) []string {
	return append(at(o.Outputs, property+".targetGroupArn"), at(o.Outputs, property+".forward.targetGroups.arn")...)
}

func targetsExist(property string) rule {
	return func(c *Call, o *Object) error {
		for _, arn := range actionTargets(o, property) {
			if c.find(typeTargetGroup, arn) == nil {
				return fault("TargetGroupNotFound", "Target groups '%s' not found", arn)
			}
		}
		return nil
	}
}

// oneBalancerPerTarget: a target group serves one load balancer (ELB user guide, "Target groups").
func oneBalancerPerTarget(property string) rule {
	return func(c *Call, o *Object) error {
		var err error
		wanted := map[string]bool{}
		for _, arn := range actionTargets(o, property) {
			wanted[arn] = true
		}
		c.each(typeListener, func(other *Object) bool {
			if other.Text("loadBalancerArn") == o.Text("loadBalancerArn") {
				return true
			}
			for _, arn := range actionTargets(other, "defaultActions") {
				if wanted[arn] {
					err = fault("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", arn)
				}
			}
			return err == nil
		})
		return err
	}
}

func fillListener(_ *Call, o, _ *Object) {
	family := "HTTP"
	if strings.Contains(o.Text("loadBalancerArn"), "/net/") {
		family = "TCP"
	}
	setDefault(o, "protocol", family)
	if p := o.Text("protocol"); p == "HTTPS" || p == "TLS" {
		setDefault(o, "sslPolicy", "ELBSecurityPolicy-2016-08")
		setDefault(o, "mutualAuthentication", value.Map{"mode": "off", "ignoreClientCertificateExpiry": false})
	}
	setDefault(o, "sslPolicy", "")
	actions := o.Objects("defaultActions")
	for i, a := range actions {
		if a["order"] == nil {
			a["order"] = float64(i + 1)
		}
	}
}

// rulePriority gives a rule without a priority the next free one.
func rulePriority(c *Call, o *Object) error {
	for i, a := range o.Objects("actions") {
		if a["order"] == nil {
			a["order"] = float64(i + 1)
		}
	}
	if o.Number("priority") != 0 {
		return nil
	}
	highest := 0.0
	c.each(typeListenerRule, func(other *Object) bool {
		if other.Text("listenerArn") == o.Text("listenerArn") {
			highest = max(highest, other.Number("priority"))
		}
		return true
	})
	o.Outputs["priority"] = highest + 1
	return nil
}
