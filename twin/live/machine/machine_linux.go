package machine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// bootLog is where cloud-init keeps the output of the user data's commands.
const bootLog = "/var/log/cloud-init-output.log"

// machine is a booted one.
type machine struct {
	root  string // "/", but in tests
	print sync.Mutex
	log   io.Writer

	mu       sync.Mutex
	units    map[string]*service
	started  []*service // in this order
	children map[int]bool
}

// Run carries out the user data and runs what it starts until ctx ends; then it stops every unit, the last started first.
// Everything that the machine says goes to log, line by line. Run fails if the user data cannot be understood; a step
// that fails is logged, as in cloud-init, and the rest goes on. After the last, booted is told how many failed.
func Run(ctx context.Context, text string, log io.Writer, booted func(failed int)) error {
	m := &machine{root: "/", log: log, units: map[string]*service{}, children: map[int]bool{}}
	stop, err := m.listen()
	if err != nil {
		return err
	}
	defer stop()
	go m.reap(ctx)
	data, err := readUserData(text)
	if err != nil {
		m.say("cloud-init", err.Error())
		return err
	}
	begun := time.Now()
	failed := m.cloudInit(ctx, data)
	m.say("cloud-init", fmt.Sprintf("done after %.1f s, %d of its steps failed", time.Since(begun).Seconds(), failed))
	booted(failed)
	<-ctx.Done()
	m.shutDown()
	return nil
}

// cloudInit does the steps in cloud-init's order and returns how many failed.
func (m *machine) cloudInit(ctx context.Context, d userData) (failed int) {
	check := func(err error) {
		if err != nil {
			failed++
			m.say("cloud-init", err.Error())
		}
	}
	for _, key := range d.ignored {
		m.say("cloud-init", key+" is not played in the living world")
	}
	boot := m.output("cloud-init", bootLog)
	defer boot.Close()
	for _, c := range d.boot {
		check(m.command(ctx, c, boot))
	}
	passwd, group := accounts(d.users)
	check(os.WriteFile(filepath.Join(m.root, "etc/passwd"), []byte(passwd), 0o644))
	check(os.WriteFile(filepath.Join(m.root, "etc/group"), []byte(group), 0o644))
	for _, u := range d.users {
		if !u.NoHome && !u.System {
			check(os.MkdirAll(filepath.Join(m.root, "home", u.Name), 0o700))
		}
	}
	for _, late := range []bool{false, true} {
		for _, f := range d.files {
			if f.Defer == late {
				check(f.write(m.root))
			}
		}
	}
	for _, c := range d.run {
		check(m.command(ctx, c, boot))
	}
	if d.script != "" {
		path := filepath.Join(m.root, "var/lib/user-data")
		check(os.WriteFile(path, []byte(d.script), 0o700))
		check(m.command(ctx, command{path}, boot))
	}
	return failed
}

func (m *machine) command(ctx context.Context, c command, out io.Writer) error {
	if len(c) == 0 {
		return nil
	}
	path, err := find(c[0])
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(c, " "), err)
	}
	cmd := exec.CommandContext(ctx, path, c[1:]...)
	cmd.Env = []string{searchPath, "HOME=/root", "LANG=C.UTF-8"}
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", out, out
	if err := m.start(cmd); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(c, " "), err)
	}
	if err := m.wait(cmd); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(c, " "), err)
	}
	return nil
}

// find looks a program up on the machine's own path.
func find(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, folder := range filepath.SplitList(strings.TrimPrefix(searchPath, "PATH=")) {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 && !info.IsDir() {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not on this machine, whose programs are this computer's own", name)
}

// say writes one line to the machine's log.
func (m *machine) say(who, text string) {
	m.print.Lock()
	defer m.print.Unlock()
	fmt.Fprintf(m.log, "%s %s: %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), who, text)
}

// output is a pipe whose lines go to the machine's log and, if a file is named, into that file.
func (m *machine) output(who, file string) *os.File {
	r, w, err := os.Pipe()
	if err != nil {
		m.say(who, "its output is lost: "+err.Error())
		return os.Stderr
	}
	var kept *os.File
	if file != "" {
		_ = os.MkdirAll(filepath.Dir(filepath.Join(m.root, file)), 0o755)
		if kept, err = os.OpenFile(filepath.Join(m.root, file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			m.say(who, err.Error())
		}
	}
	go func() {
		defer r.Close()
		if kept != nil {
			defer kept.Close()
		}
		full := false
		lines := bufio.NewReaderSize(r, 64<<10)
		for {
			line, err := lines.ReadString('\n')
			if line != "" {
				m.say(who, strings.TrimSuffix(line, "\n"))
				if kept != nil {
					_, err := kept.WriteString(line)
					if err != nil && !full {
						m.say(who, err.Error())
					}
					full = err != nil
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return w
}

// start starts a process that wait will wait for, so that reap leaves it alone.
func (m *machine) start(cmd *exec.Cmd) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return err
	}
	m.children[cmd.Process.Pid] = true
	return nil
}

func (m *machine) wait(cmd *exec.Cmd) error {
	err := cmd.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.children, cmd.Process.Pid)
	return err
}

// reap collects what the machine's processes left behind: this process is the machine's first, and inherits orphans.
func (m *machine) reap(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		for _, pid := range m.orphans() {
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

func (m *machine) orphans() (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[0] == "Z" && fields[1] == strconv.Itoa(os.Getpid()) && !m.children[pid] {
			pids = append(pids, pid)
		}
	}
	return pids
}

// shutDown stops every unit, the last started first.
func (m *machine) shutDown() {
	m.mu.Lock()
	started := m.started
	m.mu.Unlock()
	for i := len(started) - 1; i >= 0; i-- {
		started[i].stop()
	}
	m.say("machine", "stopped")
}

// errStopped is how a unit ends that was told to.
var errStopped = errors.New("stopped")
