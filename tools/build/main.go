// Command build makes the programs of this repository and shows how far it is.
//
// The first build on a machine takes minutes: the Pulumi engine and the clouds' SDKs are compiled
// from source. Later ones take seconds, or nothing when a program is up to date. It uses the
// standard library only (infra/release does too), so that it is itself compiled in a moment.
//
//	go run ./tools/build            everything
//	go run ./tools/build pulumi     bin/pulumi only
//	go run ./tools/build -ready     nothing, where Go can build it
//	go run ./tools/build -explain   say what keeps Go from building here, from what it said (standard input)
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/causeway-iac/causeway/infra/release"
)

// program is one binary: where its module is, what to build there, and why a first build is slow.
type program struct {
	name   string
	module string   // directory of its go.mod, relative to the repository
	pkg    string   // package to build, as seen from that directory
	local  bool     // built from this repository's source, so its stamp covers the source
	why    string   // said once, when something has to be compiled
	linker string   // further linker flags
	env    []string // further environment of `go`

	// For a program that is not for this machine: the file it is built as, and what builds it once its modules are there.
	target string
	make   func(ctx context.Context, root string) error
}

// flags are those of `go build`: exactly the flags with which Pulumi's language host for Go builds a program, so that a
// later `pulumi preview` finds every package compiled. With -trimpath no package depends on the folder it was compiled
// in, so a second clone finds them too. The linker flags leave out a third of the binary.
func (p program) flags() []string { return []string{"-trimpath", "-ldflags=-w -s" + p.linker} }

// pulumiVersion is what the command reports; the module file pins the same.
const pulumiVersion = "3.276.0"

var programs = []program{
	{
		name:   "pulumi",
		module: "tools/pulumi",
		pkg:    "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
		why:    "the Pulumi engine, from source: three to eight minutes on two cores the first time, never again for this version",
		linker: " -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + pulumiVersion,
	},
	{
		name:   "causeway",
		module: ".",
		pkg:    "./cmd/causeway",
		local:  true,
		why: "the program and the SDKs of AWS and Cloudflare: several minutes the first time (Cloudflare's is one package of 4 GB to " +
			"compile), seconds after that",
	},
	{
		name:   "policy",
		module: ".",
		pkg:    "./cmd/policy",
		local:  true,
		why:    "the proofs as a policy pack: a few seconds",
	},
	{
		name:   "world",
		module: ".",
		pkg:    "./cmd/world",
		local:  true,
		why:    "what runs inside a living world: a few seconds",
		env:    []string{"CGO_ENABLED=0"}, // it starts in a fifth of the time
	},
	{
		name:   "guestbook",
		module: "examples/guestbook",
		pkg:    ".",
		why:    "what the servers run until you name a release of your own: a minute the first time",
		target: "guestbook-linux-" + runtime.GOARCH, // what the local profile's instance types run; others are built when needed
		make: func(ctx context.Context, root string) error {
			_, err := release.Guestbook(ctx, root, runtime.GOARCH)
			return err
		},
	},
	{
		name:   "actionlint",
		module: "tools/actionlint",
		pkg:    "github.com/rhysd/actionlint/cmd/actionlint",
		why:    "the checker of the workflow files: a few seconds",
	},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if ctx.Err() != nil {
			fmt.Fprintln(os.Stderr, "build: interrupted; nothing half-made is left, and what is compiled is kept: start it again to go on")
			os.Exit(130)
		}
		fmt.Fprintln(os.Stderr, "build: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) error {
	switch {
	case len(names) == 1 && names[0] == "-ready": // it ran, which is all that is asked
		return nil
	case len(names) == 1 && names[0] == "-explain":
		said, err := io.ReadAll(os.Stdin)
		if err != nil {
			return fmt.Errorf("reading what go said: %w", err)
		}
		return explain(string(said), program{})
	}
	root, err := repository()
	if err != nil {
		return err
	}
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	started, built := time.Now(), 0
	for _, p := range chosen {
		did, err := build(ctx, root, p)
		if err != nil {
			return err
		}
		if did {
			built++
		}
	}
	if built > 1 {
		fmt.Fprintf(os.Stderr, "build: ready after %s\n", short(time.Since(started)))
	}
	return nil
}

// choose picks the named programs, or what `make up` needs when none is named.
func choose(names []string) ([]program, error) {
	if len(names) == 0 {
		names = []string{"pulumi", "causeway", "world", "policy", "guestbook"}
	}
	var chosen []program
	for _, name := range names {
		found := false
		for _, p := range programs {
			if p.name == name {
				chosen, found = append(chosen, p), true
			}
		}
		if !found {
			known := make([]string, len(programs))
			for i, p := range programs {
				known[i] = p.name
			}
			return nil, fmt.Errorf("no program is named %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	return chosen, nil
}

// repository is the directory of the root module.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "tools", "pulumi", "go.mod")); err == nil {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("%s is not inside the Causeway repository: run it there", dir)
		}
	}
}

// build makes one program unless it is up to date, and says whether it did.
func build(ctx context.Context, root string, p program) (bool, error) {
	bin := filepath.Join(root, "bin")
	target := filepath.Join(bin, p.name+exe())
	if p.target != "" {
		target = filepath.Join(bin, p.target)
	}
	want, err := stamp(root, p)
	if err != nil {
		return false, err
	}
	if upToDate(target, want) && os.Getenv(pulumiVar) == "" {
		return false, nil
	}
	if p.name == "pulumi" {
		if found, err := link(ctx, target); found || err != nil {
			return false, err
		}
	}
	if upToDate(target, want) {
		return false, nil
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return false, explain(err.Error(), p)
	}
	if err := sweep(bin, p.name); err != nil {
		return false, err
	}

	view := newView(p.name)
	defer view.close()
	jobs, warning := parallel(memory())
	if warning != "" {
		view.say(warning)
	}
	work, err := plan(ctx, filepath.Join(root, p.module), p, view)
	if err != nil {
		return false, err
	}
	if len(work.packages) > 20 {
		view.say("building bin/" + p.name + ": " + p.why)
	}
	if p.make != nil {
		view.stage("compiling")
		if err := p.make(ctx, root); err != nil {
			return false, explain(err.Error(), p)
		}
		return true, finish(p, target, want, view)
	}

	made := filepath.Join(bin, fmt.Sprintf(".%s.%d.making", p.name, os.Getpid()))
	defer os.Remove(made)
	if err := compile(ctx, filepath.Join(root, p.module), p, work, jobs, made, view); err != nil {
		return false, err
	}
	if err := os.Rename(made, target); err != nil {
		return false, fmt.Errorf("putting bin/%s in place: %w", p.name, err)
	}
	return true, finish(p, target, want, view)
}

// finish records what the program was built from.
func finish(p program, target, want string, view *view) error {
	if err := os.WriteFile(stampFile(target), []byte(want), 0o644); err != nil {
		return explain(err.Error(), p)
	}
	view.done(fmt.Sprintf("built bin/%s in %s", filepath.Base(target), short(view.elapsed())))
	return nil
}

// sweep removes what killed builds of a program left behind.
func sweep(bin, name string) error {
	left, err := filepath.Glob(filepath.Join(bin, "."+name+".*.making"))
	if err != nil {
		return fmt.Errorf("looking for unfinished builds: %w", err)
	}
	for _, f := range left {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(f), "."+name+".%d.making", &pid); err == nil && running(pid) {
			continue
		}
		os.Remove(f)
	}
	return nil
}

func running(pid int) bool {
	p, err := os.FindProcess(pid)
	return err == nil && !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

func exe() string {
	if os.PathSeparator == '\\' {
		return ".exe"
	}
	return ""
}

// goCommand runs the go tool so that it ends, with its children, when ctx does.
func goCommand(ctx context.Context, dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}
