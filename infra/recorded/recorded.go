// Package recorded collects what a program declares, without an engine and before anything exists. It serves limits
// that show only in what is declared, such as the length of user data or of a policy, and tests that ask "what was
// declared". How the clouds respond is tested on the twin.
package recorded

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Resource is one resource that a program registered, or one question that it asked a cloud.
type Resource struct {
	Type, Name string
	Inputs     resource.PropertyMap
	Options    *pulumirpc.RegisterResourceRequest
}

// Plain is a resource's inputs as plain Go values: maps, slices, strings, float64 and bool, with outputs and secrets
// unwrapped.
func (r Resource) Plain() map[string]any {
	return r.Inputs.MapRepl(nil, func(v resource.PropertyValue) (any, bool) {
		switch {
		case v.IsSecret():
			return v.SecretValue().Element.V, true
		case v.IsOutput():
			return v.OutputValue().Element.V, true
		}
		return nil, false
	})
}

// Run runs program and returns what it declared, sorted by type and then by name. outputs is asked for outputs that
// the program reads, other than id, arn and name; it may be nil.
func Run(outputs func(Resource) map[string]any, program pulumi.RunFunc) ([]Resource, error) {
	r := &recorder{outputs: outputs, urns: map[string]bool{}}
	// It is a preview, because nothing can be asked of a cloud that does not exist yet.
	ctx, err := pulumi.NewContext(context.Background(), pulumi.RunInfo{Project: "causeway", Stack: "test", Mocks: r, DryRun: true})
	if err != nil {
		return nil, err
	}
	err = errors.Join(pulumi.RunWithContext(ctx, program), ctx.Close())
	slices.SortFunc(r.declared, func(a, b Resource) int {
		return strings.Compare(a.Type+a.Name, b.Type+b.Name)
	})
	return r.declared, err
}

type recorder struct {
	mu       sync.Mutex
	outputs  func(Resource) map[string]any
	declared []Resource
	urns     map[string]bool
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	d := Resource{Type: args.TypeToken, Name: args.Name, Inputs: args.Inputs, Options: args.RegisterRPC}
	if err := r.add(d); err != nil {
		return "", nil, err
	}
	state := args.Inputs.Copy()
	service, _, _ := strings.Cut(strings.TrimPrefix(args.TypeToken, "aws:"), "/")
	if !state.HasValue("arn") && strings.HasPrefix(args.TypeToken, "aws:") {
		state["arn"] = resource.NewProperty("arn:aws:" + service + ":eu-west-1:123456789012:" + args.Name)
	}
	if !state.HasValue("name") {
		state["name"] = resource.NewProperty(args.Name)
	}
	for key, value := range r.asked(d) {
		state[key] = value
	}
	return args.Name + "-id", state, nil
}

// add records a resource. Like the engine, it refuses a second one of a type and a name below the same types.
func (r *recorder) add(d Resource) error {
	parents := strings.Split(d.Options.GetParent(), "::")
	urn := fmt.Sprint(parents[max(0, len(parents)-2)], d.Type, "::", d.Name)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.urns[urn] {
		return fmt.Errorf("%s %s is declared twice", d.Type, d.Name)
	}
	r.urns[urn] = true
	r.declared = append(r.declared, d)
	return nil
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return r.asked(Resource{Type: args.Token, Inputs: args.Args}), nil
}

func (r *recorder) asked(d Resource) resource.PropertyMap {
	if r.outputs == nil {
		return resource.PropertyMap{}
	}
	return resource.NewPropertyMapFromMap(r.outputs(d))
}
