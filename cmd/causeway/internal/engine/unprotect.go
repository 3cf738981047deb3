package engine

import (
	"fmt"
	"slices"
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

// Lift takes every protection off what exists, whatever the program and its settings say by now: Pulumi's in
// the state, and the cloud's by disable, which turns a property of a resource off. What is retained stays so,
// and a bucket with something in it is not deleted: neither is a protection.
func (e *Engine) Lift(disable func(typ, id, property string) error) error {
	state, _, err := e.deployment()
	if err != nil {
		return err
	}
	for i := range state.Resources {
		r := &state.Resources[i]
		r.Protect = false
		for name, value := range r.Inputs {
			if !refuses(name, value) {
				continue
			}
			if err := disable(string(r.Type), string(r.ID), name); err != nil {
				return fmt.Errorf("lifting the protection of %s: %w", r.URN.Name(), err)
			}
			r.Inputs[name] = false
			if _, told := r.Outputs[name]; told {
				r.Outputs[name] = false
			}
		}
	}
	return e.replaceDeployment(state)
}

// Retained are the URNs of what is to stay in the cloud when it leaves the state.
func (e *Engine) Retained() (map[string]bool, error) {
	state, _, err := e.deployment()
	if err != nil {
		return nil, err
	}
	retained := map[string]bool{}
	for _, r := range state.Resources {
		if r.RetainOnDelete {
			retained[string(r.URN)] = true
		}
	}
	return retained, nil
}
