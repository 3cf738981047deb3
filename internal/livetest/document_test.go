package livetest

import (
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
			out, _ = at.give(e.Words()...)
		}
		assert.Regexp(t, e.Pattern()+`$`, out, "$ bin/causeway %s", e.Command)
	}
}
