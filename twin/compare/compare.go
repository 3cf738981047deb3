// Package compare asks two brains the same questions and records where they disagree: the built-in one is right where it
// answers as the real provider does.
package compare

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// Pair is a brain that answers as First does, and asks Second the same. Types that First does not have are put to Second
// alone.
type Pair struct {
	First, Second brain.Brain

	mu    sync.Mutex
	asked map[string]int
	found map[string]*Disagreement
	lax   map[string]int // changes that only the first refuses, by type and property
}

// New pairs two brains. The first answers.
func New(first, second brain.Brain) *Pair {
	return &Pair{First: first, Second: second, asked: map[string]int{}, found: map[string]*Disagreement{}, lax: map[string]int{}}
}

// Disagreement is one thing that the two brains answer differently.
type Disagreement struct {
	Operation, Type string
	At              string // the property
	First, Second   string // the answers
	Times           int
}

// Key identifies a disagreement, whatever the values in it.
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

// unserved says whether the first does not have a type, and counts the question as one that was not put to both.
func (p *Pair) unserved(err error) bool {
	if !errors.Is(err, brain.ErrNoSuchType) {
		return false
	}
	p.count("skipped")
	return true
}

// Check implements brain.Brain.
func (p *Pair) Check(ctx context.Context, q brain.CheckRequest) (brain.CheckResult, error) {
	first, err := p.First.Check(ctx, q)
	second, secondErr := p.Second.Check(ctx, q)
	if p.unserved(err) {
		return second, secondErr
	}
	p.count("check")
	if v, w := verdict(first, err), verdict(second, secondErr); (v == accepted) != (w == accepted) {
		p.differ("check", q.Type, "", v, w)
	}
	if verdict(first, err) == accepted && verdict(second, secondErr) == accepted {
		p.values("check", q.Type, first.Inputs, second.Inputs)
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

func outcome(err error) string {
	if err != nil {
		return refused
	}
	return accepted
}

// Diff implements brain.Brain.
func (p *Pair) Diff(ctx context.Context, q brain.DiffRequest) (brain.DiffResult, error) {
	first, err := p.First.Diff(ctx, q)
	second, secondErr := p.Second.Diff(ctx, q)
	if p.unserved(err) {
		return second, secondErr
	}
	p.count("diff")
	p.differ("diff", q.Type, "", Decision(first, err), Decision(second, secondErr))
	return first, err
}

// Decision is what a diff means for the resource: which of its properties change, and which force a replacement. Paths
// below a property depend on how a provider numbers the elements of sets, and consequences of other changes (all tags
// from the tags, an id) are reported by one and not by the other.
func Decision(r brain.DiffResult, err error) string {
	if err != nil {
		return refused
	}
	roots := map[string]bool{}
	for _, c := range r.Changes {
		roots[root(c.Path)] = roots[root(c.Path)] || c.Replace
	}
	delete(roots, "id")
	if len(roots) > 1 {
		delete(roots, "tagsAll")
	}
	var all []string
	replaces := false
	for name, replace := range roots {
		if replace {
			name += " (replaces)"
			replaces = true
		}
		all = append(all, name)
	}
	if len(all) == 0 {
		return "no change"
	}
	sort.Strings(all)
	if r.DeleteBeforeReplace && replaces {
		all = append(all, "deleted first")
	}
	return strings.Join(all, ", ")
}

const refused = "refused"

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
	if p.unserved(err) {
		return second, secondErr
	}
	operation := "plan"
	if q.Old != nil {
		operation = "plan-update"
	}
	p.count(operation)
	switch {
	case err != nil || secondErr != nil:
		p.differ(operation, q.Type, "", outcome(err), outcome(secondErr))
	default:
		p.values(operation, q.Type, first, second)
	}
	return first, err
}

// values compares the properties of a resource. To a cloud, empty and absent are the same. Names that begin with "__" are
// a provider's notes to itself.
func (p *Pair) values(operation, typ string, first, second value.Map) {
	r := facts.AWS().Resources[typ]
	if r == nil {
		return
	}
	for name, property := range r.Properties {
		// An id is not a property; a note says that the facts' provider does not know the property.
		if name != "id" && property.Note == "" {
			p.value(operation, typ, name, property, value.Reveal(first[name]), value.Reveal(second[name]))
		}
	}
}

func (p *Pair) value(operation, typ, at string, property *facts.Property, first, second any) {
	a, isMap := first.(value.Map)
	b, isMapToo := second.(value.Map)
	l, isList := first.([]any)
	m, isListToo := second.([]any)
	switch {
	case isMap && isMapToo && property.Kind == facts.Object && !value.IsAsset(a):
		for name, inner := range property.Properties {
			p.value(operation, typ, at+"."+name, inner, a[name], b[name])
		}
	case isList && isListToo && len(l) == len(m):
		if property.Kind == facts.Set {
			l, m = ordered(l), ordered(m)
		}
		for i := range l {
			p.value(operation, typ, at+"[]", property.Element(), l[i], m[i])
		}
	case empty(first) && empty(second):
	case value.Canonical(first) != value.Canonical(second):
		p.differ(operation, typ, at, told(first), told(second))
	}
}

func empty(v any) bool {
	_, number := v.(float64)
	_, flag := v.(bool)
	return value.Zero(v) && !number && !flag
}

// ordered puts a set's elements in one order, ignoring what is empty in them.
func ordered(list []any) []any {
	out := append([]any{}, list...)
	Sort(out)
	return out
}

// Sort puts a set's elements in one order, in place.
func Sort(list []any) {
	sort.Slice(list, func(i, j int) bool { return value.Canonical(bare(list[i])) < value.Canonical(bare(list[j])) })
}

func bare(v any) any {
	m, ok := v.(value.Map)
	if !ok {
		return v
	}
	out := value.Map{}
	for name, e := range m {
		if e = bare(e); !empty(e) && !strings.HasPrefix(name, "__") {
			out[name] = e
		}
	}
	return out
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
