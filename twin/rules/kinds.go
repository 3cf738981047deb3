package rules

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// allowing and refusing give a rule samples.
func (r Rule) allowing(values ...any) Rule {
	r.allowed = append(slices.Clone(r.allowed), values...)
	return r
}

func (r Rule) refusing(values ...any) Rule {
	r.refused = append(slices.Clone(r.refused), values...)
	return r
}

// onText makes a rule from a function that says what is wrong with a text. Values that are not texts are judged by their
// type.
func onText(complain func(s string) string) Rule {
	return Rule{complain: func(v any) string {
		if s, ok := v.(string); ok {
			return complain(s)
		}
		return ""
	}}
}

// optional is a rule that an empty text passes, for properties where the provider takes it for absent.
func (r Rule) optional() Rule {
	inner := r.complain
	r.complain = func(v any) string {
		if v == "" {
			return ""
		}
		return inner(v)
	}
	return r
}

// oneOf allows an enumeration's values.
func oneOf(values ...string) Rule {
	r := onText(func(s string) string {
		if slices.Contains(values, s) {
			return ""
		}
		return fmt.Sprintf("%q is not one of %s", s, strings.Join(values, ", "))
	})
	for _, v := range values {
		r.allowed = append(r.allowed, v)
	}
	for _, v := range []string{strings.ToLower(values[0]), strings.ToUpper(values[0])} {
		if !slices.Contains(values, v) {
			r.refused = append(r.refused, v)
		}
	}
	return r.refusing(values[0] + "-not")
}

// anyCase is oneOf for a provider that ignores case.
func anyCase(values ...string) Rule {
	r := oneOf(values...)
	inner := r.complain
	r.complain = func(v any) string {
		s, _ := v.(string)
		for _, allowed := range values {
			if strings.EqualFold(s, allowed) {
				return ""
			}
		}
		return inner(v)
	}
	r.refused = []any{values[0] + "-not"}
	return r.allowing(strings.ToLower(values[0]), strings.ToUpper(values[0]))
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

// Number is a number for a person.
func Number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// onNumber makes a rule from a function that says what is wrong with a number.
func onNumber(complain func(n float64) string) Rule {
	return Rule{complain: func(v any) string {
		if n, ok := amount(v); ok {
			return complain(n)
		}
		return ""
	}}
}

// between allows numbers in a range.
func between(low, high float64) Rule {
	return onNumber(func(n float64) string {
		if n >= low && n <= high {
			return ""
		}
		return fmt.Sprintf("%s is not between %s and %s", Number(n), Number(low), Number(high))
	}).allowing(low, high).refusing(low-1, high+1)
}

// atLeast allows numbers from one upwards.
func atLeast(low float64) Rule {
	return onNumber(func(n float64) string {
		if n >= low {
			return ""
		}
		return fmt.Sprintf("%s is less than %s", Number(n), Number(low))
	}).allowing(low).refusing(low - 1)
}

// orBetween allows some numbers, and a range.
func orBetween(others []float64, low, high float64) Rule {
	return onNumber(func(n float64) string {
		if slices.Contains(others, n) || n >= low && n <= high {
			return ""
		}
		return fmt.Sprintf("%s is not %s or between %s and %s", Number(n), numbers(others), Number(low), Number(high))
	}).allowing(others[0], low, high).refusing(low-1, high+1)
}

// oneOfNumbers allows some numbers only.
func oneOfNumbers(values ...float64) Rule {
	r := onNumber(func(n float64) string {
		if slices.Contains(values, n) {
			return ""
		}
		return fmt.Sprintf("%s is not one of %s", Number(n), numbers(values))
	})
	for _, v := range values {
		r.allowed = append(r.allowed, v)
	}
	return r.refusing(values[len(values)-1] + 1)
}

func numbers(values []float64) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = Number(v)
	}
	return strings.Join(texts, ", ")
}

// length allows texts with a number of characters in a range.
func length(low, high int) Rule {
	r := onText(func(s string) string {
		n := utf8.RuneCountInString(s)
		if n >= low && n <= high {
			return ""
		}
		return fmt.Sprintf("it has %d characters, and may have %d to %d", n, low, high)
	}).refusing(strings.Repeat("a", high+1)).allowing(strings.Repeat("a", max(low, 1)), strings.Repeat("a", high))
	if low > 0 {
		r = r.refusing(strings.Repeat("a", low-1))
	}
	return r
}

// shaped allows texts that match a pattern; what describes the pattern to a person.
func shaped(pattern, what string) Rule {
	re := regexp.MustCompile(pattern)
	return onText(func(s string) string {
		if re.MatchString(s) {
			return ""
		}
		return fmt.Sprintf("%q is not %s", s, what)
	})
}

// unlike refuses texts that match a pattern.
func unlike(pattern, what string) Rule {
	re := regexp.MustCompile(pattern)
	return onText(func(s string) string {
		if !re.MatchString(s) {
			return ""
		}
		return fmt.Sprintf("%q %s", s, what)
	})
}

// truth allows a boolean that is written as a text, so that it can also be left open.
func truth() Rule {
	return onText(func(s string) string {
		if _, err := strconv.ParseBool(s); err == nil || s == "" {
			return ""
		}
		return fmt.Sprintf("%q is not true or false", s)
	}).allowing("true", "false").refusing("maybe")
}

// count allows a whole number in a range that is written as a text, so that it can also be left open.
func count(low, high float64) Rule {
	return onText(func(s string) string {
		if n, err := strconv.Atoi(s); s == "" || err == nil && float64(n) >= low && float64(n) <= high {
			return ""
		}
		return fmt.Sprintf("%q is not a whole number between %s and %s", s, Number(low), Number(high))
	}).allowing(Number(low)).refusing("many", Number(low-1))
}

// decimal allows a number that is written as a text.
func decimal() Rule {
	return onText(func(s string) string {
		if _, err := strconv.ParseFloat(s, 64); err == nil || s == "" {
			return ""
		}
		return fmt.Sprintf("%q is not a number", s)
	}).allowing("10", "2.5").refusing("many")
}

// either allows what one of two rules allows.
func either(first, second Rule) Rule {
	return Rule{complain: func(v any) string {
		complaint := first.complain(v)
		if complaint == "" || second.complain(v) == "" {
			return ""
		}
		return complaint
	}, allowed: append(slices.Clone(first.allowed), second.allowed...)}
}

// multiple allows the multiples of a number in a range.
func multiple(of, low, high float64) Rule {
	return onNumber(func(n float64) string {
		if n >= low && n <= high && math.Mod(n, of) == 0 {
			return ""
		}
		return fmt.Sprintf("%s is not a multiple of %s between %s and %s", Number(n), Number(of), Number(low), Number(high))
	}).allowing(low, high).refusing(low+1, high+of)
}

// some allows any text but the empty one.
func some() Rule {
	return onText(func(s string) string {
		if s != "" {
			return ""
		}
		return "it is empty"
	}).allowing("text").refusing("")
}

// unequal allows any number but one.
func unequal(n float64) Rule {
	return onNumber(func(v float64) string {
		if v != n {
			return ""
		}
		return "it may not be " + Number(n)
	}).allowing(n + 1).refusing(n)
}

// moreThan allows numbers above one.
func moreThan(low float64) Rule {
	return onNumber(func(n float64) string {
		if n > low {
			return ""
		}
		return fmt.Sprintf("%s is not more than %s", Number(n), Number(low))
	}).allowing(low+0.5, low+1).refusing(low)
}

// offOr allows what a rule allows, and off.
func offOr(r Rule) Rule {
	inner := either(r, oneOf("off")).refusing("some", "")
	complain := inner.complain
	inner.complain = func(v any) string {
		if v == "" {
			return "it is empty: write a number or off"
		}
		return complain(v)
	}
	return inner
}
