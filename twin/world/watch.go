package world

import (
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeLogGroup          = "aws:cloudwatch/logGroup:LogGroup"
	typeAlarm             = "aws:cloudwatch/metricAlarm:MetricAlarm"
	typeCompositeAlarm    = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	typeDashboard         = "aws:cloudwatch/dashboard:Dashboard"
	typeTopic             = "aws:sns/topic:Topic"
	typeTopicPolicy       = "aws:sns/topicPolicy:TopicPolicy"
	typeTopicSubscription = "aws:sns/topicSubscription:TopicSubscription"
	typeBudget            = "aws:budgets/budget:Budget"
)

const cloudwatchARN = "arn:{partition}:cloudwatch:{region}:{account}:alarm:"

var watchKinds = map[string]*kind{
	typeLogGroup: {
		id: byOutput("name"), arn: "arn:{partition}:logs:{region}:{account}:log-group:{name}", taken: "ResourceAlreadyExistsException",
		create: []rule{nameFromPrefix}, check: []rule{retention, refers("kmsKeyId", "InvalidParameterException", "The specified KMS key does not exist: %s", typeKey)},
		fill: func(_ *Call, o, _ *Object) { setDefault(o, "logGroupClass", "STANDARD") },
	},
	typeAlarm: {id: byOutput("name"), arn: cloudwatchARN + "{name}", check: []rule{alarmShape},
		fill:   func(_ *Call, o, _ *Object) { setDefault(o, "evaluateLowSampleCountPercentiles", "") },
		remove: []rule{unusedInAlarmRule}},
	typeCompositeAlarm: {id: byOutput("alarmName"), arn: cloudwatchARN + "{alarmName}"},
	typeDashboard: {
		id: byOutput("dashboardName"), text: map[string]string{"dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}"},
		check: []rule{jsonText("dashboardBody", "InvalidParameterInput", "The field DashboardBody must be a valid JSON object")},
	},
	typeTopic: {
		id: byTemplate("arn:{partition}:sns:{region}:{account}:{name}"), arn: "{id}", text: map[string]string{"owner": "{account}"}, taken: "TopicAlreadyExists",
		create: []rule{nameFromPrefix}, check: []rule{refers("kmsMasterKeyId", "KMSNotFound", "Invalid KMS key: %s", typeKey, typeAlias)},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"beginningArchiveTime": "", "signatureVersion": 0.0, "tracingConfig": "", "policy": topicPolicy(c, o)})
		},
		removed: removeSubscriptions,
	},
	typeTopicPolicy: {id: byOutput("arn"), text: map[string]string{"owner": "{account}"},
		check: []rule{refers("arn", "NotFound", "Topic %s does not exist", typeTopic), policyText("policy", "InvalidParameter", true)}},
	typeTopicSubscription: {
		id: func(c *Call, o *Object) string { return o.Text("topic") + ":" + c.uuid("subscription") }, arn: "{id}", text: map[string]string{"ownerId": "{account}"},
		create: []rule{refers("topic", "NotFound", "Topic %s does not exist", typeTopic)},
		fill: func(_ *Call, o, _ *Object) {
			byHand := strings.HasPrefix(o.Text("protocol"), "email") || strings.HasPrefix(o.Text("protocol"), "http")
			setDefaults(o, value.Map{"confirmationWasAuthenticated": !byHand, "pendingConfirmation": byHand, "filterPolicyScope": ""})
		},
	},
	typeBudget: {
		id: byTemplate("{account}:{name}"), arn: "arn:{partition}:budgets::{account}:budget/{name}", taken: "DuplicateRecordException", create: []rule{nameFromPrefix},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"accountId": c.accountID(), "costFilters": []any{}, "costTypes": value.Map{}, "timePeriodStart": c.Now.Format("2006-01-02_15:04")})
		},
	},
}

// retentions are the days that CloudWatch Logs allows (CloudWatch Logs API, PutRetentionPolicy).
var retentions = map[float64]bool{0: true, 1: true, 3: true, 5: true, 7: true, 14: true, 30: true, 60: true, 90: true, 120: true, 150: true, 180: true,
	365: true, 400: true, 545: true, 731: true, 1096: true, 1827: true, 2192: true, 2557: true, 2922: true, 3288: true, 3653: true}

func retention(_ *Call, o *Object) error {
	if !retentions[o.Number("retentionInDays")] {
		return fault("InvalidParameterException", "the retention of %v days is not one that CloudWatch Logs has", o.Number("retentionInDays"))
	}
	return nil
}

// alarmShape: an alarm watches one metric, or a set of queries of which one returns data.
func alarmShape(_ *Call, o *Object) error {
	queries := o.Objects("metricQueries")
	if len(queries) == 0 && o.Text("metricName") == "" {
		return fault("ValidationError", "metricName or metricQueries must be given")
	}
	if len(queries) == 0 {
		return nil
	}
	returning := 0
	for _, q := range queries {
		if returns, _ := q["returnData"].(bool); returns {
			returning++
		}
	}
	if returning != 1 {
		return fault("ValidationError", "Exactly one element of the metrics list should return data: %d do", returning)
	}
	return nil
}

func unusedInAlarmRule(c *Call, o *Object) error {
	var err error
	c.each(typeCompositeAlarm, func(a *Object) bool {
		rule := a.Text("alarmRule")
		if strings.Contains(rule, `"`+o.Text("name")+`"`) || strings.Contains(rule, "("+o.Text("name")+")") || strings.Contains(rule, o.Text("arn")) {
			err = fault("ValidationError", "Cannot delete %s as there are composite alarm(s) depending on it: %s", o.ID, a.ID)
		}
		return err == nil
	})
	return err
}

func topicPolicy(c *Call, o *Object) string {
	return `{"Id":"__default_policy_ID","Statement":[{"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Condition":{"StringEquals":{"AWS:SourceOwner":"` +
		c.accountID() + `"}},"Effect":"Allow","Principal":{"AWS":"*"},"Resource":"` + o.ID + `","Sid":"__default_statement_ID"}],"Version":"2008-10-17"}`
}

func removeSubscriptions(c *Call, topic *Object) {
	var gone []*Object
	c.each(typeTopicSubscription, func(o *Object) bool {
		if o.Text("topic") == topic.ID {
			gone = append(gone, o)
		}
		return true
	})
	for _, o := range gone {
		c.Drop(o)
	}
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }
