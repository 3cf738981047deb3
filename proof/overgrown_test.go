package proof_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// What `make bench` measures is decided, and as it should be.
func TestOvergrownStacksAreDecided(t *testing.T) {
	raw, err := os.ReadFile(prod)
	require.NoError(t, err)
	for what, broken := range map[string]string{"5,000 rules of random CIDRs": "I15", "12 MB of user data": "", "100 meshed groups": "I15"} {
		grown, err := specimen.Overgrow(raw, what)
		require.NoError(t, err)
		g, err := graph.FromState(bytes.NewReader(grown))
		require.NoError(t, err)
		r := proof.Verify(g, report.FromState, time.Now())
		found := map[string]bool{}
		for _, f := range r.Findings {
			found[f.ID] = found[f.ID] || f.Verdict == report.Broken
		}
		if broken == "" {
			assert.False(t, r.Failed, what)
		} else {
			assert.True(t, found[broken], what)
			assert.False(t, found["I0"], what)
		}
	}
}

func BenchmarkOvergrown(b *testing.B) {
	raw, err := os.ReadFile(prod)
	require.NoError(b, err)
	for what := range specimen.Overgrown {
		grown, err := specimen.Overgrow(raw, what)
		require.NoError(b, err)
		g, err := graph.FromState(bytes.NewReader(grown))
		require.NoError(b, err)
		b.Run(what, func(b *testing.B) {
			for b.Loop() {
				proof.Verify(g, report.FromState, time.Now())
			}
		})
	}
}
