package brain

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/rules"
	"github.com/causeway-iac/causeway/twin/value"
)

// checker validates one resource's inputs and collects what is wrong.
type checker struct {
	failures []Failure
	strict   bool // numbers are numbers
}

func (c *checker) fail(path, format string, args ...any) {
	c.failures = append(c.failures, Failure{Property: path, Reason: fmt.Sprintf(format, args...)})
}

func (c *checker) sort() {
	sort.SliceStable(c.failures, func(i, j int) bool { return c.failures[i].Property < c.failures[j].Property })
}

// object checks the properties of a resource or of a nested object, and returns them with numbers,
// booleans and strings in the type that the provider wants, and defaults filled in.
func (c *checker) object(known map[string]*facts.Property, given, top value.Map, path string) value.Map {
	out := make(value.Map, len(given))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if isInternal(name) {
			continue
		}
		at := join(path, name)
		p, ok := known[name]
		switch {
		case !ok:
			c.unknownProperty(known, name, at)
		case p.OutputOnly() && p.Note == "":
			c.fail(at, "%q is set by the cloud and cannot be an input", name)
		case given[name] != nil:
			out[name] = c.value(p, given[name], top, at)
		}
	}
	for name, p := range known {
		if _, set := out[name]; !set && p.Default != nil && p.Input() && !c.conflicts(p, out, top) {
			out[name] = p.Default
		}
	}
	c.presence(known, out, top, path)
	return out
}

func (c *checker) unknownProperty(known map[string]*facts.Property, name, at string) {
	inputs := map[string]bool{}
	for k, p := range known {
		if p.Input() {
			inputs[k] = true
		}
	}
	if near := facts.Nearest(name, inputs); near != "" {
		c.fail(at, "there is no property %q here; the nearest is %q", name, near)
		return
	}
	c.fail(at, "there is no property %q here", name)
}

func (c *checker) conflicts(p *facts.Property, siblings, top value.Map) bool {
	return slices.ContainsFunc(p.ConflictsWith, func(other string) bool { return lookup(other, siblings, top) != nil })
}

// presence checks required, conflictsWith and exactlyOneOf.
func (c *checker) presence(known map[string]*facts.Property, given, top value.Map, path string) {
	groups := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		p := known[name]
		_, set := given[name]
		if p.Required && !set {
			c.fail(join(path, name), "missing required property %q", name)
		}
		if set {
			for _, other := range p.ConflictsWith {
				o := lookup(other, given, top)
				reported := known[other] != nil && slices.Contains(known[other].ConflictsWith, name) && other < name
				if o != nil && !isUnknown(o) && !reported {
					c.fail(join(path, name), "%q conflicts with %q: set one of them", name, strings.TrimPrefix(other, "/"))
				}
			}
		}
		if group := strings.Join(p.ExactlyOneOf, ", "); group != "" && !groups[group] {
			groups[group] = true
			c.exactlyOne(p.ExactlyOneOf, given, top, path)
		}
	}
}

func (c *checker) exactlyOne(group []string, given, top value.Map, path string) {
	var set []string
	open := false // an unknown value may turn out to be absent
	for _, name := range group {
		if v := lookup(name, given, top); isUnknown(v) {
			open = true
		} else if v != nil {
			set = append(set, name)
		}
	}
	switch {
	case len(set) == 0 && !open:
		c.fail(join(path, group[0]), "one of %s must be set", strings.Join(group, ", "))
	case len(set) > 1:
		c.fail(join(path, set[0]), "only one of %s may be set; %s are", strings.Join(group, ", "), strings.Join(set, " and "))
	}
}

func lookup(name string, siblings, top value.Map) any {
	if rest, absolute := strings.CutPrefix(name, "/"); absolute {
		return top[rest]
	}
	return siblings[name]
}

// value checks one value and returns it in the property's type.
func (c *checker) value(p *facts.Property, v any, top value.Map, at string) any {
	switch x := v.(type) {
	case value.Unknown:
		return v
	case value.Secret:
		return value.Secret{Value: c.value(p, x.Value, top, at)}
	}
	if value.IsAsset(v) {
		return v
	}
	switch p.Kind {
	case facts.String:
		return c.text(v, at)
	case facts.Bool:
		return c.boolean(v, at)
	case facts.Int, facts.Number:
		return c.number(p.Kind, v, at)
	case facts.Object:
		m, ok := v.(value.Map)
		if !ok {
			return c.mismatch("an object", v, at)
		}
		if p.Note != "" {
			return m // of a newer provider than the facts'
		}
		return c.object(p.Properties, m, top, at)
	case facts.Map:
		return c.dictionary(p, v, top, at)
	case facts.List, facts.Set:
		return c.list(p, v, top, at)
	}
	return v
}

func (c *checker) mismatch(want string, v any, at string) any {
	c.fail(at, "expected %s, got %s", want, describe(v))
	return v
}

func describe(v any) string {
	switch x := v.(type) {
	case string:
		return fmt.Sprintf("the string %q", x)
	case bool:
		return fmt.Sprintf("the boolean %v", x)
	case float64:
		return "the number " + rules.Number(x)
	case []any:
		return "a list"
	case value.Map:
		return "an object"
	}
	return fmt.Sprintf("%v", v)
}

func (c *checker) text(v any, at string) any {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	case float64:
		return rules.Number(x)
	}
	return c.mismatch("a string", v, at)
}

func (c *checker) boolean(v any, at string) any {
	switch x := v.(type) {
	case bool:
		return x
	case string:
		if x == "true" || x == "false" {
			return x == "true"
		}
	}
	return c.mismatch("true or false", v, at)
}

func (c *checker) number(kind facts.Kind, v any, at string) any {
	switch x := v.(type) {
	case float64:
		if kind == facts.Int && c.strict && x != math.Trunc(x) {
			return c.mismatch("a whole number", v, at)
		}
		if kind == facts.Int {
			return math.Trunc(x) // as the real provider does
		}
		return x
	case string:
		f, err := strconv.ParseFloat(x, 64)
		if err != nil || c.strict || kind == facts.Int && f != math.Trunc(f) {
			return c.mismatch("a number", v, at)
		}
		return f
	}
	return c.mismatch("a number", v, at)
}

func (c *checker) dictionary(p *facts.Property, v any, top value.Map, at string) any {
	m, ok := v.(value.Map)
	if !ok {
		return c.mismatch("a map", v, at)
	}
	element := p.Element()
	out := make(value.Map, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !isInternal(k) {
			out[k] = c.value(element, m[k], top, join(at, k))
		}
	}
	return out
}

func (c *checker) list(p *facts.Property, v any, top value.Map, at string) any {
	list, ok := v.([]any)
	if !ok {
		return c.mismatch("a list", v, at)
	}
	if p.MinItems > 0 && len(list) < p.MinItems && !value.HasUnknown(list) {
		c.fail(at, "at least %d of %q are needed, got %d", p.MinItems, at, len(list))
	}
	if p.MaxItems > 0 && len(list) > p.MaxItems && !slices.ContainsFunc(list, isUnknown) {
		c.fail(at, "at most %d of %q are allowed, got %d", p.MaxItems, at, len(list))
	}
	element := p.Element()
	out := make([]any, len(list))
	for i, e := range list {
		if e != nil {
			out[i] = c.value(element, e, top, fmt.Sprintf("%s[%d]", at, i))
		}
	}
	return out
}

func join(path, name string) string { return rules.Join(path, name) }

func isUnknown(v any) bool {
	_, ok := v.(value.Unknown)
	return ok
}

func sortAny(list []any) {
	sort.Slice(list, func(i, j int) bool { return fmt.Sprint(list[i]) < fmt.Sprint(list[j]) })
}
