package livetest

import (
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
}
