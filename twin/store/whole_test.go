package store_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/causeway-iac/causeway/twin/store"
)

// filled makes a file with so many records.
func filled(t *testing.T, path string, records int) {
	t.Helper()
	s, err := store.Open(path)
	require.NoError(t, err)
	for i := range records {
		require.NoError(t, s.Apply([]store.Change{{Key: fmt.Sprint("object/", i), Data: make([]byte, 500)}}))
	}
	require.NoError(t, s.Close())
}

// A file that was cut short is refused wherever it was cut, and left as it is: to read beyond the end
// of a mapped file would end the process.
func TestAFileThatWasCutShort(t *testing.T) {
	dir := t.TempDir()
	full := filepath.Join(dir, "twin.db")
	filled(t, full, 300)
	data, err := os.ReadFile(full)
	require.NoError(t, err)
	key, err := os.ReadFile(full + ".key")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cut.db.key"), key, 0o600))
	path := filepath.Join(dir, "cut.db")

	refused := 0
	for size := 1; size < len(data); size += 1013 {
		require.NoError(t, os.WriteFile(path, data[:size], 0o600))
		s, err := store.Open(path)
		if err == nil { // only unused pages at the end are gone
			assert.Len(t, load(t, s), 300, "cut to %d of %d bytes", size, len(data))
			require.NoError(t, s.Close())
			continue
		}
		refused++
		assert.ErrorContains(t, err, "it was left as it is", "cut to %d bytes", size)
		assert.ErrorContains(t, err, path)
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, data[:size], left, "cut to %d bytes", size)
	}
	assert.Greater(t, refused, 50)
}

func TestAFileOfANewerVersionIsLeftAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twin.db")
	filled(t, path, 3)
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("version"), []byte("2")) }))
	require.NoError(t, db.Close())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, open := range map[string]func(string) (*store.Store, error){"open": store.Open, "look": store.Look} {
		_, err = open(path)
		assert.ErrorContains(t, err, "is of version 2 and this program reads version 1: use a newer program", name)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, before, after, name)
	}
}

func TestLookingChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twin.db")
	_, err := store.Look(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = os.Stat(path)
	require.ErrorIs(t, err, os.ErrNotExist, "looking made a file")
	filled(t, path, 3)

	one, err := store.Look(path)
	require.NoError(t, err)
	two, err := store.Look(path)
	require.NoError(t, err, "two may look at once")
	assert.Len(t, load(t, one), 3)
	assert.Len(t, load(t, two), 3)
	assert.ErrorIs(t, one.Apply([]store.Change{{Key: "a", Data: []byte("1")}}), bbolt.ErrDatabaseReadOnly)
	_, err = store.Open(path)
	assert.ErrorContains(t, err, "another twin is using it")
	require.NoError(t, one.Close())
	require.NoError(t, two.Close())
	filled(t, path, 4)
}

// A disk that is full: what was written before is there, what could not be written is not, and the
// file can be used again once there is room. The limit on the size of files stands for the disk; the
// signal that goes with it is ignored by Go.
//
// It runs in a process of its own, since the limit is the whole process's.
func TestAFullDisk(t *testing.T) {
	const ownProcess = "STORE_TEST_FULL_DISK"
	if os.Getenv(ownProcess) == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestAFullDisk$", "-test.v")
		child.Env = append(os.Environ(), ownProcess+"=1")
		out, err := child.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "--- PASS: TestAFullDisk")
		return
	}
	path := filepath.Join(t.TempDir(), "twin.db")
	s, err := store.Open(path)
	require.NoError(t, err)
	require.NoError(t, s.Apply([]store.Change{{Key: "before", Data: []byte("1")}}))

	var old syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old))
	full := old
	full.Cur = 128 << 10
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full))
	written := 0
	for err == nil && written < 1000 {
		if err = s.Apply([]store.Change{{Key: fmt.Sprint("more/", written), Data: make([]byte, 1000)}}); err == nil {
			written++
		}
	}
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old))
	require.ErrorContains(t, err, "writing the twin's file")
	assert.ErrorContains(t, err, syscall.EFBIG.Error())
	assert.Greater(t, written, 10)
	assert.Len(t, load(t, s), written+1, "nothing that was written is lost, and nothing that was not is there")

	require.NoError(t, s.Apply([]store.Change{{Key: "after", Data: []byte("1")}}), "there is room again")
	require.NoError(t, s.Close())
	s, err = store.Open(path)
	require.NoError(t, err)
	defer s.Close()
	assert.Len(t, load(t, s), written+2)
}
