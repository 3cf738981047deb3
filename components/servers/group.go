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
	// While servers are replaced all stay in service and the group may double: new ones start before old ones stop
	// (AWS, EC2 Auto Scaling API reference, RefreshPreferences).
	minHealthyPercentage = 100
	maxHealthyPercentage = 200
	// instanceLifetime is how many seconds a server lives before it is replaced, which also renews its packages.
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
		// DesiredCapacity is not set, because a number here would undo the scaler's at every deployment.

		HealthCheckType:        pulumi.String("ELB"),
		HealthCheckGracePeriod: pulumi.Int(a.WarmupSeconds),
		DefaultInstanceWarmup:  pulumi.Int(a.WarmupSeconds),
		DefaultCooldown:        pulumi.Int(a.WarmupSeconds),

		// Servers join the target group in no other way.
		TargetGroupArns: arns,
		// MinElbCapacity is waited for once, when the group is created. Its sibling waitForElbCapacity would be
		// waited for at every change of size, and for exactly that number.
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
		// The same bounds apply when AWS replaces servers by itself: for age, health, or the balance of zones.
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
		// Only EC2 can tell whether a worker is healthy, and nothing waits for it.
		args.HealthCheckType, args.MinElbCapacity, args.TargetGroupArns = pulumi.String("EC2"), nil, nil
	}
	// A target counts as healthy only once a rule forwards to its group, and a booting server needs its way out, its
	// role's rights and its release.
	after := slices.Concat(rules, w.Network.Ready(b.subnets), w.Group.Rules, b.role.Ready, b.objects)
	options := []pulumi.ResourceOption{b.child(), pulumi.DependsOn(after)}
	if a.Rollout == Replace {
		// A group that did not get its servers is replaced as well: if it were changed in place nothing would wait
		// for it any more, and the previous group would be deleted ("#initerror": pulumi/pkg v3.276.0,
		// resource/deploy, applyReplaceOnChanges).
		options = append(options, pulumi.ReplaceOnChanges([]string{"launchTemplate", "#initerror"}))
	}
	group, err := autoscaling.NewGroup(b.ctx, b.name, args, options...)
	if err != nil {
		return fmt.Errorf("making the group: %w", err)
	}
	b.scaled = group
	return nil
}

// bounds are the minimum and maximum of the group, in percent, that is in service while servers are replaced. A job
// never has two servers, since both would run it.
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

// scaling declares the policy that keeps the load on each server at the settings' target.
func (b *builder) scaling() error {
	if b.args.Schedule != "" {
		return nil // there is only one server
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
