package servers

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/cloudinit"
	"github.com/causeway-iac/causeway/infra/release"
)

// runtime is a program that runs others.
type runtime struct {
	program string
	pkg     string // the beginning of its packages' names, empty if it is in none that is known
	example string
	jit     bool
}

// runtimes are those in Amazon Linux 2023's repository (AWS, Amazon Linux 2023 release notes, "Package lists").
// python3 is in the image. PHP compiles regular expressions, and Ruby has YJIT.
var runtimes = []runtime{
	{"node", "nodejs", "nodejs22", true},
	{"java", "java-", "java-21-amazon-corretto-headless", true},
	{"dotnet", "dotnet-", "dotnet-runtime-8.0", true},
	{"dotnet", "aspnetcore-runtime", "aspnetcore-runtime-8.0", true},
	{"php", "php", "php8.4-cli", true},
	{"ruby", "ruby", "ruby3.4", true},
	{"python3.12", "python3.12", "python3.12", false},
	{"python3.13", "python3.13", "python3.13", false},
}

// compilers are programs and libraries that make code as they run, besides those of packages. A release contains them,
// under these names or with a version after them.
var compilers = regexp.MustCompile(`^(?:bun|deno|julia|luajit|pypy3?|mono|pwsh|erl|beam\.smp|elixir|iex|guile|sbcl|racket|` +
	`wasmtime|wasmer|wasmedge|lib(?:jvm|coreclr|clrjit|node|julia|luajit-5\.1|pypy3-c|v8|mozjs-\d+)\.so)(?:[-.]?\d[0-9.]*)?$`)

// compilesAsItRuns reports whether what runs is known to make code as it runs. Nobody can look into an archive that is
// in its bucket already, so a program of such a one may.
func (a Args) compilesAsItRuns() bool {
	compiles := func(name string) bool {
		name = path.Base(name)
		return compilers.MatchString(name) || slices.ContainsFunc(runtimes, func(r runtime) bool { return r.jit && r.program == name })
	}
	if len(a.Command) > 0 && (compiles(a.Command[0]) || a.Release != nil && a.Release.Format == release.Any && inside(a.Command[0])) {
		return true
	}
	return slices.ContainsFunc(runtimes, func(r runtime) bool { return r.jit && provided(r, a.Packages) }) ||
		a.Release != nil && a.Release.Contains(compiles)
}

// inside reports whether a program is one of the archive's own.
func inside(program string) bool { return strings.Contains(program, "/") && !path.IsAbs(program) }

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
	a.checkProgram(ps, "command[0]", a.Command[0])
	if len(a.Before) > 0 {
		a.checkProgram(ps, "before[0]", a.Before[0])
	}
}

// checkProgram checks that an archive or the servers have a program.
func (a Args) checkProgram(ps *infra.Problems, where, program string) {
	if wrong := cloudinit.CheckProgram(where, program); len(wrong) > 0 {
		*ps = append(*ps, wrong...)
		return
	}
	if inside(program) {
		kind, err := ParseInstanceType(a.InstanceType)
		if err != nil {
			return // already reported as instanceType
		}
		if err := a.Release.Runs(program, kind.GOARCH()); err != nil {
			ps.Add(where, "", err.Error())
		}
		return
	}
	if program == "deno" || program == "bun" {
		ps.Addf(where, "write ./"+program+", with it in the release, or run a container", "%s is not in Amazon Linux's repository", program)
	}
	var known []runtime
	for _, r := range runtimes {
		if r.program == path.Base(program) {
			known = append(known, r)
		}
	}
	if len(known) > 0 && !slices.ContainsFunc(known, func(r runtime) bool { return provided(r, a.Packages) }) {
		ps.Addf(where, "write packages: ["+known[0].example+"]", "%s is in a package that the servers do not have", program)
	}
}
