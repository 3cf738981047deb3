package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// builder measures what compiling and starting programs takes.
type builder struct {
	root string // of the repository
	temp string
}

// ran is a finished command. bytes is the peak memory of its largest process, not of all together. Linux counts this
// process's own memory at the moment it started the command, so small figures say nothing.
type ran struct {
	took  time.Duration
	bytes int64
}

// run runs a command to its end. A program that Pulumi did not start says so and fails: with mayFail that is no error.
func run(ctx context.Context, dir string, env []string, mayFail bool, name string, args ...string) (ran, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	var exit *exec.ExitError
	if err != nil && !(mayFail && errors.As(err, &exit)) {
		return ran{}, fmt.Errorf("%s: %w: %s", cmd, err, out)
	}
	return ran{took, peak(cmd.ProcessState)}, nil
}

// peak is in bytes; Linux tells it in KiB, Darwin in bytes.
func peak(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) * 1024
}

// start is how long the program that `pulumi up` runs takes until its main function has seen that there is no engine: the
// time before it could talk to one. An empty Pulumi program is measured beside it.
func (b builder) start(ctx context.Context, rounds int) (Figures, error) {
	programs := []struct{ name, pkg string }{{"platform", "."}, {"empty", "./cmd/causeway/bench/testdata/empty"}}
	figures := Figures{}
	for _, p := range programs {
		if _, err := run(ctx, b.root, nil, false, "go", "build", "-trimpath", "-o", filepath.Join(b.temp, p.name), p.pkg); err != nil {
			return nil, err
		}
		figures = append(figures, &Figure{Program: p.name, Operation: "start"})
	}
	for range rounds {
		for i, p := range programs {
			r, err := run(ctx, b.temp, nil, true, filepath.Join(b.temp, p.name))
			if err != nil {
				return nil, err
			}
			figures[i].add(r.took)
		}
	}
	return figures, nil
}

// rebuild is how long the program takes to build after an edit of package stacks, beside the same build after an edit of
// the empty program. A relink is the part of it that compiles nothing.
func (b builder) rebuild(ctx context.Context, rounds int) (Figures, error) {
	programs := []struct{ name, pkg, file string }{
		{"platform", ".", "stacks/deploy.go"},
		{"empty", "./cmd/causeway/bench/testdata/empty", "cmd/causeway/bench/testdata/empty/main.go"},
	}
	var figures Figures
	for _, p := range programs {
		figures = append(figures, &Figure{Program: p.name, Operation: "rebuild"}, &Figure{Program: p.name, Operation: "relink"})
	}
	for range rounds {
		for i, p := range programs {
			overlay, err := b.edited(p.file)
			if err != nil {
				return nil, err
			}
			build := []string{"build", "-trimpath", "-overlay", overlay, "-o", filepath.Join(b.temp, p.name)}
			other := fmt.Sprintf("-ldflags=-X main.linked=%d", time.Now().UnixNano()) // for the linker to have anything to do
			for j, args := range [][]string{append(slices.Clip(build), p.pkg), append(slices.Clip(build), other, p.pkg)} {
				r, err := run(ctx, b.root, nil, false, "go", args...)
				if err != nil {
					return nil, err
				}
				f := figures[2*i+j]
				f.add(r.took)
				f.Bytes = max(f.Bytes, r.bytes)
			}
		}
	}
	return figures, nil
}

// edited makes an overlay that adds one more function to a source file each time. The file itself is left alone.
func (b builder) edited(file string) (overlay string, err error) {
	source := filepath.Join(b.root, filepath.FromSlash(file))
	text, err := os.ReadFile(source)
	if err != nil {
		return "", fmt.Errorf("editing %s: %w", file, err)
	}
	edited := filepath.Join(b.temp, "edited.go")
	text = fmt.Appendf(text, "\nfunc Edited%d() {}\n", time.Now().UnixNano())
	replacements, err := json.Marshal(map[string]any{"Replace": map[string]string{source: edited}})
	if err != nil {
		return "", fmt.Errorf("editing %s: %w", file, err)
	}
	overlay = filepath.Join(b.temp, "overlay.json")
	return overlay, errors.Join(os.WriteFile(edited, text, 0o644), os.WriteFile(overlay, replacements, 0o644))
}

// cold is how long a first build takes, with nothing in the build cache.
func (b builder) cold(ctx context.Context, jobs string) (Figures, error) {
	var figures Figures
	for _, p := range []struct{ name, module, pkg string }{
		{"bin/pulumi", "tools/pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
		{"bin/causeway", ".", "./cmd/causeway"},
	} {
		cache := filepath.Join(b.temp, "cache")
		r, err := run(ctx, filepath.Join(b.root, p.module), []string{"GOCACHE=" + cache}, false,
			"go", "build", "-trimpath", "-p", jobs, "-ldflags=-w -s", "-o", filepath.Join(b.temp, "cold"), p.pkg)
		if err != nil {
			return nil, err
		}
		f := &Figure{Program: p.name, Operation: "cold build", Bytes: r.bytes}
		f.add(r.took)
		figures = append(figures, f)
		if err := os.RemoveAll(cache); err != nil {
			return nil, fmt.Errorf("emptying the cache: %w", err)
		}
	}
	return figures, nil
}
