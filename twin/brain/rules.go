package brain

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// rule is one value rule of a resource type: it reports what is wrong with checked inputs.
type rule func(c *checker, in value.Map)

func (c *checker) rules(token string, in value.Map) {
	if len(valueRules[token]) == 0 {
		return
	}
	in = value.RevealMap(in)
	for _, r := range valueRules[token] {
		r(c, in)
	}
}

// on applies a test to each text or number at a path, through lists and objects.
func on(path string, test func(v any) string) rule {
	return func(c *checker, in value.Map) {
		visit(in, path, "", func(at string, v any) {
			if isUnknown(v) {
				return
			}
			if complaint := test(v); complaint != "" {
				c.fail(at, "%s", complaint)
			}
		})
	}
}

func visit(v any, path, at string, f func(at string, v any)) {
	if list, ok := v.([]any); ok {
		for i, e := range list {
			visit(e, path, fmt.Sprintf("%s[%d]", at, i), f)
		}
		return
	}
	if path == "" {
		if v != nil {
			f(at, v)
		}
		return
	}
	m, ok := v.(value.Map)
	if !ok {
		return
	}
	name, rest, _ := strings.Cut(path, ".")
	if inner, set := m[name]; set {
		visit(inner, rest, join(at, name), f)
	}
}

// oneOf allows an enumeration's values.
func oneOf(path string, values ...string) rule {
	return on(path, func(v any) string {
		text, ok := v.(string)
		if !ok || text == "" || contains(values, text) {
			return ""
		}
		return fmt.Sprintf("%q is not one of %s", text, strings.Join(values, ", "))
	})
}

// amount reads a number, which some properties hold as a text.
func amount(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case string:
		n, err := strconv.ParseFloat(x, 64)
		return n, err == nil
	}
	return 0, false
}

// between allows numbers of a range.
func between(path string, low, high float64) rule {
	return on(path, func(v any) string {
		n, ok := amount(v)
		if !ok || (n >= low && n <= high) {
			return ""
		}
		return fmt.Sprintf("%s is not between %s and %s", formatNumber(n), formatNumber(low), formatNumber(high))
	})
}

// oneOfNumbers allows some numbers only.
func oneOfNumbers(path string, values ...float64) rule {
	return on(path, func(v any) string {
		n, ok := amount(v)
		for _, allowed := range values {
			if !ok || n == allowed {
				return ""
			}
		}
		return fmt.Sprintf("%s is not one of %v", formatNumber(n), values)
	})
}

// shaped allows texts of a pattern; what says the pattern to a person.
func shaped(path, pattern, what string) rule {
	re := regexp.MustCompile(pattern)
	return on(path, func(v any) string {
		text, ok := v.(string)
		if !ok || re.MatchString(text) {
			return ""
		}
		return fmt.Sprintf("%q is not %s", text, what)
	})
}

// cidr allows address blocks without host bits.
func cidr(path string) rule {
	return on(path, func(v any) string {
		text, _ := v.(string)
		p, err := netip.ParsePrefix(text)
		switch {
		case text == "":
			return ""
		case err != nil:
			return fmt.Sprintf("%q is not an address block such as 10.0.0.0/16", text)
		case p.Masked() != p:
			return fmt.Sprintf("%q has host bits: write %s", text, p.Masked())
		}
		return ""
	})
}

// arn allows Amazon resource names.
func arn(paths ...string) rule {
	return all(paths, func(path string) rule {
		return shaped(path, `^(arn:[^:]+:[^:]*:[^:]*:[^:]*:.+)?$`, "an ARN")
	})
}

// document allows JSON objects.
func document(paths ...string) rule {
	return all(paths, func(path string) rule {
		return on(path, func(v any) string {
			text, ok := v.(string)
			var parsed map[string]any
			if !ok || text == "" || json.Unmarshal([]byte(text), &parsed) == nil {
				return ""
			}
			return "is not a JSON object"
		})
	})
}

func all(paths []string, make func(string) rule) rule {
	return func(c *checker, in value.Map) {
		for _, p := range paths {
			make(p)(c, in)
		}
	}
}

// exactlyOne wants one of some properties.
func exactlyOne(names ...string) rule {
	return func(c *checker, in value.Map) {
		c.exactlyOne(names, in, in, names[0])
	}
}

// absentUnless refuses a property where another has none of the values.
func absentUnless(name, other string, values ...string) rule {
	return func(c *checker, in value.Map) {
		text, known := in[other].(string)
		if in[name] != nil && known && !contains(values, text) {
			c.fail(name, "can only be set when %s is %s", other, strings.Join(values, " or "))
		}
	}
}
