package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// refuseManners refuses flags that say how a twin behaves when the twin is already running.
func refuseManners(cmd *cobra.Command, flag string) error {
	var given []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case faultFlag, seedFlag, latencyFlag, consistencyFlag, throttleFlag, quotaFlag, delegationFlag, brainFlag:
			given = append(given, "--"+f.Name)
		}
	})
	if len(given) == 0 {
		return nil
	}
	return &codedError{exitConfiguration, fmt.Errorf("%s: the world is alive and its twin behaves as it was told when it started: "+
		"`causeway live%s --stop` first, or `causeway twin%[2]s faults add` for a fault", strings.Join(given, ", "), flag)}
}
