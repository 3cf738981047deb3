package main

import (
	"slices"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// deployment is a stack of a provider, a component and two resources in it, of which the
// first by URN waits for the second.
func deployment(t *testing.T, inputs map[string]any) *graph.Graph {
	t.Helper()
	const stack, prefix = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", "urn:pulumi:s::p::"
	provider, box := prefix+"pulumi:providers:aws::cloud", prefix+"causeway:x:Box::box"
	first, second := prefix+"causeway:x:Box$aws:a/a:A::first", prefix+"causeway:x:Box$aws:b/b:B::second"
	g, err := graph.New([]*graph.Resource{
		{URN: stack, Type: "pulumi:pulumi:Stack", Name: "p-s"},
		{URN: provider, Type: "pulumi:providers:aws", Name: "cloud", Parent: stack, Custom: true, ID: "x",
			Inputs: map[string]any{"region": "eu-central-1"}},
		{URN: box, Type: "causeway:x:Box", Name: "box", Parent: stack},
		{URN: first, Type: "aws:a/a:A", Name: "first", Parent: box, Custom: true, ID: "1", Provider: provider, Inputs: inputs,
			Dependencies: []string{second}},
		{URN: second, Type: "aws:b/b:B", Name: "second", Parent: box, Custom: true, ID: "2", Provider: provider, Protect: true},
	})
	require.NoError(t, err)
	return g
}

// registrations records what a program registers, in order.
type registrations struct {
	mu   sync.Mutex
	seen []pulumi.MockResourceArgs
}

func (r *registrations) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, args)
	return args.Name, args.Inputs, nil
}

func (*registrations) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

func TestReplayDeclaresTheSameResources(t *testing.T) {
	inputs := map[string]any{"name": "n", "size": 3.0, "on": true, "list": []any{"a", map[string]any{"k": "v"}}}
	var r registrations
	require.NoError(t, pulumi.RunErr(replay(deployment(t, inputs)), pulumi.WithMocks("p", "s", &r)))
	of := map[string]pulumi.MockResourceArgs{}
	order := map[string]int{}
	for i, args := range r.seen {
		of[args.Name], order[args.Name] = args, i
	}
	require.Len(t, of, 4, "everything but the stack itself")
	assert.Less(t, order["second"], order["first"], "after what it waits for")
	assert.Equal(t, inputs, of["first"].Inputs.Mappable())
	assert.Equal(t, "aws:a/a:A", of["first"].TypeToken)
	request := of["first"].RegisterRPC
	assert.Contains(t, request.Parent, "causeway:x:Box::box")
	assert.Contains(t, request.Provider, "pulumi:providers:aws::cloud")
	assert.True(t, slices.ContainsFunc(request.Dependencies, func(urn string) bool { return resource.URN(urn).Name() == "second" }))
	assert.True(t, of["second"].RegisterRPC.GetProtect())
	assert.False(t, of["box"].RegisterRPC.Custom)
	assert.Equal(t, "eu-central-1", of["cloud"].Inputs["region"].StringValue())
}

// A floor that leaves something out is too low.
func TestReplayLeavesNothingOut(t *testing.T) {
	secret := deployment(t, map[string]any{"keys": map[string]any{"one": graph.Secret{}}})
	err := pulumi.RunErr(replay(secret), pulumi.WithMocks("p", "s", &registrations{}))
	assert.ErrorContains(t, err, "first: one: a state does not tell a graph.Secret")
}
