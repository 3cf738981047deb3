package conformance

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/rules"
	"github.com/causeway-iac/causeway/twin/value"
)

var long = strings.Repeat("x", 2100)

// candidates are the values that a property is tried with: a valid one, the same unknown and secret, those of other
// kinds, odd ones of its own kind, and the samples that the brain's rules allow and refuse.
func (d *deriver) candidates(at place, valid any) []any {
	p := at.property
	all := []any{valid, value.Unknown{}, value.Secret{Value: valid}}
	good, bad := rules.Samples(d.resource.Token, at.path)
	samples := append(append([]any{}, good...), bad...)
	switch p.Kind {
	case facts.List, facts.Set:
		all = append(all, lists(p, valid)...)
		for _, s := range samples {
			all = append(all, []any{s})
		}
		return all
	case facts.String:
		all = append(all, "no such value", "", strings.Repeat("x", 300), long, 7.0, true, []any{"a"}, value.Map{"a": "b"})
	case facts.Bool:
		all = append(all, true, false, "true", "maybe", 1.0, []any{true})
	case facts.Int, facts.Number:
		all = append(all, "7", "seven", -1.0, 0.0, 1.0, 1.5, 1e6, true, []any{1.0})
	case facts.Map:
		all = append(all, "text", []any{"a"}, value.Map{}, value.Map{"key": value.Unknown{}}, value.Map{"key": 7.0},
			value.Map{"key": []any{"a"}})
	case facts.Object:
		all = append(all, "text", 7.0, value.Map{"noSuchProperty": "text"})
	}
	return append(all, samples...)
}

func lists(p *facts.Property, valid any) []any {
	element := valid
	if list, ok := valid.([]any); ok && len(list) > 0 {
		element = list[0]
	}
	all := []any{"text", value.Map{"a": "b"}, []any{}, []any{element, element}, []any{value.Unknown{}}, []any{[]any{"a"}}}
	if p.Properties != nil {
		all = append(all, []any{"text"}, []any{value.Map{"noSuchProperty": "text"}})
	} else if p.Items == facts.String {
		all = append(all, []any{"no such value"}, []any{""})
	}
	if p.MaxItems > 1 && p.MaxItems <= 20 && p.Items == facts.String {
		many := make([]any, p.MaxItems+1)
		for i := range many {
			many[i] = fmt.Sprintf("%v%d", element, i)
		}
		all = append(all, many)
	}
	return all
}

// another is a second valid value, nil if none is known.
func (d *deriver) another(at place, v any) any {
	if w, written := d.specimen.Others[at.path]; written {
		return w
	}
	good, _ := rules.Samples(d.resource.Token, at.path)
	for _, g := range good {
		if at.property.Kind == facts.List || at.property.Kind == facts.Set {
			g = []any{g}
		}
		if shown(g) != shown(v) && !value.Zero(g) {
			return g
		}
	}
	return different(v)
}

// different is a value of the same form with another meaning.
func different(v any) any {
	switch x := v.(type) {
	case bool:
		return !x
	case float64:
		return x + 1
	case string:
		return differentText(x)
	case value.Map:
		if len(x) == 1 && x["key"] != nil {
			return value.Map{"key": "another"}
		}
	case []any:
		if len(x) == 0 {
			return nil
		}
		if w := different(x[0]); w != nil {
			return append([]any{w}, x[1:]...)
		}
	}
	return nil
}

func differentText(s string) any {
	switch {
	case strings.HasPrefix(s, "{"):
		return nil
	case strings.Contains(s, "/") && strings.Count(s, ".") == 3:
		return "10.250.0.0/16"
	case s == "":
		return "text"
	case strings.ContainsRune("0123456789", rune(s[len(s)-1])):
		last := s[len(s)-1]
		return s[:len(s)-1] + string('0'+(last-'0'+1)%10)
	}
	return s + "x"
}

// shown is a value for a reader, short and on one line.
func shown(v any) string {
	b, err := json.Marshal(marked(v))
	if err != nil {
		return fmt.Sprint(v)
	}
	text := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&", " | ", " or ", " <- ", " from ").Replace(string(b))
	if len(text) <= 60 {
		return text
	}
	return fmt.Sprintf("%s...%s (%d)", text[:20], text[len(text)-16:], len(text))
}

// marked replaces what JSON has no word for.
func marked(v any) any {
	switch x := v.(type) {
	case value.Unknown:
		return "?"
	case value.Secret:
		return map[string]any{"secret": marked(x.Value)}
	case value.Map:
		out := map[string]any{}
		for k, e := range x {
			out[k] = marked(e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = marked(e)
		}
		return out
	}
	return v
}
