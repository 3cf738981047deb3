// Package docs holds what the documents say to what is true.
package docs

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

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// A link within the repository leads to a file, and one within a page to a heading.
func TestLinksLeadSomewhere(t *testing.T) {
	found := 0
	require.NoError(t, filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != ".." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".github"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		text := read(t, path)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, heading, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			found++
			page := path
			if target != "" {
				page = filepath.Join(filepath.Dir(path), filepath.FromSlash(target))
			}
			if _, err := os.Stat(page); !assert.NoError(t, err, "%s: %s", path, m[1]) || heading == "" {
				continue
			}
			assert.Contains(t, headings(read(t, page)), heading, "%s: %s", path, m[1])
		}
		return nil
	}))
	assert.Greater(t, found, 5)
}

// headings are a page's, as GitHub names them in links.
func headings(page string) (names []string) {
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		name := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
		name = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(name, "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

func read(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}
