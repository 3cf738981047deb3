package proof_test

import (
	"flag"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
)

var update = flag.Bool("update", false, "write the table of docs/mutants.md")

const prod = "../graph/testdata/prod.json"

// stranger is a name of the same form that nothing in the stack has.
func stranger(name string) string {
	switch {
	case strings.HasPrefix(name, "arn:"):
		parts := strings.SplitN(name, ":", 6)
		if parts[4] != "" {
			parts[4] = "999999999999"
		}
		return strings.Join(parts[:5], ":") + ":" + parts[5] + "-elsewhere"
	case hexadecimal.MatchString(name):
		return hexadecimal.ReplaceAllStringFunc(name, func(id string) string { return strings.Repeat("f", len(id)) })
	}
	return "elsewhere"
}

var hexadecimal = regexp.MustCompile(`[0-9a-f]{8,}`)

// estranged is the value with a stranger in place of each name that the stack knows.
func estranged(g *graph.Graph, value any) (any, bool) {
	changed := false
	switch v := value.(type) {
	case string:
		if len(g.ByIdentity(v)) > 0 {
			return stranger(v), true
		}
	case []any:
		list := slices.Clone(v)
		for i := range list {
			one, other := estranged(g, list[i])
			list[i], changed = one, changed || other
		}
		return list, changed
	case map[string]any:
		object := maps.Clone(v)
		for key := range object {
			one, other := estranged(g, object[key])
			object[key], changed = one, changed || other
		}
		return object, changed
	}
	return value, changed
}

// harmless are the properties that may name nothing, by type and name.
var harmless = map[string]string{
	"aws:acm/certificateValidation:CertificateValidation validationRecordFqdns": "names of records to wait for: who issues the " +
		"certificate looks for its own",
	"aws:cloudwatch/logGroup:LogGroup name": "the group's own name; which one RDS writes to is " +
		"decided by RDS",
}

// Every property that names a resource of the stack is attacked: it names nothing of the stack any
// more, though the program computed it from what it named.
func TestWhatNamesNothingIsNeverTheStacksOwn(t *testing.T) {
	base := specimen.Read(t, prod)
	g := base.Graph()
	require.False(t, proof.Verify(g, report.FromState, time.Now()).Failed)
	tried, kinds := map[string]bool{}, map[string]bool{}
	for _, r := range g.Resources {
		for _, property := range slices.Sorted(maps.Keys(r.PropertyDependencies)) {
			value, changed := estranged(g, r.Inputs[property])
			kind := r.Type + " " + property
			if !r.Custom || !changed || len(r.PropertyDependencies[property]) == 0 || tried[kind+fmt.Sprint(value)] {
				continue
			}
			tried[kind+fmt.Sprint(value)], kinds[kind] = true, true
			s := base.Copy()
			s.ByURN(r.URN).Compute(property, value)
			failed := proof.Verify(s.Graph(), report.FromState, time.Now()).Failed
			assert.Equal(t, harmless[kind] == "", failed, "%s: %s = %v", r.URN, property, value)
		}
	}
	text := fmt.Sprintf("%d mutants of %d properties. All fail, but for:\n\n| property | why it may name nothing |\n| --- | --- |\n",
		len(tried), len(kinds))
	for _, kind := range slices.Sorted(maps.Keys(harmless)) {
		assert.True(t, kinds[kind], "%s is harmless, and was not tried", kind)
		text += specimen.Row(kind, harmless[kind])
	}
	specimen.Section(t, "../docs/mutants.md", "strangers", text, *update)
}
