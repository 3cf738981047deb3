package brain

import "syscall"

// apart keeps a plugin out of the terminal's Ctrl-C, since the engine finishes what is under way,
// and ends it when this process is killed.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
