package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/prove"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
	"github.com/causeway-iac/causeway/twin/live/cloudapi"
	"github.com/causeway-iac/causeway/twin/live/judge"
	"github.com/causeway-iac/causeway/twin/live/node"
)

// probeWait is how long a probe waits for an answer: refused packets are dropped silently.
const probeWait = time.Second

func liveProveCommand(sh shell, stack *string) *cobra.Command {
	return &cobra.Command{
		Use:   "prove",
		Short: "hold the living world to the proof: by packets, and by calls of AWS's API",
		Long: `Has every node try to reach every other on every port that is of interest, and every role ask for
every secret, object and bucket, and compares what comes of it with what is proved of the deployed stack
(causeway verify --reach). The two share no code, so a difference is a mistake of one of them, or somebody
changed the world behind Pulumi's back: rules that are not as the state has them are named.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return liveProve(cmd, sh, *stack) },
	}
}

func liveProve(cmd *cobra.Command, sh shell, stack string) error {
	ctx := cmd.Context()
	a, _, err := findAlive(ctx, stack)
	if err != nil {
		return err
	}
	p, err := a.Plan(ctx)
	if err != nil {
		return err
	}
	g, err := deployed(cmd, sh, stack)
	if err != nil {
		return err
	}
	if g == nil {
		return fmt.Errorf("nothing of %s is deployed any more", stack)
	}
	progress := report.NewProgress(cmd.ErrOrStderr(), "trying what packets reach in "+stack)
	packets, probes, err := prove.Packets(g, p, func(from string, probes []node.Probe) ([]node.Outcome, error) {
		return a.Try(ctx, from, probes, probeWait)
	})
	progress.Close()
	if err != nil {
		return err
	}
	cloud := ""
	for k := range p.Nodes {
		if p.Nodes[k].Kind == "cloud" {
			cloud = p.Nodes[k].Name
		}
	}
	rights, questions, err := prove.Rights(g, p, func(q []cloudapi.Question) (verdicts []judge.Verdict, err error) {
		return verdicts, a.Ask(ctx, cloud, cloudapi.AskJudge, q, &verdicts)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d connections tried and %d calls judged\n", stack, probes, questions)
	for _, sentence := range prove.Behind(g, p) {
		fmt.Fprintln(cmd.OutOrStdout(), sentence)
	}
	if all := append(packets, rights...); len(all) > 0 {
		fmt.Fprintln(cmd.OutOrStdout(), prove.Summary(all))
		return errors.New("the living world and the proof differ")
	}
	fmt.Fprintln(cmd.OutOrStdout(), "the living world and the proof agree")
	return nil
}
