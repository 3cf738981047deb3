package iam_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// Whatever names the servers from outside may have them run something, in whichever form its service names them.
func TestWhatNamesTheServersFromOutside(t *testing.T) {
	tags := in{"Name": "prod-app", "causeway:tier": "app", "owner": "platform"}
	base := specimen.Empty(t)
	base.Add("ec2/instance:Instance", "web", in{"tags": in{"Name": "prod-web"}})
	template := base.Add("ec2/launchTemplate:LaunchTemplate", "app", in{"tagSpecifications": []any{
		in{"resourceType": "instance", "tags": tags}}}).
		Answer("arn", "arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-1")
	group := base.Add("autoscaling/group:Group", "app", in{"tags": []any{in{"key": "Name", "value": "prod-app"}}}).
		Answer("name", "prod-app-4b46c88").
		Answer("arn", "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:x:autoScalingGroupName/x")
	filter := func(key string, more in) []any {
		f := in{"key": key}
		for k, v := range more {
			f[k] = v
		}
		return []any{f}
	}
	ways := []any{
		[]any{group.Get("name")}, group.Get("arn"), "autoScalingGroup/" + group.Get("name").(string), template.ID(), template.Get("arn"),
		in{"launchTemplateId": template.ID()}, filter("Name", in{"type": "KEY_AND_VALUE", "value": "prod-app"}),
		filter("causeway:tier", in{"type": "KEY_ONLY"}), filter("causeway:tier", nil),
		filter("tag:Name", in{"values": []any{"prod-web", "x"}}),
		filter("tag:Name", in{"values": []any{"prod-*"}}), filter("tag-key", in{"values": []any{"owner"}}),
		filter("InstanceIds", in{"values": []any{"*"}}), filter("resource-groups:Name", in{"values": []any{"servers"}}),
		in{"Name": "prod-app"}, in{"InstanceTagKey": "causeway:tier", "InstanceTagValue": "app", "InstanceType": "EC2"},
		in{"ec2TagFilters": filter("owner", in{"value": "platform"})}, `{"Targets": [{"Key": "tag:Name", "Values": ["prod-app"]}]}`,
		in{"ApplicationName": "a", "DeploymentGroupName": "of-no-stack"},
	}
	kinds := []string{"codedeploy/deploymentGroup:DeploymentGroup", "codepipeline/pipeline:Pipeline", "ssm/association:Association",
		"ssm/maintenanceWindowTarget:MaintenanceWindowTarget", "ssm/resourceDataSync:ResourceDataSync", "scheduler/schedule:Schedule",
		"cloudwatch/eventTarget:EventTarget", "imagebuilder/distributionConfiguration:DistributionConfiguration",
		"autoscalingplans/scalingPlan:ScalingPlan", "fis/experimentTemplate:ExperimentTemplate", "ofnoday/yet:Yet"}
	unread := func(kind string, way any) int {
		s := base.Copy()
		s.Add(kind, "mutant", in{"targets": way})
		return len(iam.Read(s.Graph()).Unread())
	}
	for _, kind := range kinds {
		for _, way := range ways {
			assert.Equal(t, 1, unread(kind, way), "%s: %v", kind, way)
		}
		for _, other := range []any{filter("Name", in{"value": "another"}), filter("team", in{"type": "KEY_ONLY"}), "elsewhere",
			in{"owner": "AWS", "provider": "CodeDeploy"}} {
			assert.Zero(t, unread(kind, other), "%s: %v", kind, other)
		}
	}
	for _, kind := range []string{"cloudwatch/metricAlarm:MetricAlarm", "backup/selection:Selection", "autoscaling/schedule:Schedule",
		"lambda/function:Function", "resourcegroups/group:Group", "ssm/parameter:Parameter", "cfg/rule:Rule"} {
		assert.Zero(t, unread(kind, ways[6]), "%s only %s", kind, fmt.Sprint(ways[6]))
	}
}
