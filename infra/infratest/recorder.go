// Package infratest records what a component declares, so that a test can read
// it. It stands in for the engine only where a test asks "what was declared";
// what the clouds make of it is tested on the twin.
package infratest

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/infra"
)

// Declared is one resource that a program registered.
type Declared struct {
	Type, Name string
	Inputs     resource.PropertyMap
	Options    *pulumirpc.RegisterResourceRequest
}

// Platform is a platform for tests of one component.
func Platform(environment string) *infra.Platform {
	return &infra.Platform{
		Name:        environment,
		Environment: environment,
		Region:      "eu-west-1",
		Account:     "123456789012",
		Tags:        map[string]string{"team": "platform"},
	}
}

// Record runs program and returns what it declared, in order of name within type.
// Outputs is asked for outputs that a component reads off a resource, beyond id
// and arn; it may be nil.
func Record(t *testing.T, outputs func(Declared) map[string]any, program pulumi.RunFunc) []Declared {
	t.Helper()
	declared, err := TryRecord(outputs, program)
	require.NoError(t, err)
	return declared
}

// TryRecord is Record for a program that is expected to fail.
func TryRecord(outputs func(Declared) map[string]any, program pulumi.RunFunc) ([]Declared, error) {
	r := &recorder{outputs: outputs}
	err := pulumi.RunErr(program, pulumi.WithMocks("causeway", "test", r), previewed)
	slices.SortFunc(r.declared, func(a, b Declared) int {
		return strings.Compare(a.Type+a.Name, b.Type+b.Name)
	})
	return r.declared, err
}

// previewed has a program take its cloud for one that is not there yet, which nothing can be asked.
func previewed(run *pulumi.RunInfo) { run.DryRun = true }

// OfType is the declared resources of one type token.
func OfType(all []Declared, token string) []Declared {
	var found []Declared
	for _, d := range all {
		if d.Type == token {
			found = append(found, d)
		}
	}
	return found
}

// One is the only declared resource of a type; the test fails if there is none or another.
func One(t *testing.T, all []Declared, token string) Declared {
	t.Helper()
	found := OfType(all, token)
	require.Len(t, found, 1, token)
	return found[0]
}

// Named is the declared resource of a type with a logical name.
func Named(t *testing.T, all []Declared, token, name string) Declared {
	t.Helper()
	for _, d := range all {
		if d.Type == token && d.Name == name {
			return d
		}
	}
	require.Failf(t, "not declared", "%s %s", token, name)
	return Declared{}
}

// Plain is a declared resource's inputs as plain Go values: maps, slices, strings,
// float64 and bool; outputs and secrets are unwrapped.
func (d Declared) Plain() map[string]any {
	return d.Inputs.MapRepl(nil, func(v resource.PropertyValue) (any, bool) {
		switch {
		case v.IsSecret():
			return v.SecretValue().Element.V, true
		case v.IsOutput():
			return v.OutputValue().Element.V, true
		}
		return nil, false
	})
}

type recorder struct {
	mu       sync.Mutex
	outputs  func(Declared) map[string]any
	declared []Declared
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	d := Declared{Type: args.TypeToken, Name: args.Name, Inputs: args.Inputs, Options: args.RegisterRPC}
	r.mu.Lock()
	r.declared = append(r.declared, d)
	r.mu.Unlock()
	state := args.Inputs.Copy()
	service, _, _ := strings.Cut(strings.TrimPrefix(args.TypeToken, "aws:"), "/")
	if !state.HasValue("arn") && strings.HasPrefix(args.TypeToken, "aws:") {
		state["arn"] = resource.NewProperty("arn:aws:" + service + ":eu-west-1:123456789012:" + args.Name)
	}
	if !state.HasValue("name") {
		state["name"] = resource.NewProperty(args.Name)
	}
	if r.outputs != nil {
		for key, value := range resource.NewPropertyMapFromMap(r.outputs(d)) {
			state[key] = value
		}
	}
	return args.Name + "-id", state, nil
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	d := Declared{Type: string(tokens.ModuleMember(args.Token)), Inputs: args.Args}
	if r.outputs == nil {
		return resource.PropertyMap{}, nil
	}
	return resource.NewPropertyMapFromMap(r.outputs(d)), nil
}
