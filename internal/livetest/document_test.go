package livetest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/internal/transcript"
)

// TestThePageOfTheLivingWorldIsTrue runs the commands of docs/live.md, in order.
func TestThePageOfTheLivingWorldIsTrue(t *testing.T) {
	all, err := transcript.Read("../../docs/live.md")
	require.NoError(t, err)
	require.Greater(t, len(all), 15)
	at := newPlace(t, "")
	for i, e := range all {
		out := ""
		if i == 0 {
			require.True(t, strings.HasPrefix(e.Command, "up --live"))
			out = at.upLive()
		} else {
			out, err = at.give(e.Words()...)
			fails := slices.ContainsFunc(e.Prints, func(line string) bool { return strings.HasPrefix(line, "causeway: ") })
			assert.Equal(t, fails, err != nil, "$ bin/causeway %s\n%s", e.Command, out)
		}
		assert.Regexp(t, e.Pattern()+`$`, out, "$ bin/causeway %s", e.Command)
	}
	// Where it cannot live, `up` does all else, and says why in one line.
	world := filepath.Join(at.root, "bin/world")
	require.NoError(t, os.Remove(world))
	require.NoError(t, os.WriteFile(world, []byte("#!/bin/sh\necho out of order >&2\n"), 0o755))
	said := strings.Split(strings.TrimSpace(at.must("up", "--live")), "\n")
	assert.Regexp(t, "^local cannot live on this computer: a very small world could not live here; the system said: .*out of order$",
		said[len(said)-1])
	out, err := at.give("live", "status") // nothing is half-started
	assert.ErrorContains(t, err, "exit status 1")
	assert.Contains(t, out, "local is not alive")
}
