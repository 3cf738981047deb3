package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
)

func previewCommand(sh shell, stack *string) *cobra.Command {
	return choosesRefresh(choosesPacks(choosesManners(choosesBrain(&cobra.Command{
		Use:   "preview",
		Short: "show what up would change",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return preview(cmd, sh, *stack) },
	}))))
}

func preview(cmd *cobra.Command, sh shell, stack string) (err error) {
	r, err := begin(cmd.Context(), cmd, sh, stack, needed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()

	o, took, err := r.watched(cmd.Context(), "previewing "+stack, r.engine.Preview)
	if err != nil {
		return err
	}
	counts := report.Counts(o)
	if counts == "" {
		fmt.Fprintf(r.out, "%s: nothing would change: %d resources as declared (%s)\n", stack, o.Same, report.Seconds(took))
		return nil
	}
	fmt.Fprintf(r.out, "%s: %s, %d as they are (%s)\n", stack, counts, o.Same, report.Seconds(took))
	fmt.Fprint(r.out, report.Changes(o))
	fmt.Fprintln(r.out)
	r.next(r.out, "up", "make it so")
	return nil
}
