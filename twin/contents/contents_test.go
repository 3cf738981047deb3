package contents_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/contents"
	"github.com/causeway-iac/causeway/twin/value"
)

// inputs are those of an object made of a file, as the engine sends them.
func inputs(t *testing.T, path string) (value.Map, string) {
	t.Helper()
	a, err := asset.FromPath(path)
	require.NoError(t, err)
	wire, err := plugin.MarshalProperties(resource.PropertyMap{"source": resource.NewProperty(a)},
		plugin.MarshalOptions{ComputeAssetHashes: true})
	require.NoError(t, err)
	return value.FromWire(wire), a.Hash
}

func TestKeepsWhatWasDeployed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "web")
	require.NoError(t, os.WriteFile(path, []byte("one"), 0o644))
	s := contents.In(filepath.Join(dir, "objects"))
	in, hash := inputs(t, path)
	require.NoError(t, s.Keep(in))
	require.NoError(t, s.Keep(in), "again")
	require.NoError(t, os.WriteFile(path, []byte("two"), 0o644))
	kept, err := os.ReadFile(s.Path(hash))
	require.NoError(t, err)
	assert.Equal(t, "one", string(kept))

	other, _ := inputs(t, path)
	require.NoError(t, os.WriteFile(path, []byte("three"), 0o644))
	assert.ErrorContains(t, s.Keep(other), "has changed while it was being deployed")
	require.NoError(t, os.Remove(path))
	assert.ErrorIs(t, s.Keep(other), os.ErrNotExist)
	files, err := os.ReadDir(filepath.Join(dir, "objects"))
	require.NoError(t, err)
	assert.Len(t, files, 1, "nothing half copied")

	require.NoError(t, s.Prune(map[string]bool{hash: true}))
	assert.FileExists(t, s.Path(hash))
	require.NoError(t, s.Prune(nil))
	assert.NoFileExists(t, s.Path(hash))
	assert.NoError(t, contents.In(filepath.Join(dir, "none")).Prune(nil))
}

func TestKeepsNothing(t *testing.T) {
	var none *contents.Store
	assert.NoError(t, none.Keep(value.Map{"source": "x"}))
	assert.NoError(t, contents.In("/nonexistent").Keep(value.Map{"content": "x", "tags": value.Map{"path": "/none"}}))
}
