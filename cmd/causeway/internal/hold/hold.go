//go:build unix

// Package hold lets one process at a time work on a stack. The hold is an operating system lock on a file, so it ends
// with the process, however that ends; the file says who has it.
package hold

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// HeldError says that another process holds the stack.
type HeldError struct {
	Stack string
	By    string // what that process wrote about itself; empty if it has not yet
}

func (e *HeldError) Error() string {
	by := cmp.Or(e.By, "another process")
	return fmt.Sprintf("stack %s is in use by %s: wait for it to end, or stop it with Ctrl-C in its terminal", e.Stack, by)
}

// Hold is the exclusive use of a stack.
type Hold struct{ file *os.File }

// Take takes hold of a stack, whose lock file is path, for what doing names ("causeway up"). If another process has it,
// Take fails at once with a HeldError.
func Take(path, stack, doing string) (*Hold, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("taking hold of stack %s: %w", stack, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("taking hold of stack %s: %w", stack, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("taking hold of stack %s: %w", stack, err)
		}
		by, _ := io.ReadAll(io.LimitReader(f, 1024))
		return nil, &HeldError{Stack: stack, By: strings.TrimSpace(string(by))}
	}
	line := fmt.Sprintf("`%s` (process %d, since %s)\n", doing, os.Getpid(), time.Now().Format("15:04:05"))
	if err := f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(line), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("taking hold of stack %s: %w", stack, err)
	}
	return &Hold{f}, nil
}

// Release lets go of the stack. The file stays: removing it would let two processes hold two files of one name.
func (h *Hold) Release() error {
	if err := h.file.Truncate(0); err != nil {
		return fmt.Errorf("releasing %s: %w", h.file.Name(), err)
	}
	return h.file.Close()
}

// Alive says whether a process of this machine with that id is running.
func Alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
