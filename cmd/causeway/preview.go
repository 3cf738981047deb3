package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
)

func previewCommand(sh shell, stack *string) *cobra.Command {
	return deploys.add(&cobra.Command{
		Use:   "preview",
		Short: "show what up would change",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return preview(cmd, sh, *stack) },
	})
}

func preview(cmd *cobra.Command, sh shell, stack string) (err error) {
	c, err := begin(cmd.Context(), cmd, sh, stack, needed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()

	o, took, err := c.watched(cmd.Context(), "previewing "+stack, c.engine.Preview)
	if err != nil {
		return err
	}
	counts := report.Counts(o)
	if counts == "" {
		fmt.Fprintf(c.out, "%s: nothing would change: %d resources as declared (%s)\n", stack, o.Same, report.Seconds(took))
		return nil
	}
	fmt.Fprintf(c.out, "%s: %s, %d as they are (%s)\n", stack, counts, o.Same, report.Seconds(took))
	fmt.Fprint(c.out, report.Changes(o))
	fmt.Fprintln(c.out)
	c.next(c.out, "up", "make it so")
	return nil
}
