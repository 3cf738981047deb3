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
	"slices"
	"strings"
	"sync"
)

// alike is the flag with which everything is compiled, as Pulumi's language host compiles a program and any clone of this
// repository does, so that the clouds' SDKs are compiled once on a machine.
const alike = "-trimpath"

// build makes the programs that the tests run, with progress on standard error.
func build(ctx context.Context, _ io.Writer) error {
	return command(ctx, os.Stderr, ".", "go", "run", alike, "./tools/build", "pulumi", "causeway", "world", "guestbook", "actionlint")
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

// elsewhere are packages with files for Linux alone, which must compile on a Mac too. They link no cloud's SDK, whose
// compilation for a second system would take minutes.
const elsewhere = "./twin/live/..."

func vet(ctx context.Context, out io.Writer) error {
	err := inModules(func(dir string) error { return command(ctx, out, dir, "go", "vet", alike, "./...") })
	return errors.Join(err, command(ctx, out, ".", "env", "GOOS=darwin", "go", "vet", alike, elsewhere))
}

// test runs every module's tests. `go vet` has been run, so `go test` need not. It runs one package at a time, since test
// binaries with both clouds' SDKs take over two gigabytes each to link; but those that drive engines, and those that play
// worlds, spend half their time waiting and run beside all others. At the end it lists what took longest and what was
// skipped, and fails if something was left behind in the tree.
func test(ctx context.Context, out io.Writer) error {
	before, err := strays(ctx)
	if err != nil {
		return err
	}
	dirs, err := modules(".")
	if err != nil {
		return err
	}
	told := &tests{out: out}
	var lanes [3][]run
	for _, dir := range dirs {
		packages, err := packagesOf(ctx, dir)
		if err != nil {
			return err
		}
		for lane, some := range apart(packages) {
			lanes[lane] = append(lanes[lane], run{dir, some})
		}
	}
	var running sync.WaitGroup
	errs := make([]error, len(lanes))
	for i, lane := range lanes {
		running.Go(func() {
			for _, r := range lane {
				errs[i] = errors.Join(errs[i], r.tests(ctx, told))
			}
		})
	}
	running.Wait()
	fmt.Fprint(out, told.slowest(15), told.skips())
	after, strayed := strays(ctx)
	return errors.Join(append(errs, strayed, leftBehind(before, after))...)
}

// run is packages of a module that are tested one after the other.
type run struct {
	dir      string
	packages []string
}

func (r run) tests(ctx context.Context, told *tests) error {
	if len(r.packages) == 0 {
		return nil
	}
	stream := &lines{take: told.line}
	defer stream.flush()
	args := append([]string{"test", "-json", alike, "-p", "1", "-vet", "off", "-timeout", "30m"}, r.packages...)
	if err := command(ctx, stream, r.dir, "go", args...); err != nil {
		return fmt.Errorf("module %s: %d packages: %w", r.dir, len(r.packages), err)
	}
	return nil
}

// strays are the files of the tree that Git neither knows nor ignores. Without Git there are none.
func strays(ctx context.Context) ([]string, error) {
	if _, err := os.Stat(".git"); err != nil {
		return nil, nil
	}
	out, err := exec.CommandContext(ctx, "git", "ls-files", "--others", "--exclude-standard").Output()
	if err != nil {
		return nil, fmt.Errorf("asking git what is new in the tree: %w", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
}

// leftBehind fails if there are files that were not there before.
func leftBehind(before, after []string) error {
	left := slices.DeleteFunc(slices.Clone(after), func(f string) bool { return slices.Contains(before, f) })
	if len(left) == 0 {
		return nil
	}
	return fmt.Errorf("tests left %d files in the tree, which belong in t.TempDir(): %s", len(left), brief(left))
}

// engines are how the paths of packages end whose tests drive engines; worlds is in those of packages that play worlds.
var engines = []string{"/cmd/causeway", "/cmd/causeway/internal/engine", "/cmd/causeway/internal/platform"}

var worlds = []string{"/twin/live/", "/examples/guestbook"}

// packagesOf lists the packages of a module.
func packagesOf(ctx context.Context, dir string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", alike, "./...")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	b, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list ./...: %w", err)
	}
	return strings.Fields(string(b)), nil
}

// apart separates the packages that drive engines, those that play worlds, and all others.
func apart(packages []string) (lanes [3][]string) {
	for _, p := range packages {
		lane := 2
		switch {
		case slices.ContainsFunc(engines, func(end string) bool { return strings.HasSuffix(p, end) }):
			lane = 0
		case slices.ContainsFunc(worlds, func(part string) bool { return strings.Contains(p, part) }):
			lane = 1
		}
		lanes[lane] = append(lanes[lane], p)
	}
	return lanes
}

// workflows checks the pipeline's files. What actionlint can ask of other programs (shellcheck, pyflakes) is off, so that
// the answer is the same on every machine.
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
		if err := command(ctx, os.Stderr, ".", "go", "run", alike, "./tools/build", "actionlint"); err != nil {
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

// modules finds the repository's modules, the root first. Those below tools only pin the version of another program.
func modules(root string) ([]string, error) {
	dirs := []string{root}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin" || d.Name() == "tools" ||
			d.Name() == "testdata") {
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
