package monitoring_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/monitoring"
	"github.com/causeway-iac/causeway/components/servers"
	"github.com/causeway-iac/causeway/infra/infratest"
)

const (
	alarmType     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	dashboardType = "aws:cloudwatch/dashboard:Dashboard"
	topicType     = "aws:sns/topic:Topic"
	policyType    = "aws:sns/topicPolicy:TopicPolicy"
	subscribeType = "aws:sns/topicSubscription:TopicSubscription"
	eventsType    = "aws:rds/eventSubscription:EventSubscription"
	topicARN      = "arn:aws:sns:eu-west-1:123456789012:prod-monitoring"
)

func text(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }

func postgres() *database.Database {
	return &database.Database{
		Engine: database.Postgres, Version: "17", Class: "db.m7g.large", StorageGiB: 100, MemoryGiB: 8, MaxConnections: 800,
		Identifier: text("prod-database"), ParameterGroup: text("postgres17"),
	}
}

func aurora() *database.Database {
	return &database.Database{
		Engine: database.AuroraPostgres, Version: "17", Class: "db.r7g.large", Aurora: true, MultiZone: true, MemoryGiB: 16,
		MaxConnections: 1600,
		Identifier:     text("prod-database"), ParameterGroup: text("aurora17"),
		Members: []pulumi.StringInput{text("prod-database-0"), text("prod-database-1")},
	}
}

func declared(t *testing.T, db *database.Database, args monitoring.Args) []infratest.Declared {
	t.Helper()
	return infratest.Record(t, nil, func(ctx *pulumi.Context) error {
		k := &keys.Keys{Topics: &keys.Key{ARN: text("arn:topics")}}
		edge := &loadbalancer.LoadBalancer{ARNSuffix: text("app/edge/1")}
		internal := &loadbalancer.LoadBalancer{Internal: true, ARNSuffix: text("app/internal/2")}
		web := &servers.Group{Name: text("web-group"), MinSize: 2, MaxSize: 6,
			Target: &loadbalancer.TargetGroup{LoadBalancer: edge, ARNSuffix: text("targetgroup/web/3")}}
		app := &servers.Group{Name: text("app-group"), MinSize: 2, MaxSize: 6,
			Target: &loadbalancer.TargetGroup{LoadBalancer: internal, ARNSuffix: text("targetgroup/app/4")},
			Others: []*loadbalancer.TargetGroup{{LoadBalancer: edge, ARNSuffix: text("targetgroup/edge-app/5")}}}
		_, err := monitoring.New(ctx, "prod-monitoring", infratest.Platform("prod"),
			monitoring.Wiring{Keys: k, Web: web, App: app, Database: db}, args)
		return err
	})
}

func alarm(t *testing.T, all []infratest.Declared, part string) map[string]any {
	t.Helper()
	return infratest.Named(t, all, alarmType, "prod-monitoring-"+part).Plain()
}

// Controls 178 and 179, and what a person who is woken needs to read.
func TestEveryAlarmActsAndExplainsItself(t *testing.T) {
	for _, db := range []*database.Database{postgres(), aurora()} {
		all := declared(t, db, monitoring.Args{})
		alarms := infratest.OfType(all, alarmType)
		assert.Greater(t, len(alarms), 12)
		for _, d := range append(alarms, infratest.OfType(all, compositeType)...) {
			a := d.Plain()
			assert.Equal(t, true, a["actionsEnabled"], d.Name)
			assert.Equal(t, []any{topicARN}, a["alarmActions"], d.Name)
			assert.Equal(t, []any{topicARN}, a["okActions"], d.Name)
			assert.Contains(t, a["alarmDescription"], " First: ", d.Name)
			assert.LessOrEqual(t, len(a["alarmDescription"].(string)), 1024, d.Name)
			if d.Type == alarmType {
				assert.LessOrEqual(t, a["datapointsToAlarm"].(float64), a["evaluationPeriods"].(float64), d.Name)
				assert.NotEmpty(t, a["treatMissingData"], d.Name)
				assert.NotContains(t, a, "alarmName")
			}
		}
	}
}

// Workers show that they work by what they log, and a job by what is done; an alarm looks back a day by minutes and a week by hours.
func TestWorkersThatDoNothing(t *testing.T) {
	workers := []monitoring.Worker{
		{Name: "worker-mail", Group: &servers.Group{Name: text("mail-group"), MaxSize: 4, LogGroup: text("mail")},
			Silent: 90 * time.Minute},
		{Name: "worker-report", Group: &servers.Group{Name: text("report-group"), MaxSize: 1, Scheduled: true, LogGroup: text("report"),
			DoneGroup: text("report-done")}, Silent: 26 * time.Hour},
		{Name: "worker-yearly", Group: &servers.Group{Name: text("yearly-group"), MaxSize: 1, Scheduled: true, LogGroup: text("yearly"),
			DoneGroup: text("yearly-done")}},
	}
	all := declared(t, postgres(), monitoring.Args{Workers: workers})
	silent := alarm(t, all, "worker-mail-silent")
	assert.Equal(t, map[string]any{"LogGroupName": "mail"}, silent["dimensions"])
	assert.Equal(t, []any{"AWS/Logs", "IncomingLogEvents", 60.0, 90.0, "breaching"},
		[]any{silent["namespace"], silent["metricName"], silent["period"], silent["evaluationPeriods"], silent["treatMissingData"]})
	done := alarm(t, all, "worker-report-silent")
	assert.Equal(t, map[string]any{"LogGroupName": "report-done"}, done["dimensions"], "what a job says as it fails is not that it is done")
	assert.Equal(t, []any{3600.0, 26.0}, []any{done["period"], done["evaluationPeriods"]})
	assert.Equal(t, "breaching", alarm(t, all, "worker-yearly-gone")["treatMissingData"])
	var names []string
	for _, d := range infratest.OfType(all, alarmType) {
		if strings.Contains(d.Name, "worker") {
			names = append(names, strings.TrimPrefix(d.Name, "prod-monitoring-"))
		}
	}
	assert.ElementsMatch(t, []string{"worker-mail-gone", "worker-mail-ceiling", "worker-mail-silent", "worker-report-gone",
		"worker-report-silent", "worker-yearly-gone"}, names)
}

// No visitors are no fault; no servers are one.
func TestMissingData(t *testing.T) {
	all := declared(t, postgres(), monitoring.Args{})
	assert.Equal(t, "notBreaching", alarm(t, all, "edge-errors")["treatMissingData"])
	assert.Equal(t, "notBreaching", alarm(t, all, "edge-latency")["treatMissingData"])
	for _, tier := range []string{"web", "app", "app-other-1"} {
		healthy := alarm(t, all, tier+"-healthy")
		assert.Equal(t, "breaching", healthy["treatMissingData"])
		assert.Equal(t, "LessThanThreshold", healthy["comparisonOperator"])
		assert.Equal(t, 1.0, healthy["threshold"])
	}
	assert.Equal(t, map[string]any{"LoadBalancer": "app/internal/2", "TargetGroup": "targetgroup/app/4"},
		alarm(t, all, "app-healthy")["dimensions"])
	assert.Equal(t, map[string]any{"LoadBalancer": "app/edge/1", "TargetGroup": "targetgroup/web/3"},
		alarm(t, all, "web-healthy")["dimensions"])
	assert.Equal(t, map[string]any{"LoadBalancer": "app/edge/1", "TargetGroup": "targetgroup/edge-app/5"},
		alarm(t, all, "app-other-1-healthy")["dimensions"], "each way to a tier is watched")
	assert.Equal(t, map[string]any{"LoadBalancer": "app/edge/1"}, alarm(t, all, "edge-rejected")["dimensions"],
		"dimensions are not shared between alarms")
}

// The share of failures counts what targets and the load balancer fail, from a
// minimum of requests on.
func TestErrorRate(t *testing.T) {
	a := alarm(t, declared(t, postgres(), monitoring.Args{ErrorPercent: 2}), "edge-errors")
	assert.Equal(t, 2.0, a["threshold"])
	assert.NotContains(t, a, "metricName")
	metrics := map[any]any{}
	for _, q := range a["metricQueries"].([]any) {
		query := q.(map[string]any)
		if query["expression"] != nil {
			assert.Equal(t, true, query["returnData"])
			assert.Contains(t, query["expression"], ">= 20")
			continue
		}
		assert.Equal(t, false, query["returnData"])
		metrics[query["id"]] = query["metric"].(map[string]any)["metricName"]
	}
	assert.Equal(t, map[any]any{"requests": "RequestCount", "failed": "HTTPCode_Target_5XX_Count", "refused": "HTTPCode_ELB_5XX_Count"},
		metrics)
}

func TestUsersSeeErrors(t *testing.T) {
	composite := infratest.One(t, declared(t, postgres(), monitoring.Args{}), compositeType).Plain()
	assert.Equal(t,
		`ALARM("prod-monitoring-edge-errors") OR ALARM("prod-monitoring-edge-latency") OR ALARM("prod-monitoring-edge-rejected")`+
			` OR ALARM("prod-monitoring-web-healthy") OR ALARM("prod-monitoring-app-healthy")`+
			` OR ALARM("prod-monitoring-app-other-1-healthy")`, composite["alarmRule"])
}

func TestDatabaseAlarmsFollowTheEngine(t *testing.T) {
	all := declared(t, postgres(), monitoring.Args{})
	assert.Equal(t, map[string]any{"DBInstanceIdentifier": "prod-database"}, alarm(t, all, "database-cpu")["dimensions"])
	assert.Equal(t, 640.0, alarm(t, all, "database-connections")["threshold"])
	assert.Equal(t, 5.0*(1<<30), alarm(t, all, "database-storage")["threshold"])
	parts := func(db *database.Database) (names []string) {
		for _, d := range infratest.OfType(declared(t, db, monitoring.Args{}), alarmType) {
			names = append(names, strings.TrimPrefix(d.Name, "prod-monitoring-"))
		}
		return names
	}
	cluster := declared(t, aurora(), monitoring.Args{})
	assert.Equal(t, map[string]any{"DBClusterIdentifier": "prod-database", "Role": "WRITER"},
		alarm(t, cluster, "database-cpu")["dimensions"])
	assert.Equal(t, "AuroraReplicaLagMaximum", alarm(t, cluster, "database-lag")["metricName"])
	assert.NotContains(t, parts(aurora()), "database-storage")
	assert.NotContains(t, parts(postgres()), "database-lag")
	mysql := postgres()
	mysql.Engine = database.MySQL
	assert.NotContains(t, parts(mysql), "database-wraparound")
}

// Controls 181 and 182: encrypted with the platform's key, and open to alarms and
// database events of this account alone, over TLS.
func TestTopicIsClosed(t *testing.T) {
	all := declared(t, postgres(), monitoring.Args{})
	assert.Equal(t, "arn:topics", infratest.One(t, all, topicType).Plain()["kmsMasterKeyId"])
	var policy struct {
		Statement []struct {
			Sid, Effect string
			Action      string
			Resource    string
			Principal   map[string]string
			Condition   map[string]map[string]string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(infratest.One(t, all, policyType).Plain()["policy"].(string)), &policy))
	require.Len(t, policy.Statement, 3)
	for _, s := range policy.Statement {
		assert.Equal(t, topicARN, s.Resource)
		assert.Equal(t, "sns:Publish", s.Action)
		if s.Effect == "Deny" {
			assert.Equal(t, "false", s.Condition["Bool"]["aws:SecureTransport"])
			continue
		}
		assert.Contains(t, []string{"cloudwatch.amazonaws.com", "events.rds.amazonaws.com"}, s.Principal["Service"])
		assert.Equal(t, "123456789012", s.Condition["StringEquals"]["aws:SourceAccount"])
		assert.Contains(t, s.Condition["ArnLike"]["aws:SourceArn"], "123456789012")
	}
}

func TestEmailsAreSubscribed(t *testing.T) {
	all := declared(t, postgres(), monitoring.Args{Emails: []string{"b@example.com", "a@example.com"}})
	for _, email := range []string{"a@example.com", "b@example.com"} {
		s := infratest.Named(t, all, subscribeType, "prod-monitoring-"+email).Plain()
		assert.Equal(t, []any{"email", email, topicARN}, []any{s["protocol"], s["endpoint"], s["topic"]})
	}
}

// Control 139.
func TestDatabaseEventsReachTheTopic(t *testing.T) {
	all := declared(t, postgres(), monitoring.Args{})
	events := infratest.Named(t, all, eventsType, "prod-monitoring-database-events")
	got := events.Plain()
	assert.Equal(t, []any{"db-instance", []any{"prod-database"}, topicARN, true},
		[]any{got["sourceType"], got["sourceIds"], got["snsTopic"], got["enabled"]})
	for _, category := range []string{"maintenance", "configuration change", "failure"} { // Security Hub, RDS.20
		assert.Contains(t, got["eventCategories"], category)
	}
	assert.True(t, slices.ContainsFunc(events.Options.GetDependencies(),
		func(urn string) bool { return strings.Contains(urn, policyType) }),
		"RDS publishes a test message at once")
	parameters := infratest.Named(t, all, eventsType, "prod-monitoring-parameter-events").Plain()
	assert.Equal(t, []any{"db-parameter-group", []any{"postgres17"}}, []any{parameters["sourceType"], parameters["sourceIds"]})
	all = declared(t, aurora(), monitoring.Args{})
	assert.Equal(t, "db-cluster", infratest.Named(t, all, eventsType, "prod-monitoring-database-events").Plain()["sourceType"])
	members := infratest.Named(t, all, eventsType, "prod-monitoring-instance-events").Plain()
	assert.Equal(t, []any{"db-instance", []any{"prod-database-0", "prod-database-1"}}, []any{members["sourceType"], members["sourceIds"]})
}

type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          map[string]any
}

// The dashboard reads as the picture does, leaves no gap and overlaps nowhere.
func TestDashboardIsThePicture(t *testing.T) {
	for _, db := range []*database.Database{postgres(), aurora()} {
		all := declared(t, db, monitoring.Args{})
		var body struct{ Widgets []widget }
		require.NoError(t, json.Unmarshal([]byte(infratest.One(t, all, dashboardType).Plain()["dashboardBody"].(string)), &body))
		var titles []string
		taken := map[[2]int]string{}
		for _, w := range body.Widgets {
			if w.Type == "text" {
				title, _, _ := strings.Cut(w.Properties["markdown"].(string), "\n")
				titles = append(titles, title)
			}
			for x := w.X; x < w.X+w.Width; x++ {
				assert.Less(t, x, 24)
				for y := w.Y; y < w.Y+w.Height; y++ {
					assert.Empty(t, taken[[2]int{x, y}])
					taken[[2]int{x, y}] = w.Type
				}
			}
		}
		assert.Equal(t, []string{"## Edge", "## Web", "## Internal", "## Application", "## Database"}, titles)
		assert.Zero(t, len(taken)%24, "every row is full")
		require.Equal(t, "alarm", body.Widgets[0].Type)
		assert.Len(t, body.Widgets[0].Properties["alarms"], len(infratest.OfType(all, alarmType))+1)
	}
}

// Each line of a graph is about the box that it stands under.
func TestDashboardDrawsTheRightThings(t *testing.T) {
	all := declared(t, postgres(), monitoring.Args{})
	var body struct{ Widgets []widget }
	require.NoError(t, json.Unmarshal([]byte(infratest.One(t, all, dashboardType).Plain()["dashboardBody"].(string)), &body))
	of := map[string][]string{
		"## Edge": {"app/edge/1"}, "## Web": {"targetgroup/web/3", "web-group"}, "## Internal": {"app/internal/2"},
		"## Application": {"targetgroup/app/4", "app-group"}, "## Database": {"prod-database"},
	}
	box, lines := "", 0
	for _, w := range body.Widgets {
		switch w.Type {
		case "text":
			box, _, _ = strings.Cut(w.Properties["markdown"].(string), "\n")
		case "metric":
			assert.Equal(t, "eu-west-1", w.Properties["region"])
			for _, m := range w.Properties["metrics"].([]any) {
				lines++
				assert.True(t, slices.ContainsFunc(of[box], func(id string) bool { return slices.Contains(m.([]any), any(id)) }), "%s: %v",
					box, m)
			}
		}
	}
	assert.Greater(t, lines, 20)
}

func TestValidate(t *testing.T) {
	assert.NoError(t, monitoring.Args{}.Validate().Err())
	for _, c := range []struct {
		args        monitoring.Args
		where, says string
	}{
		{monitoring.Args{Emails: []string{"oncall"}}, "emails[0]", "is not a mail address"},
		{monitoring.Args{Emails: []string{"On Call <oncall@example.com>"}}, "emails[0]", "is not a mail address"},
		{monitoring.Args{Emails: []string{"a@b.c", "a@b.c"}}, "emails[1]", "listed already"},
		{monitoring.Args{ErrorPercent: 100}, "errorPercent", "must be above 0 and below 100, not 100"},
		{monitoring.Args{LatencySeconds: -1}, "latencySeconds", "must be above 0 and at most 4000, not -1"},
	} {
		if problems := c.args.Validate(); assert.Len(t, problems, 1) {
			assert.Equal(t, c.where, problems[0].Where)
			assert.Contains(t, problems[0].String(), c.says)
		}
	}
}
