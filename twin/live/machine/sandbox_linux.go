package machine

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/causeway-iac/causeway/twin/live/can"
)

// sandbox is as much of a unit's hardening as a user namespace allows. A unit's User= becomes a namespace of its own in
// which the process has that number. To the kernel it is the same account as the machine's root, so the two are kept
// apart by read-only mounts and not by file ownership.
type sandbox struct {
	Argv, Env     []string
	Root          string // of a container; else the machine's
	UID, GID      int
	Folder        string
	Strict        bool // ProtectSystem=strict: all is read-only
	Full          bool // ProtectSystem=full or yes: /usr and /etc are
	PrivateTmp    bool
	ProtectHome   bool
	Writable      []string // ReadWritePaths=
	NoNew         bool
	DropBounding  bool
	DenyWriteExec bool
	OwnKeyring    bool
	Umask         int
	Files         uint64
	Filter        filter
}

// enforced are the settings of [Service] that are carried out. moot are those that hold in a namespace without root
// anyway, since nothing in it has the capability or the file that they take away. Any other setting is reported as not
// enforced.
var (
	enforced = strings.Fields(`Type User Group Environment EnvironmentFile ExecStartPre ExecStart Restart RestartSec
		TimeoutStartSec TimeoutStopSec RemainAfterExit StandardOutput StandardError WorkingDirectory LimitNOFILE UMask
		NoNewPrivileges CapabilityBoundingSet AmbientCapabilities SystemCallFilter SystemCallErrorNumber
		SystemCallArchitectures RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID
		LockPersonality MemoryDenyWriteExecute ProtectSystem ProtectHome ReadWritePaths PrivateTmp KeyringMode ProtectHostname`)
	moot = strings.Fields(`ProtectClock ProtectControlGroups ProtectKernelLogs ProtectKernelModules ProtectKernelTunables
		PrivateDevices RemoveIPC`)
)

// unsupported names a unit's settings that nothing here enforces, sorted by name.
func unsupported(u *unitFile) (names []string) {
	for key := range u.settings {
		name, ok := strings.CutPrefix(key, "Service.")
		if ok && !slices.Contains(enforced, name) && !slices.Contains(moot, name) {
			names = append(names, name+"="+u.get(name))
		}
	}
	for _, name := range []string{"CapabilityBoundingSet", "AmbientCapabilities"} {
		if u.get(name) != "" {
			names = append(names, name+"="+u.get(name))
		}
	}
	names = append(names, readFilter(u).unknown...)
	slices.Sort(names)
	return names
}

func readSandbox(u *unitFile, root string) (sandbox, error) {
	box := sandbox{
		Folder: u.get("WorkingDirectory"), Strict: u.get("ProtectSystem") == "strict",
		Full:       u.get("ProtectSystem") == "full" || u.yes("ProtectSystem"),
		PrivateTmp: u.yes("PrivateTmp"), ProtectHome: u.has("ProtectHome") && u.get("ProtectHome") != "no",
		NoNew: u.yes("NoNewPrivileges"), DropBounding: u.has("CapabilityBoundingSet") && u.get("CapabilityBoundingSet") == "",
		DenyWriteExec: u.yes("MemoryDenyWriteExecute"), OwnKeyring: u.get("KeyringMode") == "private", Umask: 0o022, Filter: readFilter(u),
	}
	for _, line := range u.all("ReadWritePaths") {
		box.Writable = append(box.Writable, strings.Fields(line)...)
	}
	if text := u.get("UMask"); text != "" {
		mask, err := strconv.ParseUint(text, 8, 9)
		if err != nil {
			return box, fmt.Errorf("UMask=%s: not octal digits", text)
		}
		box.Umask = int(mask)
	}
	if text := u.get("LimitNOFILE"); text != "" {
		soft, _, _ := strings.Cut(text, ":")
		box.Files, _ = strconv.ParseUint(soft, 10, 64)
	}
	if name := u.get("User"); name != "" {
		var err error
		if box.UID, box.GID, err = account(root, name); err != nil {
			return box, err
		}
	}
	return box, nil
}

// account is the number of a user of the machine and of its group.
func account(root, name string) (uid, gid int, err error) {
	text, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
	if err != nil {
		return 0, 0, fmt.Errorf("looking for the user %s: %w", name, err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Split(line, ":"); len(f) > 3 && f[0] == name {
			uid, err1 := strconv.Atoi(f[2])
			gid, err2 := strconv.Atoi(f[3])
			return uid, gid, errors.Join(err1, err2)
		}
	}
	return 0, 0, fmt.Errorf("User=%s: the machine has no such user", name)
}

// command is the call that runs argv in the sandbox, in a session of its own.
func (b sandbox) command(argv, env []string) (*exec.Cmd, error) {
	b.Argv, b.Env = argv, env
	spec, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("describing a sandbox: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("describing a sandbox: %w", err)
	}
	go func() { // the sandbox reads it before anything else
		defer w.Close()
		_, _ = w.Write(spec)
	}()
	cmd := exec.Command(toolPath)
	cmd.Args = []string{sandboxName}
	cmd.ExtraFiles = []*os.File{r}
	runtime.AddCleanup(cmd, func(r *os.File) { r.Close() }, r)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWUTS}
	if b.UID != 0 {
		one := func(id int) []syscall.SysProcIDMap {
			return []syscall.SysProcIDMap{{ContainerID: id, HostID: 0, Size: 1}}
		}
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings, cmd.SysProcAttr.GidMappings = one(b.UID), one(b.GID)
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(b.UID), Gid: uint32(b.GID), NoSetGroups: true}
		cmd.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_SETPCAP} // until enter has used them
	}
	return cmd, nil
}

// sandboxName is the name under which Shim becomes a unit's process.
const sandboxName = "unit"

// enter reads a sandbox from its parent, builds it and becomes the program in it.
func enter() error {
	runtime.LockOSThread() // capabilities and filters belong to a thread, and the thread that calls exec is the one that stays
	spec := os.NewFile(3, "sandbox")
	var b sandbox
	if err := json.NewDecoder(spec).Decode(&b); err != nil {
		return fmt.Errorf("reading the sandbox: %w", err)
	}
	spec.Close()
	mounts := b.mounts
	if b.Root != "" {
		mounts = b.enterRoot
	}
	if err := mounts(); err != nil {
		return fmt.Errorf("mounting the sandbox: %w", err)
	}
	folder, optional := strings.CutPrefix(cmp.Or(b.Folder, "/"), "-")
	err := os.Chdir(folder)
	if optional && errors.Is(err, fs.ErrNotExist) {
		err = os.Chdir("/")
	}
	if err != nil {
		return fmt.Errorf("WorkingDirectory=: %w", err)
	}
	if err := b.privileges(); err != nil {
		return err
	}
	program := b.Argv[0]
	if b.Root != "" && !strings.Contains(program, "/") {
		for _, folder := range filepath.SplitList(valueOf(b.Env, "PATH")) {
			if path := filepath.Join(folder, program); unix.Access(path, unix.X_OK) == nil {
				program = path
				break
			}
		}
	}
	err = unix.Exec(program, b.Argv, b.Env)
	if no := can.Run(program); no != nil && errors.Is(err, unix.ENOEXEC) {
		err = no
	}
	return fmt.Errorf("%s: %w", program, err)
}

func (b sandbox) mounts() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	for _, path := range b.Writable { // a mount of its own, so that it can stay writable
		if err := unix.Mount(path, path, "", unix.MS_BIND, ""); err != nil && !strings.HasPrefix(path, "-") {
			return fmt.Errorf("ReadWritePaths=%s: %w", path, err)
		}
	}
	var readOnly []string
	switch {
	case b.Strict:
		readOnly = []string{"/"}
	case b.Full:
		readOnly = []string{"/usr", "/etc"}
	}
	for _, path := range readOnly {
		if path != "/" {
			if err := unix.Mount(path, path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
				return err
			}
		}
		if err := setReadOnly(path, unix.AT_RECURSIVE, true); err != nil {
			return fmt.Errorf("ProtectSystem=: %w", err)
		}
	}
	for _, path := range b.Writable {
		if err := setReadOnly(path, 0, false); err != nil {
			return fmt.Errorf("ReadWritePaths=%s: %w", path, err)
		}
	}
	for path, wanted := range map[string]bool{"/tmp": b.PrivateTmp, "/var/tmp": b.PrivateTmp, "/home": b.ProtectHome,
		"/root": b.ProtectHome} {
		mode := "mode=1777"
		if !strings.HasSuffix(path, "tmp") {
			mode = "mode=000,size=4k"
		}
		if wanted {
			if err := unix.Mount("tmpfs", path, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, mode); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return nil
}

func setReadOnly(path string, flags uint, on bool) error {
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if !on {
		attr = unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY}
	}
	return unix.MountSetattr(-1, path, flags, &attr)
}

// privileges gives up what the program may not have.
func (b sandbox) privileges() error {
	unix.Umask(b.Umask)
	if b.Files > 0 {
		var now unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); err != nil {
			return fmt.Errorf("LimitNOFILE=: %w", err)
		}
		n := min(b.Files, now.Max) // limits cannot be raised above this account's own
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: n}); err != nil {
			return fmt.Errorf("LimitNOFILE=: %w", err)
		}
	}
	if b.OwnKeyring {
		_, _ = unix.KeyctlJoinSessionKeyring("") // a kernel without keyrings has none to share
	}
	if b.DropBounding {
		for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) {
				return fmt.Errorf("CapabilityBoundingSet=: %w", err)
			}
		}
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up capabilities: %w", err)
	}
	if b.NoNew {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("NoNewPrivileges=: %w", err)
		}
	}
	if b.DenyWriteExec {
		const setMDWE, refuseExecGain = 65, 1
		if err := unix.Prctl(setMDWE, refuseExecGain, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) { // Linux 6.3
			return fmt.Errorf("MemoryDenyWriteExecute=: %w", err)
		}
	}
	return b.Filter.install()
}
