package specimen

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// unknownMark is what the engine writes for a value that only a deployment can tell.
const unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// PreviewOf is what `pulumi preview --json --show-sames` of the stack would write if its program declared the other one:
// what both have is the same or updated, or replaced if its type is one of those; what only one has is created or
// deleted.
func (s *Stack) PreviewOf(after *Stack, replaced ...string) *graph.Graph {
	s.t.Helper()
	old := map[string]map[string]any{}
	for _, r := range s.Every() {
		old[r.URN()] = r.raw
	}
	planned := map[string]string{} // ids that are not known yet, to URNs
	steps, summary := []any{}, map[string]int{}
	add := func(op string, before, after map[string]any) {
		step := map[string]any{"op": op}
		for key, state := range map[string]map[string]any{"oldState": before, "newState": after} {
			if state != nil {
				step["urn"], step[key] = state["urn"], state
			}
		}
		steps = append(steps, step)
		summary[op]++
	}
	ops := map[string]string{}
	for _, r := range after.Every() {
		before := old[r.URN()]
		op := "update"
		switch {
		case before == nil:
			op = "create"
		case reflect.DeepEqual(normalised(before["inputs"]), normalised(r.raw["inputs"])):
			op = "same"
		default:
			for _, kind := range replaced {
				if r.raw["type"] == full(kind) {
					op = "replace"
				}
			}
		}
		if ops[r.URN()] = op; op == "create" || op == "replace" {
			planned[r.ID()] = r.URN()
		}
	}
	for _, r := range after.Every() {
		state := r.foretold(planned)
		if id, _ := state["id"].(string); planned[id] != "" {
			delete(state, "id")
		}
		if before := old[r.URN()]; ops[r.URN()] == "same" && !reflect.DeepEqual(normalised(before["inputs"]), normalised(state["inputs"])) {
			ops[r.URN()] = "update" // it names what is not known yet
		}
		add(ops[r.URN()], old[r.URN()], state)
		delete(old, r.URN())
	}
	for _, raw := range old {
		add("delete", raw, nil)
	}
	raw, err := json.Marshal(map[string]any{"steps": steps, "changeSummary": summary})
	require.NoError(s.t, err)
	g, err := graph.FromPreview(bytes.NewReader(raw))
	require.NoError(s.t, err)
	return g
}

// foretold is the state as a preview tells it: no outputs and, of values from resources without an id yet, nothing known
// but where they come from.
func (r *Resource) foretold(planned map[string]string) map[string]any {
	state := map[string]any{}
	for key, value := range r.raw {
		if key != "outputs" {
			state[key] = value
		}
	}
	inputs, sources := map[string]any{}, map[string]any{}
	for key, value := range normalised(r.raw["inputs"]).(map[string]any) {
		var urns []any
		inputs[key] = masked(value, planned, &urns)
		if len(urns) > 0 {
			sources[key] = urns
		}
	}
	state["inputs"], state["propertyDependencies"] = inputs, sources
	return state
}

func masked(value any, planned map[string]string, urns *[]any) any {
	switch v := value.(type) {
	case string:
		if urn := planned[v]; urn != "" && strings.HasPrefix(v, "made-") {
			*urns = append(*urns, urn)
			return unknownMark
		}
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = masked(element, planned, urns)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for key, element := range v {
			object[key] = masked(element, planned, urns)
		}
		return object
	}
	return value
}

// normalised is the value as JSON would give it back.
func normalised(value any) any {
	raw, _ := json.Marshal(value)
	var out any
	_ = json.Unmarshal(raw, &out)
	if out == nil {
		return map[string]any{}
	}
	return out
}
