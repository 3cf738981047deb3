package cloudinit

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// packed is an archive of a program that only its owner may read, and a library in a folder.
func packed(t *testing.T, format string) []byte {
	t.Helper()
	files := []struct {
		name, content string
		mode          int64
	}{{"bin/serve", "#!/bin/sh\necho served\n", 0o700}, {"lib/data.txt", "data", 0o600}}
	var out bytes.Buffer
	if format == "zip" {
		w := zip.NewWriter(&out)
		for _, f := range files {
			header := &zip.FileHeader{Name: f.name}
			header.SetMode(os.FileMode(f.mode))
			body, err := w.CreateHeader(header)
			require.NoError(t, err)
			_, err = body.Write([]byte(f.content))
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return out.Bytes()
	}
	var tarred bytes.Buffer
	w := tar.NewWriter(&tarred)
	for _, f := range files {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content)), Uid: 4711}))
		_, err := w.Write([]byte(f.content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	if format == "tar.gz" {
		zipped := gzip.NewWriter(&out)
		_, err := zipped.Write(tarred.Bytes())
		require.NoError(t, err)
		require.NoError(t, zipped.Close())
		return out.Bytes()
	}
	encoder, err := zstd.NewWriter(&out)
	require.NoError(t, err)
	_, err = encoder.Write(tarred.Bytes())
	require.NoError(t, err)
	require.NoError(t, encoder.Close())
	return out.Bytes()
}

// archived is a service that runs an archive, on a machine with an rpm and a dnf that note what they are asked for.
func archived(t *testing.T, format string, content []byte) machine {
	t.Helper()
	m := newMachine(t)
	sum := sha256.Sum256(content)
	m.service.Release.SHA256, m.service.Release.Format = hex.EncodeToString(sum[:]), format
	m.service.Release.Key = "releases/" + m.service.Release.SHA256
	m.service.Command = []string{"bin/serve"}
	m.write("object", string(content), 0o644)
	m.write("bin/rpm", "#!/bin/bash\ntest -e \"$(dirname \"$0\")/../installed\"\n", 0o755)
	m.write("bin/dnf", "#!/bin/bash\ncd \"$(dirname \"$0\")/..\"\necho \"$*\" >>dnf\ntouch installed\n", 0o755)
	return m
}

func TestFetchUnpacksAnArchive(t *testing.T) {
	for format, tool := range map[string]string{"tar.gz": "tar", "tar.zst": "zstd", "zip": "unzip"} {
		t.Run(format, func(t *testing.T) {
			if _, err := exec.LookPath(tool); err != nil {
				t.Skipf("this machine has no %s, which the server installs", tool)
			}
			m := archived(t, format, packed(t, format))
			out, err := m.fetch()
			require.NoError(t, err, out)
			for path, mode := range map[string]os.FileMode{"bin/serve": 0o755, "lib/data.txt": 0o644, "lib": 0o755} {
				info, err := os.Stat(m.path("opt/causeway/current/files/" + path))
				require.NoError(t, err)
				assert.Equal(t, mode&0o055, info.Mode().Perm()&0o055, "the service's user reads %s", path)
			}
			served, err := exec.Command(m.path("opt/causeway/current/files/bin/serve")).Output()
			require.NoError(t, err)
			assert.Equal(t, "served\n", string(served))

			again, err := m.fetch()
			require.NoError(t, err, again)
			assert.Equal(t, 1, strings.Count(m.read("calls"), "\n"), "a restart fetches nothing")
		})
	}
}

func TestAnArchiveThatCannotBeUnpackedLeavesNothing(t *testing.T) {
	m := archived(t, "tar.gz", []byte("not an archive"))
	out, err := m.fetch()
	require.Error(t, err)
	assert.Contains(t, out, "web: cannot unpack ")
	left, err := filepath.Glob(m.path("opt/causeway/releases/*/files*"))
	require.NoError(t, err)
	assert.Empty(t, left)
	assert.NoFileExists(t, m.path("opt/causeway/current"), "what ran before runs on")
}

func TestPackagesAreInstalledOnce(t *testing.T) {
	m := archived(t, "tar.gz", packed(t, "tar.gz"))
	m.service.Packages = []string{"nodejs22", "ImageMagick"}
	for range 2 {
		out, err := m.fetch()
		require.NoError(t, err, out)
	}
	assert.Equal(t, "--assumeyes install nodejs22 ImageMagick\n", m.read("dnf"))

	m = archived(t, "tar.gz", packed(t, "tar.gz"))
	m.service.Packages = []string{"nosuchpackage"}
	m.write("bin/dnf", "#!/bin/bash\necho 'Error: Unable to find a match: nosuchpackage' >&2; exit 1\n", 0o755)
	out, err := m.fetch("SECONDS > 300", "SECONDS >= 0")
	require.Error(t, err)
	assert.Contains(t, out, "web: cannot install nosuchpackage: Error: Unable to find a match: nosuchpackage")
	assert.Empty(t, m.read("calls"), "nothing is fetched for a program that could not run")
}

func TestTheUnitRunsTheCommandOfAnArchive(t *testing.T) {
	for command, want := range map[string]string{
		"node server.js":   `ExecStart=node "server.js"`,
		"./bin/serve -v":   `ExecStart=/opt/causeway/current/files/bin/serve "-v"`,
		"/usr/bin/java -x": `ExecStart=/usr/bin/java "-x"`,
	} {
		s := web()
		s.Release.Format, s.Command = "tar.gz", strings.Fields(command)
		unit := render(t, s).Files["/etc/systemd/system/web.service"].Content
		assert.Contains(t, unit, want+"\n")
		assert.Contains(t, unit, "WorkingDirectory=-/opt/causeway/current/files\n")
		assert.Contains(t, unit, "MemoryDenyWriteExecute=yes")
		s.JIT = true
		assert.NotContains(t, render(t, s).Files["/etc/systemd/system/web.service"].Content, "MemoryDenyWriteExecute")
	}
}

func TestAnArchiveNeedsACommandAndPackagesNames(t *testing.T) {
	s := web()
	s.Release.Format, s.Command = "tar.xz", nil
	s.Packages = []string{"nodejs22", "nodejs22", "$(reboot)"}
	err := s.Validate()
	for _, want := range []string{
		`release.format: there is no archive "tar.xz"`, "command: is missing; write what is run of the archive",
		"packages[1]: nodejs22 is listed twice", `packages[2]: "$(reboot)" is not the name of a package`,
	} {
		assert.ErrorContains(t, err, want)
	}
}
