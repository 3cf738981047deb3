package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
)

func downCommand(sh shell, stack *string) *cobra.Command {
	var unprotect bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "take a stack on the twin down, to nothing left",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return down(cmd, sh, *stack, unprotect) },
	}
	choosesManners(cmd)
	cmd.Flags().BoolVar(&unprotect, "unprotect", false, "first lift the protections against deletion (on the twin only, as all of causeway)")
	return cmd
}

func down(cmd *cobra.Command, sh shell, stack string, unprotect bool) (err error) {
	ctx := cmd.Context()
	r, err := begin(ctx, cmd, sh, stack, use(unprotect))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()

	protected, err := r.engine.Protected()
	if err != nil {
		return err
	}
	if len(protected) > 0 && !unprotect {
		return &codedError{exitResource, fmt.Errorf("nothing was taken down: %d resources are protected against deletion, as the settings of %s ask for:\n    %s\n"+
			"a real stack is taken down by setting protect to false, deploying that, and destroying; its rehearsal by `causeway down%s --unprotect`",
			len(protected), stack, strings.Join(protected, "\n    "), r.flag())}
	}
	if len(protected) > 0 {
		o, _, err := r.watched(ctx, "lifting protections of "+stack, r.engine.Unprotect)
		if err != nil {
			return r.halted(o, err)
		}
		fmt.Fprintf(r.out, "%s: protections of %d resources lifted\n", stack, len(protected))
	}
	o, took, err := r.watched(ctx, "taking down "+stack, r.engine.Destroy)
	if err != nil {
		return r.halted(o, err)
	}
	counts := report.Counts(o)
	if counts == "" {
		counts = "there was nothing to take down"
	}
	fmt.Fprintf(r.out, "%s: %s (%s)\n", stack, counts, report.Seconds(took))
	return r.nothingLeft()
}

// nothingLeft says that the twin is empty, or what is left on it.
func (r *rehearsal) nothingLeft() error {
	left := r.twin.Resources()
	if len(left) == 0 {
		fmt.Fprintf(r.out, "%s: nothing is left, in the state or on the twin\n", r.stack)
		return nil
	}
	var lines []string
	for _, x := range left {
		lines = append(lines, fmt.Sprintf("%s %s", x.Type, x.ID))
	}
	return &codedError{exitResource, fmt.Errorf("the state is empty, but %s left on the twin that it does not know of:\n    %s\n"+
		"they were made outside of it, or their creation was not answered, or the program retains them; "+
		"`causeway twin%s drift delete TYPE ID` takes one away, `causeway twin%[3]s reset --yes` all",
		areResources(len(left)), strings.Join(lines, "\n    "), r.flag())}
}
