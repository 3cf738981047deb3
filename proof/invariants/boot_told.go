package invariants

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/userdata"
)

// toldOf compares what stands beside the database's address in the environment (NAME_HOST, and then NAME_PORT and the like)
// with the database that there is. This project's own servers must be told all of it: their programs know no default.
func (b boot) toldOf(n *network.Node, own []string, secrets []keeper) {
	for name, value := range b.settings {
		prefix, is := strings.CutSuffix(name, "_HOST")
		if !is || !slices.Contains(own, value) {
			continue
		}
		secret, told := b.settings[prefix+"_SECRET_ARN"]
		kept := slices.ContainsFunc(secrets, func(k keeper) bool { return iam.Matches(k.arn, secret) })
		if told && !kept && b.ours {
			b.lacks(report.High, "pass on the secret's ARN", "is told of %s, and the secret %s, which is not its own", n.Name, secret)
		}
		for _, fact := range []struct {
			what, is string
			keys     []string
			expected bool
		}{
			{"port", "", []string{"_PORT"}, true},
			{"database", cmp.Or(n.Resource.String("dbName"), n.Resource.String("databaseName")), []string{"_NAME", "_DATABASE", "_DB"}, true},
			{"engine", driver(n.Resource.String("engine")), []string{"_ENGINE", "_DRIVER"}, true},
			{"user", cmp.Or(n.Resource.String("username"), n.Resource.String("masterUsername")), []string{"_USER", "_USERNAME"}, false},
		} {
			said := false
			for _, key := range fact.keys {
				written, told := b.settings[prefix+key]
				said = said || told
				port, err := parsePort(written)
				switch {
				case !told:
				case fact.what == "port" && (err != nil || !n.Listens.Overlaps(network.TCP(port))):
					b.lacks(report.High, "pass on the database's port", "is told to ask %s on port %s, and it listens on %s", n.Name,
						written, n.Listens)
				case fact.what == "port", fact.what == "user" && !kept, fact.what == "engine" && driver(written) == fact.is,
					written == fact.is:
				case fact.is == "":
					b.lacks(report.High, "name it in the database, or leave it out", "is told of the %s %s, and %s says none", fact.what,
						written, n.Name)
				default:
					b.lacks(report.High, "pass on the database's own", "is told of the %s %s, and %s has %s", fact.what, written, n.Name,
						fact.is)
				}
			}
			if b.ours && fact.expected && !said && !(fact.what == "database" && fact.is == "") {
				b.lacks(report.High, "pass it on as "+prefix+fact.keys[0], "is told of %s, and not of its %s", n.Name, fact.what)
			}
		}
	}
}

// driver is the family of an engine, by which programs know it: Aurora's are those of what it is compatible with.
func driver(engine string) string {
	for family, words := range map[string][]string{"postgres": {"postgres", "pgx"}, "mysql": {"mysql", "mariadb"}} {
		if slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(strings.TrimPrefix(engine, "aurora-"), word) }) {
			return family
		}
	}
	return engine
}

var (
	inRegion    = regexp.MustCompile(`(?m)^\s*region=["']?([a-z0-9-]+)`)
	systemUsers = []string{"root", "nobody", "ec2-user", "ubuntu", "www-data", "nginx", "daemon"}
)

// runs demands that what the units of this project's servers name is there: the user, the environment, the programs, which may be
// executed, and the log that is collected. What they fetch from the stack's buckets is in its region.
func (b boot) runs() {
	if !b.ours {
		return
	}
	region := iam.Region(b.of.String("arn"))
	for _, other := range unique(submatches(inRegion, b.about("region"))) {
		if region != "" && other != region {
			b.lacks(report.High, "fetch it from "+region, "is told to fetch from %s, and its bucket is in %s", other, region)
		}
	}
	for _, u := range b.told.Units {
		if user := u.Last("User"); user != "" && !slices.Contains(systemUsers, user) && !b.makesUser(user) {
			b.lacks(report.High, "make the user, or name one that is made", "runs %s as %s, whom nothing makes", u.Name(), user)
		}
		for _, file := range u.Service["EnvironmentFile"] {
			if !strings.HasPrefix(file, "-") && !b.writes(file) {
				b.lacks(report.High, "write the file", "runs %s by %s, which nothing writes", u.Name(), file)
			}
		}
		for key, commands := range u.Service {
			for _, command := range commands {
				if words := strings.Fields(command); strings.HasPrefix(key, "Exec") && len(words) > 0 {
					b.executes(u.Name(), strings.TrimLeft(words[0], "-@:+!"))
				}
			}
		}
		_, log, _ := strings.Cut(u.Last("StandardOutput"), ":")
		if strings.HasPrefix(log, "/") && strings.Contains(b.told.Text, `"file_path"`) &&
			!strings.Contains(b.told.Text, `"file_path": "`+log+`"`) {
			b.lacks(report.Medium, "collect the file that the unit writes", "logs to %s, which nothing collects", log)
		}
	}
}

func (b boot) makesUser(name string) bool {
	users, _ := b.told.Config["users"].([]any)
	return slices.ContainsFunc(users, func(u any) bool {
		made, _ := u.(map[string]any)
		return u == name || made["name"] == name
	}) || strings.Contains(b.told.Text, "useradd") && strings.Contains(b.told.Text, name)
}

func (b boot) writes(path string) bool {
	for _, f := range b.told.Files {
		if f.Path == path {
			return true
		}
	}
	return slices.ContainsFunc(b.told.Commands, func(command string) bool { return strings.Contains(command, path) })
}

// executes demands that a program is one of the system's, is written as one that may be executed, or has a name that what
// is fetched gets.
func (b boot) executes(unit, program string) {
	for _, f := range b.told.Files {
		if f.Path != program {
			continue
		}
		if mode, err := strconv.ParseUint(f.Permissions, 8, 32); err == nil && mode&0o111 == 0 {
			b.lacks(report.High, "give it the permissions 0755", "runs %s by %s, which may not be executed", unit, program)
		}
		return
	}
	if !strings.HasPrefix(program, "/opt/causeway/") {
		return
	}
	name := regexp.MustCompile(`(?m)/` + regexp.QuoteMeta(program[strings.LastIndexByte(program, '/')+1:]) + `["']?$`)
	if !slices.ContainsFunc(b.told.Files, func(f userdata.File) bool {
		return !strings.HasSuffix(f.Path, ".service") && name.MatchString(f.Content)
	}) {
		b.lacks(report.High, "run what is fetched", "runs %s by %s, which nothing fetches", unit, program)
	}
}
