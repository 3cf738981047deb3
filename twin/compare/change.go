package compare

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// Changes asks both brains about every change that a program can make to one property of an existing resource: each input
// changed, removed or added, and none. q.New is the checked inputs that it has.
func (p *Pair) Changes(ctx context.Context, q brain.DiffRequest, r *facts.Resource) {
	written := value.RevealMap(written(q.New).(value.Map))
	ask := func(at string, news value.Map) { p.change(ctx, q, at, news) }
	with := func(name string, v any) value.Map {
		news := value.CopyMap(written)
		if news[name] = v; v == nil {
			delete(news, name)
		}
		return news
	}
	ask("none", written)
	for _, name := range sorted(r.Properties) {
		property, now := r.Properties[name], written[name]
		switch {
		case !property.Input() || property.Note != "":
		case now != nil:
			all := variants(property, now, name)
			if Slow[q.Type] && len(all) > 1 {
				all = all[:1]
			}
			for _, v := range all {
				ask(v.at+" changed", with(name, v.value))
			}
			if !property.Required {
				ask(name+" removed", with(name, nil))
			}
		default:
			if v := invented(property); v != nil {
				ask(name+" added", with(name, v))
			}
		}
	}
}

// Slow are the types that the real provider takes seconds to plan and compare. They are asked less: here, one change of
// each property.
var Slow = map[string]bool{"aws:wafv2/webAcl:WebAcl": true}

// change asks for a check and a diff. If only the first brain refuses the check, that is counted and not pursued.
func (p *Pair) change(ctx context.Context, q brain.DiffRequest, at string, news value.Map) {
	check := brain.CheckRequest{Type: q.Type, Name: "changed", Old: q.OldInputs, New: news, Settings: q.Settings}
	checked, err := p.First.Check(ctx, check)
	if p.unserved(err) {
		return
	}
	again, secondErr := p.Second.Check(ctx, check)
	stricter := verdict(again, secondErr)
	if verdict(checked, err) != accepted {
		p.count("refusal")
		if stricter == accepted {
			p.mu.Lock()
			p.lax[q.Type+" "+at]++
			p.mu.Unlock()
		}
		return
	}
	q.New = checked.Inputs
	first, err := p.First.Diff(ctx, q)
	p.count("change")
	answer := refused
	if stricter == accepted {
		answer = Decision(p.Second.Diff(ctx, q))
	}
	if d := Decision(first, err); d != answer {
		if answer == refused {
			answer = stricter
		}
		p.differ("change", q.Type, at, d, answer)
	}
}

// Lax lists the changes whose inputs the first refuses and the second does not, as "type property".
func (p *Pair) Lax() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return sorted(p.lax)
}

// written is what a program wrote of checked inputs: without what the check filled in.
func written(v any) any {
	switch x := v.(type) {
	case value.Map:
		filled := map[any]bool{}
		defaults, _ := x["__defaults"].([]any)
		for _, name := range defaults {
			filled[name] = true
		}
		out := value.Map{}
		for name, e := range x {
			if !filled[name] && name != "__defaults" {
				out[name] = written(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = written(e)
		}
		return out
	}
	return v
}

// variant is a property's value with one thing in it changed.
type variant struct {
	at    string
	value any
}

func variants(p *facts.Property, v any, at string) []variant {
	switch x := v.(type) {
	case bool:
		return []variant{{at, !x}}
	case float64:
		return []variant{{at, x + 1}}
	case string:
		return []variant{{at, another(x)}}
	case value.Map:
		return ofMap(p, x, at)
	case []any:
		return ofList(p, x, at)
	}
	return nil
}

func ofMap(p *facts.Property, m value.Map, at string) []variant {
	if value.IsAsset(m) {
		return nil
	}
	var out []variant
	for _, name := range sorted(m) {
		inner, here := p.Properties[name], at+"."+name
		if p.Kind != facts.Object {
			inner, here = p.Element(), at+".*"
		}
		if strings.HasPrefix(name, "__") || inner == nil {
			continue
		}
		for _, v := range variants(inner, m[name], here) {
			changed := value.CopyMap(m)
			changed[name] = v.value
			out = append(out, variant{v.at, changed})
		}
	}
	return out
}

func ofList(p *facts.Property, list []any, at string) []variant {
	if len(list) == 0 {
		return nil
	}
	var out []variant
	for _, v := range variants(p.Element(), list[0], at+"[]") {
		changed := append([]any{v.value}, list[1:]...)
		out = append(out, variant{v.at, changed})
	}
	if len(list) > 1 {
		out = append(out, variant{at + " shorter", list[:len(list)-1]})
		turned := make([]any, len(list))
		for i, e := range list {
			turned[len(list)-1-i] = e
		}
		out = append(out, variant{at + " turned round", turned})
	}
	return out
}

// another is a text of the same form with another meaning.
func another(s string) string {
	switch {
	case strings.HasPrefix(s, "{"):
		return `{"Version":"2012-10-17","Statement":[{"Sid":"Another","Effect":"Deny","Action":"*","Resource":"*","Principal":"*"}]}`
	case s == "true", s == "false":
		return strconv.FormatBool(s != "true")
	}
	if n, err := strconv.Atoi(s); err == nil {
		return strconv.Itoa(n + 1)
	}
	if strings.Contains(s, "/") && strings.Count(s, ".") == 3 {
		return "10.250.0.0/16"
	}
	return s + "x"
}

// invented is a value of a property's type, nil for an object.
func invented(p *facts.Property) any {
	switch p.Kind {
	case facts.String:
		return "another"
	case facts.Bool:
		return true
	case facts.Int, facts.Number:
		return 7.0
	case facts.List, facts.Set:
		if p.Items == facts.String {
			return []any{"another"}
		}
	}
	return nil
}

func sorted[V any](m map[string]V) []string {
	names := slices.Sorted(maps.Keys(m))
	return names
}

// Summary counts what was asked and found.
func (p *Pair) Summary() string {
	asked := p.Asked()
	total := -asked["skipped"]
	for _, n := range asked {
		total += n
	}
	return fmt.Sprintf("%d questions, %d disagreements; of %d changes with values that the first refuses, the second accepts %d; %d "+
		"questions about types that the first does not have",
		total, len(p.Disagreements()), asked["refusal"], len(p.Lax()), asked["skipped"])
}
