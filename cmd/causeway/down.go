package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/live/data"
)

func downCommand(sh shell, stack *string) *cobra.Command {
	var unprotect bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "take a stack on the twin down, to nothing left",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return down(cmd, sh, *stack, unprotect) },
	}
	manners.add(cmd)
	cmd.Flags().BoolVar(&unprotect, "unprotect", false,
		"first lift the protections against deletion (on the twin only, as all of causeway)")
	return cmd
}

func down(cmd *cobra.Command, sh shell, stack string, unprotect bool) (err error) {
	ctx := cmd.Context()
	c, err := begin(ctx, cmd, sh, stack, notNeeded)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()

	protected, err := c.engine.Protected()
	if err != nil {
		return err
	}
	if len(protected) > 0 && !unprotect {
		return &codedError{exitResource,
			fmt.Errorf("nothing was taken down: %d resources are protected against deletion, as the settings of %s ask for:\n    %s\n"+
				"a real stack is taken down by setting protect to false, deploying that, and destroying; its "+
				"rehearsal by `causeway down%s "+
				"--unprotect`",
				len(protected), stack, strings.Join(protected, "\n    "), c.flag())}
	}
	if len(protected) > 0 {
		if err := c.engine.Lift(c.disable); err != nil {
			return err
		}
		fmt.Fprintf(c.out, "%s: protections of %d resources lifted\n", stack, len(protected))
	}
	retained, err := c.engine.Retained(c.exists)
	if err != nil {
		return err
	}
	o, took, err := c.watched(ctx, "taking down "+stack, c.engine.Destroy)
	if err != nil {
		return c.halted(o, err)
	}
	counts := cmp.Or(report.Counts(o), "there was nothing to take down")
	fmt.Fprintf(c.out, "%s: %s (%s)\n", stack, counts, report.Seconds(took))
	return errors.Join(c.whatIsLeft(retained), c.lifeless(ctx))
}

// lifeless ends the living world of a stack that was taken down, and deletes its databases' data unless the program
// retains a database.
func (c *console) lifeless(ctx context.Context) error {
	if slices.ContainsFunc(c.twin.Resources(), func(x twin.Resource) bool { return strings.HasPrefix(x.Type, "aws:rds/") }) {
		return nil
	}
	if a, _, err := findAlive(ctx, c.stack); err == nil {
		if err := a.end(ctx, c.stack); err != nil {
			return err
		}
	}
	return data.Tidy(filepath.Join(liveHome(c.project.Home(c.stack)), "databases"), nil)
}

// exists says whether something is on the twin.
func (c *console) exists(urn, id string) bool {
	return slices.ContainsFunc(c.twin.Resources(), func(x twin.Resource) bool { return x.URN == urn && x.ID == id })
}

// disable turns off a protection on the twin, as a person would in the cloud's console. A missing resource needs none.
func (c *console) disable(typ, id, property string) error {
	there := slices.ContainsFunc(c.twin.Resources(), func(x twin.Resource) bool { return x.Type == typ && x.ID == id })
	if !there {
		return nil
	}
	_, err := c.twin.Change(typ, id, property+"=false")
	return err
}

// whatIsLeft says that the twin is empty, or what is left on it: what the program retains, and what nothing refers to any
// more, which is an error.
func (c *console) whatIsLeft(retained map[string]bool) error {
	var kept, strays []string
	for _, x := range c.twin.Resources() {
		line := fmt.Sprintf("%s %s", x.Type, x.ID)
		if retained[x.URN+" "+x.ID] {
			kept = append(kept, line)
		} else {
			strays = append(strays, line)
		}
	}
	for _, x := range c.twin.Snapshots() {
		kept = append(kept, fmt.Sprintf("%s %s", x.Type, x.ID))
	}
	if len(kept) > 0 {
		fmt.Fprintf(c.out, "%s: %s kept, as in the cloud, where %s:\n    %s\n"+
			"on the twin, `causeway twin%s drift delete TYPE ID` takes one away, `causeway twin%[5]s reset --yes` all\n",
			c.stack, areResources(len(kept)), map[bool]string{true: "it costs until somebody deletes it",
				false: "they cost until somebody deletes them"}[len(kept) == 1], strings.Join(kept, "\n    "), c.flag())
	}
	if len(strays) > 0 {
		return &codedError{exitResource, fmt.Errorf("the state is empty, but %s left on the twin that it does not know of:\n    %s\n"+
			"they were made outside of it, or their creation was not answered; "+
			"`causeway twin%s drift delete TYPE ID` takes one away, `causeway twin%[3]s reset --yes` all",
			areResources(len(strays)), strings.Join(strays, "\n    "), c.flag())}
	}
	if len(kept) == 0 {
		fmt.Fprintf(c.out, "%s: nothing is left, in the state or on the twin\n", c.stack)
	}
	return nil
}
