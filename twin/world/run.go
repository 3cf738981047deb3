package world

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/causeway-iac/causeway/twin/store"
)

// runKey holds when the run began that serves the world, or that was killed while serving it.
const runKey = "run"

// Begin notes that a run begins. If an earlier run never ended, it returns when that one began: nobody may know what
// it made, since its last answers did not arrive.
func (w *World) Begin() (killed time.Time, was bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.run.IsZero() {
		return w.run, true, nil
	}
	return time.Time{}, false, w.mark(time.Now().UTC())
}

// Settled notes that what a killed run left behind has been put right.
func (w *World) Settled() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mark(time.Now().UTC())
}

// EndRun notes that the run ended in order.
func (w *World) EndRun() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mark(time.Time{})
}

func (w *World) mark(at time.Time) error {
	c := store.Change{Key: runKey}
	if !at.IsZero() {
		b, err := json.Marshal(at)
		if err != nil {
			return fmt.Errorf("noting the run: %w", err)
		}
		c.Data = b
	}
	if err := w.write([]store.Change{c}); err != nil {
		return err
	}
	w.run = at
	return nil
}

// Undo removes an object whose creation was never answered, with what the cloud made along with it.
func (w *World) Undo(typ, key string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[typ][key]
	if o == nil {
		return fmt.Errorf("%s %s: %w", typ, key, ErrNotFound)
	}
	k, err := kindOf(typ)
	if err != nil {
		return err
	}
	c := w.call(Request{Type: typ, URN: o.URN, ID: o.ID, Region: o.Region})
	c.Drop(o)
	if k.removed != nil {
		k.removed(c, o)
	}
	_, err = c.finish(nil, Event{Time: c.Now, Operation: "undo", Type: typ, URN: o.URN, ID: o.ID, Answer: "ok"})
	return err
}

// lostMark marks an object that was made, but whose answer was lost.
const lostMark = "lost"

// Lost says whether the answer to this object's creation was lost.
func (o *Object) Lost() bool { return o.Hidden[lostMark] == true }

// Lose notes that the answer to an object's creation was lost.
func (w *World) Lose(typ, key string) error {
	return w.edit(typ, key, func(o *Object) { o.Hidden[lostMark] = true })
}
