package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// On a full disk the file backend leaves a truncated state in the state's place, and a truncated copy in the backup's
// (gocloud.dev/blob, WriteAll: it closes, and so renames, what it failed to write). So the state from before the run is
// linked beside it, which takes no space; the backend replaces files and never writes into one.

// before is the state from before the run.
func (e *Engine) before() string { return filepath.Join(e.places.work, "state-before.json") }

// cut is what was left of a state, once a whole one is back in its place.
func (e *Engine) cut() string { return e.stateFile() + ".cut" }

// keep links the current state as the one before.
func (e *Engine) keep() error {
	if err := ignoreGone(os.Remove(e.before())); err != nil {
		return fmt.Errorf("keeping the state: %w", err)
	}
	if err := ignoreGone(os.Link(e.stateFile(), e.before())); err != nil {
		return fmt.Errorf("keeping the state: %w", err)
	}
	return nil
}

// putBack restores a whole state where an operation could not write one. It takes no space.
func (e *Engine) putBack() error {
	if _, _, err := e.deployment(); err == nil && e.selected() {
		return nil
	}
	for _, path := range []string{e.stateFile() + ".bak", e.before()} {
		if _, _, err := readDeployment(path); err != nil || !exists(path) {
			continue
		}
		next := e.stateFile() + ".new"
		if err := ignoreGone(os.Remove(next)); err != nil {
			return fmt.Errorf("putting the state back: %w", err)
		}
		err := errors.Join(os.Link(path, next), ignoreGone(os.Remove(e.cut())), ignoreGone(os.Rename(e.stateFile(), e.cut())),
			os.Rename(next, e.stateFile()))
		if err != nil {
			return fmt.Errorf("putting the state back: %w", err)
		}
		if !exists(e.cut()) { // there was nothing left of it
			if err := os.Link(path, e.cut()); err != nil {
				return fmt.Errorf("putting the state back: %w", err)
			}
		}
		e.options.Notice("the state could not be written whole: the one before is in its place, and the next run " +
			"finds out what else was made")
		return nil
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// PutBack says that a state was put back and that Reread has not yet found out what it is missing.
func (e *Engine) PutBack() bool { return exists(e.cut()) }

// Reread reads again everything in a state that was put back.
func (e *Engine) Reread(ctx context.Context) error {
	if err := e.ReadAgain(ctx); err != nil {
		return fmt.Errorf("reading what exists, since the state was put back: %w", err)
	}
	if err := os.Remove(e.cut()); err != nil {
		return fmt.Errorf("settling that the state was put back: %w", err)
	}
	return nil
}
