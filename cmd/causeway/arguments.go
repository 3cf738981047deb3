package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
)

// noArguments refuses arguments in the same words as a wrong flag is refused.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasAvailableSubCommands() {
		return unknownCommand(cmd, args[0])
	}
	return &codedError{exitConfiguration, fmt.Errorf("%q: `%s` takes flags only", args[0], cmd.CommandPath())}
}

// arguments refuses too few or too many arguments, and shows what the command takes. With most -1 there is no upper
// limit.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		return &codedError{exitConfiguration, fmt.Errorf("write `%s`: `%s --help` says more", cmd.UseLine(), cmd.CommandPath())}
	}
}

// unknownCommand answers a command that does not exist with those that do.
func unknownCommand(cmd *cobra.Command, name string) error {
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return &codedError{exitConfiguration, fmt.Errorf("there is no `%s %s`: did you mean `%[1]s %[3]s`?", cmd.CommandPath(), name,
			near[0])}
	}
	var known []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			known = append(known, c.Name())
		}
	}
	return &codedError{exitConfiguration, fmt.Errorf("there is no `%s %s`: there are %s", cmd.CommandPath(), name,
		strings.Join(known, ", "))}
}

// refuseUnknownCommands makes every command that only groups others refuse an unknown subcommand. Cobra would print its
// help and exit with success.
func refuseUnknownCommands(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = noArguments
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, c := range cmd.Commands() {
		refuseUnknownCommands(c)
	}
}

// completeStacks lets a shell complete the project's stacks.
func completeStacks(root *cobra.Command) {
	_ = root.RegisterFlagCompletionFunc("stack", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		dir, err := os.Getwd()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		p, err := project.Find(dir)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return p.Stacks(), cobra.ShellCompDirectiveNoFileComp
	})
}

// completes lets a shell complete a command's arguments from words, which is given the arguments so far.
func completes(cmd *cobra.Command, words func(args []string) []string) *cobra.Command {
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		found := words(args)
		slices.Sort(found)
		return slices.Compact(found), cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}
