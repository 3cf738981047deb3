package specimen

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// Foretold is the stack as the preview of its first deployment tells it: nothing exists yet, and of whatever contains something that
// the cloud will answer it is only known where that comes from.
func Foretold(t testing.TB, deployed *graph.Graph) *graph.Graph {
	t.Helper()
	const beginning = 6
	answers := map[string]string{} // texts, to the URN of the resource that they come from
	ids := map[string]bool{}
	for _, r := range deployed.Resources {
		asked := map[string]bool{}
		graph.Texts(r.Inputs, asked)
		ids[r.ID] = !asked[r.ID] // but of what adopts something of another's
	}
	for _, r := range deployed.Resources {
		if !r.Custom || r.External || strings.HasPrefix(r.Type, "pulumi:") {
			continue
		}
		asked, answered := map[string]bool{}, map[string]bool{}
		graph.Texts(r.Inputs, asked)
		graph.Texts(r.Outputs, answered)
		answered[r.ID] = true
		for text := range maps.Clone(answered) {
			answered[strings.TrimSuffix(text, ".")] = true // a name in DNS, which programs write without its dot
		}
		for text := range answered {
			_, another := answers[text]
			switch {
			case ids[text] && text != r.ID: // which is another's
			case len(text) < beginning || asked[text] || !strings.ContainsAny(text, "0123456789"):
			case another && !ids[text]:
				answers[text] = "" // such as the account
			default:
				answers[text] = r.URN
			}
		}
	}
	by := map[string][]string{} // those that one resource gives, by how they begin
	for text, urn := range answers {
		if urn != "" {
			by[text[:beginning]] = append(by[text[:beginning]], text)
		}
	}
	whence := func(text string, from map[string]bool) bool {
		found := false
		for i := 0; i+beginning <= len(text); i++ {
			for _, answer := range by[text[i:i+beginning]] {
				if strings.HasPrefix(text[i:], answer) {
					from[answers[answer]], found = true, true
				}
			}
		}
		return found
	}
	var all []*graph.Resource
	for _, r := range deployed.Resources {
		c := *r
		if r.Custom && !r.External && !strings.HasPrefix(r.Type, "pulumi:") {
			c.ID, c.Planned, c.Outputs, c.Inputs = "", true, map[string]any{}, map[string]any{}
			c.PropertyDependencies = maps.Clone(r.PropertyDependencies)
			if c.PropertyDependencies == nil {
				c.PropertyDependencies = map[string][]string{}
			}
			for property, value := range r.Inputs {
				from := map[string]bool{}
				c.Inputs[property] = foretold(value, whence, from)
				if len(from) > 0 {
					c.PropertyDependencies[property] = slices.Sorted(maps.Keys(from))
				}
			}
		}
		all = append(all, &c)
	}
	g, err := graph.New(all)
	require.NoError(t, err)
	return g
}

func foretold(value any, whence func(string, map[string]bool) bool, from map[string]bool) any {
	switch v := value.(type) {
	case string:
		if whence(v, from) {
			return graph.Unknown{}
		}
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = foretold(element, whence, from)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for key, element := range v {
			object[key] = foretold(element, whence, from)
		}
		return object
	}
	return value
}
