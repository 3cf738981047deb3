package judge

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// answer is what a condition, or a whole statement, says of a request.
type answer int

const (
	no answer = iota
	yes
	unknown // the judge does not evaluate it
)

// comparison compares one value of a request with one of a policy.
type comparison func(request, policy string) bool

// operators are IAM's (IAM user guide, "Condition operators") except BinaryEquals, without prefix and suffix. The negated
// ones hold where the plain ones do not.
var operators = map[string]comparison{
	"stringequals":             func(r, p string) bool { return r == p },
	"stringequalsignorecase":   strings.EqualFold,
	"stringlike":               func(r, p string) bool { return like(p, r) },
	"numericequals":            numbers(func(r, p float64) bool { return r == p }),
	"numericlessthan":          numbers(func(r, p float64) bool { return r < p }),
	"numericlessthanequals":    numbers(func(r, p float64) bool { return r <= p }),
	"numericgreaterthan":       numbers(func(r, p float64) bool { return r > p }),
	"numericgreaterthanequals": numbers(func(r, p float64) bool { return r >= p }),
	"dateequals":               dates(func(r, p time.Time) bool { return r.Equal(p) }),
	"datelessthan":             dates(time.Time.Before),
	"datelessthanequals":       dates(func(r, p time.Time) bool { return !r.After(p) }),
	"dategreaterthan":          dates(time.Time.After),
	"dategreaterthanequals":    dates(func(r, p time.Time) bool { return !r.Before(p) }),
	"bool":                     strings.EqualFold,
	"ipaddress":                within,
	"arnequals":                arnLike,
	"arnlike":                  arnLike,
}

var negated = map[string]string{
	"stringnotequals": "stringequals", "stringnotequalsignorecase": "stringequalsignorecase", "stringnotlike": "stringlike",
	"numericnotequals": "numericequals", "datenotequals": "dateequals", "notipaddress": "ipaddress",
	"arnnotequals": "arnequals", "arnnotlike": "arnlike",
}

func numbers(compare func(r, p float64) bool) comparison {
	return func(r, p string) bool {
		a, err := strconv.ParseFloat(r, 64)
		b, err2 := strconv.ParseFloat(p, 64)
		return err == nil && err2 == nil && compare(a, b)
	}
}

func dates(compare func(r, p time.Time) bool) comparison {
	return func(r, p string) bool {
		a, ok := date(r)
		b, ok2 := date(p)
		return ok && ok2 && compare(a, b)
	}
}

func date(s string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Unix(seconds, 0), true
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func within(address, block string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	if b, err := netip.ParseAddr(block); err == nil {
		return a == b
	}
	p, err := netip.ParsePrefix(block)
	return err == nil && p.Contains(a)
}

// arnLike compares part by part, so that no wildcard reaches over a colon except in the last.
func arnLike(r, p string) bool {
	request, pattern := strings.SplitN(r, ":", 6), strings.SplitN(p, ":", 6)
	if len(request) != 6 || len(pattern) != 6 {
		return false
	}
	for i := range pattern {
		if !like(pattern[i], request[i]) {
			return false
		}
	}
	return true
}

// holds says whether a request meets the condition, and what the judge cannot evaluate.
func (c condition) holds(r *Request, variables bool) (answer, string) {
	name := strings.ToLower(c.operator)
	values, present, known := r.value(c.key)
	if !known {
		return unknown, fmt.Sprintf("the condition key %s", c.key)
	}
	if name == "null" {
		return truth(slices.ContainsFunc(c.values, func(v string) bool { return strings.EqualFold(v, "true") == !present })), ""
	}
	name, ifExists := strings.CutSuffix(name, "ifexists")
	quantity, plain, set := strings.Cut(name, ":")
	if !set {
		quantity, plain = "", name
	}
	not := negated[plain] != ""
	if not {
		plain = negated[plain]
	}
	compare := operators[plain]
	if compare == nil || set && quantity != "forallvalues" && quantity != "foranyvalue" {
		return unknown, fmt.Sprintf("the condition operator %s", c.operator)
	}
	if !present {
		return truth(ifExists || quantity == "forallvalues" || not && quantity == ""), ""
	}
	if !set && len(values) > 1 {
		return unknown, fmt.Sprintf("%s of a key with several values, %s,", c.operator, c.key)
	}
	meets := func(value string) bool {
		return not != slices.ContainsFunc(c.values, func(p string) bool {
			p, ok := r.fill(p, variables)
			return ok && compare(value, p)
		})
	}
	if quantity == "forallvalues" {
		return truth(!slices.ContainsFunc(values, func(v string) bool { return !meets(v) })), ""
	}
	return truth(slices.ContainsFunc(values, meets)), ""
}

func truth(b bool) answer {
	if b {
		return yes
	}
	return no
}
