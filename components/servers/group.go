package servers

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// capacityTimeout bounds the wait for the first servers to pass their health
	// checks: boot, packages, release, and two good answers.
	capacityTimeout = "15m"
	secondsOfDay    = 24 * 60 * 60
)

// groupMetrics are the group's own, once a minute.
var groupMetrics = []string{
	"GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize",
	"GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances",
}

func (b *builder) autoScalingGroup() error {
	a := b.args
	args := &autoscaling.GroupArgs{
		VpcZoneIdentifiers: b.subnets,
		MinSize:            pulumi.Int(a.MinSize),
		MaxSize:            pulumi.Int(a.MaxSize),
		// DesiredCapacity is not set: a number here would undo the scaler's at every
		// deployment.

		HealthCheckType:        pulumi.String("ELB"),
		HealthCheckGracePeriod: pulumi.Int(a.Warmup),
		DefaultInstanceWarmup:  pulumi.Int(a.Warmup),
		DefaultCooldown:        pulumi.Int(a.Warmup),

		// The only way in which servers join the target group.
		TargetGroupArns: pulumi.StringArray{b.target.ARN},
		// MinElbCapacity is waited for once, at the group's creation; its sibling
		// waitForElbCapacity would at every change of size, for exactly that number.
		MinElbCapacity:         pulumi.Int(a.MinSize),
		WaitForCapacityTimeout: pulumi.String(capacityTimeout),

		InstanceRefresh: &autoscaling.GroupInstanceRefreshArgs{
			Strategy: pulumi.String("Rolling"),
			Preferences: &autoscaling.GroupInstanceRefreshPreferencesArgs{
				MinHealthyPercentage: pulumi.Int(*a.MinHealthyPercentage),
				MaxHealthyPercentage: pulumi.Int(a.MaxHealthyPercentage),
				InstanceWarmup:       pulumi.String(strconv.Itoa(a.Warmup)),
				SkipMatching:         pulumi.Bool(true),
				AutoRollback:         pulumi.Bool(false),
				AlarmSpecification:   b.stopAlarms(),
			},
		},
		// The same bounds for what AWS replaces by itself: age, health, balance of zones.
		InstanceMaintenancePolicy: &autoscaling.GroupInstanceMaintenancePolicyArgs{
			MinHealthyPercentage: pulumi.Int(*a.MinHealthyPercentage),
			MaxHealthyPercentage: pulumi.Int(a.MaxHealthyPercentage),
		},
		MaxInstanceLifetime: pulumi.Int(a.InstanceDays * secondsOfDay),
		TerminationPolicies: pulumi.ToStringArray([]string{"OldestLaunchTemplate", "OldestInstance"}),
		EnabledMetrics:      pulumi.ToStringArray(groupMetrics),
		MetricsGranularity:  pulumi.String("1Minute"),
		Tags:                b.groupTags(),
	}
	if len(a.MoreInstanceTypes) == 0 {
		args.LaunchTemplate = &autoscaling.GroupLaunchTemplateArgs{Id: b.template.ID(), Version: b.version}
	} else {
		args.MixedInstancesPolicy = b.mixedInstances()
	}
	// A target counts as healthy only once a rule forwards to its group, and a server
	// needs its way out, its role's rights and its release as it boots.
	after := slices.Concat(b.target.Rules, b.ways, b.group.Rules, b.role.Ready, []pulumi.Resource{b.object})
	group, err := autoscaling.NewGroup(b.ctx, b.name, args, b.child(), pulumi.DependsOn(after))
	if err != nil {
		return fmt.Errorf("making the group: %w", err)
	}
	b.scaled = group
	b.g.Name, b.g.ARN = group.Name, group.Arn
	return nil
}

// mixedInstances lets other types stand in where the first has no capacity. All are
// on-demand: a server that is taken away at two minutes' notice saves money, not
// requests.
func (b *builder) mixedInstances() *autoscaling.GroupMixedInstancesPolicyArgs {
	var overrides autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArray
	for _, name := range append([]string{b.args.InstanceType}, b.args.MoreInstanceTypes...) {
		overrides = append(overrides, &autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs{
			InstanceType: pulumi.String(name),
		})
	}
	return &autoscaling.GroupMixedInstancesPolicyArgs{
		InstancesDistribution: &autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs{
			OnDemandAllocationStrategy:          pulumi.String("prioritized"),
			OnDemandBaseCapacity:                pulumi.Int(0),
			OnDemandPercentageAboveBaseCapacity: pulumi.Int(100),
		},
		LaunchTemplate: &autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs{
			LaunchTemplateSpecification: &autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs{
				LaunchTemplateId: b.template.ID(), Version: b.version,
			},
			Overrides: overrides,
		},
	}
}

func (b *builder) stopAlarms() autoscaling.GroupInstanceRefreshPreferencesAlarmSpecificationPtrInput {
	if len(b.args.StopAlarms) == 0 {
		return nil
	}
	return &autoscaling.GroupInstanceRefreshPreferencesAlarmSpecificationArgs{
		Alarms: pulumi.ToStringArray(b.args.StopAlarms),
	}
}

func (b *builder) groupTags() autoscaling.GroupTagArray {
	tags := b.p.TagMap(b.name, b.tier)
	var array autoscaling.GroupTagArray
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		array = append(array, &autoscaling.GroupTagArgs{
			Key: pulumi.String(key), Value: pulumi.String(tags[key]), PropagateAtLaunch: pulumi.Bool(true),
		})
	}
	return array
}

// scaling declares what holds the load on each server where the settings want it.
// With two targets, the one that asks for more servers wins.
func (b *builder) scaling() error {
	cpu := &autoscaling.PolicyTargetTrackingConfigurationArgs{
		TargetValue:    pulumi.Float64(float64(b.args.TargetCPU)),
		DisableScaleIn: pulumi.Bool(false),
		PredefinedMetricSpecification: &autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs{
			PredefinedMetricType: pulumi.String("ASGAverageCPUUtilization"),
		},
	}
	if err := b.track("cpu", cpu); err != nil {
		return err
	}
	if b.args.RequestsPerTarget == 0 {
		return nil
	}
	return b.track("requests", &autoscaling.PolicyTargetTrackingConfigurationArgs{
		TargetValue:    pulumi.Float64(float64(b.args.RequestsPerTarget)),
		DisableScaleIn: pulumi.Bool(false),
		PredefinedMetricSpecification: &autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs{
			PredefinedMetricType: pulumi.String("ALBRequestCountPerTarget"),
			ResourceLabel:        b.target.RequestLabel,
		},
	})
}

func (b *builder) track(metric string, target *autoscaling.PolicyTargetTrackingConfigurationArgs) error {
	_, err := autoscaling.NewPolicy(b.ctx, b.name+"-"+metric, &autoscaling.PolicyArgs{
		AutoscalingGroupName:        b.scaled.Name,
		PolicyType:                  pulumi.String("TargetTrackingScaling"),
		EstimatedInstanceWarmup:     pulumi.Int(b.args.Warmup),
		Enabled:                     pulumi.Bool(true),
		TargetTrackingConfiguration: target,
	}, b.child())
	if err != nil {
		return fmt.Errorf("making the scaling policy for %s: %w", metric, err)
	}
	return nil
}
