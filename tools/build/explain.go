package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// cause is a way in which a build fails on other people's machines: how the go tool says it, and
// what to do about it.
type cause struct {
	sign   *regexp.Regexp
	remedy func(p program) string
}

var causes = []cause{
	{regexp.MustCompile(`(?i)no space left on device|disk quota exceeded`), func(program) string {
		return "the disk is full: a first build needs about 6 GB for Go's caches (`go env GOCACHE GOMODCACHE`) and 1 GB here"
	}},
	{regexp.MustCompile(`(?i)signal: killed|cannot allocate memory|out of memory`), func(program) string {
		return "the compiler was killed, most likely for want of memory: the largest package needs 4 GB; close programs or add swap, then start it again (what is compiled is kept)"
	}},
	{regexp.MustCompile(`(?i)dial tcp|no such host|i/o timeout|connection refused|TLS handshake|proxyconnect|module lookup disabled|network is unreachable|cannot find module providing|missing go.sum entry`), func(p program) string {
		return fmt.Sprintf("modules of %s could not be fetched from %s: the first build needs the network (later ones do not); behind a company proxy set GOPROXY to its module mirror", p.name, proxy())
	}},
	{regexp.MustCompile(`(?i)requires go >= |toolchain not available|invalid go version`), func(program) string {
		return "this Go is too old: install Go 1.26 or later from https://go.dev/dl/"
	}},
	{regexp.MustCompile(`executable file not found`), func(program) string {
		return "Go is not installed: install Go 1.26 or later from https://go.dev/dl/"
	}},
}

// explain turns what the go tool said into an error with its likely cause and remedy. What it said
// stays in it, below.
func explain(said string, p program) error {
	said = strings.TrimSpace(said)
	for _, c := range causes {
		if c.sign.MatchString(said) {
			return fmt.Errorf("bin/%s: %s\n%s", p.name, c.remedy(p), indent(tail(said, 12)))
		}
	}
	return errors.New("bin/" + p.name + " was not built:\n" + indent(tail(said, 60)))
}

func proxy() string {
	if v := os.Getenv("GOPROXY"); v != "" {
		return v
	}
	return "Go's module proxy (GOPROXY, by default https://proxy.golang.org)"
}

func tail(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(s, "\n", "\n    ")
}
