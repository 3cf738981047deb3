package world

import "fmt"

// lostMark marks an object that was made, but whose answer was lost.
const lostMark = "lost"

// Lost says whether the answer to this object's creation was lost.
func (o *Object) Lost() bool { return o.Hidden[lostMark] == true }

// Lose notes that the answer to an object's creation was lost.
func (w *World) Lose(typ, key string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[typ][key]
	if o == nil {
		return fmt.Errorf("%s %s: %w", typ, key, ErrNotFound)
	}
	o = o.copy()
	o.Hidden[lostMark] = true
	return w.commit(map[string]*Object{objectKey(o.Type, o.Key): o}, nil)
}
