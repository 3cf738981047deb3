package graph_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// The state and what would be left of it tell the same changes that the steps of a preview do.
func TestTwoStacksAreCompared(t *testing.T) {
	exported, err := os.ReadFile("testdata/prod.json")
	require.NoError(t, err)
	read := func() *graph.Graph {
		g, err := graph.FromState(strings.NewReader(string(exported)))
		require.NoError(t, err)
		return g
	}
	compare := func(edit func(*graph.Graph)) map[string]graph.Action {
		after := read()
		edit(after)
		after, err = graph.New(after.Resources)
		require.NoError(t, err)
		p, err := graph.Compare(strings.NewReader(string(exported)), after)
		require.NoError(t, err)
		all := map[string]graph.Action{}
		for _, c := range p.Changes {
			all[c.Before.Name] = c.Action
		}
		return all
	}
	database := func(g *graph.Graph) *graph.Resource { return g.ByType("aws:rds/instance:Instance")[0] }
	assert.Empty(t, compare(func(*graph.Graph) {}))
	assert.Equal(t, map[string]graph.Action{"prod-database": graph.Replace}, compare(func(g *graph.Graph) {
		database(g).ID, database(g).Planned = "", true
	}))
	assert.Equal(t, map[string]graph.Action{"prod-database": graph.Update}, compare(func(g *graph.Graph) { database(g).Protect = false }))
	assert.Equal(t, map[string]graph.Action{"prod": graph.Delete}, compare(func(g *graph.Graph) {
		for i, r := range g.Resources {
			if r.Type == "aws:cloudwatch/dashboard:Dashboard" {
				g.Resources = append(g.Resources[:i], g.Resources[i+1:]...)
				return
			}
		}
	}))
	assert.Empty(t, compare(func(g *graph.Graph) {
		d := g.ByType("aws:cloudwatch/dashboard:Dashboard")[0]
		d.URN = strings.TrimSuffix(d.URN, "prod") + "board"
	}), "another name, by an alias, and the same id")

	p, err := graph.Compare(strings.NewReader(`{"version":3,"deployment":{}}`), read())
	require.NoError(t, err)
	assert.Nil(t, p.Before, "nothing is deployed yet")
	_, err = graph.Compare(strings.NewReader(`{"version":`), read())
	assert.Error(t, err)
}

// A preview that leaves out what stays is read with the state that it is of, and with no other.
func TestWhatAPreviewLeavesOutIsTakenFromTheState(t *testing.T) {
	whole, err := os.ReadFile("testdata/local-unchanged.json")
	require.NoError(t, err)
	want, err := graph.ReadPreview(bytes.NewReader(whole))
	require.NoError(t, err)
	var digest map[string]any
	require.NoError(t, json.Unmarshal(whole, &digest))
	digest["steps"] = []any{}
	short, err := json.Marshal(digest)
	require.NoError(t, err)
	read := func(state string) (*graph.Preview, error) {
		raw, err := os.ReadFile("testdata/" + state + ".json")
		require.NoError(t, err)
		return graph.ReadPreviewOf(bytes.NewReader(short), bytes.NewReader(raw))
	}
	got, err := read("local")
	require.NoError(t, err)
	assert.Empty(t, got.Changes)
	assert.Len(t, got.After.Resources, len(want.After.Resources))
	_, err = read("prod")
	assert.ErrorContains(t, err, "export the state that was previewed")
}
