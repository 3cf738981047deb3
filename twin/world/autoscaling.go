package world

import (
	"cmp"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeGroup         = "aws:autoscaling/group:Group"
	typeScalingPolicy = "aws:autoscaling/policy:Policy"
	typeSchedule      = "aws:autoscaling/schedule:Schedule"
	typeLifecycleHook = "aws:autoscaling/lifecycleHook:LifecycleHook"
	typeNotification  = "aws:autoscaling/notification:Notification"
)

const scalingARN = "arn:{partition}:autoscaling:{region}:{account}:"

var scalingKinds = map[string]*kind{
	typeGroup: {
		id:      byOutput("name"),
		taken:   "AlreadyExists",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			groupBounds,
			groupDesired,
			groupTemplate,
			templateVersionExists,
			templateComplete,
			groupSubnets,
			groupHasPlace,
			refers("targetGroupArns", "ValidationError", "Provided Target Groups may not be valid: target group %s not found",
				typeTargetGroup),
			targetsAreMachines,
		},
		fill:   fillGroup,
		update: []func(*Call, *Object, *Object) error{rollbackPossible, refreshUnderWay},
		removed: func(c *Call, o *Object) {
			c.dropUsers(o, use{typeScalingPolicy, "autoscalingGroupName"}, use{typeSchedule, "autoscalingGroupName"},
				use{typeLifecycleHook, "autoscalingGroupName"})
		},
	},
	typeScalingPolicy: {
		id: byOutput("name"),
		check: []rule{
			inGroup,
			policyWhole,
		},
		put:   true,
		key:   groupAndName("name"),
		adopt: adoptGroupPart(typeScalingPolicy),
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "metricAggregationType", "")
			setDefault(o, "arn",
				c.expand(scalingARN+"scalingPolicy:"+c.uuid("policy")+":autoScalingGroupName/{autoscalingGroupName}:policyName/{name}", o))
		},
	},
	typeSchedule: {
		id:    byOutput("scheduledActionName"),
		taken: "AlreadyExists",
		check: []rule{inGroup},
		key:   groupAndName("scheduledActionName"),
		adopt: adoptGroupPart(typeSchedule),
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"desiredCapacity": -1.0, "minSize": -1.0, "maxSize": -1.0, "recurrence": "", "startTime": "",
				"endTime": "", "timeZone": "",
				"arn": c.expand(scalingARN+"scheduledUpdateGroupAction:"+c.uuid("action")+
					":autoScalingGroupName/{autoscalingGroupName}:scheduledActionName/{scheduledActionName}", o)})
		},
	},
	typeLifecycleHook: {
		id:    byOutput("name"),
		check: []rule{inGroup},
		put:   true,
		key:   groupAndName("name"),
		adopt: adoptGroupPart(typeLifecycleHook),
		fill:  func(_ *Call, o, _ *Object) { setDefault(o, "defaultResult", "ABANDON") },
	},
	typeNotification: {
		id:  byOutput("topicArn"),
		put: true,
		check: []rule{
			refers("groupNames", "ValidationError", "AutoScalingGroup name not found - %s", typeGroup),
			refers("topicArn", "ValidationError", "Unable to publish test message to topic %s", typeTopic),
		},
	},
}

var inGroup = refers("autoscalingGroupName", "ValidationError", "AutoScalingGroup name not found - null: %s", typeGroup)

func groupAndName(property string) func(value.Map, string) string {
	return func(outputs value.Map, id string) string {
		return textIn(outputs, "autoscalingGroupName") + "/" + cmp.Or(textIn(outputs, property), id)
	}
}

func adoptGroupPart(typ string) func(*Call, string) *Object {
	return func(c *Call, id string) *Object { return c.find(typ, id) }
}

// policyWhole: a policy has the settings that its type needs (EC2 Auto Scaling API, PutScalingPolicy).
func policyWhole(_ *Call, o *Object) error {
	needed := map[string]string{"StepScaling": "stepAdjustments", "TargetTrackingScaling": "targetTrackingConfiguration",
		"PredictiveScaling": "predictiveScalingConfiguration"}[o.Text("policyType")]
	needed = cmp.Or(needed, "scalingAdjustment")
	if o.Outputs[needed] == nil {
		return fault("ValidationError", "A policy of the type %s needs %s", cmp.Or(o.Text("policyType"), "SimpleScaling"), needed)
	}
	return nil
}

// groupBounds: the minimum size is not more than the maximum (EC2 Auto Scaling API, CreateAutoScalingGroup).
func groupBounds(_ *Call, o *Object) error {
	if low, high := o.Number("minSize"), o.Number("maxSize"); low > high {
		return fault("ValidationError", "Max bound, %v, must be greater than or equal to min bound, %v", high, low)
	}
	return nil
}

// groupDesired: the desired capacity lies within the bounds (EC2 Auto Scaling API, CreateAutoScalingGroup). If the
// program does not set it, it is moved within them, as the service does.
func groupDesired(_ *Call, o *Object) error {
	if o.Outputs["desiredCapacity"] == nil {
		return nil
	}
	low, high := o.Number("minSize"), o.Number("maxSize")
	if o.Inputs["desiredCapacity"] == nil {
		o.Outputs["desiredCapacity"] = min(max(o.Number("desiredCapacity"), low), high)
	}
	if d := o.Number("desiredCapacity"); d < low || d > high {
		return fault("ValidationError", "Desired capacity:%v must be between the specified min size:%v and max size:%v", d, low, high)
	}
	return nil
}

// groupSubnets: a group's subnets exist and are in one VPC (EC2 Auto Scaling API, CreateAutoScalingGroup).
func groupSubnets(c *Call, o *Object) error {
	vpc := ""
	for _, id := range o.Texts("vpcZoneIdentifiers") {
		subnet := c.find(typeSubnet, id)
		if subnet == nil || c.unseen(subnet) {
			return fault("ValidationError", "The subnet ID '%s' does not exist%s", id, c.instead(id, typeSubnet))
		}
		if vpc != "" && subnet.Text("vpcId") != vpc {
			return fault("ValidationError", "The subnets are of different VPCs: %s and %s", vpc, subnet.Text("vpcId"))
		}
		vpc = subnet.Text("vpcId")
	}
	return nil
}

// groupHasPlace: a group has subnets or zones (EC2 Auto Scaling API, CreateAutoScalingGroup).
func groupHasPlace(_ *Call, o *Object) error {
	if len(o.Texts("vpcZoneIdentifiers")) == 0 && len(texts(o.Inputs["availabilityZones"])) == 0 {
		return fault("ValidationError", "At least one Availability Zone or VPC Subnet is required.")
	}
	return nil
}

// targetsAreMachines: a group's target groups are of the type instance (EC2 Auto Scaling user guide, "Attach a load
// balancer").
func targetsAreMachines(c *Call, o *Object) error {
	for _, arn := range o.Texts("targetGroupArns") {
		if target := c.find(typeTargetGroup, arn); target != nil && target.Text("targetType") != "" &&
			target.Text("targetType") != "instance" {
			return fault("ValidationError",
				"Provided Target Groups may not be valid: %s has the target type %s, and a group needs instance", called(target),
				target.Text("targetType"))
		}
	}
	return nil
}

func fillGroup(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"desiredCapacity": o.Number("minSize"), "defaultCooldown": 300.0, "healthCheckType": "EC2",
		"loadBalancers": []any{}, "targetGroupArns": []any{},
		"trafficSources": []any{}, "predictedCapacity": 0.0, "warmPoolSize": 0.0, "vpcZoneIdentifiers": []any{},
		"serviceLinkedRoleArn": c.expand("arn:{partition}:iam::{account}:role/aws-service-role/"+
			"autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", o)})
	if old == nil {
		o.Outputs["arn"] = c.expand(scalingARN+"autoScalingGroup:"+c.uuid("group")+":autoScalingGroupName/{name}", o)
	}
	zones := map[string]bool{}
	var names []string
	for _, id := range o.Texts("vpcZoneIdentifiers") {
		if subnet := c.find(typeSubnet, id); subnet != nil && !zones[subnet.Text("availabilityZone")] {
			zones[subnet.Text("availabilityZone")] = true
			names = append(names, subnet.Text("availabilityZone"))
		}
	}
	if len(names) > 0 {
		o.Outputs["availabilityZones"] = list(names)
	}
	if lt, ok := o.Outputs["launchTemplate"].(value.Map); ok {
		if template, _ := c.usedTemplate(o); template != nil {
			lt["id"], lt["name"] = template.ID, template.Text("name")
		}
		if lt["version"] == nil {
			lt["version"] = "$Default"
		}
	}
	c.staff(o, old)
}
