package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/fault"
)

// These tests kill the engine, the twin or both, as `kill -9` does, in the midst of a deployment of
// the production stack: after a change was written and before its answer was given. The next run is
// killed further on, until one comes through: so every step is the last of some run.
//
// `make test` kills after every 24th change; `make crash` after every single one, once for each of
// the three.

const (
	commandVar = "CAUSEWAY_TEST_COMMAND" // makes the test binary the causeway command
	crashVar   = "CAUSEWAY_TEST_CRASH"   // "all": kill after every single change
	testStride = 24
)

func TestMain(m *testing.M) {
	if os.Getenv(commandVar) != "" {
		os.Unsetenv(commandVar)
		main()
	}
	if os.Getenv(dyingVar) != "" {
		serveDyingPack()
	}
	os.Exit(m.Run())
}

// victim is a project whose deployments are killed.
type victim struct {
	t       *testing.T
	project project.Project
	kills   int
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	root := t.TempDir()
	v := &victim{t: t}
	for _, name := range []string{"Pulumi.yaml"} {
		data, err := os.ReadFile(filepath.Join("../..", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(root, name), data, 0o644))
	}
	for _, tier := range []string{"web", "app"} {
		require.NoError(t, os.WriteFile(filepath.Join(root, tier+".sh"), []byte("#!/bin/sh\n# "+tier+"\n"), 0o755))
	}
	pulumiCommand, err := filepath.Abs("../../bin/pulumi")
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(root, "bin"), 0o755))
	require.NoError(t, os.Symlink(pulumiCommand, filepath.Join(root, "bin", "pulumi")))
	v.project, err = project.Find(root)
	require.NoError(t, err)
	v.owner("platform")
	return v
}

// owner sets a tag that every resource with tags has: to change it changes them all.
func (v *victim) owner(name string) {
	v.t.Helper()
	text := baseSettings + "  causeway:tags: {owner: " + name + "}\n"
	require.NoError(v.t, os.WriteFile(v.project.Settings("prod"), []byte(text), 0o644))
}

// command gives a command line to a causeway of its own. It says how that ended.
func (v *victim) command(args ...string) (out string, err error) {
	v.t.Helper()
	self, err := os.Executable()
	require.NoError(v.t, err)
	cmd := exec.CommandContext(v.t.Context(), self, append(args, "--stack", "prod")...)
	cmd.Dir = v.project.Root
	cmd.Env = append(os.Environ(), commandVar+"=1")
	b, err := cmd.CombinedOutput()
	if err != nil && strings.Contains(string(b), "opening the stack failed") {
		v.t.Log(v.files())
	}
	return string(b), err
}

// files are those of the engine's state, for whoever looks into a failure.
func (v *victim) files() string {
	var b strings.Builder
	_ = filepath.WalkDir(filepath.Join(v.project.Home("prod"), "state", ".pulumi", "stacks"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			info, _ := d.Info()
			fmt.Fprintln(&b, path, info.Size())
		}
		return nil
	})
	return b.String()
}

// through gives a command line that is killed after every stride changes, again and again until it
// comes through. whom gives who dies next.
func (v *victim) through(stride int, whom func() string, args ...string) string {
	v.t.Helper()
	for runs := 0; ; runs++ {
		require.Less(v.t, runs, 3000, "it never comes through")
		process := whom()
		before := v.changes()
		out, err := v.command(append(args, "--fault", fmt.Sprintf("kill:%s:%d", process, stride))...)
		if err == nil {
			return out
		}
		v.kills++
		v.diedOf(process, err, out)
		v.engineEnds()
		made := v.changes() - before
		// The engine works on many things at once: the kill counts calls that were under way, and the
		// world only those that came to their end.
		require.Positive(v.t, made, "the run of kill %d, of %s: %s", v.kills, process, out)
		v.nothingTwice(fmt.Sprintf("after kill %d, of %s", v.kills, process))
	}
}

// diedOf checks that a run ended by the kill, and of nothing else.
func (v *victim) diedOf(process string, err error, out string) {
	v.t.Helper()
	var exit *exec.ExitError
	require.True(v.t, errors.As(err, &exit), "%v: %s", err, out)
	status, _ := exit.Sys().(syscall.WaitStatus)
	if process == fault.Engine {
		require.False(v.t, status.Signaled(), "%v: %s", err, out)
		require.Contains(v.t, out, "killed", out)
		return
	}
	require.Equal(v.t, syscall.SIGKILL, status.Signal(), "%v: %s", err, out)
}

// engineEnds waits until an engine whose twin was killed has noticed.
func (v *victim) engineEnds() {
	v.t.Helper()
	require.Eventually(v.t, func() bool {
		locks, _ := filepath.Glob(filepath.Join(v.project.Home("prod"), "state", ".pulumi", "locks", "*", "*", "*", "*.json"))
		for _, path := range locks {
			var lock struct{ Pid int }
			b, err := os.ReadFile(path)
			if err != nil || json.Unmarshal(b, &lock) != nil {
				continue
			}
			if comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", lock.Pid)); err == nil && strings.Contains(string(comm), "pulumi") {
				return false
			}
		}
		return true
	}, time.Minute, 20*time.Millisecond, "the engine still runs")
}

// look opens the twin's world between two runs.
func (v *victim) look(see func(*twin.Twin)) {
	v.t.Helper()
	if _, err := os.Stat(v.project.World("prod")); errors.Is(err, os.ErrNotExist) {
		return
	}
	tw, err := twin.Start(context.WithoutCancel(v.t.Context()), twin.Options{Path: v.project.World("prod")})
	require.NoError(v.t, err)
	see(tw)
	require.NoError(v.t, tw.Close())
}

// changes is how many changes the world has seen.
func (v *victim) changes() (n int) {
	v.t.Helper()
	v.look(func(tw *twin.Twin) {
		for _, e := range tw.Events() {
			if changesTheWorld(e) {
				n++
			}
		}
	})
	return n
}

func changesTheWorld(e twin.Event) bool {
	return e.Answer == "ok" && slices.Contains([]string{"create", "update", "delete"}, e.Operation)
}

// nothingTwice checks that no resource of the program is there twice, and that none was made a second
// time but in place of one that was undone, since no engine had heard of it.
func (v *victim) nothingTwice(when string) {
	v.t.Helper()
	v.look(func(tw *twin.Twin) {
		made := map[string]int{}
		for _, e := range tw.Events() {
			if e.Answer == "ok" && e.Operation == "create" {
				made[e.URN]++
			}
			if e.Operation == "undo" {
				made[e.URN]--
			}
		}
		for urn, n := range made {
			require.LessOrEqual(v.t, n, 1, "%s: %s was made %d times", when, urn, n)
		}
	})
}

// atOne checks that the stack's state and the twin's world name the same resources.
func (v *victim) atOne() {
	v.t.Helper()
	b, err := os.ReadFile(filepath.Join(v.project.Home("prod"), "state", ".pulumi", "stacks", v.project.Name, "prod.json"))
	require.NoError(v.t, err)
	var state struct {
		Checkpoint struct {
			Latest struct {
				Resources []struct {
					URN, ID, Type string
					Custom        bool
				}
				PendingOperations []any `json:"pending_operations"`
			}
		}
	}
	require.NoError(v.t, json.Unmarshal(b, &state))
	var known, exist []string
	for _, r := range state.Checkpoint.Latest.Resources {
		if r.Custom && !strings.HasPrefix(r.Type, "pulumi:") {
			known = append(known, r.URN+" "+r.ID)
		}
	}
	v.look(func(tw *twin.Twin) {
		for _, r := range tw.Resources() {
			exist = append(exist, r.URN+" "+r.ID)
		}
	})
	slices.Sort(known)
	slices.Sort(exist)
	assert.Greater(v.t, len(known), 150)
	assert.Equal(v.t, known, exist, "the state and the world do not name the same resources")
	assert.Empty(v.t, state.Checkpoint.Latest.PendingOperations)
}

// live takes the stack through its whole life, and kills it on the way.
func (v *victim) live(stride int, whom func() string) {
	v.t.Helper()
	v.through(stride, whom, "up")
	v.nothingTwice("when it is up")
	v.atOne()
	up := v.kills

	v.owner("night-shift")
	v.through(stride, whom, "up")
	v.atOne()
	updated := v.kills
	out, err := v.command("up")
	require.NoError(v.t, err, out)
	assert.Contains(v.t, out, "prod: nothing to change")

	out = v.through(stride, whom, "down", "--unprotect")
	assert.Contains(v.t, out, "prod: nothing is left, in the state or on the twin")
	v.t.Logf("%d kills in up, %d in update, %d in down", up, updated-up, v.kills-updated)
	assert.Greater(v.t, min(up, updated-up, v.kills-updated), 2)
}

func TestNothingIsLostByKills(t *testing.T) {
	processes := []string{fault.Engine, fault.Twin, fault.Both}
	if os.Getenv(crashVar) == "all" {
		for _, process := range processes {
			t.Run(process, func(t *testing.T) { newVictim(t).live(1, func() string { return process }) })
		}
		return
	}
	turn := -1
	newVictim(t).live(testStride, func() string { turn++; return processes[turn%len(processes)] })
}
