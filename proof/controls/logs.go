package controls

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

var logsAndAlarms = []Control{
	{
		Number: 176, Severity: report.Low, Title: "Logs are encrypted by a key of the platform's own", Types: []string{logGroupType},
		Known:  "Checkov CKV_AWS_158; Trivy AWS-0017; Prowler cloudwatch_log_group_kms_encryption_enabled",
		Note:   "a key can be used for logs in its own region only: Route 53's query log, in us-east-1, has one there",
		Remedy: "set kmsKeyId", each: ownKey("kmsKeyId"),
	},
	{
		Number: 177, Severity: report.Medium, Title: "Logs are kept for a year", Types: []string{logGroupType},
		Known: "FSBP CloudWatch.16; Checkov CKV_AWS_66 CKV_AWS_338; " +
			"Prowler cloudwatch_log_group_retention_policy_specific_days_enabled",
		Waivers: []string{"shortLogs"}, Remedy: "set retentionInDays to 365 or more", each: yearLong,
	},
	{
		Number: 178, Severity: report.Medium, Title: "Alarms act, and can fire", Types: []string{alarmType, compoundType},
		Known: "FSBP CloudWatch.17; Checkov CKV_AWS_319; Prowler cloudwatch_alarm_actions_enabled",
		Note: "the metrics of AWS's recommended alarms are known: which way they go wrong and how far, and what shows it; metric math " +
			"and rules of composite alarms are computed",
		Remedy: "leave out actionsEnabled, and choose a statistic and a threshold that the metric passes before it is too late",
		each:   all(isNot("actionsEnabled", false), canFire),
	},
	{
		Number: 179, Severity: report.Medium, Title: "Every alarm tells somebody, who can be told",
		Types: []string{alarmType, compoundType}, Later: true,
		Known:  "FSBP CloudWatch.15; Prowler cloudwatch_alarm_actions_alarm_state_configured",
		Remedy: "set alarmActions to the topic's ARN", each: alarmTells,
	},
	{
		Number: 181, Severity: report.Medium, Title: "Topics are encrypted by a key of the platform's own", Types: []string{topicType},
		Known:  "FSBP SNS.1; Checkov CKV_AWS_26; Trivy AWS-0095 AWS-0136; Prowler sns_topics_kms_encryption_at_rest_enabled",
		Note:   "AWS's own key for topics does not let alarms publish",
		Remedy: "set kmsMasterKeyId to a kms.Key", each: ownKey("kmsMasterKeyId"),
	},
	{
		Number: 182, Severity: report.High, Later: true,
		Title:  "No topic, queue, bus, function, log group or repository lets in everybody, or another account",
		Known:  "FSBP SNS.4; Checkov CKV_AWS_169 CKV_AWS_385; Prowler sns_topics_not_publicly_accessible",
		Note:   "what a bucket's, a key's, a secret's, a vault's or an endpoint's policy says, and a role's trust, other controls judge",
		Remedy: "name the services as Principal, with aws:SourceAccount", whole: lettingIn,
	},
}

// elsewhere are the packages and types whose policies other controls judge.
var elsewhere = []string{"aws:iam/", "aws:kms/", "aws:secretsmanager/", "aws:organizations/", "aws:s3/bucket", "aws:s3/accessPoint:",
	"aws:s3control/accessPointPolicy:", "aws:backup/vaultPolicy:", "aws:ec2/vpcEndpoint"}

// lettingIn judges every policy of a resource that no other control judges, of whatever type.
func lettingIn(v *view) []outcome {
	var found []outcome
	for _, r := range v.g.Resources {
		o := outcome{}
		switch {
		case !r.Custom || r.External || slices.ContainsFunc(elsewhere, func(t string) bool { return strings.HasPrefix(r.Type, t) }):
			continue
		case strings.HasPrefix(r.Type, "aws:sns/") || strings.HasPrefix(r.Type, "aws:sqs/"):
			o = all(when(has("policy"), ownAccountOnly), when(has("endpoint"), toldInside))(v, r)
		default:
			o = noneLetIn(v, r)
		}
		if o.verdict != "" {
			found = append(found, o.about(r))
		}
	}
	return found
}

// noneLetIn demands that no policy anywhere in the resource, and no permission that it is, admit a stranger.
func noneLetIn(v *view, r *graph.Resource) outcome {
	o := outcome{}
	for path, text := range texts(r.Inputs, "") {
		account := iam.Statement{Allow: true, Principals: map[string][]string{"AWS": {text}}}
		switch {
		case path == ".principal" && (text == "*" || iam.IsAccount(text)):
			if found := v.iam.Strangers(account, r); len(found) > 0 {
				return broken("it lets in %s", strings.Join(found, ", "))
			}
			o = holds()
		case strings.HasPrefix(text, "{") && strings.Contains(text, `"Statement"`):
			d, err := iam.Parse(text)
			if err != nil {
				continue // it is another language's
			}
			o = holds()
			for i, s := range d.Statements {
				if found := v.iam.Strangers(s, r); len(found) > 0 {
					return broken("its %s lets in %s", path[1:], strings.Join(found, ", ")).because(statementNamed(i, s), inAccount(v, r))
				}
			}
		}
	}
	return o
}

const subscriptionType = "aws:sns/topicSubscription:TopicSubscription"

// toldInside demands that no topic be delivered to another account, or in plain text.
func toldInside(v *view, r *graph.Resource) outcome {
	if account := accountIn(r.String("endpoint")); account != "" && !slices.Contains(v.iam.AccountsOf(r), account) {
		return broken("it tells %s, of another account", r.String("endpoint"))
	}
	return isNot("protocol", "http")(v, r)
}

// heard demands that of those who have subscribed to a topic in the stack somebody hears all of it. Where there are none,
// people subscribe by hand: in a stack that says that it is prod, nobody must have to remember.
func (v *view) heard(topic *graph.Resource) outcome {
	subscriptions := v.pointing(topic, "topic", subscriptionType)
	if len(subscriptions) == 0 {
		if topic.Tag("causeway:environment") == "prod" {
			return broken("nobody has subscribed to %s", topic.Name).
				write("add an sns.TopicSubscription: `emails` of `monitoring` in the settings")
		}
		return holds()
	}
	for _, s := range subscriptions {
		_, filtered := asked(s, "filterPolicy")
		_, whom := read(s, "endpoint")
		program := len(v.g.Resolve(s, "endpoint").Outside) > 0 && strings.HasPrefix(s.String("endpoint"),
			"arn:") // that nobody knows to be there
		if filtered == absent && whom != absent && !program {
			return holds()
		}
	}
	return broken("nobody hears all that %s tells", topic.Name).
		write("leave out the filterPolicy of a subscription, and name somebody whom the stack knows to be there")
}

func yearLong(_ *view, r *graph.Resource) outcome {
	if o := isNot("logGroupClass", "DELIVERY")(nil, r); o.verdict != report.Holds {
		return o // which keeps them for a day
	}
	if n, ok := r.Int("retentionInDays"); ok && n == 0 {
		return holds() // for ever
	}
	if value, known := asked(r, "retentionInDays"); known == absent && value == nil {
		return holds()
	}
	return atLeast("retentionInDays", 365)(nil, r)
}

// listens demands that an alarm made of other alarms name one, and that nothing outside the stack silence it.
func (v *view) listens(r *graph.Resource) outcome {
	if rule, known := read(r, "alarmRule"); known == present && len(v.g.Ref(r, "alarmRule", alarmType, compoundType)) == 0 {
		return broken("its alarmRule, %s, names no alarm of the stack", text(rule))
	}
	if _, silenced := read(r, "actionsSuppressor.alarm"); silenced != absent &&
		len(v.g.Ref(r, "actionsSuppressor", alarmType, compoundType)) == 0 {
		return undecided("what silences it is not in the stack")
	}
	return holds()
}

func alarmTells(v *view, r *graph.Resource) outcome {
	if r.Type == compoundType {
		if o := v.listens(r); o.verdict != report.Holds {
			return o
		}
	}
	if o := isSet("alarmActions")(v, r); o.verdict == report.Holds {
		return v.reaches(r)
	}
	// An alarm that only feeds another tells through that one.
	for _, compound := range v.g.ByType(compoundType) {
		if _, acts := read(compound, "alarmActions"); acts != absent && slices.Contains(v.g.Ref(compound, "alarmRule"), r) {
			return holds()
		}
	}
	return broken("alarmActions is not set")
}
