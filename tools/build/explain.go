package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// cause is a way in which a build fails on other people's machines: what the go tool says, and what to do about it.
type cause struct {
	sign   *regexp.Regexp
	remedy func(p program) string
}

var causes = []cause{
	{regexp.MustCompile(`(?i)no space left on device|disk quota exceeded`), func(program) string {
		return "the disk is full: a first build needs about 6 GB for Go's caches (`go env GOCACHE GOMODCACHE`) and 1 GB here"
	}},
	{regexp.MustCompile(`(?i)signal: killed|cannot allocate memory|out of memory`), func(program) string {
		return "the compiler was killed, most likely for want of memory: the largest package needs 4 GB; close programs or add swap, " +
			"then start it again (what is compiled is kept)"
	}},
	{regexp.MustCompile(`GOPROXY=off`), variable("GOPROXY", "it keeps modules from being fetched, and some are missing")},
	{regexp.MustCompile(`(?i)dial tcp|no such host|i/o timeout|connection refused|TLS handshake|` +
		`proxyconnect|network is unreachable|cannot find module providing|missing go.sum entry`), func(p program) string {
		return fmt.Sprintf("modules of %s could not be fetched from %s: the first build needs the network (later ones do not); behind a "+
			"company proxy set GOPROXY to its module mirror", p.name, proxy())
	}},
	{regexp.MustCompile(`(?i)go\.work|current workspace|workspace modules`), func(program) string {
		return "a go.work in a folder above (`go env GOWORK`) takes this repository for a part of another workspace: `export " +
			"GOWORK=off`, or `go work use` this folder there"
	}},
	{regexp.MustCompile(`(?i)inconsistent vendoring|-mod=vendor|vendor/modules.txt`),
		variable("GOFLAGS", "-mod=vendor asks for a vendor folder, and there is none here")},
	{regexp.MustCompile(`\$GOFLAGS|-modfile`), variable("GOFLAGS", "go does not take it")},
	{regexp.MustCompile(`GO111MODULE|cannot find package ".*" in any of`),
		variable("GO111MODULE", "off has go look for packages in GOPATH")},
	{regexp.MustCompile(`(?i)C compiler|cgo: exec|cgo: .*not found`),
		variable("CGO_ENABLED", "1 asks for a C compiler (`go env CC`), which is not there and not needed")},
	{regexp.MustCompile(`GOEXPERIMENT`), variable("GOEXPERIMENT", "this Go knows no such experiment")},
	{regexp.MustCompile(`(?i)exec format error|unsupported GOOS/GOARCH`),
		variable("GOOS and GOARCH", "they have go build for another machine than this one")},
	{regexp.MustCompile(`creating work dir`), variable("GOTMPDIR and TMPDIR", "go cannot make a folder there")},
	{regexp.MustCompile(`GOPATH entry`), variable("GOPATH", "it must be an absolute path")},
	{regexp.MustCompile(`cannot find GOROOT`), variable("GOROOT", "there is no Go in that folder")},
	{regexp.MustCompile(`build cache is required`), func(program) string {
		return "go has no place for what it compiles: set HOME, or GOCACHE to a folder"
	}},
	{regexp.MustCompile(`(?i)requires go >= |toolchain not available|invalid go version`), func(program) string {
		return "this Go is too old: install Go 1.26 or later from https://go.dev/dl/ (GOTOOLCHAIN=local keeps an older Go from fetching it)"
	}},
	{regexp.MustCompile(`exec: "go": executable file not found`), func(program) string {
		return "Go is not installed: install Go 1.26 or later from https://go.dev/dl/"
	}},
}

// variable is the remedy for an environment variable that keeps go from building here.
func variable(name, why string) func(program) string {
	return func(program) string {
		are := " is"
		if strings.Contains(name, " ") {
			are = " are"
		}
		return name + are + " set in your environment or by `go env -w`: " + why + "; unset that (`unset " +
			strings.ReplaceAll(name, " and ", " ") + "`)"
	}
}

// influences are variables that change what go does and that nobody thinks of.
var influences = []string{
	"GOFLAGS", "GOWORK", "GO111MODULE", "GOEXPERIMENT", "GOOS", "GOARCH", "CGO_ENABLED", "CC", "GOPROXY", "GOSUMDB", "GONOSUMDB",
	"GOPRIVATE",
	"GOTOOLCHAIN", "GOROOT", "GOPATH", "GOMODCACHE", "GOCACHE", "GOTMPDIR", "GODEBUG",
}

// suspects are the influences that are set, for a failure that nothing else explains.
func suspects() string {
	var set []string
	for _, name := range influences {
		if value := os.Getenv(name); value != "" {
			set = append(set, name+"="+value)
		}
	}
	if len(set) == 0 {
		return ""
	}
	return "\nIf that is not about the code: your environment has " + strings.Join(set, ", ") + ", which change what go does"
}

// explain turns what the go tool said into an error with its likely cause and remedy. The tool's own words follow below.
func explain(said string, p program) error {
	said = strings.TrimSpace(said)
	what := "bin/" + p.name
	if p.name == "" {
		what = "Go cannot build here"
	}
	for _, c := range causes {
		if c.sign.MatchString(said) {
			return fmt.Errorf("%s: %s\n%s", what, c.remedy(p), indent(tail(said, 12)))
		}
	}
	if p.name != "" {
		what += " was not built"
	}
	return errors.New(what + ":\n" + indent(tail(said, 60)) + suspects())
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
