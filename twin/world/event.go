package world

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/causeway-iac/causeway/twin/store"
)

// Event is one call that the twin answered.
type Event struct {
	Sequence  int       `json:"sequence"`
	Time      time.Time `json:"time"`
	Caller    string    `json:"caller"`    // the command and process that the twin serves
	Operation string    `json:"operation"` // check, diff, preview-create, create, preview-update, update, read, delete, invoke, configure
	Type      string    `json:"type"`      // the resource's or function's token
	URN       string    `json:"urn"`
	ID        string    `json:"id"`
	Answer    string    `json:"answer"` // "ok", or what was wrong
}

// eventLimit bounds the log: the oldest events are dropped.
const eventLimit = 10_000

// eventLog is a ring of the latest events. Those that changed the world are stored with the change.
type eventLog struct {
	events []Event
	start  int
	next   int
	caller string
}

func (l *eventLog) add(e Event) Event {
	e.Sequence = l.next
	e.Caller = cmp.Or(e.Caller, l.caller)
	l.next++
	if len(l.events) < eventLimit {
		l.events = append(l.events, e)
		return e
	}
	l.events[l.start] = e
	l.start = (l.start + 1) % eventLimit
	return e
}

func (l *eventLog) all() []Event {
	out := make([]Event, 0, len(l.events))
	out = append(out, l.events[l.start:]...)
	return append(out, l.events[:l.start]...)
}

func (l *eventLog) restore(data []byte) error {
	var e Event
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("reading an event: %w", err)
	}
	l.next = e.Sequence
	l.add(e)
	return nil
}

func eventKey(sequence int) string { return fmt.Sprintf("%s%012d", eventPrefix, sequence) }

func (l *eventLog) keys() (out []store.Change) {
	for _, e := range l.events {
		out = append(out, store.Change{Key: eventKey(e.Sequence)})
	}
	return out
}

// Record adds a call that changed nothing to the log.
func (w *World) Record(e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.Time = time.Now().UTC()
	w.events.add(e)
}

// Keep logs and stores a change of the world that no call made.
func (w *World) Keep(e Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.Time = time.Now().UTC()
	return w.write(w.recordChange(e))
}

// Events returns the latest calls, oldest first.
func (w *World) Events() []Event {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.events.all()
}

// recordChange adds an event to the log and returns the records that store it and drop the one that
// fell out of the ring.
func (w *World) recordChange(e Event) []store.Change {
	if w.options.Store == nil {
		w.events.add(e)
		return nil
	}
	e = w.events.add(e)
	data, err := json.Marshal(e)
	if err != nil {
		return nil
	}
	changes := []store.Change{{Key: eventKey(e.Sequence), Data: data}}
	if old := e.Sequence - eventLimit; old >= 0 {
		changes = append(changes, store.Change{Key: eventKey(old)})
	}
	return changes
}
