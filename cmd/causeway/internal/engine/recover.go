package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// deployment is the stack's state, and the envelope that it is exported in.
func (e *Engine) deployment(ctx context.Context) (apitype.DeploymentV3, apitype.UntypedDeployment, error) {
	exported, err := e.stack.Export(ctx)
	if err != nil {
		return apitype.DeploymentV3{}, exported, e.failed(ctx, "reading the state", err)
	}
	var state apitype.DeploymentV3
	if err := json.Unmarshal(exported.Deployment, &state); err != nil {
		return apitype.DeploymentV3{}, exported, fmt.Errorf("reading the state: %w", err)
	}
	return state, exported, nil
}

// Recover settles what a killed run left open. The engine notes what it is about to do, so after a
// kill the state has operations of which it does not know the end, and every later run would warn of
// them and could make things twice. made finds the id of what exists for a URN: a creation that did
// happen is taken into the state, one that did not is forgotten, and the rest is read again.
func (e *Engine) Recover(ctx context.Context, made func(urn string) (id string, exists bool)) error {
	state, exported, err := e.deployment(ctx)
	open := len(state.PendingOperations)
	if err != nil || open == 0 {
		return err
	}
	adopted := settle(&state, made)
	if err := e.replaceState(ctx, exported, state); err != nil {
		return fmt.Errorf("settling what a killed run left open: %w", err)
	}
	outcome, err := e.Refresh(ctx, nil)
	if err != nil {
		for _, p := range outcome.Problems {
			err = fmt.Errorf("%w: %s", err, p.Message)
		}
		return fmt.Errorf("settling what a killed run left open: %w", err)
	}
	e.options.Notice(fmt.Sprintf("settled %d operations that a killed run had left open; of these, %d had made a resource, which is kept",
		open, adopted))
	return nil
}

// Known are the resources in the state, each as its URN, a space and its id.
func (e *Engine) Known(ctx context.Context) (map[string]bool, error) {
	state, _, err := e.deployment(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, r := range state.Resources {
		known[string(r.URN)+" "+string(r.ID)] = true
	}
	return known, nil
}

// settle takes the creations that happened into the state, forgets all open operations, and says how
// many it took. Refreshing afterwards fills in the rest. (The engine's own --import-pending-creates
// notes that an import is pending, and then does not do it: seen with 3.259.)
func settle(state *apitype.DeploymentV3, made func(urn string) (string, bool)) (adopted int) {
	known := map[string]bool{}
	for _, r := range state.Resources {
		known[string(r.URN)+" "+string(r.ID)] = true
	}
	for _, op := range state.PendingOperations {
		if op.Type != apitype.OperationTypeCreating {
			continue
		}
		r := op.Resource
		id, exists := made(string(r.URN))
		if !exists || known[string(r.URN)+" "+id] {
			continue
		}
		r.ID = resource.ID(id)
		state.Resources = append(state.Resources, r) // what it depends on was made before, and is above
		adopted++
	}
	state.PendingOperations = nil
	return adopted
}

func (e *Engine) replaceState(ctx context.Context, exported apitype.UntypedDeployment, state apitype.DeploymentV3) error {
	b, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	exported.Deployment = b
	if err := e.stack.Import(ctx, exported); err != nil {
		return e.failed(ctx, "writing the state", err)
	}
	return nil
}
