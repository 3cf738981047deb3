package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repository is a folder with a guestbook of a few lines and no dependencies.
func repository(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	source(t, root, "go.mod", "module example.com/guestbook\n\ngo 1.24\n")
	source(t, root, "main.go", "package main\n\nfunc main() { println(\"one\") }\n")
	return root
}

func source(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, "examples", "guestbook", name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

func guestbook(t *testing.T, root string) Release {
	t.Helper()
	release, err := Guestbook(t.Context(), root, runtime.GOARCH)
	require.NoError(t, err)
	same, err := Open(release.Path, "")
	require.NoError(t, err)
	require.Equal(t, same, release)
	require.NoError(t, release.RunsOn(runtime.GOARCH))
	return release
}

// builtAgain tells whether asking once more builds. A build leaves a new file in place of the old one.
func builtAgain(t *testing.T, root string) bool {
	t.Helper()
	path := filepath.Join(root, "bin", "guestbook-linux-"+runtime.GOARCH)
	before, err := os.Stat(path)
	require.NoError(t, err)
	guestbook(t, root)
	after, err := os.Stat(path)
	require.NoError(t, err)
	return !os.SameFile(before, after)
}

// A project of somebody's own program has no examples.
func TestWhatIsBuiltNeedsNoSource(t *testing.T) {
	root := repository(t)
	first := guestbook(t, root)
	require.NoError(t, os.RemoveAll(filepath.Join(root, "examples")))
	assert.Equal(t, first, guestbook(t, root))
	require.NoError(t, os.RemoveAll(filepath.Join(root, "bin")))
	_, err := Guestbook(t.Context(), root, runtime.GOARCH)
	assert.ErrorContains(t, err, "is neither in "+filepath.Join(root, "examples/guestbook")+" nor built as ")
}

func TestGuestbookIsBuiltWhenItsSourceChanged(t *testing.T) {
	root := repository(t)
	first := guestbook(t, root)
	assert.Equal(t, filepath.Join(root, "bin", "guestbook-linux-"+runtime.GOARCH), first.Path)
	assert.False(t, builtAgain(t, root))

	source(t, root, "main_test.go", "package main\n")
	source(t, root, "README.md", "# Guestbook\n")
	assert.False(t, builtAgain(t, root), "tests and documents are not in the executable")

	source(t, root, "main.go", "package main\n\nfunc main() { println(\"two\") }\n")
	assert.True(t, builtAgain(t, root))
	assert.NotEqual(t, first.SHA256, guestbook(t, root).SHA256)

	source(t, root, "main.go", "package main\n\nfunc main() { println(\"one\") }\n")
	assert.True(t, builtAgain(t, root))
	assert.Equal(t, first.SHA256, guestbook(t, root).SHA256, "the same source is the same release")

	source(t, root, "page.html", "embedded, perhaps")
	assert.True(t, builtAgain(t, root))
}

func TestGuestbookIsBuiltWhenTheExecutableIsNotItsOwn(t *testing.T) {
	root := repository(t)
	release := guestbook(t, root)
	require.NoError(t, os.WriteFile(release.Path, []byte("#!/bin/sh\n"), 0o755))
	assert.Equal(t, release.SHA256, guestbook(t, root).SHA256)
	require.NoError(t, os.WriteFile(stampOf(release.Path), []byte("cut of"), 0o644))
	assert.True(t, builtAgain(t, root))

	stamp, err := os.ReadFile(stampOf(release.Path))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(stampOf(release.Path), append([]byte(nil), replaceField(stamp, "go1.2")...), 0o644))
	assert.True(t, builtAgain(t, root), "another version of Go gives other bytes")
}

func replaceField(stamp []byte, version string) []byte {
	const hexHash = 64
	return []byte(string(stamp[:hexHash]) + " " + version + " " + string(stamp[len(stamp)-hexHash-1:]))
}

func TestGuestbookByTwoAtOnce(t *testing.T) {
	root := repository(t)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			_, err := Guestbook(t.Context(), root, runtime.GOARCH)
			assert.NoError(t, err)
		})
	}
	group.Wait()
	assert.False(t, builtAgain(t, root))
	left, err := filepath.Glob(filepath.Join(root, "bin", ".*"))
	require.NoError(t, err)
	assert.Empty(t, left, "no half-built file stays")
}

func TestGuestbookWithoutGo(t *testing.T) {
	root := repository(t)
	t.Run("nothing built before", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := Guestbook(t.Context(), root, runtime.GOARCH)
		assert.ErrorContains(t, err, "Go is not on PATH")
		assert.ErrorContains(t, err, "run `make build` in Causeway's repository where Go is, or name a release of your own")
	})
	built := guestbook(t, root)
	t.Run("built before", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		assert.Equal(t, built.SHA256, guestbook(t, root).SHA256)
	})
}

func TestGuestbookThatDoesNotCompile(t *testing.T) {
	root := repository(t)
	source(t, root, "main.go", "package main\n\nfunc main() { undefined() }\n")
	_, err := Guestbook(t.Context(), root, runtime.GOARCH)
	assert.ErrorContains(t, err, "main.go:3:15: undefined: undefined")
	left, err := filepath.Glob(filepath.Join(root, "bin", "*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// The real example, built twice from two folders with two sets of Go settings, without the network.
func TestTheSameSourceGivesTheSameBytes(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	if out, err := exec.Command("go", "-C", "../../examples/guestbook", "list", "-deps", ".").CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: the guestbook's modules are not in Go's cache; run make build first\n%s", out)
	}
	var hashes []string
	for _, flags := range []string{"-mod=mod", "-tags=other -buildvcs=true"} {
		t.Setenv("GOFLAGS", flags)
		root := t.TempDir()
		require.NoError(t, os.CopyFS(filepath.Join(root, "examples", "guestbook"), os.DirFS("../../examples/guestbook")))
		hashes = append(hashes, guestbook(t, root).SHA256)
	}
	assert.Equal(t, hashes[0], hashes[1])
}

func TestModulesThatCannotBeFetched(t *testing.T) {
	root := t.TempDir()
	source(t, root, "go.mod", "module example.com/guestbook\n\ngo 1.24\n\nrequire example.com/far v1.0.0\n")
	source(t, root, "go.sum", "example.com/far v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nexample.com/far v1.0.0/go.mod "+
		"h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
	source(t, root, "main.go", "package main\n\nimport _ \"example.com/far\"\n\nfunc main() {}\n")
	t.Setenv("GOPROXY", "https://proxy.invalid")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	_, err := Guestbook(t.Context(), root, "arm64")
	assert.ErrorContains(t, err, "run `make build` in Causeway's repository where there is a network")
}
