package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// stamp sums up everything a program is built from: the module's pinned versions, the compiler and its settings and, for
// a program of this repository, every source file's name, size and time. It answers "is there anything to do?" in
// milliseconds, where asking the go tool takes seconds.
func stamp(root string, p program) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version(), runtime.GOOS, runtime.GOARCH, p.pkg, p.flags(), p.env)
	for _, name := range []string{"GOFLAGS", "CGO_ENABLED", "GOOS", "GOARCH", "GOEXPERIMENT", "GOAMD64", "GOARM64"} {
		fmt.Fprintln(h, name, os.Getenv(name))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(root, p.module, name))
		if err != nil {
			return "", fmt.Errorf("reading what pins %s: %w", p.name, err)
		}
		h.Write(b)
	}
	if p.local {
		if err := sources(root, func(path string, info fs.FileInfo) {
			fmt.Fprintln(h, path, info.Size(), info.ModTime().UnixNano())
		}); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sources visits every file that can end up in a program of this repository. That excludes tests, build output and state,
// and tools that are modules of their own.
func sources(root string, visit func(path string, info fs.FileInfo)) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("reading the source: %w", err)
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return fmt.Errorf("reading the source: %w", err)
		}
		name := d.Name()
		if d.IsDir() {
			if rel != "." && (strings.HasPrefix(name, ".") || rel == "bin" || rel == "tools" || rel == "docs" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".md") || !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil // removed since it was listed
		}
		visit(rel, info)
		return nil
	})
}

func stampFile(target string) string {
	return filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+".stamp")
}

// upToDate says whether the target was built from exactly what want sums up.
func upToDate(target, want string) bool {
	info, err := os.Stat(target)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	got, err := os.ReadFile(stampFile(target))
	return err == nil && string(got) == want
}
