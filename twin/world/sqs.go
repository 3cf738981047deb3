package world

import (
	"encoding/json"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeQueue       = "aws:sqs/queue:Queue"
	typeQueuePolicy = "aws:sqs/queuePolicy:QueuePolicy"
)

var queuePolicyText = dialect{code: "InvalidAttributeValue", principal: true, resource: true, actions: "sqs"}

var queueKinds = map[string]*kind{
	typeQueue: {
		id:      byTemplate("https://sqs.{region}.amazonaws.com/{account}/{name}"),
		arn:     "arn:{partition}:sqs:{region}:{account}:{name}",
		text:    map[string]string{"url": "{id}"},
		taken:   "QueueNameExists",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			queueName,
			queueOrder,
			redriveTarget,
			policyText("policy", queuePolicyText),
			principalsExist("policy", queuePolicyText.code),
			keyUsable("kmsMasterKeyId", "KmsNotFound"),
		},
		fill: func(_ *Call, o, _ *Object) {
			encrypted := o.Text("kmsMasterKeyId") != ""
			setDefaults(o, value.Map{"kmsDataKeyReusePeriodSeconds": 300.0, "sqsManagedSseEnabled": !encrypted})
			if o.Flag("fifoQueue") {
				setDefaults(o, value.Map{"deduplicationScope": "queue", "fifoThroughputLimit": "perQueue"})
			}
		},
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeQueuePolicy, "queueUrl"}) },
	},
	typeQueuePolicy: {
		id:  byOutput("queueUrl"),
		put: true,
		check: []rule{
			refers("queueUrl", "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist: %s", typeQueue),
			policyText("policy", queuePolicyText),
			principalsExist("policy", queuePolicyText.code),
		},
	},
}

// queueName: the name of a FIFO queue, and of no other, ends with .fifo (SQS API, CreateQueue). The provider itself
// refuses others.
func queueName(_ *Call, o *Object) error {
	if name := o.Text("name"); strings.HasSuffix(name, ".fifo") != o.Flag("fifoQueue") {
		return message("QueueName", "invalid queue name: %s: that of a FIFO queue, and of no other, ends with .fifo", name)
	}
	return nil
}

// queueOrder: only a FIFO queue has deduplication (SQS API, SetQueueAttributes).
func queueOrder(_ *Call, o *Object) error {
	if o.Flag("contentBasedDeduplication") && !o.Flag("fifoQueue") {
		return fault("InvalidAttributeName", "Unknown Attribute ContentBasedDeduplication: set fifoQueue")
	}
	return nil
}

// redriveTarget: a dead-letter queue exists and is of the same type (SQS guide, "Using dead-letter queues in Amazon SQS").
func redriveTarget(c *Call, o *Object) error {
	text := o.Text("redrivePolicy")
	if text == "" {
		return nil
	}
	var policy struct{ DeadLetterTargetArn string }
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return fault("InvalidParameterValue",
			"Value %s for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map.", text)
	}
	target := c.any(policy.DeadLetterTargetArn, typeQueue)
	switch {
	case target == nil && external(policy.DeadLetterTargetArn, c.accountID()):
		return nil
	case target == nil:
		return fault("InvalidParameterValue", "Value %s for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.",
			text)
	case target.Flag("fifoQueue") != o.Flag("fifoQueue"):
		return fault("InvalidParameterValue",
			"Value %s for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of "+
				"queue as the source: %s", text, called(target))
	}
	return nil
}
