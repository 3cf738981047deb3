// Package project finds the Pulumi project that the command line works on: its directory, its
// stacks, and the place where everything about their rehearsals on the twin is kept.
package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/infra/settings"
)

// Project is a directory with a Pulumi.yaml.
type Project struct {
	Root string // absolute
	Name string // as in Pulumi.yaml
	Area string // a folder below .causeway in which the same stacks are rehearsed a second time, "" for the first
}

// Find looks for Pulumi.yaml in dir and its parents, as Pulumi itself does.
func Find(dir string) (Project, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Project{}, fmt.Errorf("finding the project: %w", err)
	}
	for d := abs; ; d = filepath.Dir(d) {
		definition, err := settings.Read(filepath.Join(d, "Pulumi.yaml"))
		if err == nil {
			return parse(d, definition)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return Project{}, err
		}
		if d == filepath.Dir(d) {
			return Project{}, fmt.Errorf("there is no Pulumi.yaml in %s or above it: go to the repository's directory first", abs)
		}
	}
}

func parse(dir string, definition *yaml.Node) (Project, error) {
	var file struct {
		Name string `yaml:"name"`
	}
	path := filepath.Join(dir, "Pulumi.yaml")
	if err := definition.Decode(&file); err != nil && len(definition.Content) > 0 {
		return Project{}, fmt.Errorf("%s: %w", path, err)
	}
	if file.Name == "" {
		return Project{}, fmt.Errorf("%s: name is missing: every Pulumi project has one", path)
	}
	return Project{Root: dir, Name: file.Name}, nil
}

// Stacks lists the stacks that have a settings file.
func (p Project) Stacks() []string {
	files, _ := filepath.Glob(filepath.Join(p.Root, "Pulumi.*.yaml"))
	var stacks []string
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() {
			stacks = append(stacks, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "Pulumi."), ".yaml"))
		}
	}
	slices.Sort(stacks)
	return stacks
}

var stackName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]*$`)

// UnknownStackError says that a stack has no settings file, and which have.
type UnknownStackError struct {
	Stack string
	Known []string
}

func (e *UnknownStackError) Error() string {
	if !stackName.MatchString(e.Stack) { // Pulumi's rule
		return fmt.Sprintf("%q is not a stack's name, which has letters, digits, dots, dashes and underscores: the project has %s", e.Stack,
			strings.Join(e.Known, ", "))
	}
	if len(e.Known) == 0 {
		return fmt.Sprintf("there is no stack %q: the project has no Pulumi.<stack>.yaml", e.Stack)
	}
	return fmt.Sprintf("there is no stack %q: the project has %s; to make it, write Pulumi.%s.yaml",
		e.Stack, strings.Join(e.Known, ", "), e.Stack)
}

// Check fails with an UnknownStackError unless the stack has a settings file.
func (p Project) Check(stack string) error {
	if known := p.Stacks(); !slices.Contains(known, stack) {
		return &UnknownStackError{Stack: stack, Known: known}
	}
	return nil
}

// Settings is the stack's settings file.
func (p Project) Settings(stack string) string {
	return filepath.Join(p.Root, "Pulumi."+stack+".yaml")
}

// Manners is the file that says how a stack's twin behaves. It need not exist.
func (p Project) Manners(stack string) string {
	return filepath.Join(p.Root, "Twin."+stack+".yaml")
}

// Home is where the rehearsal of a stack is kept: its state, its world, its lock. Each stack has its own, so that a
// command that names the wrong stack finds nothing to harm. Git ignores it.
func (p Project) Home(stack string) string { return filepath.Join(p.Root, ".causeway", p.Area, stack) }

// World is the file that holds the twin's world for a stack.
func (p Project) World(stack string) string {
	return filepath.Join(p.Home(stack), "twin.db")
}
