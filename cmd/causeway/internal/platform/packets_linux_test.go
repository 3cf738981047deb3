package platform

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/prove"
	"github.com/causeway-iac/causeway/twin/live"
	"github.com/causeway-iac/causeway/twin/live/can"
	"github.com/causeway-iac/causeway/twin/live/cloudapi"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/survey"
)

// tried are the variants whose networks differ from each other's.
var tried = []string{"dev", "dev, Cloudflare proxied and locked", "dev, Route 53", "dev, MySQL", "dev, Aurora", "dev, no internet",
	"dev, a gateway in each of four zones", "dev, port 80, a web ACL and a long name", "prod",
	"prod, ways out, routes and workers", "prod, waived"}

// packetsOf has packets cross a variant's network as it is deployed, and reach what is proved of it and nothing else, as calls of
// AWS's API do.
func packetsOf(t *testing.T) func(t *testing.T, variant string, tr *trial) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "world")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "../../../world")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	cannot := can.Check(t.Context(), program)
	if cannot != nil && os.Getenv("CAUSEWAY_LIVE") == "required" {
		t.Fatal(cannot)
	}
	return func(t *testing.T, variant string, tr *trial) {
		if !slices.Contains(tried, variant) {
			return
		}
		t.Run("packets", func(t *testing.T) {
			if cannot != nil {
				t.Skip(cannot)
			}
			g, err := tr.engine.Graph()
			require.NoError(t, err)
			p, err := survey.Of(survey.Read(tr.twin.World(), tr.stack))
			require.NoError(t, err)
			bare, err := live.OpenBare(t.Context(), program, t.TempDir(), p)
			require.NoError(t, err)
			defer bare.Close()
			all, asked, err := prove.Packets(g, p, func(from string, probes []node.Probe) ([]node.Outcome, error) {
				return bare.Try(t.Context(), from, probes, time.Second)
			})
			require.NoError(t, err)
			assert.Empty(t, all, prove.Summary(all))
			assert.Greater(t, asked, 400)

			server := &cloudapi.Server{}
			server.Update(&node.Config{Plan: p})
			rights, judged, err := prove.Rights(g, p, server.Judge)
			require.NoError(t, err)
			assert.Empty(t, rights, prove.Summary(rights))
			assert.Greater(t, judged, 8)
			t.Logf("%d nodes, %d connections tried, %d calls judged", len(p.Nodes), asked, judged)
		})
	}
}
