package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	base    string // the file of the least settings that a stack needs
	kills   int
	changes int // that the world had seen after the last run
	looked  int // the last change that was looked at: the world forgets old events, and so many runs outlast them

	// How often each resource was made, as of the last look and when the phase began. A phase
	// makes each once: one that it replaces was made by an earlier one too.
	made, madeBefore map[string]int
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	root, err := os.MkdirTemp("", "victim")
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("it is left as it was, to be looked into: " + root)
			return
		}
		assert.NoError(t, os.RemoveAll(root))
	})
	base, err := filepath.Abs("testdata/Pulumi.base.yaml")
	require.NoError(t, err)
	v := &victim{t: t, base: base, looked: -1, made: map[string]int{}}
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
	v.settings("platform", "")
	return v
}

// settings set a tag that every resource with tags has: to change it changes them all. Another host name
// replaces the certificate, and what hangs on it.
func (v *victim) settings(owner, host string) {
	v.t.Helper()
	base, err := os.ReadFile(v.base)
	require.NoError(v.t, err)
	text := strings.Replace(string(base), "{zone: example.com}", "{zone: example.com, names: ["+host+"]}", 1) +
		"  causeway:tags: {owner: " + owner + "}\n"
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
	_ = filepath.WalkDir(filepath.Join(v.project.Home("prod"), "state", ".pulumi", "stacks"),
		func(path string, d os.DirEntry, err error) error {
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
		out, err := v.command(append(args, "--fault", fmt.Sprintf("kill:%s:%d", process, stride+v.forgotten()))...)
		if err == nil {
			v.changes = v.changesAndNothingTwice("when it has come through")
			return out
		}
		v.kills++
		v.diedOf(process, err, out)
		v.engineEnds()
		if v.kills%50 == 0 {
			v.t.Logf("%s: %d kills", args[0], v.kills)
		}
		before := v.changes
		v.changes = v.changesAndNothingTwice(fmt.Sprintf("after kill %d, of %s: %s", v.kills, process, out))
		require.Greater(v.t, v.changes, before, "the run of kill %d, of %s, changed nothing: %s", v.kills, process, out)
	}
}

// forgotten counts what was made and no engine will know of: the next run undoes it and makes it again
// before it comes any further.
func (v *victim) forgotten() (n int) {
	v.t.Helper()
	known := map[string]bool{}
	state := v.state()
	for _, r := range state.Resources {
		known[r.URN+" "+r.ID] = true
	}
	for _, open := range state.Pending {
		known[open.Resource.URN] = true
	}
	v.look(func(tw *twin.Twin) {
		for _, r := range tw.Resources() {
			if r.URN != "" && !known[r.URN+" "+r.ID] && !known[r.URN] {
				n++
			}
		}
	})
	return n
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
	require.Eventually(v.t, func() bool { return len(v.engines()) == 0 }, time.Minute, 5*time.Millisecond, "the engine still runs")
}

// engines are the processes that hold the engine's lock on the stack and run. The id of one that is gone may
// be another's by now: an engine of this stack works in its directory.
func (v *victim) engines() (pids []int) {
	locks, _ := filepath.Glob(filepath.Join(v.project.Home("prod"), "state", ".pulumi", "locks", "*", "*", "*", "*.json"))
	for _, path := range locks {
		var lock struct{ Pid int }
		b, err := os.ReadFile(path)
		if err != nil || json.Unmarshal(b, &lock) != nil {
			continue
		}
		if dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", lock.Pid)); err == nil && strings.HasPrefix(dir, v.project.Root) {
			pids = append(pids, lock.Pid)
		}
	}
	return pids
}

// look opens the twin's world between two runs, to read it only.
func (v *victim) look(see func(*twin.Twin)) {
	v.t.Helper()
	tw, err := twin.Look(v.project.World("prod"), twin.Manners{})
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	require.NoError(v.t, err)
	see(tw)
	require.NoError(v.t, tw.Close())
}

// changesAndNothingTwice checks that the phase made no resource of the program a second time but in place
// of one that was undone, since no engine had heard of it. It counts the changes that the world has seen.
func (v *victim) changesAndNothingTwice(when string) int {
	v.t.Helper()
	changes := v.changes
	v.look(func(tw *twin.Twin) {
		for _, e := range tw.Events() {
			if e.Sequence <= v.looked || e.Answer != "ok" {
				continue
			}
			switch e.Operation {
			case "undo":
				v.made[e.URN]--
			case "create":
				v.made[e.URN]++
				changes++
			case "update", "delete":
				changes++
			default:
				continue
			}
			v.looked = e.Sequence
		}
		for urn, times := range v.made {
			now := times - v.madeBefore[urn]
			require.LessOrEqual(v.t, now, 1, "%s: %s was made %d times", when, urn, now)
		}
	})
	return changes
}

// engineState is what the engine knows.
type engineState struct {
	Resources []struct {
		URN, ID, Type string
		Custom        bool
	}
	Pending []struct {
		Resource struct{ URN string }
	} `json:"pending_operations"`
}

// state reads the stack's state; that of a stack that has none yet is empty.
func (v *victim) state() engineState {
	v.t.Helper()
	b, err := os.ReadFile(v.stateFile())
	if errors.Is(err, os.ErrNotExist) {
		return engineState{}
	}
	require.NoError(v.t, err)
	var file struct {
		Checkpoint struct{ Latest engineState }
	}
	require.NoError(v.t, json.Unmarshal(b, &file))
	return file.Checkpoint.Latest
}

// atOne checks that the stack's state and the twin's world name the same resources.
func (v *victim) atOne() {
	v.t.Helper()
	state := v.state()
	var known, exist []string
	for _, r := range state.Resources {
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
	assert.Empty(v.t, state.Pending)
}

// live takes the stack through its whole life, and kills it on the way.
func (v *victim) live(stride int, whom func() string) {
	v.t.Helper()
	v.phase("up", func() { v.through(stride, whom, "up") })
	v.atOne()

	v.settings("night-shift", "www.shop.example.com")
	v.phase("update", func() { v.through(stride, whom, "up") })
	v.atOne()
	out, err := v.command("up")
	require.NoError(v.t, err, out)
	assert.Contains(v.t, out, "prod: nothing to change")

	v.phase("down", func() { out = v.through(stride, whom, "down", "--unprotect") })
	assert.Contains(v.t, out, "are kept, as in the cloud")
	assert.Empty(v.t, v.state().Resources)
}

// phase tells of a part of the stack's life.
func (v *victim) phase(name string, part func()) {
	v.t.Helper()
	kills, changes := v.kills, v.changes
	v.madeBefore = maps.Clone(v.made)
	part()
	v.t.Logf("%s: %d kills in %d changes", name, v.kills-kills, v.changes-changes)
	assert.Greater(v.t, v.kills-kills, 2)
}

func TestNothingIsLostByKills(t *testing.T) {
	processes := []string{fault.Engine, fault.Twin, fault.Both}
	if os.Getenv(crashVar) == "all" {
		for _, process := range processes {
			t.Run(process, func(t *testing.T) {
				t.Parallel()
				newVictim(t).live(1, func() string { return process })
			})
		}
		return
	}
	turn := -1
	newVictim(t).live(testStride, func() string { turn++; return processes[turn%len(processes)] })
}
