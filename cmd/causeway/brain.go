package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/twin/brain"
)

// The brains that --brain names; anything else is the path of a provider.
const (
	brainBuiltin = "builtin"
	brainAWS     = "aws"
	brainAuto    = "auto"
)

const brainFlag = "brain"

// choosesBrain gives a command the flag that says who checks and diffs.
func choosesBrain(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().String(brainFlag, brainBuiltin, `who checks and compares resources: "builtin", "aws" (the real provider, offline,
from PATH or Pulumi's plugin cache), "auto" (aws if it is installed), or a provider's path`)
	return cmd
}

// openBrain opens the brain that the command line names, with a line for a person that says which
// is at work. It returns nil for the built-in one. What is named and does not work is an error: nobody
// takes its place unasked.
func openBrain(ctx context.Context, cmd *cobra.Command, sh shell) (*brain.Plugin, string, error) {
	flag := cmd.Flags().Lookup(brainFlag)
	if flag == nil {
		return nil, "", nil
	}
	if flag.Value.String() == brainBuiltin {
		return nil, "resources are checked and compared by the built-in rules; --brain aws asks the real AWS provider", nil
	}
	path := flag.Value.String()
	if path == brainAWS || path == brainAuto {
		path = brain.FindPlugin(sh.pulumiHome)
	}
	if path == "" {
		missing := "the real AWS provider is neither on PATH nor in Pulumi's plugin cache: " + brain.HowToInstall
		if flag.Value.String() == brainAWS {
			return nil, "", &codedError{exitConfiguration, fmt.Errorf("%s, or leave --brain out", missing)}
		}
		return nil, missing + "; the built-in brain is at work", nil
	}
	b, err := brain.OpenPlugin(ctx, path)
	if err != nil {
		return nil, "", &codedError{exitConfiguration, err}
	}
	return b, "resources are checked and compared by " + b.Name() + ", offline", nil
}
