package monitoring

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// How an alarm treats missing data.
const (
	isWell   = "notBreaching" // no traffic, so nothing failed
	isAFault = "breaching"    // something that should report is gone
	isNoNews = "missing"      // neither: the state stays unknown
)

// alarm is one thing that is watched, by a single metric or a calculation over several.
type alarm struct {
	part string // of its name, such as edge-errors
	tier infra.Tier
	// means and first are its description: what the alarm means, and what to do first.
	means, first string
	metric       metric
	math         *math
	over         bool // fires over the threshold, or else below it
	threshold    float64
	minutes      int // the period that is looked at
	faulty       int // how many of those minutes must be faulty
	missing      string
	hours        bool // minutes and faulty count hours
	users        bool // users see the fault itself
}

// metric is a CloudWatch metric; stat is Average, Sum, Minimum, Maximum or p99.
type metric struct {
	namespace, name, stat string
	dimensions            pulumi.StringMap
}

// math is a calculation over metrics, by their ids.
type math struct {
	expression string
	metrics    []named
}

type named struct {
	id string
	metric
}

const minute = 60

func (b *builder) alarms() error {
	b.names = map[string]pulumi.StringOutput{}
	all := b.edgeAlarms()
	all = append(all, b.tierAlarms(infra.TierWeb, b.web)...)
	all = append(all, b.internalAlarms()...)
	all = append(all, b.tierAlarms(infra.TierApp, b.app)...)
	all = append(all, b.databaseAlarms()...)
	for _, w := range b.args.Workers {
		all = append(all, workerAlarms(w)...)
	}
	for _, a := range all {
		if err := b.declare(a); err != nil {
			return fmt.Errorf("making the alarm %s: %w", a.part, err)
		}
	}
	b.watched = all
	b.m.Alarms = len(all) + 1
	return nil
}

func (b *builder) declare(a alarm) error {
	name := b.name + "-" + a.part
	args := &cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.String(a.means + " First: " + a.first),
		ActionsEnabled:     pulumi.Bool(true),
		AlarmActions:       pulumi.Array{b.m.Topic},
		OkActions:          pulumi.Array{b.m.Topic},
		ComparisonOperator: pulumi.String("LessThanThreshold"),
		Threshold:          pulumi.Float64(a.threshold),
		EvaluationPeriods:  pulumi.Int(a.minutes),
		DatapointsToAlarm:  pulumi.Int(a.faulty),
		TreatMissingData:   pulumi.String(a.missing),
		Tags:               b.p.TagsFor(name, a.tier),
	}
	if a.over {
		args.ComparisonOperator = pulumi.String("GreaterThanThreshold")
	}
	switch {
	case a.math != nil:
		args.MetricQueries = a.math.queries(a.part)
	default:
		args.Namespace = pulumi.String(a.metric.namespace)
		args.MetricName = pulumi.String(a.metric.name)
		args.Dimensions = a.metric.dimensions
		args.Period = pulumi.Int(minute)
		if a.hours {
			args.Period = pulumi.Int(60 * minute)
		}
		if strings.HasPrefix(a.metric.stat, "p") {
			args.ExtendedStatistic = pulumi.String(a.metric.stat)
			// A percentile of three requests means nothing.
			args.EvaluateLowSampleCountPercentiles = pulumi.String("ignore")
		} else {
			args.Statistic = pulumi.String(a.metric.stat)
		}
	}
	made, err := cloudwatch.NewMetricAlarm(b.ctx, name, args, b.child()...)
	if err != nil {
		return err
	}
	b.names[a.part] = made.Name
	b.arns = append(b.arns, made.Arn)
	return nil
}

func (m *math) queries(label string) cloudwatch.MetricAlarmMetricQueryArray {
	queries := cloudwatch.MetricAlarmMetricQueryArray{&cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String("result"), Expression: pulumi.String(m.expression),
		Label: pulumi.String(label), ReturnData: pulumi.Bool(true),
	}}
	for _, n := range m.metrics {
		queries = append(queries, &cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(n.id),
			Metric: &cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace: pulumi.String(n.namespace), MetricName: pulumi.String(n.name),
				Dimensions: n.dimensions, Period: pulumi.Int(minute), Stat: pulumi.String(n.stat),
			},
			ReturnData: pulumi.Bool(false),
		})
	}
	return queries
}

// usersSeeErrors is the one alarm to wake somebody for: it fires when any of the alarms that users feel does.
// CloudWatch uses its name as given, so it includes the platform's name to be unique in the account.
func (b *builder) usersSeeErrors() error {
	var rules pulumi.StringArray
	for _, a := range b.watched {
		if a.users {
			rules = append(rules, pulumi.Sprintf(`ALARM("%s")`, b.names[a.part]))
		}
	}
	name := b.name + "-users-see-errors"
	made, err := cloudwatch.NewCompositeAlarm(b.ctx, name, &cloudwatch.CompositeAlarmArgs{
		AlarmName: pulumi.String(name),
		AlarmDescription: pulumi.String("Users see errors, or wait too long. First: open the dashboard and find the leftmost " +
			"column that is red; what it calls is to its right."),
		ActionsEnabled: pulumi.Bool(true),
		AlarmActions:   pulumi.StringArray{b.m.Topic},
		OkActions:      pulumi.StringArray{b.m.Topic},
		AlarmRule: rules.ToStringArrayOutput().ApplyT(func(known []string) string {
			return strings.Join(known, " OR ")
		}).(pulumi.StringOutput),
		Tags: b.p.TagsFor(name, infra.Everywhere),
	}, append(b.child(), pulumi.DeleteBeforeReplace(true))...) // alarm names are unique
	if err != nil {
		return fmt.Errorf("making the alarm over the others: %w", err)
	}
	b.arns = append(b.arns, made.Arn)
	b.m.UsersSeeErrors = made.AlarmName
	return nil
}
