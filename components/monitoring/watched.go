package monitoring

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/servers"
	"github.com/causeway-iac/causeway/infra"
)

const gibibyte = 1 << 30

// edgeAlarms watch what browsers meet. The edge counts as failed both its targets' 5xx answers and its own, which it
// gives for lack of a healthy target, say.
func (b *builder) edgeAlarms() []alarm {
	edge := balancer(b.edge)
	return []alarm{
		{
			part: "edge-errors", tier: infra.TierEdge, users: true,
			means: fmt.Sprintf("More than %v%% of the requests from browsers fail with a 5xx.", b.args.ErrorPercent),
			first: "see on the dashboard whether web or app answers 5xx; if a deployment has just begun, deploy the release before it.",
			math:  b.failures(edge),
			over:  true, threshold: b.args.ErrorPercent, minutes: 5, faulty: 3, missing: isWell,
		},
		{
			part: "edge-latency", tier: infra.TierEdge, users: true,
			means:  fmt.Sprintf("One of a hundred requests waits more than %v seconds.", b.args.LatencySeconds),
			first:  "compare the latency of web and app on the dashboard, then the database's CPU and slow statement log.",
			metric: edge.metric("TargetResponseTime", "p99"),
			over:   true, threshold: b.args.LatencySeconds, minutes: 10, faulty: 8, missing: isWell,
		},
		{
			part: "edge-rejected", tier: infra.TierEdge, users: true,
			means:  "The edge load balancer turns connections away: it has reached its most.",
			first:  "look for a flood in the access log; if the traffic is real, ask AWS to raise the load balancer's capacity.",
			metric: edge.metric("RejectedConnectionCount", "Sum"),
			over:   true, threshold: 0, minutes: 5, faulty: 2, missing: isWell,
		},
	}
}

// internalAlarms watch what the web servers meet when they call the application.
func (b *builder) internalAlarms() []alarm {
	internal := balancer(b.internal)
	return []alarm{{
		part: "internal-errors", tier: infra.TierInternal,
		means: fmt.Sprintf("More than %v%% of the calls from web to app fail with a 5xx.", b.args.ErrorPercent),
		first: "read the application's log group for what it says of the database.",
		math:  b.failures(internal),
		over:  true, threshold: b.args.ErrorPercent, minutes: 5, faulty: 3, missing: isWell,
	}}
}

func (b *builder) tierAlarms(tier infra.Tier, g *servers.Group) []alarm {
	part := string(tier)
	target := targets(g.Target)
	alarms := []alarm{
		healthy(part, tier, target, "read the newest stream of the tier's log group; if a deployment has just begun, "+
			"deploy the release before it."),
		{
			part: part + "-unhealthy", tier: tier,
			means:  fmt.Sprintf("A %s server fails its health check and is not replaced.", tier),
			first:  "read the group's activity history: a launch that AWS refuses says why there.",
			metric: target.metric("UnHealthyHostCount", "Maximum"),
			over:   true, threshold: 0, minutes: 20, faulty: 20, missing: isWell,
		},
		ceiling(part, tier, g),
	}
	for i, other := range g.Others {
		alarms = append(alarms, healthy(fmt.Sprintf("%s-other-%d", part, i+1), tier, targets(other),
			fmt.Sprintf("see whether %s-healthy rings too; if not, look at what the firewall lets the other load balancer reach.", part)))
	}
	return alarms
}

// healthy is the alarm for a load balancer that has no healthy target.
func healthy(part string, tier infra.Tier, target dims, first string) alarm {
	return alarm{
		part: part + "-healthy", tier: tier, users: true,
		means:  fmt.Sprintf("No %s server passes its health check: every request to them fails.", tier),
		first:  first,
		metric: target.metric("HealthyHostCount", "Maximum"),
		over:   false, threshold: 1, minutes: 3, faulty: 2, missing: isAFault,
	}
}

// ceiling is the alarm for a group that has reached its maximum size.
func ceiling(part string, tier infra.Tier, g *servers.Group) alarm {
	group := groupDims(g)
	return alarm{
		part: part + "-ceiling", tier: tier,
		means: fmt.Sprintf("The %s tier has been at its largest, %d servers, for half an hour and can grow no more.", part, g.MaxSize),
		first: "raise maxSize if the traffic is real.",
		math: &math{
			expression: "IF(servers >= most, 1, 0)",
			metrics: []named{
				{"servers", group.metric("GroupInServiceInstances", "Minimum")},
				{"most", group.metric("GroupMaxSize", "Minimum")},
			},
		},
		over: true, threshold: 0, minutes: 30, faulty: 30, missing: isNoNews,
	}
}

func groupDims(g *servers.Group) dims {
	return dims{"AWS/AutoScaling", pulumi.StringMap{"AutoScalingGroupName": g.Name}}
}

// workerAlarms tell that workers are gone or do nothing, which shows as silence in their log.
func workerAlarms(w Worker) []alarm {
	logs, what, first := w.Group.LogGroup, "logged nothing", "read the newest stream of its log group, and what it takes its work from."
	alarms := []alarm{{
		part: w.Name + "-gone", tier: infra.TierWorker,
		means:  fmt.Sprintf("No server of %s is in service.", w.Name),
		first:  "read the group's activity history: a launch that AWS refuses says why there.",
		metric: groupDims(w.Group).metric("GroupInServiceInstances", "Maximum"),
		over:   false, threshold: 1, minutes: 20, faulty: 20, missing: isAFault,
	}}
	if w.Group.Scheduled {
		logs, what, first = w.Group.DoneGroup, "not been done", "read the newest stream of the job's log group."
	} else {
		alarms = append(alarms, ceiling(w.Name, infra.TierWorker, w.Group))
	}
	if w.Silent == 0 {
		return alarms
	}
	silent := alarm{
		part: w.Name + "-silent", tier: infra.TierWorker,
		means:  fmt.Sprintf("%s has %s for %v.", w.Name, what, w.Silent),
		first:  first,
		metric: dims{"AWS/Logs", pulumi.StringMap{"LogGroupName": logs}}.metric("IncomingLogEvents", "Sum"),
		over:   false, threshold: 1, minutes: int(w.Silent.Minutes()), missing: isAFault,
	}
	if w.Silent%time.Hour == 0 {
		silent.minutes, silent.hours = int(w.Silent.Hours()), true
	}
	silent.faulty = silent.minutes
	return append(alarms, silent)
}

func (b *builder) databaseAlarms() []alarm {
	db := databaseDims(b.db)
	alarms := []alarm{
		{
			part: "database-cpu", tier: infra.TierData,
			means:  "The database's CPU is above 90%: statements queue up.",
			first:  "find the statement with the highest load in Performance Insights.",
			metric: db.metric("CPUUtilization", "Average"),
			over:   true, threshold: 90, minutes: 15, faulty: 12, missing: isWell,
		},
		{
			part: "database-connections", tier: infra.TierData,
			means:  fmt.Sprintf("More than 80%% of the about %d connections that a %s can hold are open.", b.db.MaxConnections, b.db.Class),
			first:  "look for an application that leaks them, then lower its pool or choose a larger class.",
			metric: db.metric("DatabaseConnections", "Maximum"),
			over:   true, threshold: float64(b.db.MaxConnections * 8 / 10), minutes: 10, faulty: 5, missing: isWell,
		},
		{
			part: "database-memory", tier: infra.TierData,
			means:  "The database has less than 5% of its memory left and will soon be restarted for want of it.",
			first:  "look for large sorts in the slow statement log, then choose a larger class.",
			metric: db.metric("FreeableMemory", "Minimum"),
			over:   false, threshold: b.db.MemoryGiB * gibibyte / 20, minutes: 15, faulty: 12, missing: isWell,
		},
	}
	if b.db.Engine != database.MySQL {
		alarms = append(alarms, alarm{
			part: "database-wraparound", tier: infra.TierData,
			means:  "PostgreSQL has used half of its transaction ids: at the end it refuses every write.",
			first:  "look for a transaction or replication slot that holds vacuum back.",
			metric: db.metric("MaximumUsedTransactionIDs", "Maximum"),
			over:   true, threshold: 1e9, minutes: 5, faulty: 3, missing: isWell,
		})
	}
	if b.db.Aurora {
		return append(alarms, b.auroraAlarms()...)
	}
	return append(alarms, b.diskAlarms(db)...)
}

func (b *builder) diskAlarms(db dims) []alarm {
	return []alarm{
		{
			part: "database-storage", tier: infra.TierData,
			means: "The database's disk is nearly full and has not grown on its own; a full one stops every write.",
			first: "raise maxStorageGiB; RDS grows a disk once in six hours.",
			// RDS grows a disk that has less than a tenth of free room. If the free room stays below half of that,
			// RDS could not grow it.
			metric: db.metric("FreeStorageSpace", "Minimum"),
			over:   false, threshold: float64(b.db.StorageGiB) * gibibyte / 20, minutes: 15, faulty: 15, missing: isWell,
		},
		{
			part: "database-burst", tier: infra.TierData,
			means:  "The database has nearly spent its burst of disk operations and will be slow when it has.",
			first:  "find the statement that reads most in Performance Insights, then choose a class that does not burst.",
			metric: db.metric("EBSIOBalance%", "Minimum"),
			over:   false, threshold: 20, minutes: 15, faulty: 15, missing: isWell,
		},
	}
}

func (b *builder) auroraAlarms() []alarm {
	if !b.db.MultiZone {
		return nil
	}
	cluster := dims{"AWS/RDS", pulumi.StringMap{"DBClusterIdentifier": b.db.Identifier}}
	return []alarm{{
		part: "database-lag", tier: infra.TierData,
		means:  "The reader is more than a second behind the writer, and a failover would take longer.",
		first:  "look for a burst of writes or a long query on the reader.",
		metric: cluster.metric("AuroraReplicaLagMaximum", "Maximum"),
		over:   true, threshold: 1000, minutes: 10, faulty: 8, missing: isWell,
	}}
}

// failures is the percentage of a load balancer's requests that its targets or the load balancer itself answer with
// 5xx. Requests that find no target are not in RequestCount (AWS, Application Load Balancer user guide, "CloudWatch
// metrics"), so both are added. With too few requests there is no share.
func (b *builder) failures(d dims) *math {
	return &math{
		expression: fmt.Sprintf(
			"IF(FILL(requests, 0) + FILL(refused, 0) >= %d, 100 * (FILL(failed, 0) + FILL(refused, 0)) / (FILL(requests, 0) + "+
				"FILL(refused, 0)), 0)",
			leastRequests),
		metrics: []named{
			{"requests", d.metric("RequestCount", "Sum")},
			{"failed", d.metric("HTTPCode_Target_5XX_Count", "Sum")},
			{"refused", d.metric("HTTPCode_ELB_5XX_Count", "Sum")},
		},
	}
}

// dims is a namespace and the dimensions of one thing in it.
type dims struct {
	namespace  string
	dimensions pulumi.StringMap
}

func (d dims) metric(name, stat string) metric {
	return metric{namespace: d.namespace, name: name, stat: stat, dimensions: d.dimensions}
}

func balancer(l *loadbalancer.LoadBalancer) dims {
	return dims{"AWS/ApplicationELB", pulumi.StringMap{"LoadBalancer": l.ARNSuffix}}
}

// databaseDims is the instance, or the cluster's writer, whichever instance that is.
func databaseDims(db *database.Database) dims {
	if db.Aurora {
		return dims{"AWS/RDS", pulumi.StringMap{"DBClusterIdentifier": db.Identifier, "Role": pulumi.String("WRITER")}}
	}
	return dims{"AWS/RDS", pulumi.StringMap{"DBInstanceIdentifier": db.Identifier}}
}
