package brain

import (
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// groupRules: a group's name and description (EC2 API reference, CreateSecurityGroup).
func groupRules() []rule {
	return []rule{
		on("name", func(v any) string {
			text, _ := v.(string)
			if strings.HasPrefix(text, "sg-") {
				return fmt.Sprintf("%q begins with sg-, which is the form of ids", text)
			}
			if len(text) > 255 {
				return "is longer than 255 characters"
			}
			return ""
		}),
		shaped("description", `^[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]{0,255}$`, "at most 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"),
	}
}

// portRules: one peer, and ports that go with the protocol (EC2 API reference, IpPermission).
func portRules() []rule {
	return []rule{
		exactlyOne("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"),
		cidr("cidrIpv4"), cidr("cidrIpv6"), between("fromPort", -1, 65535), between("toPort", -1, 65535),
		func(c *checker, in value.Map) {
			protocol, _ := in["ipProtocol"].(string)
			from, hasFrom := in["fromPort"].(float64)
			to, hasTo := in["toPort"].(float64)
			if hasFrom && hasTo && from > to && !strings.HasPrefix(protocol, "icmp") {
				c.fail("fromPort", "the first port %s is after the last, %s", formatNumber(from), formatNumber(to))
			}
		},
	}
}

// healthTimeout: a check must end before the next begins.
func healthTimeout(c *checker, in value.Map) {
	health, _ := in["healthCheck"].(value.Map)
	timeout, hasTimeout := health["timeout"].(float64)
	interval, hasInterval := health["interval"].(float64)
	if hasTimeout && hasInterval && timeout >= interval {
		c.fail("healthCheck.timeout", "%s seconds is not shorter than the interval, %s", formatNumber(timeout), formatNumber(interval))
	}
}

// actionBodies: an action has what its type needs.
func actionBodies(property string) rule {
	needs := map[string][]string{"redirect": {"redirect"}, "fixed-response": {"fixedResponse"}, "forward": {"targetGroupArn", "forward"}}
	return func(c *checker, in value.Map) {
		list, _ := in[property].([]any)
		for i, e := range list {
			action, _ := e.(value.Map)
			kind, _ := action["type"].(string)
			found := len(needs[kind]) == 0
			for _, name := range needs[kind] {
				found = found || action[name] != nil
			}
			if !found {
				c.fail(fmt.Sprintf("%s[%d]", property, i), "an action of type %s needs %s", kind, strings.Join(needs[kind], " or "))
			}
		}
	}
}

// cloudflareTTL: 1 is automatic, which proxying needs (Cloudflare, "Time to Live").
func cloudflareTTL(c *checker, in value.Map) {
	ttl, ok := in["ttl"].(float64)
	if !ok {
		return
	}
	if proxied, _ := in["proxied"].(bool); proxied && ttl != 1 {
		c.fail("ttl", "a proxied record has the automatic TTL: 1, not %s", formatNumber(ttl))
	} else if ttl != 1 && (ttl < 30 || ttl > 86400) {
		c.fail("ttl", "%s is not 1 (automatic) or between 30 and 86400 seconds", formatNumber(ttl))
	}
}

// recoveryWindow: none, or 7 to 30 days (Secrets Manager API reference, DeleteSecret).
func recoveryWindow(c *checker, in value.Map) {
	if days, ok := in["recoveryWindowInDays"].(float64); ok && days != 0 && (days < 7 || days > 30) {
		c.fail("recoveryWindowInDays", "%s is not 0 or between 7 and 30", formatNumber(days))
	}
}

// targetAddress: anything but a function listens on a port, in a network (ELB API reference,
// CreateTargetGroup).
func targetAddress(c *checker, in value.Map) {
	if in["targetType"] == "lambda" {
		return
	}
	for _, name := range []string{"port", "protocol", "vpcId"} {
		if in[name] == nil {
			c.fail(name, "targets that are not functions need one")
		}
	}
}

// alarmStatistic: an alarm on one metric says which statistic (CloudWatch API reference, PutMetricAlarm).
func alarmStatistic(c *checker, in value.Map) {
	if in["metricQueries"] == nil && in["statistic"] == nil && in["extendedStatistic"] == nil {
		c.fail("statistic", "an alarm on a metric needs a statistic or an extendedStatistic")
	}
}

// topicDeduplication: only a FIFO topic tells messages apart (SNS API reference, CreateTopic).
func topicDeduplication(c *checker, in value.Map) {
	if in["contentBasedDeduplication"] == true && in["fifoTopic"] != true && !isUnknown(in["fifoTopic"]) {
		c.fail("contentBasedDeduplication", "only a FIFO topic has it: set fifoTopic")
	}
}
