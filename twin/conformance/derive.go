package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// Question is what a case asks of a brain.
type Question string

// The questions: is it accepted; what is filled in; which name is given; what will exist; what does
// a change of Before to Inputs do.
const (
	Check  Question = "check"
	Fill   Question = "fill"
	Name   Question = "name"
	Plan   Question = "plan"
	Change Question = "change"
)

// Case is one question about one resource.
type Case struct {
	Question Question
	Type     string
	At       string // the property in question, whole for all of them
	What     string // the value, or what is done
	Before   value.Map
	Inputs   value.Map
	Logical  string
	Naming   brain.Naming
	Refused  string // the path that a refusal must name, "" if any will do
	program  bool   // it is a resource of a program
}

const whole = "-"

// Key identifies a case.
func (c Case) Key() string {
	return fmt.Sprintf("%s %s %s: %s", c.Question, c.Type, c.At, c.What)
}

// Derive returns the cases of one specimen.
func Derive(s Specimen, r *facts.Resource) []Case {
	d := &deriver{form: form{r, s}, seen: map[string]bool{}}
	d.wholes()
	for _, at := range places(r) {
		d.property(at)
	}
	for _, w := range s.Cases {
		d.add(Case{Question: Check, At: whole, What: w.Says, Inputs: with(s.Minimal, w.With), Refused: w.Refused})
	}
	return d.cases
}

type deriver struct {
	form
	cases []Case
	seen  map[string]bool
}

func (d *deriver) add(c Case) {
	c.Type = d.resource.Token
	if c.Logical == "" {
		c.Logical = "web"
	}
	if !d.seen[c.Key()] {
		d.seen[c.Key()] = true
		d.cases = append(d.cases, c)
	}
}

// wholes asks about the specimen as it is: what is filled in, planned, and named.
func (d *deriver) wholes() {
	in := d.specimen.Minimal
	d.add(Case{Question: Check, At: whole, What: "the specimen", Inputs: in})
	d.add(Case{Question: Fill, At: whole, What: "the specimen", Inputs: in})
	d.add(Case{Question: Plan, At: whole, What: "the specimen", Inputs: in})
	d.add(Case{Question: Change, At: whole, What: "nothing", Before: in, Inputs: in})
	extra := value.CopyMap(in)
	extra["noSuchProperty"] = "text"
	d.add(Case{Question: Check, At: "noSuchProperty", What: "an unknown property", Inputs: extra})
	auto := d.resource.Autoname
	if auto == nil {
		return
	}
	unnamed := value.CopyMap(in)
	delete(unnamed, auto.Property)
	named := func(what, logical string, n brain.Naming) {
		d.add(Case{Question: Name, At: auto.Property, What: what, Inputs: unnamed, Logical: logical, Naming: n})
	}
	named("short", "web", brain.Naming{})
	named("long", strings.Repeat("long-name-", 7)+"x", brain.Naming{})
	named("capitals", "WebServer", brain.Naming{})
	named("proposed", "web", brain.Naming{Proposed: "a-proposal", Mode: brain.NamingPropose})
	named("enforced", "web", brain.Naming{Proposed: "a-decree", Mode: brain.NamingEnforce})
	named("disabled", "web", brain.Naming{Mode: brain.NamingDisable})
}

// property asks about one property: the values that it takes, and what a change of it does.
func (d *deriver) property(at place) {
	v := d.example(at.path, at.property)
	if d.has(at) && d.specimen.Values[at.path] == nil {
		v = valueAt(d.around(at), at.path)
	}
	for _, candidate := range d.candidates(at, v) {
		d.add(Case{Question: Check, At: at.path, What: shown(candidate), Inputs: d.with(at, candidate)})
	}
	if at.property.Required {
		d.add(Case{Question: Check, At: at.path, What: "left out", Inputs: d.without(at, v)})
	}
	for _, other := range conflicting(at) {
		both := d.with(at, v)
		d.beside(both, at, other)
		d.add(Case{Question: Check, At: at.path, What: "beside " + other, Inputs: both})
	}
	d.changes(at, v)
}

// without has everything around a place, and nothing there.
func (d *deriver) without(at place, v any) value.Map {
	in := d.with(at, v)
	d.remove(in, strings.Split(at.path, "."))
	return in
}

func (d *deriver) remove(m value.Map, path []string) {
	if len(path) == 1 {
		delete(m, path[0])
		return
	}
	d.remove(first(m, path[0]), path[1:])
}

func conflicting(at place) []string {
	var all []string
	for _, other := range append(slices.Clone(at.property.ConflictsWith), at.property.ExactlyOneOf...) {
		if at.siblings[other] != nil && !strings.HasSuffix(at.path, other) && !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	return all
}

// beside puts an example of a sibling next to a place.
func (d *deriver) beside(in value.Map, at place, other string) {
	path := strings.Split(at.path, ".")
	m := in
	for _, name := range path[:len(path)-1] {
		m = first(m, name)
	}
	siblingPath := strings.Join(append(slices.Clone(path[:len(path)-1]), other), ".")
	if m[other] == nil {
		m[other] = d.example(siblingPath, at.siblings[other])
	}
}

// changes asks what becomes of a resource when a property is changed, added and removed.
func (d *deriver) changes(at place, v any) {
	has := d.with(at, v)
	open := func(what string, v any) {
		d.add(Case{Question: Plan, At: at.path, What: what, Inputs: d.with(at, v)})
		d.add(Case{Question: Change, At: at.path, What: what, Before: has, Inputs: d.with(at, v)})
	}
	open("not known yet", value.Unknown{})
	switch x := v.(type) {
	case []any:
		open("one more, not known yet", append(slices.Clone(x), value.Unknown{}))
	case value.Map:
		if at.property.Kind == facts.Map {
			open("an element not known yet", value.Map{"key": value.Unknown{}})
		}
	}
	w := d.another(at, v)
	if w != nil {
		d.add(Case{Question: Change, At: at.path, What: "changed", Before: has, Inputs: d.with(at, w)})
	}
	if at.property.Required {
		return
	}
	hasNot := d.without(at, v)
	if w != nil { // the first may be the default, which shows no difference
		d.add(Case{Question: Change, At: at.path, What: "another removed", Before: d.with(at, w), Inputs: hasNot})
	}
	d.add(Case{Question: Change, At: at.path, What: "added", Before: hasNot, Inputs: has})
	d.add(Case{Question: Change, At: at.path, What: "removed", Before: has, Inputs: hasNot})
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
