package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3"
)

// command is the pulumi command with exactly the environment it is given. The Automation API's own adds this process's
// environment, and one Ctrl-C would interrupt it twice, once from the terminal and once from us, which the engine takes
// as a request to stop without finishing what is under way.
type command struct {
	path  string
	env   []string
	now   *running
	plain *plainOutputs

	// selected says that the stack exists. Then the Automation API need not select it, which takes a process and only
	// records a default that no command uses, since each names its stack.
	selected func() bool

	throwaway bool // nobody wants the stack's outputs, which would take one more process
}

// running is the engine's process, while there is one.
type running struct {
	mu      sync.Mutex
	process *os.Process
	digest  digest
}

func (r *running) set(p *os.Process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.process = p
}

// Kill ends the engine's process at once, if one runs, as `kill -9` does.
func (e *Engine) Kill() {
	e.now.mu.Lock()
	defer e.now.mu.Unlock()
	if e.now.process != nil {
		_ = e.now.process.Kill()
	}
}

// patience is how long an interrupted engine may take to finish what is under way.
const patience = 2 * time.Minute

func (c command) Run(ctx context.Context, dir string, stdin io.Reader, stdout, stderr []io.Writer, env []string,
	args ...string) (string, string, int, error) {
	if answer, known := c.spared(args); known {
		return answer, "", 0, nil
	}
	asked := args
	args = c.now.digest.arguments(args)
	if !slices.Contains(args, "--non-interactive") {
		args = append([]string{"--non-interactive"}, args...)
	}
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Dir = dir
	cmd.Env = append(slices.Concat(c.env, env), "PULUMI_AUTOMATION_API=true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	cmd.Stdin = stdin
	var out, errs bytes.Buffer
	cmd.Stdout = io.MultiWriter(append(stdout, &out)...)
	cmd.Stderr = io.MultiWriter(append(stderr, &errs)...)
	err := cmd.Start()
	if err == nil {
		c.now.set(cmd.Process)
		err = cmd.Wait()
		c.now.set(nil)
	}
	code := 0
	if err != nil {
		code = -2
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			code = exit.ExitCode()
		}
	}
	c.plain.note(asked, out.String(), err)
	c.now.digest.note(asked, out.String())
	return out.String(), errs.String(), code, err
}

// spared answers what the Automation API asks around each operation and nobody needs to ask the engine for, which saves a
// process and a reading of the whole state each time. The history serves a summary that is not used here. Outputs with
// secrets equal those without, if nothing was masked in them.
func (c command) spared(args []string) (answer string, known bool) {
	if len(args) > 1 && args[0] == "stack" && args[1] == "history" {
		return "[]", true
	}
	if len(args) > 1 && args[0] == "stack" && args[1] == "select" && c.selected() {
		return "", true
	}
	if len(args) > 1 && args[0] == "stack" && args[1] == "output" && c.throwaway {
		return "{}", true
	}
	return c.plain.take(args)
}

// plainOutputs is what the last command printed, if that was a stack's outputs without a secret among them.
type plainOutputs struct {
	mu   sync.Mutex
	args []string
	said string
}

const showSecrets = "--show-secrets"

// masked is what the engine puts in a secret's place.
const masked = "[secret]"

func (p *plainOutputs) note(args []string, said string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.args = nil
	outputs := len(args) > 1 && args[0] == "stack" && args[1] == "output"
	if outputs && err == nil && !slices.Contains(args, showSecrets) && !strings.Contains(said, masked) {
		p.args, p.said = slices.Clone(args), said
	}
}

func (p *plainOutputs) take(args []string) (said string, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(args, showSecrets)
	if i < 0 || len(p.args) == 0 || !slices.Equal(slices.Delete(slices.Clone(args), i, i+1), p.args) {
		return "", false
	}
	p.args = nil
	return p.said, true
}

// Version is the library's: the command is built from the same release (tools/pulumi/go.mod).
func (c command) Version() semver.Version { return sdk.Version }
