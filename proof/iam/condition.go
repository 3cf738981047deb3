package iam

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Context is what is known of a request: the values of condition keys, in lower case. A key that it does not have may
// have any value, or none.
type Context map[string]string

// with is the context and one key more.
func (c Context) with(key, value string) Context {
	more := maps.Clone(c)
	if more == nil {
		more = Context{}
	}
	more[key] = value
	return more
}

// truth is how far a condition is known to be met.
type truth int

const (
	never truth = iota
	perhaps
	surely
)

// met says how far all conditions of the statement are met. AWS, "IAM JSON policy elements: Condition operators", in the
// IAM user guide.
func (s Statement) met(c Context) truth {
	all := surely
	for operator, tests := range s.Conditions {
		for key, values := range tests {
			all = min(all, c.test(operator, key, values))
		}
	}
	return all
}

// test decides one operator and key. If a key has one value, it makes no difference whether any or all of its values are
// asked for.
func (c Context) test(operator, key string, wanted []string) truth {
	operator = strings.TrimSuffix(operator, "ifexists")
	if _, single, set := strings.Cut(operator, ":"); set {
		operator = single
	}
	value, known := c[key]
	if !known || value == "" {
		return perhaps
	}
	if operator == "null" {
		return certainly(!slices.Contains(wanted, "true"))
	}
	compare, understood := comparisons[strings.Replace(operator, "not", "", 1)]
	if !understood {
		return perhaps
	}
	found := anyOf(compare, value, wanted)
	if strings.Contains(operator, "not") {
		return surely - found
	}
	return found
}

func anyOf(compare func(wanted, value string) bool, value string, wanted []string) truth {
	found := never
	for _, w := range wanted {
		switch {
		case strings.Contains(w, "${"):
			found = max(found, perhaps)
		case compare(w, value):
			found = surely
		}
	}
	return found
}

func certainly(is bool) truth {
	if is {
		return surely
	}
	return never
}

// comparisons are the operators that compare texts. Others, such as those for dates and addresses, are never decided.
var comparisons = map[string]func(wanted, value string) bool{
	"stringequals":           func(wanted, value string) bool { return wanted == value },
	"stringequalsignorecase": strings.EqualFold,
	"stringlike":             Matches,
	"arnequals":              Matches,
	"arnlike":                Matches,
	"bool": func(wanted, value string) bool {
		a, err := strconv.ParseBool(wanted)
		b, err2 := strconv.ParseBool(value)
		return err == nil && err2 == nil && a == b
	},
}
