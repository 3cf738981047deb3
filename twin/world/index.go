package world

import (
	"iter"
	"slices"
	"sync"
)

// index finds the objects of a type by a text at a path of their outputs, without looking at all of them. A path is
// indexed when it is first asked for. It is safe for concurrent readers of the world, any of which may be the first.
type index struct {
	mu    sync.Mutex
	paths map[string]map[string]byText // by type and path
}

type byText map[string][]*Object

// place updates the index when an object replaces another. Either may be nil.
func (x *index) place(o, old *Object) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if old != nil {
		for path, objects := range x.paths[old.Type] {
			objects.drop(old, path)
		}
	}
	if o != nil {
		for path, objects := range x.paths[o.Type] {
			objects.add(o, path)
		}
	}
}

// find returns the objects of a type with a text at a path. all has every object of the type.
func (x *index) find(all map[string]*Object, typ, path, text string) []*Object {
	x.mu.Lock()
	defer x.mu.Unlock()
	objects, indexed := x.paths[typ][path]
	if !indexed {
		objects = byText{}
		for _, o := range all {
			objects.add(o, path)
		}
		if x.paths == nil {
			x.paths = map[string]map[string]byText{}
		}
		if x.paths[typ] == nil {
			x.paths[typ] = map[string]byText{}
		}
		x.paths[typ][path] = objects
	}
	return slices.Clone(objects[text])
}

func (b byText) add(o *Object, path string) {
	for _, text := range at(o.Outputs, path) {
		if list := b[text]; len(list) == 0 || list[len(list)-1] != o { // an object may have a text twice
			b[text] = append(list, o)
		}
	}
}

func (b byText) drop(o *Object, path string) {
	for _, text := range at(o.Outputs, path) {
		b[text] = slices.DeleteFunc(b[text], func(other *Object) bool { return other == o })
		if len(b[text]) == 0 {
			delete(b, text)
		}
	}
}

// having is each for the objects that have a text, which is not empty, at a path.
func (c *Call) having(typ, path, text string) iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for _, o := range c.pending {
			if o != nil && o.Type == typ && c.sees(o) && slices.Contains(at(o.Outputs, path), text) && !yield(o) {
				return
			}
		}
		for _, o := range c.index.find(c.objects[typ], typ, path, text) {
			if !c.overlooks(o) && !yield(o) {
				return
			}
		}
	}
}

// maybe gives the objects that have a text at a path, or all where it is empty.
func (c *Call) maybe(typ, path, text string) iter.Seq[*Object] {
	if text == "" {
		return c.each(typ)
	}
	return c.having(typ, path, text)
}
