package brain

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// Plan implements Brain.
func (b *Builtin) Plan(_ context.Context, q PlanRequest) (value.Map, error) {
	r, err := b.resource(q.Type)
	if err != nil {
		return nil, err
	}
	q.New = withoutMarks(normalised(q.Type, q.Old, q.New))
	out := planObject(r.Properties, q.Old, q.New, q.Old == nil)
	if names := volatile[q.Type]; len(names) > 0 && q.Old != nil && changed(r, q.Old, q.New) {
		for _, name := range names {
			out[name] = value.Unknown{}
		}
	}
	if becomesPartial(q.Type, q.Old, q.New) {
		out["verificationKey"] = value.Unknown{}
	}
	rewrite(q.Type, out)
	if tags, given := q.New["tags"].(value.Map); given && framework[q.Type] {
		out["tags"] = tags // each on its own
	}
	if r.Properties["tagsAll"] != nil {
		tags, known := mergedTags(q.New, q.Settings)
		switch {
		case known && (len(tags) > 0 || q.Old != nil):
			out["tagsAll"] = tags
		case known && framework[q.Type]:
			delete(out, "tagsAll")
		default:
			out["tagsAll"] = value.Unknown{}
		}
	}
	return out, nil
}

// planObject is what an object will be: its inputs and, of what the cloud decides, unknowns when it is created and the
// present values when it is updated.
func planObject(known map[string]*facts.Property, old, news value.Map, create bool) value.Map {
	out := value.Map{}
	for name, p := range known {
		v, given := news[name]
		switch {
		case given:
			out[name] = planValue(p, old[name], v, create)
		case p.Computed && !create && old[name] != nil:
			out[name] = old[name]
		case p.Computed && create:
			out[name] = value.Unknown{}
		}
	}
	return out
}

func planValue(p *facts.Property, old, v any, create bool) any {
	switch x := v.(type) {
	case value.Secret:
		return value.Secret{Value: planValue(p, old, x.Value, create)}
	case value.Map:
		if p.Kind == facts.Object && p.Properties != nil {
			o, _ := old.(value.Map)
			return planObject(p.Properties, o, x, create)
		}
		if p.Kind == facts.Map && hasUnknownElement(x) {
			return value.Unknown{}
		}
	case []any:
		return planList(p, old, x, create)
	}
	return v
}

// planList plans each element. Like the real provider, it plans a list with an unknown element as unknown.
func planList(p *facts.Property, old any, list []any, create bool) any {
	if slices.ContainsFunc(list, func(e any) bool { return isUnknown(value.Reveal(e)) }) {
		return value.Unknown{}
	}
	if p.Properties == nil {
		return list
	}
	before, _ := old.([]any)
	element := p.Element()
	element.Kind = facts.Object
	out := make([]any, len(list))
	for i, e := range list {
		var o any
		if i < len(before) && p.Kind == facts.List {
			o = before[i]
		}
		out[i] = planValue(element, o, e, create)
	}
	return out
}

func hasUnknownElement(m value.Map) bool {
	for _, e := range m {
		if isUnknown(e) {
			return true
		}
	}
	return false
}

// volatile names the computed properties that any update changes.
var volatile = map[string][]string{
	"aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion"},
	"aws:s3/bucketObjectv2:BucketObjectv2":  {"versionId", "etag"},
	"aws:ssm/parameter:Parameter":           {"version"},
	"aws:backup/plan:Plan":                  {"version"},
}

func changed(r *facts.Resource, old, news value.Map) bool {
	d := &differ{token: r.Token}
	d.object(r.Properties, value.RevealMap(old), value.RevealMap(news), "", true)
	return len(d.changes) > 0
}

// mergedTags is what the cloud will hold: the provider's default tags, overlaid with the resource's.
func mergedTags(in value.Map, s Settings) (value.Map, bool) {
	merged := value.Map{}
	for k, v := range s.DefaultTags {
		merged[k] = v
	}
	switch tags := value.Reveal(in["tags"]).(type) {
	case value.Unknown:
		return merged, false
	case value.Map:
		maps.Copy(merged, tags)
	}
	return merged, !value.HasUnknown(merged)
}

// IgnoreTag says whether the provider's configuration leaves a tag to others.
func (s Settings) IgnoreTag(key string) bool {
	return slices.Contains(s.IgnoreTags, key) ||
		slices.ContainsFunc(s.IgnoreTagPrefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// Inputs reduces what exists to what a program may write. For an import, that is everything that is neither empty nor a
// default; with previous inputs, just their properties, with the values that exist now.
func Inputs(r *facts.Resource, outputs, before value.Map) value.Map {
	in := value.Map{}
	for name, p := range r.Properties {
		v := outputs[name]
		if !p.Input() {
			continue
		}
		if before != nil {
			if was, had := before[name]; had {
				in[name] = refreshed(r.Token, name, p, was, v)
				if in[name] == nil {
					delete(in, name)
				}
			}
			continue
		}
		if !value.Zero(v) || (p.Default != nil && v != nil) {
			in[name] = projected(p, v)
		}
	}
	if before != nil {
		if d, ok := before[defaultsKey]; ok {
			in[defaultsKey] = d
		}
		return in
	}
	dropConflicts(r, in)
	in[defaultsKey] = []any{}
	return in
}

// refreshed keeps what a program wrote, unless the cloud now holds something else.
func refreshed(token, name string, p *facts.Property, was, now any) any {
	plain := value.Reveal(was)
	d := &differ{token: token}
	d.value(p, now, plain, name)
	if len(d.changes) == 0 {
		return was
	}
	if now == nil {
		return nil
	}
	if value.HasSecret(was) {
		return value.Secret{Value: projected(p, now)}
	}
	return projected(p, now)
}

func projected(p *facts.Property, v any) any {
	switch x := v.(type) {
	case value.Map:
		if p.Kind != facts.Object || p.Properties == nil {
			return v
		}
		out := value.Map{}
		for name, nested := range p.Properties {
			if nested.Input() && !value.Zero(x[name]) {
				out[name] = projected(nested, x[name])
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = projected(p.Element(), e)
		}
		return out
	}
	return v
}

// dropConflicts keeps one of each pair of inputs that exclude each other: the simpler one.
func dropConflicts(r *facts.Resource, in value.Map) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		p := r.Properties[name]
		for _, other := range append(append([]string{}, p.ConflictsWith...), p.ExactlyOneOf...) {
			if other == name || in[other] == nil || in[name] == nil {
				continue
			}
			if plainness(p, name) < plainness(r.Properties[other], other) {
				delete(in, name)
			} else {
				delete(in, other)
			}
		}
	}
}

func plainness(p *facts.Property, name string) int {
	score := 2
	if p.Properties != nil {
		score--
	}
	if strings.HasSuffix(name, "Prefix") {
		score -= 2
	}
	return score
}

// Equal says whether two property values are the same.
func Equal(a, b any) bool { return reflect.DeepEqual(a, b) }
