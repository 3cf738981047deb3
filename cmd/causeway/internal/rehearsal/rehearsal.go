// Package rehearsal puts one stack on its twin and opens it in the engine, held by this process. It first settles what a
// killed run left open. A rehearsal is kept below .causeway, or thrown away.
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/control"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/hold"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/fault"
)

// Options say what is rehearsed, and how.
type Options struct {
	Project project.Project
	Stack   string
	Doing   string // what holds the stack meanwhile, for whoever is refused it: "causeway up"
	Program pulumi.RunFunc

	// Twin is the twin's account, zones and manners; the rehearsal decides where it is kept.
	Twin  twin.Options
	Brain *brain.Plugin // who checks and compares, closed with the rehearsal; nil for the built-in brain

	Refresh       bool     // read first what exists
	PolicyPacks   []string // that must agree
	IgnoreProtect bool     // tell what would become of protected resources
	Passphrase    string   // of the real stack's encrypted settings

	Notice func(line string)
}

// Rehearsal is one stack on its twin.
type Rehearsal struct {
	Twin   control.Run
	Local  *twin.Twin // the same, where it is in this process
	Engine *engine.Engine

	options Options
	hold    *hold.Hold // of the stack; nil where another process has its world alive
	turn    *hold.Hold // of the engine's runs on it
	control *control.Server
}

// ControlSocket is where the process that has a stack's twin answers.
func ControlSocket(p project.Project, stack string) string {
	return filepath.Join(p.Home(stack), "twin.sock")
}

// Lock is the file that a process working on a stack locks.
func Lock(p project.Project, stack string) string { return filepath.Join(p.Home(stack), "lock") }

// Open takes hold of the stack, starts its twin, opens it in the engine, and settles what a killed run left.
func Open(ctx context.Context, o Options) (_ *Rehearsal, err error) {
	r := &Rehearsal{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	alive, err := r.take()
	if err != nil {
		return nil, err
	}
	if alive != nil {
		attached := control.NewAttached(alive)
		attached.Grant(o.Twin.Granted)
		r.Twin = attached
	} else if err := r.serve(ctx); err != nil {
		return nil, err
	}
	if err := r.open(ctx, false); err != nil {
		return nil, err
	}
	if err := r.settle(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// OpenThrowaway opens the stack on a twin in memory. Nothing is kept, and no other deployment is touched.
func OpenThrowaway(ctx context.Context, o Options) (_ *Rehearsal, err error) {
	r := &Rehearsal{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if r.Local, err = twin.Start(context.WithoutCancel(ctx), o.Twin); err != nil {
		return nil, fmt.Errorf("starting the twin: %w", err)
	}
	r.Twin = r.Local
	if err := r.open(ctx, true); err != nil {
		return nil, err
	}
	return r, nil
}

// Serving is what a process that serves a twin for others does.
const Serving = "causeway twin"

// shared is the twin as other processes see it.
type shared struct {
	control.Local
	of *Rehearsal
}

// Reset empties the world, unless somebody is working on it: what they make next would refer to what is gone.
func (s shared) Reset() error {
	by := s.of.Local.Status().Caller
	if s.of.options.Doing == Serving || s.of.options.Doing == Living {
		by = ""
		if s.of.Engine != nil {
			by = s.of.Engine.Busy()
		}
	}
	if by != "" {
		return &hold.HeldError{Stack: s.of.options.Stack, By: by}
	}
	return s.Local.Reset()
}

// serve starts the stack's twin in this process, and answers for it.
func (r *Rehearsal) serve(ctx context.Context) (err error) {
	if err := r.start(ctx); err != nil {
		return err
	}
	r.control, err = control.Serve(ControlSocket(r.options.Project, r.options.Stack), shared{control.Local{Twin: r.Local}, r})
	return err
}

// start starts the twin on the stack's world. An interrupted engine finishes what is under way, so the twin outlives the
// interrupt.
func (r *Rehearsal) start(ctx context.Context) (err error) {
	t := r.options.Twin
	t.Path = r.options.Project.World(r.options.Stack)
	t.Kill = r.kill
	t.Caller = fmt.Sprintf("%s (process %d)", r.options.Doing, os.Getpid())
	if r.options.Brain != nil {
		t.Brain = r.options.Brain
	}
	if r.Local, err = twin.Start(context.WithoutCancel(ctx), t); err != nil {
		return fmt.Errorf("starting the twin: %w", err)
	}
	r.Twin = r.Local
	return nil
}

func (r *Rehearsal) open(ctx context.Context, throwaway bool) (err error) {
	o := r.options
	r.Engine, err = engine.Open(ctx, engine.Options{
		Project: o.Project, Stack: o.Stack, Program: o.Program, Attach: r.Twin.Attach(), Passphrase: o.Passphrase,
		Refresh: o.Refresh, PolicyPacks: o.PolicyPacks, IgnoreProtect: o.IgnoreProtect, Notice: o.Notice, Throwaway: throwaway,
	})
	return err
}

// kill ends, at once and for good, the processes that a fault names.
func (r *Rehearsal) kill(process string) {
	if process != fault.Twin && r.Engine != nil {
		r.Engine.Kill()
	}
	if process != fault.Engine {
		killSelf()
	}
}

// Close ends what Open began, in reverse.
func (r *Rehearsal) Close() error {
	var errs []error
	if r.Engine != nil {
		errs = append(errs, r.Engine.Close())
	}
	if r.control != nil {
		errs = append(errs, r.control.Close())
	}
	if r.Twin != nil {
		if r.Engine != nil && r.Engine.PutBack() {
			r.Twin.Interrupt()
		}
		errs = append(errs, r.Twin.Close())
	}
	if r.options.Brain != nil {
		errs = append(errs, r.options.Brain.Close())
	}
	for _, h := range []*hold.Hold{r.hold, r.turn} {
		if h != nil {
			errs = append(errs, h.Release())
		}
	}
	return errors.Join(errs...)
}
