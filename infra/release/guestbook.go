package release

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// buildFlags and buildEnvironment keep traces of the machine out of the file: the same source and the same Go give
// the same bytes everywhere.
var (
	buildFlags       = []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="}
	buildEnvironment = []string{"CGO_ENABLED=0", "GOOS=linux", "GOAMD64=v1", "GOARM64=v8.0", "GOWORK=off", "GOFLAGS=-mod=readonly"}
)

// Guestbook returns the example's release for architecture ("arm64", "amd64"), in bin/ of the repository. It is built
// if it does not exist, or if its sources or the version of Go changed, without the network once its modules are in
// Go's cache. Several processes may do so at once: each builds a file of its own and renames it into place.
//
// A project need not contain the source: then the source is taken from the repository in which the running program
// was built, or the executable already built there is used.
func Guestbook(ctx context.Context, repositoryRoot, architecture string) (Release, error) {
	repositoryRoot = withSource(repositoryRoot)
	source := filepath.Join(repositoryRoot, "examples", "guestbook")
	target := filepath.Join(repositoryRoot, "bin", "guestbook-linux-"+architecture)
	goProgram, goErr := exec.LookPath("go")

	sources, err := hashSources(source)
	if errors.Is(err, fs.ErrNotExist) {
		built, err := Open(target, "")
		if err != nil {
			err = fmt.Errorf("the guestbook, which is what runs by default and what sees to `before`, is neither in %s nor built as %s; "+
				"take either from Causeway's repository", source, target)
		}
		return built, err
	}
	if err != nil {
		return Release{}, fmt.Errorf("building the guestbook: %w", err)
	}
	version := "" // without Go, any version is accepted
	if goErr == nil {
		if version, err = goVersion(ctx, goProgram, source); err != nil {
			return Release{}, fmt.Errorf("building the guestbook: %w", err)
		}
	}
	if built, ok := fresh(target, sources, version); ok {
		return built, nil
	}
	if goErr != nil {
		return Release{}, fmt.Errorf("building the guestbook: Go is not on PATH and %s is absent or older than its source; "+
			"run `make build` in Causeway's repository where Go is, or name a release of your own", target)
	}
	if err := build(ctx, goProgram, source, target, architecture); err != nil {
		return Release{}, fmt.Errorf("building the guestbook: %w", err)
	}
	built, err := Open(target, "")
	if err != nil {
		return Release{}, fmt.Errorf("building the guestbook: %w", err)
	}
	if err := writeStamp(built, sources, version); err != nil {
		return Release{}, fmt.Errorf("building the guestbook: %w", err)
	}
	return built, nil
}

// withSource is the project, or the running program's repository if only that contains the guestbook.
func withSource(project string) string {
	has := func(root, what string) bool {
		found, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(what)))
		return len(found) > 0
	}
	own, err := os.Executable()
	if err != nil || has(project, "examples/guestbook/go.mod") || has(project, "bin/guestbook-linux-*") {
		return project
	}
	if own = filepath.Dir(filepath.Dir(own)); has(own, "examples/guestbook/go.mod") || has(own, "bin/guestbook-linux-*") {
		return own
	}
	return project
}

func goVersion(ctx context.Context, goProgram, source string) (string, error) {
	command := exec.CommandContext(ctx, goProgram, "env", "GOVERSION")
	command.Dir = source
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("asking Go for its version: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// hashSources hashes the names and contents of the module's files, except those that never get into the executable.
func hashSources(dir string) (string, error) {
	hash := sha256.New()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		switch {
		case entry.IsDir() && path != dir && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin"):
			return fs.SkipDir
		case !entry.Type().IsRegular() || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "_test.go") ||
			strings.HasSuffix(name, ".md"):
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(hash, "%s %x\n", filepath.ToSlash(relative), sha256.Sum256(content))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("reading its source: %w", err)
	}
	fmt.Fprintln(hash, buildFlags, buildEnvironment)
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// The stamp beside the executable has three fields: the hash of the sources, the version of Go, and the hash of the
// executable. The last ensures that a stamp and an executable from two different builds are never taken for one.
func stampOf(target string) string { return target + ".stamp" }

// fresh is the release that was built before, if it is from these sources and this version of Go.
func fresh(target, sources, version string) (Release, bool) {
	stamp, err := os.ReadFile(stampOf(target))
	if err != nil {
		return Release{}, false
	}
	fields := strings.Fields(string(stamp))
	if len(fields) != 3 || fields[0] != sources || (version != "" && fields[1] != version) {
		return Release{}, false
	}
	built, err := Open(target, "")
	return built, err == nil && built.SHA256 == fields[2]
}

func writeStamp(built Release, sources, version string) error {
	return replace(stampOf(built.Path), func(temporary string) error {
		return os.WriteFile(temporary, []byte(sources+" "+version+" "+built.SHA256+"\n"), 0o644)
	})
}

// explain adds what Go said to the failure, and what to do if modules are missing that cannot be fetched from here: a
// rehearsal has no network.
func explain(failure error, said string) error {
	if strings.Contains(said, "go: downloading") || strings.Contains(said, "proxyconnect") {
		return fmt.Errorf(
			"its modules are not on this machine, and cannot be fetched from here; run `make build` in Causeway's repository "+
				"where there is a network: %w", failure)
	}
	return errors.Join(failure, errors.New(said))
}

func build(ctx context.Context, goProgram, source, target, architecture string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	return replace(target, func(temporary string) error {
		command := exec.CommandContext(ctx, goProgram, append(buildFlags, "-o", temporary, ".")...)
		command.Dir = source
		command.Env = append(append(os.Environ(), buildEnvironment...), "GOARCH="+architecture)
		var said bytes.Buffer
		command.Stderr = &said
		if err := command.Run(); err != nil {
			return explain(fmt.Errorf("go build in %s: %w", source, err), strings.TrimSpace(said.String()))
		}
		return nil
	})
}

// replace calls make to write a file beside path and renames it to path, so that nobody sees half a file.
func replace(path string, make func(temporary string) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	temporary.Close()
	defer os.Remove(temporary.Name())
	if err := make(temporary.Name()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
