package servers

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/loadbalancer"
)

const (
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
	a, w := b.args, b.wiring
	var arns pulumi.StringArray
	var rules []pulumi.Resource
	for _, target := range append([]*loadbalancer.TargetGroup{w.Target}, a.Targets...) {
		if target == nil {
			continue
		}
		arns, rules = append(arns, target.ARN), append(rules, target.Rules...)
	}
	least, most := a.bounds()
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
		TargetGroupArns: arns,
		// MinElbCapacity is waited for once, at the group's creation; its sibling
		// waitForElbCapacity would at every change of size, for exactly that number.
		MinElbCapacity:         pulumi.Int(a.MinSize),
		WaitForCapacityTimeout: pulumi.String(fmt.Sprintf("%dm", int(a.patience().Minutes()))),

		InstanceRefresh: &autoscaling.GroupInstanceRefreshArgs{
			Strategy: pulumi.String("Rolling"),
			Preferences: &autoscaling.GroupInstanceRefreshPreferencesArgs{
				MinHealthyPercentage: pulumi.Int(least),
				MaxHealthyPercentage: pulumi.Int(most),
				InstanceWarmup:       pulumi.String(strconv.Itoa(a.WarmupSeconds)),
				SkipMatching:         pulumi.Bool(true),
				AutoRollback:         pulumi.Bool(false),
			},
		},
		// The same bounds for what AWS replaces by itself: age, health, balance of zones.
		InstanceMaintenancePolicy: &autoscaling.GroupInstanceMaintenancePolicyArgs{
			MinHealthyPercentage: pulumi.Int(least),
			MaxHealthyPercentage: pulumi.Int(most),
		},
		MaxInstanceLifetime: pulumi.Int(instanceLifetime),
		TerminationPolicies: pulumi.ToStringArray([]string{"OldestLaunchTemplate", "OldestInstance"}),
		EnabledMetrics:      pulumi.ToStringArray(groupMetrics),
		MetricsGranularity:  pulumi.String("1Minute"),
		Tags:                b.groupTags(),
	}
	if w.Target == nil {
		// Nobody but EC2 can tell whether a worker is well, and none waits for it.
		args.HealthCheckType, args.MinElbCapacity, args.TargetGroupArns = pulumi.String("EC2"), nil, nil
	}
	// A target counts as healthy only once a rule forwards to its group, and a server
	// needs its way out, its role's rights and its release as it boots.
	after := slices.Concat(rules, w.Network.Ready(b.subnets), w.Group.Rules, b.role.Ready, b.objects)
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

// bounds are the least and the most of the group, in percent, that is in service while servers are replaced. Of a job's
// there are never two, which would both run it.
func (a Args) bounds() (least, most int) {
	if a.Schedule != "" {
		return 0, 100
	}
	return minHealthyPercentage, maxHealthyPercentage
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
	if b.args.Schedule != "" {
		return nil // there is one server
	}
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
