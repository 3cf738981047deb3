//go:build !linux

package node

const cloexec = 0
