package review

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// The files of testdata/proposals are what the engine previewed of changes of a deployed production stack with a database and
// a bucket written beside it (`go test ./cmd/causeway/internal/platform -run TestRecordProposals -update`). What stays as it is
// stands once, in nothing.json.gz.

// recorded is a digest of a proposal as the engine wrote it.
func recorded(t *testing.T, name string) map[string]any {
	t.Helper()
	f, err := os.Open("testdata/proposals/" + name + ".json.gz")
	require.NoError(t, err)
	defer f.Close()
	r, err := gzip.NewReader(f)
	require.NoError(t, err)
	raw, err := io.ReadAll(r)
	require.NoError(t, err)
	var digest map[string]any
	require.NoError(t, json.Unmarshal(raw, &digest))
	return digest
}

// staying is what stays as it is, read once.
func staying(t *testing.T) []any {
	if stays == nil {
		stays = recorded(t, "nothing")["steps"].([]any)
	}
	return stays
}

var stays []any

// proposed is the review of a proposal.
func proposed(t *testing.T, name string) *Report {
	t.Helper()
	digest := recorded(t, name)
	steps, _ := digest["steps"].([]any)
	changes := map[any]bool{}
	for _, s := range steps {
		changes[s.(state)["urn"]] = true
	}
	if name != "nothing" && name != "of-others" {
		for _, s := range staying(t) {
			if !changes[s.(state)["urn"]] {
				steps = append(steps, s)
			}
		}
	}
	digest["steps"] = steps
	raw, err := json.Marshal(digest)
	require.NoError(t, err)
	p, err := graph.ReadPreview(bytes.NewReader(raw))
	require.NoError(t, err, name)
	return Of(p, today)
}

// What is told of each proposal was read, line by line, by somebody who must approve it, and stands beside it.
func TestWhatIsToldOfProposals(t *testing.T) {
	files, err := filepath.Glob("testdata/proposals/*.json.gz")
	require.NoError(t, err)
	require.Greater(t, len(files), 20)
	for _, file := range files {
		path := strings.TrimSuffix(file, ".json.gz")
		text := proposed(t, filepath.Base(path)).Text()
		if *update {
			require.NoError(t, os.WriteFile(path+".txt", []byte(text), 0o644))
		}
		read, err := os.ReadFile(path + ".txt")
		require.NoError(t, err)
		assert.Equal(t, string(read), text, "go test ./review -run Proposals -update, and read it")
	}
}
