package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// service is a unit that was started.
type service struct {
	m    *machine
	unit *unitFile

	mu     sync.Mutex
	state  string // activating, active, inactive or failed, in systemctl's words
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing of it is running any more
	up     chan struct{} // closed when its start has ended, well or not
}

// begin starts a unit, which runs until stop.
func (m *machine) begin(u *unitFile) *service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &service{m: m, unit: u, state: "activating", cancel: cancel, done: make(chan struct{}), up: make(chan struct{})}
	m.mu.Lock()
	again := m.units[u.name] != nil
	m.units[u.name] = s
	m.started = append(slices.DeleteFunc(m.started, func(o *service) bool { return o.unit.name == u.name }), s)
	m.mu.Unlock()
	if lacking := unsupported(u); len(lacking) > 0 && !again {
		m.say(u.name, "not played here: "+strings.Join(lacking, ", "))
	}
	go s.keep(ctx)
	return s
}

func (s *service) set(state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
}

func (s *service) current() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// stop ends the unit and waits for that.
func (s *service) stop() {
	s.cancel()
	<-s.done
}

// keep runs the unit and, as its Restart= says, restarts it.
func (s *service) keep(ctx context.Context) {
	defer close(s.done)
	started := sync.OnceFunc(func() { close(s.up) })
	defer started()
	if filepath.Ext(s.unit.name) == ".timer" {
		s.tick(ctx, started)
		return
	}
	pause := s.unit.span("RestartSec", 100*time.Millisecond)
	for {
		s.set("activating")
		err := s.once(ctx, func() { s.set("active"); started() })
		if ctx.Err() != nil {
			s.set("inactive")
			return
		}
		remain := s.unit.get("Type") == "oneshot" && err == nil && s.unit.yes("RemainAfterExit")
		switch {
		case remain:
			s.set("active")
			started()
			<-ctx.Done()
			s.set("inactive")
			return
		case !s.restarts(err):
			s.set(map[bool]string{true: "inactive", false: "failed"}[err == nil])
			s.say("ended", err)
			return
		}
		s.say("ended, starts again in "+pause.String(), err)
		started()
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (s *service) say(what string, err error) {
	if err != nil {
		what += ": " + err.Error()
	}
	s.m.say(s.unit.name, what)
}

func (s *service) restarts(err error) bool {
	switch s.unit.get("Restart") {
	case "always":
		return true
	case "on-failure", "on-abnormal", "on-abort":
		return err != nil
	case "on-success":
		return err == nil
	}
	return false
}

// once runs the unit's commands until the last one ends.
func (s *service) once(ctx context.Context, active func()) error {
	out := s.m.output(s.unit.name, s.logFile())
	defer out.Close()
	env, err := s.unit.environment(s.m.root)
	if err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(ctx, s.unit.span("TimeoutStartSec", 90*time.Second))
	defer cancel()
	for _, line := range s.unit.all("ExecStartPre") {
		if err := s.execute(limit, line, env, out, func() {}); err != nil {
			return fmt.Errorf("ExecStartPre=: %w", err)
		}
	}
	commands := s.unit.all("ExecStart")
	if s.unit.get("Type") != "oneshot" {
		if len(commands) != 1 {
			return fmt.Errorf("%s: it has %d ExecStart= lines and takes one", s.unit.name, len(commands))
		}
		return s.execute(ctx, commands[0], env, out, active)
	}
	for _, line := range commands {
		if err := s.execute(limit, line, env, out, func() {}); err != nil {
			return err
		}
	}
	return nil
}

// logFile is the file that the unit's output is appended to; "" leaves it in the machine's log.
func (s *service) logFile() string {
	how, path, _ := strings.Cut(s.unit.get("StandardOutput"), ":")
	if how == "append" || how == "file" || how == "truncate" {
		return path
	}
	return ""
}

// execute runs one command line to its end, or stops it when ctx ends. A + before it means outside the sandbox, a - that
// it may fail (systemd.service, "Command lines").
func (s *service) execute(ctx context.Context, line string, env []string, out *os.File, started func()) error {
	bare := strings.TrimLeft(line, "@-:+!")
	prefix := line[:len(line)-len(bare)]
	argv, err := s.unit.expand(bare, env)
	if err != nil {
		return err
	}
	path, err := find(argv[0])
	if err != nil {
		return err
	}
	argv[0] = path
	box := sandbox{}
	if !strings.Contains(prefix, "+") {
		if box, err = readSandbox(s.unit, s.m.root); err != nil {
			return err
		}
	}
	cmd, err := box.command(argv, env)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = out, out
	if err := s.m.start(cmd); err != nil {
		return fmt.Errorf("%s: %w", argv[0], err)
	}
	started()
	ended := make(chan error, 1)
	go func() { ended <- s.m.wait(cmd) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = s.terminate(cmd, ended)
	}
	if strings.Contains(prefix, "-") && ctx.Err() == nil {
		return nil
	}
	return err
}

// terminate asks a command to end, and kills it if that takes too long.
func (s *service) terminate(cmd *exec.Cmd, ended <-chan error) error {
	group := func(signal syscall.Signal) { _ = syscall.Kill(-cmd.Process.Pid, signal) }
	group(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(s.unit.span("TimeoutStopSec", 90*time.Second)):
		s.say("did not end in time and was killed", nil)
		group(syscall.SIGKILL)
		<-ended
	}
	return errors.Join(errStopped)
}
