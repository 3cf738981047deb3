package world

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeTargetGroup      = "aws:lb/targetGroup:TargetGroup"
	typeTargetAttachment = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
)

var targetGroupKinds = map[string]*kind{
	typeTargetGroup: {
		id: func(c *Call, o *Object) string {
			return c.expand(elbARN+"targetgroup/{name}/", o) + c.hex(16)
		},
		arn:     "{id}",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			refers("vpcId", "ValidationError", "The VPC ID '%s' is not found", typeVPC),
			stickinessFits,
		},
		create: []rule{
			balancerName,
			targetGroupProtocol,
			targetGroupPort,
			targetGroupVPC,
			unique("DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", "name"),
		},
		fill: fillTargetGroup,
		remove: []rule{
			unused("ResourceInUse", "Target group '%s' is currently in use by a listener or a rule", targetUses...),
		},
	},
	typeTargetAttachment: {
		id: func(c *Call, o *Object) string { return o.Text("targetGroupArn") + "-" + c.hex(26) },
		create: []rule{
			refers("targetGroupArn", "TargetGroupNotFound", "Target groups '%s' not found", typeTargetGroup),
			targetExists,
		},
	},
}

// targetExists: a target group of instances accepts only running ones (ELB API, RegisterTargets).
func targetExists(c *Call, o *Object) error {
	group := c.find(typeTargetGroup, o.Text("targetGroupArn"))
	if kind := group.Text("targetType"); (kind == "" || kind == "instance") && c.find(typeServer, o.Text("targetId")) == nil {
		return fault("InvalidTarget", "The following targets are not in a running state and cannot be registered: '%s'", o.Text("targetId"))
	}
	return nil
}

// targetUses are where listeners and their rules name target groups.
var targetUses = []use{{typeListener, "defaultActions.targetGroupArn"}, {typeListener, "defaultActions.forward.targetGroups.arn"},
	{typeListenerRule, "actions.targetGroupArn"}, {typeListenerRule, "actions.forward.targetGroups.arn"}}

var targetProtocols = map[string]bool{"HTTP": true, "HTTPS": true, "TCP": true, "TLS": true, "UDP": true, "TCP_UDP": true, "GENEVE": true}

func ofFunction(o *Object) bool { return o.Text("targetType") == "lambda" }

// targetGroupProtocol: a target group needs a protocol, unless it is for Lambda (ELB API, CreateTargetGroup).
func targetGroupProtocol(_ *Call, o *Object) error {
	if !ofFunction(o) && !targetProtocols[o.Text("protocol")] {
		return fault("ValidationError", "A protocol must be specified")
	}
	return nil
}

// targetGroupPort: a target group needs a port, unless it is for Lambda (ELB API, CreateTargetGroup).
func targetGroupPort(_ *Call, o *Object) error {
	if !ofFunction(o) && o.Number("port") == 0 {
		return fault("ValidationError", "A port must be specified")
	}
	return nil
}

// targetGroupVPC: a target group needs a VPC, unless it is for Lambda (ELB API, CreateTargetGroup).
func targetGroupVPC(_ *Call, o *Object) error {
	if !ofFunction(o) && o.Text("vpcId") == "" {
		return fault("ValidationError", "A VPC ID must be specified")
	}
	return nil
}

// stickinessFits: stickiness is by cookie for HTTP, and by address for other protocols (ELB API,
// TargetGroupAttribute).
func stickinessFits(_ *Call, o *Object) error {
	for _, s := range o.Objects("stickiness") {
		kind, _ := s["type"].(string)
		cookie := strings.HasSuffix(kind, "_cookie")
		if on, given := s["enabled"].(bool); kind != "" && (on || !given) && cookie != strings.HasPrefix(o.Text("protocol"), "HTTP") {
			return fault("InvalidConfigurationRequest", "Stickiness type '%s' is not supported for target groups with the %s protocol",
				kind, o.Text("protocol"))
		}
	}
	return nil
}

func fillTargetGroup(_ *Call, o, _ *Object) {
	o.Outputs["arnSuffix"] = o.ID[strings.LastIndex(o.ID, "targetgroup/"):]
	http := strings.HasPrefix(o.Text("protocol"), "HTTP")
	states := value.Map{}
	setDefaults(o, value.Map{"loadBalancerArns": []any{}, "ipAddressType": "ipv4",
		"loadBalancingCrossZoneEnabled": "use_load_balancer_configuration"})
	health, _ := o.Outputs["healthCheck"].(value.Map)
	if health == nil {
		health = value.Map{}
	}
	defaults := value.Map{"enabled": true, "healthyThreshold": 3.0, "interval": 30.0, "port": "traffic-port", "unhealthyThreshold": 3.0,
		"protocol": "TCP", "timeout": 10.0, "path": "", "matcher": ""}
	if http {
		setDefaults(o, value.Map{"loadBalancingAlgorithmType": "round_robin", "loadBalancingAnomalyMitigation": "off",
			"protocolVersion": "HTTP1"})
		setDefault(o, "stickiness", value.Map{"enabled": false, "type": "lb_cookie", "cookieDuration": 86400.0, "cookieName": ""})
		defaults["protocol"], defaults["timeout"], defaults["path"], defaults["matcher"] = "HTTP", 5.0, "/", "200"
	} else {
		states["enableUnhealthyConnectionTermination"] = false
		setDefaults(o, value.Map{"preserveClientIp": "true", "connectionTermination": false, "loadBalancingAlgorithmType": "",
			"loadBalancingAnomalyMitigation": "", "protocolVersion": ""})
	}
	if p, _ := health["protocol"].(string); strings.HasPrefix(p, "HTTP") {
		defaults["path"], defaults["matcher"] = "/", "200"
		if p == "HTTP" && !http {
			defaults["timeout"] = 6.0 // ELB API, CreateTargetGroup, HealthCheckTimeoutSeconds
		}
	}
	for k, v := range defaults {
		if health[k] == nil {
			health[k] = v
		}
	}
	o.Outputs["healthCheck"] = health
	setDefault(o, "targetFailovers", []any{value.Map{}})
	setDefault(o, "targetHealthStates", []any{states})
	setDefault(o, "targetGroupHealth", value.Map{
		"dnsFailover":           value.Map{"minimumHealthyTargetsCount": "1", "minimumHealthyTargetsPercentage": "off"},
		"unhealthyStateRouting": value.Map{"minimumHealthyTargetsCount": 1.0, "minimumHealthyTargetsPercentage": "off"}})
}
