package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The other kills strike while the twin answers. This one strikes the engine while it writes its state:
// what it was writing lies beside the file, and the file is the one before.
func TestAnEngineKilledWhileItWritesItsState(t *testing.T) {
	v := newVictim(t)
	struck := 0
	for runs := 0; struck < 3; runs++ {
		require.Less(t, runs, 20, "no kill ever struck a write")
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

func (v *victim) stateFile() string {
	return filepath.Join(v.project.Home("prod"), "state", ".pulumi", "stacks", v.project.Name, "prod.json")
}

// killedInWriting gives a command line and kills its engine as soon as half a state lies beside the state,
// if there is a state already. It says whether that was so.
func (v *victim) killedInWriting(args ...string) bool {
	v.t.Helper()
	self, err := os.Executable()
	require.NoError(v.t, err)
	cmd := exec.CommandContext(v.t.Context(), self, append(args, "--stack", "prod")...)
	cmd.Dir, cmd.Env = v.project.Root, append(os.Environ(), commandVar+"=1")
	require.NoError(v.t, cmd.Start())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	for {
		select {
		case <-ended:
			return false
		default:
		}
		halves, _ := filepath.Glob(v.stateFile() + "*.tmp") // the last run's are gone once an engine runs
		engines := v.engines()
		if _, err := os.Stat(v.stateFile()); err != nil || len(halves) == 0 || len(engines) == 0 {
			continue
		}
		for _, pid := range engines {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		<-ended
		halves, _ = filepath.Glob(v.stateFile() + "*.tmp")
		return len(halves) > 0
	}
}
