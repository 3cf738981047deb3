package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/base"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/rehearsal"
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/review"
)

// reviewed is what review was asked for.
type reviewed struct {
	base, preview  string
	state          string // that the preview is of
	keep           string
	json, markdown bool
}

func reviewCommand(sh shell, stack *string) *cobra.Command {
	var v reviewed
	cmd := &cobra.Command{
		Use:   "review",
		Short: "what a change would do to a stack, for whoever approves it",
		Long: `Tells what a change would do: what would be lost and why, what becomes reachable,
which control breaks, and what it costs. It needs no credential.

With --base the revision is deployed on a twin of its own, and the program and the
settings as they are here are previewed on that. With --preview it reads a preview
of any stack: what pulumi preview --json --show-sames writes or, with --state,
what pulumi preview --json does of the state that pulumi stack export wrote.

The exit code is 5 where the gate says no: something that holds data or identity
would be lost, a protection is switched off, or a control that held breaks.`,
		Example: `  causeway review --stack prod --base main
  pulumi preview -s prod --json --show-sames | causeway review --preview -
  causeway review --stack prod --base origin/main --markdown`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (v.base == "") == (v.preview == "") {
				return &codedError{exitConfiguration,
					errors.New("give one of --base (a revision, such as main) and --preview (a file, or -)")}
			}
			if v.state != "" && (v.preview == "" || v.preview == "-" && v.state == "-") {
				return &codedError{exitConfiguration, errors.New("--state goes with --preview, and one of the two is a file")}
			}
			if v.json && v.markdown {
				return &codedError{exitConfiguration, errors.New("--json and --markdown exclude each other: give one")}
			}
			p, err := v.read(cmd, sh, *stack)
			if err != nil {
				return err
			}
			return v.write(cmd.OutOrStdout(), review.Of(p, time.Now()))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&v.base, "base", "", "the `REVISION` that the change is compared with, such as main")
	flags.StringVar(&v.preview, "preview", "", "a `FILE` that pulumi preview --json --show-sames wrote, or - for standard input")
	flags.StringVar(&v.state, "state", "", "with --preview: a `FILE` that pulumi stack export wrote, for what the preview leaves out")
	flags.StringVar(&v.keep, "keep", "", "also write the preview of the change on the base to this `FILE`, for a later --preview")
	flags.BoolVar(&v.json, "json", false, "write the review as JSON")
	flags.BoolVar(&v.markdown, "markdown", false, "write the review as Markdown: the comment on a pull request")
	return cmd
}

// read is the preview to review, from a file or of the working tree on its base.
func (v *reviewed) read(cmd *cobra.Command, sh shell, stack string) (*graph.Preview, error) {
	if v.base != "" {
		return v.onBase(cmd, sh, stack)
	}
	preview, err := opened(cmd.InOrStdin(), v.preview)
	if err != nil {
		return nil, err
	}
	defer preview.Close()
	if v.state == "" {
		return graph.ReadPreview(preview)
	}
	state, err := opened(cmd.InOrStdin(), v.state)
	if err != nil {
		return nil, err
	}
	defer state.Close()
	return graph.ReadPreviewOf(preview, state)
}

// opened is a file, or what comes by standard input.
func opened(in io.Reader, path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(in), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the stack: %w", err)
	}
	return f, nil
}

// onBase previews the program in the working tree on what a revision has deployed.
func (v *reviewed) onBase(cmd *cobra.Command, sh shell, stack string) (_ *graph.Preview, err error) {
	ctx := cmd.Context()
	here, err := locate(stack)
	if err != nil {
		return nil, err
	}
	if _, err := setting(here, stack); err != nil {
		return nil, err
	}
	b, err := base.Find(ctx, here, v.base, cmd.ErrOrStderr())
	if err != nil {
		return nil, &codedError{exitConfiguration, err}
	}
	work, err := b.Deploy(ctx, stack)
	if err != nil {
		return nil, err
	}
	r, err := rehearsal.Open(ctx, rehearsal.Options{
		Project: work, Stack: stack, Doing: "causeway review", Program: reviewing, Passphrase: sh.passphrase, IgnoreProtect: true,
		Notice: func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), "note: "+line) },
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	c := &console{project: work, stack: stack, engine: r.Engine, errs: cmd.ErrOrStderr()}
	said, err := c.digest(ctx)
	if err != nil {
		return nil, err
	}
	if v.keep != "" {
		if err := os.WriteFile(v.keep, said, 0o600); err != nil {
			return nil, fmt.Errorf("keeping the preview: %w", err)
		}
	}
	return graph.ReadPreview(bytes.NewReader(said))
}

func (v *reviewed) write(out io.Writer, r *review.Report) error {
	text, err := []byte(r.Text()), error(nil)
	switch {
	case v.json:
		text, err = r.JSON()
	case v.markdown:
		text = []byte(r.Markdown(review.Most))
	}
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("writing the review: %w", err)
	}
	if r.Stopped {
		return &codedError{exitPolicy, &toldError{fmt.Errorf("%s: the gate says no", r.Stack)}}
	}
	return nil
}
