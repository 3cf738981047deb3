package brain

import (
	"context"
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/rules"
	"github.com/causeway-iac/causeway/twin/value"
)

// Builtin is the brain that works from the embedded provider facts.
type Builtin struct {
	facts *facts.Package
}

// NewBuiltin returns the built-in brain of one provider.
func NewBuiltin(p *facts.Package) *Builtin { return &Builtin{facts: p} }

// Name implements Brain.
func (b *Builtin) Name() string { return "built in (provider facts)" }

// UnknownTypeError says that the twin does not have a resource type.
type UnknownTypeError struct{ Type, Nearest string }

func (e *UnknownTypeError) Error() string {
	s := fmt.Sprintf("the twin does not know the resource type %q", e.Type)
	if e.Nearest != "" {
		s += fmt.Sprintf(" (the nearest that it knows is %q)", e.Nearest)
	}
	return s
}

func (b *Builtin) resource(token string) (*facts.Resource, error) {
	if r, ok := b.facts.Resources[token]; ok {
		return r, nil
	}
	return nil, &UnknownTypeError{Type: token, Nearest: facts.Nearest(token, b.facts.Resources)}
}

// Check implements Brain.
func (b *Builtin) Check(_ context.Context, q CheckRequest) (CheckResult, error) {
	r, err := b.resource(q.Type)
	if err != nil {
		return CheckResult{}, err
	}
	c := &checker{strict: framework[q.Type]}
	inputs := value.CopyMap(q.New)
	delete(inputs, defaultsKey)
	var defaults []any
	if name, ok := c.autoname(r, q, inputs); ok {
		inputs[r.Autoname.Property] = name
		defaults = append(defaults, r.Autoname.Property)
	}
	inputs = c.object(r.Properties, inputs, inputs, "")
	for name, p := range r.Properties {
		if _, given := q.New[name]; !given && p.Default != nil && inputs[name] != nil {
			defaults = append(defaults, name)
		}
	}
	sortAny(defaults)
	inputs[defaultsKey] = defaults
	rules.Judge(r.Token, value.RevealMap(inputs), c.fail)
	c.sort()
	for name, p := range r.Properties {
		if p.Sensitive && inputs[name] != nil && !value.HasSecret(inputs[name]) && !value.HasUnknown(inputs[name]) {
			inputs[name] = value.Secret{Value: inputs[name]}
		}
	}
	return CheckResult{Inputs: inputs, Failures: c.failures}, nil
}

// defaultsKey is where the real providers note which inputs a program did not write itself.
const defaultsKey = "__defaults"

func isInternal(name string) bool { return strings.HasPrefix(name, "__") }
