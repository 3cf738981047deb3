package engine

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The file backend writes a sidecar of each file in place: an engine that is killed at that moment
// leaves an empty one, and the state could not be read any more.
func TestASidecarThatWasCutOffIsInNobodysWay(t *testing.T) {
	p := newProject(t, map[string]string{"local": ""})
	o := Options{Project: p, Stack: "local", Program: nothing}
	_, err := open(t, o).Up(t.Context(), nil)
	require.NoError(t, err)

	state := filepath.Join(p.Home("local"), "state")
	files := 0
	require.NoError(t, filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		assert.NotEqual(t, ".attrs", filepath.Ext(path), "the engine writes sidecars")
		if filepath.Ext(path) == ".json" {
			files++
			require.NoError(t, os.WriteFile(path+".attrs", nil, 0o644))
			require.NoError(t, os.WriteFile(path+".18eab19658b0adcf.tmp", nil, 0o644))
		}
		return nil
	}))
	require.Greater(t, files, 1)
	_, err = open(t, o).Up(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(state, func(path string, _ fs.DirEntry, err error) error {
		require.NoError(t, err)
		assert.NotEqual(t, ".tmp", filepath.Ext(path), "half a file is left")
		return nil
	}))
}

// A passphrase is there whole or not at all.
func TestThePassphraseIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passphrase")
	require.NoError(t, ensurePassphrase(path))
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Greater(t, len(first), 20)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, ensurePassphrase(path))
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}
