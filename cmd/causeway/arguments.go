package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/infra/settings"
)

// noArguments refuses arguments the way cobra refuses wrong flags.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasAvailableSubCommands() {
		return unknownCommand(cmd, args[0])
	}
	return &codedError{exitConfiguration, fmt.Errorf("%q: `%s` takes flags only", args[0], cmd.CommandPath())}
}

// arguments requires between least and most of them, and otherwise shows what the command takes; a most of -1 is no limit.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		return &codedError{exitConfiguration, fmt.Errorf("write `%s`: `%s --help` says more", cmd.UseLine(), cmd.CommandPath())}
	}
}

// unknownCommand suggests the nearest command, or lists those there are.
func unknownCommand(cmd *cobra.Command, name string) error {
	var known []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			known = append(known, c.Name())
		}
	}
	near := settings.Nearest(name, known)
	if begun := slices.IndexFunc(known, func(k string) bool { return strings.HasPrefix(k, name) }); near == "" && begun >= 0 {
		near = known[begun]
	}
	if near != "" {
		return &codedError{exitConfiguration, fmt.Errorf("there is no `%s %s`: did you mean `%[1]s %[3]s`?", cmd.CommandPath(), name, near)}
	}
	return &codedError{exitConfiguration, fmt.Errorf("there is no `%s %s`: there are %s", cmd.CommandPath(), name,
		strings.Join(known, ", "))}
}

// refuseUnknownHelp makes help refuse unknown commands, as the command line does.
func refuseUnknownHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	shells, _, _ := root.Find([]string{"completion"})
	for _, shell := range shells.Commands() {
		shell.Args = noArguments
	}
	help, _, _ := root.Find([]string{"help"})
	show := help.Run
	help.Run, help.RunE = nil, func(cmd *cobra.Command, args []string) error {
		if found, rest, _ := root.Find(args); len(rest) > 0 && found.HasAvailableSubCommands() {
			return unknownCommand(found, rest[0])
		}
		show(cmd, args)
		return nil
	}
}

// refuseUnknownCommands makes every command that only groups others refuse unknown ones; cobra would show help and
// exit with 0.
func refuseUnknownCommands(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = noArguments
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, c := range cmd.Commands() {
		refuseUnknownCommands(c)
	}
}

// completeStacks completes the names of the project's stacks.
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

// completes completes a command's arguments from words, which gets the arguments so far.
func completes(cmd *cobra.Command, words func(args []string) []string) *cobra.Command {
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		found := words(args)
		slices.Sort(found)
		return slices.Compact(found), cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

// wrongFlag says what to write in place of a flag that the command does not have, or of a value that it does not take.
func wrongFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		var flags []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, "--"+f.Name) })
		if near := settings.Near("--"+unknown.GetSpecifiedName(), flags); near != "" {
			return fmt.Errorf("%w: %s", err, near)
		}
		return fmt.Errorf("%w: `%s --help` lists the flags", err, cmd.CommandPath())
	case errors.As(err, &wrong):
		takes := map[string]string{"bool": "true or false, or nothing", "int": "a whole number", "uint64": "a whole number from 0",
			"float64": "a number", "duration": "a time, such as 300ms", "stringToInt": "NAME=NUMBER"}
		if what := takes[wrong.GetFlag().Value.Type()]; what != "" {
			return fmt.Errorf("--%s %q: write %s", wrong.GetFlag().Name, wrong.GetValue(), what)
		}
	}
	return err
}
