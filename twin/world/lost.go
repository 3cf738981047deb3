package world

// lostMark marks an object that was made, but whose answer was lost.
const lostMark = "lost"

// Lost says whether the answer to this object's creation was lost.
func (o *Object) Lost() bool { return o.Hidden[lostMark] == true }

// Lose notes that the answer to an object's creation was lost.
func (w *World) Lose(typ, key string) error {
	return w.edit(typ, key, func(o *Object) { o.Hidden[lostMark] = true })
}
