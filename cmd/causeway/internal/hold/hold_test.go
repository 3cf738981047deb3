//go:build unix

package hold

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "locks", "prod")
	first, err := Take(path, "prod", "causeway up")
	require.NoError(t, err)

	_, err = Take(path, "prod", "causeway down")
	var held *HeldError
	require.ErrorAs(t, err, &held)
	assert.ErrorContains(t, err, fmt.Sprintf("stack prod is in use by `causeway up` (process %d, since ", os.Getpid()))

	require.NoError(t, first.Release())
	second, err := Take(path, "prod", "causeway down")
	require.NoError(t, err)
	require.NoError(t, second.Release())
}

// A killed holder must not keep the stack: the test's own binary takes hold, and is killed.
func TestAKilledHolderHoldsNothing(t *testing.T) {
	if path := os.Getenv("CAUSEWAY_TEST_HOLD"); path != "" {
		_, err := Take(path, "prod", "causeway up")
		require.NoError(t, err)
		fmt.Println("held")
		select {}
	}
	path := filepath.Join(t.TempDir(), "prod")
	other := exec.Command(os.Args[0], "-test.run", "^TestAKilledHolderHoldsNothing$")
	other.Env = append(os.Environ(), "CAUSEWAY_TEST_HOLD="+path)
	out, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	var said string
	_, err = fmt.Fscanln(out, &said)
	require.NoError(t, err)
	require.Equal(t, "held", said)

	_, err = Take(path, "prod", "causeway up")
	assert.ErrorContains(t, err, fmt.Sprintf("process %d", other.Process.Pid))
	assert.True(t, Alive(other.Process.Pid))

	require.NoError(t, other.Process.Kill())
	_ = other.Wait()
	assert.False(t, Alive(other.Process.Pid))
	h, err := Take(path, "prod", "causeway up")
	require.NoError(t, err)
	require.NoError(t, h.Release())
}
