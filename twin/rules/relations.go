package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// exactlyOne requires one of several properties.
func exactlyOne(names ...string) relation {
	return func(in value.Map, fail Fail) {
		var set []string
		open := false // an unknown value may turn out to be absent
		for _, name := range names {
			if isUnknown(in[name]) {
				open = true
			} else if in[name] != nil {
				set = append(set, name)
			}
		}
		switch {
		case len(set) == 0 && !open:
			fail(names[0], "one of %s must be set", strings.Join(names, ", "))
		case len(set) > 1:
			fail(set[0], "only one of %s may be set; %s are", strings.Join(names, ", "), strings.Join(set, " and "))
		}
	}
}

// absentUnless refuses a property unless another has one of the values.
func absentUnless(name, other string, values ...string) relation {
	return func(in value.Map, fail Fail) {
		text, known := in[other].(string)
		if in[name] == nil || !known {
			return
		}
		for _, v := range values {
			if v == text {
				return
			}
		}
		fail(name, "can only be set when %s is %s", other, strings.Join(values, " or "))
	}
}

// needs refuses a property without another.
func needs(name, other string) relation {
	return func(in value.Map, fail Fail) {
		if in[name] != nil && in[other] == nil {
			fail(name, "needs %s too", other)
		}
	}
}

// oneAtLeast requires one or more of several properties.
func oneAtLeast(names ...string) relation {
	return func(in value.Map, fail Fail) {
		for _, name := range names {
			if in[name] != nil {
				return
			}
		}
		fail(names[0], "one of %s must be set", strings.Join(names, ", "))
	}
}

// together requires all of several properties, or none.
func together(names ...string) relation {
	return func(in value.Map, fail Fail) {
		for _, name := range names {
			for _, other := range names {
				needs(name, other)(in, fail)
			}
		}
	}
}

func isUnknown(v any) bool {
	_, ok := v.(value.Unknown)
	return ok
}

var onePeer = exactlyOne("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")

// portsInOrder: the first port is not after the last (EC2 API reference, IpPermission). ICMP has types and codes in their
// place.
func portsInOrder(in value.Map, fail Fail) {
	protocol, _ := in["ipProtocol"].(string)
	from, hasFrom := in["fromPort"].(float64)
	to, hasTo := in["toPort"].(float64)
	if hasFrom && hasTo && from > to && !strings.HasPrefix(protocol, "icmp") {
		fail("fromPort", "the first port %s is after the last, %s", Number(from), Number(to))
	}
}

// natAddresses: only a private gateway is given a number of addresses (EC2 API reference,
// CreateNatGateway).
func natAddresses(in value.Map, fail Fail) {
	if in["secondaryPrivateIpAddressCount"] != 0.0 {
		absentUnless("secondaryPrivateIpAddressCount", "connectivityType", "private")(in, fail)
	}
}

// publicOnly: only a public gateway has elastic addresses (EC2 API reference, CreateNatGateway).
func publicOnly(name string) relation { return absentUnless(name, "connectivityType", "public") }

// healthTimeout: a check must end before the next begins.
func healthTimeout(in value.Map, fail Fail) {
	health, _ := in["healthCheck"].(value.Map)
	timeout, hasTimeout := health["timeout"].(float64)
	interval, hasInterval := health["interval"].(float64)
	if hasTimeout && hasInterval && timeout >= interval {
		fail("healthCheck.timeout", "%s seconds is not shorter than the interval, %s", Number(timeout), Number(interval))
	}
}

// webHealthTimeout is healthTimeout for targets over HTTP. For others, the timeout that is filled in, up to ten seconds,
// may equal an interval of ten.
func webHealthTimeout(in value.Map, fail Fail) {
	if protocol, _ := in["protocol"].(string); strings.HasPrefix(protocol, "HTTP") {
		healthTimeout(in, fail)
	}
}

// healthProtocol: a target that speaks HTTP is checked over HTTP (ELB API reference, CreateTargetGroup).
func healthProtocol(in value.Map, fail Fail) {
	health, _ := in["healthCheck"].(value.Map)
	if p, _ := in["protocol"].(string); strings.HasPrefix(p, "HTTP") && health["protocol"] == "TCP" {
		fail("healthCheck.protocol", "a group of protocol %s is checked over HTTP or HTTPS", p)
	}
}

// actionBodies: an action has what its type needs.
func actionBodies(property string) relation {
	needs := map[string][]string{
		"redirect": {"redirect"}, "fixed-response": {"fixedResponse"}, "forward": {"targetGroupArn", "forward"},
		"authenticate-cognito": {"authenticateCognito"}, "authenticate-oidc": {"authenticateOidc"},
	}
	return func(in value.Map, fail Fail) {
		list, _ := in[property].([]any)
		for i, e := range list {
			action, _ := e.(value.Map)
			kind, _ := action["type"].(string)
			found := len(needs[kind]) == 0
			for _, name := range needs[kind] {
				found = found || action[name] != nil
			}
			if !found {
				fail(fmt.Sprintf("%s[%d]", property, i), "an action of type %s needs %s", kind, strings.Join(needs[kind], " or "))
			}
		}
	}
}

// targetAddress: anything but a function listens on a port, in a network (ELB API reference,
// CreateTargetGroup).
func targetAddress(in value.Map, fail Fail) {
	if in["targetType"] == "lambda" {
		return
	}
	for _, name := range []string{"port", "protocol", "vpcId"} {
		if in[name] == nil {
			fail(name, "targets that are not functions need one")
		}
	}
}

// alarmStatistic: an alarm on one metric says which statistic (CloudWatch API reference, PutMetricAlarm).
func alarmStatistic(in value.Map, fail Fail) {
	if in["metricQueries"] == nil && in["statistic"] == nil && in["extendedStatistic"] == nil {
		fail("statistic", "an alarm on a metric needs a statistic or an extendedStatistic")
	}
}

// alarmQueries: a query asks for a metric or computes from others (CloudWatch API reference, MetricDataQuery).
func alarmQueries(in value.Map, fail Fail) {
	list, _ := in["metricQueries"].([]any)
	for i, e := range list {
		if q, _ := e.(value.Map); q["expression"] != nil && q["expression"] != "" && q["metric"] != nil {
			fail(fmt.Sprintf("metricQueries[%d].metric", i), "a query has an expression or a metric, not both")
		}
	}
}

// documentSharing: a document is shared, with accounts (Systems Manager API reference,
// ModifyDocumentPermission).
func documentSharing(in value.Map, fail Fail) {
	permissions, given := in["permissions"].(value.Map)
	if !given || len(permissions) == 0 || value.HasUnknown(permissions) {
		return
	}
	if kind := permissions["type"]; kind == nil {
		fail("permissions.type", "permissions need a type: Share")
	} else if kind != "Share" {
		fail("permissions.type", "%v is not Share", kind)
	}
	if permissions["account_ids"] == nil {
		fail("permissions.account_ids", "permissions need the accounts, with commas between, or All")
	}
}

// objectTags: an object can turn off the provider's default tags, and nothing else.
func objectTags(in value.Map, fail Fail) {
	override, _ := in["overrideProvider"].(value.Map)
	defaults, _ := override["defaultTags"].(value.Map)
	if tags, _ := defaults["tags"].(value.Map); len(tags) > 0 && !value.HasUnknown(tags) {
		fail("overrideProvider.defaultTags.tags", "it can only be empty: {}")
	}
}

// rotationPeriod: a key has a rotation period only if the program says whether it is rotated (KMS API reference,
// EnableKeyRotation). Without rotation the period is kept for later.
func rotationPeriod(in value.Map, fail Fail) {
	unsaid, _ := in["__defaults"].([]any)
	if in["rotationPeriodInDays"] != nil && (in["enableKeyRotation"] == nil || slices.Contains(unsaid, any("enableKeyRotation"))) {
		fail("rotationPeriodInDays", "needs enableKeyRotation: true")
	}
}

// topicName: the name of a FIFO topic, and of no other, ends with .fifo (SNS API reference, CreateTopic).
func topicName(in value.Map, fail Fail) {
	name, given := in["name"].(string)
	if !given || name == "" || isUnknown(in["fifoTopic"]) {
		return
	}
	if fifo := strings.HasSuffix(name, ".fifo"); fifo && in["fifoTopic"] != true {
		fail("name", "%q ends with .fifo: set fifoTopic", name)
	} else if !fifo && in["fifoTopic"] == true {
		fail("name", "%q does not end with .fifo, as that of a FIFO topic does", name)
	}
}

// topicOrder: only a FIFO topic deduplicates and archives messages (SNS API reference, CreateTopic). The property may be
// set to the value that means neither.
func topicOrder(name string, none ...any) relation {
	return func(in value.Map, fail Fail) {
		v := in[name]
		if v == nil || isUnknown(v) || slices.Contains(none, v) || in["fifoTopic"] == true || isUnknown(in["fifoTopic"]) {
			return
		}
		fail(name, "only a FIFO topic has it: set fifoTopic")
	}
}

// groupSizes: the smallest size, the desired one and the largest are in this order (Auto Scaling API reference,
// CreateAutoScalingGroup).
func groupSizes(in value.Map, fail Fail) {
	low, hasLow := in["minSize"].(float64)
	high, hasHigh := in["maxSize"].(float64)
	if hasLow && hasHigh && low > high {
		fail("minSize", "%s is more than maxSize, %s", Number(low), Number(high))
	}
	if n, ok := in["desiredCapacity"].(float64); ok && (hasLow && n < low || hasHigh && n > high) {
		fail("desiredCapacity", "%s is not between minSize, %s, and maxSize, %s", Number(n), Number(low), Number(high))
	}
}
