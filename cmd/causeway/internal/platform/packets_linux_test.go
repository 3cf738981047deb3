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
	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin/live"
	"github.com/causeway-iac/causeway/twin/live/can"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/survey"
)

// tried are the variants whose networks differ from each other's.
var tried = []string{"dev", "dev, Cloudflare proxied and locked", "dev, Route 53", "dev, MySQL", "dev, Aurora", "dev, no internet",
	"dev, a gateway in each of four zones", "dev, port 80, a web ACL and a long name", "prod",
	"prod, ways out, routes and workers", "prod, waived"}

// Packets cross each variant's network as it is deployed, and reach what is proved of it and nothing else.
func TestPacketsReachWhatIsProvedOfEveryVariant(t *testing.T) {
	program := filepath.Join(t.TempDir(), "world")
	build := exec.Command("go", "build", "-o", program, "../../../world")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	if err := can.Check(t.Context(), program); err != nil {
		if os.Getenv("CAUSEWAY_LIVE") == "required" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	home := t.TempDir()
	for _, v := range variants {
		if !slices.Contains(tried, v.name) {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			tr := newTrial(t, home, v.stack, v.lines...)
			_, outcome, err := tr.deploy(stacks.Deploy)
			require.NoError(t, err, "%+v", outcome.Problems)
			g, err := tr.engine.Graph()
			require.NoError(t, err)
			p, err := survey.Of(survey.Read(tr.twin.World(), v.stack))
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
			t.Logf("%d nodes, %d connections tried", len(p.Nodes), asked)
		})
	}
}
