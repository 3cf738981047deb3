package graph

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Preview is a planned change: a stack as it is, as it would be, and what changes.
type Preview struct {
	// Before is nil if there is no stack yet. It contains no outputs of the stack and of components.
	Before *Graph
	// After is the stack as it would be, as FromPreview reads it.
	After *Graph
	// Changes are the resources that change, components included, ascending by URN.
	Changes []Change
	// Refused are the reasons why the change's deployment would be refused, if the program was asked to go on for a
	// preview.
	Refused []string
	// Config is the stack's settings, such as "causeway:protect", with structured ones as JSON. Secrets are not among
	// them.
	Config map[string]string
}

// Action is what happens to a resource.
type Action string

// The actions, in the order that a reviewer wants to see them in.
const (
	Replace Action = "replace"
	Delete  Action = "delete"
	Update  Action = "update"
	Create  Action = "create"
	Import  Action = "import"
)

// Change is what would happen to one resource.
type Change struct {
	URN    string
	Action Action
	// Before is nil for a resource that is made, and After for one that is deleted.
	Before, After *Resource
	// Forces are the properties whose change forces a replacement, sorted. They are empty if something else does,
	// such as the replacement of a resource that it depends on.
	Forces []string
	// Properties are the paths that differ according to the provider, sorted.
	Properties []string
	// DeletedFirst says that a replacement deletes the old resource before it makes the new one.
	DeletedFirst bool
}

// ReadPreview reads what `pulumi preview --json --show-sames` writes, under the conditions of FromPreview, together
// with the stack before. An updated resource keeps the properties that nobody asked for, unless a step says that they
// differ or a resource that takes them waits for them. Providers plan updates in the same way: a preview tells what
// changes, not what could have.
func ReadPreview(r io.Reader) (*Preview, error) {
	p, err := readPreview(r)
	if err != nil {
		return nil, fmt.Errorf("reading a preview: %w", err)
	}
	return p, nil
}

// ReadPreviewOf reads a preview that may leave out unchanged resources, and takes those from the stack's exported
// state.
func ReadPreviewOf(preview, exported io.Reader) (*Preview, error) {
	var d digest
	err := decodeOne(preview, &d)
	if err == nil {
		err = d.fill(exported)
	}
	if err == nil {
		err = d.whole()
	}
	if err != nil {
		return nil, fmt.Errorf("reading a preview of an exported state: %w", err)
	}
	p, err := d.preview()
	if err != nil {
		return nil, fmt.Errorf("reading a preview of an exported state: %w", err)
	}
	return p, nil
}

// fill adds the unchanged resources from the state.
func (d *digest) fill(exported io.Reader) error {
	var export struct{ Deployment apitype.DeploymentV3 }
	if err := json.NewDecoder(exported).Decode(&export); err != nil {
		return fmt.Errorf("the state: %w", err)
	}
	told, same := map[resource.URN]bool{}, 0
	for _, s := range d.Steps {
		told[s.URN] = true
		if s.Op == "same" && !isDefaultProvider(s.URN) {
			same++
		}
	}
	for i := range export.Deployment.Resources {
		r := &export.Deployment.Resources[i]
		if r.Delete || told[r.URN] {
			continue
		}
		d.Steps = append(d.Steps, step{Op: "same", URN: r.URN, OldState: r, NewState: r})
		if !isDefaultProvider(r.URN) {
			same++
		}
	}
	if n := d.ChangeSummary["same"]; n != same {
		return fmt.Errorf("%d resources stay by the preview, and %d by the state: export the state that was previewed", n, same)
	}
	return nil
}

func readPreview(r io.Reader) (*Preview, error) {
	d, err := readDigest(r)
	if err != nil {
		return nil, err
	}
	return d.preview()
}

func (d *digest) preview() (*Preview, error) {
	d.continued = true
	after, err := d.after()
	if err != nil {
		return nil, err
	}
	before, err := d.stackBefore()
	if err != nil {
		return nil, err
	}
	return &Preview{Before: before, After: after, Changes: d.changes(before, after), Refused: d.refused(), Config: d.Config}, nil
}

// Refused begins a warning in which the program says why a deployment would be refused.
const Refused = "refused: "

func (d *digest) refused() []string {
	var all []string
	for _, diagnostic := range d.Diagnostics {
		text := strings.TrimPrefix(strings.TrimSpace(inColour.ReplaceAllString(diagnostic.Message, "")), "warning: ")
		if why, ok := strings.CutPrefix(text, Refused); ok && diagnostic.Severity == "warning" {
			for line := range strings.Lines(why) {
				all = append(all, strings.TrimSpace(line))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// inColour matches the engine's colour markers in a text.
var inColour = regexp.MustCompile(`<\{%[^%]*%\}>`)

// stackBefore returns the whole stack as it is, which every preview that shows unchanged resources contains; nil if
// there is none.
func (d *digest) stackBefore() (*Graph, error) {
	g := &Graph{}
	seen := map[resource.URN]bool{}
	for _, s := range d.Steps {
		if s.OldState == nil || seen[s.URN] && !left(s) {
			continue
		}
		r, err := newResource(*s.OldState)
		if err != nil {
			return nil, err
		}
		if left(s) {
			g.Leftovers = append(g.Leftovers, r)
			continue
		}
		seen[s.URN] = true
		g.Resources = append(g.Resources, r)
	}
	if len(g.Resources) == 0 {
		return nil, nil
	}
	return g, g.finish()
}

// left reports whether a step deletes what an earlier replacement left behind. The engine marks what this deployment
// would leave in the same way, in steps that replace.
func left(s step) bool { return s.Op == "delete" && s.OldState != nil && s.OldState.Delete }

// changes gathers the steps of each resource.
func (d *digest) changes(before, after *Graph) []Change {
	found := map[string]*Change{}
	for _, s := range d.Steps {
		action, changes := actions[s.Op]
		if !changes || left(s) {
			continue
		}
		c := found[string(s.URN)]
		if c == nil {
			c = &Change{URN: string(s.URN), Action: action, After: after.ByURN(string(s.URN))}
			if before != nil && action != Create {
				c.Before = before.ByURN(c.URN)
			}
			if action == Delete {
				c.After = nil
			}
			c.DeletedFirst = s.Op == "delete-replaced"
			found[c.URN] = c
		}
		c.note(s)
	}
	var all []Change
	for _, c := range found {
		slices.Sort(c.Forces)
		slices.Sort(c.Properties)
		c.Forces, c.Properties = slices.Compact(c.Forces), slices.Compact(c.Properties)
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Change) int { return strings.Compare(a.URN, b.URN) })
	return all
}

// actions are the steps that change something.
var actions = map[string]Action{
	"create": Create, "update": Update, "delete": Delete, "import": Import,
	"replace": Replace, "create-replacement": Replace, "delete-replaced": Replace, "import-replacement": Replace,
	"discard": Delete,
}

// note records what a step says about the properties. The engine names them in three ways, the last being the oldest.
func (c *Change) note(s step) {
	for path, diff := range s.DetailedDiff {
		c.Properties = append(c.Properties, path)
		if strings.HasSuffix(diff.Kind, "-replace") {
			c.Forces = append(c.Forces, path)
		}
	}
	c.Forces = append(c.Forces, s.ReplaceReasons...)
	c.Properties = append(append(c.Properties, s.DiffReasons...), s.ReplaceReasons...)
	if len(s.DetailedDiff) > 0 {
		// A reason that is given in detail is not repeated by its first word.
		detailed := func(reason string) bool {
			for path := range s.DetailedDiff {
				if path != reason && strings.HasPrefix(path, reason) && strings.ContainsAny(path[len(reason):][:1], ".[") {
					return true
				}
			}
			return false
		}
		c.Forces = slices.DeleteFunc(c.Forces, detailed)
		c.Properties = slices.DeleteFunc(c.Properties, detailed)
	}
}
