package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Made is what exists for a URN.
type Made struct {
	ID      string
	Outputs map[string]any
	Partial bool // some outputs are secrets or files: the engine must read them
}

// Recover settles what a killed run left open. The engine records what it is about to do, so after a kill the state holds
// operations whose end it does not know, and every later run would warn about them and could create things twice. made
// finds what exists for a URN, newest first: a creation that happened goes into the state, one that did not is forgotten,
// and so are deletions. Where doubt remains, the resource is read again.
func (e *Engine) Recover(ctx context.Context, made func(urn string) []Made) error {
	state, _, err := e.deployment()
	open := len(state.PendingOperations)
	if err != nil || open == 0 {
		return err
	}
	adopted, unsure := settle(&state, made)
	if err := e.replaceDeployment(state); err != nil {
		return fmt.Errorf("settling what a killed run left open: %w", err)
	}
	if len(unsure) > 0 {
		if err := e.ReadAgain(ctx, unsure...); err != nil {
			return fmt.Errorf("settling what a killed run left open: %w", err)
		}
	}
	e.options.Notice(fmt.Sprintf("settled %d operations that a killed run had left open; of these, %d had made a resource, which is kept",
		open, adopted))
	return nil
}

// ReadAgain makes the state of these resources, or of all if there are none, what the providers say they are.
func (e *Engine) ReadAgain(ctx context.Context, urns ...string) error {
	outcome, err := e.Refresh(ctx, nil, urns...)
	if err != nil {
		for _, p := range outcome.Problems {
			err = fmt.Errorf("%w: %s", err, p.Message)
		}
	}
	return err
}

// Known are the resources in the state, each as its URN and as its URN, a space and its id.
func (e *Engine) Known() (map[string]bool, error) {
	state, _, err := e.deployment()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, r := range state.Resources {
		known[string(r.URN)] = true
		known[string(r.URN)+" "+string(r.ID)] = true
	}
	return known, nil
}

// settle moves creations that happened into the state and deletions out of it, and forgets all open operations. It
// returns how many it moved, and whose state may be wrong now: refreshing those puts it right. (The engine's own
// --import-pending-creates notes that an import is pending and then does not do it: seen with 3.259.)
func settle(state *apitype.DeploymentV3, made func(urn string) []Made) (adopted int, unsure []string) {
	for _, op := range state.PendingOperations {
		r, urn := op.Resource, string(op.Resource.URN)
		switch at := indexOf(state, r); {
		case op.Type == apitype.OperationTypeUpdating: // noted without the id (seen with 3.259)
			if slices.ContainsFunc(state.Resources, func(x apitype.ResourceV3) bool { return x.URN == r.URN }) {
				unsure = append(unsure, urn)
			}
		case op.Type == apitype.OperationTypeCreating:
			m, exists := unknown(state, r, made(urn))
			if !exists {
				continue
			}
			if r.ID, r.Outputs = resource.ID(m.ID), m.Outputs; m.Partial || marked(r.Inputs) {
				unsure = append(unsure, urn)
			}
			supersede(state, r.URN)
			state.Resources = append(state.Resources, r) // what it depends on was made before, and is above
			adopted++
		case at < 0: // it was only being read
		case op.Type == apitype.OperationTypeDeleting &&
			!slices.ContainsFunc(made(urn), func(m Made) bool { return m.ID == string(r.ID) }) && !referred(state, r):
			state.Resources = slices.Delete(state.Resources, at, at+1)
		default:
			unsure = append(unsure, urn)
		}
	}
	state.PendingOperations = nil
	return adopted, unsure
}

// unknown is the newest of what exists that the state does not know.
func unknown(state *apitype.DeploymentV3, r apitype.ResourceV3, made []Made) (Made, bool) {
	i := slices.IndexFunc(made, func(m Made) bool {
		r.ID = resource.ID(m.ID)
		return indexOf(state, r) < 0
	})
	if i < 0 {
		return Made{}, false
	}
	return made[i], true
}

// supersede does what the engine does once a replacement exists: the resource it replaces is to be deleted or, if it was
// deleted first, forgotten.
func supersede(state *apitype.DeploymentV3, urn resource.URN) {
	state.Resources = slices.DeleteFunc(state.Resources, func(x apitype.ResourceV3) bool { return x.URN == urn && x.PendingReplacement })
	for i := range state.Resources {
		if x := &state.Resources[i]; x.URN == urn {
			x.Delete = true
		}
	}
}

// indexOf is where a resource is in the state, or -1.
func indexOf(state *apitype.DeploymentV3, r apitype.ResourceV3) int {
	return slices.IndexFunc(state.Resources, func(x apitype.ResourceV3) bool { return x.URN == r.URN && x.ID == r.ID })
}

// referred says whether another resource of the state names this one.
func referred(state *apitype.DeploymentV3, r apitype.ResourceV3) bool {
	return slices.ContainsFunc(state.Resources, func(x apitype.ResourceV3) bool {
		for _, urns := range x.PropertyDependencies {
			if slices.Contains(urns, r.URN) {
				return true
			}
		}
		return x.Parent == r.URN || x.DeletedWith == r.URN || slices.Contains(x.Dependencies, r.URN)
	})
}

// marked says whether a value contains one that the state writes in a special form: a secret or a file.
func marked(v any) bool {
	switch x := v.(type) {
	case map[string]any:
		if _, is := x[resource.SigKey]; is {
			return true
		}
		for _, inner := range x {
			if marked(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(x, marked)
	}
	return false
}
