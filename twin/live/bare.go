package live

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/tree"
)

// Bare is a plan's network with nobody at home: every interface, route and rule, and behind each address a kernel that
// refuses what reaches it. That is all it takes to find out what packets reach.
type Bare struct {
	top *tree.Top
}

// OpenBare starts one. dir is for its logs.
func OpenBare(ctx context.Context, program, dir string, p *plan.Plan) (*Bare, error) {
	top, err := tree.Launch(program, filepath.Join(dir, "world.log"), nil)
	if err != nil {
		return nil, err
	}
	go top.Ignore()
	b := &Bare{top}
	if err := b.Apply(ctx, dir, p); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Apply changes the network to that of another plan.
func (b *Bare) Apply(ctx context.Context, dir string, p *plan.Plan) error {
	empty := *p
	empty.Machines, empty.Cloud, empty.Nodes = nil, plan.Cloud{}, slices.Clone(p.Nodes)
	for k := range empty.Nodes {
		switch n := &empty.Nodes[k]; n.Kind {
		case plan.KindInternet, plan.KindNAT, plan.KindResolver: // which move packets
		default:
			n.Kind = plan.KindIdle
		}
	}
	if err := b.top.Everyone(ctx, &empty, dir); err != nil {
		return fmt.Errorf("making a bare network: %w", err)
	}
	return nil
}

// Try has a node try connections; wait is how long each waits for an answer.
func (b *Bare) Try(ctx context.Context, from string, probes []node.Probe, wait time.Duration) ([]node.Outcome, error) {
	return b.top.Link.Try(ctx, from, probes, wait)
}

// Slow delays what goes to a node by delay milliseconds and loses loss percent of it; 0 and 0 ends that.
func (b *Bare) Slow(ctx context.Context, name string, delay int, loss float64) error {
	return b.top.Link.Ask(ctx, "", tree.AskSlow, tree.Slow{Node: name, Delay: delay, Loss: loss}, nil)
}

// Close ends it.
func (b *Bare) Close() error { return b.top.End(longest) }

// Try has a node of the living world try connections; wait is how long each waits for an answer.
func (w *Living) Try(ctx context.Context, from string, probes []node.Probe, wait time.Duration) ([]node.Outcome, error) {
	return w.top.Link.Try(ctx, from, probes, wait)
}
