package rehearsal

import (
	"context"
	"fmt"
	"slices"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/twin"
)

// settle makes state and world agree after a run that was killed, or whose state could not be written.
func (r *Rehearsal) settle(ctx context.Context) error {
	if err := r.Engine.Recover(ctx, r.made); err != nil {
		return err
	}
	if err := r.undo(ctx); err != nil {
		return err
	}
	if !r.Engine.PutBack() {
		return nil
	}
	return r.Engine.Reread(ctx)
}

// undo removes what a killed twin had created but could no longer report, when the engine outlived it and took the call
// for failed: then neither the state nor an open operation knows of it. The same goes for what was created after a state
// that had to be put back. What the twin had updated or deleted is read again: otherwise the state would hold the values
// from before, and a program that declares those would leave the resource as it is.
func (r *Rehearsal) undo(ctx context.Context) error {
	if !r.Twin.Interrupted() {
		return nil
	}
	known, err := r.Engine.Known()
	if err != nil {
		return err
	}
	changed := slices.DeleteFunc(r.Twin.Changed(), func(urn string) bool { return !known[urn] })
	if len(changed) > 0 {
		if err := r.Engine.ReadAgain(ctx, changed...); err != nil {
			return fmt.Errorf("reading what a killed run changed: %w", err)
		}
	}
	lost := r.Twin.Unanswered(func(urn, id string) bool { return known[urn+" "+id] })
	if err := r.Twin.Undo(lost); err != nil {
		return fmt.Errorf("undoing what a killed run left: %w", err)
	}
	if len(lost) > 0 {
		r.options.Notice(fmt.Sprintf("undid %d creations that a killed run could not report", len(lost)))
	}
	return nil
}

// made finds what the twin has for a URN, newest first, except what a fault lost: that stays lost.
func (r *Rehearsal) made(urn string) (all []engine.Made) {
	found := r.Twin.Resources()
	lost := r.Twin.Lost()
	slices.SortStableFunc(found, func(a, b twin.Resource) int { return b.Created.Compare(a.Created) })
	for _, x := range found {
		if x.URN != urn || slices.ContainsFunc(lost, func(l twin.Resource) bool { return l.Type == x.Type && l.ID == x.ID }) {
			continue
		}
		outputs, whole := x.Plain()
		all = append(all, engine.Made{ID: x.ID, Outputs: outputs, Partial: !whole})
	}
	return all
}
