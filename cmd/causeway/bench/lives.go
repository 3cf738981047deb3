package main

import (
	"context"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/graph"
)

// lives measures n platforms and, in turn with them, what they are compared with: as many bare resources, the very same
// resources declared plainly, and an empty program.
func (b *bench) lives(ctx context.Context, kept bool, n int) error {
	var deployed *graph.Graph
	subjects := []subject{
		{"platform", platforms(0, n, b.settings, b.site.project.Root)},
		{"empty", empty}, {"bare", bare(n*b.count, b.settings.Region)},
		{"same", nil}, // known once the platform is deployed
	}
	figures := map[string]*Figure{}
	for _, sub := range subjects {
		for _, operation := range operations {
			f := &Figure{Program: sub.name, Operation: operation, Kept: kept, Platforms: n}
			if sub.name != "empty" {
				f.Resources = n * b.count
			}
			figures[sub.name+operation] = f
			b.results.Figures = append(b.results.Figures, f)
		}
	}
	rounds := b.rounds(n, kept)
	for round := range rounds {
		say("%d platforms, state %s: round %d of %d", n, state(kept), round+1, rounds)
		for _, sub := range subjects {
			var look func(*engine.Engine) error
			switch {
			case sub.name == "same":
				sub.program = replay(deployed)
			case sub.name == "platform" && deployed == nil:
				look = func(e *engine.Engine) (err error) { deployed, err = e.Graph(); return err }
			}
			l, err := b.site.live(ctx, sub, kept, look)
			if err != nil {
				return err
			}
			for _, operation := range operations {
				f := figures[sub.name+operation]
				f.add(l[operation].Took)
				f.CPU = append(f.CPU, l[operation].CPU.Seconds())
			}
		}
	}
	return nil
}
