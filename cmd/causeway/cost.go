package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cost"
)

func costCommand(sh shell, stack *string) *cobra.Command {
	var from verification
	var asJSON, asMarkdown bool
	var budget float64
	cmd := &cobra.Command{
		Use:   "cost",
		Short: "what the stack costs a month, line by line",
		Long: `Prices the resources of a stack: what each costs a month while it stands, how that
is reckoned, and the price's source and date (--json). Groups of servers cost from
their least to their most. What is billed by use is told apart and is in no sum;
what has no known price is named.

The resources are those that are deployed on the twin or, where nothing is, those
that the program declares. --preview and --state read those of a real stack.

With --budget the exit code is 5 if the least is above it, or something is unpriced.`,
		Example: `  causeway cost --stack prod
  causeway cost --stack prod --budget 1500
  pulumi stack export -s prod | causeway cost --state -`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && asMarkdown {
				return &codedError{exitConfiguration, errors.New("--json and --markdown exclude each other: give one")}
			}
			if err := from.check(); err != nil {
				return &codedError{exitConfiguration, err}
			}
			g, _, err := from.graph(cmd, sh, *stack)
			if err != nil {
				return err
			}
			e := cost.Of(g)
			text, err := []byte(e.Text()), error(nil)
			switch {
			case asJSON:
				text, err = e.JSON()
			case asMarkdown:
				text = []byte(e.Markdown())
			}
			if err != nil {
				return err
			}
			if _, err := cmd.OutOrStdout().Write(text); err != nil {
				return fmt.Errorf("writing the estimate: %w", err)
			}
			if cmd.Flags().Changed("budget") {
				return within(e, budget)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&from.preview, "preview", "", "a `FILE` that 'pulumi preview --json --show-sames' wrote, or - for standard input")
	flags.StringVar(&from.state, "state", "", "a `FILE` that 'pulumi stack export' wrote, or - for standard input")
	flags.BoolVar(&from.declared, "declared", false, "what the program declares now, whatever is deployed")
	flags.BoolVar(&asJSON, "json", false, "write the estimate as JSON, with the source and date of each price")
	flags.BoolVar(&asMarkdown, "markdown", false, "write the estimate as Markdown")
	flags.Float64Var(&budget, "budget", 0, "the most that the stack may cost a month, in `USD`")
	return cmd
}

// within is an error where a stack costs more than allowed, or where nobody knows whether it does.
func within(e cost.Estimate, budget float64) error {
	least, _ := e.Sum()
	switch {
	case least > budget:
		return &codedError{exitPolicy, fmt.Errorf("it costs %.2f USD a month, which is %.2f above the budget of %.2f", least, least-budget,
			budget)}
	case len(e.Unpriced) > 0:
		return &codedError{exitPolicy, fmt.Errorf("what %s costs is not known, so that it may be above the budget", e.Unpriced[0].Name)}
	}
	return nil
}
