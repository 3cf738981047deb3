package rules

// scaling is auto scaling.
func scaling() map[string]ofType {
	return map[string]ofType{
		"aws:autoscaling/group:Group": {autoscaling("CreateAutoScalingGroup"), join([]row{
			at("name", length(0, 255)),
			at("namePrefix", length(0, 229)),
			at("desiredCapacityType", oneOf("units", "vcpu", "memory-mib")),
			at("healthCheckType", oneOf("EC2", "ELB", "EBS", "VPC_LATTICE").optional()),
			at("initialLifecycleHooks.name", length(1, 255)),
			at("initialLifecycleHooks.defaultResult", oneOf("CONTINUE", "ABANDON")),
			at("initialLifecycleHooks.heartbeatTimeout", between(30, 7200)),
			at("initialLifecycleHooks.lifecycleTransition",
				oneOf("autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING")),
			at("initialLifecycleHooks.notificationTargetArn", arn()),
			at("initialLifecycleHooks.roleArn", arn()),
			at("instanceMaintenancePolicy.maxHealthyPercentage", orBetween([]float64{-1}, 100, 200)),
			at("instanceMaintenancePolicy.minHealthyPercentage", between(-1, 100)),
			at("instanceRefresh.preferences.checkpointDelay", count(0, 172800)),
			at("instanceRefresh.preferences.instanceWarmup", count(0, 86400)),
			at("instanceRefresh.preferences.maxHealthyPercentage", between(100, 200)),
			at("instanceRefresh.preferences.minHealthyPercentage", between(0, 100)),
			at("instanceRefresh.preferences.scaleInProtectedInstances", oneOf("Ignore", "Refresh", "Wait")),
			at("instanceRefresh.preferences.standbyInstances", oneOf("Ignore", "Terminate", "Wait")),
			at("instanceRefresh.strategy", oneOf("Rolling")),
			at("instanceRefresh.triggers", oneOf(refreshTriggers...)),
			at("launchTemplate.id", length(1, 255), shaped(`^lt-`, "the id of a launch template, lt-...").allowing("lt-0a1b2c3d").
				refusing("template")),
			at("launchTemplate.name", length(3, 125), templateName()),
			at("launchTemplate.version", length(1, 255)),
			at("maxInstanceLifetime", orBetween([]float64{0}, 86400, 31536000)),
			at("mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity", atLeast(0)),
			at("mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity", between(0, 100)),
			at("mixedInstancesPolicy.instancesDistribution.spotInstancePools", atLeast(0)),
			at("mixedInstancesPolicy.launchTemplate.overrides.weightedCapacity", shaped(`^[1-9][0-9]{0,2}$`, "a number between 1 and 999").
				allowing("1", "999").refusing("0", "1000", "many")),
			at("serviceLinkedRoleArn", arn()),
			at("trafficSources.identifier", length(1, 2048)),
			at("trafficSources.type", length(1, 2048)),
			at("waitForCapacityTimeout", duration()),
			at("warmPool.maxGroupPreparedCapacity", atLeast(-1)),
			at("warmPool.minSize", atLeast(0)),
			at("warmPool.poolState", oneOf("Stopped", "Running", "Hibernated")),
		}, requirementRows("mixedInstancesPolicy.launchTemplate.overrides.instanceRequirements.", scalingChips)), []relation{groupSizes}},
		"aws:autoscaling/lifecycleHook:LifecycleHook": {autoscaling("PutLifecycleHook"), []row{
			at("name", length(1, 255)),
			at("lifecycleTransition", oneOf("autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING")),
			at("defaultResult", oneOf("CONTINUE", "ABANDON")),
			at("heartbeatTimeout", between(30, 7200)),
			at("roleArn", arn()),
			at("notificationTargetArn", arn()),
		}, nil},
		"aws:autoscaling/policy:Policy": {autoscaling("PutScalingPolicy"), join([]row{
			at("policyType", oneOf("SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling")),
			at("minAdjustmentMagnitude", atLeast(1)),
			at("stepAdjustments.metricIntervalLowerBound", decimal()),
			at("stepAdjustments.metricIntervalUpperBound", decimal()),
			at("predictiveScalingConfiguration.maxCapacityBreachBehavior", oneOf("HonorMaxCapacity", "IncreaseMaxCapacity")),
			at("predictiveScalingConfiguration.maxCapacityBuffer", count(0, 100)),
			at("predictiveScalingConfiguration.mode", oneOf("ForecastOnly", "ForecastAndScale")),
			at("predictiveScalingConfiguration.schedulingBufferTime", count(0, 3600)),
			at("predictiveScalingConfiguration.metricSpecification.predefinedLoadMetricSpecification.predefinedMetricType",
				oneOf("ASGTotalCPUUtilization", "ASGTotalNetworkIn", "ASGTotalNetworkOut", "ALBTargetGroupRequestCount")),
			at("predictiveScalingConfiguration.metricSpecification.predefinedMetricPairSpecification.predefinedMetricType",
				oneOf("ASGCPUUtilization", "ASGNetworkIn", "ASGNetworkOut", "ALBRequestCount")),
			at("predictiveScalingConfiguration.metricSpecification.predefinedScalingMetricSpecification.predefinedMetricType",
				oneOf("ASGAverageCPUUtilization", "ASGAverageNetworkIn", "ASGAverageNetworkOut", "ALBRequestCountPerTarget")),
		},
			queryRows("predictiveScalingConfiguration.metricSpecification.customizedCapacityMetricSpecification.metricDataQueries.", 1023),
			queryRows("predictiveScalingConfiguration.metricSpecification.customizedLoadMetricSpecification.metricDataQueries.", 1023),
			queryRows("predictiveScalingConfiguration.metricSpecification.customizedScalingMetricSpecification.metricDataQueries.", 1023),
			queryRows("targetTrackingConfiguration.customizedMetricSpecification.metrics.", 2047),
		), []relation{absentUnless("targetTrackingConfiguration", "policyType", "TargetTrackingScaling")}},
		"aws:autoscaling/schedule:Schedule": {autoscaling("PutScheduledUpdateGroupAction"), []row{
			at("startTime", utcTimestamp()),
			at("endTime", utcTimestamp()),
			at("recurrence", cron(5).optional()),
		}, nil},
	}
}

func autoscaling(action string) string {
	return "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_" + action + ".html"
}

// queryRows: a query of a customized metric (Auto Scaling API reference, MetricDataQuery).
func queryRows(in string, longest int) []row {
	return []row{
		at(in+"expression", length(1, longest)),
		at(in+"id", length(1, 255)),
		at(in+"label", length(1, 2047)),
		at(in+"metricStat.stat", length(1, 100)),
	}
}

// refreshTriggers are the properties of a group that can trigger an instance refresh, by their Terraform names
// (pulumi.com/registry/packages/aws/api-docs/autoscaling/group, instanceRefresh).
var refreshTriggers = []string{
	"tag", "availability_zones", "capacity_rebalance", "context", "default_cooldown", "default_instance_warmup", "desired_capacity",
	"desired_capacity_type", "enabled_metrics",
	"force_delete", "force_delete_warm_pool", "health_check_grace_period", "health_check_type", "ignore_failed_scaling_activities",
	"initial_lifecycle_hook",
	"instance_maintenance_policy", "instance_refresh", "launch_configuration", "launch_template", "load_balancers", "max_instance_lifetime",
	"max_size", "metrics_granularity",
	"min_elb_capacity", "min_size", "mixed_instances_policy", "name", "name_prefix", "placement_group", "protect_from_scale_in",
	"service_linked_role_arn", "suspended_processes",
	"target_group_arns", "termination_policies", "traffic_source", "vpc_zone_identifier", "wait_for_capacity_timeout",
	"wait_for_elb_capacity", "warm_pool",
}
