package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestEveryStepRunsAndTheTableTells(t *testing.T) {
	var ran []string
	named := func(name string, err error) step {
		return step{name, "", func(context.Context, io.Writer) error { ran = append(ran, name); return err }}
	}
	results := runAll(t.Context(), []step{named("vet", errors.New("boom")), named("test", nil)}, io.Discard)
	if !reflect.DeepEqual(ran, []string{"vet", "test"}) {
		t.Errorf("ran %v: a failed step must not hide the next", ran)
	}
	results[0].took = 90 * time.Second
	results[1].took = 1500 * time.Millisecond
	want := "\n  step       seconds\n  vet           90.0  FAILED: boom\n  test           1.5  ok\n  all           91.5\n"
	if got := table(results); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}

	ran = nil
	runAll(t.Context(), []step{named("build", errors.New("boom")), named("test", nil)}, io.Discard)
	if !reflect.DeepEqual(ran, []string{"build"}) {
		t.Errorf("ran %v: nothing can be tested that was not built", ran)
	}
}

func TestChooseKeepsTheOrder(t *testing.T) {
	chosen, err := choose([]string{"vet", "format"})
	if err != nil || len(chosen) != 2 || chosen[0].name != "format" {
		t.Errorf("%v %v", chosen, err)
	}
	if _, err := choose([]string{"vett"}); err == nil || !strings.Contains(err.Error(), "there are: build, format, vet") {
		t.Errorf("got %v", err)
	}
}

// No package is lost between the runs beside each other.
func TestPackagesThatWaitRunBesideTheOthers(t *testing.T) {
	lanes := apart([]string{"x", "x/cmd/causeway", "x/cmd/causeway/internal/engine", "x/cmd/causeways", "x/twin", "x/twin/live",
		"x/twin/live/data"})
	want := [3][]string{{"x/cmd/causeway", "x/cmd/causeway/internal/engine"}, {"x/twin/live/data"},
		{"x", "x/cmd/causeways", "x/twin", "x/twin/live"}}
	if !reflect.DeepEqual(lanes, want) {
		t.Errorf("%v", lanes)
	}
	packages, err := packagesOf(t.Context(), "../..")
	if err != nil {
		t.Fatal(err)
	}
	lanes = apart(packages)
	if len(lanes[0]) != len(engines) || len(lanes[1]) < 10 || len(lanes[0])+len(lanes[1])+len(lanes[2]) != len(packages) {
		t.Errorf("%d, %d and %d of %d", len(lanes[0]), len(lanes[1]), len(lanes[2]), len(packages))
	}
}

// The packages are real ones, so that what is read is what this Go writes.
func TestWhatTestsDoIsTold(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/x\n\ngo 1.26\n",
		"a/a_test.go": `package a

import "testing"

func TestQuiet(t *testing.T) { t.Log("nobody wants this") }
func TestBad(t *testing.T)   { t.Run("inner", func(t *testing.T) { t.Error("the reason") }) }
func TestSkip(t *testing.T)  { t.Skip("no disk here") }
`,
		"b/b_test.go": "package b\n\nimport \"testing\"\n\nfunc TestGood(t *testing.T) {}\n",
		"c/c_test.go": "package c\n\nfunc wrong() { no }\n",
		"d/d_test.go": "package d\n\nimport \"testing\"\n\nfunc TestPanic(t *testing.T) { t.Log(1); go panic(\"boom\"); select {} }\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	told := &tests{out: &out}
	stream := &lines{take: told.line}
	if err := command(t.Context(), stream, dir, "go", "test", "-json", alike, "-vet", "off", "./..."); err == nil {
		t.Error("it did not fail")
	}
	text := out.String() + told.slowest(2) + told.skips()
	for _, want := range []string{
		"the reason", "ok    example.com/x/b", "FAIL  example.com/x/a", "undefined: no", "boom", "FAIL  example.com/x/d",
		"1 tests were skipped\n    example.com/x/a TestSkip: a_test.go:7: no disk here", "the packages that took longest",
		"example.com/x/a Test",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "nobody wants this") {
		t.Errorf("what passed is told:\n%s", text)
	}
}

func TestWhatTestsLeaveIsNamed(t *testing.T) {
	if err := leftBehind([]string{"mine"}, []string{"mine"}); err != nil {
		t.Error(err)
	}
	if err := leftBehind([]string{"mine"}, []string{"a/left/log", "mine"}); err == nil || !strings.Contains(err.Error(), "a/left/log") {
		t.Errorf("got %v", err)
	}
}

// Whatever compiles the SDKs does it in one way, or a machine compiles them twice.
func TestEverythingIsCompiledAlike(t *testing.T) {
	compiles := regexp.MustCompile(`\bgo (build|test|run|vet|list -)[^\n]*`)
	for _, file := range []string{"../../Makefile", "../build/ready", "../../.ci/run"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range compiles.FindAllString(string(text), -1) {
			if !strings.Contains(command, alike) && !strings.Contains(command, "-explain") {
				t.Errorf("%s: %s: without %s", file, command, alike)
			}
		}
	}
}

func TestModulesAreOursOnly(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{".", "examples/guestbook", "tools/pulumi", ".causeway/work", "stacks/testdata/x"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, dir, "go.mod"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := modules(root)
	if want := []string{root, filepath.Join(root, "examples/guestbook")}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestUnformattedFilesAreNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("ugly.go", []byte("package  x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := format(t.Context(), &out); err == nil || !strings.Contains(err.Error(), "gofmt -w ugly.go") {
		t.Errorf("got %v", err)
	}
}
