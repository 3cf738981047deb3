package arrows

import (
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

// machine is a path of the machine on which a fixture was recorded. The people of examples may have a home.
var machine = regexp.MustCompile(`"(/tmp|/var/folders|/root|/Users|/home)/[^"]*"`)

const example = `"/home/ada/`

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
			for _, found := range machine.FindAllString(string(text), 3) {
				assert.True(t, strings.HasPrefix(found, example), "%s names a path of one machine: %s", path, found)
			}
		}
		return nil
	}))
	assert.Greater(t, files, 500, "the tree was not read")
}
