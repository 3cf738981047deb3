package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/tree"
)

// Ask puts a question to a node's player; answer may be nil.
func (w *Living) Ask(ctx context.Context, name, what string, body, answer any) error {
	return w.top.Link.Ask(ctx, name, what, body, answer)
}

// Kill ends a node's process at once, as a power cut does.
func (w *Living) Kill(ctx context.Context, name string) error {
	return w.top.Link.Ask(ctx, "", tree.AskKill, name, nil)
}

// LoseZone cuts off everything in a zone: nothing enters or leaves its interfaces, its machines fail their checks, and a
// database whose primary was there fails over.
func (w *Living) LoseZone(zone string) error {
	defer w.Wake()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.ContainsFunc(w.plan.Nodes, func(n plan.Node) bool { return n.Zone == zone && zone != "" }) {
		return fmt.Errorf("nothing of the world is in the zone %q", zone)
	}
	w.lost[zone] = true
	for k := range w.plan.Databases {
		if d := &w.plan.Databases[k]; d.Zone == zone {
			w.failOver(d)
		}
	}
	return nil
}

// FindZone brings a lost zone back.
func (w *Living) FindZone(zone string) error {
	defer w.Wake()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.lost[zone] {
		return fmt.Errorf("the zone %q is not lost", zone)
	}
	delete(w.lost, zone)
	return nil
}

// failOver moves a database to a zone where it has another machine. The caller holds the lock.
func (w *Living) failOver(d *plan.Database) bool {
	for _, n := range w.plan.Playing(d.ARN) {
		if n.Zone != d.Zone && !w.lost[n.Zone] {
			w.moved[d.Resource] = n.Zone
			return true
		}
	}
	return false
}

// FailOver makes a Multi-AZ database continue in another zone.
func (w *Living) FailOver(id string) error {
	w.mu.Lock()
	defer w.Wake()
	defer w.mu.Unlock()
	at := slices.IndexFunc(w.plan.Databases, func(d plan.Database) bool { return d.ID == id })
	if at < 0 {
		return fmt.Errorf("there is no database %q", id)
	}
	if d := &w.plan.Databases[at]; !w.failOver(d) {
		return fmt.Errorf("the database %s has no standby in another zone: it is not Multi-AZ", d.ID)
	}
	return nil
}

// Slow delays what goes to a node by delay milliseconds and loses loss percent of it; 0 and 0 ends that.
func (w *Living) Slow(ctx context.Context, name string, delay int, loss float64) error {
	return w.top.Link.Ask(ctx, "", tree.AskSlow, tree.Slow{Node: name, Delay: delay, Loss: loss}, nil)
}

// Expire makes an ACM certificate appear expired, or renews it.
func (w *Living) Expire(arn string, expired bool) {
	w.vault.Expire(arn, expired)
	w.Wake()
}

// Rotate gives a secret that RDS manages a new password, which its database accepts at once.
func (w *Living) Rotate(arn string) error {
	err := w.vault.Rotate(arn)
	w.Wake()
	return err
}
