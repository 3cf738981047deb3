package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// build makes the programs that the tests run, with their progress on standard error.
func build(ctx context.Context, _ io.Writer) error {
	return command(ctx, os.Stderr, ".", "go", "run", "./tools/build", "pulumi", "causeway", "guestbook", "actionlint")
}

// format fails on files that gofmt would change.
func format(ctx context.Context, out io.Writer) error {
	cmd := exec.CommandContext(ctx, "gofmt", "-l", ".")
	b, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("gofmt -l .: %w\n%s", err, b)
	}
	if files := strings.Fields(string(b)); len(files) > 0 {
		fmt.Fprintf(out, "%s", b)
		return fmt.Errorf("%d files are not formatted; to format them: gofmt -w %s", len(files), strings.Join(files, " "))
	}
	return nil
}

func vet(ctx context.Context, out io.Writer) error {
	return inModules(func(dir string) error { return command(ctx, out, dir, "go", "vet", "./...") })
}

// test runs every module's tests. `go vet` has been run, so `go test` need not. One package at a
// time, since the test binaries that hold both clouds' SDKs take over two gigabytes each to link; but
// the longest, which waits for its engines half of the time, runs beside all others.
func test(ctx context.Context, out io.Writer) error {
	return inModules(func(dir string) error {
		packages, err := packagesOf(ctx, dir)
		if err != nil {
			return err
		}
		alone, rest := apart(packages, longest)
		var running sync.WaitGroup
		errs := make([]error, 2)
		for i, some := range [][]string{alone, rest} {
			if len(some) == 0 {
				continue
			}
			running.Go(func() {
				if err := command(ctx, out, dir, "go", append([]string{"test", "-p", "1", "-vet", "off", "-timeout", "30m"}, some...)...); err != nil {
					errs[i] = fmt.Errorf("%d packages: %w", len(some), err)
				}
			})
		}
		running.Wait()
		return errors.Join(errs...)
	})
}

// longest is the package whose tests take as long as all the others'.
const longest = "/cmd/causeway"

// packagesOf lists the packages of a module.
func packagesOf(ctx context.Context, dir string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "./...")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	b, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list ./...: %w", err)
	}
	return strings.Fields(string(b)), nil
}

// apart takes the package that ends in suffix from the others.
func apart(packages []string, suffix string) (alone, rest []string) {
	for _, p := range packages {
		if strings.HasSuffix(p, suffix) {
			alone = append(alone, p)
		} else {
			rest = append(rest, p)
		}
	}
	return alone, rest
}

// workflows checks the pipeline's files. What actionlint can ask of other programs (shellcheck,
// pyflakes) is off, so that the answer is the same on every machine.
func workflows(ctx context.Context, out io.Writer) error {
	files, err := filepath.Glob(".github/workflows/*.yaml")
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("there is no .github/workflows/*.yaml")
	}
	linter := filepath.Join("bin", "actionlint")
	if _, err := os.Stat(linter); err != nil {
		if err := command(ctx, os.Stderr, ".", "go", "run", "./tools/build", "actionlint"); err != nil {
			return err
		}
	}
	return command(ctx, out, ".", linter, append([]string{"-shellcheck=", "-pyflakes=", "-no-color"}, files...)...)
}

// inModules calls do for each module that has code of ours, the root first, and joins the errors.
func inModules(do func(dir string) error) error {
	dirs, err := modules(".")
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range dirs {
		if err := do(dir); err != nil {
			errs = append(errs, fmt.Errorf("module %s: %w", dir, err))
		}
	}
	return errors.Join(errs...)
}

// modules finds the modules of the repository, the root first. Those below tools only pin the
// version of somebody else's program.
func modules(root string) ([]string, error) {
	dirs := []string{root}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin" || d.Name() == "tools" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.Name() == "go.mod" && filepath.Dir(path) != filepath.Clean(root) {
			dirs = append(dirs, filepath.Dir(path))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for modules: %w", err)
	}
	return dirs, nil
}
