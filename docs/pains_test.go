package docs

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var testOf = regexp.MustCompile("`([a-z/]+)` (Test[A-Za-z0-9]+)")

// Every trouble of pains.md is held off by a test that exists.
func TestEveryPainHasATest(t *testing.T) {
	var rows int
	for line := range strings.Lines(read(t, "pains.md")) {
		cells := strings.Split(line, "|")
		if len(cells) < 7 || strings.TrimSpace(cells[1]) != strconv.Itoa(rows+1) {
			continue
		}
		rows++
		named := testOf.FindAllStringSubmatch(cells[5], -1)
		assert.NotEmpty(t, named, "row %d names no test", rows)
		for _, m := range named {
			assert.True(t, declared(t, m[1], m[2]), "row %d: there is no %s in %s", rows, m[2], m[1])
		}
	}
	assert.Equal(t, 28, rows)
}

// declared says that a test file of the folder has the test.
func declared(t *testing.T, folder, test string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(folder), "*_test.go"))
	require.NoError(t, err)
	return slices.ContainsFunc(files, func(file string) bool { return strings.Contains(read(t, file), "func "+test+"(t *testing.T)") })
}
