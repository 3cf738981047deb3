package brain

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// Diff implements Brain. Like the real providers it compares the new inputs with the state, so that what changed behind
// Pulumi's back shows once a refresh has seen it.
func (b *Builtin) Diff(_ context.Context, q DiffRequest) (DiffResult, error) {
	r, err := b.resource(q.Type)
	if err != nil {
		return DiffResult{}, err
	}
	old := value.RevealMap(q.Old)
	news := withoutMarks(normalised(q.Type, old, value.RevealMap(q.New)))
	d := &differ{token: q.Type}
	d.object(r.Properties, old, news, "", true)
	d.tagsAll(r, old, news, q.Settings)
	if f := consequences[q.Type]; f != nil {
		d.changes = f(d.changes, old, news, q.New)
	}
	var result DiffResult
	for _, change := range d.changes {
		if !ignored(change.Path, q.IgnoreChanges) {
			result.Changes = append(result.Changes, change)
		}
	}
	sort.Slice(result.Changes, func(i, j int) bool { return result.Changes[i].Path < result.Changes[j].Path })
	result.DeleteBeforeReplace = nameIsGiven(r, q.New)
	return result, nil
}

// nameIsGiven says whether the program itself gave the name. Then the real providers delete before they create, since the
// replacement may be unable to exist beside what it replaces.
func nameIsGiven(r *facts.Resource, news value.Map) bool {
	if r.Autoname == nil || news[r.Autoname.Property] == nil {
		return false
	}
	defaults, _ := news[defaultsKey].([]any)
	return !slices.Contains(defaults, any(r.Autoname.Property))
}

func ignored(path string, ignore []string) bool {
	for _, prefix := range ignore {
		if rest, ok := strings.CutPrefix(path, prefix); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

type differ struct {
	token   string
	changes []Change
}

func (d *differ) add(path string, old, news any, replace bool) {
	kind := Update
	switch {
	case old == nil:
		kind = Add
	case news == nil:
		kind = Delete
	}
	d.changes = append(d.changes, Change{Path: path, Kind: kind, Replace: replace})
}

func (d *differ) object(known map[string]*facts.Property, old, news value.Map, path string, top bool) {
	for name, p := range known {
		if p.OutputOnly() || (top && p.Note != "" && p.Kind == facts.Any) {
			continue
		}
		if before, after := old[name], news[name]; before != nil || after != nil {
			d.value(p, before, after, join(path, name))
		}
	}
}

func (d *differ) value(p *facts.Property, old, news any, at string) {
	place := d.place(at)
	if news == nil && (p.Computed || kept[place] && saysNothing(p, old)) || (unseen[place] || settled[place] && !value.Zero(old)) &&
		!isUnknown(news) {
		return
	}
	if isUnknown(news) {
		d.add(at, old, news, p.ForceNew || replacedBy[place] != nil)
		return
	}
	if absent(p, old) && absent(p, news) || d.equivalent(at, old, news) {
		return
	}
	if old == nil || news == nil {
		d.add(at, old, news, p.ForceNew || forcesNew(p, old, news))
		return
	}
	switch p.Kind {
	case facts.Object:
		o, oldOK := old.(value.Map)
		n, newOK := news.(value.Map)
		if oldOK && newOK && p.Properties != nil {
			d.object(p.Properties, o, n, at, false)
			return
		}
	case facts.Map:
		o, oldOK := old.(value.Map)
		n, newOK := news.(value.Map)
		if oldOK && newOK {
			d.dictionary(p, o, n, at)
			return
		}
	case facts.List, facts.Set:
		o, oldOK := old.([]any)
		n, newOK := news.([]any)
		if oldOK && newOK && p.Kind == facts.List {
			d.list(p, o, n, at)
			return
		}
		if oldOK && newOK {
			d.set(p, o, n, at)
			return
		}
	}
	if !reflect.DeepEqual(old, news) {
		d.add(at, old, news, p.ForceNew || replacedBy[place] != nil && replacedBy[place](old, news))
	}
}

// saysNothing says whether an object holds just what it would hold if the program left it out.
func saysNothing(p *facts.Property, v any) bool {
	m, _ := v.(value.Map)
	for name, nested := range p.Properties {
		if nested.Computed || nested.Required || value.Zero(m[name]) && nested.Default == nil || m[name] == nil {
			continue
		}
		if !reflect.DeepEqual(m[name], nested.Default) && (nested.Kind != facts.Object || !saysNothing(nested, m[name])) {
			return false
		}
	}
	return true
}

// place is a path in a type, without the indices of elements.
func (d *differ) place(at string) string { return d.token + "." + index.ReplaceAllString(at, "") }

var index = regexp.MustCompile(`\[[0-9]+\]`)

// absent says whether a value is missing, or is one that the provider cannot tell from a missing one. An object without
// content is an object all the same: a rule's action is allow: {} or block: {}.
func absent(p *facts.Property, v any) bool {
	if p.Kind == facts.Object {
		return v == nil
	}
	return value.Zero(v)
}

// forcesNew says whether any nested property that is set on either side forces a replacement.
func forcesNew(p *facts.Property, sides ...any) bool {
	for _, side := range sides {
		switch x := side.(type) {
		case value.Map:
			for name, nested := range p.Properties {
				if x[name] != nil && (nested.ForceNew || forcesNew(nested, x[name])) {
					return true
				}
			}
		case []any:
			for _, e := range x {
				if m, ok := e.(value.Map); ok && forcesNew(p, m) {
					return true
				}
			}
		}
	}
	return false
}

func (d *differ) dictionary(p *facts.Property, old, news value.Map, at string) {
	for _, k := range slices.Sorted(maps.Keys(old)) {
		if _, kept := news[k]; !kept {
			d.add(join(at, k), old[k], nil, p.ForceNew)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(news)) {
		if isUnknown(news[k]) || !reflect.DeepEqual(old[k], news[k]) {
			d.add(join(at, k), old[k], news[k], p.ForceNew)
		}
	}
}

func (d *differ) list(p *facts.Property, old, news []any, at string) {
	element := p.Element()
	element.ForceNew = p.ForceNew && p.Properties == nil
	for i := 0; i < len(old) || i < len(news); i++ {
		here := fmt.Sprintf("%s[%d]", at, i)
		switch {
		case i >= len(news):
			d.add(here, old[i], nil, p.ForceNew)
		case i >= len(old):
			d.add(here, nil, news[i], p.ForceNew)
		default:
			d.value(element, old[i], news[i], here)
		}
	}
}

// set pairs equal elements in whatever order, and reports the rest.
func (d *differ) set(p *facts.Property, old, news []any, at string) {
	element := p.Element()
	used := make([]bool, len(old))
	var added []int
	for i, n := range news {
		if !d.takeEqual(element, old, used, n, at) {
			added = append(added, i)
		}
	}
	var removed []int
	for i := range old {
		if !used[i] {
			removed = append(removed, i)
		}
	}
	if p.Properties == nil {
		d.elements(p, old, news, removed, added, at)
		return
	}
	for k, i := range added {
		var before any
		if k < len(removed) {
			before = old[removed[k]]
		}
		d.add(fmt.Sprintf("%s[%d]", at, i), before, news[i], p.ForceNew || forcesNew(element, before, news[i]))
	}
	for k := len(added); k < len(removed); k++ {
		i := removed[k]
		d.add(fmt.Sprintf("%s[%d]", at, i), old[i], nil, p.ForceNew || forcesNew(element, old[i]))
	}
}

// elements reports the members that a set of scalars lost and gained, each at its own place.
func (d *differ) elements(p *facts.Property, old, news []any, removed, added []int, at string) {
	before, after := map[int]any{}, map[int]any{}
	for _, i := range removed {
		before[i] = old[i]
	}
	for _, i := range added {
		after[i] = news[i]
	}
	for i := range max(len(old), len(news)) {
		if before[i] != nil || after[i] != nil {
			d.add(fmt.Sprintf("%s[%d]", at, i), before[i], after[i], p.ForceNew)
		}
	}
}

func (d *differ) takeEqual(element *facts.Property, old []any, used []bool, n any, at string) bool {
	for i, o := range old {
		if used[i] {
			continue
		}
		trial := &differ{token: d.token}
		trial.value(element, o, n, at)
		if len(trial.changes) == 0 {
			used[i] = true
			return true
		}
	}
	return false
}

// equivalent says whether two texts mean the same to the cloud.
func (d *differ) equivalent(at string, old, news any) bool {
	if value.IsAsset(old) && value.IsAsset(news) {
		return value.AssetHash(old) == value.AssetHash(news)
	}
	a, ok := old.(string)
	b, ok2 := news.(string)
	if !ok || !ok2 {
		return false
	}
	if a == b {
		return true
	}
	if same := equivalences[d.place(at)]; same != nil {
		return same(a, b)
	}
	return sameJSON(a, b)
}

// sameJSON compares JSON documents, ignoring white space and the order of keys.
func sameJSON(a, b string) bool {
	if a == "" || b == "" || (a[0] != '{' && a[0] != '[') {
		return false
	}
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func (d *differ) tagsAll(r *facts.Resource, old, news value.Map, s Settings) {
	if r.Properties["tagsAll"] == nil || old == nil {
		return
	}
	before, _ := old["tagsAll"].(value.Map)
	after, known := mergedTags(news, s)
	if !known {
		return
	}
	for k := range before {
		if _, kept := after[k]; !kept && s.IgnoreTag(k) {
			delete(before, k)
		}
	}
	if (len(before) != 0 || len(after) != 0) && !reflect.DeepEqual(before, after) {
		d.changes = append(d.changes, Change{Path: "tagsAll", Kind: Update})
	}
}
