package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// deletionProtections are the properties by which AWS's services refuse to delete a resource:
// databases, load balancers, and the rest.
var deletionProtections = []string{"deletionProtection", "enableDeletionProtection", "deletionProtectionEnabled"}

// refuses says whether an input keeps its resource from being deleted.
func refuses(name string, value any) bool {
	return slices.Contains(deletionProtections, name) && value == true
}

// Protected lists the resources of the stack that refuse to be deleted: by Pulumi's protection, or
// by the cloud's.
func (e *Engine) Protected() ([]string, error) {
	state, _, err := e.deployment()
	if err != nil {
		return nil, err
	}
	paths := newCollector("")
	for _, r := range state.Resources {
		paths.parents[string(r.URN)] = string(r.Parent)
	}
	var protected []string
	for _, r := range state.Resources {
		guarded := r.Protect
		for name, value := range r.Inputs {
			guarded = guarded || refuses(name, value)
		}
		if guarded {
			protected = append(protected, fmt.Sprintf("%s (%s)", paths.path(string(r.URN)), r.Type))
		}
	}
	return protected, nil
}

// Unprotect lifts every protection, as a person does who means to take an environment down: by
// deploying it once more, without them. Nothing is to be retained then, and buckets go with what is
// in them. It is for the twin only, as all of this package is.
func (e *Engine) Unprotect(ctx context.Context, observe Observer) (Outcome, error) {
	ws := e.stack.Workspace()
	program := ws.Program()
	ws.SetProgram(unprotected(program))
	defer ws.SetProgram(program)
	return e.Up(ctx, observe)
}

// unprotected is the program with every protection taken off what it declares.
func unprotected(program pulumi.RunFunc) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		err := ctx.RegisterResourceTransform(func(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
			for name := range args.Props {
				if slices.Contains(deletionProtections, name) {
					args.Props[name] = pulumi.Bool(false)
				}
			}
			if _, bucket := args.Props["forceDestroy"]; bucket { // a bucket is otherwise not deleted with what is in it
				args.Props["forceDestroy"] = pulumi.Bool(true)
			}
			args.Opts.Protect, args.Opts.RetainOnDelete = false, false
			return &pulumi.ResourceTransformResult{Props: args.Props, Opts: args.Opts}
		})
		if err != nil {
			return fmt.Errorf("lifting the protections: %w", err)
		}
		return program(ctx)
	}
}
