package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// first are the outputs that a person looks for before all others.
var first = []string{"url", "nameServers", "loadBalancer"}

// Fact is something else worth knowing about a deployment.
type Fact struct{ Name, Value string }

// Outputs lists a stack's outputs that have a value, and then the facts. Secret values are not shown.
func Outputs(outputs auto.OutputMap, facts ...Fact) string {
	names := slices.Sorted(maps.Keys(outputs))
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	var all []Fact
	for _, n := range names {
		if v := output(outputs[n]); v != "" {
			all = append(all, Fact{n, v})
		}
	}
	all = append(all, facts...)
	width := 0
	for _, f := range all {
		width = max(width, len(f.Name))
	}
	var b strings.Builder
	for _, f := range all {
		fmt.Fprintf(&b, "%-*s  %s\n", width+1, f.Name+":", f.Value)
	}
	return b.String()
}

func rank(name string) int {
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	return len(first)
}

// output is one output's value: text as it is, lists of text joined, the rest as JSON.
func output(o auto.OutputValue) string {
	if o.Secret {
		return "(secret)"
	}
	switch v := o.Value.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = output(auto.OutputValue{Value: x})
		}
		return strings.Join(parts, ", ")
	}
	return short(o.Value)
}
