package machine

import "golang.org/x/sys/unix"

const nativeArch = unix.AUDIT_ARCH_X86_64

var outsideHere = []uint32{unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_IOPERM, unix.SYS_IOPL, unix.SYS_MODIFY_LDT, unix.SYS_USELIB,
	unix.SYS_USTAT, unix.SYS_SYSFS}

// setsMode are the calls that set a file's mode, with the argument that holds it.
var setsMode = map[uint32]int{unix.SYS_CHMOD: 1, unix.SYS_FCHMOD: 1, unix.SYS_FCHMODAT: 2, unix.SYS_FCHMODAT2: 2, unix.SYS_MKNOD: 1,
	unix.SYS_MKNODAT: 2}
