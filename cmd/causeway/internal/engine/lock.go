package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/hold"
)

// clearStaleLock removes the engine's lock on the stack if the process that took it is gone: a killed run leaves one, and
// every later run would be refused. A lock whose process is running stays.
func (e *Engine) clearStaleLock() error {
	locks, err := e.locks()
	if err != nil {
		return err
	}
	for path, pid := range locks {
		if e.runs(pid) {
			return &hold.HeldError{Stack: e.options.Stack, By: pulumiProcess(pid)}
		}
		if err := ignoreGone(os.Remove(path)); err != nil {
			return fmt.Errorf("removing the lock of a run that was killed: %w", err)
		}
		e.options.Notice(fmt.Sprintf("removed the lock of a run that was killed (process %d)", pid))
	}
	return nil
}

// Busy names the engine that works on the stack now; "" if none does.
func (e *Engine) Busy() string {
	locks, err := e.locks()
	if err != nil {
		return ""
	}
	for _, pid := range locks {
		if e.runs(pid) {
			return pulumiProcess(pid)
		}
	}
	return ""
}

func pulumiProcess(pid int) string { return fmt.Sprintf("`pulumi` (process %d)", pid) }

// locks are the engine's locks on the stack, each with the process that took it.
func (e *Engine) locks() (map[string]int, error) {
	dir := filepath.Join(e.places.state, ".pulumi", "locks", "organization", e.options.Project.Name, e.options.Stack)
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for locks: %w", err)
	}
	locks := map[string]int{}
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".json" {
			continue
		}
		path := filepath.Join(dir, f.Name())
		if locks[path], err = lockHolder(path); err != nil {
			return nil, err
		}
	}
	return locks, nil
}

// lockHolder reads a lock of Pulumi's file backend. A lock that was cut off while being written has no holder that could
// still be running.
func lockHolder(path string) (int, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading a lock: %w", err)
	}
	var lock struct{ Pid int }
	if json.Unmarshal(b, &lock) != nil {
		return 0, nil
	}
	return lock.Pid, nil
}

// runs says whether the process is a pulumi working on this state. Where the system tells what a process is, one that was
// given the same id since does not count.
func (e *Engine) runs(pid int) bool {
	if !hold.Alive(pid) {
		return false
	}
	if runtime.GOOS != "linux" {
		return true
	}
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err == nil && !strings.Contains(string(comm), "pulumi") {
		return false
	}
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if errors.Is(err, syscall.ESRCH) || errors.Is(err, fs.ErrNotExist) {
		return false // it has ended, and its parent has not asked for its exit code yet
	}
	return err != nil || slices.Contains(strings.Split(string(environ), "\x00"), "PULUMI_BACKEND_URL="+e.places.backend())
}
