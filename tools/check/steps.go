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
// time: the test binaries that hold both clouds' SDKs take over a gigabyte each to link, and tests
// that drive the engine keep every core busy.
func test(ctx context.Context, out io.Writer) error {
	return inModules(func(dir string) error {
		return command(ctx, out, dir, "go", "test", "-p", "1", "-vet", "off", "-timeout", "30m", "./...")
	})
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
