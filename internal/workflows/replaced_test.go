package workflows

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Pain 10: `pulumi up` ends before the instance refresh does. The pipeline's own
// script waits for it; here it looks at clouds that are played by two commands.
func TestThePipelineWaitsForTheServersToBeReplaced(t *testing.T) {
	script, err := filepath.Abs("../../.github/actions/replaced/wait")
	require.NoError(t, err)
	for _, c := range []struct {
		name    string
		answers string // one line for each look, the last one for all that follow
		fails   bool
		says    string
	}{
		{"nothing was replaced", "None\tNone\tNone", false, "dev-appServers: every server runs what was deployed"},
		{"a replacement that ends well", "Pending\tNone\tNone\nInProgress\t50\tNone\nSuccessful\t100\tNone", false, "dev-webServers: 50% of the servers are replaced"},
		{"a replacement that fails", "InProgress\t10\tNone\nFailed\t10\tinstances are not healthy", true, "ended as Failed: instances are not healthy"},
		{"one that somebody cancelled", "Cancelled\t10\tNone", true, "ended as Cancelled"},
		{"one that never ends", "InProgress\t10\tNone", true, "is still not done"},
		{"no answer", "", true, "ended as unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bin := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(bin, "answers"), []byte(c.answers+"\n"), 0o600))
			fake := func(name, text string) {
				require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/bash\n"+text), 0o755))
			}
			fake("pulumi", `echo "dev-$3"`)
			fake("aws", `cd `+bin+`
head -n 1 answers
[ "$(wc -l <answers)" -gt 1 ] && sed -i 1d answers
exit 0`)
			command := exec.CommandContext(t.Context(), script, "dev")
			command.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "PAUSE=0", "PATIENCE=5")
			said, err := command.CombinedOutput()
			assert.Equal(t, c.fails, err != nil, "%s", said)
			assert.Contains(t, string(said), c.says)
		})
	}
}
