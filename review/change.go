package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Change is what would happen to one resource.
type Change struct {
	URN    string       `json:"urn"`
	Action graph.Action `json:"action"`
	Type   string       `json:"type"`
	// Path is where the program declares it: the components that hold it, outermost first, then the resource's own name.
	Path []string `json:"path"`
	// Differences are what differs in what was asked for, first what forces a replacement.
	Differences []Difference `json:"differences,omitempty"`
	// DeletedFirst says, of a replacement, that the old one is deleted before the new one exists.
	DeletedFirst bool `json:"deletedFirst,omitempty"`
	// Caused names the resource whose replacement replaces or changes this one, whatever else of it differs.
	Caused string `json:"caused,omitempty"`
}

var actions = []graph.Action{graph.Replace, graph.Delete, graph.Update, graph.Create, graph.Import}

// changes are a preview's changes to what a cloud holds, in a reviewer's order.
func changes(p *graph.Preview) []Change {
	known := names(p)
	made := 0
	for _, c := range p.Changes {
		if c.Action == graph.Create && c.After.Custom {
			made++
		}
	}
	var all []Change
	for _, c := range p.Changes {
		r := either(c)
		if !r.Custom || strings.HasPrefix(r.Type, providers) && (c.Action == graph.Update || p.Before == nil) {
			continue
		}
		change := Change{URN: c.URN, Action: c.Action, Type: r.Type, Path: path(p, r), DeletedFirst: c.DeletedFirst}
		if c.Before != nil && c.After != nil {
			change.Differences = changed(c)
		} else if c.Action == graph.Create && made <= described {
			change.Differences = inputsOf(c.After)
		}
		for i := range change.Differences {
			change.Differences[i].name(known)
		}
		all = append(all, change)
	}
	follow(p, all)
	slices.SortStableFunc(all, func(a, b Change) int {
		return cmp.Or(slices.Index(actions, a.Action)-slices.Index(actions, b.Action), slices.Compare(a.Path, b.Path))
	})
	return all
}

// providers begins the type of one: where a new one deploys, and where what goes did, is told.
const providers = "pulumi:providers:"

// described is the largest number of new resources that are still shown with their inputs.
const described = 12

// inputsOf is what a new resource is made with, but for what every resource has and what nobody wrote.
func inputsOf(r *graph.Resource) (all []Difference) {
	for _, key := range slices.Sorted(maps.Keys(r.Inputs)) {
		if !slices.Contains([]string{"name", "namePrefix", "description", "tags"}, key) && !slices.Contains(r.Defaulted, key) {
			_, after := inTexts("", brief(r.Inputs[key]))
			all = append(all, Difference{Path: key, After: after})
		}
	}
	return all
}

// either is the resource as it would be or, if it is deleted, as it is.
func either(c graph.Change) *graph.Resource {
	if c.After != nil {
		return c.After
	}
	return c.Before
}

// changed is what differs in a resource: its inputs, its protection, and what only the provider knows to differ.
func changed(c graph.Change) []Difference {
	all := inMaps("", c.Before.Inputs, c.After.Inputs)
	if c.Before.Protect != c.After.Protect {
		all = append(all, Difference{Path: "protect", Before: brief(c.Before.Protect), After: brief(c.After.Protect)})
	}
	for _, path := range slices.Concat(c.Forces, c.Properties) {
		told := func(d Difference) bool { return root(d.Path) == root(path) }
		if slices.Contains(derived, root(path)) || slices.ContainsFunc(all, told) {
			continue
		}
		if _, asked := c.After.Inputs[root(path)]; c.Action == graph.Replace && !asked && !slices.Contains(c.Forces, path) {
			continue // what the cloud computes of the new one
		}
		before, _ := c.Before.Output(path)
		all = append(all, Difference{Path: path, Before: brief(before), After: foretold(c.After, path)})
	}
	for i := range all {
		all[i].Forces = slices.ContainsFunc(c.Forces, func(path string) bool { return forces(path, all[i].Path) })
	}
	all = slices.DeleteFunc(all, func(d Difference) bool { // what replaces another has a name that is made anew
		return c.Action == graph.Replace && !d.Forces && slices.Contains(c.Before.Defaulted, d.Path) &&
			slices.Contains(c.After.Defaulted, d.Path)
	})
	slices.SortStableFunc(all, func(a, b Difference) int {
		if a.Forces != b.Forces {
			return map[bool]int{true: -1, false: 1}[a.Forces]
		}
		return strings.Compare(a.Path, b.Path)
	})
	return all
}

func foretold(r *graph.Resource, path string) string {
	if value, ok := r.Get(path); ok {
		return brief(value)
	}
	return brief(graph.Unknown{})
}

// forces says whether changing the property at a path forces a replacement. The provider counts a list's elements where a
// difference may name them, so only what leads to them is compared.
func forces(forced, path string) bool {
	if outer, _, inList := strings.Cut(forced, "["); inList {
		return path == outer || strings.HasPrefix(path, outer+".") || strings.HasPrefix(path, outer+"[")
	}
	return path == forced || strings.HasPrefix(path, forced+".") || strings.HasPrefix(path, forced+"[") ||
		strings.HasPrefix(forced, path+".")
}

// root is the property that a path begins with.
func root(path string) string {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return path
}

// derived are outputs that repeat what inputs say.
var derived = []string{"tagsAll"}

// follow finds the changes that have no cause but another resource's replacement, and the resource at the start of each
// chain.
func follow(p *graph.Preview, all []Change) {
	replaced := map[string]*Change{}
	for i := range all {
		if all[i].Action == graph.Replace {
			replaced[all[i].URN] = &all[i]
		}
	}
	causes := map[string]string{}
	for i := range all {
		c := &all[i]
		if after := p.After.ByURN(c.URN); after != nil && c.follows() {
			causes[c.URN] = cause(after, replaced)
		}
	}
	for i := range all {
		first := causes[all[i].URN]
		for range len(all) {
			if causes[first] == "" {
				break
			}
			first = causes[first]
		}
		if first != "" && first != all[i].URN {
			all[i].Caused = first[strings.LastIndex(first, ":")+1:]
		}
	}
}

// follows says that a replacement would be one for another's sake alone, and of an update that all of it is.
func (c *Change) follows() bool {
	switch c.Action {
	case graph.Replace:
		forcing := slices.DeleteFunc(slices.Clone(c.Differences), func(d Difference) bool { return !d.Forces })
		return len(forcing) == 0 || slices.ContainsFunc(forcing, unknowable)
	case graph.Update:
		return !slices.ContainsFunc(c.Differences, func(d Difference) bool { return !unknowable(d) })
	}
	return false
}

// unknowable says that a value comes from a resource that does not exist yet, or came from one that is going.
func unknowable(d Difference) bool { return d.After == brief(graph.Unknown{}) || d.After == "" }

// cause is the URN of a replaced resource that this one takes a value from.
func cause(r *graph.Resource, replaced map[string]*Change) string {
	var found []string
	for _, urns := range r.PropertyDependencies {
		for _, urn := range urns {
			if replaced[urn] != nil && urn != r.URN {
				found = append(found, urn)
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return found[0]
}

// names are resources' names by the ids and ARNs by which others refer to them.
func names(p *graph.Preview) map[string]string {
	all := map[string]string{}
	for _, g := range []*graph.Graph{p.Before, p.After} {
		if g == nil {
			continue
		}
		for _, r := range g.Resources {
			arn, _ := r.Outputs["arn"].(string)
			for _, id := range []string{r.ID, arn} {
				if len(id) > 8 && strings.ContainsAny(id, "-:") && !strings.HasPrefix(r.Type, "pulumi:") {
					all[id] = r.Name
				}
			}
		}
	}
	return all
}

// path is the names of the components that hold a resource, then its own.
func path(p *graph.Preview, r *graph.Resource) []string {
	names := []string{r.Name}
	for urn := r.Parent; urn != ""; {
		parent := p.After.ByURN(urn)
		if parent == nil && p.Before != nil {
			parent = p.Before.ByURN(urn)
		}
		if parent == nil || parent.Parent == "" {
			break
		}
		names = append(names, parent.Name)
		urn = parent.Parent
	}
	slices.Reverse(names)
	return slices.Compact(names)
}
