package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// FetchCommand is what the program that runs inside a living world is told to do Fetch.
const FetchCommand = "postgresql"

// RepositoryVariable names, in the environment, a mirror of Maven Central that Fetch asks in its place.
const RepositoryVariable = "CAUSEWAY_MAVEN_URL"

const (
	central = "https://repo1.maven.org/maven2"
	longest = 3 * time.Minute // that fetching may take
)

// FetchBy has that program fetch, with as much of an environment as leads to the internet: a process that holds a rehearsal
// has no way there itself. The program ends with this one.
func FetchBy(program string, environ []string) func(ctx context.Context, major int, cache string) error {
	return func(ctx context.Context, major int, cache string) error {
		ctx, cancel := context.WithTimeout(ctx, longest)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, FetchCommand, strconv.Itoa(major), cache)
		cmd.Env = slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
			name, _, _ := strings.Cut(strings.ToUpper(variable), "=")
			return !slices.Contains([]string{"PATH", "HOME", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
				"SSL_CERT_FILE", "SSL_CERT_DIR", RepositoryVariable}, name)
		})
		if _, err := cmd.StdinPipe(); err != nil { // whose end tells it that this process has ended
			return fmt.Errorf("fetching: %w", err)
		}
		out, err := cmd.CombinedOutput()
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		switch last := strings.TrimPrefix(lines[len(lines)-1], "world: "); {
		case err == nil:
			return nil
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			return fmt.Errorf("it took longer than %s", longest)
		case last != "":
			return errors.New(last)
		}
		return err
	}
}

// Fetch brings the binaries of a major version, which the embedded-postgres-binaries project publishes for this system, into cache:
// whole, or not at all. It comes by the proxy that the environment names. It changes settings of the process, which does nothing else.
func Fetch(major int, cache string) error {
	known := map[int]embedded.PostgresVersion{18: embedded.V18, 17: embedded.V17, 16: embedded.V16, 15: embedded.V15, 14: embedded.V14,
		13: embedded.V13}
	version, ok := known[major]
	if !ok {
		return fmt.Errorf("PostgreSQL %d is not published as binaries", major)
	}
	at := filepath.Join(cache, "postgresql-"+strconv.Itoa(major))
	scratch := at + ".making"
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(cache, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil { // another stack may be fetching
		return fmt.Errorf("waiting until nobody else fetches: %w", err)
	}
	if len(installed(context.Background(), postgreSQL, []string{filepath.Join(at, "bin")})) > 0 {
		return nil
	}
	reached := filepath.Join(scratch, "data")
	if err := errors.Join(os.RemoveAll(at), os.RemoveAll(scratch), os.MkdirAll(reached, 0o700)); err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	defer os.Setenv("TMPDIR", os.Getenv("TMPDIR"))
	os.Setenv("TMPDIR", scratch) // where the library leaves a log
	whole, err := download(embedded.DefaultConfig().Version(version).BinariesPath(filepath.Join(scratch, "all")).
		RuntimePath(filepath.Join(scratch, "run")).DataPath(reached).CachePath(scratch).Logger(io.Discard).Port(0), reached)
	if !whole {
		return err
	}
	if len(installed(context.Background(), postgreSQL, []string{filepath.Join(scratch, "all", "bin")})) == 0 {
		return errors.New("what was fetched does not run on this system")
	}
	return os.Rename(filepath.Join(scratch, "all"), at)
}

// download has the library download and unpack, and says whether all of it came. The library has no call for that: told an encoding that
// there is not, it fails when it would make data, once it has removed the folder reached, where they were to be.
func download(c embedded.Config, reached string) (whole bool, err error) {
	from, hint := central, "behind a mirror of Maven Central, name it in "+RepositoryVariable
	if mirror := strings.TrimRight(os.Getenv(RepositoryVariable), "/"); mirror != "" {
		from, hint = mirror, RepositoryVariable+" has it asked"
	}
	address, err := url.Parse(from)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return false, fmt.Errorf("%s is not the address of a repository, such as %s", RepositoryVariable, central)
	}
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	a := &asks{by: before}
	http.DefaultTransport = a
	err = embedded.NewDatabase(c.BinaryRepositoryURL(from).Encoding("none")).Start()
	switch _, there := os.Stat(reached); {
	case errors.Is(there, fs.ErrNotExist):
		return true, nil
	case a.why != nil:
		return false, fmt.Errorf("%w (%s)", a.why, hint)
	}
	return false, errors.New(strings.ReplaceAll(fmt.Sprint(err), from, address.Redacted()))
}

// asks remembers why a request failed, which the library does not say.
type asks struct {
	by  http.RoundTripper
	why error
}

func (a *asks) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := a.by.RoundTrip(r)
	switch {
	case err != nil:
		a.why = fmt.Errorf("%s: %w", r.URL.Redacted(), err)
	case answer.StatusCode != http.StatusOK && !strings.HasSuffix(r.URL.Path, ".sha256"): // which not every mirror has
		a.why = fmt.Errorf("%s: %s", r.URL.Redacted(), answer.Status)
	}
	return answer, err
}
