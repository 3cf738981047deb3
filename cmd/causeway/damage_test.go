package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file that cannot be used is named, with what is wrong and what to do, and left as it is; with a copy of
// it put back, everything is as it was.
func TestFilesThatCannotBeUsed(t *testing.T) {
	at := newPlace(t, network)
	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	const (
		world = ".causeway/local/twin.db"
		state = ".causeway/local/state/.pulumi/stacks/shop/local.json"
	)
	half := func(b []byte) []byte { return b[:len(b)/2] }
	garbage := func([]byte) []byte { return []byte(strings.Repeat("garbage", 5000)) }
	for _, c := range []struct {
		file   string
		damage func(whole []byte) []byte
		says   string
	}{
		{world, half, "was cut short: it has"},
		{world, garbage, "is damaged, or is not one"},
		{world + ".key", nil, "reading the key of the twin's file"},
		{world + ".key", func(b []byte) []byte { return append(b[1:], b[0]) }, "cannot be opened with its key"},
		{state, half, "is damaged or cut short"},
		{state, garbage, "is damaged or cut short"},
		{state, func([]byte) []byte { return []byte(`{"version":99,"checkpoint":{}}`) }, "is of version 99 and this program reads up to 4"},
	} {
		path := filepath.Join(at.root, c.file)
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		var damaged []byte
		if c.damage == nil {
			require.NoError(t, os.Remove(path))
		} else {
			damaged = c.damage(append([]byte{}, whole...))
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
		}
		commands := [][]string{{"up"}, {"down"}}
		if c.file != state {
			commands = append(commands, []string{"twin", "resources"}, []string{"twin", "reset", "--yes"})
		}
		for _, args := range commands {
			code, out = at.give(args...)
			assert.Equal(t, exitError, code, "%v with %s: %s", args, c.says, out)
			assert.Contains(t, out, c.says, args)
			assert.Contains(t, out, filepath.Base(c.file), args)
			assert.NotContains(t, out, "goroutine", args)
			left, err := os.ReadFile(path)
			if c.damage == nil {
				assert.ErrorIs(t, err, os.ErrNotExist, args)
				continue
			}
			require.NoError(t, err)
			assert.Equal(t, damaged, left, "%v changed what it refused", args)
		}
		require.NoError(t, os.WriteFile(path, whole, 0o600))
		code, out = at.give("up")
		require.Equal(t, 0, code, out)
		assert.Contains(t, out, "nothing to change", "with %s put back", c.file)
	}
}

// Of two runs on one stack, the second is refused while the first goes on.
func TestTwoRunsOnOneStack(t *testing.T) {
	var at *place
	var code int
	var out string
	at = newPlace(t, func(ctx *pulumi.Context) error {
		if ctx.Stack() == "local" {
			code, out = at.give("up")
		}
		return network(ctx)
	})
	first, said := at.give("up")
	require.Equal(t, 0, first, said)
	assert.Equal(t, exitError, code)
	assert.Regexp(t,
		`^causeway: stack local is in use by .causeway up. \(process \d+, since \d\d:\d\d:\d\d\): wait for it to end, `+
			`or stop it with Ctrl-C in its terminal\n$`, out)
}

// A run on another stack goes on beside it: that has a twin of its own.
func TestTwoRunsOnTwoStacks(t *testing.T) {
	var at *place
	var code int
	var out string
	at = newPlace(t, func(ctx *pulumi.Context) error {
		if ctx.Stack() == "local" {
			code, out = at.give("up", "--stack", "prod")
		}
		return network(ctx)
	})
	first, said := at.give("up")
	require.Equal(t, 0, first, said)
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "prod: 2 created")
}

// The twin is not emptied under a run: what that makes next would refer to what is gone.
func TestNoResetUnderARun(t *testing.T) {
	var at *place
	var code int
	var out string
	at = newPlace(t, func(ctx *pulumi.Context) error {
		if err := network(ctx); err != nil {
			return err
		}
		code, out = at.give("twin", "reset", "--yes")
		return nil
	})
	first, said := at.give("up")
	require.Equal(t, 0, first, said)
	assert.Equal(t, exitError, code)
	assert.Regexp(t, `^causeway: stack local is in use by causeway up \(process \d+\): wait for it to end`, out)
	first, said = at.give("up")
	require.Equal(t, 0, first, said)
}

// A file that cannot be read is named, and so is what gives the right to it.
func TestAdviceNamesTheFileThatCannotBeRead(t *testing.T) {
	if !asNobody(t) {
		return
	}
	at := newPlace(t, network)
	at.write("Twin.local.yaml", "seed: 3\n")
	for _, file := range []string{"Pulumi.yaml", "Pulumi.local.yaml", "Twin.local.yaml"} {
		path := filepath.Join(at.root, file)
		require.NoError(t, os.Chmod(path, 0))
		code, out := at.give("up")
		require.NoError(t, os.Chmod(path, 0o644))
		assert.NotZero(t, code, file)
		assert.Contains(t, out, "permission denied", file)
		assert.Contains(t, out, "chmod u+rw "+path, file)
		assert.NotContains(t, out, "chown -R", file)
	}
}

const nobodyVar = "CAUSEWAY_TEST_NOBODY"

// asNobody runs a test again as an account without rights, if this one is root, to whom every file is open.
// It says whether this is the process to go on in.
func asNobody(t *testing.T) bool {
	t.Helper()
	if os.Getuid() != 0 {
		return true
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("", "nobody-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	for name, file := range map[string]string{"test": os.Args[0], "pulumi": "../../bin/pulumi"} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o755))
	}
	for _, inner := range []string{"tmp", "bin", "cmd", "cmd/causeway"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, inner), 0o755))
		require.NoError(t, os.Chown(filepath.Join(dir, inner), nobody, nobody))
	}
	require.NoError(t, os.Rename(filepath.Join(dir, "pulumi"), filepath.Join(dir, "bin", "pulumi")))
	child := exec.CommandContext(t.Context(), filepath.Join(dir, "test"), "-test.run=^"+t.Name()+"$", "-test.v")
	child.Dir = filepath.Join(dir, "cmd", "causeway")
	child.Env = append(os.Environ(), nobodyVar+"=1", "HOME="+filepath.Join(dir, "tmp"), "TMPDIR="+filepath.Join(dir, "tmp"))
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := child.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: "+t.Name(), string(out))
	return false
}

// What another account made, or what was locked against writing, is named with what to do about it.
func TestFilesThatOneMayNotWrite(t *testing.T) {
	if !asNobody(t) {
		return
	}
	at := newPlace(t, network)
	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	for i, c := range []struct {
		file string
		mode os.FileMode
	}{
		{".causeway", 0},
		{".causeway/local", 0},
		{".causeway/local", 0o500}, // its files can be written, and none made
		{".causeway/local/lock", 0o400},
		{".causeway/local/twin.db", 0o400},
		{".causeway/local/twin.db.key", 0},
		{".causeway/local/state", 0},
		{".causeway/local/state/.pulumi/stacks/shop", 0o500},
		{".causeway/local/state/.pulumi/stacks/shop/local.json", 0},
		{".causeway/local/work", 0o500},
	} {
		path := filepath.Join(at.root, c.file)
		before, err := os.Stat(path)
		require.NoError(t, err)
		require.NoError(t, os.Chmod(path, c.mode))
		tier := fmt.Sprint("tier-", i)
		at.write("Pulumi.local.yaml", fmt.Sprintf(settingsText, "10.0.0.0/24", tier))
		code, out = at.give("up")
		require.NoError(t, os.Chmod(path, before.Mode().Perm()))
		if code != 0 {
			assert.Contains(t, out, "permission denied", c.file)
			assert.Contains(t, out, filepath.Base(c.file), c.file)
			assert.Contains(t, out, "give your account the right to that file", c.file)
			assert.NotContains(t, out, "goroutine", c.file)
		} else {
			assert.Equal(t, ".causeway/local 500", fmt.Sprintf("%s %o", c.file, c.mode), "it was written all the same: %s", out)
		}
		code, out = at.give("up")
		require.Equal(t, 0, code, "after %s: %s", c.file, out)
		_, out = at.give("twin", "show", "Subnet", "public")
		assert.Contains(t, out, tier)
		_, out = at.give("up")
		require.Contains(t, out, "local: nothing to change", "after %s", c.file)
	}
}
