package world

import (
	"strconv"
	"strings"

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
		id: byOutput("name"), taken: "AlreadyExists",
		check: []rule{groupSizes, groupTemplate, groupSubnets,
			refers("targetGroupArns", "ValidationError", "Provided Target Groups may not be valid: target group %s not found", typeTargetGroup)},
		create: []rule{nameFromPrefix}, fill: fillGroup,
		removed: removeGroupParts,
	},
	typeScalingPolicy: {
		id: byOutput("name"), check: []rule{inGroup},
		key: groupAndName("name"), adopt: adoptGroupPart(typeScalingPolicy),
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "metricAggregationType", "")
			setDefault(o, "arn", c.expand(scalingARN+"scalingPolicy:"+c.uuid("policy")+":autoScalingGroupName/{autoscalingGroupName}:policyName/{name}", o))
		},
	},
	typeSchedule: {
		id: byOutput("scheduledActionName"), check: []rule{inGroup}, key: groupAndName("scheduledActionName"),
		adopt: adoptGroupPart(typeSchedule),
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"desiredCapacity": -1.0, "minSize": -1.0, "maxSize": -1.0, "recurrence": "", "startTime": "", "endTime": "", "timeZone": "",
				"arn": c.expand(scalingARN+"scheduledUpdateGroupAction:"+c.uuid("action")+":autoScalingGroupName/{autoscalingGroupName}:scheduledActionName/{scheduledActionName}", o)})
		},
	},
	typeLifecycleHook: {
		id: byOutput("name"), check: []rule{inGroup}, key: groupAndName("name"), adopt: adoptGroupPart(typeLifecycleHook),
		fill: func(_ *Call, o, _ *Object) { setDefault(o, "defaultResult", "ABANDON") },
	},
	typeNotification: {
		id:    byOutput("topicArn"),
		check: []rule{refers("groupNames", "ValidationError", "AutoScalingGroup name not found - %s", typeGroup), refers("topicArn", "ValidationError", "Unable to publish test message to topic %s", typeTopic)},
	},
}

var inGroup = refers("autoscalingGroupName", "ValidationError", "AutoScalingGroup name not found - null: %s", typeGroup)

func groupAndName(property string) func(value.Map, string) string {
	return func(outputs value.Map, id string) string {
		group, _ := outputs["autoscalingGroupName"].(string)
		name, _ := outputs[property].(string)
		if name == "" {
			name = id
		}
		return group + "/" + name
	}
}

func adoptGroupPart(typ string) func(*Call, string) *Object {
	return func(c *Call, id string) *Object { return c.find(typ, id) }
}

// groupSizes: min <= desired <= max (EC2 Auto Scaling API, CreateAutoScalingGroup).
func groupSizes(_ *Call, o *Object) error {
	low, high := o.Number("minSize"), o.Number("maxSize")
	if low > high {
		return fault("ValidationError", "Max bound, %v, must be greater than or equal to min bound, %v", high, low)
	}
	if o.Outputs["desiredCapacity"] == nil {
		return nil
	}
	// A size that Pulumi does not own follows the bounds, as the service moves it.
	if o.Inputs["desiredCapacity"] == nil {
		o.Outputs["desiredCapacity"] = min(max(o.Number("desiredCapacity"), low), high)
	}
	if d := o.Number("desiredCapacity"); d < low || d > high {
		return fault("ValidationError", "Desired capacity:%v must be between the specified min size:%v and max size:%v", d, low, high)
	}
	return nil
}

func templateOf(o *Object) value.Map {
	if lt, ok := o.Outputs["launchTemplate"].(value.Map); ok {
		return lt
	}
	for _, policy := range o.Objects("mixedInstancesPolicy") {
		for _, lt := range maps(policy["launchTemplate"]) {
			for _, spec := range maps(lt["launchTemplateSpecification"]) {
				return value.Map{"id": spec["launchTemplateId"], "name": spec["launchTemplateName"], "version": spec["version"]}
			}
		}
	}
	return nil
}

// groupTemplate: a group has a launch template, of a version that exists.
func groupTemplate(c *Call, o *Object) error {
	spec := templateOf(o)
	if spec == nil {
		if o.Text("launchConfiguration") != "" {
			return nil
		}
		return fault("ValidationError", "Valid requests must contain either launchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.")
	}
	id, _ := spec["id"].(string)
	name, _ := spec["name"].(string)
	template := c.find(typeLaunchTemplate, id)
	if id == "" {
		template = c.where(typeLaunchTemplate, "name", name)
	}
	if template == nil {
		return fault("ValidationError", "You must use a valid fully-formed launch template. The specified launch template %s%s does not exist.", id, name)
	}
	version, _ := spec["version"].(string)
	if version == "" || strings.HasPrefix(version, "$") {
		return nil
	}
	if n, err := strconv.Atoi(version); err != nil || n < 1 || float64(n) > template.Number("latestVersion") {
		return fault("ValidationError", "You must use a valid fully-formed launch template. The specified launch template version %s of %s does not exist.", version, template.ID)
	}
	return nil
}

func groupSubnets(c *Call, o *Object) error {
	vpc := ""
	for _, id := range o.Texts("vpcZoneIdentifiers") {
		subnet := c.find(typeSubnet, id)
		if subnet == nil {
			return fault("ValidationError", "The subnet ID '%s' does not exist", id)
		}
		if vpc != "" && subnet.Text("vpcId") != vpc {
			return fault("ValidationError", "The subnets are of different VPCs: %s and %s", vpc, subnet.Text("vpcId"))
		}
		vpc = subnet.Text("vpcId")
	}
	if vpc == "" && len(o.Texts("availabilityZones")) == 0 {
		return fault("ValidationError", "At least one Availability Zone or VPC Subnet is required.")
	}
	return nil
}

func fillGroup(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"desiredCapacity": o.Number("minSize"), "defaultCooldown": 300.0, "healthCheckType": "EC2", "loadBalancers": []any{}, "targetGroupArns": []any{},
		"trafficSources": []any{}, "predictedCapacity": 0.0, "warmPoolSize": 0.0, "vpcZoneIdentifiers": []any{},
		"serviceLinkedRoleArn": c.expand("arn:{partition}:iam::{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", o)})
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
		id, _ := lt["id"].(string)
		name, _ := lt["name"].(string)
		template := c.find(typeLaunchTemplate, id)
		if template == nil {
			template = c.where(typeLaunchTemplate, "name", name)
		}
		if template != nil {
			lt["id"], lt["name"] = template.ID, template.Text("name")
		}
		if lt["version"] == nil {
			lt["version"] = "$Default"
		}
	}
	c.staff(o, old)
}

func removeGroupParts(c *Call, group *Object) {
	var gone []*Object
	for _, typ := range []string{typeScalingPolicy, typeSchedule, typeLifecycleHook} {
		c.each(typ, func(o *Object) bool {
			if o.Text("autoscalingGroupName") == group.ID {
				gone = append(gone, o)
			}
			return true
		})
	}
	for _, o := range gone {
		c.Drop(o)
	}
}
