package tree

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"github.com/causeway-iac/causeway/twin/live/gate"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/wire"
)

// Root is the process at the top.
type Root struct {
	port   *node.Port
	router *wire.Router
	watch  *gate.Watch

	mu    sync.Mutex
	plan  *plan.Plan
	nodes map[string]*child
	swaps int
}

// New turns the namespaces it is called in into a world. Its process is pid 1 there.
func New(p *node.Port) (*Root, error) {
	if err := Private(); err != nil {
		return nil, err
	}
	r, err := wire.NewRouter()
	if err != nil {
		return nil, err
	}
	w := &Root{port: p, router: r, nodes: map[string]*child{}}
	if w.watch, err = gate.NewWatch(p); err != nil {
		return nil, err
	}
	return w, nil
}

// Private gives a process mounts of its own, with a /proc of its own processes.
func Private() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mounting /proc: %w", err)
	}
	return nil
}

// Apply makes the network that of the plan: new nodes are started and linked first, then routes and rules change, and
// finally what is no longer wanted is told to end.
func (w *Root) Apply(_ context.Context, c *node.Config) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := c.Plan
	if err := w.start(p, c.Dir); err != nil {
		return err
	}
	if err := w.link(p); err != nil {
		return err
	}
	if err := w.router.Routes(p); err != nil {
		return err
	}
	w.swaps++
	if _, err := gate.Swap(p, w.swaps); err != nil {
		return err
	}
	w.watch.See(p)
	w.endOthers(p)
	w.plan = p
	return nil
}

func (w *Root) start(p *plan.Plan, dir string) error {
	for n := range p.Nodes {
		is := &p.Nodes[n]
		if w.nodes[is.Name] != nil { // if it is ending, its successor starts once it is gone
			continue
		}
		c, err := w.spawn(is, filepath.Join(dir, is.Name+".log"))
		if err != nil {
			return err
		}
		w.nodes[is.Name] = c
	}
	return nil
}

func (w *Root) link(p *plan.Plan) error {
	pids := map[string]int{}
	for name, c := range w.nodes {
		pids[name] = c.pid()
	}
	for n := range p.Nodes {
		is := &p.Nodes[n]
		if c := w.nodes[is.Name]; c.is != nil {
			if err := w.router.Detach(c.is, is); err != nil {
				return err
			}
		}
		if err := w.router.Attach(p, is, pids); err != nil {
			return err
		}
		w.nodes[is.Name].is = is
	}
	return nil
}

func (w *Root) endOthers(p *plan.Plan) {
	for name, c := range w.nodes {
		if p.Node(name) == nil && !c.ending {
			c.end()
		}
	}
}

// Relay passes a message on to its node.
func (w *Root) Relay(m node.Message) {
	w.mu.Lock()
	c := w.nodes[m.Node]
	w.mu.Unlock()
	if c == nil {
		if m.ID != 0 {
			w.port.Relay(node.Message{Node: m.Node, Kind: node.KindAnswer, ID: m.ID, Error: "there is no node " + m.Node})
		}
		return
	}
	c.send(m)
}

// Ask does what concerns links and processes and what no node could do by itself.
func (w *Root) Ask(_ context.Context, what string, body json.RawMessage) (any, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch what {
	case AskSlow:
		return nil, with(body, func(s Slow) error {
			if n := w.planned(s.Node); n != nil {
				return w.router.Slow(n, s.Delay, s.Loss)
			}
			return fmt.Errorf("there is no node %q", s.Node)
		})
	case AskKill:
		return nil, with(body, func(name string) error {
			c := w.nodes[name]
			if c == nil {
				return fmt.Errorf("there is no node %q", name)
			}
			return syscall.Kill(c.pid(), syscall.SIGKILL)
		})
	case AskProcesses:
		return w.processes(), nil
	}
	return nil, fmt.Errorf("the world's process does not know %q", what)
}

func with[T any](body json.RawMessage, do func(T) error) error {
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	return do(v)
}

func (w *Root) planned(name string) *plan.Node {
	if w.plan == nil {
		return nil
	}
	return w.plan.Node(name)
}

// Close ends the nodes, databases and machines cleanly, and then everything: when pid 1 is gone, the kernel ends what is
// left.
func (w *Root) Close(ctx context.Context) error {
	w.mu.Lock()
	var last []*child
	for _, c := range w.nodes {
		if slices.Contains([]plan.Kind{plan.KindDatabase, plan.KindMachine}, c.kind) {
			c.end()
			last = append(last, c)
		}
	}
	w.mu.Unlock()
	for _, c := range last {
		select {
		case <-c.gone:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}
