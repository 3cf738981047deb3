package livetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheSecondDay has happen to a living platform, under load, what happens to platforms. It takes eighteen minutes of
// a machine that does nothing else, so that `make second-day` runs it and `make test` does not.
func TestTheSecondDay(t *testing.T) {
	if os.Getenv("CAUSEWAY_SECOND_DAY") == "" {
		t.Skip("make second-day runs it, alone")
	}
	at := newPlace(t, settings+"  causeway:network: {nat: perZone}\n") // else all need the zone of the only one
	at.upLive()
	s := at.state()
	require.True(t, s.well(), "%+v", s)
	c, address := at.client(s), s.URLs[0]+"/"
	require.Eventually(t, func() bool { return sign(c, address, row) == nil }, time.Minute, time.Second, "the guestbook is not signed")
	at.kept(t)

	t.Run("a release is rolled out and nobody notices", func(t *testing.T) {
		at := at.in(t)
		made, failed := at.rollOut("the second release")
		assert.GreaterOrEqual(t, made, 4000)
		assert.Empty(t, failed, reasons(failed))
	})
	t.Run("a new group takes over and nobody notices", func(t *testing.T) {
		at := at.in(t)
		at.replaces()
		made, failed := at.rollOut("another release")
		assert.GreaterOrEqual(t, made, 4000)
		assert.Empty(t, failed, reasons(failed))
	})
	t.Run("a release that does not become healthy fails up and nobody notices", at.releaseFails)
	t.Run("without draining they do", func(t *testing.T) {
		at := at.in(t)
		for _, group := range []string{"local-web", "local-app"} {
			at.must("twin", "drift", "change", "TargetGroup", group, "deregistrationDelay=0")
		}
		made, failed := at.rollOut("the third release")
		assert.GreaterOrEqual(t, made, 4000)
		assert.NotEmpty(t, failed, "connections are cut while requests are under way")
	})
	at.must("up", "--refresh")

	t.Run("the secret is rotated and nobody notices", at.secretIsRotated)
	t.Run("a server that loses its power is replaced", func(t *testing.T) {
		at := at.in(t)
		before := at.state().names("machine", "web")
		l := begin(c, address, 8, 5*time.Millisecond)
		at.must("live", "fault", "kill", before[0])
		l.until(t, 4000, "a new server", func() bool {
			now := at.state()
			return now.well() && len(now.names("machine", "web")) == 2 && !slices.Contains(now.names("machine", "web"), before[0])
		})
		replaced := time.Now()
		time.Sleep(5 * time.Second)
		_, failed := l.end()
		assert.Zero(t, after(failed, replaced), reasons(failed))
	})
	t.Run("the database fails over and keeps its rows", at.databaseFailsOver)
	t.Run("a rule that is gone is seen in traffic at once", func(t *testing.T) {
		at := at.in(t)
		at.must("twin", "drift", "delete", "SecurityGroupIngressRule", "local-edge-to-web-8443")
		// Connections that are open stay so, as at AWS; the next ones, of health checks at the latest, are refused.
		names := regexp.MustCompile(`edge-\S+ \S+ → web-\S+ \S+ tcp:8443 dropped.*no rule of its security group`)
		assert.Eventually(t, func() bool { return names.MatchString(at.must("live", "drops")) }, 30*time.Second, 200*time.Millisecond)
		at.must("up", "--refresh")
		assert.Eventually(t, func() bool { return at.state().well() }, 90*time.Second, 200*time.Millisecond)
		at.kept(t)
	})
	t.Run("a zone is lost", func(t *testing.T) {
		at := at.in(t)
		for range 2 { // the second time that of the standby that took over
			at.zoneIsLost(t)
		}
	})
	t.Run("killed at any moment it leaves nothing and loses nothing", func(t *testing.T) {
		at := at.in(t)
		for range 2 {
			at.killedWhileSigned(t)
		}
		at.must("live", "--stop")
		for _, processes := range []int{1, 2, 4, 8, 16} { // while it starts
			cmd := exec.Command(filepath.Join(at.root, "bin", "causeway"), "live")
			cmd.Dir = at.root
			require.NoError(t, cmd.Start())
			at.killed(cmd.Process.Pid, processes)
			_ = cmd.Wait() // it was killed
		}
		at.upLive()
		at.kept(t)
	})
	t.Run("another application takes its place", at.anotherApplication)
	t.Run("down, and nothing is left", func(t *testing.T) {
		at := at.in(t)
		world := descendants(t, at.state().PID)
		at.must("down")
		assert.Empty(t, alive(world))
		left, err := filepath.Glob(filepath.Join(at.root, ".causeway/local/live/databases/db-*"))
		require.NoError(t, err)
		assert.Empty(t, left, "a database's data end with it")
	})
}

// row is what the guestbook must keep.
const row = "a row that must stay"

func (at *place) kept(t *testing.T) {
	t.Helper()
	s := at.state()
	c := at.client(s)
	require.Eventually(t, func() bool {
		text, err := page(c, s.URLs[0]+"/")
		return err == nil && strings.Contains(text, row)
	}, time.Minute, 200*time.Millisecond)
}

func (at *place) secretIsRotated(t *testing.T) {
	at = at.in(t)
	s := at.state()
	l := begin(at.client(s), s.URLs[0]+"/", 8, 5*time.Millisecond)
	l.until(t, 200, "load", func() bool { return true })
	at.must("live", "fault", "rotate", "database")
	l.until(t, 1000, "load", func() bool { return true })
	_, failed := l.end()
	assert.Empty(t, failed, reasons(failed))
}

func (at *place) databaseFailsOver(t *testing.T) {
	at = at.in(t)
	s := at.state()
	c, address := at.client(s), s.URLs[0]+"/"
	l := begin(c, address, 4, 20*time.Millisecond)
	at.must("live", "fault", "cut", "database")
	l.until(t, 100, "the standby", func() bool { _, err := page(c, address); return err == nil && at.state().well() })
	over := time.Now()
	time.Sleep(5 * time.Second)
	_, failed := l.end()
	assert.Zero(t, after(failed, over), reasons(failed))
	at.must("live", "fault", "clear")
	at.kept(t)
}

// zoneIsLost loses the zone of the database's primary, and gives it back.
func (at *place) zoneIsLost(t *testing.T) {
	s := at.state()
	zone := s.Nodes[slices.IndexFunc(s.Nodes, func(n node) bool { return n.Kind == "database" && n.Why == "" })].Zone
	l := begin(at.client(s), s.URLs[0]+"/", 8, 20*time.Millisecond)
	at.must("live", "fault", "zone", zone)
	lost := time.Now()
	// As the platform's target groups check, and as long as names of load balancers are remembered (ELB user guide).
	const interval, unhealthy, timeout, ttl = 10 * time.Second, 3, 5 * time.Second, 60 * time.Second
	const bound = unhealthy*interval + timeout + ttl
	time.Sleep(bound + 60*time.Second)
	made, failed := l.end()
	assert.GreaterOrEqual(t, made, 4000)
	assert.Zero(t, after(failed, lost.Add(bound)), "without %s: %v", zone, reasons(failed))
	now := at.state()
	for _, tier := range []string{"web-", "app-"} {
		elsewhere := 0
		for _, n := range now.Nodes {
			if strings.HasPrefix(n.Name, tier) && n.Zone != zone && n.State == "running" && n.Why == "" {
				elsewhere++
			}
		}
		assert.Equal(t, 2, elsewhere, "the servers %s… of %s are replaced in the other zone: %+v", tier, zone, now.Nodes)
	}
	at.must("live", "fault", "zone", zone, "--end")
	at.kept(t)
	require.Eventually(t, func() bool { return at.state().well() }, 3*time.Minute, time.Second, "with %s back all is well", zone)
}

// replaces has both tiers roll out by a new group.
func (at *place) replaces() {
	at.t.Helper()
	at.edit("Pulumi.local.yaml", "minSize: 2,", "rollout: replace, minSize: 2,")
}

// edit replaces a text in a file, and returns what the file was.
func (at *place) edit(file, old, fresh string) []byte {
	at.t.Helper()
	path := filepath.Join(at.root, file)
	text, err := os.ReadFile(path)
	require.NoError(at.t, err)
	require.Contains(at.t, string(text), old)
	require.NoError(at.t, os.WriteFile(path, bytes.ReplaceAll(text, []byte(old), []byte(fresh)), 0o644))
	return text
}

func (at *place) releaseFails(t *testing.T) {
	at = at.in(t)
	const source = "examples/guestbook/internal/serve/serve.go"
	good := at.edit(source, "/healthz", "/nobody-asks")
	before := at.state()
	l := begin(at.client(before), before.URLs[0]+"/", 8, 20*time.Millisecond)
	out, err := at.giveWithin(20*time.Minute, "up")
	_, failed := l.end()
	assert.Error(t, err)
	assert.Contains(t, out, "capacity satisfied: timeout")
	assert.Empty(t, failed, reasons(failed))
	now := at.state().names("machine", "web")
	for _, name := range before.names("machine", "web") {
		assert.Contains(t, now, name, "the old group serves on")
	}
	require.NoError(t, os.WriteFile(filepath.Join(at.root, source), good, 0o644))
	at.must("up")
	require.Eventually(t, func() bool { return at.state().well() }, 2*time.Minute, time.Second, "what failed goes with the next release")
	at.kept(t)
}

// rollOut deploys another release under load, and returns what became of the requests.
func (at *place) rollOut(says string) (made int, failed []failure) {
	at.t.Helper()
	s := at.state()
	c, address := at.client(s), s.URLs[0]+"/"
	old := append(s.names("machine", "web"), s.names("machine", "app")...)
	at.change(says)
	l := begin(c, address, 12, 5*time.Millisecond)
	at.must("up")
	l.until(at.t, 4000, says, func() bool {
		now := at.state()
		text, err := page(c, address)
		return err == nil && strings.Contains(text, says) && now.well() && len(now.names("machine", "")) == 4 &&
			!slices.ContainsFunc(now.Nodes, func(n node) bool { return slices.Contains(old, n.Name) })
	})
	return l.end()
}

// after counts the failures of requests that began after a time.
func after(failed []failure, when time.Time) (n int) {
	for _, f := range failed {
		if f.at.After(when) {
			n++
		}
	}
	return n
}

// killed waits until a process has so many below it, kills it, and sees that none is left after three seconds.
func (at *place) killed(pid, processes int) {
	at.t.Helper()
	var world []int
	require.Eventually(at.t, func() bool {
		world = descendants(at.t, pid)[1:]
		return len(world) >= processes
	}, time.Minute, time.Millisecond)
	require.NoError(at.t, syscall.Kill(pid, syscall.SIGKILL))
	world = append(world, descendants(at.t, pid)[1:]...)
	for deadline := time.Now().Add(3 * time.Second); len(alive(world)) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			at.t.Fatalf("processes are left: %q", called(alive(world)))
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(at.t, err)
	assert.NotContains(at.t, string(mounts), at.root)
}

// killedWhileSigned kills the world while people sign the guestbook, and finds again each entry of which they were told that it is kept.
func (at *place) killedWhileSigned(t *testing.T) {
	t.Helper()
	at = at.in(t)
	s := at.state()
	c, address := at.client(s), s.URLs[0]+"/"
	require.NoError(t, sign(c, address, row)) // else others would push it off the page
	signed := make(chan string, 30)           // a page shows fifty
	go func() {
		defer close(signed)
		for n := range cap(signed) {
			entry := fmt.Sprintf("entry %d of world %d", n, s.PID)
			if sign(c, address, entry) != nil {
				return
			}
			signed <- entry
		}
	}()
	var entries []string
	for range 1 + rand.IntN(15) {
		entries = append(entries, <-signed)
	}
	at.killed(at.holder(t), 10)
	for entry := range signed {
		entries = append(entries, entry)
	}
	at.upLive()
	at.kept(t)
	s = at.state()
	text, err := page(at.client(s), s.URLs[0]+"/")
	require.NoError(t, err)
	for _, entry := range entries {
		assert.Contains(t, text, entry+"<", "of %d", len(entries))
	}
}

// holder is the process that holds the stack alive.
func (at *place) holder(t *testing.T) (pid int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(at.root, ".causeway/local/lock"))
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), "(process ")
	_, err = fmt.Sscanf(rest, "%d", &pid)
	require.NoError(t, err, "%s", text)
	return pid
}
