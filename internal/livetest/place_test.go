// Package livetest lives through a stack's days: it deploys the local platform, leaves it alive and has things happen to
// it under load, as a person would, with the programs of bin/.
package livetest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// demand is set where the tests must run: in the pipeline, which installs what they need.
const demand = "CAUSEWAY_LIVE"

// skip says why a test cannot run here, or fails it where it must.
func skip(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv(demand) != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf("NOT TESTED: "+format, args...)
}

// place is a project of its own, with the programs of this repository.
type place struct {
	t    testing.TB
	root string
}

// settings are the local stack's, with what the tests need beside them.
const settings = `
  causeway:web: {minSize: 2, maxSize: 4}
  causeway:app: {minSize: 2, maxSize: 4}
  causeway:database: {multiZone: true}
`

func newPlace(t testing.TB, more string) *place {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes minutes")
	}
	repository, err := filepath.Abs("../..")
	require.NoError(t, err)
	at := &place{t, t.TempDir()}
	require.NoError(t, os.Mkdir(filepath.Join(at.root, "bin"), 0o755))
	for _, name := range []string{"causeway", "pulumi", "world"} {
		path := filepath.Join(repository, "bin", name)
		if _, err := os.Stat(path); err != nil {
			skip(t, "%v: these tests drive the real programs: run `make build` first", err)
		}
		require.NoError(t, os.Symlink(path, filepath.Join(at.root, "bin", name)))
	}
	if releases, _ := filepath.Glob(filepath.Join(repository, "bin", "guestbook-linux-*")); len(releases) > 0 {
		for _, path := range releases {
			at.copy(path, filepath.Join("bin", filepath.Base(path)))
		}
	}
	at.copy(filepath.Join(repository, "Pulumi.yaml"), "Pulumi.yaml")
	text, err := os.ReadFile(filepath.Join(repository, "Pulumi.local.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(at.root, "Pulumi.local.yaml"), append(text, more...), 0o644))
	require.NoError(t, os.CopyFS(filepath.Join(at.root, "examples", "guestbook"),
		os.DirFS(filepath.Join(repository, "examples", "guestbook"))))
	t.Cleanup(func() {
		_, _ = at.give("live", "--stop", "--quiet")
		if t.Failed() {
			at.tellLogs()
		}
	})
	return at
}

func (at *place) copy(from, to string) {
	at.t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(at.t, err)
	info, err := os.Stat(from)
	require.NoError(at.t, err)
	require.NoError(at.t, os.WriteFile(filepath.Join(at.root, to), content, info.Mode()))
}

func (at *place) tellLogs() {
	home := filepath.Join(at.root, ".causeway/local/live")
	logs := []string{filepath.Join(home, "console.log"), filepath.Join(home, "log", "world.log")}
	for _, path := range logs {
		text, _ := os.ReadFile(path)
		at.t.Logf("%s:\n%s", filepath.Base(path), text[max(0, len(text)-6000):])
	}
}

// give gives a command line to causeway and returns what it printed.
func (at *place) give(args ...string) (string, error) { return at.giveWithin(5*time.Minute, args...) }

func (at *place) giveWithin(long time.Duration, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), long)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(at.root, "bin", "causeway"), args...)
	cmd.Args[0] = "bin/causeway" // as the pages call it, which is what it calls itself
	cmd.Dir = at.root
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

func (at *place) must(args ...string) string {
	at.t.Helper()
	out, err := at.give(args...)
	require.NoError(at.t, err, "$ causeway %s\n%s", strings.Join(args, " "), out)
	return out
}

// upLive deploys and leaves the stack alive, or skips the test with the sentence that says why it cannot.
func (at *place) upLive() string {
	at.t.Helper()
	out := at.must("up", "--live")
	if _, why, cannot := strings.Cut(out, "cannot live on this computer: "); cannot {
		skip(at.t, "%s", why)
	}
	return out
}

type node struct{ Name, Kind, Zone, State, Why string }

// state is what `live status --json` answers, as far as the tests need it.
type state struct {
	Nodes   []node
	Targets []struct {
		Target string
		States map[string]string
	}
	URLs              []string
	Door, Roots, Page string
	PID, Memory       int
}

func (at *place) state() (s state) {
	at.t.Helper()
	out, err := at.give("live", "status", "--json")
	require.NoError(at.t, err, out)
	require.NoError(at.t, json.Unmarshal([]byte(out), &s), out)
	return s
}

// names are the nodes of a kind whose names begin with a text.
func (s state) names(kind, prefix string) (names []string) {
	for _, n := range s.Nodes {
		if n.Kind == kind && strings.HasPrefix(n.Name, prefix) {
			names = append(names, n.Name)
		}
	}
	return names
}

// well says whether every node runs and every target that stays is healthy at every load balancer's node. A server that runs
// and is no target yet is not well.
func (s state) well() bool {
	var targets []string
	for _, t := range s.Targets {
		targets = append(targets, t.Target)
	}
	for _, n := range s.Nodes {
		if n.State != "running" || n.Kind == "machine" && !slices.Contains(targets, n.Name) {
			return false
		}
	}
	for _, t := range s.Targets {
		for _, found := range t.States {
			if found != "healthy" && found != "draining" && found != "unused" {
				return false
			}
		}
		if len(t.States) == 0 {
			return false
		}
	}
	return len(s.Targets) > 0
}

// client is a visitor's: it comes in by the door and trusts the world's authority.
func (at *place) client(s state) *http.Client {
	at.t.Helper()
	text, err := os.ReadFile(s.Roots)
	require.NoError(at.t, err)
	roots := x509.NewCertPool()
	require.True(at.t, roots.AppendCertsFromPEM(text))
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: s.Door}), TLSClientConfig: &tls.Config{RootCAs: roots},
		MaxIdleConnsPerHost: 16, ForceAttemptHTTP2: false, IdleConnTimeout: time.Second,
	}}
}

func page(c *http.Client, address string) (string, error) {
	response, err := c.Get(address)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s", response.Status)
	}
	return string(text), err
}

func sign(c *http.Client, address, message string) error {
	response, err := c.PostForm(address, url.Values{"name": {"Ada"}, "message": {message}})
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("signing the guestbook: %s", response.Status)
	}
	return nil
}

// change makes another release of the guestbook: its page says something more.
func (at *place) change(text string) {
	at.t.Helper()
	path := filepath.Join(at.root, "examples/guestbook/internal/web/page.html")
	old, err := os.ReadFile(path)
	require.NoError(at.t, err)
	require.NoError(at.t, os.WriteFile(path, bytes.Replace(old, []byte("</main>"), []byte("<p>"+text+"</p></main>"), 1), 0o644))
}

// in is the place as a part of the test has it.
func (at *place) in(t *testing.T) *place { return &place{t, at.root} }

// descendants are a process and all that came of it.
func descendants(t testing.TB, pid int) (pids []int) {
	t.Helper()
	children := map[int][]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended by now
		}
		var id, parent int
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		_, _ = fmt.Sscan(string(text), &id)
		_, _ = fmt.Sscan(fields[1], &parent)
		children[parent] = append(children[parent], id)
	}
	pids = []int{pid}
	for i := 0; i < len(pids); i++ {
		pids = append(pids, children[pids[i]]...)
	}
	return pids
}

// called are the command lines of processes.
func called(pids []int) (lines []string) {
	for _, pid := range pids {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // one that has ended has none
		lines = append(lines, strings.ReplaceAll(string(text), "\x00", " "))
	}
	return lines
}

// alive are those of some processes that still run. One that has ended and whose parent, which is not ours, has not heard of
// it yet does not.
func alive(pids []int) (left []int) {
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if _, state, _ := bytes.Cut(text, []byte(") ")); err == nil && !bytes.HasPrefix(state, []byte("Z")) {
			left = append(left, pid)
		}
	}
	return left
}
