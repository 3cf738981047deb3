package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3"
)

// command is the pulumi command with exactly the environment it is given. The Automation API's own
// would add this process's, and would be interrupted twice by one Ctrl-C: once by the terminal and
// once by us, which the engine takes as the wish to stop without finishing what is under way.
type command struct {
	path string
	env  []string
	now  *running
}

// running is the engine's process, while there is one.
type running struct {
	mu      sync.Mutex
	process *os.Process
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

func (c command) Run(ctx context.Context, dir string, stdin io.Reader, stdout, stderr []io.Writer, env []string, args ...string) (string, string, int, error) {
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
	return out.String(), errs.String(), code, err
}

// Version is the library's: the command is built from the same release (tools/pulumi/go.mod).
func (c command) Version() semver.Version { return sdk.Version }
