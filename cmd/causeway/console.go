package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/control"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/platform"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/rehearsal"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/twin"
)

// program is what is deployed, and reviewing what is previewed for a review; tests have smaller ones.
var program, reviewing = platform.Program, platform.Review

// setting reads a stack's settings, and says what its twin must have before the stack is there.
var setting = func(p project.Project, stack string) (twin.Options, error) {
	o, err := platform.Before(p, stack)
	if err != nil {
		return o, &codedError{exitConfiguration, err}
	}
	return o, nil
}

// console is a rehearsal as a person has it in a terminal.
type console struct {
	project project.Project
	stack   string
	twin    control.Run
	engine  *engine.Engine
	under   *rehearsal.Rehearsal
	judged  bool      // by policy packs
	out     io.Writer // what a person or a program asked for
	errs    io.Writer // progress and notices
	close   func() error
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

// use says whether a command runs the program, and so needs valid settings.
type use bool

const (
	needed    use = true
	notNeeded use = false
)

// begin takes hold of the stack, starts its twin and opens it in the engine. The console's close undoes all of that.
func begin(ctx context.Context, cmd *cobra.Command, sh shell, stack string, settings use) (*console, error) {
	p, err := locate(stack)
	if err != nil {
		return nil, err
	}
	c := &console{project: p, stack: stack, out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
	account, err := setting(p, stack)
	if err != nil && settings == needed {
		return nil, err
	}
	options, notes, flagErr := readTwinFlags(ctx, cmd, sh, p, stack)
	if flagErr != nil {
		return nil, flagErr
	}
	account.Manners = options.Twin.Manners
	if err != nil { // what the account has is made in its region, which such a file does not say
		account.Manners.Account = nil
	}
	if err := account.CheckAccount(); err != nil {
		return nil, &codedError{exitConfiguration, err}
	}
	options.Twin = account
	options.Notice = c.notice
	r, err := rehearsal.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		c.notice(note)
	}
	c.twin, c.engine, c.close, c.judged, c.under = r.Twin, r.Engine, r.Close, len(options.PolicyPacks) > 0, r
	if r.Attached() {
		if err := refuseManners(cmd, c.flag()); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	return c, nil
}

// throwaway deploys the stack on a twin in memory and shows look what then exists. Nothing is kept, and no other
// deployment is touched.
func throwaway(cmd *cobra.Command, sh shell, stack string, look func(*twin.Twin, *engine.Engine) error) (err error) {
	p, err := locate(stack)
	if err != nil {
		return err
	}
	account, err := setting(p, stack)
	if err != nil {
		return err
	}
	m, err := readManners(cmd, p, stack)
	if err != nil {
		return err
	}
	account.Manners = twin.Manners{Quotas: m.Quotas, Account: m.Account} // the account's; nothing that would get in the way
	if err := account.CheckAccount(); err != nil {
		return &codedError{exitConfiguration, err}
	}
	r, err := rehearsal.OpenThrowaway(cmd.Context(), rehearsal.Options{
		Project: p, Stack: stack, Program: program, Twin: account, Passphrase: sh.passphrase,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	c := &console{project: p, stack: stack, engine: r.Engine, errs: cmd.ErrOrStderr()}
	if _, _, err := c.watched(cmd.Context(), "rehearsing "+stack, r.Engine.Up); err != nil {
		var failure *engine.Failure
		if errors.As(err, &failure) {
			failure.Operation = cmd.Name() // nobody begins by knowing about `up`
		}
		return err
	}
	return look(r.Local, r.Engine)
}

// notice tells what was put right along the way.
func (c *console) notice(line string) { fmt.Fprintln(c.errs, "note: "+line) }

// watched runs an operation under a progress line and reports what went wrong in it.
func (c *console) watched(ctx context.Context, verb string,
	operation func(context.Context, engine.Observer) (engine.Outcome, error)) (engine.Outcome, time.Duration, error) {
	progress := report.NewProgress(c.errs, verb)
	defer progress.Close()
	stop := context.AfterFunc(ctx, func() {
		progress.Say("interrupted: the engine finishes what is under way (Ctrl-C again leaves at once)")
	})
	defer stop()
	ended, minded := make(chan struct{}), make(chan struct{})
	servers := c.watchNewcomers(ctx)
	go func() {
		defer close(minded)
		c.minding(ctx, progress, servers, ended)
	}()
	outcome, err := operation(ctx, progress.Observe)
	close(ended)
	<-minded
	progress.Close()
	fmt.Fprint(c.errs, report.Problems(outcome))
	if err != nil && servers != nil {
		fmt.Fprint(c.errs, servers.lastWords())
	}
	return outcome, progress.Took(), classify(outcome, err)
}

// minding says, once, that the engine waits for room on the disk, and for whom among the servers.
func (c *console) minding(ctx context.Context, progress *report.Progress, servers *newcomers, ended <-chan struct{}) {
	every := time.NewTicker(2 * time.Second)
	defer every.Stop()
	for full := false; ; {
		select {
		case <-ended:
			return
		case <-every.C:
			if !full && c.engine.Full() {
				full = true
				progress.Say("the disk is full: the engine waits for room, and gives up after some minutes (free some space, or stop " +
					"with Ctrl-C)")
			}
			if servers != nil {
				servers.look(ctx, progress)
			}
		}
	}
}

// classify gives an operation's error its exit code. If its problems have been reported already, it adds no text.
func classify(o engine.Outcome, err error) error {
	var failure *engine.Failure
	if !errors.As(err, &failure) || failure.Cancelled {
		return err
	}
	if refused := (infra.Problems)(nil); errors.As(err, &refused) {
		return &codedError{exitConfiguration, err}
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
