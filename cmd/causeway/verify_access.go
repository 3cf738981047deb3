package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
)

// question is what people ask about permissions: who can do something, or what somebody can do.
type question struct {
	who, on, what string
}

func (a *question) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&a.who, "who", "", "who can do an action: --who can secretsmanager:GetSecretValue --on prod-database")
	flags.StringVar(&a.on, "on", "", "with --who: the resource that it is done to, by its name or ARN")
	flags.StringVar(&a.what, "what", "", "what a role, user or group can do: --what can prod-web do")
}

func (a *question) asked() bool { return a.who != "" || a.what != "" }

// words takes the parts of a question that are not flags: --who can ACTION, --what can ROLE do.
func (a *question) words(words []string) error {
	next := func(value *string, sentence string) error {
		if *value != "can" {
			return nil
		}
		if len(words) == 0 {
			return errors.New("a word is missing: write " + sentence)
		}
		*value, words = words[0], words[1:]
		return nil
	}
	if err := errors.Join(next(&a.who, "--who can secretsmanager:GetSecretValue --on prod-database"),
		next(&a.what, "--what can prod-web do")); err != nil {
		return err
	}
	if a.what != "" && len(words) == 1 && words[0] == "do" {
		words = nil
	}
	switch {
	case len(words) > 0:
		return fmt.Errorf("there is an argument too many: %s", words[0])
	case a.who != "" && a.what != "":
		return errors.New("--who and --what are two questions: ask one")
	case (a.who == "") != (a.on == ""):
		return errors.New("--who and --on go together: give both, such as --who can kms:Decrypt --on prod-data")
	case a.who != "" && !strings.Contains(a.who, ":"):
		return fmt.Errorf("%q is not an action: write one such as secretsmanager:GetSecretValue", a.who)
	}
	return nil
}

// answer writes the answer.
func (a *question) answer(out io.Writer, g *graph.Graph, asJSON bool) error {
	w := iam.Read(g)
	for _, u := range w.Unread() {
		if !asJSON {
			fmt.Fprintf(out, "not read: %s: %s\n", u.Resource.Name, u.Why)
		}
	}
	if a.what != "" {
		does, becomes, err := w.WhatCan(a.what)
		if err != nil {
			return &codedError{exitConfiguration, err}
		}
		return writeDoes(out, a.what, does, becomes, asJSON)
	}
	answers, err := w.WhoCan(a.who, a.on)
	if err != nil {
		return &codedError{exitConfiguration, err}
	}
	if asJSON {
		return writeJSON(out, answers)
	}
	if len(answers) == 0 {
		fmt.Fprintf(out, "nobody in the stack, and nobody whom a policy of it names, can %s on %s\n", a.who, a.on)
	}
	for _, answer := range answers {
		perhaps := map[bool]string{true: " perhaps"}[answer.Unknown]
		fmt.Fprintf(out, "%s%s can: %s\n", answer.Who, perhaps, strings.Join(answer.Way, "; "))
	}
	return nil
}

func writeDoes(out io.Writer, name string, does []iam.Access, becomes [][]iam.Step, asJSON bool) error {
	if asJSON {
		ways := make([][]string, len(becomes))
		for i, way := range becomes {
			for _, step := range way {
				ways[i] = append(ways[i], step.String())
			}
		}
		return writeJSON(out, map[string]any{"does": does, "becomes": ways})
	}
	if len(does)+len(becomes) == 0 {
		fmt.Fprintf(out, "%s can do nothing\n", name)
	}
	for _, access := range does {
		fmt.Fprintf(out, "%s can %s\n", name, access)
	}
	for _, way := range becomes {
		var steps []string
		for _, step := range way {
			steps = append(steps, step.String())
		}
		fmt.Fprintf(out, "%s can come to act as %s: %s\n", name, way[len(way)-1].To.Resource.Name, strings.Join(steps, "; "))
	}
	return nil
}

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}
