// Package arrows holds which part of the project may import which: see
// docs/ARCHITECTURE.md. What plays the cloud and what judges a platform must not
// share code with what is judged.
package arrows

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/causeway-iac/causeway/"

// allowed is what each part may import of the others. A part that is not listed
// may import none.
var allowed = map[string][]string{
	"main.go":    {"stacks"},
	"cmd":        {"stacks", "components", "twin", "graph", "picture", "infra", "proof", "review", "cost"},
	"stacks":     {"components", "infra"},
	"components": {"infra"},
	"picture":    {"graph"},
	"proof":      {"graph"},
	"review":     {"proof", "graph", "cost"},
	"cost":       {"graph"},
	"infra":      {},
	"twin":       {},
	"graph":      {},
	"internal":   {"proof", "twin"}, // internal/modelled holds one against the other
}

// heavy is SDK packages that only one package may import, since compiling them is dear.
// Pain 25: compile time and memory of the SDKs.
var heavy = map[string]string{
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2": "components/webacl",
}

// components is the order in which they build on each other: each may import those before it.
var components = []string{
	"keys", "identity", "network", "firewall", "endpoints", "bucket", "dns", "certificate", "loadbalancer", "webacl",
	"database", "backups", "servers", "monitoring",
}

func TestComponentsBuildOnThoseBeforeThem(t *testing.T) {
	for file, imports := range importsOf(t, "../../components") {
		own, _, _ := strings.Cut(filepath.ToSlash(file), "/")
		place := slices.Index(components, own)
		require.GreaterOrEqual(t, place, 0, "components/%s is missing from the order here and in docs/ARCHITECTURE.md", own)
		for _, path := range imports {
			if other, ok := strings.CutPrefix(path, module+"components/"); ok {
				assert.Contains(t, components[:place], other, "components/%s imports components/%s, which does not come before it", own,
					other)
			}
		}
	}
}

// The order is told to people in the same words.
func TestArchitectureTellsTheOrderOfComponents(t *testing.T) {
	text, err := os.ReadFile("../../docs/ARCHITECTURE.md")
	require.NoError(t, err)
	assert.Contains(t, strings.Join(strings.Fields(string(text)), " "), strings.Join(components, ", "))
}

func TestArrowsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	for file, imports := range importsOf(t, "../..") {
		part, _, _ := strings.Cut(filepath.ToSlash(file), "/")
		seen[part] = true
		may, known := allowed[part]
		require.True(t, known, "%s is in a part that docs/ARCHITECTURE.md and this test do not know", file)
		for _, path := range imports {
			if own, ok := strings.CutPrefix(path, module); ok {
				target, _, _ := strings.Cut(own, "/")
				assert.True(t, target == part || slices.Contains(may, target), "%s imports %s", file, path)
			}
			if only, ok := heavy[path]; ok {
				assert.Equal(t, only, filepath.ToSlash(filepath.Dir(file)), "%s imports %s", file, path)
			}
		}
	}
	for _, part := range []string{"main.go", "stacks", "components", "infra", "twin", "cmd"} {
		assert.True(t, seen[part], "no file of %s was read", part)
	}
}

// Only the root's main.go runs the program, and it does nothing else.
func TestMainIsOneLine(t *testing.T) {
	imports := importsOf(t, "../..")["main.go"]
	assert.ElementsMatch(t, []string{"github.com/pulumi/pulumi/sdk/v3/go/pulumi", module + "stacks"}, imports)
}

func TestPackagesAreNamedByWhatTheyHold(t *testing.T) {
	for file := range importsOf(t, "../..") {
		for _, part := range strings.Split(filepath.ToSlash(filepath.Dir(file)), "/") {
			assert.NotContains(t, []string{"util", "utils", "common", "helper", "helpers", "misc", "shared"}, part, file)
		}
	}
}

// importsOf is the imports of every Go file below root that is not a test's, by
// path from root. Modules of their own, such as the guestbook, are left out.
func importsOf(t *testing.T, root string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || slices.Contains([]string{"bin", "testdata", "examples", "tools"}, name)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			value, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[relative] = append(found[relative], value)
		}
		if found[relative] == nil {
			found[relative] = []string{}
		}
		return nil
	}))
	return found
}
