package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// store is an image's parts by their digests.
type store map[string][]byte

func (s store) put(content []byte) map[string]any {
	sum := sha256.Sum256(content)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	s[digest] = content
	return map[string]any{"digest": digest, "size": len(content)}
}

func (s store) json(t *testing.T, v any) map[string]any {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return s.put(text)
}

// layer is an archive of files: a name that ends in a slash is a folder, and content that begins with > or = a link.
func layer(t *testing.T, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		h, content := &tar.Header{Name: files[i], Mode: 0o755}, files[i+1]
		switch {
		case h.Name[len(h.Name)-1] == '/':
			h.Typeflag = tar.TypeDir
		case content != "" && content[0] == '>':
			h.Typeflag, h.Linkname, content = tar.TypeSymlink, content[1:], ""
		case content != "" && content[0] == '=':
			h.Typeflag, h.Linkname, content = tar.TypeLink, content[1:], ""
		default:
			h.Size = int64(len(content))
		}
		require.NoError(t, w.WriteHeader(h))
		_, err := w.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// image puts an image of layers into the store and returns its digest, by way of an index.
func (s store) image(t *testing.T, architecture string, layers ...[]byte) string {
	t.Helper()
	config := s.json(t, map[string]any{"architecture": architecture, "config": map[string]any{"Entrypoint": []string{"/run.sh"},
		"Env": []string{"A=b"}, "WorkingDir": "/srv"}})
	var parts []any
	for _, l := range layers {
		parts = append(parts, s.put(l))
	}
	one := s.json(t, map[string]any{"config": config, "layers": parts})
	one["platform"] = map[string]any{"os": "linux", "architecture": architecture}
	return s.json(t, map[string]any{"manifests": []any{one}})["digest"].(string)
}

// archive writes the store as one file.
func (s store) archive(t *testing.T, folder string) {
	t.Helper()
	files := []string{"oci-layout", "{}"}
	for digest, content := range s {
		files = append(files, "blobs/sha256/"+digest[len("sha256:"):], string(content))
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "image.tar"), layer(t, files...), 0o600))
}

func zipped(t *testing.T, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(plain)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func TestAnImageIsWhatItsLayersMakeOfIt(t *testing.T) {
	s, images, cache := store{}, t.TempDir(), t.TempDir()
	squeeze, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	digest := s.image(t, runtime.GOARCH,
		zipped(t, layer(t, "run.sh", "one", "old/", "", "old/file", "x", "kept/a", "a", "kept/b", "b", "lib", ">usr/lib", "usr/lib/", "",
			"etc/resolv.conf", ">/run/resolv.conf")),
		squeeze.EncodeAll(layer(t, "run.sh", "two", "old/.wh..wh..opq", "", "old/new", "y", "kept/.wh.a", "",
			"lib/c", "c", "same", "=run.sh"), nil))
	s.archive(t, images)
	folder, err := Unpacked(images, cache, "example.com/shop/web@"+digest)
	require.NoError(t, err)
	root := filepath.Join(folder, plan.ImageRoot)
	for name, content := range map[string]string{"run.sh": "two", "same": "two", "old/new": "y", "kept/b": "b", "usr/lib/c": "c",
		"etc/resolv.conf": "", "etc/ssl/certs/ca-certificates.crt": ""} {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err, name)
		assert.Equal(t, content, string(text), name)
	}
	assert.NoFileExists(t, filepath.Join(root, "old/file"))
	assert.NoFileExists(t, filepath.Join(root, "kept/a"))
	assert.DirExists(t, filepath.Join(root, "proc"))
	text, err := os.ReadFile(filepath.Join(folder, plan.ImageConfigFile))
	require.NoError(t, err)
	var about plan.ImageConfig
	require.NoError(t, json.Unmarshal(text, &about))
	assert.Equal(t, plan.ImageConfig{Entrypoint: []string{"/run.sh"}, Env: []string{"A=b"}, WorkingDir: "/srv"}, about)

	require.NoError(t, os.Remove(filepath.Join(images, "image.tar")))
	again, err := Unpacked(images, cache, "example.com/shop/web@"+digest)
	require.NoError(t, err, "it is unpacked once")
	assert.Equal(t, folder, again)
	require.NoError(t, Tidy(cache, []string{"example.com/shop/web@" + digest}))
	assert.DirExists(t, folder)
	require.NoError(t, Tidy(cache, nil))
	assert.NoDirExists(t, folder)
}

func TestAnImageThatCannotBeUnpacked(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "victim")
	require.NoError(t, os.WriteFile(outside, []byte("mine"), 0o600))
	for name, c := range map[string]struct {
		make func(s store) string
		says string
	}{
		"absent":            {func(store) string { return "sha256:" + fmt.Sprintf("%064d", 0) }, "is not on this computer"},
		"another processor": {func(s store) string { return s.image(t, "s390x") }, "nothing for this computer's processor"},
		"a part that is another": {func(s store) string {
			digest := s.image(t, runtime.GOARCH, layer(t, "a", "a"))
			for at, content := range s {
				if bytes.HasPrefix(content, []byte("a\x00")) {
					s[at] = layer(t, "a", "b")
				}
			}
			return digest
		}, "is sha256:"},
		"a way out": {func(s store) string {
			return s.image(t, runtime.GOARCH, layer(t, "out", ">"+filepath.Dir(outside), "out/victim", "theirs"))
		}, "escapes"},
	} {
		s, images, cache := store{}, t.TempDir(), t.TempDir()
		digest := c.make(s)
		s.archive(t, images)
		_, err := Unpacked(images, cache, "example.com/shop/web@"+digest)
		assert.ErrorContains(t, err, c.says, name)
		left, err := os.ReadDir(cache)
		require.NoError(t, err)
		assert.Empty(t, left, name+": whole or not at all")
	}
	text, err := os.ReadFile(outside)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(text))
}
