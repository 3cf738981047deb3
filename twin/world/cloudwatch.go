package world

import (
	"regexp"
	"strings"
)

const (
	typeAlarm          = "aws:cloudwatch/metricAlarm:MetricAlarm"
	typeCompositeAlarm = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	typeDashboard      = "aws:cloudwatch/dashboard:Dashboard"
)

const cloudwatchARN = "arn:{partition}:cloudwatch:{region}:{account}:alarm:"

// Putting an alarm or a dashboard overwrites one of the same name (CloudWatch API, PutMetricAlarm).
var alarmKinds = map[string]*kind{
	typeAlarm: {
		id:  byOutput("name"),
		arn: cloudwatchARN + "{name}",
		put: true,
		check: []rule{
			alarmWatches,
			alarmReturnsOne,
		},
		fill:   func(_ *Call, o, _ *Object) { setDefault(o, "evaluateLowSampleCountPercentiles", "") },
		remove: []rule{unusedInAlarmRule},
	},
	typeCompositeAlarm: {
		id:     byOutput("alarmName"),
		arn:    cloudwatchARN + "{alarmName}",
		put:    true,
		check:  []rule{alarmRuleNames},
		remove: []rule{unusedInAlarmRule},
	},
	typeDashboard: {
		id:   byOutput("dashboardName"),
		text: map[string]string{"dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}"},
		put:  true,
		check: []rule{
			jsonText("dashboardBody", "InvalidParameterInput", "The field DashboardBody must be a valid JSON object"),
		},
		fill: func(_ *Call, o, _ *Object) { o.Outputs["dashboardBody"] = o.Inputs["dashboardBody"] }, // CloudWatch keeps the text
	},
}

// alarmWatches: an alarm watches a metric, or has queries (CloudWatch API, PutMetricAlarm).
func alarmWatches(_ *Call, o *Object) error {
	if len(o.Objects("metricQueries")) == 0 && o.Text("metricName") == "" {
		return fault("ValidationError", "metricName or metricQueries must be given")
	}
	return nil
}

// alarmReturnsOne: exactly one of several queries returns data (CloudWatch API, PutMetricAlarm).
func alarmReturnsOne(_ *Call, o *Object) error {
	queries := o.Objects("metricQueries")
	returning := 0
	for _, q := range queries {
		if returns, _ := q["returnData"].(bool); returns {
			returning++
		}
	}
	if len(queries) > 0 && returning != 1 {
		return fault("ValidationError", "Exactly one element of the metrics list should return data: %d do", returning)
	}
	return nil
}

// named says whether a composite alarm's rule names an alarm.
func named(rule string, alarm *Object) bool {
	name := alarm.ID
	return strings.Contains(rule, `"`+name+`"`) || strings.Contains(rule, "("+name+")") || strings.Contains(rule, alarm.Text("arn"))
}

// unusedInAlarmRule: an alarm that a composite alarm watches cannot be deleted. Not documented: DeleteAlarms answers
// so.
func unusedInAlarmRule(c *Call, o *Object) error {
	for a := range c.each(typeCompositeAlarm) {
		if a.ID != o.ID && named(a.Text("alarmRule"), o) {
			return fault("ValidationError", "Cannot delete %s as there are composite alarm(s) depending on it: %s", o.ID, called(a))
		}
	}
	return nil
}

var alarmNamed = regexp.MustCompile(`(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*"?([^")]+)"?\s*\)`)

// alarmRuleNames: a composite alarm's rule names alarms that exist (CloudWatch API, PutCompositeAlarm).
func alarmRuleNames(c *Call, o *Object) error {
	for _, m := range alarmNamed.FindAllStringSubmatch(o.Text("alarmRule"), -1) {
		if name := strings.TrimSpace(m[1]); c.any(name, typeAlarm, typeCompositeAlarm) == nil {
			return fault("ValidationError", "AlarmRule contains an alarm that does not exist: %s", name)
		}
	}
	return nil
}

// alarmState is where an alarm keeps its state, which providers do not see: ALARM, or nothing.
const alarmState = "alarmState"

// IsAlarm says whether things of a type can ring.
func IsAlarm(typ string) bool { return typ == typeAlarm || typ == typeCompositeAlarm }

// Ringing says whether this is an alarm in the state ALARM.
func (o *Object) Ringing() bool { return o.Hidden[alarmState] == "ALARM" }

// Ring puts an alarm into the state ALARM, or back to OK.
func (w *World) Ring(typ, key string, rings bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[typ][key]
	if o == nil {
		return ErrNotFound
	}
	if err := w.catchUp(); err != nil {
		return err
	}
	o = o.copy()
	delete(o.Hidden, alarmState)
	if rings {
		o.Hidden[alarmState] = "ALARM"
	}
	return w.commit(map[string]*Object{objectKey(o.Type, o.Key): o}, nil)
}

// ringing is the first of these alarms in the state ALARM, or "".
func (w *World) ringing(alarms []string) string {
	for _, name := range alarms {
		for _, typ := range []string{typeAlarm, typeCompositeAlarm} {
			if o := w.objects[typ][name]; o != nil && o.Ringing() {
				return name
			}
		}
	}
	return ""
}
