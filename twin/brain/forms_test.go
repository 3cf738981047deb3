package brain_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/shapes"
	"github.com/causeway-iac/causeway/twin/value"
)

// forms are how the properties look that nothing sets: null, empty or a value, by type, path and stage.
func (l *life) forms() map[string]map[string][2]string {
	all := map[string]map[string][2]string{}
	for _, r := range l.lived {
		if all[r.Type] == nil {
			all[r.Type] = map[string][2]string{}
		}
		for stage, m := range []map[string]any{r.Made, r.Read} {
			look(all[r.Type], facts.AWS().Resources[r.Type].Properties, m, "", stage, []any{r.heeded(r.Inputs)})
		}
	}
	return all
}

// look notes how each property looks; how one looks that is not set goes before its values. said is what the program gave
// of the same objects, in whatever order.
func look(into map[string][2]string, known map[string]*facts.Property, m map[string]any, prefix string, stage int, said []any) {
	for name, v := range m {
		p, path := known[name], prefix+name
		if p == nil || strings.HasPrefix(name, "__") {
			continue
		}
		as := "value"
		given, everywhere := sayings(said, name)
		switch {
		case everywhere:
		case v == nil:
			as = "null"
		case value.Zero(v) && p.Kind != facts.Object: // none: {} is a choice
			as = "empty"
		}
		seen := into[path]
		if seen[stage] == "" || as != "value" {
			seen[stage] = as
		}
		into[path] = seen
		inner, _ := v.([]any)
		if o, ok := v.(map[string]any); ok {
			inner = []any{o}
		}
		for _, e := range inner {
			if o, ok := e.(map[string]any); ok && p.Properties != nil {
				look(into, p.Properties, o, path+".", stage, given)
			}
		}
	}
}

// sayings are the objects that programs gave for a property, and whether each gave it.
func sayings(said []any, name string) (given []any, everywhere bool) {
	everywhere = len(said) > 0
	for _, e := range said {
		o, _ := plain(e, nil).(map[string]any)
		v, there := o[name]
		everywhere = everywhere && there
		if list, ok := v.([]any); ok {
			given = append(given, list...)
		} else if there {
			given = append(given, v)
		}
	}
	return given, everywhere
}

// A twin that makes dev and prod answers each recorded property in the form that was recorded: unset ones are there, as
// null or empty, once made and once read, at the top and within; and what was never recorded does not appear.
func TestOutputsAreThereInTheRecordedForms(t *testing.T) {
	l := twinsLife(t)
	recorded := shapes.Recorded()
	seen := 0
	for token, forms := range l.forms() {
		for path, as := range forms {
			want, known := recorded[token][path]
			for stage, form := range as {
				switch {
				case form == "null" && !known:
					t.Errorf("%s %s is null, and nothing is recorded of it", token, path)
				case known && form != "value" && form != want[stage]:
					t.Errorf("%s %s is %s, and was recorded as %s", token, path, form, want[stage])
				case known:
					seen++
				}
			}
		}
		for path := range recorded[token] {
			if _, there := forms[path]; !there && within(forms, path) {
				t.Errorf("%s %s is absent, and was recorded as %s", token, path, recorded[token][path])
			}
		}
	}
	assert.Greater(t, seen, 800)
	absent := map[string]bool{}
	for _, r := range l.lived {
		for name, p := range facts.AWS().Resources[r.Type].Properties {
			if _, there := r.Read[name]; !there && p.Note == "" && len(recorded[r.Type]) > 0 {
				absent[r.Type+" "+name] = true
			}
		}
	}
	assert.Equal(t, emulationsOwn, absent, "absent, where the real provider has it as null or empty")
}

// A state with the real provider's shapes, and one of a twin that did not have them, are of the same resource: the program
// changes neither, and a refresh reads its inputs as they were.
func TestShapesAreNoChange(t *testing.T) {
	aws := facts.AWS()
	builtin := brain.NewBuiltin(aws)
	for _, r := range twinsLife(t).lived {
		said, read := r.heeded(r.Inputs), r.heeded(r.ReadInputs)
		delete(said, "subjectAlternativeNames") // the provider reads the domain among them, which these states did not list
		delete(read, "subjectAlternativeNames")
		assert.Equal(t, said, read, "%s: a refresh changes what the program said", r.URN)
		in := value.FromWire(mustStruct(r.Inputs))
		for _, state := range []map[string]any{r.Made, r.Read, shapes.Bare(aws.Resources[r.Type], r.Read)} {
			old := value.FromWire(mustStruct(state))
			d, err := builtin.Diff(t.Context(), brain.DiffRequest{Type: r.Type, Old: old, OldInputs: in, New: in,
				Settings: brain.Settings{Region: "eu-west-1"}})
			require.NoError(t, err)
			assert.Empty(t, d.Changes, r.URN)
		}
	}
}

// emulationsOwn is what nobody sets and the emulation has a value of that AWS has not: docs/twin.md names them.
var emulationsOwn = map[string]bool{
	"aws:autoscaling/policy:Policy predictiveScalingConfiguration":  true,
	"aws:backup/selection:Selection conditions":                     true,
	"aws:lb/loadBalancer:LoadBalancer enableCrossZoneLoadBalancing": true,
}

// within says whether what a property is in is there.
func within(forms map[string][2]string, path string) bool {
	i := strings.LastIndexByte(path, '.')
	return i < 0 || forms[path[:i]] == [2]string{"value", "value"}
}
