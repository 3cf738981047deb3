package stacks

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/release"
	"github.com/causeway-iac/causeway/infra/settings"
)

// Project is the name in Pulumi.yaml, and so the namespace of the settings.
const Project = "causeway"

// Today is the day of a deployment, which decides whether a waiver still holds.
var Today = time.Now

// Checked is a stack's settings, and what a person should know about them.
type Checked struct {
	Settings
	// UserData is the size in bytes of each tier's user data, at most UserDataLimit.
	UserData map[string]int
	// Notices are what a person should know of settings that are right, with the file and the line: waivers that end within
	// a month, and what has no effect.
	Notices infra.Problems

	ended infra.Problems
}

// EndedError says that the settings are right except for waivers that have ended. Such a stack can be taken down, or
// deployed with another release: whoever must fix a fault at night need not renew a waiver first.
type EndedError struct{ error }

func (e *EndedError) Unwrap() error { return e.error }

// Check reads the settings of a stack from its file alone, without an engine, and reports everything wrong with them.
func Check(folder, stack string, today time.Time) (Checked, error) {
	file, err := settings.Open(folder, Project, stack)
	if err != nil {
		return Checked{}, err
	}
	c, problems := resolve(file.Tree, file, stack, folder, today)
	err = report(file, append(problems, c.ended...))
	if len(problems) == 0 && err != nil {
		err = &EndedError{err}
	}
	return c, err
}

// load reads the settings that the engine gives the program. The file, if there is one, adds lines and unknown keys
// to the report.
func load(ctx *pulumi.Context) (Checked, string, error) {
	folder := os.Getenv(settings.FolderVariable)
	if folder == "" {
		folder = ctx.RootDirectory()
	}
	file, err := settings.Open(folder, ctx.Project(), ctx.Stack())
	if err != nil {
		return Checked{}, "", err
	}
	tree, problems := settings.FromEngine(ctx, Settings{})
	if len(file.Secrets) > 0 {
		problems = nil // the file reports each of them, with its line
	}
	c, more := resolve(tree, file, ctx.Stack(), folder, Today())
	c.ended = file.Placed(c.ended)
	return c, folder, report(file, append(problems, more...))
}

func resolve(tree map[string]any, file *settings.File, stack, folder string, today time.Time) (Checked, infra.Problems) {
	environment, ok := tree["environment"].(string)
	if !ok || environment == "" {
		environment = stack
	}
	s := Profile(environment)
	s.opened = map[string]release.Release{}
	altered := file.Altered(Settings{})
	problems := checkFile(file)
	unknown := len(problems)
	for _, p := range settings.Decode(tree, &s) {
		if unknown == 0 || !listed(problems, p.Where) {
			problems = append(problems, p)
		}
	}
	problems = append(problems, checkPins(tree, &s)...)
	for _, p := range checkZeros(tree) {
		if !listed(problems, p.Where) {
			problems = append(problems, p)
		}
	}
	s = s.derive(stack)
	problems = append(problems, checkProfile(s.Environment, stack)...)
	said := len(problems)
	for _, p := range append(s.Problems(folder, today), checkOverlap(s, folder, file)...) {
		if !listed(problems[:said], p.Where) { // the file reports it better
			problems = append(problems, p)
		}
	}
	c := Checked{Settings: s}
	sizes, declared := checkDeclared(s, problems)
	c.UserData = sizes
	problems = append(problems, declared...)
	ended, soon := s.waiversEnd(today)
	c.ended, c.Notices = ended, file.Placed(append(soon, s.moot(tree)...))
	// Problems with a value that nobody wrote would mislead.
	return c, append(altered, slices.DeleteFunc(problems, func(p infra.Problem) bool { return listed(altered, p.Where) })...)
}

// written is a group of settings as the file has it, nil if it has none.
func written(tree map[string]any, group string) map[string]any {
	settings, _ := tree[group].(map[string]any)
	return settings
}

// checkPins refuses numbers that another setting decides (of zones if their names are given, and of servers if there
// is a schedule), and a zero that would be taken for a setting that nobody wrote.
func checkPins(tree map[string]any, s *Settings) infra.Problems {
	var problems infra.Problems
	network := written(tree, "network")
	if names := len(s.Network.ZoneNames); names > 0 {
		if _, counted := network["zones"]; counted && s.Network.Zones != names {
			problems.Addf("network.zones", "leave it out, or write as many zoneNames", "is %d, and zoneNames has %d", s.Network.Zones,
				names)
		}
		s.Network.Zones = names
	}
	workers := written(tree, "workers")
	for _, name := range slices.Sorted(maps.Keys(s.Workers)) {
		w := s.Workers[name]
		if w.Schedule == "" {
			continue
		}
		worker := written(workers, name)
		setting, size := "minSize", w.MinSize
		if worker[setting] == nil || size == 1 {
			setting, size = "maxSize", w.MaxSize
		}
		if worker[setting] != nil && size != 1 {
			problems.Addf("workers."+name+"."+setting, "leave both sizes out",
				"is %d, and what runs by a schedule runs on one server", size)
		}
		w.MinSize, w.MaxSize = 1, 1
		s.Workers[name] = w
	}
	database := written(tree, "database")
	for _, name := range []string{"minAcu", "maxAcu"} {
		if n, said := database[name]; said && fmt.Sprint(n) == "0" {
			problems.Add("database."+name, "write 0.5 or more, or leave it out", "is 0, and Aurora never stops here")
		}
	}
	return problems
}

func listed(problems infra.Problems, where string) bool {
	for _, p := range problems {
		if p.Where == where {
			return true
		}
	}
	return false
}

func report(file *settings.File, problems infra.Problems) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("nothing was created, since the settings are wrong in %s:\n%w", places(len(problems)), file.Placed(problems))
}

func places(n int) string {
	if n == 1 {
		return "one place"
	}
	return fmt.Sprintf("%d places", n)
}
