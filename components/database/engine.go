package database

import (
	"slices"
	"strings"
)

// Engines that the platform runs, as RDS spells them.
const (
	Postgres       = "postgres"
	MySQL          = "mysql"
	AuroraPostgres = "aurora-postgresql"
)

// Engines is every engine, in the order errors list them.
var Engines = []string{Postgres, MySQL, AuroraPostgres}

// major is a major version of an engine. Ends is the last day of RDS standard
// support, after which RDS upgrades the database by itself or charges for extended
// support (AWS, RDS user guide, "Release calendar for Amazon RDS for PostgreSQL" and
// "Supported MySQL major versions"; Aurora user guide, "Release calendars for Aurora
// PostgreSQL").
type major struct {
	version string
	ends    string
}

// engine is what distinguishes RDS's engines.
type engine struct {
	title    string
	aurora   bool
	family   string  // parameter group family, without the version
	majors   []major // oldest first; the default is the last but one
	standard string  // default major
	port     int     // not the engine's well-known one
	logs     []string
	classes  []string
	class    string
}

var engines = map[string]engine{
	Postgres: {
		title: "RDS for PostgreSQL", family: "postgres", port: 5433,
		majors: []major{
			{"14", "2027-02-28"}, {"15", "2028-02-29"}, {"16", "2029-02-28"}, {"17", "2030-02-28"}, {"18", "2031-02-28"},
		},
		standard: "17",
		logs:     []string{"postgresql", "upgrade"},
		classes:  rdsClasses,
		class:    "db.t4g.micro",
	},
	MySQL: {
		title: "RDS for MySQL", family: "mysql", port: 3307,
		majors:   []major{{"8.4", "2029-07-31"}},
		standard: "8.4",
		logs:     []string{"audit", "error", "general", "slowquery"},
		classes:  rdsClasses,
		class:    "db.t4g.micro",
	},
	AuroraPostgres: {
		title: "Aurora PostgreSQL", aurora: true, family: "aurora-postgresql", port: 5433,
		majors: []major{
			{"14", "2027-02-28"}, {"15", "2028-02-29"}, {"16", "2029-02-28"}, {"17", "2030-02-28"},
		},
		standard: "17",
		logs:     []string{"postgresql"},
		classes:  auroraClasses,
		class:    "db.t4g.medium",
	},
}

// postgres reports whether the engine speaks PostgreSQL's protocol and parameters.
func (e engine) postgres() bool { return e.family != "mysql" }

func (e engine) supports(version string) bool {
	return slices.ContainsFunc(e.majors, func(m major) bool { return m.version == version })
}

// majorOf is the major version that a minor one such as 16.4 or 8.4.5 belongs to, or "".
func (e engine) majorOf(version string) string {
	for _, m := range e.majors {
		if strings.HasPrefix(version, m.version+".") {
			return m.version
		}
	}
	return ""
}

func (e engine) versions() string {
	names := make([]string, len(e.majors))
	for i, m := range e.majors {
		names[i] = m.version + " (supported until " + m.ends + ")"
	}
	return strings.Join(names, ", ")
}
