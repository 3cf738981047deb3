package platform

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/picture"
	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
)

var update = flag.Bool("update", false, "draw the pictures of docs/ again")

// TestThePicturesOfTheDocumentsAreTrue deploys the shipped stacks and holds the
// pictures of the documents to what then exists.
func TestThePicturesOfTheDocumentsAreTrue(t *testing.T) {
	root, err := filepath.Abs("../../../..")
	require.NoError(t, err)
	for _, stack := range []string{"local", "prod"} {
		p, err := project.Find(root)
		require.NoError(t, err)
		options, err := setting(p, stack)
		require.NoError(t, err)
		cloud, err := twin.Start(t.Context(), options)
		require.NoError(t, err)
		e, err := engine.Open(t.Context(), engine.Options{
			Project: p, Stack: stack, Program: stacks.Deploy, Attach: cloud.Attach(), Throwaway: true,
		})
		require.NoError(t, err)
		outcome, err := e.Up(t.Context(), nil)
		require.NoError(t, err, "%+v", outcome.Problems)
		deployed, err := e.Graph()
		require.NoError(t, err)
		require.NoError(t, e.Close())
		require.NoError(t, cloud.Close())

		svg, err := picture.SVG(deployed)
		require.NoError(t, err)
		mermaid, err := picture.Mermaid(deployed)
		require.NoError(t, err)
		for name, drawn := range map[string][]byte{
			"picture-" + stack + ".svg": svg,
			"picture-" + stack + ".md":  []byte("```mermaid\n" + mermaid + "```\n"),
		} {
			file := filepath.Join(root, "docs", name)
			// The local stack's servers have this computer's processor.
			drawn = bytes.ReplaceAll(drawn, []byte("t3.micro"), []byte("t4g.micro"))
			if *update {
				require.NoError(t, os.WriteFile(file, drawn, 0o644))
			}
			kept, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(kept), string(drawn),
				"docs/%s is stale: go test -trimpath ./cmd/causeway/internal/platform -run Pictures -update", name)
		}
	}
}
