package arrows

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// made is what only a run of a program leaves: logs, states, locks, keys.
var made = regexp.MustCompile(`\.(log|attrs|bak|cut|tmp|lock|db|key|sock|test|out)$|^(passphrase|lock)$`)

// machine is a path of the machine on which a fixture was recorded.
var machine = regexp.MustCompile(`"(/tmp|/var/folders|/root|/Users|/home)/[^"]*"`)

// No test run's leftovers are committed, and no fixture tells on whose machine it was recorded.
func TestTheTreeHoldsWhatPeopleWrote(t *testing.T) {
	files := 0
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if strings.HasPrefix(name, ".") && name != ".." && name != ".github" && name != ".ci" || name == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasPrefix(name, ".") {
			return nil
		}
		files++
		assert.NotRegexp(t, made, name, "%s looks like what a run left behind", path)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		assert.NotEmpty(t, text, "%s is empty", path)
		if strings.Contains(path, "testdata") {
			if strings.HasSuffix(name, ".gz") {
				text = unzipped(t, text)
			}
			assert.Empty(t, machine.FindAllString(string(text), 3), "%s names a path of one machine", path)
		}
		return nil
	}))
	assert.Greater(t, files, 500, "the tree was not read")
}

func unzipped(t *testing.T, packed []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	plain, err := io.ReadAll(r)
	require.NoError(t, err)
	return plain
}
