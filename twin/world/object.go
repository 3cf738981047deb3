package world

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

// Object is one thing that exists.
type Object struct {
	Type    string
	ID      string
	Key     string // distinguishes objects of a type with the same id; usually the id
	URN     string // of the resource that made it; empty for what the cloud made itself
	Region  string
	Inputs  value.Map
	Outputs value.Map
	Hidden  value.Map // what Pulumi does not see
	Created time.Time

	// Implicit marks what the cloud makes by itself, such as a VPC's default security group.
	Implicit bool
}

// Text returns an output that is a string, or "".
func (o *Object) Text(name string) string { return textIn(o.Outputs, name) }

// Flag returns an output that is a boolean, or false.
func (o *Object) Flag(name string) bool { return flagIn(o.Outputs, name) }

// Number returns an output that is a number, or 0.
func (o *Object) Number(name string) float64 {
	switch n := o.Outputs[name].(type) {
	case float64:
		return n
	case int:
		return float64(n)
	}
	return 0
}

// Texts returns an output that is a list of strings.
func (o *Object) Texts(name string) []string { return texts(o.Outputs[name]) }

// Objects returns an output that is a list of objects, or one object.
func (o *Object) Objects(name string) []value.Map { return objectsIn(o.Outputs[name]) }

func textIn(m value.Map, name string) string { s, _ := m[name].(string); return s }
func flagIn(m value.Map, name string) bool   { b, _ := m[name].(bool); return b }

func texts(v any) []string {
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func objectsIn(v any) []value.Map {
	switch x := v.(type) {
	case value.Map:
		return []value.Map{x}
	case []any:
		out := make([]value.Map, 0, len(x))
		for _, e := range x {
			if m, ok := e.(value.Map); ok {
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}

func objectKey(typ, id string) string { return objectPrefix + typ + "\x00" + id }

// Objects returns copies of everything that exists, sorted by type and id.
func (w *World) Objects() []*Object {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var all []*Object
	for _, byID := range w.objects {
		for _, o := range byID {
			all = append(all, o.copy())
		}
	}
	slices.SortFunc(all, func(a, b *Object) int { return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.ID, b.ID)) })
	return all
}

func (o *Object) copy() *Object {
	c := *o
	c.Inputs, c.Outputs, c.Hidden = value.CopyMap(o.Inputs), value.CopyMap(o.Outputs), value.CopyMap(o.Hidden)
	return &c
}
