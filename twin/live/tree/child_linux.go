package tree

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// child is a node's process. It is pid 1 of its own namespaces, so that everything it started ends with it.
type child struct {
	name   string
	kind   plan.Kind
	is     *plan.Node // as it is linked
	cmd    *exec.Cmd
	link   *node.Link
	gone   chan struct{}
	ending bool
	world  *Root

	mu      sync.Mutex
	pending map[int]bool // questions from outside that it has not answered
}

// self is this program, even if its file has been replaced by another build.
const self = "/proc/self/exe"

// environment is all that a node knows of the machine's.
var environment = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}

func (w *Root) spawn(n *plan.Node, log string) (*child, error) {
	ours, theirs, err := node.Pair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("log of %s: %w", n.Name, err), ours.Close())
	}
	defer out.Close()
	c := &child{name: n.Name, kind: n.Kind, world: w, link: node.NewLink(ours), gone: make(chan struct{}), pending: map[int]bool{}}
	c.cmd = exec.Command(self, "node", string(n.Kind), n.Name)
	c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr, c.cmd.ExtraFiles = environment, out, out, []*os.File{theirs}
	if n.Kind == plan.KindInternet && w.port.Door != nil {
		door, err := w.port.Door.File()
		if err != nil {
			return nil, fmt.Errorf("the door of %s: %w", n.Name, err)
		}
		defer door.Close()
		c.cmd.ExtraFiles = append(c.cmd.ExtraFiles, door)
	}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID |
		syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC}
	if err := c.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", n.Name, err), ours.Close())
	}
	go c.listen()
	go c.wait()
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

func (c *child) send(m node.Message) {
	if m.ID != 0 {
		c.mu.Lock()
		c.pending[m.ID] = true
		c.mu.Unlock()
	}
	name := m.Node
	m.Node = ""
	if err := c.link.Send(m); err != nil && m.ID != 0 {
		c.answered(m.ID)
		c.world.port.Relay(node.Message{Node: name, Kind: node.KindAnswer, ID: m.ID, Error: "it is gone"})
	}
}

func (c *child) answered(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, id)
}

// listen passes on what the node says.
func (c *child) listen() {
	for {
		m, err := c.link.Receive()
		if err != nil {
			return
		}
		if m.Kind == node.KindAnswer {
			c.answered(m.ID)
		}
		m.Node = c.name
		c.world.port.Relay(m)
	}
}

// wait notices that the process has ended, whether asked to or not.
func (c *child) wait() {
	err := c.cmd.Wait()
	close(c.gone)
	_ = c.link.Close()
	c.mu.Lock()
	for id := range c.pending {
		c.world.port.Relay(node.Message{Node: c.name, Kind: node.KindAnswer, ID: id, Error: "it is gone"})
	}
	c.pending = map[int]bool{}
	c.mu.Unlock()

	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.is != nil {
		w.router.Forget(c.is)
	}
	if w.nodes[c.name] == c {
		delete(w.nodes, c.name)
	}
	gone := node.Gone{Asked: c.ending}
	if err != nil {
		gone.Why = err.Error()
	}
	w.port.Relay(gone.From(c.name))
}

// end asks the node to end, and makes sure that it does.
func (c *child) end() {
	if c.ending {
		return
	}
	c.ending = true
	_ = c.link.Send(node.Message{Kind: node.KindEnd}) // if it is gone it has ended
	go func() {
		select {
		case <-c.gone:
		case <-time.After(grace):
			_ = c.cmd.Process.Kill()
		}
	}()
}

// grace is how long a node may take to end.
const grace = 12 * time.Second
