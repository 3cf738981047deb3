// Package live makes the twin's world live: what is deployed there is played by processes, between which real packets
// flow through the deployed firewall. It holds the outside: it follows the world, plans, tells each node what it plays,
// hears what becomes of it, and reports to the world's Auto Scaling groups.
package live

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/live/data"
	"github.com/causeway-iac/causeway/twin/live/door"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/tree"
	"github.com/causeway-iac/causeway/twin/live/vault"
	"github.com/causeway-iac/causeway/twin/world"
)

// Options of a living world.
type Options struct {
	Stack   string
	Home    string       // directory of what is kept: authorities, databases, logs; created if absent
	Objects string       // directory of the contents of objects (twin.Contents)
	Program string       // the program that runs inside: bin/world
	World   *world.World // the deployed one; it must outlive the Living
	Notice  func(string) // sentences for the person watching; nil drops them
	Cache   string       // directory of downloads, shared by all stacks
	Images  string       // directory of containers' images, as OCI lays them out
	Environ []string     // that of a person's programs, which may reach the internet
}

// Living is a world that lives.
type Living struct {
	o     Options
	top   *tree.Top
	vault *vault.Vault
	door  *door.Door
	enter net.Addr // where the door is
	wake  chan struct{}
	done  chan struct{}

	follows sync.WaitGroup

	mu       sync.Mutex
	plan     *plan.Plan
	network  [sha256.Size]byte // of the plan that the router follows, and of ended
	ended    int               // processes that ended and must be restarted
	nodes    map[string]*nodeState
	machines map[string]*machineState // by instance id
	kinds    map[string]health        // how each machine's group finds it unwell
	lost     map[string]bool          // zones
	moved    map[string]string        // zone of a database that failed over, by its resource
	drops    []Drop
	watchers map[chan Event]bool
	notes    map[string]bool
	images   map[string]string       // folder by instance id; the loop's and Start's alone
	engines  map[string]data.Program // by resource, engine and version; the loop's and Start's alone
	behind   error                   // why what lives is not what is deployed
	closing  bool
}

// Start makes a world live. It returns once the network stands; machines boot after that. What cannot live here is
// refused before anything is started, by a *can.Refusal.
func Start(ctx context.Context, o Options) (_ *Living, err error) {
	if err := os.MkdirAll(filepath.Join(o.Home, "log"), 0o700); err != nil {
		return nil, fmt.Errorf("making the living world's directory: %w", err)
	}
	w := &Living{o: o, wake: make(chan struct{}, 1), done: make(chan struct{}), nodes: map[string]*nodeState{},
		machines: map[string]*machineState{}, kinds: map[string]health{}, lost: map[string]bool{}, moved: map[string]string{},
		watchers: map[chan Event]bool{}, notes: map[string]bool{}, engines: map[string]data.Program{}}
	if err := w.playable(ctx); err != nil {
		return nil, err
	}
	if w.vault, err = vault.Open(filepath.Join(o.Home, "vault")); err != nil {
		return nil, err
	}
	if err := w.launch(); err != nil {
		return nil, err
	}
	o.World.Live(&fleet.Body{Ready: w.ready, Unwell: w.unwell, Serving: w.serving, Stopped: w.stopped, Room: w.room})
	o.World.Follow(w.Wake)
	if err := w.reconcile(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.follows.Go(w.loop)
	return w, nil
}

// launch starts the world's process and opens the door.
func (w *Living) launch() error {
	ours, theirs, err := door.Pair()
	if err != nil {
		return err
	}
	defer theirs.Close()
	if w.top, err = tree.Launch(w.o.Program, filepath.Join(w.o.Home, "log", "world.log"), theirs); err != nil {
		return errors.Join(err, ours.Close())
	}
	go w.listen()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("opening the door: %w", err)
	}
	w.enter = l.Addr()
	w.door = door.New(door.NewDialer(ours).DialContext)
	go func() { _ = w.door.Serve(l) }() // it ends with Close
	return nil
}

// Wake makes Living look at the world again.
func (w *Living) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// pulse is how often time passes for Auto Scaling groups; calm is how long the world must be quiet before changes are
// followed.
const (
	pulse = time.Second
	calm  = 100 * time.Millisecond
)

func (w *Living) loop() {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-w.top.Gone:
			return
		case <-w.wake:
			time.Sleep(calm)
			select {
			case <-w.wake:
			default:
			}
			w.follow()
		case <-tick.C:
			if err := w.o.World.CatchUp(); err != nil {
				w.note(err.Error())
			}
			w.due()
		}
	}
}

// follow reconciles; what keeps it from that is told once, and by Status for as long as it lasts.
func (w *Living) follow() {
	err := w.reconcile(context.Background())
	w.mu.Lock()
	w.behind = err
	w.mu.Unlock()
	if err != nil {
		w.note(err.Error())
	}
}

// Done is closed when the world has ended, whether it was asked to or not.
func (w *Living) Done() <-chan struct{} { return w.top.Gone }

// Close ends the world cleanly: first databases and machines are told, then everything ends.
func (w *Living) Close() error {
	w.mu.Lock()
	if w.closing {
		w.mu.Unlock()
		return nil
	}
	w.closing = true
	w.mu.Unlock()
	w.o.World.Live(nil)
	w.o.World.Follow(nil)
	if w.door != nil {
		_ = w.door.Close()
	}
	if err := w.top.Link.End(""); err != nil {
		w.top.Kill()
	}
	w.top.Await(longest)
	w.follows.Wait() // it keeps files
	return w.top.Link.Close()
}

// longest is how long a clean end may take.
const longest = 15 * time.Second

// note says a sentence once.
func (w *Living) note(text string) {
	w.mu.Lock()
	known := w.notes[text]
	w.notes[text] = true
	w.mu.Unlock()
	if !known && w.o.Notice != nil {
		w.o.Notice(text)
	}
}

func digest(v any) [sha256.Size]byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("living world: %T cannot be written: %v", v, err)) // our own types, all of which can
	}
	return sha256.Sum256(b)
}
