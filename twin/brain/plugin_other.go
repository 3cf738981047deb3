//go:build unix && !linux

package brain

import "syscall"

// apart keeps a plugin out of the terminal's Ctrl-C, since the engine finishes what is under way.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
