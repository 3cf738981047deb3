package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// provided are packages of Amazon Linux, by the beginning of their names, with the program that each is installed
// for. This computer's own program is used, in whatever version it has.
var provided = []struct{ begins, program, debian string }{
	{"nodejs", "node", "nodejs"},
	{"java-", "java", "default-jre-headless"},
	{"dotnet-", "dotnet", ""},
	{"aspnetcore-runtime", "dotnet", ""},
	{"python3", "python3", "python3"},
	{"php", "php", "php-cli"},
	{"ruby", "ruby", "ruby"},
	{"nginx", "nginx", "nginx"},
	{"zstd", "zstd", "zstd"},
	{"unzip", "unzip", "unzip"},
	{"docker", "docker", ""},
}

// notPlayed are packages that no program here can stand in for.
var notPlayed = []string{"amazon-cloudwatch-agent"}

// programOf is the program that a package is installed for; empty if it is not known.
func programOf(name string) (program, debian string) {
	for _, p := range provided {
		if strings.HasPrefix(name, p.begins) {
			return p.program, p.debian
		}
	}
	return "", ""
}

func packagesAmong(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "install" || strings.HasPrefix(a, "-") })
}

// queryPackages answers `rpm -q`: a machine has the packages that were asked for before.
func queryPackages(args []string) (code int) {
	for _, name := range packagesAmong(args) {
		if _, err := os.Stat(filepath.Join(packageFolder, name)); err != nil {
			if !slices.Contains(args, "--quiet") {
				fmt.Printf("package %s is not installed\n", name)
			}
			return 1
		}
	}
	return 0
}

// python matches packages that have the same name as their program.
var python = regexp.MustCompile(`^python3\.[0-9]+$`)

// packageFolder holds a file for each package that the machine has.
const packageFolder = toolFolder + "/packages"

// installPackages answers `dnf install`. There is no repository here: what is installed is this computer's own
// program, which must exist. A package without a known program is assumed to bring only libraries, which are hoped to
// exist.
func installPackages(args []string) error {
	for _, name := range packagesAmong(args) {
		if slices.Contains(notPlayed, name) {
			return fmt.Errorf("the living world has no package repository, and nothing stands in for %s", name)
		}
		program, debian := programOf(name)
		says := "nothing to install: " + name + " is taken to be what this computer has of it"
		if program != "" {
			path, err := find(program)
			if err != nil {
				how := ""
				if debian != "" {
					how = " (Debian and Ubuntu: apt install " + debian + ")"
				}
				return fmt.Errorf("the living world has no package repository: for %s, this computer needs %s%s", name, program, how)
			}
			if _, err := find(name); err != nil && python.MatchString(name) {
				if err := os.Symlink(path, filepath.Join(shimFolder, name)); err != nil {
					return err
				}
			}
			says = name + " is this computer's own " + path
			if strings.HasPrefix(path, shimFolder) {
				says = name + " is played"
			}
		}
		err := errors.Join(os.MkdirAll(packageFolder, 0o755), os.WriteFile(filepath.Join(packageFolder, name), nil, 0o644))
		if err != nil {
			return err
		}
		if _, err := give(order{Who: "dnf", Says: says}); err != nil {
			return err
		}
	}
	return nil
}
