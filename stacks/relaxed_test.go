package stacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever judges the stack learns from a tag what its environment relaxes; prod relaxes
// nothing without a waiver.
func TestTagsSayWhatIsRelaxed(t *testing.T) {
	for stack, want := range map[string]string{"dev": "webInternet", "prod": ""} {
		s, err := Check("..", stack, today)
		require.NoError(t, err)
		if want == "" {
			assert.NotContains(t, s.platform().Notices, "causeway:relaxed", stack)
			continue
		}
		assert.Contains(t, s.platform().Notices["causeway:relaxed"], want, stack)
		assert.NotContains(t, s.platform().Notices["causeway:relaxed"], "httpRedirect", "%s does not take it", stack)
		assert.LessOrEqual(t, len(s.platform().Notices["causeway:relaxed"]), 256, "AWS's limit of a tag's value")
	}
}
