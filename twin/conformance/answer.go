package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/compare"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/rules"
	"github.com/causeway-iac/causeway/twin/value"
)

// The answers to Check, and to every question whose inputs are refused, by the check or in the plan. Two are no answers:
// Failed, when the brain could not be asked, and Unserved, when it does not have the type.
const (
	Accepted = "accepted"
	Refused  = "refused"
	Failed   = "failed"
	Unserved = "unserved"
)

var settings = brain.Settings{Region: "eu-west-1"}

var seed = []byte("a seed of the engine, 32 bytes...")

// Answer is what a brain says to a case, in words that are equal if two brains mean the same.
func Answer(ctx context.Context, b brain.Brain, c Case, r *facts.Resource) string {
	checked, answer := check(ctx, b, c, c.Inputs, nil)
	switch {
	case answer != Accepted:
		return answer
	case c.Question == Check && compare.Slow[c.Type]:
		return Accepted
	case c.Question == Check:
		// A provider may refuse in its check or in its plan: in a preview they look the same.
		if _, err := b.Plan(ctx, brain.PlanRequest{Type: c.Type, New: checked, Settings: settings}); err != nil {
			return failure(err)
		}
		return Accepted
	case c.Question == Name:
		return fmt.Sprint(named(checked[r.Autoname.Property]))
	case c.Question == Fill:
		return text(r.Properties, checked)
	case c.Question == Plan:
		out, err := b.Plan(ctx, brain.PlanRequest{Type: c.Type, New: checked, Settings: settings})
		if err != nil {
			return failure(err)
		}
		return text(r.Properties, out)
	}
	return change(ctx, b, c, r)
}

func named(v any) any {
	if v == nil {
		return "none"
	}
	return v
}

// Refusal is what a brain finds wrong with a case's inputs.
func Refusal(ctx context.Context, b brain.Brain, c Case) []brain.Failure {
	result, err := b.Check(ctx, c.request(c.Inputs, nil))
	if err == nil && len(result.Failures) == 0 {
		_, err = b.Plan(ctx, brain.PlanRequest{Type: c.Type, New: result.Inputs, Settings: settings})
	}
	if err != nil {
		return []brain.Failure{{Reason: err.Error()}}
	}
	return result.Failures
}

func (c Case) request(in, old value.Map) brain.CheckRequest {
	return brain.CheckRequest{Type: c.Type, Name: c.Logical, Naming: c.Naming, Seed: seed, Old: old, New: value.CopyMap(in),
		Settings: settings}
}

func check(ctx context.Context, b brain.Brain, c Case, in, old value.Map) (value.Map, string) {
	result, err := b.Check(ctx, c.request(in, old))
	switch {
	case err != nil:
		return nil, failure(err)
	case len(result.Failures) > 0:
		return nil, Refused
	}
	return result.Inputs, Accepted
}

// failure is the answer that an error stands for: a refusal, unless the provider has exited or never had the type.
func failure(err error) string {
	switch {
	case errors.Is(err, brain.ErrEnded), errors.Is(err, brain.ErrSilent):
		return Failed
	case errors.Is(err, brain.ErrNoSuchType):
		return Unserved
	}
	return Refused
}

// change says what follows when a resource made from Before is to become what Inputs say.
func change(ctx context.Context, b brain.Brain, c Case, r *facts.Resource) string {
	before, answer := check(ctx, b, c, c.Before, nil)
	if answer != Accepted {
		return answer
	}
	after, answer := check(ctx, b, c, c.Inputs, before)
	if answer != Accepted {
		return answer
	}
	exists, err := b.Plan(ctx, brain.PlanRequest{Type: c.Type, New: before, Settings: settings})
	if err != nil {
		return failure(err)
	}
	diff, err := b.Diff(ctx, brain.DiffRequest{
		Type: c.Type, ID: "an-id", Old: made(r, value.RevealMap(exists)), OldInputs: before, New: after, Settings: settings,
	})
	if err != nil {
		return failure(err)
	}
	return compare.Decision(diff, nil)
}

// made is what a plan leads to: what only the cloud can decide is decided, in the same way each time.
func made(r *facts.Resource, planned value.Map) value.Map {
	return cloud{r.Token}.object(r.Properties, planned, "")
}

// cloud decides the values of a type that the cloud decides.
type cloud struct{ token string }

func (c cloud) object(known map[string]*facts.Property, planned value.Map, prefix string) value.Map {
	out := value.Map{}
	for name, v := range planned {
		p := known[name]
		if p == nil {
			continue
		}
		if v = c.decided(p, v, prefix+name); v != nil {
			out[name] = v
		}
	}
	return out
}

func (c cloud) decided(p *facts.Property, v any, path string) any {
	switch x := v.(type) {
	case value.Unknown:
		return c.fresh(p, path)
	case value.Map:
		if p.Kind == facts.Object && !value.IsAsset(x) {
			return c.object(p.Properties, x, path+".")
		}
		out := value.Map{}
		for key, e := range x {
			out[key] = c.decided(p.Element(), e, path+".*")
		}
		return out
	case []any:
		element := p.Element()
		if p.Properties != nil {
			element.Kind = facts.Object
		}
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = c.decided(element, e, path)
		}
		return out
	}
	return v
}

// fresh is a value that the cloud decides: the last that the rules allow, so that it differs from the one that the cases
// write if there are two. The cloud writes its own values in one case.
func (c cloud) fresh(p *facts.Property, path string) any {
	good, _ := rules.Samples(c.token, path)
	for i, v := range slices.Backward(good) {
		again := slices.ContainsFunc(good[:i], func(w any) bool { return strings.EqualFold(fmt.Sprint(w), fmt.Sprint(v)) })
		if !again && fits(p.Kind, v) {
			return v
		}
	}
	switch p.Kind {
	case facts.String:
		return "decided-by-the-cloud"
	case facts.Int, facts.Number:
		return 1.0
	case facts.Bool:
		return false
	case facts.List, facts.Set:
		return []any{}
	case facts.Map:
		return value.Map{}
	}
	return nil
}

func fits(k facts.Kind, v any) bool {
	switch v.(type) {
	case string:
		return k == facts.String
	case float64:
		return k == facts.Int || k == facts.Number
	}
	return false
}

// text is properties in one line, without empty ones and the provider's notes to itself.
func text(known map[string]*facts.Property, m value.Map) string {
	out := value.Map{}
	for name, v := range m {
		if p := known[name]; p != nil && p.Note == "" && name != "id" {
			if v = bare(p, value.Reveal(v)); v != nil {
				out[name] = marked(v)
			}
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err.Error()
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

// bare drops what is empty in a value, and puts a set in order.
func bare(p *facts.Property, v any) any {
	switch x := v.(type) {
	case value.Map:
		out := value.Map{}
		for name, e := range x {
			inner := p.Properties[name]
			if p.Kind != facts.Object {
				inner = p.Element()
			}
			if strings.HasPrefix(name, "__") || inner == nil {
				continue
			}
			if e = bare(inner, e); e != nil {
				out[name] = e
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		if len(x) == 0 {
			return nil
		}
		element := p.Element()
		if p.Properties != nil {
			element.Kind = facts.Object
		}
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = bare(element, e)
		}
		if p.Kind == facts.Set {
			compare.Sort(out)
		}
		return out
	case string:
		if x == "" {
			return nil
		}
	}
	return v
}
