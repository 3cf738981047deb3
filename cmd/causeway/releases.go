package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/releases"
)

func releasesCommand(stack *string) *cobra.Command {
	var state, objects string
	cmd := &cobra.Command{
		Use:   "releases",
		Short: "what releases there are to deploy, and which one runs",
		Long: `Lists the releases that the stack's bucket holds, by tier, the newest first: when each
came, and which is deployed. Deploying one of them again is a line of the settings:

    causeway:web: {release: "sha256:..."}

The stack is the one on the twin. Of one on AWS, --state reads what is deployed, and
--objects what the bucket holds, from what two commands wrote.`,
		Example: `  causeway releases
  pulumi stack export -s dev >state.json
  aws s3api list-objects-v2 --bucket "$(pulumi stack output releases -s dev)" | causeway releases --state state.json --objects -`,
		Args: noArguments,
	}
	cmd.Flags().StringVar(&state, "state", "", "a `FILE` that 'pulumi stack export' wrote, or - for standard input")
	cmd.Flags().StringVar(&objects, "objects", "", "a `FILE` that 'aws s3api list-objects-v2' wrote, or - for standard input")
	asksJSON(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if state == "" && objects != "" || state == "-" && objects == "-" {
			return &codedError{exitConfiguration, errors.New("--objects goes with --state, and one of them with a file's name")}
		}
		found, err := findReleases(cmd, *stack, state, objects)
		if err != nil {
			return err
		}
		return show(cmd, found, func(w io.Writer) { writeReleases(w, found) })
	}
	return cmd
}

func findReleases(cmd *cobra.Command, stack, state, objects string) (_ []releases.Release, err error) {
	if state == "" {
		things, err := onTheTwin(cmd, stack)
		return releases.List(things, nil), err
	}
	things, err := readFrom(cmd.InOrStdin(), state, releases.ReadState)
	if err != nil || objects == "" {
		return releases.List(things, nil), err
	}
	held, err := readFrom(cmd.InOrStdin(), objects, releases.ReadObjects)
	return releases.List(things, held), err
}

func readFrom[T any](in io.Reader, path string, read func(io.Reader) (T, error)) (none T, err error) {
	if path == "-" {
		return read(in)
	}
	f, err := os.Open(path)
	if err != nil {
		return none, err
	}
	defer f.Close()
	return read(f)
}

func onTheTwin(cmd *cobra.Command, stack string) (things []releases.Thing, err error) {
	t, err := openTool(cmd, stack, looks)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	items, err := t.Items(false)
	for _, i := range items {
		i.Outputs["id"] = i.ID
		things = append(things, releases.Thing{Type: i.Type, Created: i.Created, Outputs: i.Outputs})
	}
	return things, err
}

func writeReleases(w io.Writer, all []releases.Release) {
	var rows [][]string
	for _, r := range all {
		came, runs := "", ""
		if !r.Came.IsZero() {
			came = r.Came.UTC().Format(time.DateTime)
		}
		if r.Deployed {
			runs = "deployed"
		}
		if r.Of > 0 {
			runs += fmt.Sprintf(", on %d of %d servers", r.Servers, r.Of)
		}
		rows = append(rows, []string{r.Tier, r.Name, came, runs})
	}
	table(w, "there are no releases", []string{"TIER", "RELEASE", "CAME (UTC)", "RUNS"}, rows)
}
