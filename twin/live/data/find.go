// Package data plays databases: a real PostgreSQL, as RDS would run it, whose data outlive the process and end with the
// resource.
package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/can"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// Program is a database server on this computer.
type Program struct {
	Bin   string // folder with postgres and initdb
	Major int
	Note  string // how it differs from what the stack asks for; empty where it does not
}

// places are where distributions put PostgreSQL's server.
var places = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/libexec/postgresql*",
	"/usr/local/pgsql/bin", "/usr/bin", "/usr/local/bin"}

// Find looks for a server for an engine and its version, such as "postgres" and "17" or "17.4". Where the major version is
// not installed it is fetched into cache, if fetch can do that; else another one that is installed is taken, which Note tells.
// The error is a *can.Refusal.
func Find(ctx context.Context, engine, version, cache string, fetch func(ctx context.Context, major int, cache string) error) (Program,
	error) {
	if !strings.Contains(engine, "postgres") {
		return Program{}, &can.Refusal{Why: fmt.Sprintf("the engine %s is not played: the living world runs PostgreSQL alone, and "+
			"MariaDB, which distributions have, is not MySQL", engine), Remedy: "a stack whose database.engine is postgres lives"}
	}
	major := majorOf(version)
	is := func(p Program) bool { return p.Major == major }
	found := installed(ctx, append(slices.Clone(places), filepath.Join(cache, "*", "bin")))
	if at := slices.IndexFunc(found, is); at >= 0 {
		return found[at], nil
	}
	err := fetch(ctx, major, cache)
	if err == nil {
		found = installed(ctx, []string{filepath.Join(cache, "*", "bin")})
		if at := slices.IndexFunc(found, is); at >= 0 {
			return found[at], nil
		}
	}
	if len(found) == 0 {
		return Program{}, &can.Refusal{Why: "this computer has no PostgreSQL",
			Remedy: fmt.Sprintf("install it from the distribution (Debian and "+
				"Ubuntu: `apt install postgresql`); fetching version %d failed: %v", major, err)}
	}
	p := found[0]
	p.Note = fmt.Sprintf("the database is PostgreSQL %d, which is installed, and not %d, which the stack asks for", p.Major, major)
	return p, nil
}

func majorOf(version string) int {
	text, _, _ := strings.Cut(version, ".")
	n, _ := strconv.Atoi(text)
	return n
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// installed are the servers in the folders, the newest first.
func installed(ctx context.Context, folders []string) (found []Program) {
	for _, pattern := range folders {
		matches, _ := filepath.Glob(filepath.Join(pattern, "postgres"))
		for _, path := range matches {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "initdb")); err != nil {
				continue
			}
			out, err := exec.CommandContext(ctx, path, "--version").Output()
			if m := versionLine.FindSubmatch(out); err == nil && m != nil {
				major, _ := strconv.Atoi(string(m[1]))
				found = append(found, Program{Bin: filepath.Dir(path), Major: major})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Program) int { return b.Major - a.Major })
	return found
}

// FetchCommand is what the program that runs inside a living world is told to do Fetch.
const FetchCommand = "postgresql"

// FetchBy has that program fetch, with as much of an environment as leads to the internet: a process that holds a rehearsal
// has no way there itself.
func FetchBy(program string, environ []string) func(ctx context.Context, major int, cache string) error {
	return func(ctx context.Context, major int, cache string) error {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, FetchCommand, strconv.Itoa(major), cache)
		cmd.Env = slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
			name, _, _ := strings.Cut(strings.ToUpper(variable), "=")
			return !slices.Contains([]string{"PATH", "HOME", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
				"SSL_CERT_FILE", "SSL_CERT_DIR"}, name)
		})
		if out, err := cmd.CombinedOutput(); err != nil {
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			return fmt.Errorf("%s (%w)", strings.TrimPrefix(lines[len(lines)-1], "world: "), err)
		}
		return nil
	}
}

// Fetch brings the binaries of a major version, which that project publishes for this system, into cache. It comes by the
// proxy that the environment names.
func Fetch(ctx context.Context, major int, cache string) error {
	known := map[int]embedded.PostgresVersion{18: embedded.V18, 17: embedded.V17, 16: embedded.V16, 15: embedded.V15, 14: embedded.V14,
		13: embedded.V13}
	version, ok := known[major]
	if !ok {
		return fmt.Errorf("PostgreSQL %d is not published as binaries", major)
	}
	at := filepath.Join(cache, "postgresql-"+strconv.Itoa(major))
	scratch, err := os.MkdirTemp("", "causeway-postgresql-")
	if err != nil {
		return fmt.Errorf("fetching PostgreSQL %d: %w", major, err)
	}
	defer os.RemoveAll(scratch)
	// The library has no call that only fetches: what it starts is stopped at once. It fails to start where root calls it.
	server := embedded.NewDatabase(embedded.DefaultConfig().Version(version).CachePath(filepath.Join(scratch, "cache")).
		BinariesPath(at).RuntimePath(filepath.Join(scratch, "run")).DataPath(filepath.Join(scratch, "data")).Logger(io.Discard).
		Port(freePort()))
	err = server.Start()
	if err == nil {
		err = server.Stop()
	}
	if len(installed(ctx, []string{filepath.Join(at, "bin")})) > 0 {
		return nil
	}
	return errors.Join(err, os.RemoveAll(at))
}

func freePort() uint32 {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 5432
	}
	defer l.Close()
	return uint32(l.Addr().(*net.TCPAddr).Port)
}
