package twin

import (
	"slices"
	"time"
)

// Interrupted says that a run on this world was killed, and that Undo has not settled it yet.
func (t *Twin) Interrupted() bool { return t.interrupted }

// Interrupt leaves the run as a killed one: nobody may know what it made.
func (t *Twin) Interrupt() { t.interrupted = true }

// Unanswered returns what a killed run made that nobody may know of: known says whether the stack's state has a resource.
// A killed run could not answer its last calls, and an engine that outlives it takes them for failed.
func (t *Twin) Unanswered(known func(urn, id string) bool) []Resource {
	if !t.interrupted {
		return nil
	}
	var lost []Resource
	since := t.killed.Truncate(time.Second) // as precise as a creation's time
	for _, o := range t.Resources() {
		if o.URN != "" && !o.Created.Before(since) && !known(o.URN, o.ID) {
			lost = append(lost, o)
		}
	}
	return lost
}

// Changed returns the URNs of what a killed run updated or deleted, perhaps without answering.
func (t *Twin) Changed() (urns []string) {
	if !t.interrupted {
		return nil
	}
	since := t.killed.Truncate(time.Second)
	for _, e := range t.Events() {
		if (e.Operation == "update" || e.Operation == "delete") && e.Answer == "ok" && !e.Time.Before(since) &&
			!slices.Contains(urns, e.URN) {
			urns = append(urns, e.URN)
		}
	}
	return urns
}

// Undo removes what Unanswered returned, so that it can be created again: nothing can use what nobody knows of. Then the
// killed run is settled.
func (t *Twin) Undo(lost []Resource) error {
	for _, r := range lost {
		for _, o := range t.world.Objects() {
			if o.Type == r.Type && o.ID == r.ID && o.URN == r.URN {
				if err := t.world.Undo(o.Type, o.Key); err != nil {
					return err
				}
			}
		}
	}
	t.interrupted = false
	return t.world.Settled()
}
