// Package shapes holds how the real AWS provider's outputs look beyond what was set: which properties that nobody sets are
// there all the same, null or empty, and in which order the elements of a set come. README.md says how it was recorded.
package shapes

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

//go:embed aws.txt
var recorded string

// Stage is what the outputs answer.
type Stage int

// The stages. What is null once a resource was made or updated may be empty once it was read.
const (
	Made Stage = iota
	Read
)

// form is how a property looks that nothing sets.
type form string

// The forms, as aws.txt writes them. What has none is absent.
const (
	null    form = "null"
	empty   form = "empty"
	emptied form = "null, then empty"
)

// forms has them by type and by path, in which the elements of a list have no number.
var forms = mustParse(recorded)

func mustParse(text string) map[string]map[string]form {
	all := map[string]map[string]form{}
	var token string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		as, paths, listed := strings.Cut(line, ": ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !strings.HasPrefix(line, " "):
			token = line
			all[token] = map[string]form{}
		case !listed || !slices.Contains([]form{null, empty, emptied}, form(strings.TrimSpace(as))):
			panic(fmt.Sprintf("reading the shapes of %s: %q is no list of paths", token, line))
		default:
			for _, path := range strings.Fields(paths) {
				all[token][path] = form(strings.TrimSpace(as))
			}
		}
	}
	return all
}

// value is what the form is of a property; ok is false for what is absent.
func (f form) value(p *facts.Property, s Stage) (_ any, ok bool) {
	if f == null || f == emptied && s == Made {
		return nil, true
	}
	switch p.Kind {
	case facts.String:
		return "", f != ""
	case facts.Bool:
		return false, f != ""
	case facts.Int, facts.Number:
		return 0.0, f != ""
	case facts.List, facts.Set:
		return []any{}, f != ""
	case facts.Map:
		return value.Map{}, f != ""
	}
	return nil, f != ""
}

// Full is the outputs with what the real provider has in them besides, and its order of sets.
func Full(r *facts.Resource, outputs value.Map, s Stage) value.Map {
	w := &walk{forms: forms[r.Token], stage: s}
	full := w.object(r.Properties, outputs, "", func(known map[string]*facts.Property, m value.Map, path string) {
		for name, p := range known {
			if m[name] == nil {
				if v, ok := w.forms[join(path, name)].value(p, s); ok {
					m[name] = v
				}
			}
		}
	})
	return w.ordered(r.Properties, full, "")
}

// Bare is outputs without what Full adds: what is empty and would look the same if nothing had set it.
func Bare(r *facts.Resource, outputs value.Map) value.Map {
	w := &walk{forms: forms[r.Token]}
	return w.object(r.Properties, outputs, "", func(known map[string]*facts.Property, m value.Map, path string) {
		maps.DeleteFunc(m, func(name string, v any) bool {
			return w.forms[join(path, name)] != "" && value.Zero(v) && (v == nil || known[name].Kind != facts.Object)
		})
	})
}

// Ordered is properties with each set in the real provider's order.
func Ordered(r *facts.Resource, m value.Map) value.Map {
	return (&walk{forms: forms[r.Token]}).ordered(r.Properties, m, "")
}

// walk goes through the properties of a type.
type walk struct {
	forms map[string]form
	stage Stage
}

// object applies a change to a copy of every object, the inner ones first.
func (w *walk) object(known map[string]*facts.Property, m value.Map, path string, change func(map[string]*facts.Property, value.Map,
	string)) value.Map {
	out := make(value.Map, len(m))
	for name, v := range m {
		out[name] = v
		if p := known[name]; p != nil && p.Properties != nil {
			out[name] = inside(v, func(m value.Map) value.Map { return w.object(p.Properties, m, join(path, name), change) })
		}
	}
	change(known, out, path)
	return out
}

// inside applies f to an object, or to each in a list.
func inside(v any, f func(value.Map) value.Map) any {
	switch x := v.(type) {
	case value.Secret:
		return value.Secret{Value: inside(x.Value, f)}
	case value.Map:
		return f(x)
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			list[i] = inside(e, f)
		}
		return list
	}
	return v
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// Recorded is how each recorded property looks that nothing sets, once made and once read: null or empty. By type, and by
// path, in which the elements of a list have no number.
func Recorded() map[string]map[string][2]string {
	all := map[string]map[string][2]string{}
	for token, paths := range forms {
		all[token] = map[string][2]string{}
		for path, as := range paths {
			made, read, both := strings.Cut(string(as), ", then ")
			if !both {
				read = made
			}
			all[token][path] = [2]string{made, read}
		}
	}
	return all
}
