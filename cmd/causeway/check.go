package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
)

func checkCommand(stack *string, resolver dns.Resolver) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "check a stack's settings, and that its domain is delegated",
		Long: `Check reads a stack's settings, and how its twin behaves where Twin.<stack>.yaml
says so, and reports everything that is wrong with them.
For a stack of a real account it then asks the public DNS whether the domain's
zone is served by the provider that the settings name: a certificate cannot be
issued before that. It needs no credential and changes nothing.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := locate(*stack)
			if err != nil {
				return err
			}
			s, err := stacks.Check(p.Root, *stack, time.Now())
			if err != nil {
				return &codedError{exitConfiguration, err}
			}
			if _, err := twin.ReadManners(p.Manners(*stack)); err != nil {
				return &codedError{exitConfiguration, err}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: the settings are right\n", *stack)
			if s.Environment == "local" {
				return nil
			}
			servers, err := dns.CheckDelegation(cmd.Context(), resolver, s.DNS.Zone, s.DNS.Provider)
			if err != nil {
				return fmt.Errorf("checking the delegation: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: served by %s\n", s.DNS.Zone, strings.Join(servers, ", "))
			return nil
		},
	}
}
