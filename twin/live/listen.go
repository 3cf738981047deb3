package live

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/cloudapi"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Event is something that happened in the world.
type Event struct {
	At   time.Time
	Node string // that reports it; empty is the router
	What any    // one of node's events
}

// Drop is a refused packet, and when it was reported.
type Drop = node.Drop

// kept is how many of the latest drops are remembered.
const kept = 200

// listen hears what the nodes say until the world has ended.
func (w *Living) listen() {
	defer close(w.done)
	for {
		m, err := w.top.Link.Receive()
		if err != nil {
			return
		}
		if what := node.Decode(m); what != nil {
			w.hear(Event{At: time.Now(), Node: m.Node, What: what})
		}
	}
}

func (w *Living) hear(e Event) {
	switch what := e.What.(type) {
	case node.Started:
		w.booted(e.Node, what)
	case node.Health:
		w.heard(e.Node, what)
	case node.Drop:
		w.mu.Lock()
		w.drops = append(w.drops, what)
		w.drops = w.drops[max(0, len(w.drops)-kept):]
		w.mu.Unlock()
	case node.Gone:
		w.gone(e.Node, what)
	case node.Note:
		w.note(e.Node + ": " + what.Text)
	case node.Stored:
		if n := w.Plan().Node(e.Node); n != nil {
			if err := cloudapi.Deliver(w.Plan(), w.o.Objects, n.Plays, what); err != nil {
				w.note(err.Error())
			}
		}
	case node.Logged:
		w.logged(what)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.watchers {
		select {
		case c <- e:
		default: // a slow watcher misses some
		}
	}
}

// Groups is the directory, below the world's home, with one directory for each log group, whose files are the streams.
const Groups = "groups"

// logged appends lines to a log group's stream, which is a file in the world's home.
func (w *Living) logged(l node.Logged) {
	group := l.Group[strings.LastIndexByte(l.Group, ':')+1:]
	if i := strings.Index(l.Group, ":log-group:"); i >= 0 {
		group = strings.TrimSuffix(l.Group[i+len(":log-group:"):], ":*")
	}
	dir := filepath.Join(w.o.Home, Groups, strings.Trim(strings.ReplaceAll(group, "/", "-"), "-"))
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(filepath.Join(dir, strings.ReplaceAll(l.Stream, "/", "-")), os.O_CREATE|os.O_WRONLY|os.O_APPEND,
			0o600); err == nil {
			_, err = f.WriteString(strings.Join(l.Lines, "\n") + "\n")
			_ = f.Close()
		}
	}
	if err != nil {
		w.note(fmt.Sprintf("writing to the log group %s: %v", group, err))
	}
}

// booted notes that a machine serves, or that it cannot.
func (w *Living) booted(name string, s node.Started) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := w.plan.Node(name); n != nil {
		if m := w.machines[n.Plays]; m != nil {
			m.started = m.started || s.OK
		}
	}
	if st := w.nodes[name]; st != nil && !s.OK {
		st.why = s.Why
	}
}

// gone notes that a node's process has ended. A group's machine is replaced by the group; anything else is restarted.
func (w *Living) gone(name string, g node.Gone) {
	w.mu.Lock()
	defer w.Wake()
	defer w.mu.Unlock()
	s := w.nodes[name]
	if s == nil || w.closing {
		return
	}
	n := w.plan.Node(name)
	if n == nil {
		delete(w.nodes, name)
		w.machineEnded(name, s)
		return
	}
	if is := w.plan.Machine(n.Plays); is != nil && is.Group != "" {
		if m := w.machines[n.Plays]; m != nil {
			m.dead = true
		}
		s.state, s.why = Ended, g.Why
		return
	}
	if n.Kind == plan.KindMachine { // EC2 restarts it (user guide, "Automatic instance recovery")
		w.machines[n.Plays] = newMachine()
	}
	delete(w.nodes, name) // its next process knows nothing yet
	w.ended++
}

// machineEnded notes that a machine is no longer in the plan.
func (w *Living) machineEnded(_ string, s *nodeState) {
	if s.want == nil {
		return
	}
	if n := s.want.Node(); n != nil && n.Kind == plan.KindMachine {
		if m := w.machines[n.Plays]; m != nil {
			m.dead = true
		}
	}
}

// Watch returns what happens from now on, until stop is called.
func (w *Living) Watch() (events <-chan Event, stop func()) {
	c := make(chan Event, 1000)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watchers[c] = true
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watchers, c)
	}
}

// Drops are the latest packets that were refused, oldest first.
func (w *Living) Drops() []Drop {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Drop(nil), w.drops...)
}
