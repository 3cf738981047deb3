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

// clearStaleLock removes the engine's lock on the stack if the process that took it is gone: a
// killed run leaves one, and every later run would be refused. A lock whose process runs stays.
func (e *Engine) clearStaleLock() error {
	dir := filepath.Join(e.places.state, ".pulumi", "locks", "organization", e.options.Project.Name, e.options.Stack)
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for locks: %w", err)
	}
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".json" {
			continue
		}
		path := filepath.Join(dir, f.Name())
		pid, err := lockHolder(path)
		if err != nil {
			return err
		}
		if e.runs(pid) {
			return &hold.HeldError{Stack: e.options.Stack, By: fmt.Sprintf("`pulumi` (process %d)", pid)}
		}
		if err := ignoreGone(os.Remove(path)); err != nil {
			return fmt.Errorf("removing the lock of a run that was killed: %w", err)
		}
		e.options.Notice(fmt.Sprintf("removed the lock of a run that was killed (process %d)", pid))
	}
	return nil
}

// lockHolder reads a lock of Pulumi's file backend. One that was cut off while being written has no
// holder that could still run.
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

// runs says whether the process is a pulumi that runs on this state. Where the system tells what a process
// is, a process id that was given to another one since does not count.
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
