package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

const packFlag = "policy-pack"

// choosesPacks gives a command the flag that names policy packs, as pulumi has it.
func choosesPacks(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringArray(packFlag, nil, "a policy pack that must agree, such as bin/policy (may be repeated)")
	return cmd
}

// readPacks is the packs that the command line names, by paths that hold wherever the engine runs.
func readPacks(cmd *cobra.Command) ([]string, error) {
	if cmd.Flags().Lookup(packFlag) == nil {
		return nil, nil
	}
	names, err := cmd.Flags().GetStringArray(packFlag)
	if err != nil {
		return nil, fmt.Errorf("reading --%s: %w", packFlag, err)
	}
	packs := make([]string, len(names))
	for i, name := range names {
		if _, err := os.Stat(name); err != nil {
			return nil, &codedError{exitConfiguration, fmt.Errorf("--%s: %w: `make build` makes bin/policy", packFlag, err)}
		}
		if packs[i], err = filepath.Abs(name); err != nil {
			return nil, fmt.Errorf("finding the policy pack: %w", err)
		}
	}
	return packs, nil
}
