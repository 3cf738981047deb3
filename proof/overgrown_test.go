package proof_test

import (
	"bytes"
	"maps"
	"os"
	"slices"
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
	for what, broken := range map[string]string{"5,000 rules of random CIDRs": "I15", "12 MB of user data": "C086",
		"100 meshed groups": "I15"} {
		grown, err := specimen.Overgrow(raw, what)
		require.NoError(t, err)
		g, err := graph.FromState(bytes.NewReader(grown))
		require.NoError(t, err)
		r := proof.Verify(g, report.FromState, time.Now())
		found := map[string]bool{}
		for _, f := range r.Findings {
			found[f.ID] = found[f.ID] || f.Verdict == report.Broken
		}
		assert.True(t, found[broken], what)
		assert.False(t, found["I0"], what)
	}
}

// BenchmarkOvergrown is what a proof costs of much of one thing, and how often the proof of the platform that it grew from
// fits into that.
func BenchmarkOvergrown(b *testing.B) {
	raw, err := os.ReadFile(prod)
	require.NoError(b, err)
	plain, err := graph.FromState(bytes.NewReader(raw))
	require.NoError(b, err)
	for _, what := range slices.Sorted(maps.Keys(specimen.Overgrown)) {
		grown, err := specimen.Overgrow(raw, what)
		require.NoError(b, err)
		g, err := graph.FromState(bytes.NewReader(grown))
		require.NoError(b, err)
		b.Run(what, func(b *testing.B) {
			start := time.Now()
			proof.Verify(plain, report.FromState, time.Now())
			floor := time.Since(start)
			for b.Loop() {
				proof.Verify(g, report.FromState, time.Now())
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(floor), "times-prod")
		})
	}
}
