package can

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type described struct {
	settings map[string]string
	seccomp  bool
}

func (d described) setting(name string) string { return d.settings[name] }
func (d described) filtered() bool             { return d.seccomp }

func cloning(errno syscall.Errno) error {
	return fmt.Errorf("starting the world in namespaces of its own: %w", errno)
}

func TestEveryCauseHasItsSentence(t *testing.T) {
	gone := errors.New("the process is gone")
	seen := map[string]bool{}
	for name, c := range map[string]struct {
		err     error
		log     string
		machine described
		why     string
		remedy  string
	}{
		"none left": {cloning(syscall.ENOSPC), "", described{}, "no more user namespaces", "sysctl user.max_user_namespaces=15000"},
		"none allowed": {cloning(syscall.EUSERS), "", described{settings: map[string]string{"user.max_user_namespaces": "0"}},
			"no more user namespaces", "sysctl"},
		"old Debian": {cloning(syscall.EPERM), "", described{settings: map[string]string{"kernel.unprivileged_userns_clone": "0"}},
			"as old Debian does", "kernel.unprivileged_userns_clone=1"},
		"Ubuntu, early": {cloning(syscall.EACCES), "",
			described{settings: map[string]string{"kernel.apparmor_restrict_unprivileged_userns": "1"}}, "AppArmor",
			"profile for bin/world"},
		"Ubuntu, later": {gone, "world: making mounts private: permission denied",
			described{settings: map[string]string{"kernel.apparmor_restrict_unprivileged_userns": "1"}}, "AppArmor",
			"kernel.apparmor_restrict_unprivileged_userns=0"},
		"Docker":       {cloning(syscall.EPERM), "", described{seccomp: true}, "as Docker does by default", "seccomp=unconfined"},
		"nobody knows": {cloning(syscall.EPERM), "", described{}, "does not let you make user namespaces", "ask whoever"},
		"a container": {gone, "world: mounting /proc: operation not permitted\n", described{}, "/proc are masked",
			"systempaths=unconfined"},
		"no veth": {errors.New("linking web: making the veth pair: operation not supported"), "", described{}, "no veth links",
			"modprobe veth"},
		"no nftables": {errors.New("swapping the rules: netlink receive: no such file or directory"), "", described{},
			"lacks a part of nftables", "modprobe -a nf_tables"},
		"too busy": {context.DeadlineExceeded, "", described{}, "so busy", "try again"},
		"something else": {gone, "one\nworld: out of memory\n", described{}, "could not live here",
			"the process is gone world: out of memory"},
	} {
		got := explain(c.err, c.log, c.machine)
		assert.Contains(t, got.Why, c.why, name)
		assert.Contains(t, got.Remedy, c.remedy, name)
		assert.ErrorIs(t, got, c.err, name)
		assert.NotContains(t, got.Error(), "\n", "one line")
		seen[got.Why] = true
	}
	for _, c := range causes {
		assert.True(t, seen[c.why], "no case for: %s", c.why)
	}
}

func TestNothingToRun(t *testing.T) {
	err := Check(context.Background(), filepath.Join(t.TempDir(), "world"))
	var no *Refusal
	require.ErrorAs(t, err, &no)
	assert.Contains(t, no.Remedy, "make build")
	err = check(context.Background(), "darwin", filepath.Join(t.TempDir(), "world"))
	require.ErrorAs(t, err, &no)
	assert.Equal(t, "live needs Linux's namespaces and nftables, which darwin lacks; run it on Linux, in a virtual machine for example",
		err.Error())
}
