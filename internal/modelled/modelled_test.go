// Package modelled holds what the proofs know of a type against what the cloud's provider publishes
// of it: neither may import the other.
package modelled

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/specimen"
	"github.com/causeway-iac/causeway/twin/facts"
)

var update = flag.Bool("update", false, "write the table of docs/mutants.md")

// Every property of every type of the network that the provider lets a program set is read, or
// harmless for a reason, or makes the type not modelled where it is set.
func TestEveryPropertyOfAModelledTypeIsUnderstood(t *testing.T) {
	resources := facts.AWS().Resources
	var table strings.Builder
	table.WriteString("| type | read | harmless | refused where it is set |\n| --- | --- | --- | --- |\n")
	for _, kind := range network.Modelled() {
		understood := network.Understood(kind)
		for name, reason := range understood {
			assert.NotEmpty(t, reason, "%s.%s", kind, name)
		}
		published := resources[kind]
		if published == nil {
			continue
		}
		settable := map[string]*facts.Property{}
		collect(settable, "", published.Properties, understood)
		for name := range understood {
			if _, any := map[string]bool{"name": true, "namePrefix": true, "description": true, "tags": true, "tagsAll": true,
				"region": true}[name]; !any {
				assert.Contains(t, settable, name, "%s has no such property: the model speaks of what nobody can write", kind)
			}
		}
		read, harmless := 0, 0
		var refused []string
		for _, name := range slices.Sorted(maps.Keys(settable)) {
			switch understood[name] {
			case "read":
				read++
			case "":
				refused = append(refused, name)
				assert.True(t, isRefused(t, kind, name, settable[name]), "%s.%s is neither read nor harmless, and setting it is no problem",
					kind, name)
			default:
				harmless++
			}
		}
		assert.Positive(t, read, kind)
		table.WriteString(specimen.Row(strings.TrimPrefix(kind, "aws:"), read, harmless, strings.Join(refused, ", ")))
	}
	specimen.Section(t, "../../docs/mutants.md", "properties", table.String(), *update)
}

// collect finds what a program may set, and looks into a block of which something is understood.
func collect(into map[string]*facts.Property, at string, properties map[string]*facts.Property, understood map[string]string) {
	for name, p := range properties {
		inside := slices.ContainsFunc(slices.Collect(maps.Keys(understood)),
			func(known string) bool { return strings.HasPrefix(known, at+name+".") })
		switch {
		case !p.Optional && !p.Required:
		case inside:
			collect(into, at+name+".", p.Properties, understood)
		default:
			into[at+name] = p
		}
	}
}

// isRefused sets the property of a resource of the type, alone in a stack.
func isRefused(t *testing.T, kind, name string, p *facts.Property) bool {
	t.Helper()
	value := sample(p)
	require.NotNil(t, value, "%s.%s is of kind %s", kind, name, p.Kind)
	if block, inner, nested := strings.Cut(name, "."); nested {
		name, value = block, []any{map[string]any{inner: value}}
	}
	s := specimen.Empty(t)
	s.Add(kind, "it", specimen.Inputs{name: value})
	return slices.ContainsFunc(network.New(s.Graph()).Problems, func(problem network.Problem) bool {
		return strings.Contains(problem.What, fmt.Sprintf("what its %s", strings.TrimSuffix(name, "s"))) &&
			strings.HasSuffix(problem.What, "is not modelled")
	})
}

// sample is a value of the property's kind that asks for something.
func sample(p *facts.Property) any {
	switch p.Kind {
	case facts.String, facts.Any:
		return "something"
	case facts.Bool:
		return true
	case facts.Int, facts.Number:
		return 7
	case facts.Map, facts.Object:
		return map[string]any{"something": "something"}
	case facts.List, facts.Set:
		return []any{"something"}
	}
	return nil
}
