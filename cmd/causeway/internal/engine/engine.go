// Package engine drives the real Pulumi engine, through its Automation API, over a program of this
// process and the providers of a twin.
//
// The project's own files are only read: the engine works on copies in a directory of its own, with
// a state, a lock and a passphrase of its own, so that rehearsing a stack on the twin leaves the
// real stack alone.
package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/infra/query"
	"github.com/causeway-iac/causeway/infra/settings"
)

// Options says what to deploy, and where to.
type Options struct {
	Project project.Project
	Stack   string
	Program pulumi.RunFunc

	// Attach is where the providers listen, as in PULUMI_DEBUG_PROVIDERS: "aws:PORT,cloudflare:PORT".
	Attach string

	// Passphrase is that of the real stack, if its settings file holds encrypted values.
	Passphrase string

	// Command is the pulumi command; by default the one that `make build` put into bin.
	Command string

	// Home is where state and the rest are kept; by default Project.Home(Stack).
	Home string

	// Throwaway is for runs whose state nobody will want. It is kept in Home or, if that is empty, in a temporary
	// directory that Close removes, and it is written once, at the end, where the engine otherwise writes all of it at
	// every step. Up then returns no outputs: Graph has them.
	Throwaway bool

	// Refresh makes Preview and Up read first what exists.
	Refresh bool

	// IgnoreProtect makes Preview go on past resources that Pulumi protects, where it otherwise ends at the first.
	IgnoreProtect bool

	// PolicyPacks are executables that judge what Preview and Up find.
	PolicyPacks []string

	// Notice is told, in a line each, what was put right along the way; it may be nil.
	Notice func(line string)
}

// Engine works on one stack. It is not safe for concurrent use: see package hold.
type Engine struct {
	options Options
	places  places
	stack   auto.Stack
	temp    string
	now     running
	refused error // by the program, when it last ran
}

// Open prepares the stack, and creates it if it is new.
func Open(ctx context.Context, options Options) (*Engine, error) {
	if options.Notice == nil {
		options.Notice = func(string) {}
	}
	e := &Engine{options: options}
	if err := e.open(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *Engine) open(ctx context.Context) error {
	o := &e.options
	if err := o.Project.Check(o.Stack); err != nil {
		return err
	}
	path, err := findCommand(o.Command, o.Project.Root)
	if err != nil {
		return err
	}
	if o.Throwaway && o.Home == "" {
		if e.temp, err = os.MkdirTemp("", "causeway-"); err != nil {
			return fmt.Errorf("making a directory for a throwaway run: %w", err)
		}
		o.Home = e.temp
	} else if o.Home == "" {
		o.Home = o.Project.Home(o.Stack)
	}
	if e.places, err = arrange(o.Home); err != nil {
		return err
	}
	if err := copySettings(ctx, *o, e.places); err != nil {
		return err
	}
	if err := os.Setenv(settings.FolderVariable, o.Project.Root); err != nil {
		return fmt.Errorf("telling the program where the project is: %w", err)
	}
	command := command{path: path, env: environment(e.places, *o), now: &e.now, plain: &plainOutputs{}, selected: e.selected,
		throwaway: o.Throwaway}
	ws, err := auto.NewLocalWorkspace(ctx, auto.WorkDir(e.places.work), auto.PulumiHome(e.places.pulumi),
		auto.Program(e.shallow(o.Program, query.Endpoints(queryAddress(o.Attach)))), auto.Pulumi(command))
	if err != nil {
		return fmt.Errorf("preparing the engine's directory: %w", err)
	}
	if e.stack, err = auto.UpsertStack(ctx, o.Stack, ws); err != nil {
		return e.failed(ctx, "opening the stack", err)
	}
	if err := e.writable(); err != nil {
		return err
	}
	if err := e.clearStaleLock(); err != nil {
		return err
	}
	if err := dropHalves(e.places.state); err != nil {
		return err
	}
	return e.keep()
}

// shallow runs a program on a stack of its own. With each resource the engine keeps the Go call stack that declared it: a
// third of the state would be how this process came to run the program, and the engine writes all of it at every step.
// The program's refusal is kept for whoever asks why. It finds its twin through the environment, since this process may
// serve others.
func (e *Engine) shallow(program pulumi.RunFunc, environment map[string]string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) (err error) {
		for name, value := range environment {
			if err := os.Setenv(name, value); err != nil {
				return err
			}
		}
		var panicked any
		var running sync.WaitGroup
		running.Go(func() {
			defer func() { panicked = recover() }()
			err = program(ctx)
		})
		running.Wait()
		e.refused = err
		if panicked != nil {
			panic(panicked) // the Automation API makes an error of it
		}
		return err
	}
}

// Close removes what a throwaway run kept.
func (e *Engine) Close() error {
	if e.temp == "" {
		return nil
	}
	if err := os.RemoveAll(e.temp); err != nil {
		return fmt.Errorf("removing a throwaway run: %w", err)
	}
	return nil
}

// State is where the stack's state is kept.
func (e *Engine) State() string { return e.places.state }

// Observer receives each event of the engine, in order.
type Observer func(apitype.EngineEvent)

// Preview finds what Up would change.
func (e *Engine) Preview(ctx context.Context, observe Observer) (Outcome, error) {
	return e.operate(ctx, "preview", observe, func(events chan<- events.EngineEvent) error {
		options := []optpreview.Option{optpreview.EventStreams(events), optpreview.SuppressProgress(),
			optpreview.PolicyPacks(e.options.PolicyPacks...)}
		if e.options.Refresh {
			options = append(options, optpreview.Refresh())
		}
		_, err := e.stack.Preview(ctx, options...)
		return err
	})
}

// Up makes the stack what the program declares. It runs no preview first: a policy pack judges what was made, at its end.
func (e *Engine) Up(ctx context.Context, observe Observer) (Outcome, error) {
	var outputs auto.OutputMap
	outcome, err := e.operate(ctx, "up", observe, func(events chan<- events.EngineEvent) error {
		options := []optup.Option{optup.EventStreams(events), optup.SuppressProgress(), optup.PolicyPacks(e.options.PolicyPacks...)}
		if e.options.Refresh {
			options = append(options, optup.Refresh())
		}
		up, err := e.stack.Up(ctx, options...)
		outputs = up.Outputs
		return err
	})
	outcome.Outputs = outputs
	return outcome, err
}

// Refresh makes the state what the providers say exists, for these URNs or, if there are none, for all.
func (e *Engine) Refresh(ctx context.Context, observe Observer, urns ...string) (Outcome, error) {
	return e.operate(ctx, "refresh", observe, func(events chan<- events.EngineEvent) error {
		_, err := e.stack.Refresh(ctx, optrefresh.EventStreams(events), optrefresh.SuppressProgress(), optrefresh.Target(urns))
		return err
	})
}

// Destroy deletes every resource of the stack and then the stack itself.
func (e *Engine) Destroy(ctx context.Context, observe Observer) (Outcome, error) {
	return e.operate(ctx, "down", observe, func(events chan<- events.EngineEvent) error {
		_, err := e.stack.Destroy(ctx, optdestroy.EventStreams(events), optdestroy.SuppressProgress(), optdestroy.Remove())
		return err
	})
}

// Outputs are the stack's outputs as of the last deployment.
func (e *Engine) Outputs(ctx context.Context) (auto.OutputMap, error) {
	outputs, err := e.stack.Outputs(ctx)
	if err != nil {
		return nil, e.failed(ctx, "reading the outputs", err)
	}
	return outputs, nil
}

// operate runs one operation and collects what the engine says meanwhile.
func (e *Engine) operate(ctx context.Context, name string, observe Observer, run func(chan<- events.EngineEvent) error) (Outcome, error) {
	stream, quit, done := make(chan events.EngineEvent), make(chan struct{}), make(chan struct{})
	collected := newCollector(name)
	go func() {
		defer close(done)
		for {
			select {
			case event, open := <-stream:
				if !open {
					return
				}
				if event.Error == nil {
					collected.add(event.EngineEvent)
					if observe != nil {
						observe(event.EngineEvent)
					}
				}
			case <-quit: // the engine ended before it connected, so nobody will close the stream
				return
			}
		}
	}()
	err := run(stream)
	close(quit)
	<-done
	outcome := collected.outcome()
	if err != nil {
		return outcome, errors.Join(e.failedOperation(ctx, outcome, err), e.putBack())
	}
	return outcome, nil
}

// findCommand is the pulumi command to use, checked to exist: the project's, or the one beside the running program.
func findCommand(path, root string) (string, error) {
	paths := []string{path}
	if path == "" {
		paths = []string{filepath.Join(root, "bin", "pulumi")}
		if own, err := os.Executable(); err == nil {
			paths = append(paths, filepath.Join(filepath.Dir(own), "pulumi"))
		}
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("the pulumi command is not at %s: `make build` in Causeway's repository puts it there", paths[0])
}

// Variables are Pulumi's environment variables that point the ordinary pulumi command at this stack.
func (e *Engine) Variables() map[string]string { return e.places.variables(e.options.Attach) }

// Graph is the stack as last deployed.
func (e *Engine) Graph() (*graph.Graph, error) {
	exported, err := e.Export()
	if err != nil {
		return nil, err
	}
	return graph.FromState(bytes.NewReader(exported))
}

// Export is the stack as last deployed, as `pulumi stack export` writes it, with its secrets encrypted.
func (e *Engine) Export() ([]byte, error) {
	_, exported, err := e.deployment()
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(exported)
	if err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	return b, nil
}
