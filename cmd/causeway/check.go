package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
)

func checkCommand(stack *string, resolver dns.Resolver) *cobra.Command {
	var offline bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "check a stack's settings, and that its domain is delegated",
		Long: `Check reads a stack's settings, and how its twin behaves where Twin.<stack>.yaml
says so, and reports everything that is wrong with them.
For a stack of a real account it then asks the public DNS whether the domain's
zone is served by the provider that the settings name: a certificate cannot be
issued before that. It needs no credential and changes nothing.
It compiles the guestbook where that is run. Whether a release in the stack's
bucket, an image or a secret exists shows only when the stack is deployed.
Exit codes: 2 where the settings are wrong, 1 where the guestbook does not compile
or the zone is served by another, and 10 where the public DNS could not be asked;
--offline neither asks nor compiles.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := locate(*stack)
			if err != nil {
				return err
			}
			s, err := stacks.Check(p.Root, *stack, time.Now())
			for _, notice := range s.Notices {
				fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", notice)
			}
			if err != nil {
				return &codedError{exitConfiguration, err}
			}
			m, err := mannersIn(p.Manners(*stack))
			if err != nil {
				return err
			}
			if err := (twin.Options{Account: s.AccountID, Region: s.Region, Granted: s.Quotas, Manners: m}).CheckAccount(); err != nil {
				return &codedError{exitConfiguration, err}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: the settings are right; of %d bytes of user data, web has %d and app %d\n",
				*stack, stacks.UserDataLimit, s.UserData["web"], s.UserData["app"])
			if offline {
				return nil
			}
			if err := s.OpenReleases(cmd.Context(), p.Root); err != nil {
				return err
			}
			if s.Environment == "local" {
				return nil
			}
			servers, err := dns.CheckDelegation(cmd.Context(), resolver, s.DNS.Zone, s.DNS.Provider)
			if err != nil {
				return delegation(err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: served by %s\n", s.DNS.Zone, strings.Join(servers, ", "))
			return nil
		},
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "ask nobody whether the domain is delegated, and compile nothing")
	return cmd
}

// delegation tells a zone that is not delegated from a public DNS that does not answer.
func delegation(err error) error {
	var unanswered *net.DNSError
	err = fmt.Errorf("checking the delegation: %w", err)
	if errors.As(err, &unanswered) && !unanswered.IsNotFound {
		return &codedError{exitNoAnswer, fmt.Errorf("%w; --offline checks the settings alone", err)}
	}
	return err
}
