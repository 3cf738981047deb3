package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
	"github.com/causeway-iac/causeway/twin"
)

func userdataCommand(sh shell, stack *string) *cobra.Command {
	return &cobra.Command{
		Use:   "userdata TIER",
		Short: "print what the instances of a tier boot from: its cloud-init",
		Long: `Prints the user data that the program gives to the instances of a tier (web or
app), as a person reads it. The stack is deployed on a twin in memory for this,
so what is printed is what the program says now, whatever is deployed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return userdata(cmd, sh, *stack, args[0]) },
	}
}

func userdata(cmd *cobra.Command, sh shell, stack, tier string) error {
	resources, err := throwaway(cmd, sh, stack)
	if err != nil {
		return err
	}
	data := map[string]string{}
	for _, r := range resources {
		if r.Type != "aws:ec2/launchTemplate:LaunchTemplate" {
			continue
		}
		encoded, _ := r.Inputs["userData"].(string)
		text, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return fmt.Errorf("decoding the user data of %s: %w", r.ID, err)
		}
		data[urn.URN(r.URN).Name()] = string(text)
	}
	var names []string
	for name, text := range data {
		if names = append(names, name); slices.Contains(strings.Split(name, "-"), tier) {
			fmt.Fprint(cmd.OutOrStdout(), text)
			return nil
		}
	}
	slices.Sort(names)
	return &codedError{exitConfiguration, fmt.Errorf("no tier is named %q; there are launch templates for %s", tier, strings.Join(names, ", "))}
}

// throwaway deploys the stack on a twin in memory and returns what then exists. Nothing is kept.
func throwaway(cmd *cobra.Command, sh shell, stack string) (_ []twin.Resource, err error) {
	p, err := locate(stack)
	if err != nil {
		return nil, err
	}
	options, err := setting(p, stack)
	if err != nil {
		return nil, err
	}
	ctx := cmd.Context()
	t, err := twin.Start(context.WithoutCancel(ctx), options)
	if err != nil {
		return nil, fmt.Errorf("starting the twin: %w", err)
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	e, err := engine.Open(ctx, engine.Options{
		Project: p, Stack: stack, Program: program, Attach: t.Attach(), Passphrase: sh.passphrase, Throwaway: true,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	outcome, err := e.Up(ctx, nil)
	if err != nil {
		fmt.Fprint(cmd.ErrOrStderr(), report.Problems(outcome))
		return nil, classify(outcome, err)
	}
	return t.Resources(), nil
}
