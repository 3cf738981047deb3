//go:build !linux

package node

import (
	"errors"
	"syscall"
)

const cloexec = 0

func anyAddress(string, string, syscall.RawConn) error { return errors.ErrUnsupported }
