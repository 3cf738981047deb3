package node

import "syscall"

const cloexec = syscall.SOCK_CLOEXEC
