// Package tree is the living world's processes: one that is pid 1 of the world's namespaces and its router, and under it
// one for each node. It does what it is told from outside, and decides nothing.
package tree

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Top is the world's process as its master sees it.
type Top struct {
	Link *node.Link
	Gone <-chan struct{} // closed when it, and with it everything in the world, has ended

	process *os.Process
}

// Ignore reads what the world says, so that answers arrive, and drops its events.
func (t *Top) Ignore() {
	for {
		if _, err := t.Link.Receive(); err != nil {
			return
		}
	}
}

// End closes the link, which ends the world, and makes sure that it has ended within a time.
func (t *Top) End(within time.Duration) error {
	err := t.Link.Close()
	t.Await(within)
	return err
}

// Await waits until a world that was told to end has ended, and kills it if that takes longer.
func (t *Top) Await(within time.Duration) {
	select {
	case <-t.Gone:
	case <-time.After(within):
		t.Kill()
		<-t.Gone
	}
}

// Everyone gives the world's process and each node its config.
func (t *Top) Everyone(ctx context.Context, p *plan.Plan, dir string) error {
	if err := t.Link.Configure(ctx, "", &node.Config{Plan: p, Dir: dir}); err != nil {
		return err
	}
	for k := range p.Nodes {
		name := p.Nodes[k].Name
		if err := t.Link.Configure(ctx, name, &node.Config{Name: name, Plan: p, Dir: dir}); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Kill ends the world at once.
func (t *Top) Kill() { _ = t.process.Kill() }

// PID is the process's, on the host.
func (t *Top) PID() int { return t.process.Pid }

// Slow asks the world to make a node's links slow; zeros restore them.
type Slow struct {
	Node  string  `json:"node"`
	Delay int     `json:"delay"` // milliseconds, one way
	Loss  float64 `json:"loss"`  // percent
}

// The questions that the world answers.
const (
	AskSlow      = "slow"
	AskProcesses = "processes"
	AskKill      = "kill"
)

// Process is what a node's processes use.
type Process struct {
	Node   string  `json:"node"`
	Kind   string  `json:"kind"`
	Count  int     `json:"count"`  // of processes
	Memory int     `json:"memory"` // bytes; shared memory counts by its share
	CPU    float64 `json:"cpu"`    // seconds so far
}
