// Package data plays databases: a real PostgreSQL, MySQL or MariaDB, as RDS would run it, whose data outlive the process and
// end with the resource.
package data

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/can"
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

// Find looks for a server for an engine and its version, such as "postgres" and "17" or "17.4". Data that are there already,
// which made says, need one that reads them. Where the major version is not installed it is fetched into cache, if fetch can do
// that, which it can for PostgreSQL; else another one that is installed is taken, or for MySQL MariaDB and the other way round.
// Note tells what differs. The error is a *can.Refusal.
func Find(ctx context.Context, engine, version, made, cache string, fetch func(ctx context.Context, major int, cache string) error) (
	Program, error) {
	brand := brandOf(engine)
	if brand == "" {
		return Program{}, &can.Refusal{Why: fmt.Sprintf("the engine %s is not played", engine),
			Remedy: "a stack whose database is PostgreSQL, MySQL or MariaDB lives"}
	}
	asked := Program{Brand: brand, Version: majorOf(brand, version)}
	look := func() []Program {
		found := installed(ctx, brand, append(slices.Clone(places), filepath.Join(cache, "*", "bin")))
		slices.SortStableFunc(found, func(a, b Program) int { return first(a.Version == asked.Version, b.Version == asked.Version) })
		if kin := brands[brand].kin; kin != "" {
			found = append(found, installed(ctx, kin, places)...)
		}
		return found
	}
	fits := func(p Program) bool {
		return made != "" && p.reads(made) || made == "" && p.String() == asked.String()
	}
	found, failed := look(), ""
	if !slices.ContainsFunc(found, fits) && brand == postgreSQL {
		major, err := strconv.Atoi(asked.Version)
		if err == nil {
			err = fetch(ctx, major, cache)
		}
		if err != nil {
			failed = fmt.Sprintf("; fetching version %s failed: %v", asked.Version, err)
		}
		found = look()
	}
	if len(found) == 0 {
		return Program{}, &can.Refusal{Why: "this computer has no " + brand,
			Remedy: "install it from the distribution (Debian and Ubuntu: " + brands[brand].install + ")" + failed}
	}
	p, why := found[0], "is installed"
	if at := slices.IndexFunc(found, fits); at >= 0 {
		p = found[at]
		if made != "" {
			why = "reads its data"
		}
	}
	if p.String() != asked.String() {
		p.Note = fmt.Sprintf("the database is %s, which %s, and not %s, which the stack asks for%s", p, why, asked, failed)
	}
	return p, nil
}

// reads says whether a server serves the data of another, as "MySQL 8.4": PostgreSQL those of its own version, the others those of
// older ones too, which they upgrade.
func (p Program) reads(made string) bool {
	brand, version, _ := strings.Cut(made, " ")
	return brand == p.Brand && (version == p.Version || brand != postgreSQL && newest(p.Version, version) < 0)
}

// first orders what is so before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
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
