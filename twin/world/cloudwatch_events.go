package world

import (
	"regexp"
	"strings"
)

const (
	typeEventRule   = "aws:cloudwatch/eventRule:EventRule"
	typeEventTarget = "aws:cloudwatch/eventTarget:EventTarget"
	typeLogStream   = "aws:cloudwatch/logStream:LogStream"
)

var eventKinds = map[string]*kind{
	typeEventRule: {
		id:      byOutput("name"),
		arn:     "arn:{partition}:events:{region}:{account}:rule/{name}",
		taken:   "ResourceAlreadyExistsException",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			eventOfSomething,
			eventSchedule,
			jsonText("eventPattern", "InvalidEventPatternException", "Event pattern is not valid. Reason: it is not JSON"),
		},
		remove: []rule{
			unusedUnless("forceDestroy", "ValidationException", "Rule %s can't be deleted since it has targets.",
				use{typeEventTarget, "rule"}),
		},
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeEventTarget, "rule"}) },
	},
	typeEventTarget: {
		id:    func(_ *Call, o *Object) string { return o.Text("rule") + "-" + o.Text("targetId") },
		put:   true,
		check: []rule{refers("rule", "ResourceNotFoundException", "Rule %s does not exist on EventBus default.", typeEventRule)},
		prepare: []func(*Call, *Object){func(c *Call, o *Object) {
			setDefault(o, "targetId", "terraform-"+c.Now.Format("20060102150405")+c.hex(12, "target"))
		}},
	},
	typeLogStream: {
		id:    byOutput("name"),
		key:   keyIn("logGroupName", ":"),
		arn:   "arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}:log-stream:{name}",
		taken: "ResourceAlreadyExistsException",
		check: []rule{refers("logGroupName", "ResourceNotFoundException", "The specified log group does not exist: %s", typeLogGroup)},
	},
}

// eventOfSomething: a rule has a pattern or a schedule (EventBridge API, PutRule).
func eventOfSomething(_ *Call, o *Object) error {
	if o.Text("eventPattern") == "" && o.Text("scheduleExpression") == "" {
		return fault("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	return nil
}

var (
	ratePattern = regexp.MustCompile(`^rate\((1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minutes|hours|days))\)$`)
	cronPattern = regexp.MustCompile(`^cron\((\S+ ){5}\S+\)$`)
)

// eventSchedule: a schedule is a rate whose unit agrees with its number, or six fields with a question mark in just
// one of the two for days (EventBridge guide, "Creating a rule that runs on a schedule").
func eventSchedule(_ *Call, o *Object) error {
	text := o.Text("scheduleExpression")
	if text == "" || ratePattern.MatchString(text) {
		return nil
	}
	if cronPattern.MatchString(text) {
		if fields := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(text, "cron("), ")")); (fields[2] == "?") != (fields[4] == "?") {
			return nil
		}
	}
	return fault("ValidationException", "Parameter ScheduleExpression is not valid: %s", text)
}
