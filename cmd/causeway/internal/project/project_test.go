package project

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func TestFindFromBelow(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "Pulumi.yaml"), "name: shop\nruntime: go\n")
	below := filepath.Join(root, "components", "network")
	require.NoError(t, os.MkdirAll(below, 0o755))

	p, err := Find(below)
	require.NoError(t, err)
	assert.Equal(t, Project{Root: root, Name: "shop"}, p)
	assert.Equal(t, filepath.Join(root, ".causeway", "prod", "twin.db"), p.World("prod"))
}

func TestFindOutside(t *testing.T) {
	_, err := Find(t.TempDir())
	assert.ErrorContains(t, err, "go to the repository's directory first")
}

func TestFindBrokenProjects(t *testing.T) {
	for text, says := range map[string]string{
		"name: [":       "Pulumi.yaml: this is not YAML: yaml:",
		"runtime: go\n": "name is missing",
	} {
		root := t.TempDir()
		write(t, filepath.Join(root, "Pulumi.yaml"), text)
		_, err := Find(root)
		assert.ErrorContains(t, err, says)
	}
}

func TestCheckNamesTheStacksThatExist(t *testing.T) {
	root := t.TempDir()
	for _, f := range []string{"Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.dev.yaml", "notes.yaml"} {
		write(t, filepath.Join(root, f), "name: shop\n")
	}
	p, err := Find(root)
	require.NoError(t, err)
	assert.Equal(t, []string{"dev", "prod"}, p.Stacks())
	require.NoError(t, p.Check("prod"))

	var unknown *UnknownStackError
	require.ErrorAs(t, p.Check("produ"), &unknown)
	assert.EqualError(t, unknown, `there is no stack "produ": the project has dev, prod; to make it, write Pulumi.produ.yaml`)
}
