package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bomb is a file whose nth level of aliases repeats the one before it nine times.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("config:\n  causeway:tags:\n    l0: &l0 [x, x, x, x, x, x, x, x, x]\n")
	for n := 1; n <= levels; n++ {
		fmt.Fprintf(&b, "    l%d: &l%d [%s]\n", n, n, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d, ", n-1), 9), ", "))
	}
	return b.String()
}

// What a fork's file may be costs an error and no more: whatever it looks like, no node is visited twice.
func TestFilesThatGrowAsTheyAreRead(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"itself":           {"config:\n  causeway:web: &a\n    environment: *a\n", ":2: this alias leads to what it is a part of"},
		"itself by turns":  {"a: &a [&b [*a]]\nc: *b\n", ":1: this alias leads to what it is a part of"},
		"seven levels":     {bomb(7), "with all that aliases repeat"},
		"a hundred levels": {bomb(100), "with all that aliases repeat"},
		"deep":             {"a: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "indented more than 30 times"},
		"deep by aliases":  {strings.ReplaceAll(bomb(40), ", x, x, x, x, x, x, x, x", ""), "with all that aliases repeat"},
		"deeper than YAML": {"a: " + strings.Repeat("[", 100_000), "this is not YAML"},
		"long":             {"a: " + strings.Repeat("x", mostBytes), "longer than 256 KiB"},
		"two documents":    {"config: {}\n---\nconfig:\n  causeway:region: eu-west-1\n", ":2: a second document begins here"},
		"no YAML after it": {"config: {}\n---\n\t{\n", "this is not YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte(c.text), 0o600))
			_, err := Open(folder, "causeway", "dev")
			assert.ErrorContains(t, err, "Pulumi.dev.yaml"+map[bool]string{true: c.says}[strings.HasPrefix(c.says, ":")])
			assert.ErrorContains(t, err, c.says)
		})
	}
	assert.NoError(t, func() error { _, err := parse([]byte(bomb(2))); return err }(), "aliases as people use them")
}

// A device that never ends, and a pipe that nobody writes to, are not read.
func TestFilesThatAreNone(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	for _, at := range []string{"/dev/zero", pipe, folder} {
		require.NoError(t, os.Symlink(at, filepath.Join(folder, "Pulumi.dev.yaml")))
		_, err := Open(folder, "causeway", "dev")
		assert.ErrorContains(t, err, "Pulumi.dev.yaml: this is not a file")
		require.NoError(t, os.Remove(filepath.Join(folder, "Pulumi.dev.yaml")))
	}
}
