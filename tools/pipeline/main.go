// Command pipeline is what the workflows of .github do beyond a line of shell: it previews stacks on the twin into a
// small file, posts such a file as a comment, and maintains the issues about drift. It links no cloud's SDK, so that `go
// run` starts it in seconds anywhere.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/review"
)

const usage = `usage: go run ./tools/pipeline COMMAND

  preview -out FILE -pull N -commit SHA [-without-base a,b] STACK...
          preview each stack with bin/causeway and save what it says
  comment -run ID -commit SHA
          post the preview that the run ID saved on its pull request
  found   -out FILE -stack NAME -exit CODE FILE
          save what a refresh found
  issue   FILE...
          open, update or close the issue of each stack whose refresh was saved
  summary -title TEXT FILE
          print a program's output as Markdown that it cannot break out of
  review  FILE
          print the review of a preview (pulumi preview --json --show-sames) as Markdown
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	commands := map[string]func(context.Context, []string, io.Writer) error{
		"preview": previewCommand, "comment": commentCommand, "found": foundCommand, "issue": issueCommand, "summary": summaryCommand,
		"review": reviewCommand,
	}
	if len(args) == 0 || commands[args[0]] == nil {
		return errors.New("there is no such command\n" + usage)
	}
	return commands[args[0]](ctx, args[1:], out)
}

func previewCommand(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("preview", flag.ContinueOnError)
	file, base := f.String("out", "", ""), f.String("base", "HEAD^1", "")
	p := preview{Schema: schema}
	f.IntVar(&p.Pull, "pull", 0, "")
	f.StringVar(&p.Commit, "commit", "", "")
	if err := f.Parse(args); err != nil {
		return err
	}
	failed := p.run(ctx, f.Args(), *base, out)
	if err := save(*file, p); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("the review of %s says no", strings.Join(failed, " and "))
	}
	return nil
}

func commentCommand(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("comment", flag.ContinueOnError)
	run := f.Int64("run", 0, "")
	commit := f.String("commit", "", "")
	if err := f.Parse(args); err != nil {
		return err
	}
	hub, err := fromEnvironment()
	if err != nil {
		return err
	}
	said, err := hub.comment(ctx, *run, *commit)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, said)
	return nil
}

func foundCommand(_ context.Context, args []string, _ io.Writer) error {
	f := flag.NewFlagSet("found", flag.ContinueOnError)
	file := f.String("out", "", "")
	d := drift{Schema: schema}
	f.StringVar(&d.Stack, "stack", "", "")
	f.IntVar(&d.Exit, "exit", 0, "")
	if err := f.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(f.Arg(0))
	if err != nil {
		return err
	}
	d.Output = shorten(clean(string(text)), outputLimit)
	if err := d.check(); err != nil {
		return err
	}
	return save(*file, d)
}

func issueCommand(ctx context.Context, args []string, out io.Writer) error {
	hub, err := fromEnvironment()
	if err != nil {
		return err
	}
	for _, path := range args {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		d, err := readDrift(b)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		said, err := hub.issue(ctx, d, time.Now())
		if err != nil {
			return fmt.Errorf("the issue of %s: %w", d.Stack, err)
		}
		fmt.Fprintf(out, "%s: %s\n", d.Stack, said)
	}
	return nil
}

func summaryCommand(_ context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("summary", flag.ContinueOnError)
	title := f.String("title", "", "")
	if err := f.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(f.Arg(0))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "### %s\n\n%s\n", *title, fence(shorten(clean(string(text)), summaryLimit)))
	return err
}

// reviewCommand writes the review of a real stack for a job's summary. It fails where the gate refuses.
func reviewCommand(_ context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("give the preview's file\n" + usage)
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	p, err := graph.ReadPreview(f)
	if err != nil {
		return err
	}
	r := review.Of(p, time.Now())
	if _, err := io.WriteString(out, r.Markdown(summaryLimit)+"\n"); err != nil {
		return err
	}
	if r.Stopped {
		return fmt.Errorf("the review of %s says no", r.Stack)
	}
	return nil
}
