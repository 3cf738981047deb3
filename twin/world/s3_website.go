package world

import "slices"

const (
	typeBucketNotification = "aws:s3/bucketNotification:BucketNotification"
	typeWebsite            = "aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2"
)

var websiteKinds = map[string]*kind{
	typeBucketNotification: bucketPart(notified),
	typeWebsite:            bucketPart(websiteShows),
}

// notified: what S3 notifies exists and lets S3 do so: functions by a permission, queues and topics by their policies
// (S3 user guide, "Granting permissions to publish event notification messages to a destination").
func notified(c *Call, o *Object) error {
	bucket := "arn:" + Partition(o.Region) + ":s3:::" + o.Text("bucket")
	refused := func(what string) error {
		return fault("InvalidArgument", "Unable to validate the following destination configurations: %s", what)
	}
	for _, arn := range at(o.Outputs, "lambdaFunctions.lambdaFunctionArn") {
		if f := c.any(arn, typeFunction); f == nil || !c.permitted(f, "s3.amazonaws.com", bucket) {
			return refused(arn + ": it is not there, or no permission lets s3.amazonaws.com call it")
		}
	}
	for _, path := range []string{"queues.queueArn", "topics.topicArn"} {
		for _, arn := range at(o.Outputs, path) {
			if target := c.any(arn, typeQueue, typeTopic); target == nil || !c.mayTell(target) {
				return refused(arn + ": it is not there, or its policy does not let s3.amazonaws.com send to it")
			}
		}
	}
	return nil
}

// permitted says whether a permission lets a service call a function on behalf of the source.
func (c *Call) permitted(function *Object, service, source string) bool {
	return first(c.each(typePermission), func(p *Object) bool {
		mine := slices.Contains([]string{function.Text("name"), function.Text("arn")}, p.Text("function"))
		from := p.Text("sourceArn")
		return mine && p.Text("principal") == service && (from == "" || matches(from, source))
	}) != nil
}

// mayTell says whether the policies of a queue or topic let S3 send to it.
func (c *Call) mayTell(target *Object) bool {
	action, typ, property := "sqs:SendMessage", typeQueuePolicy, "queueUrl"
	if target.Type == typeTopic {
		action, typ, property = "sns:Publish", typeTopicPolicy, "arn"
	}
	texts := []string{target.Text("policy")}
	for p := range c.having(typ, property, target.ID) {
		texts = append(texts, p.Text("policy"))
	}
	return slices.ContainsFunc(texts, func(text string) bool { return serviceMay(text, "s3.amazonaws.com", action, target.Text("arn")) })
}

// websiteShows: a website has an index document, or redirects everything (S3 API, WebsiteConfiguration).
func websiteShows(_ *Call, o *Object) error {
	if o.Outputs["indexDocument"] == nil && o.Outputs["redirectAllRequestsTo"] == nil {
		return fault("InvalidArgument", "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty")
	}
	return nil
}
