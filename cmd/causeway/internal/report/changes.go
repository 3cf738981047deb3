package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
)

// unknown is how the engine writes a value that is known only once something exists.
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// listed is how many creations are listed one by one; more are counted by component.
const listed = 20

// order is the order in which changes are told: first what a reader must not miss.
var order = []engine.Op{engine.Delete, engine.Replace, engine.Update, engine.Import, engine.Create}

var signs = map[engine.Op]string{
	engine.Delete: "-", engine.Replace: "±", engine.Update: "~", engine.Import: "=", engine.Create: "+",
}

var pastTense = map[engine.Op]string{
	engine.Delete: "deleted", engine.Replace: "replaced", engine.Update: "updated", engine.Import: "imported", engine.Create: "created",
}

// Counts is "3 to create, 1 to replace" of a preview, or "3 created, 1 replaced" of what was done;
// it is empty when there is no change.
func Counts(o engine.Outcome) string {
	n := map[engine.Op]int{}
	for _, c := range o.Changes {
		if !c.Failed {
			n[c.Op]++
		}
	}
	var parts []string
	for _, op := range slices.Backward(order) {
		switch {
		case n[op] == 0:
		case o.Operation == "preview":
			parts = append(parts, fmt.Sprintf("%d to %s", n[op], op))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n[op], pastTense[op]))
		}
	}
	return strings.Join(parts, ", ")
}

// Changes lists what changes: each resource by its path among the components, with the properties
// that differ and which of them force a replacement.
func Changes(o engine.Outcome) string {
	var b strings.Builder
	for _, op := range order {
		var of []engine.Change
		for _, c := range o.Changes {
			if c.Op == op {
				of = append(of, c)
			}
		}
		slices.SortFunc(of, func(x, y engine.Change) int { return strings.Compare(x.Path, y.Path) })
		if op == engine.Create && len(of) > listed {
			b.WriteString(byComponent(of))
			continue
		}
		width := 0
		for _, c := range of {
			width = max(width, len(c.Path))
		}
		for _, c := range of {
			fmt.Fprintf(&b, "  %s %-7s  %-*s  %s\n", signs[op], op, width, c.Path, c.Type)
			b.WriteString(properties(c))
		}
	}
	return b.String()
}

// byComponent counts creations by the component that makes them.
func byComponent(changes []engine.Change) string {
	var components []string
	n := map[string]int{}
	for _, c := range changes {
		component := c.Path
		if parts := strings.Split(c.Path, "/"); len(parts) > 2 {
			component = strings.Join(parts[:2], "/")
		} else if len(parts) == 2 {
			component = parts[0]
		}
		if n[component]++; n[component] == 1 {
			components = append(components, component)
		}
	}
	width := 0
	for _, c := range components {
		width = max(width, len(c))
	}
	var b strings.Builder
	for _, c := range components {
		noun := "resources"
		if n[c] == 1 {
			noun = "resource"
		}
		fmt.Fprintf(&b, "  + create   %-*s  %d %s\n", width, c, n[c], noun)
	}
	return b.String()
}

// properties lists the properties of an updated or replaced resource that differ.
func properties(c engine.Change) string {
	if c.Op != engine.Update && c.Op != engine.Replace {
		return ""
	}
	var b strings.Builder
	for _, path := range c.Diffs {
		before, after := at(c.Old, path), at(c.New, path)
		if reflect.DeepEqual(before, after) { // it is as declared, but was something else
			before = at(c.Was, path)
		}
		if after == nil && at(c.Old, path) == nil && !forces(c.Forces, path) {
			continue // what only the provider sets follows from the rest
		}
		for _, d := range parts(path, before, after) {
			fmt.Fprintf(&b, "               %s: %s → %s", d.path, short(d.before), short(d.after))
			if forces(c.Forces, path) {
				b.WriteString("   forces the replacement")
			}
			b.WriteString("\n")
		}
	}
	for _, key := range c.Forces {
		if !slices.ContainsFunc(c.Diffs, func(d string) bool { return d == key || root(d) == key }) {
			fmt.Fprintf(&b, "               %s: forces the replacement\n", key)
		}
	}
	return b.String()
}

// difference is a value that differs.
type difference struct {
	path          string
	before, after any
}

// parts are the entries of a map that differ, or the value itself if it is no map.
func parts(path string, before, after any) []difference {
	was, wasMap := before.(map[string]any)
	is, isMap := after.(map[string]any)
	if !wasMap && before != nil || !isMap && after != nil || !wasMap && !isMap {
		return []difference{{path, before, after}}
	}
	keys := map[string]bool{}
	for _, m := range []map[string]any{was, is} {
		for k := range m {
			keys[k] = true
		}
	}
	var all []difference
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if !strings.HasPrefix(k, "__") && !reflect.DeepEqual(was[k], is[k]) {
			all = append(all, difference{path + "." + k, was[k], is[k]})
		}
	}
	if len(all) == 0 || len(all) > listed {
		return []difference{{path, before, after}}
	}
	return all
}

// forces says whether a property is among those that force a replacement, which are given by path or by top-level name
// alone.
func forces(keys []string, path string) bool {
	return slices.Contains(keys, path) || slices.Contains(keys, root(path))
}

func root(path string) string {
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return path
}

// at is a property of a resource; nil if there is no resource.
func at(inputs map[string]any, path string) any {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return "?"
	}
	var v any = inputs
	for _, key := range parsed {
		switch at := v.(type) {
		case map[string]any:
			name, ok := key.(string)
			if !ok {
				return nil
			}
			v = at[name]
		case []any:
			i, ok := key.(int)
			if !ok || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// short is a value on one line, cut if long.
func short(v any) string {
	if v == nil {
		return "(none)"
	}
	if v == unknown {
		return "(known once it is made)"
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "?"
	}
	return clip(strings.ReplaceAll(strings.TrimSpace(b.String()), unknown, "(known once it is made)"), 100)
}

// Problems lists each error and warning, with where it is. Repetitions are left out.
func Problems(o engine.Outcome) string {
	var b strings.Builder
	seen := map[string]bool{}
	for _, p := range o.Problems {
		kind := "error"
		if p.Warning {
			kind = "warning"
		}
		where := ""
		if p.Path != "" {
			where = fmt.Sprintf(" in %s (%s)", p.Path, p.Type)
		}
		text := fmt.Sprintf("%s%s:\n    %s\n", kind, where, strings.ReplaceAll(message(p.Message), "\n", "\n    "))
		if !seen[text] {
			seen[text] = true
			b.WriteString(text)
		}
	}
	return b.String()
}

// wrappings are what the layers between a provider or program and a person put around a message.
var wrappings = []string{
	"error: ", "an unhandled error occurred: ", "go inline source runtime error, ", "program failed: ", "1 error occurred:",
	"rpc error: code = Unknown desc = ", "* ", "waiting for RPCs: ", "marshaling properties: ",
}

// awaited is what the SDK puts before the error of a value that a resource waits for.
var awaited = regexp.MustCompile(`^awaiting input property "[^"]*": `)

// message is what the innermost layer said, without stack traces.
func message(text string) string {
	if i := strings.Index(text, "\ngoroutine "); i > 0 {
		text = text[:i]
	}
	text = strings.TrimSpace(text)
	for again := true; again; {
		again = false
		for _, w := range wrappings {
			if rest, ok := strings.CutPrefix(text, w); ok {
				text, again = strings.TrimSpace(rest), true
			}
		}
		if said := awaited.FindString(text); said != "" {
			text, again = text[len(said):], true
		}
	}
	return text
}
