package rehearsal

import "syscall"

// killSelf ends this process as `kill -9` does: nothing is closed and no one is told.
func killSelf() { _ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL) }
