package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
	"github.com/causeway-iac/causeway/picture"
)

func upCommand(sh shell, stack *string) *cobra.Command {
	var lives bool
	cmd := deploys.add(&cobra.Command{
		Use:   "up",
		Short: "deploy a stack on the twin",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := up(cmd, sh, *stack); err != nil || !lives {
				return err
			}
			return leaveAlive(cmd, sh, *stack)
		},
	})
	cmd.Flags().BoolVar(&lives, "live", false, "leave the stack alive in the background, where this computer can")
	return cmd
}

func up(cmd *cobra.Command, sh shell, stack string) (err error) {
	c, err := begin(cmd.Context(), cmd, sh, stack, needed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()

	if c.judged { // before anything is made
		if _, _, err := c.watched(cmd.Context(), "previewing "+stack, c.engine.Preview); err != nil {
			return err
		}
	}
	if _, err := c.engine.Retained(c.exists); err != nil { // what this run lets go is known of when the stack is taken down
		return err
	}
	outcome, took, err := c.watched(cmd.Context(), "deploying "+stack, c.engine.Up)
	strays := c.strays()
	c.idleFaults()
	if err != nil {
		return c.halted(outcome, err)
	}
	if strays != nil {
		return strays
	}
	return c.deployed(outcome, took)
}

// idleFaults names faults that no call has met: what they were to rehearse was not rehearsed.
func (c *console) idleFaults() {
	for _, f := range c.twin.Faults() {
		if f.Struck == 0 {
			c.notice(fmt.Sprintf("the fault %s struck nothing: %s", f.Rule, met(f.Seen)))
		}
	}
}

func met(calls int) string {
	switch calls {
	case 0:
		return "no call matched it"
	case 1:
		return "one call matched it"
	}
	return fmt.Sprintf("%d calls matched it", calls)
}

// deployed tells what exists now, and what to do with it.
func (c *console) deployed(o engine.Outcome, took time.Duration) error {
	g, err := c.engine.Graph()
	if err != nil {
		return err
	}
	if counts := report.Counts(o); counts == "" {
		fmt.Fprintf(c.out, "%s: nothing to change: %d resources as declared (%s)\n", c.stack, o.Same, report.Seconds(took))
	} else {
		fmt.Fprintf(c.out, "%s: %s, %d as they were (%s)\n", c.stack, counts, o.Same, report.Seconds(took))
		if o.Same > 0 {
			fmt.Fprint(c.out, report.Changes(o))
		}
	}
	fmt.Fprintln(c.out)
	fmt.Fprint(c.out, report.Outputs(o.Outputs,
		report.Fact{Name: "state", Value: c.relative(c.engine.State())},
		report.Fact{Name: "world", Value: c.relative(c.project.World(c.stack))}))
	fmt.Fprintln(c.out)
	if drawn, err := picture.Text(g, report.Columns(c.out)); err != nil {
		c.notice("there is no picture of it: " + err.Error())
	} else {
		fmt.Fprintln(c.out, drawn)
	}
	c.next(c.out, "preview", "what a change of the program or of Pulumi."+c.stack+".yaml would do")
	c.next(c.out, "graph", "the picture of it, as SVG and Mermaid")
	c.next(c.out, "twin", "use the ordinary pulumi command on it")
	c.next(c.out, "down", "take it down")
	return nil
}

// halted tells how to go on after a deployment that did not end.
func (c *console) halted(o engine.Outcome, err error) error {
	switch counts := report.Counts(o); {
	case counts != "":
		fmt.Fprintf(c.errs, "until then: %s\n", counts)
	case o.Operation != "down" && o.Managed == 0:
		return err // there is nothing to go on from
	}
	again := "what was made is kept: to go on, start `causeway %s%s` again; to take it down, `causeway down%s`"
	if o.Operation == "down" {
		again = "what is left is kept: to go on, start `causeway %[1]s%[2]s` again"
	}
	fmt.Fprintf(c.errs, again+"\n", o.Operation, c.flag(), c.flag())
	return err
}

// next is a line that says what to type, and for what.
func (c *console) next(w io.Writer, command, what string) {
	fmt.Fprintf(w, "  bin/causeway %-*s  %s\n", 8+len(c.flag()), command+c.flag(), what)
}

// flag is the stack's flag as it must be typed; nothing for the default.
func (c *console) flag() string {
	if c.stack == "local" {
		return ""
	}
	return " --stack " + c.stack
}

// relative is a path as seen from the project, where that is shorter.
func (c *console) relative(path string) string {
	if rel, err := filepath.Rel(c.project.Root, path); err == nil {
		return rel
	}
	return path
}
