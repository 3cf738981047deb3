package rehearsal

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/control"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/hold"
)

// Living is what a process that holds a stack's living world does with it.
const Living = "causeway live"

// take takes hold of the stack. While its world is alive another process has it: then this run takes its turn on the twin
// that is served there.
func (r *Rehearsal) take() (alive *control.Client, err error) {
	o := r.options
	if r.turn, err = hold.Take(filepath.Join(o.Project.Home(o.Stack), "turn"), o.Stack, o.Doing); err != nil {
		return nil, err
	}
	r.hold, err = hold.Take(Lock(o.Project, o.Stack), o.Stack, o.Doing)
	var held *hold.HeldError
	if err == nil || !errors.As(err, &held) || o.Doing == Living || !strings.HasPrefix(held.By, "`"+Living+"`") {
		return nil, err
	}
	if alive = control.Dial(ControlSocket(o.Project, o.Stack)); alive == nil {
		return nil, err
	}
	return alive, nil
}

// Attached says that the twin belongs to another process, which has the stack's world alive.
func (r *Rehearsal) Attached() bool { return r.Local == nil }

// OnlyServe ends this process's use of the engine, so that other runs can have it, and goes on serving the twin. The
// engine can still read what is deployed.
func (r *Rehearsal) OnlyServe() error {
	e, turn := r.Engine, r.turn
	r.Engine, r.turn = nil, nil
	return errors.Join(e.Close(), turn.Release())
}

// Handle lets the control socket answer one more path beside the twin's.
func (r *Rehearsal) Handle(pattern string, h http.Handler) { r.control.Handle(pattern, h) }
