package machine

import (
	"fmt"
	"math"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// filter is what a unit's process may not ask of the kernel (systemd.exec, "System call filtering"), as a seccomp
// program.
type filter struct {
	Calls      bool // SystemCallFilter=@system-service without @privileged
	Families   []int
	Namespaces bool
	Realtime   bool
	SetID      bool
	Persona    bool
	unknown    []string
}

var families = map[string]int{"AF_INET": unix.AF_INET, "AF_INET6": unix.AF_INET6, "AF_UNIX": unix.AF_UNIX, "AF_NETLINK": unix.AF_NETLINK,
	"AF_PACKET": unix.AF_PACKET}

func readFilter(u *unitFile) filter {
	f := filter{Namespaces: u.yes("RestrictNamespaces"), Realtime: u.yes("RestrictRealtime"), SetID: u.yes("RestrictSUIDSGID"),
		Persona: u.yes("LockPersonality")}
	for _, set := range u.all("SystemCallFilter") {
		if set != "@system-service" && set != "~@privileged" {
			f.unknown = append(f.unknown, "SystemCallFilter="+set)
			continue
		}
		f.Calls = true
	}
	for _, line := range u.all("RestrictAddressFamilies") {
		for _, name := range strings.Fields(line) {
			if n, ok := families[name]; ok {
				f.Families = append(f.Families, n)
			} else {
				f.unknown = append(f.unknown, "RestrictAddressFamilies="+name)
			}
		}
	}
	return f
}

// outside are the calls, on every processor, that are not in @system-service or are in @privileged (systemd,
// src/shared/seccomp-util.c, as `systemd-analyze syscall-filter` prints them); outsideHere are the further ones of this
// processor.
var outside = []uint32{
	unix.SYS_ACCT, unix.SYS_ADJTIMEX, unix.SYS_BPF, unix.SYS_CAPSET, unix.SYS_CHROOT, unix.SYS_CLOCK_ADJTIME, unix.SYS_CLOCK_SETTIME,
	unix.SYS_DELETE_MODULE, unix.SYS_FANOTIFY_INIT, unix.SYS_FANOTIFY_MARK, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_FINIT_MODULE,
	unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSOPEN, unix.SYS_FSPICK, unix.SYS_INIT_MODULE, unix.SYS_KEXEC_FILE_LOAD,
	unix.SYS_KEXEC_LOAD, unix.SYS_LOOKUP_DCOOKIE, unix.SYS_MOUNT, unix.SYS_MOUNT_SETATTR, unix.SYS_MOVE_MOUNT,
	unix.SYS_NFSSERVCTL, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_OPEN_TREE, unix.SYS_PERF_EVENT_OPEN, unix.SYS_PIDFD_GETFD,
	unix.SYS_PIVOT_ROOT, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PTRACE, unix.SYS_QUOTACTL,
	unix.SYS_REBOOT, unix.SYS_SETDOMAINNAME, unix.SYS_SETFSGID, unix.SYS_SETFSUID, unix.SYS_SETGID, unix.SYS_SETGROUPS,
	unix.SYS_SETHOSTNAME, unix.SYS_SETREGID, unix.SYS_SETRESGID, unix.SYS_SETRESUID, unix.SYS_SETREUID,
	unix.SYS_SETTIMEOFDAY, unix.SYS_SETUID, unix.SYS_SWAPOFF, unix.SYS_SWAPON, unix.SYS_SYSLOG, unix.SYS_UMOUNT2,
	unix.SYS_USERFAULTFD, unix.SYS_VHANGUP,
}

// Of struct seccomp_data.
const (
	offsetCall = 0
	offsetArch = 4
	offsetArgs = 16 // eight bytes each, the low half first
)

const newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
	unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWTIME

// program is the filter for the kernel; nil allows everything.
func (f filter) program() []unix.SockFilter {
	var p []unix.SockFilter
	if f.Calls {
		for _, call := range append(outside, outsideHere...) {
			p = append(p, jump(unix.BPF_JEQ, call, 0, 1), refuse(unix.EPERM))
		}
	}
	if f.Families != nil {
		check := []unix.SockFilter{argument(0)}
		for i, family := range f.Families { // to what follows the refusal
			check = append(check, jump(unix.BPF_JEQ, uint32(family), uint8(len(f.Families)-i), 0))
		}
		p = append(p, on(unix.SYS_SOCKET, append(check, refuse(unix.EAFNOSUPPORT)))...)
	}
	if f.Namespaces {
		p = append(p, on(unix.SYS_CLONE3, []unix.SockFilter{refuse(unix.ENOSYS)})...) // flags in memory: callers try clone
		p = append(p, on(unix.SYS_SETNS, []unix.SockFilter{refuse(unix.EPERM)})...)
		for _, call := range []uint32{unix.SYS_CLONE, unix.SYS_UNSHARE} {
			p = append(p, on(call, refuseBits(0, newNamespaces))...)
		}
	}
	if f.Realtime {
		check := []unix.SockFilter{argument(1)}
		for _, policy := range []uint32{1, 2, 6} { // FIFO, RR, DEADLINE
			check = append(check, jump(unix.BPF_JEQ, policy, 0, 1), refuse(unix.EPERM))
		}
		p = append(p, on(unix.SYS_SCHED_SETSCHEDULER, check)...)
	}
	if f.SetID {
		for call, mode := range setsMode {
			p = append(p, on(call, refuseBits(mode, unix.S_ISUID|unix.S_ISGID))...)
		}
	}
	if f.Persona {
		p = append(p, on(unix.SYS_PERSONALITY,
			[]unix.SockFilter{argument(0), jump(unix.BPF_JEQ, 0, 2, 0), jump(unix.BPF_JEQ, math.MaxUint32, 1, 0), refuse(unix.EPERM)})...)
	}
	if p == nil {
		return nil
	}
	start := []unix.SockFilter{load(offsetArch), jump(unix.BPF_JEQ, nativeArch, 1, 0), refuse(unix.EPERM), load(offsetCall)}
	return append(append(start, p...), unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
}

// install puts the filter on this thread, for good.
func (f filter) install() error {
	p := f.program()
	if p == nil {
		return nil
	}
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog))); errno != 0 {
		return fmt.Errorf("SystemCallFilter=: %w", errno)
	}
	return nil
}

// on does check for one call, then loads the call's number again.
func on(call uint32, check []unix.SockFilter) []unix.SockFilter {
	skip := []unix.SockFilter{jump(unix.BPF_JEQ, call, 0, uint8(len(check)+1))}
	return append(append(skip, check...), load(offsetCall))
}

func refuseBits(arg int, bits uint32) []unix.SockFilter {
	return []unix.SockFilter{argument(arg), jump(unix.BPF_JSET, bits, 0, 1), refuse(unix.EPERM)}
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func argument(n int) unix.SockFilter { return load(offsetArgs + 8*uint32(n)) }

func jump(test uint16, k uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, K: k, Jt: yes, Jf: no}
}

func refuse(errno unix.Errno) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)}
}
