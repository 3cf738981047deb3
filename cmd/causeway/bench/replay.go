package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/graph"
)

// replay declares the resources of a deployed stack again: the same types and names under the same parents, with their
// final inputs as plain values, each after those it waited for. It is the floor for resources of that size; what exceeds
// it is how the program arrives at its inputs.
func replay(g *graph.Graph) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		r := replayer{ctx: ctx, graph: g, made: map[string]pulumi.Resource{}}
		for _, resource := range g.Resources {
			if _, err := r.declare(resource); err != nil {
				return err
			}
		}
		return nil
	}
}

type replayer struct {
	ctx   *pulumi.Context
	graph *graph.Graph
	made  map[string]pulumi.Resource // by URN; nil for the stack itself, which is not replayed
}

// declare declares a resource after its parent, its provider and what it waits for.
func (r *replayer) declare(of *graph.Resource) (pulumi.Resource, error) {
	if of == nil || of == r.graph.Root() {
		return nil, nil
	}
	if made, done := r.made[of.URN]; done {
		return made, nil
	}
	options, err := r.options(of)
	if err != nil {
		return nil, err
	}
	inputs := pulumi.Map{}
	for _, name := range slices.Sorted(maps.Keys(of.Inputs)) {
		if inputs[name], err = input(of.Inputs[name]); err != nil {
			return nil, fmt.Errorf("replaying %s of %s: %w", name, of.URN, err)
		}
	}
	var made pulumi.Resource
	switch {
	case isProvider(of):
		p := &pulumi.ProviderResourceState{}
		made, err = p, r.ctx.RegisterResource(of.Type, of.Name, inputs, p, options...)
	case of.Custom:
		c := &pulumi.CustomResourceState{}
		made, err = c, r.ctx.RegisterResource(of.Type, of.Name, inputs, c, options...)
	default:
		c := &pulumi.ResourceState{}
		made, err = c, r.ctx.RegisterComponentResource(of.Type, of.Name, c, options...)
	}
	if err != nil {
		return nil, fmt.Errorf("replaying %s: %w", of.URN, err)
	}
	r.made[of.URN] = made
	return made, nil
}

func (r *replayer) options(of *graph.Resource) ([]pulumi.ResourceOption, error) {
	options := []pulumi.ResourceOption{pulumi.Protect(of.Protect), pulumi.IgnoreChanges(of.IgnoreChanges)}
	parent, err := r.declare(r.graph.ByURN(of.Parent))
	if err != nil {
		return nil, err
	}
	if parent != nil {
		options = append(options, pulumi.Parent(parent))
	}
	provider, err := r.declare(r.graph.ByURN(of.Provider))
	if err != nil {
		return nil, err
	}
	if p, ok := provider.(pulumi.ProviderResource); ok {
		options = append(options, pulumi.Provider(p))
	}
	var after []pulumi.Resource
	for _, urn := range of.Dependencies {
		if other := r.graph.ByURN(urn); other.Custom {
			made, err := r.declare(other)
			if err != nil {
				return nil, err
			}
			after = append(after, made)
		}
	}
	return append(options, pulumi.DependsOn(after)), nil
}

// input is a recorded value as a program would write it.
func input(v any) (pulumi.Input, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case string:
		return pulumi.String(x), nil
	case bool:
		return pulumi.Bool(x), nil
	case float64:
		return pulumi.Float64(x), nil
	case graph.Asset:
		return pulumi.NewFileAsset(x.Path), nil
	case []any:
		list := make(pulumi.Array, len(x))
		for i, element := range x {
			var err error
			if list[i], err = input(element); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return list, nil
	case map[string]any:
		m := make(pulumi.Map, len(x))
		for key, element := range x {
			var err error
			if m[key], err = input(element); err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
		}
		return m, nil
	}
	return nil, fmt.Errorf("a state does not tell a %T", v)
}
