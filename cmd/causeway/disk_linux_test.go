package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/twin"
)

// These tests put a stack on a disk of its own, a small tmpfs, which an ordinary user may mount in a user
// namespace: a process of their own is started for that. Where the system forbids such namespaces
// (sysctl kernel.unprivileged_userns_clone, AppArmor), they are skipped and say so.

const ownDiskVar = "CAUSEWAY_TEST_OWN_DISK"

// onOwnDisk runs a test again, in a process that may mount. It says whether this is that process.
func onOwnDisk(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownDiskVar) != "" {
		return true
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), ownDiskVar+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := child.CombinedOutput()
	if os.IsPermission(err) {
		t.Skip("this system lets no ordinary user make a namespace, so there is no disk to fill:", err)
	}
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: "+t.Name(), string(out))
	return false
}

// disk mounts a disk of a few MiB where the stack local is kept.
func (at *place) disk() string {
	at.t.Helper()
	path := filepath.Join(at.root, ".causeway")
	require.NoError(at.t, os.Mkdir(path, 0o755))
	require.NoError(at.t, syscall.Mount("tmpfs", path, "tmpfs", 0, "size=8m"))
	at.t.Cleanup(func() { _ = syscall.Unmount(path, syscall.MNT_DETACH) })
	return path
}

// onSmallDisk deploys the network on a disk of its own. There is none in the process that only starts another for it.
func onSmallDisk(t *testing.T) (at *place, disk string) {
	t.Helper()
	if !onOwnDisk(t) {
		return nil, ""
	}
	at = newPlace(t, network)
	disk = at.disk()
	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	return at, disk
}

// fill leaves so many pages of a disk free, and returns what empties it again.
func fill(t *testing.T, disk string, pages int) (free func()) {
	t.Helper()
	var is syscall.Statfs_t
	require.NoError(t, syscall.Statfs(disk, &is))
	path := filepath.Join(disk, "filler")
	require.NoError(t, os.WriteFile(path, make([]byte, (int(is.Bfree)-pages)*int(is.Bsize)), 0o600))
	return func() { require.NoError(t, os.Remove(path)) }
}

// twice are the types of which there is more than one, in a world that shall have one of each.
func (at *place) twice() (types []string) {
	at.t.Helper()
	tw, err := twin.Look(filepath.Join(at.root, ".causeway", "local", "twin.db"), twin.Manners{})
	require.NoError(at.t, err)
	defer tw.Close()
	seen := map[string]bool{}
	for _, r := range tw.Resources() {
		if seen[r.Type] {
			types = append(types, r.Type)
		}
		seen[r.Type] = true
	}
	return types
}

// A disk may be full at any moment of a run: when the lock is written, the state, the world, or before
// the first of them. Each time the run says so, and the next, with room again, goes on from what is
// there. Once there was enough room for the whole run, all moments have been met.
func TestADiskThatIsFull(t *testing.T) {
	at, disk := onSmallDisk(t)
	if at == nil {
		return
	}
	full := 0
	for pages := 0; ; pages = pages*3/2 + 1 {
		require.Less(t, pages, 2000, "it never has enough room")
		tier := fmt.Sprint("tier-", pages)
		at.write("Pulumi.local.yaml", fmt.Sprintf(settingsText, fmt.Sprintf("10.0.%d.0/24", pages%200+1), tier)) // replaces the subnet
		free := fill(t, disk, pages)
		code, out := at.give("up")
		free()
		if code == 0 {
			break
		}
		full++
		assert.Contains(t, out, "the disk is full: free some space", "with %d pages: %s", pages, out)
		assert.NotContains(t, out, "goroutine", "with %d pages", pages)
		code, out = at.give("up")
		require.Equal(t, 0, code, "after %d pages: %s", pages, out)
		assert.Empty(t, at.twice(), "after %d pages", pages)
		_, out = at.give("up")
		require.Contains(t, out, "local: nothing to change", "after %d pages", pages)
		_, out = at.give("twin", "show", "Subnet", "public")
		assert.Contains(t, out, tier)
	}
	assert.Greater(t, full, 3, "the disk was hardly ever full")
	code, out := at.give("down")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: nothing is left, in the state or on the twin")
}

// A disk that fills while the engine works is told of, since the engine tries again for minutes without a word.
func TestADiskThatFillsIsTold(t *testing.T) {
	at, disk := onSmallDisk(t)
	if at == nil {
		return
	}
	p, err := project.Find(at.root)
	require.NoError(t, err)
	e, err := engine.Open(t.Context(), engine.Options{Project: p, Stack: "local", Program: network})
	require.NoError(t, err)
	told, errs := io.Pipe()
	c := &console{project: p, stack: "local", engine: e, errs: errs}
	lines := make(chan string, 100)
	go func() {
		for s := bufio.NewScanner(told); s.Scan(); {
			lines <- s.Text()
		}
	}()
	_, _, err = c.watched(t.Context(), "deploying", func(context.Context, engine.Observer) (engine.Outcome, error) {
		defer fill(t, disk, 0)()
		for {
			select {
			case line := <-lines:
				if strings.Contains(line, "the disk is full: the engine waits for room") {
					return engine.Outcome{}, nil
				}
			case <-time.After(time.Minute):
				return engine.Outcome{}, errors.New("nothing is said of a full disk")
			}
		}
	})
	require.NoError(t, err)
}

// A disk that can only be read is named, and nothing on it is touched.
func TestADiskThatIsReadOnly(t *testing.T) {
	at, disk := onSmallDisk(t)
	if at == nil {
		return
	}
	require.NoError(t, syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	at.write("Pulumi.local.yaml", fmt.Sprintf(settingsText, "10.0.0.0/24", "edge"))
	for _, command := range [][]string{{"up"}, {"down"}, {"twin", "reset", "--yes"}} {
		code, out := at.give(command...)
		assert.Equal(t, exitError, code, command)
		assert.Contains(t, out, filepath.Join(".causeway", "local"), command)
		assert.Contains(t, out, "read-only file system\nnothing was changed: ", command)
	}
	code, out := at.give("twin", "resources")
	assert.Equal(t, 0, code, "it can still be looked at: %s", out)
	require.NoError(t, syscall.Mount("", disk, "", syscall.MS_REMOUNT, ""))
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 1 updated, 1 as they were")
}
