package data

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/causeway-iac/causeway/twin/live/node"
)

// New plays a database in one zone. In Multi-AZ there are two nodes over the same data, as RDS copies each block to both
// zones before it answers: the one in the database's zone serves, the other waits.
func New(p *node.Port) node.Player { return &player{port: p} }

type player struct {
	port *node.Port

	mu     sync.Mutex
	config config
	active bool // it is in the database's zone
	cut    bool // by a fault
	now    *server
}

// Apply starts, ends or changes the server.
func (p *player) Apply(ctx context.Context, c *node.Config) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := c.Node()
	d := c.Plan.Database(n.Plays)
	if d == nil {
		return fmt.Errorf("the plan has no database %s", n.Plays)
	}
	var program Program
	err := json.Unmarshal(c.Keep[KeepProgram], &program)
	if err != nil {
		return fmt.Errorf("reading which server plays the database: %w", err)
	}
	before := p.config
	p.active = n.Zone == d.Zone
	p.config = config{program: program, folder: string(c.Keep[KeepFolder]), address: n.Address(), port: d.Port,
		name: d.Name,
		user: d.User, password: string(c.Keep[KeepPassword]), parameters: d.Parameters, backups: d.Backups, snapshot: d.Snapshot,
		cert: c.Keep[KeepCert]}
	if before.folder == "" {
		if err := nameServerUser(c.Dir); err != nil {
			return err
		}
	}
	p.config.runs = program.Path
	if before.program == program {
		p.config.runs = before.runs
	} else if filepath.Dir(program.Path) == "/usr/sbin" {
		if p.config.runs, err = apart(program.Path, c.Dir); err != nil {
			return err
		}
	}
	return p.settle(ctx, before)
}

// nameServerUser puts the server's user where its programs look for it, in this process's own mounts.
func nameServerUser(folder string) error {
	path := filepath.Join(folder, "passwd")
	line := fmt.Sprintf("root:x:0:0::/root:/bin/sh\ndatabase:x:%d:%[1]d::/:/bin/sh\n", serverUser)
	if there, err := os.ReadFile("/etc/passwd"); err == nil && string(there) == line {
		return nil
	}
	if err := os.WriteFile(path, []byte(line), 0o644); err != nil {
		return fmt.Errorf("naming the database's user: %w", err)
	}
	if err := unix.Mount(path, "/etc/passwd", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("naming the database's user: %w", err)
	}
	return nil
}

// apart has a server's program at another path, in this process's own mounts: Ubuntu's AppArmor keeps what is at
// /usr/sbin/mysqld to its package's folders. Programs of other origins may look for their libraries beside them.
func apart(path, folder string) (string, error) {
	at := filepath.Join(folder, filepath.Base(path))
	f, err := os.OpenFile(at, os.O_RDONLY|os.O_CREATE, 0o600) // which truncates nothing: it may be there from before
	if err == nil {
		err = errors.Join(f.Close(), unix.Mount(path, at, "", unix.MS_BIND, ""))
	}
	if err != nil {
		return "", fmt.Errorf("having the database's program apart: %w", err)
	}
	return at, nil
}

// settle makes the server what the config, the zone and the faults say.
func (p *player) settle(ctx context.Context, before config) error {
	switch serves := p.active && !p.cut; {
	case p.now == nil && serves:
		return p.begin(ctx)
	case p.now != nil && !serves:
		return p.end(p.now.engine.habits().abrupt)
	case p.now == nil:
		return nil
	case before.port != p.config.port || before.address != p.config.address || before.program != p.config.program:
		return errors.Join(p.end(p.now.engine.habits().clean), p.begin(ctx))
	}
	if before.password != p.config.password {
		if err := p.now.engine.setPassword(ctx, p.config.password); err != nil {
			return err
		}
		p.now.password = p.config.password
	}
	if !maps.Equal(before.parameters, p.config.parameters) {
		p.now.parameters = p.config.parameters
		former := p.now.settings
		if err := p.now.configure(ctx); err != nil {
			return err
		}
		return p.now.engine.reload(ctx, former)
	}
	return nil
}

func (p *player) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	s, err := start(ctx, p.config)
	if err != nil {
		return err
	}
	p.now = s
	if len(s.unknown) > 0 {
		p.port.Say(node.Note{Text: "the database takes no " + strings.Join(s.unknown, ", ") + " here"})
	}
	p.port.Say(node.Started{OK: true})
	ctx, stop := context.WithCancel(context.Background())
	go p.watch(s, stop)
	go p.count(ctx, s.engine)
	return nil
}

// often is how often it is told how much a database does.
const often = time.Second

// count tells how much a server does, until ctx ends.
func (p *player) count(ctx context.Context, e engine) {
	total, end, err := e.served(ctx)
	if err != nil {
		return // it is counted for people who look, and what serves goes on
	}
	defer end()
	before := -1
	for {
		now, err := total(ctx)
		if err != nil {
			return
		}
		if before >= 0 && now > before {
			p.port.Say(node.Traffic{Count: now - before})
		}
		before = now
		select {
		case <-ctx.Done():
			return
		case <-time.After(often):
		}
	}
}

// watch reports a server that ends by itself and restarts it, as RDS does.
func (p *player) watch(s *server, stop context.CancelFunc) {
	err := <-s.ended
	s.ended <- err
	stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now != s {
		return
	}
	p.now = nil
	_ = s.lock.Close()
	p.port.Say(node.Note{Text: fmt.Sprintf("the database ended (%v) and starts again", err)})
	if err := p.begin(context.Background()); err != nil {
		p.port.Say(node.Started{Why: err.Error()})
	}
}

func (p *player) end(signal unix.Signal) error {
	s := p.now
	p.now = nil
	return s.stop(signal)
}

// Ask answers "cut", a failure of the database's host, and "mend", which ends it.
func (p *player) Ask(ctx context.Context, what string, _ json.RawMessage) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch what {
	case "cut":
		p.cut = true
	case "mend":
		p.cut = false
	default:
		return nil, fmt.Errorf("a database cannot %q", what)
	}
	return nil, p.settle(ctx, p.config)
}

// Close shuts the database down cleanly.
func (p *player) Close(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == nil {
		return nil
	}
	return p.end(p.now.engine.habits().clean)
}
