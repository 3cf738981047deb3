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
	return choosesRefresh(choosesPacks(choosesManners(choosesBrain(&cobra.Command{
		Use:   "up",
		Short: "deploy a stack on the twin",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return up(cmd, sh, *stack) },
	}))))
}

func up(cmd *cobra.Command, sh shell, stack string) (err error) {
	r, err := begin(cmd.Context(), cmd, sh, stack, needed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()

	if r.judged { // before anything is made
		if _, _, err := r.watched(cmd.Context(), "previewing "+stack, r.engine.Preview); err != nil {
			return err
		}
	}
	outcome, took, err := r.watched(cmd.Context(), "deploying "+stack, r.engine.Up)
	strays := r.strays()
	r.idleFaults()
	if err != nil {
		return r.halted(outcome, err)
	}
	if strays != nil {
		return strays
	}
	return r.deployed(outcome, took)
}

// idleFaults tells of faults that no call has met: what they were to rehearse was not.
func (r *rehearsal) idleFaults() {
	for _, f := range r.twin.Faults() {
		if f.Struck == 0 {
			r.notice(fmt.Sprintf("the fault %s struck nothing: %s", f.Rule, met(f.Seen)))
		}
	}
}

func met(calls int) string {
	switch calls {
	case 0:
		return "nothing like it was asked of the twin"
	case 1:
		return "one call was like it"
	}
	return fmt.Sprintf("%d calls were like it", calls)
}

const refreshFlag = "refresh"

// choosesRefresh lets a command go by what exists rather than by what the state remembers.
func choosesRefresh(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().Bool(refreshFlag, false, "read first what exists, and put right what was changed behind Pulumi's back")
	return cmd
}

// deployed tells what exists now, and what to do with it.
func (r *rehearsal) deployed(o engine.Outcome, took time.Duration) error {
	g, err := r.engine.Graph()
	if err != nil {
		return err
	}
	if counts := report.Counts(o); counts == "" {
		fmt.Fprintf(r.out, "%s: nothing to change: %d resources as declared (%s)\n", r.stack, o.Same, report.Seconds(took))
	} else {
		fmt.Fprintf(r.out, "%s: %s, %d as they were (%s)\n", r.stack, counts, o.Same, report.Seconds(took))
		if o.Same > 0 {
			fmt.Fprint(r.out, report.Changes(o))
		}
	}
	fmt.Fprintln(r.out)
	fmt.Fprint(r.out, report.Outputs(o.Outputs,
		report.Fact{Name: "state", Value: r.relative(r.engine.State())}, report.Fact{Name: "world", Value: r.relative(r.project.World(r.stack))}))
	fmt.Fprintln(r.out)
	if drawn, err := picture.Text(g); err != nil {
		r.notice("there is no picture of it: " + err.Error())
	} else {
		fmt.Fprintln(r.out, drawn)
	}
	r.next(r.out, "preview", "what a change of the program or of Pulumi."+r.stack+".yaml would do")
	r.next(r.out, "graph", "the picture of it, as SVG and Mermaid")
	r.next(r.out, "twin", "use the ordinary pulumi command on it")
	r.next(r.out, "down", "take it down")
	return nil
}

// halted tells how to go on after a deployment that did not end.
func (r *rehearsal) halted(o engine.Outcome, err error) error {
	if counts := report.Counts(o); counts != "" {
		fmt.Fprintf(r.errs, "until then: %s\n", counts)
	}
	again := "what was made is kept: to go on, start `causeway %s%s` again; to take it down, `causeway down%s`"
	if o.Operation == "down" {
		again = "what is left is kept: to go on, start `causeway %[1]s%[2]s` again"
	}
	fmt.Fprintf(r.errs, again+"\n", o.Operation, r.flag(), r.flag())
	return err
}

// next is a line that says what to type for what.
func (r *rehearsal) next(w io.Writer, command, what string) {
	fmt.Fprintf(w, "  bin/causeway %-*s  %s\n", 8+len(r.flag()), command+r.flag(), what)
}

// flag is the stack's flag as it must be typed; nothing for the default.
func (r *rehearsal) flag() string {
	if r.stack == "local" {
		return ""
	}
	return " --stack " + r.stack
}

// relative is a path as seen from the project, where it is shorter.
func (r *rehearsal) relative(path string) string {
	if rel, err := filepath.Rel(r.project.Root, path); err == nil {
		return rel
	}
	return path
}
