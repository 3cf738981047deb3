// Package compare asks two brains the same questions and keeps where they disagree: the built-in
// one is right where it answers as the real provider does.
package compare

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// Pair is a brain that answers as First does, and asks Second the same.
type Pair struct {
	First, Second brain.Brain

	mu    sync.Mutex
	asked map[string]int
	found map[string]*Disagreement
}

// New pairs two brains. The first answers.
func New(first, second brain.Brain) *Pair {
	return &Pair{First: first, Second: second, asked: map[string]int{}, found: map[string]*Disagreement{}}
}

// Disagreement is one thing that the two brains answer differently.
type Disagreement struct {
	Operation, Type string
	At              string // the property
	First, Second   string // the answers
	Times           int
}

// Key tells a disagreement apart from all others, whatever the values in it.
func (d Disagreement) Key() string { return d.Operation + " " + d.Type + " " + d.At }

func (d Disagreement) String() string {
	return fmt.Sprintf("%s: %s; %s (%d times)", d.Key(), d.First, d.Second, d.Times)
}

// Disagreements returns what was found, sorted.
func (p *Pair) Disagreements() []Disagreement {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Disagreement
	for _, d := range p.found {
		all = append(all, *d)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Key() < all[j].Key() })
	return all
}

// Asked says how many questions of each operation were asked.
func (p *Pair) Asked() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]int{}
	for k, n := range p.asked {
		out[k] = n
	}
	return out
}

func (p *Pair) count(operation string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[operation]++
}

func (p *Pair) differ(operation, typ, at, first, second string) {
	if first == second {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	d := &Disagreement{Operation: operation, Type: typ, At: at, First: first, Second: second}
	if known := p.found[d.Key()]; known != nil {
		d = known
	}
	d.Times++
	p.found[d.Key()] = d
}

// Name implements brain.Brain.
func (p *Pair) Name() string { return p.First.Name() + ", compared with " + p.Second.Name() }

// Check implements brain.Brain.
func (p *Pair) Check(ctx context.Context, q brain.CheckRequest) (brain.CheckResult, error) {
	first, err := p.First.Check(ctx, q)
	second, secondErr := p.Second.Check(ctx, q)
	p.count("check")
	p.differ("check", q.Type, "", verdict(first, err), verdict(second, secondErr))
	if verdict(first, err) == accepted && verdict(second, secondErr) == accepted {
		p.values("check", q.Type, "", first.Inputs, second.Inputs)
	}
	return first, err
}

const accepted = "accepted"

func verdict(r brain.CheckResult, err error) string {
	if err != nil {
		return "refused: " + err.Error()
	}
	var all []string
	for _, f := range r.Failures {
		all = append(all, strings.TrimSpace(f.Property+" "+f.Reason))
	}
	if len(all) > 0 {
		return "refused: " + strings.Join(all, "; ")
	}
	return accepted
}

// Diff implements brain.Brain.
func (p *Pair) Diff(ctx context.Context, q brain.DiffRequest) (brain.DiffResult, error) {
	first, err := p.First.Diff(ctx, q)
	p.diff(ctx, "diff", "", q, first, err)
	return first, err
}

func (p *Pair) diff(ctx context.Context, operation, at string, q brain.DiffRequest, first brain.DiffResult, err error) {
	second, secondErr := p.Second.Diff(ctx, q)
	p.count(operation)
	p.differ(operation, q.Type, at, decision(first, err), decision(second, secondErr))
}

// decision is what a diff means for the resource: which of its properties change, and which force
// a replacement. Paths below a property depend on how a provider numbers the elements of sets.
func decision(r brain.DiffResult, err error) string {
	if err != nil {
		return "refused: " + err.Error()
	}
	roots := map[string]bool{}
	for _, c := range r.Changes {
		roots[root(c.Path)] = roots[root(c.Path)] || c.Replace
	}
	var all []string
	for name, replace := range roots {
		if replace {
			name += " (replaces)"
		}
		all = append(all, name)
	}
	if len(all) == 0 {
		return "no change"
	}
	sort.Strings(all)
	if r.DeleteBeforeReplace && strings.Contains(strings.Join(all, ""), "(replaces)") {
		all = append(all, "deleted first")
	}
	return strings.Join(all, ", ")
}

func root(path string) string {
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return path
}

// Plan implements brain.Brain.
func (p *Pair) Plan(ctx context.Context, q brain.PlanRequest) (value.Map, error) {
	first, err := p.First.Plan(ctx, q)
	second, secondErr := p.Second.Plan(ctx, q)
	operation := "plan"
	if q.Old != nil {
		operation = "plan-update"
	}
	p.count(operation)
	switch {
	case err != nil || secondErr != nil:
		p.differ(operation, q.Type, "", fmt.Sprint(err), fmt.Sprint(secondErr))
	default:
		p.values(operation, q.Type, "", first, second)
	}
	return first, err
}

// values compares property by property. Names that begin with "__" are a provider's notes to itself.
func (p *Pair) values(operation, typ, at string, first, second any) {
	a, isMap := value.Reveal(first).(value.Map)
	b, isMapToo := value.Reveal(second).(value.Map)
	if isMap && isMapToo && !value.IsAsset(a) {
		names := map[string]bool{}
		for name := range a {
			names[name] = true
		}
		for name := range b {
			names[name] = true
		}
		for name := range names {
			if !strings.HasPrefix(name, "__") {
				p.values(operation, typ, strings.TrimPrefix(at+"."+name, "."), a[name], b[name])
			}
		}
		return
	}
	l, isList := value.Reveal(first).([]any)
	m, isListToo := value.Reveal(second).([]any)
	if isList && isListToo && len(l) == len(m) {
		for i := range l {
			p.values(operation, typ, at+"[]", l[i], m[i])
		}
		return
	}
	if !unjudged(typ, at) {
		p.differ(operation, typ, at, told(first), told(second))
	}
}

// unjudged says whether a property is too new for the provider that the facts were read off.
func unjudged(typ, at string) bool {
	r := facts.AWS().Resources[typ]
	return r != nil && r.Properties[root(at)] != nil && r.Properties[root(at)].Note != ""
}

func told(v any) string {
	switch value.Reveal(v).(type) {
	case nil:
		return "absent"
	case value.Unknown:
		return "unknown"
	}
	return value.Canonical(value.Reveal(v))
}
