package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A killed pulumi stays a zombie until its parent asks for its exit code, and in a container whose
// first process is slow at that, for long.
func TestAPulumiThatHasEndedHoldsNoLock(t *testing.T) {
	source, err := exec.LookPath("true")
	require.NoError(t, err)
	program, err := os.ReadFile(source)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "pulumi")
	require.NoError(t, os.WriteFile(path, program, 0o755))
	ended := exec.Command(path)
	require.NoError(t, ended.Start())
	t.Cleanup(func() { _ = ended.Wait() })
	require.Eventually(t, func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", ended.Process.Pid))
		return err == nil && strings.Contains(string(stat), "(pulumi) Z ")
	}, time.Minute, time.Millisecond, "it has not ended")

	e := open(t, Options{Project: newProject(t, map[string]string{"prod": ""}), Stack: "prod", Program: nothing})
	assert.False(t, e.runs(ended.Process.Pid))
}
