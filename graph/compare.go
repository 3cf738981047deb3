package graph

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Compare returns what changes between a stack as `pulumi stack export` writes it and as a preview would leave it. It
// is for readers that see only the two and not the steps between, such as a policy pack. It cannot tell which
// property forces a replacement, nor whether the old or the new resource exists first. An interrupted deployment is
// no obstacle, since the next one completes it.
func Compare(exported io.Reader, after *Graph) (*Preview, error) {
	var export struct{ Deployment apitype.DeploymentV3 }
	if err := json.NewDecoder(exported).Decode(&export); err != nil {
		return nil, fmt.Errorf("reading an exported state: %w", err)
	}
	before := &Graph{}
	for _, state := range export.Deployment.Resources {
		if state.Delete || state.PendingReplacement {
			continue // an earlier decision deleted it, or will
		}
		r, err := newResource(state)
		if err != nil {
			return nil, fmt.Errorf("reading an exported state: %w", err)
		}
		before.Resources = append(before.Resources, r)
	}
	p := &Preview{After: after}
	if len(before.Resources) == 0 {
		return p, nil
	}
	before.index()
	before.gatherSettings()
	before.Stack, before.Project = after.Stack, after.Project
	p.Before = before
	for _, r := range before.Resources {
		if c, changes := compared(r, after.continuing(r)); changes {
			p.Changes = append(p.Changes, c)
		}
	}
	slices.SortFunc(p.Changes, func(a, b Change) int { return strings.Compare(a.URN, b.URN) })
	return p, nil
}

// continuing is what a resource becomes: through an alias it may have another name, but it keeps its id.
func (g *Graph) continuing(r *Resource) *Resource {
	if same := g.ByURN(r.URN); same != nil {
		return same
	}
	for _, candidate := range g.ByType(r.Type) {
		if r.ID != "" && candidate.ID == r.ID {
			return candidate
		}
	}
	return nil
}

func compared(before, after *Resource) (Change, bool) {
	c := Change{URN: before.URN, Before: before, After: after}
	switch {
	case before.External:
		return c, false // it was only read
	case after == nil:
		c.Action = Delete
	case after.Custom && after.Planned:
		c.Action = Replace
	case before.Protect != after.Protect || !reflect.DeepEqual(before.Inputs, after.Inputs):
		c.Action = Update
	default:
		return c, false
	}
	return c, true
}
