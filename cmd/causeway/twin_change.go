package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func twinDriftCommand(stack *string) *cobra.Command {
	cmd := &cobra.Command{
		Use: "drift", Short: "add, change or delete something behind Pulumi's back",
		Long: `Adds, changes or deletes something on the twin without Pulumi knowing, as someone in the
console would, to rehearse what a refresh finds and how a deployment puts it right.`,
	}
	add := &cobra.Command{
		Use: "add TYPE LIKE PROPERTY=VALUE...", Short: "add another thing like one that is there, with properties of its own",
		Args:    arguments(3, -1),
		Example: `  causeway twin drift add SecurityGroupIngressRule local-internet-to-edge-443 fromPort=22 toPort=22`,
	}
	change := &cobra.Command{
		Use: "change TYPE NAME PROPERTY=VALUE...", Short: "change properties; an empty value removes one", Args: arguments(3, -1),
		Example: `  causeway twin drift change ec2/vpc local-network tags.owner=mallory enableDnsHostnames=false`,
	}
	remove := &cobra.Command{Use: "delete TYPE NAME", Short: "delete something, even if other things use it", Args: arguments(2, 2)}
	completesThings(add, stack)
	completesThings(change, stack)
	completesThings(remove, stack)
	cmd.AddCommand(
		onTwin(add, stack, changes, func(cmd *cobra.Command, t *tooled, args []string) error {
			item, err := t.Add(args[0], args[1], args[2:]...)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "added %s %s, which is otherwise like %s\n", shortType(item.Type), shortID(item.ID), args[1])
			return nil
		}),
		onTwin(change, stack, changes, func(cmd *cobra.Command, t *tooled, args []string) error {
			item, err := t.Change(args[0], args[1], args[2:]...)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "changed %s %s (%s)\n", shortType(item.Type), item.Name, shortID(item.ID))
			return nil
		}),
		onTwin(remove, stack, changes, func(cmd *cobra.Command, t *tooled, args []string) error {
			item, err := t.Drop(args[0], args[1])
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "deleted %s %s (%s)\n", shortType(item.Type), item.Name, shortID(item.ID))
			return nil
		}),
	)
	return cmd
}

// errNotServed says that only a running twin has faults.
func errNotServed(stack string) error {
	return fmt.Errorf("the twin of %s is not running, and faults last only as long as the twin they were given to: give --fault to the "+
		"command that starts it, or write them to Twin.%s.yaml", stack, stack)
}

func twinFaultsCommand(stack *string) *cobra.Command {
	cmd := &cobra.Command{Use: "faults", Short: "the faults of a running twin, and how often each struck", Args: noArguments}
	list := onTwin(asksJSON(cmd), stack, looks, func(cmd *cobra.Command, t *tooled, _ []string) error {
		if !t.served {
			return errNotServed(*stack)
		}
		faults, err := t.Faults()
		if err != nil {
			return err
		}
		status, err := t.Status()
		if err != nil {
			return err
		}
		return show(cmd, faults, func(w io.Writer) {
			var rows [][]string
			for _, f := range faults {
				state := "at work"
				if f.Over {
					state = "over"
				}
				rows = append(rows, []string{f.Rule, fmt.Sprint(f.Seen), fmt.Sprint(f.Struck), state})
			}
			table(w, "the twin has no faults", []string{"FAULT", "CALLS", "STRUCK", "STATE"}, rows)
			if len(rows) > 0 {
				fmt.Fprintf(w, "seed %d\n", status.Manners.Seed)
			}
		})
	})
	add := &cobra.Command{Use: "add FAULT...", Short: "add faults to the running twin", Args: arguments(1, -1)}
	clear := &cobra.Command{Use: "clear", Short: "end all faults of the running twin", Args: noArguments}
	list.AddCommand(
		onTwin(add, stack, looks, func(cmd *cobra.Command, t *tooled, args []string) error {
			if !t.served {
				return errNotServed(*stack)
			}
			if err := t.AddFaults(args...); err != nil {
				return &codedError{exitConfiguration, err}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d added\n", len(args))
			return nil
		}),
		onTwin(clear, stack, looks, func(cmd *cobra.Command, t *tooled, _ []string) error {
			if !t.served {
				return errNotServed(*stack)
			}
			fmt.Fprintln(cmd.OutOrStdout(), "no faults any more")
			return t.ClearFaults()
		}),
	)
	return list
}

func twinResetCommand(stack *string) *cobra.Command {
	var yes, state bool
	cmd := &cobra.Command{
		Use: "reset", Short: "empty the twin's world", Args: noArguments,
		Long: `Deletes everything on the twin, with its events. The stack's state stays, and so knows
resources that are gone: to rehearse that loss, go on with a refresh; to begin
anew, reset the state with it.`,
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	cmd.Flags().BoolVar(&state, "state", false, "forget the stack's state, too")
	run := onTwin(cmd, stack, changes, func(cmd *cobra.Command, t *tooled, _ []string) error {
		s, err := t.Status()
		if err != nil {
			return err
		}
		if state && t.served {
			return errors.New("the twin is in use: its state can only be forgotten when nothing runs on it")
		}
		if err := t.Reset(); err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "the world of %s is empty: %s gone\n", *stack, areResources(s.Resources))
		if !state {
			return nil
		}
		if err := os.RemoveAll(filepath.Join(t.project.Home(*stack), "state")); err != nil {
			return fmt.Errorf("forgetting the state: %w", err)
		}
		fmt.Fprintln(cmd.OutOrStdout(), "its state is forgotten")
		return nil
	})
	inner := run.RunE
	run.RunE = func(cmd *cobra.Command, args []string) error {
		if !yes {
			return &codedError{exitConfiguration, fmt.Errorf("this deletes everything on the twin of %s: add --yes if you mean it", *stack)}
		}
		return inner(cmd, args)
	}
	return run
}
