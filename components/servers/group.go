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
	// While servers are replaced all stay in service and the group may double: new ones
	// start before old ones stop (AWS, EC2 Auto Scaling API reference, RefreshPreferences).
	minHealthyPercentage = 100
	maxHealthyPercentage = 200
	// instanceLifetime is the seconds until a server is replaced, and its packages with it.
	instanceLifetime = 14 * 24 * 60 * 60
)

// groupMetrics are the group's own, once a minute.
var groupMetrics = []string{
	"GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize",
	"GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances",
}

func (b *builder) autoScalingGroup() error {
	a := b.args
	args := &autoscaling.GroupArgs{
		LaunchTemplate:     &autoscaling.GroupLaunchTemplateArgs{Id: b.template.ID(), Version: b.version},
		VpcZoneIdentifiers: b.wiring.Network.Subnets(b.subnets),
		MinSize:            pulumi.Int(a.MinSize),
		MaxSize:            pulumi.Int(a.MaxSize),
		// DesiredCapacity is not set: a number here would undo the scaler's at every
		// deployment.

		HealthCheckType:        pulumi.String("ELB"),
		HealthCheckGracePeriod: pulumi.Int(a.WarmupSeconds),
		DefaultInstanceWarmup:  pulumi.Int(a.WarmupSeconds),
		DefaultCooldown:        pulumi.Int(a.WarmupSeconds),

		// The only way in which servers join the target group.
		TargetGroupArns: pulumi.StringArray{b.wiring.Target.ARN},
		// MinElbCapacity is waited for once, at the group's creation; its sibling
		// waitForElbCapacity would at every change of size, for exactly that number.
		MinElbCapacity:         pulumi.Int(a.MinSize),
		WaitForCapacityTimeout: pulumi.String(capacityTimeout),

		InstanceRefresh: &autoscaling.GroupInstanceRefreshArgs{
			Strategy: pulumi.String("Rolling"),
			Preferences: &autoscaling.GroupInstanceRefreshPreferencesArgs{
				MinHealthyPercentage: pulumi.Int(minHealthyPercentage),
				MaxHealthyPercentage: pulumi.Int(maxHealthyPercentage),
				InstanceWarmup:       pulumi.String(strconv.Itoa(a.WarmupSeconds)),
				SkipMatching:         pulumi.Bool(true),
				AutoRollback:         pulumi.Bool(false),
			},
		},
		// The same bounds for what AWS replaces by itself: age, health, balance of zones.
		InstanceMaintenancePolicy: &autoscaling.GroupInstanceMaintenancePolicyArgs{
			MinHealthyPercentage: pulumi.Int(minHealthyPercentage),
			MaxHealthyPercentage: pulumi.Int(maxHealthyPercentage),
		},
		MaxInstanceLifetime: pulumi.Int(instanceLifetime),
		TerminationPolicies: pulumi.ToStringArray([]string{"OldestLaunchTemplate", "OldestInstance"}),
		EnabledMetrics:      pulumi.ToStringArray(groupMetrics),
		MetricsGranularity:  pulumi.String("1Minute"),
		Tags:                b.groupTags(),
	}
	// A target counts as healthy only once a rule forwards to its group, and a server
	// needs its way out, its role's rights and its release as it boots.
	w := b.wiring
	after := slices.Concat(w.Target.Rules, w.Network.Ready(b.subnets), w.Group.Rules, b.role.Ready, b.objects)
	options := []pulumi.ResourceOption{b.child(), pulumi.DependsOn(after)}
	if a.Rollout == Replace {
		// Also a group that did not get its servers: changed in place it would be waited for no more, and the one before
		// would go ("#initerror": pulumi/pkg v3.276.0, resource/deploy, applyReplaceOnChanges).
		options = append(options, pulumi.ReplaceOnChanges([]string{"launchTemplate", "#initerror"}))
	}
	group, err := autoscaling.NewGroup(b.ctx, b.name, args, options...)
	if err != nil {
		return fmt.Errorf("making the group: %w", err)
	}
	b.scaled = group
	return nil
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
func (b *builder) scaling() error {
	_, err := autoscaling.NewPolicy(b.ctx, b.name+"-cpu", &autoscaling.PolicyArgs{
		AutoscalingGroupName:    b.g.Name,
		PolicyType:              pulumi.String("TargetTrackingScaling"),
		EstimatedInstanceWarmup: pulumi.Int(b.args.WarmupSeconds),
		Enabled:                 pulumi.Bool(true),
		TargetTrackingConfiguration: &autoscaling.PolicyTargetTrackingConfigurationArgs{
			TargetValue:    pulumi.Float64(float64(b.args.TargetCPU)),
			DisableScaleIn: pulumi.Bool(false),
			PredefinedMetricSpecification: &autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs{
				PredefinedMetricType: pulumi.String("ASGAverageCPUUtilization"),
			},
		},
	}, b.child())
	if err != nil {
		return fmt.Errorf("making the scaling policy: %w", err)
	}
	return nil
}
