package controls

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

// outcome is what a check decided for one resource, or for several together. Without a verdict, the check does not apply
// to it.
type outcome struct {
	verdict  report.Verdict
	on       []*graph.Resource
	found    string
	evidence []string
	remedy   string
	// severity is how bad this is, if that is less than the control says; otherwise "".
	severity report.Severity
	// beyond says that this is worse than what the control's waivers are for.
	beyond bool
	// later says that the deployment will tell.
	later bool
}

// check judges one resource.
type check func(v *view, r *graph.Resource) outcome

func holds() outcome { return outcome{verdict: report.Holds} }

func broken(format string, args ...any) outcome {
	return outcome{verdict: report.Broken, found: fmt.Sprintf(format, args...)}
}

func undecided(format string, args ...any) outcome {
	return outcome{verdict: report.Undecided, found: fmt.Sprintf(format, args...)}
}

// unknown is the outcome if the value at path is not known.
func unknown(r *graph.Resource, path string) outcome {
	value, _ := r.Get(path)
	if _, secret := value.(graph.Secret); secret {
		return undecided("%s is a secret, and cannot be looked into", path)
	}
	o := undecided("%s is not known before the deployment", path)
	o.later = true
	return o
}

func (o outcome) about(resources ...*graph.Resource) outcome {
	o.on = resources
	return o
}

func (o outcome) because(evidence ...string) outcome {
	o.evidence = append(o.evidence, evidence...)
	return o
}

// unless limits the control's waivers to what they name.
func (o outcome) unless(named bool) outcome {
	o.beyond = !named
	return o
}

func (o outcome) write(remedy string) outcome {
	o.remedy = remedy
	return o
}

// state is what is known of a value.
type state int

const (
	absent state = iota
	hidden
	present
)

// read is the value at path. An empty text or list counts as absent.
func read(r *graph.Resource, path string) (any, state) {
	value, _ := r.Get(path)
	return value, stateOf(value)
}

// blocks are the elements of the list at path, or the value itself if it is no list.
func blocks(r *graph.Resource, path string) ([]any, state) {
	value, known := read(r, path)
	if list, several := value.([]any); several || known != present {
		return list, known
	}
	return []any{value}, known
}

func stateOf(value any) state {
	switch v := value.(type) {
	case nil:
		return absent
	case graph.Unknown, graph.Secret:
		return hidden
	case string:
		if v == "" {
			return absent
		}
	case []any:
		if !slices.ContainsFunc(v, func(element any) bool { return element != nil && element != "" }) {
			return absent
		}
	}
	return present
}

// asked is the value at path as the program wrote it, whatever the cloud answered.
func asked(r *graph.Resource, path string) (any, state) {
	written := &graph.Resource{Inputs: r.Inputs}
	return read(written, path)
}

// text is the value as a program would write it: 443, true and "true" without quotes.
func text(value any) string {
	switch v := value.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case graph.Unknown:
		return "unknown"
	case graph.Secret:
		return "secret"
	}
	return fmt.Sprint(value)
}

// same says that a value is the wanted one, in whichever form it was written: providers accept "true", "True" and "1" for
// true.
func same(wanted, value any) bool {
	want, truth := wanted.(bool)
	if s, ok := value.(string); ok && truth {
		is, err := strconv.ParseBool(s)
		return err == nil && is == want
	}
	return text(wanted) == text(value)
}

// is demands one of the values. Leaving it out is not enough.
func is(path string, wanted ...any) check {
	return func(_ *view, r *graph.Resource) outcome {
		value, known := read(r, path)
		switch {
		case known == hidden:
			return unknown(r, path)
		case known == absent:
			return broken("%s is not set", path)
		case !slices.ContainsFunc(wanted, func(w any) bool { return same(w, value) }):
			return broken("%s is %s", path, text(value))
		}
		return holds()
	}
}

// isNot forbids the values. Leaving it out is enough.
func isNot(path string, unwanted ...any) check {
	return func(_ *view, r *graph.Resource) outcome {
		value, known := read(r, path)
		switch {
		case known == hidden:
			return unknown(r, path)
		case known == present && slices.ContainsFunc(unwanted, func(w any) bool { return same(w, value) }):
			return broken("%s is %s", path, text(value))
		}
		return holds()
	}
}

// isSet demands a value, whatever it is; a value that is not known yet will do.
func isSet(path string) check {
	return func(_ *view, r *graph.Resource) outcome {
		if _, known := read(r, path); known == absent {
			return broken("%s is not set", path)
		}
		return holds()
	}
}

// isUnset demands that the program leave it out.
func isUnset(path string) check {
	return func(_ *view, r *graph.Resource) outcome {
		if value, known := asked(r, path); known != absent {
			return broken("%s is %s", path, text(value))
		}
		return holds()
	}
}

func number(r *graph.Resource, path string, ok func(int) bool, wanted string) outcome {
	value, known := read(r, path)
	if known == hidden {
		return unknown(r, path)
	}
	n, whole := r.Int(path)
	switch {
	case known == absent:
		return broken("%s is not set", path)
	case !whole || !ok(n):
		return broken("%s is %s, %s", path, text(value), wanted)
	}
	return holds()
}

func atLeast(path string, least int) check {
	return func(_ *view, r *graph.Resource) outcome {
		return number(r, path, func(n int) bool { return n >= least }, "less than "+strconv.Itoa(least))
	}
}

func atMost(path string, most int) check {
	return func(_ *view, r *graph.Resource) outcome {
		return number(r, path, func(n int) bool { return n > 0 && n <= most }, "not between 1 and "+strconv.Itoa(most))
	}
}

// refersTo demands a value that refers to a resource of the types, or to one outside the stack with such an identifier.
func refersTo(path, outside string, types ...string) check {
	return func(v *view, r *graph.Resource) outcome {
		value, known := read(r, path)
		if known == absent {
			return broken("%s is not set", path)
		}
		if len(v.g.Ref(r, path, types...)) > 0 {
			return holds()
		}
		if known == hidden {
			return unknown(r, path)
		}
		if s, ok := value.(string); ok && outside != "" && strings.Contains(s, outside) {
			return holds()
		}
		return broken("%s is %s", path, text(value))
	}
}

// all demands that all of them hold, and collects the reasons. It applies if one of them does.
func all(checks ...check) check {
	return func(v *view, r *graph.Resource) outcome {
		var o outcome
		var found []string
		for _, one := range checks {
			next := one(v, r)
			if next.verdict == report.Broken || next.verdict == report.Undecided {
				found = append(found, next.found)
			}
			if worse(next, o) {
				o = next
			}
		}
		if len(found) > 0 {
			o.found = strings.Join(found, "; ")
		}
		return o
	}
}

func worse(a, b outcome) bool {
	rank := map[report.Verdict]int{"": 0, report.Holds: 1, report.Undecided: 2, report.Broken: 3}
	return rank[a.verdict] > rank[b.verdict]
}

// when applies the check only if the condition is met.
func when(condition func(v *view, r *graph.Resource) bool, then check) check {
	return func(v *view, r *graph.Resource) outcome {
		if !condition(v, r) {
			return outcome{}
		}
		return then(v, r)
	}
}

// elements demands the check of each element of the list at path, and a minimum number of them.
func elements(path string, least int, one func(at string) check) check {
	return func(v *view, r *graph.Resource) outcome {
		list, known := blocks(r, path)
		if known == hidden {
			return unknown(r, path)
		}
		if len(list) < least {
			return broken("%s is not set", path)
		}
		checks := make([]check, len(list))
		for i := range list {
			checks[i] = one(fmt.Sprintf("%s[%d]", path, i))
		}
		if len(checks) == 0 {
			return holds()
		}
		return all(checks...)(v, r)
	}
}

// has says that the property has a value, one of these if any are named. An unknown one may be any of them.
func has(path string, values ...any) func(*view, *graph.Resource) bool {
	return func(_ *view, r *graph.Resource) bool {
		value, known := read(r, path)
		return known == hidden || known == present &&
			(len(values) == 0 || slices.ContainsFunc(values, func(w any) bool { return same(w, value) }))
	}
}

// anyOf are conditions of which at least one is met.
func anyOf(conditions ...func(*view, *graph.Resource) bool) func(*view, *graph.Resource) bool {
	return func(v *view, r *graph.Resource) bool {
		return slices.ContainsFunc(conditions, func(met func(*view, *graph.Resource) bool) bool { return met(v, r) })
	}
}

// none demands that the stack has no resource whose type begins with any of these.
func none(why string, types ...string) func(*view) []outcome {
	return func(v *view) []outcome {
		var all []outcome
		for _, r := range v.g.Resources {
			if slices.ContainsFunc(types, func(t string) bool { return strings.HasPrefix(r.Type, t) }) {
				all = append(all, broken("%s", why).about(r))
			}
		}
		if len(all) == 0 {
			return []outcome{holds()}
		}
		return all
	}
}
