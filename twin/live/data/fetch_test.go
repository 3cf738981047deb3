package data

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A mirror answers as Maven Central does, or as broken things do. testdata/postgresql.txz has programs that only say their version.
func TestWhatIsFetchedIsWholeOrNotThere(t *testing.T) {
	text, err := os.ReadFile("testdata/postgresql.txz")
	require.NoError(t, err)
	jar := func(name string, content []byte) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write(content)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		return b.Bytes()
	}
	nothing, err := hex.DecodeString("fd377a585a000004e6d6b446000000001cdf44211fb6f37d010000000004595a") // xz </dev/null
	require.NoError(t, err)
	whole := jar("postgres-linux-x86_64.txz", text)
	sum := func(content []byte) string { s := sha256.Sum256(content); return hex.EncodeToString(s[:]) }
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	serve := func(content []byte, checksum string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			switch {
			case !strings.HasSuffix(r.URL.Path, ".sha256"):
				_, _ = w.Write(content)
			case checksum == "":
				w.WriteHeader(http.StatusNotFound)
			default:
				_, _ = w.Write([]byte(checksum))
			}
		}
	}
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(whole)
	}
	cache := t.TempDir()
	for says, answer := range map[string]http.HandlerFunc{
		"17.5.0.jar: 403 Forbidden (" + RepositoryVariable + " has it asked)": status(http.StatusForbidden),
		"17.5.0.jar: 404 Not Found":                 status(http.StatusNotFound),
		"unexpected EOF":                            cut,
		"downloaded checksums do not match":         serve(whole, sum(text)),
		"not a valid zip file":                      serve(text, ""),
		"cannot find binary in archive":             serve(jar("readme", text), ""),
		"unable to extract postgres archive":        serve(jar("postgres-linux-x86_64.txz", text[:len(text)-60]), ""),
		"what was fetched does not run":             serve(jar("postgres-linux-x86_64.txz", nothing), ""),
		"is not the address of a repository":        nil,
		"connection refused (" + RepositoryVariable: nil,
	} {
		s := httptest.NewServer(answer)
		address := strings.Replace(s.URL, "http://", "http://me:hidden@", 1) + "/maven2/"
		switch {
		case strings.HasPrefix(says, "is not"):
			address = "repository.example.com/maven2"
		case answer == nil:
			s.Close()
		}
		t.Setenv(RepositoryVariable, address)
		err := Fetch(17, cache)
		s.Close()
		assert.ErrorContains(t, err, says)
		assert.NotContains(t, err.Error(), "hidden")
		left, _ := filepath.Glob(filepath.Join(cache, "postgresql-*"))
		assert.Empty(t, left, says)
	}

	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		user, password, _ := r.BasicAuth()
		assert.Equal(t, "me hidden", user+" "+password)
		assert.Regexp(t, `^/maven2/io/zonky/test/postgres/embedded-postgres-binaries-linux-.*/17\.5\.0/.*\.jar`, r.URL.Path)
		serve(whole, sum(whole))(w, r)
	}))
	defer s.Close()
	t.Setenv(RepositoryVariable, strings.Replace(s.URL, "http://", "http://me:hidden@", 1)+"/maven2/")
	t.Setenv("TMPDIR", t.TempDir())
	require.NoError(t, os.MkdirAll(filepath.Join(cache, "postgresql-17.making", "all", "bin"), 0o700), "a fetch that was killed")
	require.NoError(t, os.MkdirAll(filepath.Join(cache, "postgresql-17", "bin"), 0o700), "by a version that left half of it")
	for range 2 {
		require.NoError(t, Fetch(17, cache))
	}
	assert.Equal(t, 2, asked, "the file and its checksum, once")
	assert.FileExists(t, filepath.Join(cache, "postgresql-17", "share", "zone"))
	left, err := filepath.Glob(filepath.Join(cache, "*"))
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(cache, lockFile), filepath.Join(cache, "postgresql-17")}, left)
	logs, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	assert.Empty(t, logs)
	assert.Len(t, installed(context.Background(), postgreSQL, []string{filepath.Join(cache, "*", "bin")}), 1)
}
