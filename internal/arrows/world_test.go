package arrows

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What runs inside the living world's namespaces is started once for each node: it links no Pulumi, no engine and
// nothing that judges the stack.
func TestTheWorldsProgramIsSmall(t *testing.T) {
	deps := dependencies(t, "../../cmd/world")
	assert.Contains(t, deps, module+"twin/live/gate", "the program links the firewall: so the list is of it")
	for _, d := range deps {
		for _, heavy := range []string{"github.com/pulumi/", "google.golang.org/grpc", module + "twin/world", module + "twin/facts",
			module + "proof", module + "stacks"} {
			assert.False(t, strings.HasPrefix(d, heavy), "cmd/world links %s", d)
		}
	}
}

// The world can be without life: nothing of the control plane knows that it may live.
func TestTheTwinDoesNotDependOnLife(t *testing.T) {
	for _, d := range dependencies(t, "../../twin") {
		assert.False(t, strings.HasPrefix(d, module+"twin/live"), "twin imports %s", d)
	}
}

func dependencies(t *testing.T, of string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", ".")
	cmd.Dir = of
	cmd.Env = append(cmd.Environ(), "GOOS=linux")
	out, err := cmd.Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}
