package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// member is a file of an archive under test.
type member struct {
	name, content, link string
	mode                int64
	kind                byte // of tar; 0 is a file
}

func tarOf(t *testing.T, members ...member) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, m := range members {
		require.NoError(t, w.WriteHeader(&tar.Header{
			Name: m.name, Linkname: m.link, Mode: m.mode, Size: int64(len(m.content)), Typeflag: m.kind, Format: tar.FormatGNU,
		}))
		_, err := w.Write([]byte(m.content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func written(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o644))
	return path
}

func tarGz(t *testing.T, members ...member) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(tarOf(t, members...))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return written(t, "app.tar.gz", out.Bytes())
}

func service(t *testing.T) []member {
	return []member{
		{name: "./server.js", content: "serve()", mode: 0o644},
		{name: "bin/run", content: "#!/bin/sh\n", mode: 0o755},
		{name: "bin/native", content: string(program(t, elf.EM_X86_64, 0, elf.ET_EXEC, "")), mode: 0o755},
		{name: "current", link: "bin/run", kind: tar.TypeSymlink},
		{name: "lib", kind: tar.TypeDir, mode: 0o755},
	}
}

func TestAnArchiveIsARelease(t *testing.T) {
	var zst, zipped bytes.Buffer
	encoder, err := zstd.NewWriter(&zst)
	require.NoError(t, err)
	_, err = encoder.Write(tarOf(t, service(t)...))
	require.NoError(t, err)
	require.NoError(t, encoder.Close())
	w := zip.NewWriter(&zipped)
	for _, m := range service(t) {
		header := &zip.FileHeader{Name: m.name}
		header.SetMode(fs.FileMode(m.mode))
		if m.link != "" {
			header.SetMode(fs.ModeSymlink | 0o777)
			m.content = m.link
		}
		if m.kind == tar.TypeDir {
			continue
		}
		body, err := w.CreateHeader(header)
		require.NoError(t, err)
		_, err = body.Write([]byte(m.content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	for format, path := range map[string]string{
		TarGz: tarGz(t, service(t)...), TarZst: written(t, "app.tar.zst", zst.Bytes()), Zip: written(t, "app.zip", zipped.Bytes()),
	} {
		r, err := Open(path, "")
		require.NoError(t, err, format)
		assert.Equal(t, format, r.Format)
		assert.Equal(t, "releases/"+r.SHA256, r.Key)
		assert.NoError(t, r.Runs("./bin/run", "arm64"))
		assert.NoError(t, r.Runs("current", "arm64"))
		assert.NoError(t, r.Runs("bin/native", "amd64"))
		assert.ErrorContains(t, r.Runs("bin/native", "arm64"), "is for amd64 and the instances are arm64")
		assert.ErrorContains(t, r.Runs("server.js", "arm64"), "is not executable; chmod +x it")
		assert.ErrorContains(t, r.Runs("bin/absent", "arm64"), "has no file bin/absent")
	}
}

func TestAnArchiveThatReachesOutsideIsRefused(t *testing.T) {
	for want, m := range map[string]member{
		"../evil would lie outside":         {name: "../evil", content: "x"},
		"/etc/passwd would lie outside":     {name: "/etc/passwd", content: "x"},
		"leads outside of the release":      {name: "a/b", link: "../../etc", kind: tar.TypeSymlink},
		"to /etc; pack what it leads to":    {name: "a", link: "/etc", kind: tar.TypeSymlink},
		"is a hard link; pack it with tar":  {name: "a", link: "b", kind: tar.TypeLink},
		"pipe is neither a file nor a fold": {name: "pipe", kind: tar.TypeFifo},
	} {
		_, err := Open(tarGz(t, member{name: "ok", content: "x"}, m), "")
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "cannot be unpacked")
	}
	_, err := Open(tarGz(t), "")
	assert.ErrorContains(t, err, "there is no file in it")
	_, err = Open(written(t, "app.zip", []byte("no zip")), "")
	assert.ErrorContains(t, err, "cannot be unpacked")
}

// What a fork's release may be costs an error and no more.
func TestArchivesThatGrowAsTheyAreRead(t *testing.T) {
	var folder, packed bytes.Buffer
	require.NoError(t, tar.NewWriter(&folder).WriteHeader(&tar.Header{Name: "a/", Typeflag: tar.TypeDir, Mode: 0o755}))
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	require.NoError(t, err)
	for range mostEntries/1000 + 1 {
		_, err := w.Write(bytes.Repeat(folder.Bytes(), 1000))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	_, err = Open(written(t, "app.tar.gz", packed.Bytes()), "")
	assert.ErrorContains(t, err, "it has more than 200000 files", "of one name")

	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	_, err = z.Create(strings.Repeat("a", 10_000))
	require.NoError(t, errors.Join(err, z.Close()))
	f, err := os.Open(written(t, "app.zip", zipped.Bytes()))
	require.NoError(t, err)
	defer f.Close()
	assert.ErrorContains(t, (&content{}).readZip(&bounded{f, 10_000}), "it has more than 200000 files", "by the length of its list")

	window256MiB := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 18 << 3, 1, 0, 0}
	_, err = Open(written(t, "app.tar.zst", window256MiB), "")
	assert.ErrorContains(t, err, "takes more than 128 MiB of memory")
}

// A folder is the same release whenever, wherever and by whomever it is packed.
func TestAFolderIsPackedTheSameEveryTime(t *testing.T) {
	pack := func(mode fs.FileMode) Release {
		folder := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(folder, "lib"), 0o755))
		require.NoError(t, os.MkdirAll(filepath.Join(folder, ".git"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, ".git", "HEAD"), []byte(t.Name()+mode.String()), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "run"), []byte("#!/bin/sh\n"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "lib", "a.js"), []byte("a"), mode))
		require.NoError(t, os.Symlink("lib/a.js", filepath.Join(folder, "main.js")))
		r, err := Open(folder, filepath.Join(t.TempDir(), "cache"))
		require.NoError(t, err)
		return r
	}
	first := pack(0o600)
	assert.Equal(t, first.SHA256, pack(0o644).SHA256)
	assert.NotEqual(t, first.SHA256, pack(0o755).SHA256)
	assert.Equal(t, TarGz, first.Format)
	assert.NoError(t, first.Runs("run", "arm64"))
	assert.Equal(t, filepath.Base(first.Path), first.SHA256+".tar.gz")

	// A project that is its own release: the cache, which is in it, is left out, and so is what the twin keeps.
	project := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(project, "run"), []byte("#!/bin/sh\n"), 0o755))
	for _, cache := range []string{filepath.Join(project, ".causeway", "releases"), filepath.Join(project, "cache")} {
		r, err := Open(project, cache)
		require.NoError(t, err)
		again, err := Open(project, cache)
		require.NoError(t, err)
		assert.Equal(t, r.SHA256, again.SHA256)
		assert.Len(t, again.entries, 1)
		require.NoError(t, os.RemoveAll(cache))
	}

	_, err := Open(t.TempDir(), t.TempDir())
	assert.ErrorContains(t, err, "there is no file in it")
}
