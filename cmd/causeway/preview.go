package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
)

func previewCommand(sh shell, stack *string) *cobra.Command {
	var asJSON bool
	cmd := deploys.add(&cobra.Command{
		Use:   "preview",
		Short: "show what up would change",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return preview(cmd, sh, *stack, asJSON) },
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "write what 'pulumi preview --json --show-sames' writes: what review and verify read")
	return cmd
}

func preview(cmd *cobra.Command, sh shell, stack string, asJSON bool) (err error) {
	c, err := begin(cmd.Context(), cmd, sh, stack, needed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()

	if asJSON {
		said, err := c.digest(cmd.Context())
		if err == nil {
			_, err = c.out.Write(said)
		}
		return err
	}
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

// digest is what up would change, for programs to read.
func (c *console) digest(ctx context.Context) (said []byte, err error) {
	_, _, err = c.watched(ctx, "previewing "+c.stack, func(ctx context.Context, observe engine.Observer) (o engine.Outcome, err error) {
		said, o, err = c.engine.Digest(ctx, observe)
		return o, err
	})
	return said, err
}
