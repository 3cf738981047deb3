package world

import (
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeTopic             = "aws:sns/topic:Topic"
	typeTopicPolicy       = "aws:sns/topicPolicy:TopicPolicy"
	typeTopicSubscription = "aws:sns/topicSubscription:TopicSubscription"
	typeBudget            = "aws:budgets/budget:Budget"
)

var topicKinds = map[string]*kind{
	typeTopic: {
		id:      byTemplate("arn:{partition}:sns:{region}:{account}:{name}"),
		arn:     "{id}",
		text:    map[string]string{"owner": "{account}"},
		taken:   "InvalidParameter",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			topicOrder,
			keyUsable("kmsMasterKeyId", "KMSInvalidState"),
			policyText("policy", topicPolicy),
			principalsExist("policy", topicPolicy.code),
		},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"beginningArchiveTime": "", "signatureVersion": 0.0, "tracingConfig": "",
				"policy": defaultTopicPolicy(c, o)})
		},
		removed: func(c *Call, o *Object) {
			c.dropUsers(o, use{typeTopicSubscription, "topic"}, use{typeTopicPolicy, "arn"})
		},
	},
	typeTopicPolicy: {
		id:   byOutput("arn"),
		put:  true,
		text: map[string]string{"owner": "{account}"},
		check: []rule{
			refers("arn", "NotFound", "Topic %s does not exist", typeTopic),
			policyText("policy", topicPolicy),
			principalsExist("policy", topicPolicy.code),
		},
	},
	typeTopicSubscription: {
		id:   func(c *Call, o *Object) string { return o.Text("topic") + ":" + c.uuid("subscription") },
		arn:  "{id}",
		text: map[string]string{"ownerId": "{account}"},
		create: []rule{
			refers("topic", "NotFound", "Topic %s does not exist", typeTopic),
			subscriptionEndpoint,
		},
		fill: func(_ *Call, o, _ *Object) {
			byHand := strings.HasPrefix(o.Text("protocol"), "email") || strings.HasPrefix(o.Text("protocol"), "http")
			setDefaults(o, value.Map{"confirmationWasAuthenticated": !byHand, "pendingConfirmation": byHand, "filterPolicyScope": ""})
		},
	},
	typeBudget: {
		id:      byTemplate("{account}:{name}"),
		arn:     "arn:{partition}:budgets::{account}:budget/{name}",
		taken:   "DuplicateRecordException",
		prepare: []func(*Call, *Object){nameFromPrefix},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"accountId": c.accountID(), "costFilters": []any{}, "costTypes": value.Map{},
				"timePeriodStart": c.Now.Format("2006-01-02_15:04")})
		},
	},
}

// topicOrder: names of FIFO topics end in .fifo, and no others do (SNS API, CreateTopic).
func topicOrder(_ *Call, o *Object) error {
	if name := o.Text("name"); strings.HasSuffix(name, ".fifo") != o.Flag("fifoTopic") {
		return fault("InvalidParameter", "Invalid parameter: Topic Name: %s: the name ends in .fifo where fifoTopic is true, and only "+
			"there", name)
	}
	return nil
}

// subscriptionEndpoint: the endpoint is an address that the protocol can reach (SNS API, Subscribe).
func subscriptionEndpoint(_ *Call, o *Object) error {
	protocol, endpoint := o.Text("protocol"), o.Text("endpoint")
	fits := true
	switch protocol {
	case "email", "email-json":
		fits = strings.Contains(endpoint, "@")
	case "http", "https":
		fits = strings.HasPrefix(endpoint, protocol+"://")
	case "sqs", "lambda", "firehose":
		fits = strings.HasPrefix(endpoint, "arn:")
	}
	if !fits {
		return fault("InvalidParameter", "Invalid parameter: Endpoint: %s is not one for the protocol %s", endpoint, protocol)
	}
	return nil
}

func defaultTopicPolicy(c *Call, o *Object) string {
	return `{"Id":"__default_policy_ID","Statement":[{"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission",` +
		`"SNS:RemovePermission",` +
		`"SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Condition":{"StringEquals":{"AWS:SourceOwner":"` +
		c.accountID() + `"}},"Effect":"Allow","Principal":{"AWS":"*"},"Resource":"` + o.ID +
		`","Sid":"__default_statement_ID"}],"Version":"2008-10-17"}`
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }
