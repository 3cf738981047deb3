package controls

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/userdata"
)

// measure is what is known about a metric: in which direction it goes wrong, and how far it can go.
type measure struct {
	// over says that high values are bad; otherwise low ones are.
	over bool
	// least and most bound the values that it can have, or that still can be acted on.
	least, most float64
	// statistics are those that show the problem; percentiles do so too if over is set.
	statistics string
	// life says that the metric stops when nothing is left, so that missing data is the fault.
	life bool
}

const gauges, counters = "Average Maximum Minimum", "Sum Average Maximum SampleCount"

// measures follow AWS's "Best practice alarm recommendations" in the CloudWatch user guide, and what each service
// says about its metrics.
var measures = map[string]measure{
	"AWS/RDS CPUUtilization":            {over: true, most: 100, statistics: "Average Maximum"},
	"AWS/EC2 CPUUtilization":            {over: true, most: 100, statistics: "Average Maximum"},
	"AWS/RDS DatabaseConnections":       {over: true, most: 100_000, statistics: "Average Maximum"},
	"AWS/RDS MaximumUsedTransactionIDs": {over: true, most: 2_146_483_647, statistics: "Average Maximum"},
	"AWS/RDS AuroraReplicaLagMaximum":   {over: true, most: 3_600_000, statistics: "Average Maximum"},
	"AWS/RDS ReplicaLag":                {over: true, most: 86400, statistics: "Average Maximum"},
	"AWS/RDS FreeStorageSpace":          {least: 256 << 20, most: math.Inf(1), statistics: gauges},
	"AWS/RDS FreeLocalStorage":          {least: 256 << 20, most: math.Inf(1), statistics: gauges},
	"AWS/RDS FreeableMemory":            {least: 16 << 20, most: math.Inf(1), statistics: gauges},
	"AWS/RDS BurstBalance":              {most: 100, statistics: gauges}, "AWS/RDS EBSIOBalance%": {most: 100, statistics: gauges},
	"AWS/RDS EBSByteBalance%": {most: 100, statistics: gauges}, "AWS/RDS CPUCreditBalance": {most: 1e4, statistics: gauges},
	"AWS/ApplicationELB HealthyHostCount":               {most: 1e4, statistics: gauges, life: true},
	"AWS/NetworkELB HealthyHostCount":                   {most: 1e4, statistics: gauges, life: true},
	"AWS/AutoScaling GroupInServiceInstances":           {most: 1e4, statistics: gauges, life: true},
	"AWS/ApplicationELB UnHealthyHostCount":             {over: true, most: 1000, statistics: gauges},
	"AWS/NetworkELB UnHealthyHostCount":                 {over: true, most: 1000, statistics: gauges},
	"AWS/ApplicationELB TargetResponseTime":             {over: true, most: 4000, statistics: "Average Maximum"},
	"AWS/ApplicationELB RejectedConnectionCount":        {over: true, most: 1e6, statistics: counters},
	"AWS/ApplicationELB HTTPCode_Target_5XX_Count":      {over: true, most: 1e6, statistics: counters},
	"AWS/ApplicationELB HTTPCode_ELB_5XX_Count":         {over: true, most: 1e6, statistics: counters},
	"AWS/ApplicationELB TargetConnectionErrorCount":     {over: true, most: 1e6, statistics: counters},
	"AWS/ApplicationELB ClientTLSNegotiationErrorCount": {over: true, most: 1e6, statistics: counters},
	"AWS/EC2 StatusCheckFailed":                         {over: true, most: 1, statistics: "Average Maximum Sum"},
	"AWS/Logs IncomingLogEvents":                        {most: math.Inf(1), statistics: "Sum SampleCount", life: true},
}

// dimensioned are the dimensions of each namespace, at least one of which every metric has.
var dimensioned = map[string][]string{
	"AWS/RDS": {"DBInstanceIdentifier", "DBClusterIdentifier", "DatabaseClass", "EngineName", "DbClusterIdentifier", "Role",
		"SourceRegion"},
	"AWS/EC2":            {"InstanceId", "AutoScalingGroupName", "ImageId", "InstanceType"},
	"AWS/ApplicationELB": {"LoadBalancer", "TargetGroup", "AvailabilityZone"},
	"AWS/NetworkELB":     {"LoadBalancer", "TargetGroup", "AvailabilityZone"},
	"AWS/AutoScaling":    {"AutoScalingGroupName"},
}

// published are all metrics that a namespace has. AWS, RDS user guide, "Amazon CloudWatch metrics for Amazon RDS" and
// "… Aurora"; ELB and Auto Scaling user guides, "CloudWatch metrics".
var published = map[string]map[string]bool{
	"AWS/AutoScaling": words(`GroupMinSize GroupMaxSize GroupDesiredCapacity GroupInServiceInstances GroupPendingInstances
		GroupStandbyInstances GroupTerminatingInstances GroupTotalInstances GroupInServiceCapacity GroupPendingCapacity GroupStandbyCapacity
		GroupTerminatingCapacity GroupTotalCapacity WarmPoolDesiredCapacity WarmPoolWarmedCapacity WarmPoolPendingCapacity
		WarmPoolTerminatingCapacity WarmPoolTotalCapacity GroupAndWarmPoolDesiredCapacity GroupAndWarmPoolTotalCapacity
		PredictiveScalingLoadForecast PredictiveScalingCapacityForecast PredictiveScalingMetricPairCorrelation`),
	"AWS/ApplicationELB": words(`ActiveConnectionCount BYoIPUtilPercentage ClientTLSNegotiationErrorCount ConsumedLCUs
		DesyncMitigationMode_NonCompliant_Request_Count DroppedInvalidHeaderRequestCount ForwardedInvalidHeaderRequestCount
		GrpcRequestCount HTTP_Fixed_Response_Count HTTP_Redirect_Count HTTP_Redirect_Url_Limit_Exceeded_Count HTTPCode_ELB_3XX_Count
		HTTPCode_ELB_4XX_Count HTTPCode_ELB_5XX_Count HTTPCode_ELB_500_Count HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count
		HTTPCode_ELB_504_Count IPv6ProcessedBytes IPv6RequestCount LowReputationPacketsDropped LowReputationRequestsDenied
		MitigatedHostCount NewConnectionCount NonStickyRequestCount PeakLCUs PeakBytesPerLCU ProcessedBytes RejectedConnectionCount
		ReservedLCUs RequestCount RuleEvaluations ZonalShiftedHostCount HTTPCode_Target_2XX_Count HTTPCode_Target_3XX_Count
		HTTPCode_Target_4XX_Count HTTPCode_Target_5XX_Count TargetConnectionErrorCount TargetResponseTime TargetTLSNegotiationErrorCount
		AnomalousHostCount HealthyHostCount HealthyStateDNS HealthyStateRouting RequestCountPerTarget UnHealthyHostCount
		UnhealthyRoutingRequestCount UnhealthyStateDNS UnhealthyStateRouting LambdaInternalError LambdaTargetProcessedBytes
		LambdaUserError ELBAuthError ELBAuthFailure ELBAuthLatency ELBAuthRefreshTokenSuccess ELBAuthSuccess
		ELBAuthUserClaimsSizeExceeded`),
}

// soon is how many seconds something may be wrong before anybody is told.
const soon = 3 * 3600

// canFire demands that an alarm can go off: in time, and also when all data stops because what it watches is gone.
func canFire(v *view, r *graph.Resource) outcome {
	if r.Type == compoundType {
		return v.ruleFires(r)
	}
	if queries, known := blocks(r, "metricQueries"); known == present {
		return v.mathFires(r, queries)
	}
	name := r.String("namespace") + " " + r.String("metricName")
	if o := v.dimensions(r, r.String("namespace"), "dimensions"); o.verdict != report.Holds {
		return o
	}
	if all := published[r.String("namespace")]; all != nil && !all[r.String("metricName")] {
		return broken("%s has no metric %s, so that nothing is ever measured", r.String("namespace"), r.String("metricName"))
	}
	m, known := measures[name]
	threshold, written := read(r, "threshold")
	limit, isNumber := threshold.(float64)
	if !known || written != present || !isNumber {
		return holds()
	}
	statistic, operator := r.String("statistic"), r.String("comparisonOperator")
	if percentile := r.String("extendedStatistic"); percentile != "" {
		statistic = "Average"
		if p, err := strconv.ParseFloat(strings.TrimLeft(percentile, "ptmcwr("), 64); err == nil && p < 50 &&
			strings.HasPrefix(percentile, "p") {
			return broken("extendedStatistic is %s, below which is what nobody needs to be told of", percentile)
		}
	}
	if balancers := v.g.Ref(r, "dimensions", balancerType); strings.HasSuffix(name, "TargetResponseTime") && len(balancers) > 0 {
		if idle, ok := balancers[0].Int("idleTimeout"); ok {
			m.most = float64(idle)
		}
	}
	if groups := v.g.Ref(r, "dimensions", targetGroupType); strings.HasSuffix(name, "UnHealthyHostCount") && len(groups) > 0 {
		for _, servers := range v.pointing(groups[0], "targetGroupArns", scalingType) {
			if most, ok := servers.Int("maxSize"); ok {
				m.most = float64(most)
			}
		}
	}
	switch over := strings.HasPrefix(operator, "Greater"); {
	case statistic != "" && !slices.Contains(strings.Fields(m.statistics), statistic):
		return broken("the statistic %s does not show what is wrong with %s", statistic, name)
	case over != m.over && (over || strings.HasPrefix(operator, "Less")):
		return broken("comparisonOperator is %s, and %s goes wrong the other way", operator, name)
	case !reachable(operator, limit, m.least, m.most):
		return broken("its threshold is %s, which %s does not pass before it is too late: it goes from %s to %s", text(limit), name,
			text(m.least), text(m.most))
	case m.over && limit < 0, !m.over && limit > m.most:
		return broken("its threshold is %s, with which it is always in alarm", text(limit))
	case m.life && r.String("treatMissingData") != "breaching":
		return broken("treatMissingData is %q, and %s is missing when nothing is left", r.String("treatMissingData"), name).
			write("set treatMissingData to breaching")
	}
	return inTime(r, m)
}

func reachable(operator string, limit, least, most float64) bool {
	switch operator {
	case "GreaterThanThreshold":
		return limit < most
	case "GreaterThanOrEqualToThreshold":
		return limit <= most
	case "LessThanThreshold":
		return limit > least
	case "LessThanOrEqualToThreshold":
		return limit >= least
	}
	return true
}

// inTime demands that a fault is reported within hours.
func inTime(r *graph.Resource, m measure) outcome {
	period, _ := r.Int("period")
	queries, _ := blocks(r, "metricQueries")
	for i := range queries {
		of, _ := r.Int(fmt.Sprintf("metricQueries[%d].metric.period", i))
		period = max(period, of)
	}
	points, asked := r.Int("datapointsToAlarm")
	most, _ := r.Int("evaluationPeriods")
	if !asked {
		points = most
	}
	switch {
	case most < 1, r.String("comparisonOperator") == "":
		return broken("evaluationPeriods is %d, and comparisonOperator %q", most, r.String("comparisonOperator"))
	case points > most:
		return broken("%d of %d periods never are in alarm", points, most)
	case period <= 0 || period%60 != 0 && !slices.Contains([]int{10, 20, 30}, period):
		return broken("there is no period of %d seconds", period)
	}
	if !(m.life && strings.HasSuffix(m.statistics, "SampleCount")) && period*points > soon {
		return broken("it tells what is wrong after %d hours", period*points/3600).write("choose a shorter period, or fewer data points")
	}
	return holds()
}

func (v *view) dimensions(r *graph.Resource, namespace, path string) outcome {
	wanted := dimensioned[namespace]
	value, known := read(r, path)
	if wanted == nil || known == hidden {
		return holds()
	}
	all, _ := value.(map[string]any)
	if !slices.ContainsFunc(slices.Collect(maps.Keys(all)), func(key string) bool { return slices.Contains(wanted, key) }) {
		return broken("no metric of %s has these dimensions, or is about one thing: %v", namespace, slices.Sorted(maps.Keys(all)))
	}
	for _, group := range v.g.Ref(r, path, scalingType) {
		metric := r.String(strings.TrimSuffix(path, "dimensions") + "metricName")
		if collected, known := asked(group, "enabledMetrics"); namespace == "AWS/AutoScaling" && known != hidden &&
			!slices.ContainsFunc(userdata.List(collected), func(m any) bool { return m == metric }) {
			return broken("%s does not have %s measured", group.Name, metric).write("name it in the group's enabledMetrics")
		}
	}
	if _, balanced := all["LoadBalancer"]; strings.HasSuffix(namespace, "ELB") && !balanced {
		return broken("every metric of %s has the dimension LoadBalancer", namespace)
	}
	for key, value := range all {
		if value == "" {
			return broken("it watches no %s", key)
		}
		resolved := v.g.Resolve(r, path+"."+key)
		if len(v.g.ByType(watched[key]...)) > 0 && len(resolved.Outside) > 0 {
			return broken("it watches the %s %s, which is not in the stack", key,
				text(value)).write("watch what the stack has, by its own output")
		}
	}
	return holds()
}

// watched are the types of resources that a dimension names.
var watched = map[string][]string{
	"DBInstanceIdentifier": {databaseType, memberType}, "DBClusterIdentifier": {clusterType}, "LoadBalancer": balancers,
	"TargetGroup": {targetGroupType}, "AutoScalingGroupName": {scalingType}, "InstanceId": {instanceType},
}

// ruleFires demands that a composite alarm goes off when all alarms that it names do, and also when only one does
// that notifies nobody itself.
func (v *view) ruleFires(r *graph.Resource) outcome {
	rule, known := read(r, "alarmRule")
	if known != present {
		return holds()
	}
	var named []*graph.Resource
	fires := func(alarming func(name string) bool) bool {
		got, err := evaluate(text(rule), expression{call: func(state string, _ []float64, name string) (float64, error) {
			named = append(named, only(v.g.ByIdentity(name), func(r *graph.Resource) bool {
				return r.Type == alarmType ||
					r.Type == compoundType
			})...)
			return one(state == "ALARM" && alarming(name) || state == "OK" && !alarming(name)), nil
		}})
		return err != nil || got != 0
	}
	if !fires(func(string) bool { return true }) {
		return broken("its alarmRule is not met when all alarms that it names are in alarm: %s", text(rule)).
			write("write ALARM(…) OR ALARM(…)")
	}
	for _, alarm := range named {
		if _, tells := read(alarm, "alarmActions"); tells == absent && !fires(func(name string) bool {
			return slices.Contains(v.g.ByIdentity(name), alarm)
		}) {
			return broken("its alarmRule is not met when %s alone is in alarm, which tells nobody else", alarm.Name)
		}
	}
	return holds()
}
