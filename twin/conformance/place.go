package conformance

import (
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/rules"
	"github.com/causeway-iac/causeway/twin/value"
)

// place is one property that a program may write, wherever it is in its resource.
type place struct {
	path     string // like healthCheck.interval: lists and sets are passed through
	property *facts.Property
	siblings map[string]*facts.Property
}

// deep limits how far a type's properties are followed, for types that repeat themselves.
var deep = map[string]int{"aws:wafv2/webAcl:WebAcl": 2}

const deepest = 5

// places lists a type's inputs, parents before what is in them.
func places(r *facts.Resource) []place {
	limit := deep[r.Token]
	if limit == 0 {
		limit = deepest
	}
	var all []place
	var walk func(known map[string]*facts.Property, prefix string, depth int)
	walk = func(known map[string]*facts.Property, prefix string, depth int) {
		for _, name := range slices.Sorted(maps.Keys(known)) {
			p := known[name]
			if !p.Input() || p.Note != "" {
				continue
			}
			all = append(all, place{prefix + name, p, known})
			if depth < limit {
				walk(p.Properties, prefix+name+".", depth+1)
			}
		}
	}
	walk(r.Properties, "", 1)
	return all
}

// form is how a specimen's properties look.
type form struct {
	resource *facts.Resource
	specimen Specimen
}

// example is a valid value of a property: the specimen's, one that the brain's rules name, or one of its kind.
func (f form) example(path string, p *facts.Property) any {
	if v, written := f.specimen.Values[path]; written {
		return v
	}
	good, _ := rules.Samples(f.resource.Token, path)
	switch p.Kind {
	case facts.String, facts.Bool, facts.Int, facts.Number:
		if len(good) > 0 {
			return good[0]
		}
		if p.Default != nil {
			return p.Default
		}
		return scalar(p.Kind)
	case facts.Map:
		return value.Map{"key": "text"}
	case facts.Object:
		return f.object(path, p.Properties)
	case facts.List, facts.Set:
		switch {
		case p.Properties != nil:
			return []any{f.object(path, p.Properties)}
		case len(good) > 0:
			return []any{good[0]}
		}
		return []any{scalar(p.Items)}
	}
	return "text"
}

func scalar(k facts.Kind) any {
	switch k {
	case facts.Bool:
		return true
	case facts.Int, facts.Number:
		return 7.0
	}
	return "text"
}

// object has what an object needs, and no more.
func (f form) object(path string, known map[string]*facts.Property) value.Map {
	out := value.Map{}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		p := known[name]
		first := len(p.ExactlyOneOf) > 0 && p.ExactlyOneOf[0] == name
		if p.Required || first {
			out[name] = f.example(path+"."+name, p)
		}
	}
	return out
}

// with is the specimen with v at a place. What may not stand beside it is removed.
func (f form) with(at place, v any) value.Map {
	out := f.around(at)
	f.set(out, f.resource.Properties, "", strings.Split(at.path, "."), v)
	return out
}

// around is the specimen with what a place needs around it.
func (f form) around(at place) value.Map {
	longest := ""
	for prefix := range f.specimen.Around {
		if (at.path == prefix || strings.HasPrefix(at.path, prefix+".")) && len(prefix) >= len(longest) {
			longest = prefix
		}
	}
	return with(f.specimen.Minimal, f.specimen.Around[longest])
}

// with is properties with others set, or removed where null.
func with(in, others value.Map) value.Map {
	out := value.CopyMap(in)
	for name, v := range others {
		if out[name] = value.Copy(v); v == nil {
			delete(out, name)
		}
	}
	return out
}

func (f form) set(m value.Map, known map[string]*facts.Property, prefix string, path []string, v any) {
	name := path[0]
	p := known[name]
	makeRoom(m, known, name)
	if len(path) == 1 {
		if v == nil {
			delete(m, name)
			return
		}
		m[name] = v
		return
	}
	inner := prefix + name
	if m[name] == nil {
		m[name] = value.Copy(f.example(inner, p))
	}
	f.set(first(m, name), p.Properties, inner+".", path[1:], v)
}

// first is the object that a property holds, or the first of its elements.
func first(m value.Map, name string) value.Map {
	switch x := m[name].(type) {
	case value.Map:
		return x
	case []any:
		if len(x) > 0 {
			if inner, ok := x[0].(value.Map); ok {
				return inner
			}
		}
	}
	inner := value.Map{}
	m[name] = inner
	return inner
}

// makeRoom removes the siblings that may not stand beside a property.
func makeRoom(m value.Map, known map[string]*facts.Property, name string) {
	for other := range m {
		p := known[other]
		if other == name || p == nil {
			continue
		}
		if contains(known[name].ConflictsWith, other) || contains(known[name].ExactlyOneOf, other) || contains(p.ConflictsWith, name) {
			delete(m, other)
		}
	}
}

// has says whether the specimen itself has a value at a place.
func (f form) has(at place) bool { return valueAt(f.around(at), at.path) != nil }

func valueAt(v any, path string) any {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	if path == "" {
		return v
	}
	m, ok := v.(value.Map)
	if !ok {
		return nil
	}
	name, rest, more := strings.Cut(path, ".")
	if !more {
		return m[name]
	}
	return valueAt(m[name], rest)
}
