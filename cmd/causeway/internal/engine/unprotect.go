package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// deletionProtections are the properties by which AWS's services refuse to delete a resource: databases, load balancers
// and others.
var deletionProtections = []string{"deletionProtection", "enableDeletionProtection", "deletionProtectionEnabled"}

// refuses says whether an input keeps its resource from being deleted.
func refuses(name string, value any) bool {
	return slices.Contains(deletionProtections, name) && value == true
}

// Protected lists the resources of the stack that refuse to be deleted: by Pulumi's protection, or by the cloud's.
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

// Lift removes every protection from what exists, whatever the program and its settings now say: Pulumi's in the state,
// and the cloud's through disable, which turns a property off. Retained resources stay retained, and a bucket with
// something in it is still not deleted: neither is a protection.
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

// Retained is what stays in the cloud when it leaves the state, each as its URN, a space and its id: what the state says
// now, and what it said in earlier runs, as far as it still exists. It is recorded, since a run that continues a killed
// one no longer finds it in the state.
func (e *Engine) Retained(exists func(urn, id string) bool) (map[string]bool, error) {
	state, _, err := e.deployment()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(e.places.work, "retained")
	noted, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading what is retained: %w", err)
	}
	retained := map[string]bool{}
	for line := range strings.Lines(string(noted)) {
		line = strings.TrimSpace(line)
		if urn, id, ok := strings.Cut(line, " "); ok && exists(urn, id) {
			retained[line] = true
		}
	}
	for _, r := range state.Resources {
		if r.RetainOnDelete {
			retained[string(r.URN)+" "+string(r.ID)] = true
		}
	}
	lines := strings.Join(slices.Sorted(maps.Keys(retained)), "\n") + "\n"
	return retained, replace(file, []byte(lines))
}
