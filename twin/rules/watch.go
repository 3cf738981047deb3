package rules

import "strings"

// watch is CloudWatch, SNS and budgets.
func watch() map[string]ofType {
	return map[string]ofType{
		"aws:cloudwatch/logGroup:LogGroup": {logs("CreateLogGroup"), []row{
			at("name", groupPath(512)...),
			at("namePrefix", groupPath(483)...),
			at("retentionInDays", oneOfNumbers(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
				2922, 3288, 3653)),
			at("kmsKeyId", arn()),
			at("logGroupClass", oneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY")),
		}, nil},
		"aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {logs("PutResourcePolicy"), []row{
			at("policyDocument", length(1, 5120), document()),
		}, nil},
		"aws:cloudwatch/metricAlarm:MetricAlarm": {cloudwatch("PutMetricAlarm"), []row{
			at("name", length(1, 255)),
			at("alarmDescription", length(0, 1024)),
			at("alarmActions", arn()),
			at("insufficientDataActions", arn()),
			at("okActions", arn()),
			at("comparisonOperator", oneOf("GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
				"LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold",
				"GreaterThanUpperThreshold")),
			at("datapointsToAlarm", atLeast(1)),
			at("evaluateLowSampleCountPercentiles", anyCase("evaluate", "ignore")),
			at("evaluationPeriods", atLeast(1)),
			at("extendedStatistic", extended()),
			at("metricName", length(1, 255)),
			at("namespace", length(1, 255), unlike(`^:`, "begins with a colon").refusing(":mine")),
			at("period", alarmPeriod(10, 30)),
			at("statistic", oneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum")),
			at("thresholdMetricId", length(1, 255)),
			at("treatMissingData", anyCase("breaching", "notBreaching", "ignore", "missing")),
			at("unit", oneOf(units...)),
			at("metricQueries.accountId", length(1, 255)),
			at("metricQueries.expression", length(1, 1024)),
			at("metricQueries.id", length(1, 255)),
			at("metricQueries.period", alarmPeriod(1, 5, 10, 30)),
			at("metricQueries.metric.metricName", length(1, 255)),
			at("metricQueries.metric.namespace", length(1, 255)),
			at("metricQueries.metric.period", alarmPeriod(1, 5, 10, 30)),
			at("metricQueries.metric.stat", statistic()),
			at("metricQueries.metric.unit", oneOf(units...)),
		}, []relation{alarmStatistic, alarmQueries}},
		"aws:cloudwatch/compositeAlarm:CompositeAlarm": {cloudwatch("PutCompositeAlarm"), []row{
			at("alarmName", length(0, 255)),
			at("alarmDescription", length(0, 1024)),
			at("alarmRule", length(1, 10240)),
			at("alarmActions", arn()),
			at("insufficientDataActions", arn()),
			at("okActions", arn()),
		}, nil},
		"aws:cloudwatch/dashboard:Dashboard": {cloudwatch("PutDashboard"), []row{
			at("dashboardBody", document()),
			at("dashboardName", length(1, 255), shaped(`^[0-9A-Za-z_-]*$`, "letters, digits, hyphens and underscores").
				refusing("a b", "a.b")),
		}, nil},
		"aws:sns/topic:Topic": {sns("CreateTopic"), join([]row{
			at("name", shaped(`^[0-9A-Za-z_-]{1,256}(\.fifo)?$`, "at most 256 letters, digits, hyphens and underscores").allowing("ops").
				refusing("o p s").optional()),
			at("namePrefix", shaped(`^[0-9A-Za-z_-]{0,230}$`, "at most 230 letters, digits, hyphens and underscores").allowing("ops-").
				refusing("o p s", strings.Repeat("a", 231))),
			at("archivePolicy", document()),
			at("deliveryPolicy", document()),
			at("policy", document()),
			at("signatureVersion", between(1, 2)),
			at("tracingConfig", oneOf("Active", "PassThrough")),
		}, feedbackRows("application", "firehose", "http", "lambda", "sqs")),
			[]relation{topicName, topicOrder("contentBasedDeduplication", false), topicOrder("archivePolicy", "")}},
		"aws:sns/topicPolicy:TopicPolicy": {sns("SetTopicAttributes"), []row{
			at("arn", arn()),
			at("policy", document()),
		}, nil},
		"aws:sns/topicSubscription:TopicSubscription": {sns("Subscribe"), []row{
			at("topic", arn()),
			at("deliveryPolicy", document()),
			at("filterPolicy", document()),
			at("filterPolicyScope", oneOf("MessageAttributes", "MessageBody")),
			at("protocol", oneOf("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")),
			at("redrivePolicy", document()),
			at("replayPolicy", document()),
			at("subscriptionRoleArn", arn()),
		}, []relation{needs("filterPolicyScope", "filterPolicy")}},
		"aws:budgets/budget:Budget": {"https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html",
			[]row{
				at("accountId", accountID()),
				at("budgetType", oneOf("USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION",
					"SAVINGS_PLANS_COVERAGE")),
				at("timeUnit", oneOf("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY")),
				at("timePeriodStart", budgetTime()),
				at("timePeriodEnd", budgetTime()),
				at("autoAdjustData.autoAdjustType", oneOf("HISTORICAL", "FORECAST")),
				at("autoAdjustData.historicalOptions.budgetAdjustmentPeriod", between(1, 60)),
				at("notifications.comparisonOperator", oneOf("GREATER_THAN", "LESS_THAN", "EQUAL_TO")),
				at("notifications.notificationType", oneOf("ACTUAL", "FORECASTED")),
				at("notifications.thresholdType", oneOf("PERCENTAGE", "ABSOLUTE_VALUE")),
				at("notifications.subscriberSnsTopicArns", arn()),
				at("plannedLimits.startTime", budgetTime()),
				at("plannedLimits.amount", decimal()),
			}, nil},
	}
}

func logs(action string) string {
	return "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_" + action + ".html"
}

func cloudwatch(action string) string {
	return "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_" + action + ".html"
}

func sns(action string) string {
	return "https://docs.aws.amazon.com/sns/latest/api/API_" + action + ".html"
}

func groupPath(longest int) []Rule {
	return []Rule{length(1, longest), shaped(`^[0-9A-Za-z_/.#-]*$`, "letters, digits and _-/.#").allowing("/app/web").refusing("my logs")}
}

// feedbackRows: how deliveries of each kind are logged.
func feedbackRows(kinds ...string) (rows []row) {
	for _, kind := range kinds {
		rows = append(rows, at(kind+"SuccessFeedbackRoleArn", arn()), at(kind+"FailureFeedbackRoleArn", arn()),
			at(kind+"SuccessFeedbackSampleRate", between(0, 100)))
	}
	return rows
}

var units = []string{"Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits",
	"Kilobits", "Megabits", "Gigabits", "Terabits",
	"Percent", "Count", "Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second",
	"Kilobits/Second", "Megabits/Second",
	"Gigabits/Second", "Terabits/Second", "Count/Second", "None"}

// alarmPeriod: seconds that a minute is a multiple of, or minutes (CloudWatch API reference, PutMetricAlarm).
func alarmPeriod(short ...float64) Rule {
	return either(oneOfNumbers(short...), multiple(60, 0, 86400)).refusing(7.0, 61.0)
}

// extended: percentiles and trimmed statistics (CloudWatch user guide, "CloudWatch statistics definitions").
func extended() Rule {
	return shaped(`^((p|tm|tc|ts|wm)\d{1,2}(\.\d{1,10})?|p100|IQM|(PR|TC|TM|TS|WM)\([^()]*\))$`, "a statistic such as p99, tm90 or IQM").
		allowing("p99", "p99.9", "tm90", "IQM", "PR(0:100)").refusing("Average", "p101")
}

func statistic() Rule {
	return either(oneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum"), extended()).refusing("text")
}

func budgetTime() Rule {
	return shaped(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])_([01]\d|2[0-3]):[0-5]\d$`, "a time such as 2027-01-31_00:00").
		allowing("2027-01-31_00:00").refusing("2027-01-31", "2027-13-01_00:00")
}
