package controls

import (
	"cmp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

// logsTo demands that logs go to a resource of the stack, of one of the types: what somebody else keeps is theirs to
// read, and to delete.
func logsTo(path string, types ...string) check {
	return func(v *view, r *graph.Resource) outcome {
		if _, known := read(r, path); known == absent {
			return broken("%s is not set", path)
		}
		resolved := v.g.Resolve(r, path)
		own := v.iam.AccountsOf(r)
		for _, arn := range resolved.Outside {
			if slices.ContainsFunc(resolved.Resources, func(to *graph.Resource) bool { return asksFor(to, arn) }) {
				continue // it will have that name
			}
			if account := accountIn(arn); account != "" && !slices.Contains(own, account) {
				return broken("it writes to %s, of another account", arn)
			}
			return undecided("it writes to %s, which is not in the stack", arn)
		}
		if resolved.Undecided {
			return unknown(r, path)
		}
		for _, to := range resolved.Resources {
			switch {
			case v.iam.Foreign(to):
				return broken("it writes to %s, of another account", to.Name)
			case to.External:
				return undecided("it writes to %s, which the stack only reads", to.Name)
			case !slices.Contains(types, to.Type):
				return broken("it writes to %s, which keeps no logs", to.Name)
			}
		}
		return holds()
	}
}

// asksFor says that a resource that does not exist yet asks for the name.
func asksFor(r *graph.Resource, name string) bool {
	return r.Planned && (r.Inputs["bucket"] == name || r.Inputs["name"] == name)
}

func accountIn(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// regionOf is the region that a resource is in, from its ARN or its provider.
func (v *view) regionOf(r *graph.Resource) string {
	region := cmp.Or(iam.Region(r.String("arn")), r.String("region"))
	if p := v.g.ByURN(r.Provider); region == "" && p != nil {
		region = p.String("region")
	}
	return region
}

// admitted is the outcome of whether a resource admits whoever must be admitted.
func (v *view) admitted(certainty iam.Certainty, format string, args ...any) outcome {
	switch certainty {
	case iam.Granted:
		return holds()
	case iam.Unsure:
		o := undecided("it is not known that "+format, args...)
		o.later = slices.ContainsFunc(v.g.Resources, func(r *graph.Resource) bool { return r.Planned })
		return o
	}
	return broken("nothing says that "+format, args...)
}

// byService is what is known of a request that a service makes on behalf of a resource.
func (v *view) byService(r *graph.Resource) iam.Context {
	known := iam.Context{
		"aws:principalisawsservice": "true", "aws:securetransport": "true", "s3:x-amz-acl": "bucket-owner-full-control",
		"aws:sourcearn": r.String("arn"),
	}
	if accounts := v.iam.AccountsOf(r); len(accounts) == 1 {
		known["aws:sourceaccount"], known["aws:sourceowner"] = accounts[0], accounts[0]
	}
	return known
}

// balancerLogs demands that a load balancer can write its logs into the bucket that it names. AWS, "Enable access logs
// for your Application Load Balancer".
func balancerLogs(path string) check {
	return func(v *view, r *graph.Resource) outcome {
		for _, bucket := range v.g.Ref(r, path+".bucket", bucketTypes...) {
			account := strings.Join(v.iam.AccountsOf(r), "")
			prefix := strings.Trim(r.String(path+".prefix"), "/")
			if prefix != "" {
				prefix += "/"
			}
			q := iam.Request{
				Services:   []string{"logdelivery.elasticloadbalancing.amazonaws.com", "delivery.logs.amazonaws.com"},
				Principals: []string{regionalBalancers[v.regionOf(r)]},
				Action:     "s3:PutObject", On: "arn:aws:s3:::" + bucket.String("bucket") + "/" + prefix + "AWSLogs/" +
					cmp.Or(account, "*") + "/*", Known: v.byService(r),
			}
			return v.canWrite(bucket, q, r.Name)
		}
		return holds()
	}
}

// requestLogs demands that S3 can write a bucket's log of requests into the target. AWS,
// "Enabling Amazon S3 server access logging".
func requestLogs(v *view, r *graph.Resource) outcome {
	for _, target := range v.g.Ref(r, "targetBucket", bucketTypes...) {
		known := v.byService(r)
		for _, bucket := range v.g.Ref(r, "bucket", bucketTypes...) {
			known["aws:sourcearn"] = bucket.String("arn")
		}
		q := iam.Request{Services: []string{"logging.s3.amazonaws.com"}, Action: "s3:PutObject", On: "arn:aws:s3:::" +
			target.String("bucket") + "/" + r.String("targetPrefix") + "*", Known: known}
		for _, acl := range v.pointing(target, "bucket", part("Acl")...) {
			if acl.String("acl") == "log-delivery-write" {
				return holds()
			}
		}
		return v.canWrite(target, q, "S3")
	}
	return holds()
}

func (v *view) canWrite(bucket *graph.Resource, q iam.Request, who string) outcome {
	if bucket.String("bucket") == "" {
		q.On = "" // not named yet
	}
	return v.admitted(v.iam.Admits(bucket, q), "%s may write its logs into %s", who, bucket.Name).
		because("it needs " + q.Action + " on " + q.On).
		write("let " + q.Services[0] + " do s3:PutObject in the bucket's policy, for this account")
}

// flowsWritten demands that a flow log reaches its destination: by its role, or by the policy of a bucket.
func flowsWritten(v *view, r *graph.Resource) outcome {
	if kind := r.String("logDestinationType"); kind != "" && kind != "cloud-watch-logs" &&
		len(v.g.Ref(r, "logDestination", logGroupType)) > 0 {
		return broken("logDestinationType is %s, and it writes to a log group", kind)
	}
	to := all(when(has("logDestination"), logsTo("logDestination", logGroupType, bucketTypes[0], bucketTypes[1],
		"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")),
		when(has("logGroupName"), logsTo("logGroupName", logGroupType)))(v, r)
	if to.verdict != report.Holds {
		return to
	}
	for _, bucket := range v.g.Ref(r, "logDestination", bucketTypes...) {
		account := strings.Join(v.iam.AccountsOf(r), "")
		q := iam.Request{Services: []string{"delivery.logs.amazonaws.com"}, Action: "s3:PutObject", On: "arn:aws:s3:::" +
			bucket.String("bucket") + "/AWSLogs/" + cmp.Or(account, "*") + "/*", Known: v.byService(r)}
		q.Known["aws:sourcearn"] = "arn:aws:logs:" + v.regionOf(r) + ":" + account + ":delivery"
		return v.canWrite(bucket, q, r.Name)
	}
	if _, abroad := asked(r, "deliverCrossAccountRole"); abroad != absent {
		return broken("it is delivered to another account, by %s", r.String("deliverCrossAccountRole"))
	}
	for _, group := range slices.Concat(v.g.Ref(r, "logDestination", logGroupType), v.g.Ref(r, "logGroupName", logGroupType)) {
		for _, role := range v.g.Ref(r, "iamRoleArn", roleType) {
			on := cmp.Or(group.String("arn"), "*")
			if on != "*" {
				on += ":*"
			}
			return v.admitted(v.iam.Serves(v.iam.Of(role), "vpc-flow-logs.amazonaws.com", "logs:PutLogEvents", on, v.byService(r)),
				"flow logs may be written by %s", role.Name).
				write("let vpc-flow-logs.amazonaws.com take the role, and the role do logs:PutLogEvents on the group")
		}
	}
	return holds()
}

// queriesWritten demands that Route 53 can write a zone's queries into the group.
func queriesWritten(v *view, r *graph.Resource) outcome {
	o := logsTo("cloudwatchLogGroupArn", logGroupType)(v, r)
	if o.verdict != report.Holds {
		return o
	}
	known := v.byService(r)
	delete(known, "aws:sourcearn")
	for _, group := range v.g.Ref(r, "cloudwatchLogGroupArn", logGroupType) {
		best := iam.Refused
		for _, p := range v.g.ByType("aws:cloudwatch/logResourcePolicy:LogResourcePolicy") {
			s := iam.SourceAt(p, "policyDocument")
			for _, zone := range v.g.Ref(r, "zoneId", zoneType) {
				known["aws:sourcearn"] = zone.String("arn")
			}
			on := group.String("arn")
			if on != "" {
				on += ":*"
			}
			best = max(best, s.Admits(iam.Request{Services: []string{"route53.amazonaws.com"}, Action: "logs:PutLogEvents", On: on,
				Known: known}))
		}
		return v.admitted(best, "Route 53 may write into %s", group.Name).
			write("add a cloudwatch.LogResourcePolicy that lets route53.amazonaws.com do logs:PutLogEvents on the group")
	}
	return holds()
}

// publishes demands that a service can publish to a topic on behalf of a resource: the topic's policy must allow it, and
// so must the key that encrypts the topic.
func (v *view) publishes(service string, r, topic *graph.Resource) outcome {
	known := v.byService(r)
	q := iam.Request{Services: []string{service}, Action: "sns:Publish", On: topic.String("arn"), Known: known}
	// Without a policy of its own, a topic admits its own account.
	if v.iam.HasPolicy(topic) {
		if o := v.admitted(v.iam.Admits(topic, q), "%s may publish to %s", service, topic.Name).
			write("let " + service + " do sns:Publish in the topic's policy"); o.verdict != report.Holds {
			return o
		}
	}
	for _, key := range v.keysAt(topic, "kmsMasterKeyId") {
		for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
			o := v.admitted(v.iam.Admits(key, iam.Request{Services: []string{service}, Action: action, Known: known}),
				"%s may use %s, which encrypts %s", service, key.Name, topic.Name).
				because("it needs " + action).write("let " + service + " do kms:Decrypt and kms:GenerateDataKey* in the key's policy")
			if o.verdict != report.Holds {
				return o
			}
		}
	}
	return holds()
}

const topicKind = ":sns:"

// reaches demands that an alarm's actions lead somewhere: to a topic of the stack that CloudWatch may publish to, or to
// something else that acts.
func (v *view) reaches(r *graph.Resource) outcome {
	resolved := v.g.Resolve(r, "alarmActions")
	if resolved.Undecided {
		return holds() // it has some
	}
	o := outcome{}
	for _, arn := range resolved.Outside {
		switch account := accountIn(arn); {
		case account != "" && !slices.Contains(v.iam.AccountsOf(r), account):
			return broken("it tells %s, of another account", arn)
		case strings.Contains(arn, topicKind):
			o = undecided("it tells %s, which is not in the stack", arn)
		}
	}
	for _, topic := range resolved.Resources {
		if v.iam.Foreign(topic) {
			return broken("it tells %s, of another account", topic.Name)
		}
		if topic.Type != topicType {
			continue
		}
		for _, next := range []outcome{v.publishes("cloudwatch.amazonaws.com", r, topic), v.heard(topic)} {
			if worse(next, o) {
				o = next
			}
		}
	}
	if o.verdict == "" {
		return holds()
	}
	return o
}

// flowsTell demands of a format of one's own that it tells who talked to whom, and whether they were let. AWS, VPC user guide,
// "Flow log records".
func flowsTell(_ *view, r *graph.Resource) outcome {
	format, known := asked(r, "logFormat")
	for _, field := range []string{"srcaddr", "dstaddr", "dstport", "action"} {
		if known == present && !strings.Contains(text(format), "${"+field+"}") {
			return broken("logFormat leaves out %s", field).write("leave out logFormat")
		}
	}
	return holds()
}
