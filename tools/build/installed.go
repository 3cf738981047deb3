package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// pulumiVar names the variable that says which pulumi to use: a path, or fromSource.
const (
	pulumiVar  = "PULUMI"
	fromSource = "source"
)

// link puts the pulumi that is installed on this machine into bin, if it suits. Then none has to be compiled, which is
// half of a first build. It says whether it did.
func link(ctx context.Context, target string) (bool, error) {
	wish := os.Getenv(pulumiVar)
	if wish == fromSource {
		return false, nil
	}
	if linked, err := os.Readlink(target); wish == "" && err == nil && upToDate(target, linkStamp(linked)) {
		return true, nil // the one chosen before, wherever it is
	}
	path, err := exec.LookPath(cmp.Or(wish, "pulumi"))
	if err != nil {
		if wish != "" {
			return false, fmt.Errorf("%s=%s: there is no such program: name a pulumi, or `%[1]s=%s` to build one", pulumiVar, wish,
				fromSource)
		}
		return false, nil
	}
	if path, err = filepath.Abs(path); err != nil {
		return false, fmt.Errorf("finding pulumi: %w", err)
	}
	want := linkStamp(path)
	if upToDate(target, want) {
		return true, nil
	}
	version, err := versionOf(ctx, path)
	if err == nil {
		err = suits(version)
	}
	if err != nil {
		if wish != "" {
			return false, fmt.Errorf("%s=%s: %w", pulumiVar, wish, err)
		}
		fmt.Fprintf(os.Stderr, "build: %s is not used: %v\n", path, err)
		return false, nil
	}
	if err := replaceByLink(path, target); err != nil {
		return false, err
	}
	fmt.Fprintf(os.Stderr, "build: bin/pulumi is %s (%s); `make pulumi` builds one of its own\n", path, version)
	return true, os.WriteFile(stampFile(target), []byte(want), 0o644)
}

// linkStamp tells one installed pulumi from another, and from itself after an upgrade.
func linkStamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %d %d, for %s", path, info.Size(), info.ModTime().UnixNano(), pulumiVersion)
}

// replaceByLink replaces target by a link to path in one step.
func replaceByLink(path, target string) error {
	if a, err := os.Stat(path); err == nil {
		if b, err := os.Stat(target); err == nil && os.SameFile(a, b) { // bin may be on PATH
			return nil
		}
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("making bin: %w", err)
	}
	beside := fmt.Sprintf("%s.%d.link", target, os.Getpid())
	if err := os.Symlink(path, beside); err != nil {
		return fmt.Errorf("linking bin/pulumi to %s: %w", path, err)
	}
	if err := os.Rename(beside, target); err != nil {
		return errors.Join(fmt.Errorf("linking bin/pulumi to %s: %w", path, err), os.Remove(beside))
	}
	return nil
}

// versionOf asks a pulumi for its version, in the way a rehearsal starts it: with a home of its own. A shim that finds
// the real program through the user's home does not answer, and cannot be used.
func versionOf(ctx context.Context, path string) (string, error) {
	home, err := os.MkdirTemp("", "causeway-")
	if err != nil {
		return "", fmt.Errorf("asking for its version: %w", err)
	}
	defer os.RemoveAll(home)
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "PULUMI_HOME=" + home, "PULUMI_SKIP_UPDATE_CHECK=true"}
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("`pulumi version` failed: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

var released = regexp.MustCompile(`^v?(\d+)\.(\d+)\.(\d+)$`)

// suits says why a version cannot stand in for the pinned one; nil if it can. It must be of the same major version and no
// older, since the program's SDK may ask of the engine what an older one lacks.
func suits(version string) error {
	have, pinned := released.FindStringSubmatch(version), released.FindStringSubmatch(pulumiVersion)
	if have == nil {
		return fmt.Errorf("its version, %q, is not a release", version)
	}
	if have[1] != pinned[1] {
		return fmt.Errorf("it is %s, and this is written for Pulumi %s", version, pinned[1])
	}
	for i := 2; i <= 3; i++ {
		a, _ := strconv.Atoi(have[i])
		b, _ := strconv.Atoi(pinned[i])
		if a != b {
			if a < b {
				return fmt.Errorf("it is %s, older than %s", version, pulumiVersion)
			}
			return nil
		}
	}
	return nil
}
