package stacks

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/settings"
)

// Project is the name in Pulumi.yaml, and so the namespace of the settings.
const Project = "causeway"

// Check reads the settings of a stack from its file alone, without an engine, and
// reports everything wrong with them.
func Check(folder, stack string, today time.Time) (Settings, error) {
	file, err := settings.Open(folder, Project, stack)
	if err != nil {
		return Settings{}, err
	}
	s, problems := resolve(file.Tree, file, stack, folder, today)
	return s, report(file, problems)
}

// load reads the settings that the engine hands to the program. The file, where
// it is there, adds lines and unknown keys to what is reported.
func load(ctx *pulumi.Context) (Settings, string, error) {
	folder := os.Getenv(settings.FolderVariable)
	if folder == "" {
		folder = ctx.RootDirectory()
	}
	file, err := settings.Open(folder, ctx.Project(), ctx.Stack())
	if err != nil {
		return Settings{}, "", err
	}
	tree, problems := settings.FromEngine(ctx, Settings{})
	if len(file.Secrets) > 0 {
		problems = nil // the file names each of them, with its line
	}
	s, more := resolve(tree, file, ctx.Stack(), folder, time.Now())
	return s, folder, report(file, append(problems, more...))
}

func resolve(tree map[string]any, file *settings.File, stack, folder string, today time.Time) (Settings, infra.Problems) {
	environment, ok := tree["environment"].(string)
	if !ok || environment == "" {
		environment = stack
	}
	s := Profile(environment)
	altered := file.Altered(Settings{})
	problems := checkFile(file)
	unknown := len(problems)
	for _, p := range settings.Decode(tree, &s) {
		if unknown == 0 || !listed(problems, p.Where) {
			problems = append(problems, p)
		}
	}
	s = s.derive(stack)
	problems = append(problems, checkProfile(s.Environment, stack)...)
	problems = append(problems, s.Problems(folder, today)...)
	problems = append(problems, checkOverlap(s, folder, file)...)
	// What is wrong with a value that nobody wrote would mislead.
	return s, append(altered, slices.DeleteFunc(problems, func(p infra.Problem) bool { return listed(altered, p.Where) })...)
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
