package machine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestMain lets the test's own program be the machine's first process, what it plays, and what its units run.
func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); Plays(name) {
		os.Exit(Shim(name, os.Args[1:]))
	}
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "machine":
			os.Exit(runMachine(os.Args[2], os.Args[3]))
		case "probe":
			probe()
			return
		}
	}
	os.Exit(m.Run())
}

func runMachine(root, data string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	text, err := os.ReadFile(data)
	if err == nil {
		err = Boot(Config{Hostname: "ip-10-0-0-1", Root: root, Tool: os.Args[4], Resolver: "10.0.0.2", Search: "test",
			Authorities: []byte("PEM"), Image: os.Getenv("TEST_IMAGE")})
	}
	if err == nil {
		err = Run(ctx, string(text), os.Stderr, func(failed int) { fmt.Fprintln(os.Stderr, "BOOTED with", failed, "failed steps") })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// probe tries what a hardened service must not be able to do, and prints what came of each.
func probe() {
	out := map[string]string{"uid": fmt.Sprint(os.Getuid()), "argument": os.Args[2], "value": os.Getenv("VALUE"),
		"authority": os.Getenv("DATABASE_CA_FILE")}
	try := func(name string, err error) {
		out[name] = "allowed"
		if err != nil {
			var errno syscall.Errno
			if out[name] = err.Error(); errors.As(err, &errno) {
				out[name] = unix.ErrnoName(errno)
			}
		}
	}
	try("write /etc", os.WriteFile("/etc/x", nil, 0o600))
	try("write /usr", os.WriteFile("/usr/x", nil, 0o600))
	try("write /tmp", os.WriteFile("/tmp/mine", nil, 0o600))
	try("read /root", func() error { _, err := os.ReadDir("/root"); return err }())
	_, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	try("internet socket", err)
	_, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, 0)
	try("netlink socket", err)
	try("new namespace", unix.Unshare(unix.CLONE_NEWUSER))
	try("mount", unix.Mount("tmpfs", "/tmp", "tmpfs", 0, ""))
	try("set-user-id", unix.Fchmodat(unix.AT_FDCWD, "/tmp/mine", 0o4755, 0))
	_, err = unix.Mmap(-1, 0, 4096, unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_ANON|unix.MAP_PRIVATE)
	try("writable code", err)
	_, _, errno := unix.RawSyscall(unix.SYS_PERSONALITY, 0x0040000, 0, 0)
	try("personality", func() error {
		if errno != 0 {
			return errno
		}
		return nil
	}())
	_, _, errno = unix.RawSyscall(unix.SYS_SETUID, 0, 0, 0)
	out["setuid"] = unix.ErrnoName(errno)
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	_ = unix.Capget(&hdr, &caps[0])
	out["capabilities"] = fmt.Sprint(caps[0].Effective|caps[0].Permitted, caps[1].Effective|caps[1].Permitted)
	var files unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &files)
	out["files"] = fmt.Sprint(files.Cur)
	b, _ := json.Marshal(out)
	fmt.Println("PROBE " + string(b))
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	fmt.Println("READY")
	<-end
	fmt.Println("BYE")
}

// booted is a machine that a test has started.
type booted struct {
	cmd *exec.Cmd
	log *lockedBuffer
}

func needsNamespaces(t *testing.T) {
	t.Helper()
	cmd := exec.Command("/bin/true")
	cmd.SysProcAttr = namespaces()
	if err := cmd.Run(); err != nil {
		if os.Getenv("CAUSEWAY_LIVE") == "required" {
			t.Fatalf("this computer does not let an ordinary user make namespaces: %v", err)
		}
		t.Skipf("NOT TESTED: this computer does not let an ordinary user make namespaces: %v", err)
	}
}

func namespaces() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

func boot(t *testing.T, userData string) *booted {
	t.Helper()
	needsNamespaces(t)
	folder := t.TempDir()
	data, root := filepath.Join(folder, "user-data"), filepath.Join(folder, "root")
	require.NoError(t, os.WriteFile(data, []byte(userData), 0o600))
	require.NoError(t, os.Mkdir(root, 0o755))
	self, err := os.Executable()
	require.NoError(t, err)
	m := &booted{cmd: exec.Command("/proc/self/exe", "machine", root, data, self), log: &lockedBuffer{}}
	m.cmd.SysProcAttr = namespaces()
	m.cmd.Stderr, m.cmd.Stdout = m.log, m.log
	require.NoError(t, m.cmd.Start())
	t.Cleanup(func() {
		_ = m.cmd.Process.Kill()
		_ = m.cmd.Wait()
		if t.Failed() {
			t.Log(m.log.String())
		}
	})
	return m
}

func (m *booted) says(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(m.log.String(), text) }, 20*time.Second, 20*time.Millisecond,
		"the machine never says %q", text)
}

func (m *booted) shutDown(t *testing.T) {
	t.Helper()
	require.NoError(t, m.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, m.cmd.Wait())
}

const hardened = `#cloud-config
users:
  - default
  - {name: causeway, system: true, no_create_home: true, shell: /sbin/nologin}
packages: [nginx]
write_files:
  - {path: /etc/causeway/web.env, permissions: "0640", content: "VALUE=\"a \\\"b\\\" \\$c %d\"\n"}
  - {path: /etc/joined, content: "one "}
  - {path: /etc/joined, content: "dHdv", encoding: b64, append: true}
  - path: /etc/systemd/system/web.service
    content: |
      [Service]
      Type=exec
      User=causeway
      EnvironmentFile=/etc/causeway/web.env
      WorkingDirectory=-/not/there
      ExecStartPre=+/bin/sh -c 'echo prepared as $$(id -u); touch /etc/prepared /tmp/shared'
      ExecStart=/run/live/world probe "100%% of $$1"
      Restart=always
      StandardOutput=append:/var/log/causeway/web.log
      StandardError=inherit
      LimitNOFILE=1234
      NoNewPrivileges=yes
      CapabilityBoundingSet=
      AmbientCapabilities=
      SystemCallFilter=@system-service
      SystemCallFilter=~@privileged
      SystemCallErrorNumber=EPERM
      RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
      RestrictNamespaces=yes
      RestrictRealtime=yes
      RestrictSUIDSGID=yes
      LockPersonality=yes
      MemoryDenyWriteExecute=yes
      ProtectSystem=strict
      ProtectHome=yes
      ProtectProc=invisible
      PrivateTmp=yes
      IPAddressDeny=any
runcmd:
  - echo joined is $(cat /etc/joined), resolver is $(grep nameserver /etc/resolv.conf), name is $(hostname)
  - [systemctl, daemon-reload]
  - [systemctl, disable, --now, sshd.service]
  - [systemctl, restart, logrotate.timer]
  - [systemctl, enable, --now, web.service]
  - [sh, -c, "systemctl is-active web.service; cat /var/log/causeway/web.log | grep -c PROBE; ls /tmp"]
  - [sh, -c, "dnf install amazon-cloudwatch-agent || true"]
  - [sh, -c, "rpm -q nginx || dnf --assumeyes install nginx libpq && rpm -q nginx libpq && echo has both"]
  - [no-such-program]
`

func TestMachineBecomesWhatItsUserDataSays(t *testing.T) {
	m := boot(t, hardened)
	m.says(t, "BOOTED with 1 failed steps")
	m.says(t, "READY")
	log := m.log.String()
	for _, said := range []string{
		"cloud-init: packages is not played in the living world",
		"joined is one two, resolver is nameserver 10.0.0.2, name is ip-10-0-0-1",
		"web.service: prepared as 0",
		"logrotate.timer is of Amazon Linux's image and is not played",
		"web.service: not played here: IPAddressDeny=any, ProtectProc=invisible",
		"cloud-init: active\n",
		"the living world has no package repository, and nothing stands in for amazon-cloudwatch-agent",
		"dnf: nothing to install: libpq is taken to be what this computer has of it", "cloud-init: has both\n",
		"no-such-program is not on this machine",
	} {
		assert.Contains(t, log, said)
	}
	_, found, _ := strings.Cut(log, "PROBE ")
	found, _, _ = strings.Cut(found, "\n")
	var saw map[string]string
	require.NoError(t, json.Unmarshal([]byte(found), &saw))
	assert.Equal(t, map[string]string{
		"uid": "999", "argument": "100% of $1", "value": `a "b" $c %d`, "authority": bundle,
		"write /etc": "EROFS", "write /usr": "EROFS", "write /tmp": "allowed", "read /root": "EACCES",
		"internet socket": "allowed", "netlink socket": "EAFNOSUPPORT", "new namespace": "EPERM", "mount": "EPERM",
		"set-user-id": "EPERM", "writable code": "EACCES", "personality": "EPERM", "setuid": "EPERM", "capabilities": "0 0",
		"files": "1234",
	}, saw)
	m.shutDown(t)
	assert.Contains(t, m.log.String(), "web.service: BYE", "a unit is told to end and may finish")
	assert.Contains(t, m.log.String(), "machine: stopped")
}

func TestScriptsAndRestarts(t *testing.T) {
	m := boot(t, `#!/bin/bash
cat >/etc/systemd/system/flaky.service <<'UNIT'
[Service]
ExecStart=/bin/sh -c 'n=$$(cat /run/n 2>/dev/null || echo 0); echo run $$n; echo $$((n+1)) >/run/n; (sleep 0.1 &) ; exit 3'
Restart=on-failure
RestartSec=100ms
UNIT
cat >/etc/systemd/system/once.service <<'UNIT'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo first'
ExecStart=-/bin/false
ExecStart=/bin/sh -c 'echo second'
UNIT
systemctl start once && systemctl is-active once
systemctl start flaky
systemctl edit flaky || echo told: no
systemctl start absent || echo told: absent
`)
	m.says(t, "flaky.service: run 3")
	m.says(t, "flaky.service: ended, starts again in 100ms: exit status 3")
	for _, said := range []string{"once.service: first", "once.service: second", "systemctl edit is not played", "told: no",
		"absent.service: there is no such unit", "told: absent"} {
		m.says(t, said)
	}
	m.shutDown(t)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }
