package world

import (
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeListener     = "aws:lb/listener:Listener"
	typeListenerRule = "aws:lb/listenerRule:ListenerRule"
	typeListenerCert = "aws:lb/listenerCertificate:ListenerCertificate"
	typeTrustStore   = "aws:lb/trustStore:TrustStore"
)

var listenerKinds = map[string]*kind{
	typeListener: {
		id: func(c *Call, o *Object) string {
			return strings.Replace(o.Text("loadBalancerArn"), ":loadbalancer/", ":listener/", 1) + "/" + c.hex(16)
		},
		arn: "{id}",
		check: []rule{
			refers("loadBalancerArn", "LoadBalancerNotFound", "Load balancer '%s' not found", typeLoadBalancer),
			listenerProtocol,
			listenerHasCertificate,
			listenerNeedsNone,
			listenerPolicy,
			certificateExists("certificateArn"),
			certificateIssued("certificateArn"),
			refers("mutualAuthentication.trustStoreArn", "TrustStoreNotFound", "Trust store '%s' not found", typeTrustStore),
			targetsExist("defaultActions"),
			targetsNear("defaultActions"),
			targetsOfFamily("defaultActions"),
			targetsOfProtocol,
			oneBalancerPerTarget("defaultActions"),
			unique("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", "loadBalancerArn", "port"),
		},
		fill:    fillListener,
		removed: removeListenerParts,
	},
	typeListenerRule: {
		id: func(c *Call, o *Object) string {
			return strings.Replace(o.Text("listenerArn"), ":listener/", ":listener-rule/", 1) + "/" + c.hex(16)
		},
		arn:     "{id}",
		prepare: []func(*Call, *Object){rulePriority},
		check: []rule{
			inListener,
			targetsExist("actions"),
			targetsNear("actions"),
			targetsOfFamily("actions"),
			oneBalancerPerTarget("actions"),
			redirectPort("actions"),
			unique("PriorityInUse", "Priority is currently in use on listener '%s'", "listenerArn", "priority"),
		},
	},
	typeListenerCert: {
		id: byTemplate("{listenerArn}_{certificateArn}"),
		create: []rule{
			inListener,
			certificateExists("certificateArn"),
			certificateIssued("certificateArn"),
		},
	},
	typeTrustStore: {
		id: func(c *Call, o *Object) string {
			return c.expand(elbARN+"truststore/{name}/", o) + c.hex(16)
		},
		arn:    "{id}",
		check:  []rule{trustStoreBundle},
		create: []rule{unique("DuplicateTrustStoreName", "A trust store with the same name '%s' exists", "name")},
		fill: func(_ *Call, o, _ *Object) {
			o.Outputs["arnSuffix"] = o.ID[strings.Index(o.ID, "truststore/"):]
		},
		remove: []rule{
			unused("TrustStoreInUse", "Trust store '%s' is currently in use",
				use{typeListener, "mutualAuthentication.trustStoreArn"}),
		},
	},
}

var inListener = refers("listenerArn", "ListenerNotFound", "One or more listeners not found: '%s'", typeListener)

func removeListenerParts(c *Call, listener *Object) {
	c.dropUsers(listener, use{typeListenerRule, "listenerArn"}, use{typeListenerCert, "listenerArn"})
}

// trustStoreBundle: the CA bundle is already in its bucket (ELB API, CreateTrustStore).
func trustStoreBundle(c *Call, o *Object) error {
	bucket, key := o.Text("caCertificatesBundleS3Bucket"), o.Text("caCertificatesBundleS3Key")
	if c.find(typeObject, bucket+"/"+key) == nil {
		return fault("CaCertificatesBundleNotFound", "The bundle s3://%s/%s does not exist", bucket, key)
	}
	return nil
}

// listenerProtocol: an application load balancer speaks HTTP and HTTPS, a network load balancer neither (ELB API, CreateListener).
func listenerProtocol(_ *Call, o *Object) error {
	protocol := o.Text("protocol")
	web := protocol == "HTTP" || protocol == "HTTPS"
	if protocol != "" && strings.Contains(o.Text("loadBalancerArn"), "/app/") != web {
		return fault("ValidationError", "Protocol '%s' is not one of this load balancer's: HTTP and HTTPS are for application, TCP, "+
			"TLS, UDP and TCP_UDP for network load balancers", protocol)
	}
	return nil
}

func secure(o *Object) bool { return o.Text("protocol") == "HTTPS" || o.Text("protocol") == "TLS" }

// listenerHasCertificate: HTTPS and TLS need a certificate (ELB API, CreateListener).
func listenerHasCertificate(_ *Call, o *Object) error {
	if secure(o) && o.Text("certificateArn") == "" {
		return fault("ValidationError", "A certificate must be specified for %s listeners", o.Text("protocol"))
	}
	return nil
}

// listenerNeedsNone: other protocols take no certificate (ELB API, CreateListener).
func listenerNeedsNone(_ *Call, o *Object) error {
	if !secure(o) && o.Text("certificateArn") != "" {
		return fault("ValidationError", "A certificate cannot be specified for %s listeners", o.Text("protocol"))
	}
	return nil
}

// listenerPolicy: a TLS policy is one of ELB's own (ELB API, CreateListener).
func listenerPolicy(_ *Call, o *Object) error {
	if policy := o.Text("sslPolicy"); policy != "" && !strings.HasPrefix(policy, "ELBSecurityPolicy-") {
		return fault("SSLPolicyNotFound", "SSL policy '%s' not found: names begin with ELBSecurityPolicy-", policy)
	}
	return nil
}

func certificateExists(property string) rule {
	return refers(property, "CertificateNotFound", "Certificate '%s' not found", typeCertificate)
}

// certificateIssued: a listener takes any issued certificate of its region. It does not check the names: browsers do
// (ELB user guide, "SSL certificates for your Application Load Balancer").
func certificateIssued(property string) rule {
	return func(c *Call, o *Object) error {
		certificate := c.any(o.Text(property), typeCertificate)
		if certificate != nil && certificate.Text("status") != "ISSUED" {
			return fault("UnsupportedCertificate",
				"The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size: it is "+
					"%s, not ISSUED; let this depend on its validation",
				certificate.ID, certificate.Text("status"))
		}
		return nil
	}
}

func actionTargets(o *Object, property string) []string {
	return append(at(o.Outputs, property+".targetGroupArn"), at(o.Outputs, property+".forward.targetGroups.arn")...)
}

// targetsExist: the target groups that actions name exist (ELB API, CreateListener).
func targetsExist(property string) rule {
	return func(c *Call, o *Object) error {
		for _, arn := range actionTargets(o, property) {
			if c.any(arn, typeTargetGroup) == nil {
				return fault("TargetGroupNotFound", "Target groups '%s' not found%s", arn, c.instead(arn, typeTargetGroup))
			}
		}
		return nil
	}
}

// balancerOf is the load balancer of a listener or a listener's rule.
func (c *Call) balancerOf(o *Object) *Object {
	arn := o.Text("loadBalancerArn")
	if listener := c.find(typeListener, o.Text("listenerArn")); listener != nil {
		arn = listener.Text("loadBalancerArn")
	}
	return c.find(typeLoadBalancer, arn)
}

// targetsNear: target groups are in the load balancer's VPC (ELB API, CreateListener).
func targetsNear(property string) rule {
	return func(c *Call, o *Object) error {
		balancer := c.balancerOf(o)
		for _, arn := range actionTargets(o, property) {
			target := c.find(typeTargetGroup, arn)
			if balancer != nil && target.Text("vpcId") != "" && target.Text("vpcId") != balancer.Text("vpcId") {
				return fault("InvalidConfigurationRequest", "The target group %s is of another VPC than %s", called(target),
					called(balancer))
			}
		}
		return nil
	}
}

// redirectPort: a redirect leads to a port that exists, or keeps the request's (ELB API, RedirectActionConfig).
func redirectPort(property string) rule {
	return func(_ *Call, o *Object) error {
		for _, text := range at(o.Outputs, property+".redirect.port") {
			if port, err := strconv.Atoi(text); text != "#{port}" && (err != nil || port < 1 || port > 65535) {
				return fault("InvalidLoadBalancerAction", "The redirect port '%s' is not valid: write 1 to 65535, or #{port}", text)
			}
		}
		return nil
	}
}

// targetsOfFamily: an application load balancer forwards HTTP and HTTPS only (ELB user guide, "Routing configuration").
func targetsOfFamily(property string) rule {
	return func(c *Call, o *Object) error {
		balancer := c.balancerOf(o)
		for _, arn := range actionTargets(o, property) {
			target := c.find(typeTargetGroup, arn)
			protocol := target.Text("protocol")
			if balancer != nil && protocol != "" && (balancerFamily(balancer) == "app") != strings.HasPrefix(protocol, "HTTP") {
				return fault("InvalidLoadBalancerAction", "%s has the protocol %s, which %s does not forward", called(target), protocol,
					called(balancer))
			}
		}
		return nil
	}
}

// forwards are the target group protocols that a network load balancer's listener can forward to, by its own.
var forwards = map[string][]string{"TCP": {"TCP", "TCP_UDP"}, "TLS": {"TCP", "TLS"}, "UDP": {"UDP", "TCP_UDP"}, "TCP_UDP": {"TCP_UDP"}}

// targetsOfProtocol: target groups have a protocol that the listener can forward to (ELB user guide, "Listeners for
// your Network Load Balancers").
func targetsOfProtocol(c *Call, o *Object) error {
	fit := forwards[o.Text("protocol")]
	for _, arn := range actionTargets(o, "defaultActions") {
		if target := c.find(typeTargetGroup, arn); fit != nil && !slices.Contains(fit, target.Text("protocol")) {
			return fault("IncompatibleProtocols", "The protocol %s of %s does not fit a listener of %s: it forwards to %s",
				target.Text("protocol"), called(target), o.Text("protocol"), strings.Join(fit, " and "))
		}
	}
	return nil
}

// oneBalancerPerTarget: a target group serves one load balancer (ELB user guide, "Target groups").
func oneBalancerPerTarget(property string) rule {
	return func(c *Call, o *Object) error {
		balancer := c.balancerOf(o)
		for _, arn := range actionTargets(o, property) {
			for _, u := range targetUses {
				for other := range c.having(u.typ, u.path, arn) {
					if user := c.balancerOf(other); user != nil && balancer != nil && user.ID != balancer.ID {
						return fault("TargetGroupAssociationLimit",
							"The following target groups cannot be associated with more than one load balancer: %s, which %s has", arn,
							called(user))
					}
				}
			}
		}
		return nil
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
	orderActions(o, "defaultActions")
}

func orderActions(o *Object, property string) {
	for i, a := range o.Objects(property) {
		if a["order"] == nil {
			a["order"] = float64(i + 1)
		}
	}
}

// rulePriority gives a rule without a priority the next free one, and actions their order.
func rulePriority(c *Call, o *Object) {
	orderActions(o, "actions")
	if o.Number("priority") != 0 {
		return
	}
	highest := 0.0
	for other := range c.having(typeListenerRule, "listenerArn", o.Text("listenerArn")) {
		highest = max(highest, other.Number("priority"))
	}
	o.Outputs["priority"] = highest + 1
}
