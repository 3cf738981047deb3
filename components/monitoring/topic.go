package monitoring

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// topic declares the topic, who may publish to it, and who is told.
func (b *builder) topic() error {
	topic, err := sns.NewTopic(b.ctx, b.name, &sns.TopicArgs{
		DisplayName:      pulumi.String(b.p.Name),
		KmsMasterKeyId:   b.keys.Topics.ARN,
		TracingConfig:    pulumi.String("PassThrough"),
		SignatureVersion: pulumi.Int(2),
		Tags:             b.p.TagsFor(b.name, infra.Everywhere),
	}, b.child()...)
	if err != nil {
		return fmt.Errorf("making the topic: %w", err)
	}
	b.m.Topic = topic.Arn
	b.ready, err = sns.NewTopicPolicy(b.ctx, b.name, &sns.TopicPolicyArgs{
		Arn:    topic.Arn,
		Policy: infra.PolicyDocument(publishers(b.p, topic.Arn)...),
	}, b.child()...)
	if err != nil {
		return fmt.Errorf("making the topic's policy: %w", err)
	}
	for _, email := range b.args.Emails {
		_, err := sns.NewTopicSubscription(b.ctx, b.name+"-"+email, &sns.TopicSubscriptionArgs{
			Topic: topic.Arn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(email),
		}, b.child()...)
		if err != nil {
			return fmt.Errorf("subscribing %s: %w", email, err)
		}
	}
	return nil
}

// publishers lets alarms and database events of this account publish, and requires TLS.
func publishers(p *infra.Platform, topic pulumi.StringInput) []infra.Statement {
	resources := pulumi.StringArray{topic}
	publish := func(sid, service, source string) infra.Statement {
		return infra.Statement{
			Sid:        sid,
			Principals: map[string][]string{"Service": {service}},
			Actions:    []string{"sns:Publish"},
			Resources:  resources,
			Conditions: map[string]map[string][]string{
				"StringEquals": {"aws:SourceAccount": {p.Account}},
				"ArnLike":      {"aws:SourceArn": {source}},
			},
		}
	}
	return []infra.Statement{
		publish("AlarmsPublish", "cloudwatch.amazonaws.com", p.ARN("cloudwatch", "alarm:*")),
		publish("DatabaseEventsPublish", "events.rds.amazonaws.com", p.ARN("rds", "*")),
		{
			Sid:        "OnlyTLS",
			Effect:     infra.Deny,
			Principals: map[string][]string{"AWS": {"*"}},
			Actions:    []string{"sns:Publish"},
			Resources:  resources,
			Conditions: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
		},
	}
}

// databaseEvents subscribes the topic to RDS's events about the database: that it fails, fails over, runs out of
// room, is changed or is maintained.
func (b *builder) databaseEvents() error {
	ofInstances := []string{
		"availability", "configuration change", "deletion", "failover", "failure", "low storage", "maintenance", "notification", "recovery",
	}
	if b.db.Aurora { // RDS has no events of cluster parameter groups
		ofCluster := []string{"configuration change", "deletion", "failover", "failure", "maintenance", "notification"}
		if err := b.subscribe("database-events", "db-cluster", ofCluster, b.db.Identifier); err != nil {
			return err
		}
		return b.subscribe("instance-events", "db-instance", ofInstances, b.db.Members...)
	}
	if err := b.subscribe("database-events", "db-instance", ofInstances, b.db.Identifier); err != nil {
		return err
	}
	return b.subscribe("parameter-events", "db-parameter-group", []string{"configuration change"}, b.db.ParameterGroup)
}

func (b *builder) subscribe(part, sourceType string, categories []string, sources ...pulumi.StringInput) error {
	name := b.name + "-" + part
	_, err := rds.NewEventSubscription(b.ctx, name, &rds.EventSubscriptionArgs{
		Enabled:         pulumi.Bool(true),
		SnsTopic:        b.m.Topic,
		SourceType:      pulumi.String(sourceType),
		SourceIds:       pulumi.StringArray(sources),
		EventCategories: pulumi.ToStringArray(categories),
		Tags:            b.p.TagsFor(name, infra.TierData),
	}, b.child(pulumi.DependsOn([]pulumi.Resource{b.ready}))...) // RDS publishes a test message at once
	if err != nil {
		return fmt.Errorf("subscribing to %s: %w", part, err)
	}
	return nil
}
