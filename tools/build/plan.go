package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// work is what is left to compile: each package's import path with the size of its source, which determines how long it
// takes.
type work struct {
	packages map[string]int64
	bytes    int64
}

// listing is one line of `go list`: a package, its directory and its files, for stale packages only.
const listing = `{{if .Stale}}{{.ImportPath}}|{{.Dir}}|{{join .GoFiles "|"}}|{{join .CgoFiles "|"}}{{end}}`

// plan downloads the modules that a program needs and finds what has to be compiled.
func plan(ctx context.Context, dir string, p program, view *view) (work, error) {
	view.stage("looking for what has to be compiled")
	args := append([]string{"list", "-deps", "-f", listing}, p.flags()...)
	cmd := goCommand(ctx, dir, p.env, append(args, p.pkg)...)
	var out strings.Builder
	cmd.Stdout = &out
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return work{}, err
	}
	if err := cmd.Start(); err != nil {
		return work{}, explain(err.Error(), p)
	}
	modules := 0
	said := watch(stderr, func(line string) bool {
		what, ok := strings.CutPrefix(line, "go: downloading ")
		if ok {
			modules++
			view.downloading(modules, what)
		}
		return ok
	})
	if err := cmd.Wait(); err != nil {
		return work{}, explain(said()+"\n"+err.Error(), p)
	}
	return stale(out.String()), nil
}

// stale reads the output of `go list` with the format listing.
func stale(out string) work {
	w := work{packages: map[string]int64{}}
	for line := range strings.Lines(out) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) < 2 {
			continue
		}
		var size int64
		for _, name := range f[2:] {
			if info, err := os.Stat(filepath.Join(f[1], name)); name != "" && err == nil {
				size += info.Size()
			}
		}
		size += 2 << 10 // an empty package still takes a compiler's start
		w.packages[f[0]] = size
		w.bytes += size
	}
	return w
}

// compile builds the program into the file made, reporting each package as it is started.
func compile(ctx context.Context, dir string, p program, w work, jobs int, made string, view *view) error {
	args := []string{"build", "-v", "-p", strconv.Itoa(jobs), "-o", made}
	args = append(append(args, p.flags()...), p.pkg)
	cmd := goCommand(ctx, dir, p.env, args...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return explain(err.Error(), p)
	}
	view.compiling(w, jobs)
	said := watch(stderr, func(line string) bool {
		_, known := w.packages[line]
		if known {
			view.started(line)
		}
		return known
	})
	if err := cmd.Wait(); err != nil {
		return explain(said()+"\n"+err.Error(), p)
	}
	return nil
}

// watch reads lines in the background, offers each to take, and keeps those it does not take: they are what the go tool
// has to say. The returned function waits for the end and returns them.
func watch(r io.Reader, take func(string) bool) func() string {
	var kept strings.Builder
	var wg sync.WaitGroup
	wg.Go(func() {
		s := bufio.NewScanner(r)
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			if line := s.Text(); !take(line) && kept.Len() < 1<<16 {
				kept.WriteString(line + "\n")
			}
		}
		io.Copy(io.Discard, r)
	})
	return func() string { wg.Wait(); return strings.TrimSpace(kept.String()) }
}
