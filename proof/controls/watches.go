package controls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

const dashboardType = "aws:cloudwatch/dashboard:Dashboard"

var watches = []Control{
	{
		Number: 239, House: true, Severity: report.Medium,
		Title:  "Each load balancer, group of servers and database has the alarms by which somebody learns that it fails",
		Types:  slices.Concat(balancers, targets, []string{scalingType, databaseType, clusterType}),
		Note:   "C178 and C179 hold that those which are there can fire, and tell somebody",
		Remedy: "add a cloudwatch.MetricAlarm of the metric, as components/monitoring does", each: watchedBy,
	},
	{
		Number: 240, House: true, Severity: report.Low, Title: "One alarm says that users see errors, and a dashboard shows where",
		Remedy: "add a cloudwatch.CompositeAlarm over what users feel, and a cloudwatch.Dashboard", whole: overview,
	},
}

// fails are the metrics by which one learns that a resource fails: of each list, one is enough.
func (v *view) fails(r *graph.Resource) [][]string {
	var all [][]string
	each := func(metrics ...string) {
		for _, m := range metrics {
			all = append(all, []string{m})
		}
	}
	switch {
	case slices.Contains(balancers, r.Type) && isApplication(v, r):
		all = append(all, []string{"HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"})
		if facesInternet(v, r) {
			each("TargetResponseTime", "RejectedConnectionCount")
		}
	case slices.Contains(targets, r.Type) && r.String("targetType") != "lambda":
		each("HealthyHostCount")
	case r.Type == scalingType:
		all = append(all, []string{"GroupInServiceInstances", "UnHealthyHostCount"})
		if _, balanced := read(r, "targetGroupArns"); balanced != absent {
			each("UnHealthyHostCount")
		}
		if most, known := r.Int("maxSize"); known && most > 1 {
			each("GroupMaxSize")
		}
	case r.Type == databaseType && holdsData(v, r):
		each("CPUUtilization", "DatabaseConnections", "FreeableMemory", "FreeStorageSpace", "EBSIOBalance%")
	case r.Type == clusterType && holdsData(v, r):
		each("CPUUtilization", "DatabaseConnections", "FreeableMemory")
		if len(v.pointing(r, "clusterIdentifier", memberType)) > 1 {
			each("AuroraReplicaLagMaximum")
		}
	}
	if slices.Contains(whole, r.Type) && strings.Contains(r.String("engine"), "postgres") && holdsData(v, r) {
		each("MaximumUsedTransactionIDs")
	}
	return all
}

func watchedBy(v *view, r *graph.Resource) outcome {
	var missing []string
	wanted := v.fails(r)
	for _, metrics := range wanted {
		if !slices.ContainsFunc(metrics, func(m string) bool { return v.alarmed(r)[m] }) {
			missing = append(missing, metrics[0])
		}
	}
	switch {
	case len(wanted) == 0:
		return outcome{}
	case len(missing) > 0:
		return broken("no alarm is of its %s", strings.Join(missing, ", "))
	}
	return holds()
}

// alarmed are the metrics of a resource that alarms are of. Those of a target group are its group of servers' too.
func (v *view) alarmed(r *graph.Resource) map[string]bool {
	if v.alarms == nil {
		v.alarms = map[*graph.Resource]map[string]bool{}
		for _, alarm := range v.g.ByType(alarmType) {
			v.alarmsOf(alarm, "")
			queries, _ := blocks(alarm, "metricQueries")
			for i := range queries {
				v.alarmsOf(alarm, fmt.Sprintf("metricQueries[%d].metric.", i))
			}
		}
	}
	return v.alarms[r]
}

func (v *view) alarmsOf(alarm *graph.Resource, at string) {
	metric := alarm.String(at + "metricName")
	for _, of := range v.g.Ref(alarm, at+"dimensions") {
		for _, r := range append(v.pointing(of, "targetGroupArns", scalingType), of) {
			if v.alarms[r] == nil {
				v.alarms[r] = map[string]bool{}
			}
			v.alarms[r][metric] = true
		}
	}
}

func overview(v *view) []outcome {
	edges := v.g.ByType(balancers...)
	if len(edges) == 0 {
		return nil
	}
	all := []outcome{holds().about(edges...)}
	for _, part := range [][2]string{{compoundType, "no alarm says that users see errors"}, {dashboardType, "no dashboard shows where"}} {
		if len(v.g.ByType(part[0])) == 0 {
			all = append(all, broken("%s", part[1]).about(edges...))
		}
	}
	return all
}
