// Package examples builds the programs that are put on the platform, packs each as the platform takes it, and runs it with
// the variables that it is given there.
package examples

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/infra/cloudinit"
	"github.com/causeway-iac/causeway/infra/release"
)

// serves runs a program in a folder as its unit does, has look see its page, and stops it.
func serves(t *testing.T, folder string, command []string, look func(page string)) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	var said bytes.Buffer
	program := exec.Command(command[0], command[1:]...)
	program.Dir, program.Stdout, program.Stderr = folder, &said, &said
	program.Env = []string{fmt.Sprintf("PORT=%d", port), "RELEASE=0123456789ab", "PATH=/usr/bin:/bin"}
	require.NoError(t, program.Start())
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	t.Cleanup(func() { _ = program.Process.Kill() })
	get := func(path string) (int, string) {
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
		if err != nil {
			return 0, ""
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(text)
	}
	well := func() bool { code, _ := get("/healthz"); return code == http.StatusOK }
	require.Eventually(t, well, time.Minute, 20*time.Millisecond, "%s", &said)
	code, page := get("/")
	assert.Equal(t, http.StatusOK, code)
	look(page)
	code, _ = get("/admin")
	assert.Equal(t, http.StatusNotFound, code)
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, program.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-ended:
		assert.NoError(t, err, "%s", &said)
	case <-time.After(30 * time.Second):
		t.Error("it does not stop")
	}
}

// unpacked is what an archive's files are, in a folder.
func unpacked(t *testing.T, packed io.Reader) string {
	t.Helper()
	folder := t.TempDir()
	plain, err := gzip.NewReader(packed)
	require.NoError(t, err)
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if err == io.EOF {
			return folder
		}
		require.NoError(t, err)
		path := filepath.Join(folder, filepath.FromSlash(h.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, content, h.FileInfo().Mode()))
	}
}

func TestNodeInAnArchive(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("NOT TESTED: node is not on PATH; install nodejs to run the example")
	}
	run, err := release.Open("node", t.TempDir())
	require.NoError(t, err)
	assert.Equal(t, release.TarGz, run.Format)
	packed, err := os.Open(run.Path)
	require.NoError(t, err)
	defer packed.Close()
	serves(t, unpacked(t, packed), []string{node, "server.js"}, func(page string) {
		assert.Contains(t, page, "Hello from Node ")
		assert.Contains(t, page, "Release 0123456789ab")
	})
}

// image is an image of one layer, as a registry has it: what its digest names, the configuration and the layer.
func image(t *testing.T, entrypoint, program string) (digest string, blobs map[string][]byte) {
	t.Helper()
	blobs = map[string][]byte{}
	put := func(content []byte) map[string]any {
		sum := sha256.Sum256(content)
		name := "sha256:" + hex.EncodeToString(sum[:])
		blobs[name] = content
		return map[string]any{"digest": name, "size": len(content)}
	}
	content, err := os.ReadFile(program)
	require.NoError(t, err)
	var plain, layer bytes.Buffer
	w := tar.NewWriter(&plain)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: strings.TrimPrefix(entrypoint, "/"), Mode: 0o755, Size: int64(len(content))}))
	_, err = w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	zipped := gzip.NewWriter(&layer)
	_, err = zipped.Write(plain.Bytes())
	require.NoError(t, err)
	require.NoError(t, zipped.Close())
	asJSON := func(v any) []byte {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		return text
	}
	sum := sha256.Sum256(plain.Bytes())
	config := put(asJSON(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "config": map[string]any{"Entrypoint": []string{entrypoint}, "User": "65532:65532"},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(sum[:])}},
	}))
	config["mediaType"] = "application/vnd.oci.image.config.v1+json"
	layers := put(layer.Bytes())
	layers["mediaType"] = "application/vnd.oci.image.layer.v1.tar+gzip"
	manifest := put(asJSON(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": []any{layers},
	}))
	return manifest["digest"].(string), blobs
}

// What the image's digest leads to runs with nothing but what is in it.
func TestAContainer(t *testing.T) {
	program := filepath.Join(t.TempDir(), "server")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "./container")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	run, err := release.Open(program, "")
	require.NoError(t, err)
	assert.Empty(t, run.Libraries, "the image has no libraries")

	digest, blobs := image(t, "/server", program)
	parsed, ok := cloudinit.ParseImage("111122223333.dkr.ecr.eu-west-1.amazonaws.com/hello@" + digest)
	require.True(t, ok)
	assert.Equal(t, cloudinit.Image{Registry: "111122223333.dkr.ecr.eu-west-1.amazonaws.com", Repository: "hello", Account: "111122223333",
		Region: "eu-west-1"}, parsed)

	var manifest struct {
		Config struct{ Digest string }
		Layers []struct{ Digest string }
	}
	require.NoError(t, json.Unmarshal(blobs[digest], &manifest))
	var config struct {
		Config struct{ Entrypoint []string }
	}
	require.NoError(t, json.Unmarshal(blobs[manifest.Config.Digest], &config))
	require.Len(t, manifest.Layers, 1)
	root := unpacked(t, bytes.NewReader(blobs[manifest.Layers[0].Digest]))
	serves(t, root, []string{filepath.Join(root, config.Config.Entrypoint[0])}, func(page string) {
		assert.Contains(t, page, "Hello from a container, release 0123456789ab")
	})
}
