package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/causeway-iac/causeway/twin/live/can"
)

// The test binary, called with "can", is somebody on a computer that has been made worse, who asks whether a world can
// live there.
func init() {
	if len(os.Args) < 3 || os.Args[1] != "can" {
		return
	}
	worse := map[string]func() error{"as it is": func() error { return nil }, "without namespaces": noNamespaces,
		"with a masked /proc": maskProc, "with filtered calls": filterCalls}
	err := ownProc()
	if err == nil {
		err = worse[os.Args[2]]()
	}
	if err != nil {
		err = fmt.Errorf("preparing: %w", err)
	} else {
		err = can.Check(context.Background(), "/proc/self/exe")
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func noNamespaces() error {
	return os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0)
}

// ownProc has /proc tell of the processes that are here.
func ownProc() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	return unix.Mount("proc", "/proc", "proc", 0, "")
}

func maskProc() error {
	return unix.Mount("none", "/proc/bus", "tmpfs", unix.MS_RDONLY, "")
}

// filterCalls refuses new user namespaces as Docker's default filter does: with EPERM.
func filterCalls() error {
	statement := func(code uint16, k uint32) unix.SockFilter { return unix.SockFilter{Code: code, K: k} }
	jump := func(code uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: code, Jt: yes, Jf: no, K: k}
	}
	program := []unix.SockFilter{
		statement(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, 0), // the call's number
		jump(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, unix.SYS_CLONE, 0, 3),
		statement(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, 16), // its first argument
		jump(unix.BPF_JMP|unix.BPF_JSET|unix.BPF_K, unix.CLONE_NEWUSER, 0, 1),
		statement(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ERRNO|uint32(unix.EPERM)),
		statement(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ALLOW),
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&filter))); errno != 0 {
		return errno
	}
	return nil
}

func TestWhetherAWorldCanLive(t *testing.T) {
	begun := time.Now()
	t.Setenv("TMPDIR", t.TempDir())
	left := filepath.Join(os.TempDir(), "causeway-can-1") // of somebody who was killed
	if err := errors.Join(os.Mkdir(left, 0o700), os.Chtimes(left, begun, begun.Add(-time.Hour))); err != nil {
		t.Fatal(err)
	}
	if err := can.Check(context.Background(), "/proc/self/exe"); err != nil {
		if os.Getenv("CAUSEWAY_LIVE") == "required" {
			t.Fatal(err)
		}
		t.Skipf("this computer lets no world live: %v", err)
	}
	if folders, _ := os.ReadDir(os.TempDir()); len(folders) > 0 {
		t.Errorf("folders are left: %v", folders)
	}
	t.Logf("a very small world took %s", time.Since(begun))
	for how, want := range map[string]string{
		"as it is":            "",
		"without namespaces":  "user.max_user_namespaces",
		"with a masked /proc": "/proc are masked",
		"with filtered calls": "seccomp",
	} {
		cmd := exec.Command("/proc/self/exe", "can", how)
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}}
		said, err := cmd.CombinedOutput()
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %s", how, said)
		case want != "" && (err == nil || !strings.Contains(string(said), want)):
			t.Errorf("%s: it said %q (%v), and nothing of %s", how, said, err, want)
		}
	}
}
