// Package data plays databases: a real PostgreSQL, MySQL or MariaDB, as RDS would run it, whose data outlive the process and
// end with the resource.
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

// The brands of servers.
const (
	postgreSQL = "PostgreSQL"
	mySQL      = "MySQL"
	mariaDB    = "MariaDB"
)

// Program is a database server on this computer.
type Program struct {
	Brand   string `json:"brand"`
	Version string `json:"version"`        // the major one, as the brand counts: "17", "8.4"
	Path    string `json:"path"`           // of the server
	Note    string `json:"note,omitempty"` // how it differs from what the stack asks for; empty where it does not
}

func (p Program) String() string { return p.Brand + " " + p.Version }

// brands are what each is called, and whose server may stand in for it.
var brands = map[string]struct {
	servers []string // what its server's program is called
	makers  []string // where, seen from that, is what makes its data, if the server needs something for that
	line    *regexp.Regexp
	kin     string
	install string
}{
	postgreSQL: {[]string{"postgres"}, []string{"initdb"}, regexp.MustCompile(`\(PostgreSQL\) (\d+)`), "", "`apt install postgresql`"},
	mySQL: {[]string{"mysqld"}, nil, regexp.MustCompile(`Ver (\d+\.\d+)\.\d+(?:-\d[^ ]*)? `), mariaDB,
		"`apt install mysql-server`, or `mariadb-server`, which then stands in"},
	mariaDB: {[]string{"mariadbd", "mysqld"}, []string{"../share/m*/m*_system_tables.sql", "../share/m*_system_tables.sql"},
		regexp.MustCompile(`Ver (\d+\.\d+)\.\d+-MariaDB`), mySQL,
		"`apt install mariadb-server`"},
}

// brandOf is the brand that an engine of RDS is of, or "".
func brandOf(engine string) string {
	switch {
	case strings.Contains(engine, "postgres"):
		return postgreSQL
	case engine == "mariadb":
		return mariaDB
	case engine == "aurora", strings.Contains(engine, "mysql"):
		return mySQL
	}
	return ""
}

// places are where distributions put servers, and PATH.
var places = append([]string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/libexec/postgresql*",
	"/usr/local/pgsql/bin", "/usr/sbin", "/usr/libexec", "/usr/local/mysql/bin", "/opt/mysql*/bin", "/usr/local/sbin", "/usr/bin",
	"/usr/local/bin"}, filepath.SplitList(os.Getenv("PATH"))...)

// Find looks for a server for an engine and its version, such as "postgres" and "17" or "17.4". Where the major version is
// not installed it is fetched into cache, if fetch can do that, which it can for PostgreSQL; else another one that is installed
// is taken, or for MySQL MariaDB and the other way round, which Note tells. The error is a *can.Refusal.
func Find(ctx context.Context, engine, version, cache string, fetch func(ctx context.Context, major int, cache string) error) (Program,
	error) {
	brand := brandOf(engine)
	if brand == "" {
		return Program{}, &can.Refusal{Why: fmt.Sprintf("the engine %s is not played", engine),
			Remedy: "a stack whose database is PostgreSQL, MySQL or MariaDB lives"}
	}
	asked := Program{Brand: brand, Version: majorOf(brand, version)}
	is := func(p Program) bool { return p.Brand == brand && p.Version == asked.Version }
	found := installed(ctx, brand, append(slices.Clone(places), filepath.Join(cache, "*", "bin")))
	if at := slices.IndexFunc(found, is); at >= 0 {
		return found[at], nil
	}
	failed := ""
	if major, err := strconv.Atoi(asked.Version); err == nil && brand == postgreSQL {
		if err = fetch(ctx, major, cache); err == nil {
			found = installed(ctx, brand, []string{filepath.Join(cache, "*", "bin")})
			if at := slices.IndexFunc(found, is); at >= 0 {
				return found[at], nil
			}
		}
		failed = fmt.Sprintf("; fetching version %d failed: %v", major, err)
	}
	if kin := brands[brand].kin; kin != "" {
		found = append(found, installed(ctx, kin, places)...)
	}
	if len(found) == 0 {
		return Program{}, &can.Refusal{Why: "this computer has no " + brand,
			Remedy: "install it from the distribution (Debian and Ubuntu: " + brands[brand].install + ")" + failed}
	}
	p := found[0]
	p.Note = fmt.Sprintf("the database is %s, which is installed, and not %s, which the stack asks for", p, asked)
	return p, nil
}

// majorOf is what of a version tells whose data a server can read.
func majorOf(brand, version string) string {
	parts := strings.Split(version, ".")
	if brand == postgreSQL || len(parts) < 2 {
		return parts[0]
	}
	return parts[0] + "." + parts[1]
}

// newest compares versions, the newer first.
func newest(a, b string) int {
	numbers := func(version string) (all []int) {
		for _, part := range strings.Split(version, ".") {
			n, _ := strconv.Atoi(part)
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(numbers(b), numbers(a))
}

// installed are a brand's servers in the folders, the newest first.
func installed(ctx context.Context, brand string, folders []string) (found []Program) {
	b := brands[brand]
	seen := map[string]bool{}
	for _, folder := range folders {
		for _, name := range b.servers {
			matches, _ := filepath.Glob(filepath.Join(folder, name))
			for _, path := range matches {
				at, err := filepath.EvalSymlinks(path)
				if err != nil || seen[at] || b.makers != nil && maker(brand, path) == "" {
					continue
				}
				seen[at] = true
				out, err := exec.CommandContext(ctx, path, "--version").Output()
				if m := b.line.FindSubmatch(out); err == nil && m != nil {
					found = append(found, Program{Brand: brand, Version: string(m[1]), Path: at})
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Program) int { return newest(a.Version, b.Version) })
	return found
}

// maker is what makes the data of a server: a program, or the first of several scripts. It is "" if that is not there.
func maker(brand, server string) string {
	for _, at := range brands[brand].makers {
		if found, _ := filepath.Glob(filepath.Join(filepath.Dir(server), at)); len(found) > 0 {
			return found[0]
		}
	}
	return ""
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
	if len(installed(ctx, postgreSQL, []string{filepath.Join(at, "bin")})) > 0 {
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
