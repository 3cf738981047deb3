package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// schema is the version of the files that jobs pass to each other.
const schema = 1

// fileLimit is the most that a file passed between jobs may hold, in bytes.
const fileLimit = 16 << 20

var (
	commitPattern = regexp.MustCompile(`^[0-9a-f]{40}$`)
	stackPattern  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
)

// preview is what a pull request would change, as found by code that nobody has approved: whoever reads it checks it
// first.
type preview struct {
	Schema int     `json:"schema"`
	Pull   int     `json:"pull"`
	Commit string  `json:"commit"` // the head of the pull request
	Stacks []stack `json:"stacks"`
}

type stack struct {
	Name        string `json:"name"`
	Exit        int    `json:"exit"`        // of bin/causeway, which are Pulumi's
	WithoutBase bool   `json:"withoutBase"` // compared with nothing, since the base did not deploy
	Output      string `json:"output"`
	// Preview is what `pulumi preview --json --show-sames` writes, where there is one. The job that comments reviews it
	// with the base's code: a change cannot edit what judges it.
	Preview json.RawMessage `json:"preview,omitempty"`
}

// drift is what a refresh of a real stack found.
type drift struct {
	Schema int    `json:"schema"`
	Stack  string `json:"stack"`
	Exit   int    `json:"exit"` // 0, or 7: Pulumi's code for changes where none were expected
	Output string `json:"output"`
}

// driftFound is Pulumi's exit code for changes where none were expected.
const driftFound = 7

// run reviews each stack against the base, passing on the output as it comes, and names those that failed. A refusal by
// the gate fails the check, not the review.
func (p *preview) run(ctx context.Context, names []string, base string, out io.Writer) (failed []string) {
	for _, name := range names {
		s := stack{Name: name}
		kept := filepath.Join(os.TempDir(), "causeway-"+name+".preview.json")
		_ = os.Remove(kept)
		s.say(ctx, out, "review", "--stack", name, "--base", base, "--markdown", "--keep", kept)
		s.Preview, _ = os.ReadFile(kept)
		if len(s.Preview) == 0 {
			s.Preview = nil
			s.WithoutBase = true
			s.say(ctx, out, "preview", "--stack", name)
		}
		s.annotate(ctx, base, os.Stderr) // standard output is the job's summary
		if s.Exit != 0 {
			failed = append(failed, name)
		}
		p.Stacks = append(p.Stacks, s)
	}
	return failed
}

// say runs the command line and keeps its output and its exit code.
func (s *stack) say(ctx context.Context, out io.Writer, args ...string) {
	var said, notices bytes.Buffer // its first line is the counts, or what went wrong
	cmd := exec.CommandContext(ctx, "bin/causeway", args...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(out, &said), io.MultiWriter(os.Stderr, &notices)
	err := cmd.Run()
	s.Exit = 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		s.Exit = max(exit.ExitCode(), 1)
	case err != nil:
		s.Exit = 1
		fmt.Fprintln(&notices, err)
	}
	s.Output = shorten(clean(said.String()+notices.String()), outputLimit)
}

func save(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}

func readPreview(b []byte) (preview, error) {
	var p preview
	if err := decode(b, &p); err != nil {
		return p, err
	}
	return p, p.check()
}

func readDrift(b []byte) (drift, error) {
	var d drift
	if err := decode(b, &d); err != nil {
		return d, err
	}
	return d, d.check()
}

// decode reads exactly one JSON value with no unexpected field.
func decode(b []byte, v any) error {
	if len(b) > fileLimit {
		return fmt.Errorf("the file has %d bytes, and at most %d are read", len(b), fileLimit)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("reading the file: %w", err)
	}
	if d.More() {
		return errors.New("reading the file: something follows the JSON")
	}
	return nil
}

func (p preview) check() error {
	switch {
	case p.Schema != schema:
		return fmt.Errorf("schema is %d, not %d", p.Schema, schema)
	case p.Pull < 1:
		return fmt.Errorf("pull is %d", p.Pull)
	case !commitPattern.MatchString(p.Commit):
		return fmt.Errorf("commit is %q", p.Commit)
	case len(p.Stacks) < 1 || len(p.Stacks) > 4:
		return fmt.Errorf("there are %d stacks, not one to four", len(p.Stacks))
	}
	seen := map[string]bool{}
	for _, s := range p.Stacks {
		if seen[s.Name] {
			return fmt.Errorf("stack %q is there twice", s.Name)
		}
		seen[s.Name] = true
		if err := checkFound(s.Name, s.Exit, s.Output); err != nil {
			return err
		}
	}
	return nil
}

func (d drift) check() error {
	switch {
	case d.Schema != schema:
		return fmt.Errorf("schema is %d, not %d", d.Schema, schema)
	case d.Exit != 0 && d.Exit != driftFound:
		return fmt.Errorf("exit is %d: 0 is no drift and %d is drift", d.Exit, driftFound)
	}
	return checkFound(d.Stack, d.Exit, d.Output)
}

func checkFound(name string, exit int, output string) error {
	switch {
	case !stackPattern.MatchString(name):
		return fmt.Errorf("%q is not a stack's name", name)
	case exit < 0 || exit > 255:
		return fmt.Errorf("exit of %s is %d", name, exit)
	case len(output) > outputLimit:
		return fmt.Errorf("output of %s has %d bytes, and at most %d are shown", name, len(output), outputLimit)
	case clean(output) != output:
		return fmt.Errorf("output of %s has control characters", name)
	}
	return nil
}

// headline says in a line how a preview ended and what it counted.
func (s stack) headline() string {
	words := map[int]string{
		0: "", 2: "**the settings are wrong**: ", 4: "**a resource is refused**: ", 8: "**cancelled**: ",
	}
	w, known := words[s.Exit]
	if !known {
		w = fmt.Sprintf("**failed** (exit code %d): ", s.Exit)
	}
	return "**" + s.Name + "** " + w + inline(s.Output)
}
