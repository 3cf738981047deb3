package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/control"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/hold"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/brain"
)

// program is what is deployed; tests deploy smaller ones.
var program pulumi.RunFunc = stacks.Deploy

// setting reads a stack's settings, with everything that is wrong with them, and says what its twin must
// have before the stack is there: its account, and the zones that it adopts.
var setting = func(p project.Project, stack string) (twin.Options, error) {
	s, err := stacks.Check(p.Root, stack, time.Now())
	if err != nil {
		return twin.Options{}, &codedError{exitConfiguration, err}
	}
	o := twin.Options{Account: s.AccountID}
	switch {
	case s.DNS.Create:
	case s.DNS.Provider == "route53":
		o.Route53Zones = []string{s.DNS.Zone}
	default:
		o.CloudflareZones = []string{s.DNS.Zone}
	}
	return o, nil
}

// rehearsal is one stack on its twin, held by this process.
type rehearsal struct {
	project project.Project
	stack   string
	hold    *hold.Hold
	brain   *brain.Plugin // nil for the built-in one
	twin    *twin.Twin
	control *control.Server
	engine  *engine.Engine
	judged  bool      // by policy packs
	out     io.Writer // what a person or a program asked for
	errs    io.Writer // progress and notices
}

// locate finds the project and checks that it has the stack.
func locate(stack string) (project.Project, error) {
	dir, err := os.Getwd()
	if err != nil {
		return project.Project{}, fmt.Errorf("finding the project: %w", err)
	}
	p, err := project.Find(dir)
	if err != nil {
		return project.Project{}, &codedError{exitConfiguration, err}
	}
	return p, p.Check(stack)
}

// use says whether a command runs the program, and so needs settings that are right.
type use bool

const (
	needed    use = true
	notNeeded use = false
)

// begin takes hold of the stack, starts its twin and opens it in the engine.
func begin(ctx context.Context, cmd *cobra.Command, sh shell, stack string, settings use) (_ *rehearsal, err error) {
	p, err := locate(stack)
	if err != nil {
		return nil, err
	}
	r := &rehearsal{project: p, stack: stack, out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	options, err := setting(p, stack)
	if err != nil && settings == needed {
		return nil, err
	}
	if r.hold, err = hold.Take(filepath.Join(p.Home(stack), "lock"), stack, "causeway "+cmd.Name()); err != nil {
		return nil, err
	}
	packs, err := readPacks(cmd)
	if err != nil {
		return nil, err
	}
	r.judged = len(packs) > 0
	options.Path = p.World(stack)
	if options.Manners, err = readManners(cmd, p, stack); err != nil {
		return nil, err
	}
	if !options.Manners.Plain() {
		r.notice(describeManners(options.Manners))
	}
	options.Kill = r.kill
	options.Caller = fmt.Sprintf("causeway %s (process %d)", cmd.Name(), os.Getpid())
	var which string
	if r.brain, which, err = openBrain(ctx, cmd, sh); err != nil {
		return nil, err
	}
	if which != "" {
		r.notice(which)
	}
	if r.brain != nil {
		options.Brain = r.brain
	}
	// An interrupted engine finishes what is under way, so the twin outlives the interrupt.
	if r.twin, err = twin.Start(context.WithoutCancel(ctx), options); err != nil {
		return nil, fmt.Errorf("starting the twin: %w", err)
	}
	if r.control, err = control.Serve(controlSocket(p.Home(stack)), control.Local{Twin: r.twin}); err != nil {
		return nil, err
	}
	refresh, _ := cmd.Flags().GetBool(refreshFlag)
	r.engine, err = engine.Open(ctx, engine.Options{
		Refresh: refresh, Project: p, Stack: stack, Program: program, Attach: r.twin.Attach(), Passphrase: sh.passphrase, PolicyPacks: packs, Notice: r.notice,
	})
	if err != nil {
		return nil, err
	}
	if err := r.engine.Recover(ctx, r.made); err != nil {
		return nil, err
	}
	if err := r.undo(ctx); err != nil {
		return nil, err
	}
	if !r.engine.PutBack() {
		return r, nil
	}
	if err := r.engine.Reread(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// undo takes away what a killed twin had made and could not answer any more, when the engine outlived it
// and took the call for failed: then neither the state nor an open operation knows of it. The same goes for
// what was made after a state that had to be put back. What it had updated or deleted is read again: the
// state would have what was before, and a program that says so too would leave it.
func (r *rehearsal) undo(ctx context.Context) error {
	if !r.twin.Interrupted() {
		return nil
	}
	known, err := r.engine.Known()
	if err != nil {
		return err
	}
	changed := slices.DeleteFunc(r.twin.Changed(), func(urn string) bool { return !known[urn] })
	if len(changed) > 0 {
		if err := r.engine.ReadAgain(ctx, changed...); err != nil {
			return fmt.Errorf("reading what a killed run changed: %w", err)
		}
	}
	lost := r.twin.Unanswered(func(urn, id string) bool { return known[urn+" "+id] })
	if err := r.twin.Undo(lost); err != nil {
		return fmt.Errorf("undoing what a killed run left: %w", err)
	}
	if len(lost) > 0 {
		r.notice(fmt.Sprintf("undid %d creations whose answer a killed run could not give", len(lost)))
	}
	return nil
}

// made finds what the twin has for a URN, the newest first, but for what a fault lost: that stays lost.
func (r *rehearsal) made(urn string) (all []engine.Made) {
	found := r.twin.Resources()
	lost := r.twin.Lost()
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

// close ends what begin began, in reverse.
func (r *rehearsal) close() error {
	var errs []error
	if r.engine != nil {
		errs = append(errs, r.engine.Close())
	}
	if r.control != nil {
		errs = append(errs, r.control.Close())
	}
	if r.twin != nil {
		if r.engine != nil && r.engine.PutBack() {
			r.twin.Interrupt()
		}
		errs = append(errs, r.twin.Close())
	}
	if r.brain != nil {
		errs = append(errs, r.brain.Close())
	}
	if r.hold != nil {
		errs = append(errs, r.hold.Release())
	}
	return errors.Join(errs...)
}

// notice tells what was put right on the way.
func (r *rehearsal) notice(line string) { fmt.Fprintln(r.errs, "note: "+line) }

// watched runs an operation under a progress line and tells what went wrong in it.
func (r *rehearsal) watched(ctx context.Context, verb string, operation func(context.Context, engine.Observer) (engine.Outcome, error)) (engine.Outcome, time.Duration, error) {
	progress := report.NewProgress(r.errs, verb)
	defer progress.Close()
	stop := context.AfterFunc(ctx, func() {
		progress.Say("interrupted: the engine finishes what is under way (Ctrl-C again leaves at once)")
	})
	defer stop()
	outcome, err := operation(ctx, progress.Observe)
	progress.Close()
	fmt.Fprint(r.errs, report.Problems(outcome))
	return outcome, progress.Took(), classify(outcome, err)
}

// classify gives an operation's error its exit code. One whose problems have been told says no more.
func classify(o engine.Outcome, err error) error {
	var failure *engine.Failure
	if !errors.As(err, &failure) || failure.Cancelled {
		return err
	}
	for _, p := range o.Problems {
		if !p.Warning && p.Policy != "" {
			return &codedError{exitPolicy, err}
		}
	}
	for _, p := range o.Problems {
		if !p.Warning && p.Path != "" {
			return &codedError{exitResource, err}
		}
	}
	return err
}
