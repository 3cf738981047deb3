package living

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Fault asks for something to fail, or to recover.
type Fault struct {
	Kind   string  `json:"kind"`
	Target string  `json:"target,omitempty"`
	End    bool    `json:"end,omitempty"`
	Delay  int     `json:"delay,omitempty"` // milliseconds, of a slow link
	Loss   float64 `json:"loss,omitempty"`  // percent, of a slow link
}

// Kind is a kind of fault, for a person who asks what there is.
type Kind struct {
	Name, Takes, Does string
	do                func(context.Context, *Host, Fault) (string, error)
}

// Kinds are all there are.
var Kinds = []Kind{
	{"kill", "SERVER", "a server loses its power; its group replaces it, or it starts again", kill},
	{"zone", "ZONE", "everything in a zone is cut off; a Multi-AZ database goes on in another", loseZone},
	{"fill", "SERVER", "a server's disk is full", fill},
	{"slow", "NODE", "what goes to a node takes longer and some of it is lost (--delay, --loss)", slow},
	{"cut", "DATABASE", "the database fails and stays away; with a standby in another zone, that one takes over", cut},
	{"expire", "HOST", "the certificate of a host name has expired", expire},
	{"rotate", "DATABASE", "the secret of the master user is rotated", rotate},
}

// faults are those at work.
type faults struct {
	mu    sync.Mutex
	works []Fault
}

func (f *faults) list() (lines []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range f.works {
		lines = append(lines, w.Kind+" "+w.Target)
	}
	return lines
}

func (f *faults) note(w Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.works = slices.DeleteFunc(f.works, func(o Fault) bool { return o.Kind == w.Kind && o.Target == w.Target })
	if !w.End {
		f.works = append(f.works, w)
	}
}

func (f *faults) all() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.works)
}

// fault carries out a request and says what came of it. The kind "clear" ends all faults.
func (h *Host) fault(ctx context.Context, f Fault) (said []string, err error) {
	if f.Kind == "clear" {
		for _, w := range h.faults.all() {
			w.End = true
			one, err := h.fault(ctx, w)
			if err != nil {
				return said, err
			}
			said = append(said, one...)
		}
		if said == nil {
			said = []string{"there is no fault to end"}
		}
		return said, nil
	}
	at := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == f.Kind })
	if at < 0 {
		return nil, fmt.Errorf("there is no fault %q", f.Kind)
	}
	text, err := Kinds[at].do(ctx, h, f)
	if err != nil {
		return nil, err
	}
	if f.Kind != "kill" && f.Kind != "rotate" {
		h.faults.note(f)
	}
	return []string{text}, nil
}

// find is the node that a person means, by its name, its beginning or a part of it; of several, the first that serves.
func (h *Host) find(text string, kinds ...plan.Kind) (*plan.Node, error) {
	p := h.World.Plan()
	var found []*plan.Node
	var names []string
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if len(kinds) > 0 && !slices.Contains(kinds, n.Kind) {
			continue
		}
		names = append(names, n.Name)
		if n.Name == text {
			return n, nil
		}
		if strings.Contains(n.Name, text) {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("there is no %q: there are %s", text, strings.Join(names, ", "))
	}
	return found[0], nil
}

func kill(ctx context.Context, h *Host, f Fault) (string, error) {
	n, err := h.find(f.Target, plan.KindMachine)
	if err != nil {
		return "", err
	}
	if f.End {
		return "", fmt.Errorf("a server that lost its power is replaced: nothing is to be ended")
	}
	what := "its group will replace it"
	if m := h.World.Plan().Machine(n.Plays); m != nil && m.Group == "" {
		what = "it starts again, since no group looks after it"
	}
	return n.Name + " has lost its power: " + what, h.World.Kill(ctx, n.Name)
}

func loseZone(_ context.Context, h *Host, f Fault) (string, error) {
	zone := f.Target
	if len(zone) == 1 { // its letter
		for _, n := range h.World.Plan().Nodes {
			if strings.HasSuffix(n.Zone, zone) {
				zone = n.Zone
				break
			}
		}
	}
	if f.End {
		return zone + " is back", h.World.FindZone(zone)
	}
	return zone + " is lost", h.World.LoseZone(zone)
}

func fill(ctx context.Context, h *Host, f Fault) (string, error) {
	n, err := h.find(f.Target, plan.KindMachine)
	if err != nil {
		return "", err
	}
	if f.End {
		return "the disk of " + n.Name + " has room again", h.World.Ask(ctx, n.Name, "empty", nil, nil)
	}
	return "the disk of " + n.Name + " is full", h.World.Ask(ctx, n.Name, "fill", nil, nil)
}

func slow(ctx context.Context, h *Host, f Fault) (string, error) {
	n, err := h.find(f.Target)
	if err != nil {
		return "", err
	}
	if f.End {
		return "the way to " + n.Name + " is as before", h.World.Slow(ctx, n.Name, 0, 0)
	}
	if f.Delay == 0 && f.Loss == 0 {
		f.Delay = 200
	}
	return fmt.Sprintf("what goes to %s takes %d ms longer, and %g %% of it is lost", n.Name, f.Delay, f.Loss),
		h.World.Slow(ctx, n.Name, f.Delay, f.Loss)
}

// cut fails the node that serves. A standby takes over, as RDS does it.
func cut(ctx context.Context, h *Host, f Fault) (string, error) {
	d, err := h.database(f.Target)
	if err != nil {
		return "", err
	}
	what := map[bool]string{false: "cut", true: "mend"}[f.End]
	said := "the database " + d.ID + " has failed"
	if f.End {
		said = "the database " + d.ID + " can run again where it failed"
	}
	for _, n := range h.World.Plan().Playing(d.ARN) {
		if !f.End && n.Zone != d.Zone {
			continue
		}
		if err := h.World.Ask(ctx, n.Name, what, nil, nil); err != nil {
			return "", err
		}
	}
	if !f.End && d.MultiAZ {
		return said + " in " + d.Zone + ": its standby takes over", h.World.FailOver(d.ID)
	}
	return said, nil
}

func (h *Host) database(text string) (*plan.Database, error) {
	p := h.World.Plan()
	var names []string
	for i := range p.Databases {
		d := &p.Databases[i]
		if text == "" || text == "database" || strings.Contains(d.ID, text) {
			return d, nil
		}
		names = append(names, d.ID)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no database")
	}
	return nil, fmt.Errorf("there is no database %q: there are %s", text, strings.Join(names, ", "))
}

func expire(_ context.Context, h *Host, f Fault) (string, error) {
	for _, c := range h.World.Plan().Certificates {
		if !slices.Contains(c.Names, f.Target) && c.ARN != f.Target {
			continue
		}
		h.World.Expire(c.ARN, !f.End)
		if f.End {
			return "the certificate of " + f.Target + " is renewed", nil
		}
		return "the certificate of " + f.Target + " has expired", nil
	}
	return "", fmt.Errorf("no certificate is for %q", f.Target)
}

func rotate(_ context.Context, h *Host, f Fault) (string, error) {
	d, err := h.database(f.Target)
	if err != nil {
		return "", err
	}
	if d.Secret == "" {
		return "", fmt.Errorf("the database %s has no secret that RDS manages", d.ID)
	}
	return "the secret of " + d.ID + " is rotated", h.World.Rotate(d.Secret)
}
