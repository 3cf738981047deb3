package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// These tests use the standard library only, as the command does.

func has(t *testing.T, text, piece string) {
	t.Helper()
	if !strings.Contains(text, piece) {
		t.Errorf("want %q in:\n%s", piece, text)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// repositoryWith is a module with these files.
func repositoryWith(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module example.com/shop\n\ngo 1.26\n")
	write(t, filepath.Join(root, "go.sum"), "")
	for name, text := range files {
		write(t, filepath.Join(root, name), text)
	}
	return root
}

var own = program{name: "shop", module: ".", pkg: "./cmd", local: true}

func TestBuildThenNothingToDo(t *testing.T) {
	root := repositoryWith(t, map[string]string{"cmd/main.go": "package main\n\nfunc main() { println(\"v1\") }\n"})
	write(t, filepath.Join(root, "bin", ".shop.999999999.making"), "left by a killed build")
	for i, want := range []bool{true, false} {
		if did, err := build(t.Context(), root, own); err != nil || did != want {
			t.Fatalf("round %d: built %v, %v", i, did, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(root, "bin", ".shop.*.making")); len(left) > 0 {
		t.Errorf("unfinished builds are left: %v", left)
	}
}

func TestAFailedBuildLeavesTheOldProgram(t *testing.T) {
	root := repositoryWith(t, map[string]string{"cmd/main.go": "package main\n\nfunc main() {}\n"})
	if _, err := build(t.Context(), root, own); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(filepath.Join(root, "bin", "shop"))
	write(t, filepath.Join(root, "cmd/main.go"), "package main\n\nfunc main() { no }\n")
	_, err := build(t.Context(), root, own)
	if err == nil {
		t.Fatal("a program that does not compile was built")
	}
	has(t, err.Error(), "main.go:3:15: undefined: no")
	if after, _ := os.Stat(filepath.Join(root, "bin", "shop")); !os.SameFile(before, after) {
		t.Error("the old program is gone")
	}
	if entries, _ := os.ReadDir(filepath.Join(root, "bin")); len(entries) != 2 { // the program and its stamp
		t.Errorf("something half-made is left: %v", entries)
	}
}

func TestStampSeesWhatIsBuiltFrom(t *testing.T) {
	root := repositoryWith(t, map[string]string{"cmd/main.go": "package main", "data.json": "{}"})
	stampOf := func() string {
		s, err := stamp(root, own)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	last := stampOf()
	for file, matters := range map[string]bool{
		"cmd/main.go": true, "data.json": true, "new.go": true, "go.mod": true,
		"cmd/main_test.go": false, "bin/shop": false, ".causeway/local/state.json": false, "README.md": false, "tools/x/main.go": false,
	} {
		write(t, filepath.Join(root, file), "package main // "+file)
		now := stampOf()
		if (now != last) != matters {
			t.Errorf("%s: stamp changed: %v, want %v", file, now != last, matters)
		}
		last = now
	}
}

func TestExplain(t *testing.T) {
	for _, name := range influences {
		t.Setenv(name, "")
	}
	t.Setenv("GOSUMDB", "off")
	for said, want := range map[string]string{
		`go: example.com/x@v1: Get "https://proxy.golang.org/x": dial tcp: lookup proxy.golang.org: no such host`: "from Go's module " +
			"proxy (GOPROXY, by default https://proxy.golang.org): the first build needs the network",
		"write /tmp/x: no space left on device":               "the disk is full",
		"compile: signal: killed":                             "for want of memory",
		"go: go.mod requires go >= 1.26 (running go 1.22)":    "install Go 1.26 or later",
		`exec: "go": executable file not found in $PATH`:      "Go is not installed",
		"# example.com/shop\ncmd/main.go:3:15: undefined: no": "bin/shop was not built:\n    # example.com/shop\n    cmd/main.go:3:15",
		"something that nobody has seen":                      "your environment has GOSUMDB=off, which change what go does",
	} {
		has(t, explain(said, own).Error(), want)
	}
}

// Whatever variable keeps go from building, it is named. Go itself is asked what it says.
func TestTheVariableThatBreaksABuildIsNamed(t *testing.T) {
	root := repositoryWith(t, map[string]string{"cmd/main.go": `package main

import (
	_ "example.com/shop/inner"
	_ "runtime/cgo"
)

func main() {}
`, "inner/inner.go": "package inner\n"})
	write(t, filepath.Join(root, "go.mod"), "module example.com/shop\n\ngo 1.26\n\nrequire example.com/other v1.0.0\n")
	above := filepath.Join(filepath.Dir(root), "go.work")
	write(t, above, "go 1.26\n")
	for _, c := range [][3]string{ // variable, value, what is said of it
		{"GOWORK", above, "export GOWORK=off"},
		{"GOWORK", filepath.Join(root, "absent.work"), "export GOWORK=off"},
		{"GOFLAGS", "-mod=vendor", "GOFLAGS is set"},
		{"GOFLAGS", "-nonsense", "GOFLAGS is set"},
		{"GOFLAGS", "-modfile=/nowhere/go.mod", "GOFLAGS"},
		{"GO111MODULE", "off", "GO111MODULE is set"},
		{"GOEXPERIMENT", "nonsense", "GOEXPERIMENT is set"},
		{"CC", "no-such-compiler", "CGO_ENABLED is set"},
		{"GOTMPDIR", "/nowhere", "GOTMPDIR and TMPDIR"},
		{"GOPATH", "relative", "GOPATH is set"},
		{"GOOS", "nonsense", "GOOS and GOARCH are"},
	} {
		t.Run(c[0]+"="+c[1], func(t *testing.T) {
			t.Setenv("GOWORK", "off")
			t.Setenv("CGO_ENABLED", "1")
			t.Setenv(c[0], c[1])
			args := []string{"build", "-o", os.DevNull, "./cmd"}
			said, err := goCommand(t.Context(), root, nil, args...).CombinedOutput()
			if err == nil {
				t.Fatal("this go does not mind")
			}
			has(t, explain(string(said), own).Error(), c[2])
		})
	}
}

// What is built here is found compiled by Pulumi's language host, which builds with these flags and no others.
func TestProgramsAreBuiltAsPulumiBuildsThem(t *testing.T) {
	for _, p := range programs {
		if f := p.flags(); f[0] != "-trimpath" || !strings.HasPrefix(f[1], "-ldflags=-w -s") {
			t.Errorf("%s: %v", p.name, f)
		}
	}
}

func TestMeminfoAndJobs(t *testing.T) {
	total := meminfo([]byte("MemTotal:        4194304 kB\nMemFree: 1 kB\nSwapTotal:       1048576 kB\n"))
	if total != 5*gib {
		t.Errorf("total %d", total)
	}
	for _, c := range []struct {
		total uint64
		jobs  int
		warns bool
	}{{0, 2, false}, {4 * gib, 1, true}, {6 * gib, 1, false}, {16 * gib, 2, false}} {
		if jobs, warning := parallel(c.total); jobs != c.jobs || (warning != "") != c.warns {
			t.Errorf("%d GB: %d jobs, warning %q", c.total/gib, jobs, warning)
		}
	}
}

func TestStaleWeighsPackagesByTheirSource(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "big.go"), strings.Repeat("x", 100_000))
	w := stale(fmt.Sprintf("\n\nexample.com/big|%s|big.go|\nunsafe|%s||\n", dir, dir))
	if len(w.packages) != 2 || w.packages["example.com/big"] < 100_000 || w.packages["unsafe"] > 10_000 || w.bytes < 100_000 {
		t.Errorf("%+v", w)
	}
}

// A package that is under way is not counted as compiled: the largest takes minutes.
func TestViewDoesNotCountWhatIsUnderWay(t *testing.T) {
	var out bytes.Buffer
	v := &view{name: "shop", out: &out, begun: time.Now().Add(-100 * time.Second), stop: make(chan struct{})}
	v.downloading(7, "example.com/x v1")
	has(t, v.line(), "shop: downloading modules, 7 so far: example.com/x v1, 1m40s")

	v.compiling(work{packages: map[string]int64{"a": 100, "b": 100, "c": 800, "d": 1000}, bytes: 2000}, 1)
	v.compiled = v.begun
	v.started("a")
	v.started("b")
	v.started("c")
	has(t, v.line(), "shop: 2 of 4 packages compiled, 10%, 1m40s, about 15 min left: c")
	v.last = time.Now().Add(-time.Hour)
	has(t, v.line(), "shop: 2 of 4 packages compiled, 10%, 1m40s, a large package is being compiled: c")
	v.started("d")
	has(t, v.line(), "then linking")
}

func TestChooseNamesWhatThereIs(t *testing.T) {
	if _, err := choose([]string{"causway"}); err == nil {
		t.Error("an unknown program was chosen")
	} else {
		has(t, err.Error(), "there are: pulumi, causeway, policy, world, guestbook, actionlint")
	}
	if some, err := choose(nil); err != nil || len(some) != 5 {
		t.Errorf("%v %v", some, err)
	}
}

func TestPulumiSaysTheVersionThatIsPinned(t *testing.T) {
	module, err := os.ReadFile("../pulumi/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(module), "github.com/pulumi/pulumi/pkg/v3 v"+pulumiVersion)
}

// pulumiThatSays is a pulumi that answers with a version, and with nothing if it finds itself in a person's home.
func pulumiThatSays(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pulumi")
	write(t, path, "#!/bin/sh\n[ \"$HOME\" != '"+os.Getenv("HOME")+"' ] && echo "+version+"\n")
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnInstalledPulumiIsUsedWhereItSuits(t *testing.T) {
	newer, older := pulumiThatSays(t, "v3.999.0"), pulumiThatSays(t, "v3.1.0")
	for _, c := range []struct {
		path, wish string // what is on PATH, and PULUMI
		want, says string // what bin/pulumi is; a piece of the error
	}{
		{newer, "", newer, ""},
		{older, "", "", ""},
		{older, newer, newer, ""},
		{newer, fromSource, "", ""},
		{newer, older, "", "older than " + pulumiVersion},
		{newer, "/nowhere/pulumi", "", "there is no such program"},
		{pulumiThatSays(t, "v4.0.0"), "", "", ""},
		{pulumiThatSays(t, "v3.999.0-alpha"), "", "", ""},
	} {
		t.Setenv("PATH", filepath.Dir(c.path)+":/usr/bin:/bin")
		t.Setenv(pulumiVar, c.wish)
		target := filepath.Join(t.TempDir(), "bin", "pulumi")
		for range 2 {
			found, err := link(t.Context(), target)
			if (err != nil) != (c.says != "") || found != (c.want != "") {
				t.Fatalf("%+v: %v, %v", c, found, err)
			}
			if err != nil {
				has(t, err.Error(), c.says)
			}
			if to, _ := os.Readlink(target); to != c.want {
				t.Errorf("%+v: bin/pulumi is %q", c, to)
			}
		}
		if c.want == "" {
			continue
		}
		// It stays once it was chosen, also where bin itself is on PATH.
		for _, path := range []string{"/usr/bin:/bin", filepath.Dir(target) + ":/usr/bin:/bin"} {
			t.Setenv("PATH", path)
			for _, wish := range []string{"", target} {
				t.Setenv(pulumiVar, wish)
				if found, err := link(t.Context(), target); err != nil || !found {
					t.Errorf("PATH=%s PULUMI=%s: %v, %v", path, wish, found, err)
				}
			}
		}
		if to, _ := os.Readlink(target); to != c.want {
			t.Errorf("bin/pulumi leads to itself: %q", to)
		}
	}
}
