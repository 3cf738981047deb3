// Package specimen makes stacks for tests of proofs: a real one, deployed on the twin and exported, with small changes to
// its resources, as a mistake would make them.
package specimen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// Stack is an exported state that can be changed.
type Stack struct {
	t      testing.TB
	export map[string]any
	made   int
}

// Read reads a state as `pulumi stack export` writes it.
func Read(t testing.TB, path string) *Stack {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	s := &Stack{t: t}
	require.NoError(t, json.Unmarshal(raw, &s.export))
	return s
}

// Empty is a stack of which Add makes all there is.
func Empty(t testing.TB) *Stack {
	return &Stack{t: t, export: map[string]any{"version": 3, "deployment": map[string]any{"resources": []any{
		map[string]any{"urn": "urn:pulumi:test::test::pulumi:pulumi:Stack::test", "type": "pulumi:pulumi:Stack"},
	}}}}
}

func (s *Stack) deployment() map[string]any { return s.export["deployment"].(map[string]any) }

// Copy is a copy of the stack that can be changed separately.
func (s *Stack) Copy() *Stack {
	s.t.Helper()
	raw, err := json.Marshal(s.export)
	require.NoError(s.t, err)
	other := &Stack{t: s.t, made: s.made}
	require.NoError(s.t, json.Unmarshal(raw, &other.export))
	return other
}

// Resource is one resource of the state.
type Resource struct {
	stack *Stack
	raw   map[string]any
}

// All is the resources of a type, such as ec2/vpc:Vpc; aws: may be left out.
func (s *Stack) All(kind string) (found []*Resource) {
	for _, r := range s.deployment()["resources"].([]any) {
		if raw := r.(map[string]any); raw["type"] == full(kind) {
			found = append(found, &Resource{s, raw})
		}
	}
	return found
}

// The is the resource of that type and logical name.
func (s *Stack) The(kind, name string) *Resource {
	s.t.Helper()
	for _, r := range s.All(kind) {
		if strings.HasSuffix(r.raw["urn"].(string), "::"+name) {
			return r
		}
	}
	require.FailNow(s.t, "the stack has no such resource", "%s %s", kind, name)
	return nil
}

func full(kind string) string {
	if strings.Contains(strings.SplitN(kind, "/", 2)[0], ":") || strings.HasPrefix(kind, "pulumi:") {
		return kind
	}
	return "aws:" + kind
}

// URN is the resource's URN.
func (r *Resource) URN() string { return r.raw["urn"].(string) }

// Type is the resource's type token.
func (r *Resource) Type() string { return r.raw["type"].(string) }

// Inputs are the names of what was asked for.
func (r *Resource) Inputs() []string { return slices.Sorted(maps.Keys(r.part("inputs"))) }

// Name is the resource's logical name.
func (r *Resource) Name() string { return r.URN()[strings.LastIndex(r.URN(), "::")+2:] }

// ID is the cloud's identifier.
func (r *Resource) ID() string { id, _ := r.raw["id"].(string); return id }

// Get is an input, or else an output.
func (r *Resource) Get(key string) any {
	if value, ok := r.part("inputs")[key]; ok {
		return value
	}
	return r.part("outputs")[key]
}

func (r *Resource) part(name string) map[string]any {
	part, ok := r.raw[name].(map[string]any)
	if !ok {
		part = map[string]any{}
		r.raw[name] = part
	}
	return part
}

// Set changes a property, as asked for and as answered; nil removes it.
func (r *Resource) Set(key string, value any) *Resource {
	for _, name := range []string{"inputs", "outputs"} {
		if value == nil {
			delete(r.part(name), key)
		} else {
			r.part(name)[key] = value
		}
	}
	if sources, ok := r.raw["propertyDependencies"].(map[string]any); ok {
		delete(sources, key)
	}
	return r
}

// Compute changes a property as a program does that computes it from what it was before: the engine still sees where it
// comes from.
func (r *Resource) Compute(key string, value any) *Resource {
	sources, _ := r.raw["propertyDependencies"].(map[string]any)
	kept, ok := sources[key]
	if r.Set(key, value); ok {
		sources[key] = kept
	}
	return r
}

// Answer changes what the cloud answered, and not what was asked for.
func (r *Resource) Answer(key string, value any) *Resource {
	r.part("outputs")[key] = value
	return r
}

// ByURN is the resource of that URN.
func (s *Stack) ByURN(urn string) *Resource {
	s.t.Helper()
	for _, r := range s.Every() {
		if r.URN() == urn {
			return r
		}
	}
	require.FailNow(s.t, "the stack has no such resource", urn)
	return nil
}

// Every is all resources of the stack.
func (s *Stack) Every() (all []*Resource) {
	for _, r := range s.deployment()["resources"].([]any) {
		all = append(all, &Resource{s, r.(map[string]any)})
	}
	return all
}

// Tag sets a tag; "" takes it away.
func (r *Resource) Tag(key, value string) *Resource {
	old, _ := r.Get("tags").(map[string]any)
	tags := map[string]any{}
	for k, v := range old {
		tags[k] = v
	}
	if tags[key] = value; value == "" {
		delete(tags, key)
	}
	return r.Set("tags", tags)
}

// Remove removes a resource from the stack, and from what others depend on.
func (s *Stack) Remove(kind, name string) {
	s.t.Helper()
	urn := s.The(kind, name).URN()
	var kept []any
	for _, r := range s.deployment()["resources"].([]any) {
		raw := r.(map[string]any)
		if raw["urn"] == urn {
			continue
		}
		raw["dependencies"] = without(raw["dependencies"], urn)
		if sources, ok := raw["propertyDependencies"].(map[string]any); ok {
			for key := range sources {
				sources[key] = without(sources[key], urn)
			}
		}
		kept = append(kept, raw)
	}
	s.deployment()["resources"] = kept
}

func without(list any, urn string) []any {
	all, _ := list.([]any)
	return slices.DeleteFunc(slices.Clone(all), func(v any) bool { return v == urn })
}

// Inputs are the inputs of a new resource.
type Inputs map[string]any

// Add makes a resource and returns it. What it refers to is named by id.
func (s *Stack) Add(kind, name string, inputs Inputs) *Resource {
	s.made++
	root := s.deployment()["resources"].([]any)[0].(map[string]any)["urn"].(string)
	stack := strings.SplitN(strings.TrimPrefix(root, "urn:pulumi:"), "::", 3)
	raw := map[string]any{
		"urn":  fmt.Sprintf("urn:pulumi:%s::%s::%s::%s", stack[0], stack[1], full(kind), name),
		"type": full(kind), "custom": true, "id": fmt.Sprintf("made-%d-%s", s.made, name),
		"inputs": map[string]any(inputs), "outputs": map[string]any{},
	}
	s.deployment()["resources"] = append(s.deployment()["resources"].([]any), raw)
	return &Resource{s, raw}
}

// Copies is the stack n times over, each copy with names and identifiers of its own.
func (s *Stack) Copies(n int) *graph.Graph {
	s.t.Helper()
	raw, err := json.Marshal(s.export)
	require.NoError(s.t, err)
	raw, err = Replicate(raw, n, "prod", "guestbook")
	require.NoError(s.t, err)
	s.export = nil
	require.NoError(s.t, json.Unmarshal(raw, &s.export))
	return s.Graph()
}

// Write writes the stack as `pulumi stack export` does.
func (s *Stack) Write(path string) {
	s.t.Helper()
	raw, err := json.Marshal(s.export)
	require.NoError(s.t, err)
	require.NoError(s.t, os.WriteFile(path, raw, 0o600))
}

// Graph is the stack as it is now.
func (s *Stack) Graph() *graph.Graph {
	s.t.Helper()
	raw, err := json.Marshal(s.export)
	require.NoError(s.t, err)
	g, err := graph.FromState(bytes.NewReader(raw))
	require.NoError(s.t, err)
	return g
}

// DependsOn says that the value of a property comes from other resources.
func (r *Resource) DependsOn(property string, others ...*Resource) *Resource {
	var urns []any
	for _, other := range others {
		urns = append(urns, other.URN())
	}
	r.part("propertyDependencies")[property] = urns
	return r
}

// External says that the resource is only read, and managed elsewhere.
func (r *Resource) External() *Resource {
	r.raw["external"] = true
	return r
}

// By says which provider the resource is managed by.
func (r *Resource) By(provider *Resource) *Resource {
	r.raw["provider"] = provider.URN() + "::" + provider.ID()
	return r
}

// Rename gives a resource another logical name.
func (r *Resource) Rename(name string) *Resource {
	urn := r.raw["urn"].(string)
	r.raw["urn"] = urn[:strings.LastIndex(urn, "::")+2] + name
	return r
}

// Again is another of the same URN, beside the resource.
func (r *Resource) Again() *Resource {
	raw := maps.Clone(r.raw)
	raw["id"] = r.ID() + "-before"
	r.stack.deployment()["resources"] = append(r.stack.deployment()["resources"].([]any), raw)
	return &Resource{r.stack, raw}
}

// Leftover says that a replacement has not deleted the resource yet.
func (r *Resource) Leftover() *Resource {
	r.raw["delete"] = true
	return r
}
