package live

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/live/can"
	"github.com/causeway-iac/causeway/twin/live/cloudapi"
	"github.com/causeway-iac/causeway/twin/live/data"
	"github.com/causeway-iac/causeway/twin/live/image"
	"github.com/causeway-iac/causeway/twin/live/names"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/survey"
)

// nodeState is what is known of a node.
type nodeState struct {
	state string // starting, running, ended
	why   string
	since time.Time
	want  *node.Config
	told  [sha256.Size]byte // of the config that it has
	busy  bool
}

// reconcile plans the world as it is now and carries that out: the network first, in one step, and then what each node
// plays.
func (w *Living) reconcile(ctx context.Context) error {
	seen := survey.Read(w.o.World, w.o.Stack)
	p, err := survey.Of(seen)
	if errors.Is(err, survey.ErrNothing) {
		p, err = &plan.Plan{Stack: w.o.Stack}, nil
	}
	if err != nil {
		old := w.Plan()
		if old == nil {
			return err
		}
		w.note("what lives stays as it was: " + err.Error())
		same := *old
		same.Nodes, same.Databases, p = slices.Clone(old.Nodes), slices.Clone(old.Databases), &same
	}
	w.heed(seen, p)
	w.adjust(p)
	if err := w.findImages(p); err != nil {
		return err
	}
	if err := w.vault.Update(p, survey.Declared(seen), w.o.Objects); err != nil {
		return err
	}
	w.tellApart(ctx, p)
	if err := os.WriteFile(w.Roots(), w.vault.Roots(), 0o600); err != nil {
		return fmt.Errorf("writing the authority that a browser may trust: %w", err)
	}
	w.mu.Lock()
	w.plan = p
	network := digest([]any{p.Network, p.Nodes, p.Lost, w.ended})
	changed := network != w.network
	w.mu.Unlock()
	if changed {
		bare := *p
		bare.Machines, bare.Cloud = nil, plan.Cloud{}
		if err := w.top.Link.Configure(ctx, "", &node.Config{Plan: &bare, Dir: filepath.Join(w.o.Home, "log")}); err != nil {
			return fmt.Errorf("changing the living world's network: %w", err)
		}
		w.mu.Lock()
		w.network = network
		w.mu.Unlock()
	}
	err = errors.Join(data.Tidy(w.databases(), p.Databases), cloudapi.Tidy(w.o.Objects, p.Cloud.Buckets))
	if err != nil {
		return err
	}
	for _, s := range p.Unplayed {
		w.note(s)
	}
	return w.tell(ctx, p)
}

// stages are the kinds in the order in which they are told: first what others need.
var stages = [][]plan.Kind{
	{plan.KindInternet, plan.KindResolver, plan.KindNAT, plan.KindCloud},
	{plan.KindDatabase, plan.KindEdge, plan.KindBalancer, plan.KindMachine},
}

// tell gives every node its config, and waits for those of the first stage.
func (w *Living) tell(ctx context.Context, p *plan.Plan) error {
	for n, kinds := range stages {
		var told sync.WaitGroup
		for k := range p.Nodes {
			is := &p.Nodes[k]
			if !slices.Contains(kinds, is.Kind) {
				continue
			}
			c, err := w.config(ctx, p, is)
			if err != nil {
				w.note(err.Error())
				continue
			}
			if finished := w.push(is.Name, c); finished != nil && n == 0 {
				told.Go(func() { <-finished })
			}
		}
		told.Wait()
	}
	return nil
}

// config is what a node is told.
func (w *Living) config(ctx context.Context, p *plan.Plan, n *plan.Node) (*node.Config, error) {
	keep, err := w.vault.Keep(n)
	if err != nil {
		return nil, err
	}
	c := &node.Config{Name: n.Name, Plan: p.For(n), Dir: filepath.Join(w.o.Home, "nodes", n.Name), Keep: keep}
	switch n.Kind {
	case plan.KindResolver, plan.KindInternet:
		keep[names.Withdrawn] = []byte(strings.Join(w.withdrawn(p), "\n"))
	case plan.KindCloud:
		keep["objects"] = []byte(w.o.Objects)
	case plan.KindDatabase:
		if err := w.engine(ctx, p, n, keep); err != nil {
			return nil, err
		}
	case plan.KindMachine:
		if folder := w.images[n.Plays]; folder != "" {
			keep[plan.KeepImage] = []byte(folder)
		}
	}
	return c, os.MkdirAll(c.Dir, 0o700)
}

// findImages has the images of containers at hand, and says which are not.
func (w *Living) findImages(p *plan.Plan) error {
	cache := filepath.Join(w.o.Home, "images")
	w.images = map[string]string{}
	var wanted []string
	for _, m := range p.Machines {
		if m.Image == "" {
			continue
		}
		wanted = append(wanted, m.Image)
		folder, err := image.Unpacked(w.o.Images, cache, m.Image)
		if err != nil {
			p.Unplayed = append(p.Unplayed, err.Error())
		}
		w.images[m.ID] = folder
	}
	return image.Tidy(cache, wanted)
}

// tellApart adds to what is not played what is played by something else.
func (w *Living) tellApart(ctx context.Context, p *plan.Plan) {
	all := append(slices.Clone(p.Unplayed), w.vault.Sentences()...)
	for k := range p.Databases {
		if found, err := w.program(ctx, &p.Databases[k]); err == nil && found.Note != "" {
			all = append(all, found.Note)
		}
	}
	slices.Sort(all)
	p.Unplayed = slices.Compact(all)
}

// playable refuses what cannot live here.
func (w *Living) playable(ctx context.Context) error {
	p, err := survey.Of(survey.Read(w.o.World, w.o.Stack))
	if errors.Is(err, survey.ErrNothing) {
		return nil
	}
	if err != nil {
		return &can.Refusal{Why: err.Error(), Remedy: "take the others out of the program, or let each live as a stack of its own"}
	}
	for k := range p.Databases {
		if _, err := w.program(ctx, &p.Databases[k]); err != nil {
			return err
		}
	}
	return w.runnable(p)
}

// runnable refuses servers whose programs are built for their processor, which this computer has not.
func (w *Living) runnable(p *plan.Plan) error {
	if !slices.ContainsFunc(p.Machines, func(m plan.Machine) bool { return !can.Processor(m.Arch) }) {
		return nil
	}
	for _, o := range p.Cloud.Objects {
		no := (*can.Refusal)(nil)
		if o.Hash != "" && errors.As(can.Run(filepath.Join(w.o.Objects, "content", o.Hash)), &no) {
			no.Why = fmt.Sprintf("%s in the bucket %s%s", o.Key, o.Bucket, strings.TrimPrefix(no.Why, "it"))
			return no
		}
	}
	return nil
}

// databases is the folder of their data.
func (w *Living) databases() string { return filepath.Join(w.o.Home, "databases") }

// program finds what runs a database, once: it asks the programs for their versions, and may fetch.
func (w *Living) program(ctx context.Context, d *plan.Database) (data.Program, error) {
	key := strings.Join([]string{d.Resource, d.Engine, d.Version}, " ")
	if found, ok := w.engines[key]; ok {
		return found, nil
	}
	fetch := func(ctx context.Context, major int, cache string) error {
		w.note(fmt.Sprintf("fetching PostgreSQL %d, which this computer does not have", major))
		return data.FetchBy(w.o.Program, w.o.Environ)(ctx, major, cache)
	}
	found, err := data.Find(ctx, d.Engine, d.Version, data.MadeBy(w.databases(), d), filepath.Join(w.o.Cache, "postgresql"), fetch)
	if err != nil {
		return found, err
	}
	w.engines[key] = found
	return found, nil
}

// engine finds the program that a database's node runs, and where its data is.
func (w *Living) engine(ctx context.Context, p *plan.Plan, n *plan.Node, keep map[string][]byte) error {
	d := p.Database(n.Plays)
	found, err := w.program(ctx, d)
	if err != nil {
		return fmt.Errorf("the database %s does not run: %w", d.ID, err)
	}
	keep[data.KeepFolder] = []byte(data.Folder(w.databases(), d))
	keep[data.KeepProgram], err = json.Marshal(found)
	return err
}

// push starts telling a node in the background; the channel closes once it is told. It is nil if there is nothing new.
func (w *Living) push(name string, c *node.Config) <-chan struct{} {
	hash := digest(c)
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.nodes[name]
	if s == nil {
		s = &nodeState{state: Starting, since: time.Now()}
		w.nodes[name] = s
	}
	s.want = c
	if s.busy || s.told == hash {
		return nil
	}
	s.busy = true
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		w.deliver(name, s)
	}()
	return finished
}

// deliver tells a node until it has the latest config.
func (w *Living) deliver(name string, s *nodeState) {
	for {
		w.mu.Lock()
		c := s.want
		hash := digest(c)
		if s.told == hash || w.nodes[name] != s || w.closing {
			s.busy = false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		err := w.top.Link.Configure(ctx, name, c)
		cancel()
		w.mu.Lock()
		if err != nil {
			s.state, s.why = Failed, err.Error()
			s.busy = false
			w.mu.Unlock()
			w.note(fmt.Sprintf("%s: %v", name, err))
			return
		}
		s.told = hash
		if s.state == Starting || s.state == Failed {
			s.state, s.why = Running, ""
		}
		w.mu.Unlock()
	}
}

// Standby is said of a database's node that waits.
const Standby = "standby"

// The states of a node.
const (
	Starting = "starting"
	Running  = "running"
	Failed   = "failed"
	Ended    = "ended"
)
