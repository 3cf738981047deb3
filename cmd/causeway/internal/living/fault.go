package living

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/causeway-iac/causeway/twin/live"
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
	of                func(p *plan.Plan, text string) (target string, err error) // what a person means
	do                func(context.Context, *live.Living, *plan.Plan, Fault) (string, error)
	passes            bool // it happens, and then it is over
}

// Kinds are all there are.
var Kinds = []Kind{
	{"kill", "SERVER", "a server loses its power; its group replaces it, or it starts again", server, kill, true},
	{"zone", "ZONE", "everything in a zone is cut off; a Multi-AZ database goes on in another", zone, loseZone, false},
	{"fill", "SERVER", "a server's disk is full", server, fill, false},
	{"slow", "NODE", "what goes to a node takes longer and some of it is lost (--delay, --loss)", anyNode, slow, false},
	{"cut", "DATABASE", "the database fails and stays away; with a standby in another zone, that one takes over", database, cut, false},
	{"expire", "HOST", "the certificate of a host name has expired", certified, expire, false},
	{"rotate", "DATABASE", "the secret of the master user is rotated", database, rotate, true},
}

// faults are those at work.
type faults struct {
	mu    sync.Mutex
	works []Fault
}

// list is one line for each. What is gone, as a server that was replaced, took its faults with it.
func (f *faults) list(p *plan.Plan) (lines []string) {
	for _, w := range f.all(p) {
		lines = append(lines, w.Kind+" "+w.Target)
	}
	return lines
}

func (f *faults) all(p *plan.Plan) []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.works = slices.DeleteFunc(f.works, func(w Fault) bool {
		target, err := kindOf(w.Kind).of(p, w.Target)
		return err != nil || target != w.Target
	})
	return slices.Clone(f.works)
}

func (f *faults) note(w Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.works = slices.DeleteFunc(f.works, func(o Fault) bool { return o.Kind == w.Kind && o.Target == w.Target })
	if !w.End {
		f.works = append(f.works, w)
	}
}

// meant is what a person means by a target: of a fault that is to end, one that is at work.
func (f *faults) meant(p *plan.Plan, asked Fault) (string, error) {
	target, err := kindOf(asked.Kind).of(p, asked.Target)
	if !asked.End {
		return target, err
	}
	own := slices.DeleteFunc(f.all(p), func(w Fault) bool { return w.Kind != asked.Kind })
	for _, is := range []func(Fault) bool{
		func(w Fault) bool { return w.Target == target },
		func(w Fault) bool { return strings.Contains(w.Target, asked.Target) },
	} {
		if at := slices.IndexFunc(own, is); at >= 0 {
			return own[at].Target, nil
		}
	}
	return target, err
}

func kindOf(name string) *Kind {
	if at := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == name }); at >= 0 {
		return &Kinds[at]
	}
	return nil
}

// fault carries out a request and says what came of it. The kind "clear" ends all faults.
func (h *Host) fault(ctx context.Context, f Fault) (said []string, err error) {
	p := h.World.Plan()
	if f.Kind == "clear" {
		var all []error
		for _, w := range h.faults.all(p) {
			w.End = true
			one, err := h.fault(ctx, w)
			said, all = append(said, one...), append(all, err)
		}
		if len(all) == 0 {
			said = []string{"there is no fault to end"}
		}
		return said, errors.Join(all...)
	}
	kind := kindOf(f.Kind)
	if kind == nil {
		return nil, fmt.Errorf("there is no fault %q", f.Kind)
	}
	if f.Target, err = h.faults.meant(p, f); err != nil {
		return nil, err
	}
	text, err := kind.do(ctx, h.World, p, f)
	if err != nil {
		return nil, err
	}
	if !kind.passes {
		h.faults.note(f)
	}
	return []string{text}, nil
}

func server(p *plan.Plan, text string) (string, error) { return find(p, text, plan.KindMachine) }

func anyNode(p *plan.Plan, text string) (string, error) { return find(p, text) }

// find is the node that a person means, by its name, its beginning or a part of it; of several, the first.
func find(p *plan.Plan, text string, kinds ...plan.Kind) (string, error) {
	var names []string
	for _, n := range p.Nodes {
		if len(kinds) == 0 || slices.Contains(kinds, n.Kind) {
			names = append(names, n.Name)
		}
	}
	return named(text, "node", names)
}

// zone may be named by its letter.
func zone(p *plan.Plan, text string) (string, error) {
	var zones []string
	for _, n := range p.Nodes {
		if n.Zone != "" && !slices.Contains(zones, n.Zone) {
			zones = append(zones, n.Zone)
		}
	}
	if at := slices.IndexFunc(zones, func(z string) bool { return text != "" && strings.HasSuffix(z, text) }); at >= 0 {
		return zones[at], nil
	}
	return named(text, "zone", zones)
}

// database needs no name where there is one.
func database(p *plan.Plan, text string) (string, error) {
	var names []string
	for _, d := range p.Databases {
		names = append(names, d.ID)
	}
	if text == "database" {
		text = ""
	}
	return named(text, "database", names)
}

func certified(p *plan.Plan, text string) (string, error) {
	for _, c := range p.Certificates {
		if slices.Contains(c.Names, text) || c.ARN == text {
			return text, nil
		}
	}
	return "", fmt.Errorf("no certificate is for %q", text)
}

// named is the one of that name, or the first that has the text in its name.
func named(text, what string, names []string) (string, error) {
	if slices.Contains(names, text) {
		return text, nil
	}
	at := slices.IndexFunc(names, func(n string) bool { return strings.Contains(n, text) })
	switch {
	case at >= 0:
		return names[at], nil
	case len(names) == 0:
		return "", fmt.Errorf("there is no %s", what)
	}
	return "", fmt.Errorf("there is no %s %q: there are %s", what, text, strings.Join(names, ", "))
}

func kill(ctx context.Context, w *live.Living, p *plan.Plan, f Fault) (string, error) {
	if f.End {
		return "", fmt.Errorf("a server that lost its power is replaced: nothing is to be ended")
	}
	what := "its group will replace it"
	if m := p.Machine(p.Node(f.Target).Plays); m != nil && m.Group == "" {
		what = "it starts again, since no group looks after it"
	}
	return f.Target + " has lost its power: " + what, w.Kill(ctx, f.Target)
}

func loseZone(_ context.Context, w *live.Living, _ *plan.Plan, f Fault) (string, error) {
	if f.End {
		return f.Target + " is back", w.FindZone(f.Target)
	}
	return f.Target + " is lost", w.LoseZone(f.Target)
}

func fill(ctx context.Context, w *live.Living, _ *plan.Plan, f Fault) (string, error) {
	if f.End {
		return "the disk of " + f.Target + " has room again", w.Ask(ctx, f.Target, "empty", nil, nil)
	}
	return "the disk of " + f.Target + " is full", w.Ask(ctx, f.Target, "fill", nil, nil)
}

func slow(ctx context.Context, w *live.Living, _ *plan.Plan, f Fault) (string, error) {
	if f.End {
		return "the way to " + f.Target + " is as before", w.Slow(ctx, f.Target, 0, 0)
	}
	if f.Delay == 0 && f.Loss == 0 {
		f.Delay = 200
	}
	return fmt.Sprintf("what goes to %s takes %d ms longer, and %g %% of it is lost", f.Target, f.Delay, f.Loss),
		w.Slow(ctx, f.Target, f.Delay, f.Loss)
}

// cut fails the node that serves. A standby takes over, as RDS does it.
func cut(ctx context.Context, w *live.Living, p *plan.Plan, f Fault) (string, error) {
	d := byID(p, f.Target)
	what := map[bool]string{false: "cut", true: "mend"}[f.End]
	said := "the database " + d.ID + " has failed"
	if f.End {
		said = "the database " + d.ID + " can run again where it failed"
	}
	for _, n := range p.Playing(d.ARN) {
		if !f.End && n.Zone != d.Zone {
			continue
		}
		if err := w.Ask(ctx, n.Name, what, nil, nil); err != nil {
			return "", err
		}
	}
	if !f.End && d.MultiAZ {
		return said + " in " + d.Zone + ": its standby takes over", w.FailOver(d.ID)
	}
	return said, nil
}

func byID(p *plan.Plan, id string) *plan.Database {
	return &p.Databases[slices.IndexFunc(p.Databases, func(d plan.Database) bool { return d.ID == id })]
}

func expire(_ context.Context, w *live.Living, p *plan.Plan, f Fault) (string, error) {
	for _, c := range p.Certificates {
		if slices.Contains(c.Names, f.Target) || c.ARN == f.Target {
			w.Expire(c.ARN, !f.End)
		}
	}
	if f.End {
		return "the certificate of " + f.Target + " is renewed", nil
	}
	return "the certificate of " + f.Target + " has expired", nil
}

func rotate(_ context.Context, w *live.Living, p *plan.Plan, f Fault) (string, error) {
	d := byID(p, f.Target)
	if d.Secret == "" {
		return "", fmt.Errorf("the database %s has no secret that RDS manages", d.ID)
	}
	return "the secret of " + d.ID + " is rotated", w.Rotate(d.Secret)
}
