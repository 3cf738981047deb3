package platform

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
)

var record = flag.String("record", "",
	"deploy with this program and record the prod stack for TestAnUpgradeReplacesNothing, as this version")

// upgradesFrom is the versions whose prod stack is recorded: state and world, as they were deployed then. A new version is
// recorded when it is released, by go test -trimpath ./cmd/causeway/internal/platform -run Upgrade -record vX.Y.Z; none is recorded again.
var upgradesFrom = []string{"before-v0.1.0"}

// A stack that an older version deployed is what this version deploys, but for what can be changed in place: whoever
// upgrades loses no database, no address and no name.
func TestAnUpgradeReplacesNothing(t *testing.T) {
	if *record != "" {
		s := newFiles(t, "prod")
		s.steps = true
		s.start()
		s.up()
		require.NoError(t, s.engine.Close())
		require.NoError(t, s.twin.Close())
		archive(t, s.project.Root, recorded(*record))
		return
	}
	for _, version := range upgradesFrom {
		t.Run(version, func(t *testing.T) {
			s := newFiles(t, "prod")
			unpack(t, recorded(version), s.project.Root)
			s.start()
			planned, err := s.engine.Preview(t.Context(), nil)
			require.NoError(t, err, "%+v", planned.Problems)
			assert.Greater(t, planned.Same, 100, "the recorded stack is there")
			for _, c := range planned.Changes {
				assert.Equal(t, engine.Update, c.Op, "%s: %v", c.Path, c.Forces)
			}
			assert.Equal(t, changed(planned), changed(s.up()))
			s.unchanged()
		})
	}
}

func recorded(version string) string {
	return filepath.Join("testdata", "upgrade", version+"-prod.tar.gz")
}

// archive keeps a stack's state, its passphrase and its twin's world.
func archive(t *testing.T, root, path string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	file, err := os.Create(path)
	require.NoError(t, err)
	zipped, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	require.NoError(t, err)
	w := tar.NewWriter(zipped)
	require.NoError(t, filepath.WalkDir(root, func(from string, d fs.DirEntry, err error) error {
		name, relErr := filepath.Rel(root, from)
		if err = errors.Join(err, relErr); err != nil || !d.Type().IsRegular() || !kept(filepath.ToSlash(name)) {
			return err
		}
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, ".json") {
			data = withoutPlace(data, root)
		}
		if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: int64(len(data))}); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}))
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	require.NoError(t, file.Close())
}

func kept(name string) bool {
	return strings.HasPrefix(name, "world.db") || strings.HasPrefix(name, ".causeway/") &&
		(strings.HasSuffix(name, "/passphrase") || strings.HasSuffix(name, "/meta.yaml") || strings.HasSuffix(name, "/prod.json"))
}

func unpack(t *testing.T, from, root string) {
	t.Helper()
	file, err := os.Open(from)
	require.NoError(t, err)
	defer file.Close()
	zipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	for r := tar.NewReader(zipped); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		path := filepath.Join(root, filepath.FromSlash(header.Name))
		require.True(t, filepath.IsLocal(filepath.FromSlash(header.Name)))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, data, 0o600))
	}
}
