package controls_test

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/controls"
)

// The files of testdata are states of the platform, deployed on the twin with the settings
// that it ships (prod, dev, local) and with others: proxied is a production behind a
// Cloudflare that the stack rules, aurora one with Aurora and a zone in Route 53.
func deployed(t testing.TB, stack string) *graph.Graph {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", stack+".json.gz"))
	require.NoError(t, err)
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	require.NoError(t, err)
	g, err := graph.FromState(unzipped)
	require.NoError(t, err)
	return g
}

func failing(findings []proof.Finding) []string {
	var all []string
	for _, f := range findings {
		if f.Verdict.Fails() {
			all = append(all, fmt.Sprintf("%s %s: %s %v", f.ID, f.Verdict, f.Found, f.Evidence))
		}
	}
	return all
}

func TestTheShippedPlatformPasses(t *testing.T) {
	for _, stack := range []string{"prod", "proxied", "aurora", "dev", "local"} {
		t.Run(stack, func(t *testing.T) {
			counts := map[proof.Verdict]int{}
			findings := controls.Check(deployed(t, stack))
			for _, f := range findings {
				counts[f.Verdict]++
			}
			t.Log(counts)
			for _, f := range failing(findings) {
				t.Error(f)
			}
		})
	}
}
