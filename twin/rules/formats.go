package rules

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// AWS General Reference, "Amazon Resource Names": six parts, of which region and account may be empty.
var (
	partition = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	region    = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d{1,2}$`)
	account   = regexp.MustCompile(`^(aws|aws-managed|third-party|aws-marketplace|\d{12}|cw.{10})$`)
)

// arn allows Amazon resource names.
func arn() Rule {
	return onText(func(s string) string {
		if wrong := arnFault(s); wrong != "" {
			return fmt.Sprintf("%q is not an ARN (arn:aws:service:region:account:resource): %s", s, wrong)
		}
		return ""
	}).optional().allowing("arn:aws:iam::123456789012:role/sample", "arn:aws:sns:eu-west-1:123456789012:sample",
		"arn:aws-us-gov:iam::123456789012:role/sample").
		refusing("sample", "arn:aws:iam", "arn:other:iam::123456789012:role/sample", "arn:aws:sns:eu-west-1:1234:sample",
			"arn:aws:sns:europe:123456789012:sample")
}

func arnFault(s string) string {
	parts := strings.SplitN(s, ":", 6)
	switch {
	case len(parts) < 6 || parts[0] != "arn":
		return "it does not have six parts"
	case !partition.MatchString(parts[1]):
		return "the partition is aws, aws-cn or aws-us-gov"
	case parts[3] != "" && !region.MatchString(parts[3]):
		return "the region is like eu-west-1"
	case parts[4] != "" && !account.MatchString(parts[4]):
		return "the account has twelve digits"
	case parts[5] == "":
		return "the resource is missing"
	}
	return ""
}

// block allows address blocks of one family, without host bits, with a prefix length in a range.
func block(v6 bool, low, high int) Rule {
	sample, kind := "10.0.0.0/16", "an IPv4"
	if v6 {
		sample, kind = "2001:db8::/56", "an IPv6"
	}
	r := onText(func(s string) string {
		p, err := netip.ParsePrefix(s)
		switch {
		case err != nil || p.Addr().Is6() != v6:
			return fmt.Sprintf("%q is not %s address block such as %s", s, kind, sample)
		case p.Masked() != p:
			return fmt.Sprintf("%q has host bits: write %s", s, p.Masked())
		case p.Bits() < low || p.Bits() > high:
			return fmt.Sprintf("%q is not between a /%d and a /%d", s, low, high)
		}
		return ""
	})
	if v6 {
		return r.allowing(sample).refusing("2001:db8::", "2001:db8::1/56", "10.0.0.0/16")
	}
	return r.allowing(sample, "10.0.0.0/24").refusing("10.0.0.0", "10.0.0.1/16", "10.0.0.0/33", "256.0.0.0/8", "2001:db8::/56")
}

func block4() Rule { return block(false, 0, 32) }
func block6() Rule { return block(true, 0, 128) }

// eitherBlock allows address blocks of both families.
func eitherBlock() Rule {
	return onText(func(s string) string {
		p, err := netip.ParsePrefix(s)
		switch {
		case err != nil:
			return fmt.Sprintf("%q is not an address block such as 10.0.0.0/16", s)
		case p.Masked() != p:
			return fmt.Sprintf("%q has host bits: write %s", s, p.Masked())
		}
		return ""
	}).allowing("10.0.0.0/16", "2001:db8::/56").refusing("10.0.0.0", "10.0.0.1/16")
}

// anyBlock allows address blocks of both families, including those with host bits, which the service drops.
func anyBlock() Rule {
	return onText(func(s string) string {
		if _, err := netip.ParsePrefix(s); err != nil {
			return fmt.Sprintf("%q is not an address block such as 10.0.0.0/16", s)
		}
		return ""
	}).allowing("10.0.0.0/16", "10.0.0.1/16", "2001:db8::/56").refusing("10.0.0.0")
}

// address allows single addresses: of version 4, of version 6, or of both.
func address(v4, v6 bool) Rule {
	r := onText(func(s string) string {
		if a, err := netip.ParseAddr(s); err == nil && (a.Is4() && v4 || a.Is6() && v6) {
			return ""
		}
		return fmt.Sprintf("%q is not an address such as %s", s, map[bool]string{true: "192.0.2.10", false: "2001:db8::10"}[v4])
	}).refusing("192.0.2", "host")
	if v4 {
		r = r.allowing("192.0.2.10")
	}
	if v6 {
		r = r.allowing("2001:db8::10")
	}
	return r
}

// document allows JSON.
func document() Rule {
	return onText(func(s string) string {
		if json.Valid([]byte(s)) {
			return ""
		}
		return "it is not JSON: " + jsonFault(s)
	}).optional().allowing("{}").refusing("{", "text")
}

func jsonFault(s string) string {
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return err.Error()
	}
	return "it is not one value"
}

// policy allows IAM policy documents: JSON objects.
func policy() Rule {
	const sample = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
	return onText(func(s string) string {
		if !strings.HasPrefix(strings.TrimSpace(s), "{") {
			return "it is not a JSON object: a policy begins with {"
		}
		if !json.Valid([]byte(s)) {
			return "it is not a JSON object: " + jsonFault(s)
		}
		return ""
	}).optional().allowing(sample).refusing("{", "text", "[]")
}

// encoded allows base64.
func encoded() Rule {
	return onText(func(s string) string {
		if _, err := base64.StdEncoding.DecodeString(s); err != nil {
			return fmt.Sprintf("it is not base64: %v", err)
		}
		return ""
	}).allowing("aGVsbG8=").refusing("hello!", "aGVsbG8")
}

// timestamp allows RFC 3339 times.
func timestamp() Rule {
	return onText(func(s string) string {
		if _, err := time.Parse(time.RFC3339, s); err != nil {
			return fmt.Sprintf("%q is not a time such as 2027-01-31T12:00:00Z", s)
		}
		return ""
	}).allowing("2027-01-31T12:00:00Z", "2027-01-31T12:00:00+02:00").refusing("2027-01-31", "tomorrow")
}

// utcTimestamp is a timestamp in UTC only.
func utcTimestamp() Rule {
	return onText(func(s string) string {
		if _, err := time.Parse("2006-01-02T15:04:05Z", s); err != nil {
			return fmt.Sprintf("%q is not a time such as 2027-01-31T12:00:00Z", s)
		}
		return ""
	}).allowing("2027-01-31T12:00:00Z").refusing("2027-01-31", "tomorrow", "2027-01-31T12:00:00+02:00")
}

// request allows PEM certificate signing requests.
func request() Rule {
	return onText(func(s string) string {
		if block, _ := pem.Decode([]byte(s)); block == nil || block.Type != "CERTIFICATE REQUEST" {
			return "it is not a certificate signing request in PEM (-----BEGIN CERTIFICATE REQUEST-----)"
		}
		return ""
	}).allowing("-----BEGIN CERTIFICATE REQUEST-----\naGVsbG8=\n-----END CERTIFICATE REQUEST-----\n").
		refusing("text", "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n")
}

// cron allows schedules of five fields, as in Unix, or of six with a year (Amazon EventBridge user guide, "Cron
// expressions").
func cron(fields int) Rule {
	sample := map[int]string{5: "0 22 * * 1-5", 6: "0 22 ? * MON-FRI *"}[fields]
	return onText(func(s string) string {
		given := strings.Fields(s)
		for i, field := range given {
			if i < len(cronLimits) && !cronField(field, cronLimits[i][0], cronLimits[i][1]) {
				return fmt.Sprintf("%q is not a schedule such as %s: %q is wrong", s, sample, field)
			}
		}
		if len(given) != fields {
			return fmt.Sprintf("%q is not a schedule such as %s: it has %d fields, not %d", s, sample, len(given), fields)
		}
		return ""
	}).allowing(sample).refusing("daily")
}

// cronLimits are the least and the largest number of minutes, hours, days, months, weekdays and years.
var cronLimits = [][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}, {1970, 2199}}

var cronPart = regexp.MustCompile(`^(\*|\?|L|L-\d+|[A-Za-z]{3}(-[A-Za-z]{3})?|(\d+)(-(\d+))?(L|W|#\d)?)(/\d+)?$`)

func cronField(field string, low, high int) bool {
	for _, part := range strings.Split(field, ",") {
		m := cronPart.FindStringSubmatch(part)
		if m == nil {
			return false
		}
		for _, number := range []string{m[3], m[5]} {
			if n, err := strconv.Atoi(number); err == nil && (n < low || n > high) {
				return false
			}
		}
	}
	return true
}

// schedule allows cron(...) with a number of fields, rate(...) and at(...) expressions (Amazon EventBridge user guide,
// "Schedule types").
func schedule(fields int) Rule {
	inner := cron(fields)
	return onText(func(s string) string {
		if text, ok := strings.CutPrefix(s, "cron("); ok && strings.HasSuffix(text, ")") {
			return inner.complain(strings.TrimSuffix(text, ")"))
		}
		if ratePattern.MatchString(s) {
			return ""
		}
		return fmt.Sprintf("%q is not cron(0 3 * * ? *) or rate(1 day)", s)
	}).allowing("cron(0 3 * * ? *)", "rate(12 hours)").refusing("daily", "cron(0 3 * *)", "cron(61 3 * * ? *)", "rate(days)")
}

var ratePattern = regexp.MustCompile(`^rate\([1-9]\d* (minute|hour|day)s?\)$`)

// date allows days of the calendar.
func date() Rule {
	return onText(func(s string) string {
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return fmt.Sprintf("%q is not a day such as 2027-01-31", s)
		}
		return ""
	}).allowing("2027-01-31").refusing("tomorrow", "2027-02-31")
}

// duration allows times as Go writes them.
func duration() Rule {
	return onText(func(s string) string {
		if _, err := time.ParseDuration(s); err != nil {
			return fmt.Sprintf("%q is not a duration such as 10m or 1h30m", s)
		}
		return ""
	}).allowing("10m", "1h30m").refusing("soon", "10")
}

// period allows ISO 8601 durations.
func period() Rule {
	return shaped(`^P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$`, "a period such as P30D").allowing("P30D", "P1Y").
		refusing("30 days")
}
