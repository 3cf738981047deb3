package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
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

// No package is lost between the two that run beside each other.
func TestTheLongestPackageRunsBesideTheOthers(t *testing.T) {
	alone, rest := apart([]string{"x", "x/cmd/causeway", "x/cmd/causeway/bench", "x/twin"}, longest)
	if !reflect.DeepEqual(alone, []string{"x/cmd/causeway"}) || !reflect.DeepEqual(rest, []string{"x", "x/cmd/causeway/bench", "x/twin"}) {
		t.Errorf("%v %v", alone, rest)
	}
	packages, err := packagesOf(t.Context(), "../..")
	if err != nil {
		t.Fatal(err)
	}
	alone, rest = apart(packages, longest)
	if len(alone) != 1 || len(alone)+len(rest) != len(packages) {
		t.Errorf("%d and %d of %d", len(alone), len(rest), len(packages))
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
	err := format(t.Context(), &out)
	if err == nil || !strings.Contains(err.Error(), "gofmt -w ugly.go") {
		t.Errorf("got %v", err)
	}
}
