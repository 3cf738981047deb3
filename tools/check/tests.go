package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// event is a line of `go test -json` (see `go doc test2json`).
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // seconds
}

// timed is a test or a package, and how long it took.
type timed struct {
	name    string
	seconds float64
}

// tests prints what `go test` prints without -json, and records how long everything took. Several runs may report to it
// at once.
type tests struct {
	mu       sync.Mutex
	out      io.Writer
	said     map[string][]string // what each test and package has written so far
	order    []string            // of said
	packages []timed
	single   []timed
	skipped  []string
}

// line takes one line of a run.
func (t *tests) line(text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var e event
	if json.Unmarshal(text, &e) != nil {
		fmt.Fprintf(t.out, "%s\n", text)
		return
	}
	key := strings.TrimSuffix(e.Package+" "+e.Test, " ")
	switch {
	case e.Action == "output":
		t.keep(key, e.Output)
	case e.Action == "build-output":
		fmt.Fprint(t.out, e.Output)
	case e.Test == "":
		t.ended(key, e)
	case e.Action == "fail":
		fmt.Fprint(t.out, t.take(key))
		t.timed(key, e)
	case e.Action == "skip":
		t.skipped = append(t.skipped, key+": "+reason(t.take(key)))
	case e.Action == "pass":
		t.take(key)
		t.timed(key, e)
	}
}

// timed records how long a test took; a subtest's time is part of its test's.
func (t *tests) timed(key string, e event) {
	if !strings.Contains(e.Test, "/") {
		t.single = append(t.single, timed{key, e.Elapsed})
	}
}

// ended reports a package.
func (t *tests) ended(key string, e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(t.out, "ok    %-70s %7.1fs\n", key, e.Elapsed)
		t.take(key)
	case "fail":
		for _, k := range slices.Clone(t.order) { // a test that was cut off has no end of its own
			if k == key || strings.HasPrefix(k, key+" ") {
				fmt.Fprint(t.out, t.take(k))
			}
		}
		fmt.Fprintf(t.out, "FAIL  %-70s %7.1fs\n", key, e.Elapsed)
	default:
		return
	}
	t.packages = append(t.packages, timed{key, e.Elapsed})
}

func (t *tests) keep(key, text string) {
	if t.said == nil {
		t.said = map[string][]string{}
	}
	if _, known := t.said[key]; !known {
		t.order = append(t.order, key)
	}
	t.said[key] = append(t.said[key], text)
}

// take returns what a test has written, and forgets it.
func (t *tests) take(key string) string {
	text := strings.Join(t.said[key], "")
	delete(t.said, key)
	t.order = slices.DeleteFunc(t.order, func(k string) bool { return k == key })
	return text
}

// reason is why a test was skipped: the last thing it said.
func reason(said string) string {
	for _, line := range slices.Backward(strings.Split(said, "\n")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "===") {
			return line
		}
	}
	return "it did not say why"
}

// slowest lists the packages and tests that took longest.
func (t *tests) slowest(most int) string {
	var b strings.Builder
	for _, list := range []struct {
		title string
		all   []timed
	}{{"packages", t.packages}, {"tests", t.single}} {
		all := slices.Clone(list.all)
		slices.SortStableFunc(all, func(a, b timed) int { return int(1000 * (b.seconds - a.seconds)) })
		fmt.Fprintf(&b, "\n  the %s that took longest\n", list.title)
		for _, x := range all[:min(most, len(all))] {
			fmt.Fprintf(&b, "  %7.1fs  %s\n", x.seconds, x.name)
		}
	}
	return b.String()
}

func (t *tests) skips() string {
	if len(t.skipped) == 0 {
		return ""
	}
	return fmt.Sprintf("\n  %d tests were skipped\n    %s\n", len(t.skipped), strings.Join(t.skipped, "\n    "))
}

// lines is a writer that passes on whole lines.
type lines struct {
	take func([]byte)
	part []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.part = append(l.part, p...)
	for {
		line, rest, whole := bytes.Cut(l.part, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.take(line)
		l.part = rest
	}
}

// flush passes on a last line without an end.
func (l *lines) flush() {
	if len(l.part) > 0 {
		l.take(l.part)
	}
}
