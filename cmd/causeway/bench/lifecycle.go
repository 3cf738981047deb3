package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/twin"
)

// subject is a program whose life is measured.
type subject struct {
	name    string
	program pulumi.RunFunc
}

// The operations of a life, in order.
var operations = []string{"preview", "up", "no change"}

// life is what each operation of one life took.
type life map[string]cost

// cost is elapsed time, and processor time: that of this process, which holds the program and the twin, and that of the
// engine. Other work on the machine lengthens the first and hardly touches the second.
type cost struct{ Took, CPU time.Duration }

// cpuTime is what this process and its finished children have used so far.
func cpuTime() (sum time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var usage syscall.Rusage
		if syscall.Getrusage(who, &usage) == nil {
			sum += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		}
	}
	return sum
}

// site is where subjects are deployed.
type site struct {
	project project.Project
	stack   string
	world   twin.Options
}

// live previews a program, deploys it and previews it again, on a twin of its own that starts empty. With kept, the
// twin's world and the engine's state are in files, as `make up` has them; otherwise the engine writes its state once, at
// the end. look, if given, sees the engine before everything is removed.
func (s site) live(ctx context.Context, sub subject, kept bool, look func(*engine.Engine) error) (_ life, err error) {
	world := s.world
	if kept {
		var dir string
		if dir, err = os.MkdirTemp("", "causeway-bench-"); err != nil {
			return nil, fmt.Errorf("making a place for a world: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		world.Path = filepath.Join(dir, "twin.db")
	}
	t, err := twin.Start(ctx, world)
	if err != nil {
		return nil, fmt.Errorf("starting a twin for %s: %w", sub.name, err)
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	return s.on(ctx, t.Attach(), sub, kept, look)
}

// on is live on an existing twin.
func (s site) on(ctx context.Context, attach string, sub subject, kept bool, look func(*engine.Engine) error) (_ life, err error) {
	home, err := os.MkdirTemp("", "causeway-bench-")
	if err != nil {
		return nil, fmt.Errorf("making a place for a run: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	e, err := engine.Open(ctx, engine.Options{
		Project: s.project, Stack: s.stack, Program: sub.program, Attach: attach, Home: home, Throwaway: !kept,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	l := life{}
	for _, operation := range operations {
		do := e.Preview
		if operation == "up" {
			do = e.Up
		}
		start, cpu := time.Now(), cpuTime()
		outcome, err := do(ctx, nil)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w: %+v", operation, sub.name, err, outcome.Problems)
		}
		l[operation] = cost{time.Since(start), cpuTime() - cpu}
		if operation == "no change" && len(outcome.Changes) > 0 {
			return nil, fmt.Errorf("%s: a second preview finds %d changes", sub.name, len(outcome.Changes))
		}
	}
	if look != nil {
		return l, look(e)
	}
	return l, nil
}

// resources counts a deployed program's resources, and the components that hold them.
func resources(g *graph.Graph) (managed, components int) {
	for _, r := range g.Resources {
		switch {
		case r.Custom && !isProvider(r):
			managed++
		case !r.Custom && r != g.Root():
			components++
		}
	}
	return managed, components
}
