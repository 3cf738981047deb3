package servers

import (
	"path"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/infra"
)

// runtime is a program that comes from a package and runs others.
type runtime struct {
	program string
	pkg     string // the beginning of its packages' names
	example string
	jit     bool
}

// runtimes are those in Amazon Linux 2023's repository (AWS, Amazon Linux 2023 release notes, "Package lists").
// python3 is in the image.
var runtimes = []runtime{
	{"node", "nodejs", "nodejs22", true},
	{"java", "java-", "java-21-amazon-corretto-headless", true},
	{"dotnet", "dotnet-runtime", "dotnet-runtime-8.0", true},
	{"dotnet", "aspnetcore-runtime", "aspnetcore-runtime-8.0", true},
	{"php", "php", "php8.4-cli", false},
	{"ruby", "ruby", "ruby3.4", false},
	{"python3.12", "python3.12", "python3.12", false},
	{"python3.13", "python3.13", "python3.13", false},
}

// compilesAsItRuns reports whether the program is known to make code as it runs.
func (a Args) compilesAsItRuns() bool {
	return slices.ContainsFunc(runtimes, func(r runtime) bool {
		return r.jit && (len(a.Command) > 0 && path.Base(a.Command[0]) == r.program || provided(r, a.Packages))
	})
}

func provided(r runtime, packages []string) bool {
	return slices.ContainsFunc(packages, func(name string) bool { return strings.HasPrefix(name, r.pkg) })
}

// checkCommand checks the command against what the release and the packages contain.
func (a Args) checkCommand(ps *infra.Problems) {
	switch {
	case a.Release == nil:
		return
	case a.Release.Format == "":
		if len(a.Command) > 0 {
			ps.Add("command", "write arguments instead, which follow the executable's name",
				"the release is one executable, which is what runs")
		}
		return
	case len(a.Command) == 0 || a.Command[0] == "":
		ps.Add("command", "write what is run of the archive, such as [node, server.js]", "is missing")
		return
	}
	if len(a.Arguments) > 0 {
		ps.Add("arguments", "write them in command", "arguments follow an executable, and the release is an archive")
	}
	program := a.Command[0]
	if strings.Contains(program, "/") && !path.IsAbs(program) {
		kind, err := ParseInstanceType(a.InstanceType)
		if err != nil {
			return // already reported as instanceType
		}
		if err := a.Release.Runs(program, kind.GOARCH()); err != nil {
			ps.Add("command[0]", "", err.Error())
		}
		return
	}
	var known []runtime
	for _, r := range runtimes {
		if r.program == path.Base(program) {
			known = append(known, r)
		}
	}
	if len(known) > 0 && !slices.ContainsFunc(known, func(r runtime) bool { return provided(r, a.Packages) }) {
		ps.Addf("command[0]", "write packages: ["+known[0].example+"]", "%s is in a package that the servers do not have", program)
	}
}
