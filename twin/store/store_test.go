package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/causeway-iac/causeway/twin/store"
)

func load(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	got := map[string]string{}
	require.NoError(t, s.Load(func(key string, data []byte) error {
		got[key] = string(data)
		return nil
	}))
	return got
}

func TestWhatIsAppliedIsThereAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "twin.db")
	s, err := store.Open(path)
	require.NoError(t, err)
	require.NoError(t, s.Apply([]store.Change{{Key: "a", Data: []byte("1")}, {Key: "b", Data: []byte("2")}}))
	require.NoError(t, s.Apply([]store.Change{{Key: "a"}}))
	require.NoError(t, s.Close())
	s, err = store.Open(path)
	require.NoError(t, err)
	defer s.Close()
	assert.Equal(t, map[string]string{"b": "2"}, load(t, s))
}

func TestOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twin.db")
	s, err := store.Open(path)
	require.NoError(t, err)
	defer s.Close()
	_, err = store.Open(path)
	assert.ErrorContains(t, err, "another twin is using it")
}

func TestAFileOfAnotherKeyOrVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "twin.db")
	s, err := store.Open(path)
	require.NoError(t, err)
	require.NoError(t, s.Apply([]store.Change{{Key: "a", Data: []byte("1")}}))
	require.NoError(t, s.Close())

	t.Run("another key", func(t *testing.T) {
		other := filepath.Join(dir, "other.db")
		s, err := store.Open(other)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(other, data, 0o600))
		s, err = store.Open(other)
		require.NoError(t, err)
		defer s.Close()
		assert.ErrorContains(t, s.Load(func(string, []byte) error { return nil }), "cannot be opened with its key")
	})
	t.Run("no key", func(t *testing.T) {
		key, err := os.ReadFile(path + ".key")
		require.NoError(t, err)
		require.NoError(t, os.Remove(path+".key"))
		_, err = store.Open(path)
		assert.ErrorContains(t, err, "reading the key")
		require.NoError(t, os.WriteFile(path+".key", key, 0o600))
	})
	t.Run("a newer version", func(t *testing.T) {
		db, err := bbolt.Open(path, 0o600, nil)
		require.NoError(t, err)
		require.NoError(t, db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("version"), []byte("9")) }))
		require.NoError(t, db.Close())
		_, err = store.Open(path)
		assert.ErrorContains(t, err, "is of version 9")
	})
}
