package world

import (
	"cmp"
	"iter"
	"slices"

	"github.com/causeway-iac/causeway/twin/value"
)

// Put writes an object.
func (c *Call) Put(o *Object) {
	o.Key = cmp.Or(o.Key, o.ID)
	c.pending[objectKey(o.Type, o.Key)] = o
}

// Drop deletes an object.
func (c *Call) Drop(o *Object) { c.pending[objectKey(o.Type, o.Key)] = nil }

// dropWhere deletes what the cloud deletes along with something else.
func (c *Call) dropWhere(typ string, is func(*Object) bool) {
	for _, o := range slices.Collect(c.each(typ)) {
		if is(o) {
			c.Drop(o)
		}
	}
}

// dropUsers deletes what refers to an object being deleted, where the cloud does so.
func (c *Call) dropUsers(o *Object, uses ...use) {
	for _, u := range uses {
		for _, user := range slices.Collect(c.having(u.typ, u.path, o.ID)) {
			c.Drop(user)
		}
	}
}

// find returns an object as this call sees it. It must not be changed: edit a copy and Put it.
func (c *Call) find(typ, id string) *Object {
	if o := c.stored(typ, id); o != nil && c.sees(o) {
		return o
	}
	if c.scope == "" || globalTypes[typ] {
		return nil
	}
	return c.stored(typ, regionalKey(c.scope, id))
}

// stored returns what is kept under a key, whatever its region.
func (c *Call) stored(typ, key string) *Object {
	if len(c.pending) > 0 {
		if o, changed := c.pending[objectKey(typ, key)]; changed {
			return o
		}
	}
	if o := c.objects[typ][key]; o != nil && !(c.hides && c.late.left(o) > 0) {
		return o
	}
	return nil
}

// each gives every object of a type in the call's region, in no particular order.
func (c *Call) each(typ string) iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for _, o := range c.pending {
			if o != nil && o.Type == typ && c.sees(o) && !yield(o) {
				return
			}
		}
		for _, o := range c.objects[typ] {
			if !c.overlooks(o) && !yield(o) {
				return
			}
		}
	}
}

// first is one of the objects that fits, or nil.
func first(all iter.Seq[*Object], fits func(*Object) bool) *Object {
	for o := range all {
		if fits(o) {
			return o
		}
	}
	return nil
}

// overlooks says whether this call does not see a stored object: it is in another region, the call has changed it, or
// it is not visible yet.
func (c *Call) overlooks(o *Object) bool {
	if !c.sees(o) {
		return true
	}
	if len(c.pending) > 0 {
		if _, changed := c.pending[objectKey(o.Type, o.Key)]; changed {
			return true
		}
	}
	return c.hides && c.late.left(o) > 0
}

// where returns the first object of a type whose property has this text.
func (c *Call) where(typ, property, text string) *Object {
	return first(c.maybe(typ, property, text), func(o *Object) bool { return o.Text(property) == text })
}

func dropUnknown(m value.Map) value.Map {
	out := make(value.Map, len(m))
	for k, v := range m {
		if v = knownPart(v); v != nil {
			out[k] = v
		}
	}
	return out
}

func knownPart(v any) any {
	switch x := v.(type) {
	case value.Unknown:
		return nil
	case value.Secret:
		return knownPart(x.Value)
	case value.Map:
		return dropUnknown(x)
	case []any:
		list := make([]any, 0, len(x))
		for _, e := range x {
			if e = knownPart(e); e != nil {
				list = append(list, e)
			}
		}
		return list
	}
	return v
}
