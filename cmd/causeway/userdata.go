package main

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/twin"
)

func userdataCommand(sh shell, stack *string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "userdata TIER",
		Short: "print what the instances of a tier boot from: its cloud-init",
		Long: `Prints the user data that the program gives to the instances of a tier (web or
app), as a person reads it. The stack is deployed on a twin in memory for this,
so what is printed is what the program says now, whatever is deployed.`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return userdata(cmd, sh, *stack, args[0]) },
	}
	return completes(cmd, func(args []string) []string {
		if len(args) > 0 {
			return nil
		}
		return []string{"app", "web"}
	})
}

func userdata(cmd *cobra.Command, sh shell, stack, tier string) error {
	data := map[string]string{}
	err := throwaway(cmd, sh, stack, func(t *twin.Twin, _ *engine.Engine) (err error) {
		data, err = launchTemplates(t)
		return err
	})
	if err != nil {
		return err
	}
	var names []string
	for name, text := range data {
		if names = append(names, name); slices.Contains(strings.Split(name, "-"), tier) {
			fmt.Fprint(cmd.OutOrStdout(), text)
			return nil
		}
	}
	slices.Sort(names)
	return &codedError{exitConfiguration, fmt.Errorf("no tier is named %q; there are launch templates for %s", tier,
		strings.Join(names, ", "))}
}

// launchTemplates are the user data of all launch templates, by logical name.
func launchTemplates(t *twin.Twin) (map[string]string, error) {
	data := map[string]string{}
	for _, r := range t.Resources() {
		if r.Type != "aws:ec2/launchTemplate:LaunchTemplate" {
			continue
		}
		encoded, _ := r.Inputs["userData"].(string)
		text, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, fmt.Errorf("decoding the user data of %s: %w", r.ID, err)
		}
		data[urn.URN(r.URN).Name()] = string(text)
	}
	return data, nil
}
