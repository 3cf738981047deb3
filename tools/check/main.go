// Command check is the whole check of this repository: what `make test` and CI run.
//
// It runs each step even if an earlier one failed, and ends with a table of what took how long.
//
//	go run ./tools/check                  everything
//	go run ./tools/check format vet       these steps only
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// step is one part of the check. Its function writes what went wrong to out.
type step struct {
	name string
	does string
	run  func(ctx context.Context, out io.Writer) error
}

var steps = []step{
	{"build", "bin/pulumi, bin/causeway, bin/actionlint", build},
	{"format", "gofmt", format},
	{"vet", "go vet, in every module", vet},
	{"workflows", "actionlint over .github/workflows", workflows},
	{"test", "go test, in every module", test},
}

// result is how one step ended.
type result struct {
	step step
	took time.Duration
	err  error
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	chosen, err := choose(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "check: "+err.Error())
		os.Exit(2)
	}
	results := runAll(ctx, chosen, os.Stdout)
	fmt.Print(table(results))
	for _, r := range results {
		if r.err != nil {
			os.Exit(1)
		}
	}
}

// choose picks the named steps, in the order in which they run; all when none is named.
func choose(names []string) ([]step, error) {
	if len(names) == 0 {
		return steps, nil
	}
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	var chosen []step
	for _, s := range steps {
		if wanted[s.name] {
			chosen = append(chosen, s)
			delete(wanted, s.name)
		}
	}
	for n := range wanted {
		known := make([]string, len(steps))
		for i, s := range steps {
			known[i] = s.name
		}
		return nil, fmt.Errorf("no step is named %q; there are: %s", n, strings.Join(known, ", "))
	}
	return chosen, nil
}

// runAll runs the steps one after another, so that their output stays apart and no two of them link large programs at
// once. If the build fails, nothing follows it.
func runAll(ctx context.Context, chosen []step, out io.Writer) (results []result) {
	for _, s := range chosen {
		if ctx.Err() != nil {
			break
		}
		fmt.Fprintf(out, "== %s: %s\n", s.name, s.does)
		began := time.Now()
		err := s.run(ctx, out)
		results = append(results, result{s, time.Since(began), err})
		if err != nil {
			fmt.Fprintf(out, "== %s FAILED: %v\n", s.name, err)
			if s.name == "build" {
				break
			}
		}
	}
	return results
}

// table says how long each step took, and what failed.
func table(results []result) string {
	var b strings.Builder
	var total time.Duration
	b.WriteString("\n  step       seconds\n")
	for _, r := range results {
		verdict := "ok"
		if r.err != nil {
			verdict = "FAILED: " + r.err.Error()
		}
		fmt.Fprintf(&b, "  %-10s %7.1f  %s\n", r.step.name, r.took.Seconds(), verdict)
		total += r.took
	}
	fmt.Fprintf(&b, "  %-10s %7.1f\n", "all", total.Seconds())
	return b.String()
}

// command runs a program whose output is part of the check's.
func command(ctx context.Context, out io.Writer, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, brief(args), err)
	}
	return nil
}

// brief is the arguments, shortened for reading.
func brief(args []string) string {
	const few = 8
	if len(args) > few {
		return strings.Join(args[:few], " ") + fmt.Sprintf(" and %d more", len(args)-few)
	}
	return strings.Join(args, " ")
}
