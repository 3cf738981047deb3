package node

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

const cloexec = syscall.SOCK_CLOEXEC

// anyAddress lets a socket send from an address that this computer does not have.
func anyAddress(network, _ string, c syscall.RawConn) error {
	level, option := unix.SOL_IP, unix.IP_TRANSPARENT
	if network == "tcp6" {
		level, option = unix.SOL_IPV6, unix.IPV6_TRANSPARENT
	}
	var set error
	err := c.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), level, option, 1) })
	return errors.Join(err, set)
}
