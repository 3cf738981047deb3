package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
	"github.com/causeway-iac/causeway/twin"
)

// throwaway deploys the stack on a twin in memory and lets look see what then exists. Nothing is
// kept, and what is deployed otherwise is not touched.
func throwaway(cmd *cobra.Command, sh shell, stack string, look func(*twin.Twin, *engine.Engine) error) (err error) {
	p, err := locate(stack)
	if err != nil {
		return err
	}
	options, err := setting(p, stack)
	if err != nil {
		return err
	}
	m, err := readManners(cmd, p, stack)
	if err != nil {
		return err
	}
	options.Manners = twin.Manners{Quotas: m.Quotas} // what the account may have; nothing that would be in the way
	ctx := cmd.Context()
	t, err := twin.Start(context.WithoutCancel(ctx), options)
	if err != nil {
		return fmt.Errorf("starting the twin: %w", err)
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	e, err := engine.Open(ctx, engine.Options{
		Project: p, Stack: stack, Program: program, Attach: t.Attach(), Passphrase: sh.passphrase, Throwaway: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	progress := report.NewProgress(cmd.ErrOrStderr(), "rehearsing "+stack)
	outcome, err := e.Up(ctx, progress.Observe)
	progress.Close()
	if err != nil {
		fmt.Fprint(cmd.ErrOrStderr(), report.Problems(outcome))
		return classify(outcome, err)
	}
	return look(t, e)
}
