package main

import (
	"encoding/json"
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

	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/fault"
)

// These kills strike a platform that is up already.
func TestKillsOfAPlatformThatIsUp(t *testing.T) {
	v := newVictim(t)
	out, err := v.command("up")
	require.NoError(t, err, out)
	v.changes = v.changesAndNothingTwice("when it is up")
	v.madeBefore = maps.Clone(v.made)
	t.Run("while the engine writes its state", func(t *testing.T) { whileItWrites(t, v) })
	for _, process := range []string{fault.Engine, fault.Twin, fault.Both} {
		t.Run("of an update that is taken back, "+process, func(t *testing.T) { takenBack(t, v, process) })
	}
}

// The other kills strike while the twin answers. This one strikes the engine while it writes its state:
// what it was writing lies beside the file, and the file is the one before.
//
// The state is that of the whole platform, so that a write takes long enough to be struck.
func whileItWrites(t *testing.T, v *victim) {
	struck := 0
	for run := 0; struck < 3; run++ {
		require.Less(t, run, 40, "no kill ever struck a write")
		v.settings(fmt.Sprintf("shift-%d", run), "")
		if !v.killedInWriting("up") {
			continue
		}
		struck++
		b, err := os.ReadFile(v.stateFile())
		require.NoError(t, err)
		assert.True(t, json.Valid(b), "the state was written in place")
	}
	out, err := v.command("up")
	require.NoError(t, err, out)
	v.changes = v.changesAndNothingTwice("in the end")
	v.atOne()
	halves, err := filepath.Glob(v.stateFile() + "*.tmp")
	require.NoError(t, err)
	assert.Empty(t, halves, "what was being written is cleared away")
}

// An update that was made and not answered is not in the state. When the settings go back to what they were, the
// state and the program agree, and what exists would stay as nobody wants it.
func takenBack(t *testing.T, v *victim, process string) {
	v.settings("platform", "")
	out, err := v.command("up")
	require.NoError(t, err, out)
	v.settings("night-shift", "")
	out, err = v.command("up", "--fault", "kill:"+process+":2")
	v.diedOf(process, err, out)
	v.engineEnds()
	require.Positive(t, v.owned("night-shift"))

	v.settings("platform", "")
	out, err = v.command("up")
	require.NoError(t, err, out)
	assert.Zero(t, v.owned("night-shift"), out)
}

// owned counts what exists with a tag that says who owns it.
func (v *victim) owned(by string) (n int) {
	v.t.Helper()
	v.look(func(tw *twin.Twin) {
		for _, r := range tw.Resources() {
			if tags, _ := r.Outputs["tags"].(map[string]any); tags["owner"] == by {
				n++
			}
		}
	})
	return n
}

func (v *victim) stateFile() string {
	return filepath.Join(v.project.Home("prod"), "state", ".pulumi", "stacks", v.project.Name, "prod.json")
}

// killedInWriting gives a command line and kills its engine as soon as half a state lies beside the state.
// It says whether the kill came before the other half.
func (v *victim) killedInWriting(args ...string) bool {
	v.t.Helper()
	self, err := os.Executable()
	require.NoError(v.t, err)
	cmd := exec.CommandContext(v.t.Context(), self, append(args, "--stack", "prod")...)
	cmd.Dir, cmd.Env = v.project.Root, append(os.Environ(), commandVar+"=1")
	require.NoError(v.t, cmd.Start())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()

	var engine int
	for engine == 0 {
		select {
		case <-ended:
			return false
		case <-time.After(time.Millisecond):
		}
		if engines := v.engines(); len(engines) > 0 {
			engine = engines[0]
		}
	}
	// What is looked at again and again is one directory: a write takes but a few milliseconds.
	for !v.writes() {
		select {
		case <-ended:
			return false
		default:
		}
	}
	_ = syscall.Kill(engine, syscall.SIGKILL)
	<-ended
	return v.writes()
}

// writes says whether half a state lies beside the state.
func (v *victim) writes() bool {
	entries, _ := os.ReadDir(filepath.Dir(v.stateFile()))
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return strings.HasPrefix(e.Name(), "prod.json") && strings.HasSuffix(e.Name(), ".tmp")
	})
}
