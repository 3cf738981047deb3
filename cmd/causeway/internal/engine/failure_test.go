package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A person reads what went wrong, not what the Automation API made of it.
func TestWhatTheEngineSaid(t *testing.T) {
	for text, says := range map[string]string{
		"failed to run update: exit status 1\ncode: 1\nstdout: Updating\nstderr: error: no such stack": "no such stack",
		"failed to run update: signal: killed\ncode: -1\nstdout: Updating (local):\n + many\nstderr: ": "the engine was killed: start " +
			"it again, and it goes on from what was done",
		"failed to run update: exit status 1\ncode: 1\nstdout: \nstderr: write: no space left on device": diskFull,
	} {
		assert.Equal(t, says, said(errors.New(text)), text)
	}
}
