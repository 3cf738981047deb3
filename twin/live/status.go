package live

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/tree"
)

// Status is the world at a glance.
type Status struct {
	Stack    string       `json:"stack"`
	Nodes    []NodeStatus `json:"nodes"`
	Targets  []Target     `json:"targets"`
	URLs     []string     `json:"urls"`           // that a visitor opens
	Door     string       `json:"door"`           // proxy: 127.0.0.1:port
	Roots    string       `json:"roots"`          // file with the authority of the stack's names
	Lost     []string     `json:"lost,omitempty"` // zones
	Unplayed []string     `json:"unplayed,omitempty"`
	Memory   int          `json:"memory"` // bytes, of all processes
	PID      int          `json:"pid"`    // of the world's process
}

// NodeStatus is a node.
type NodeStatus struct {
	Name    string    `json:"name"`
	Kind    plan.Kind `json:"kind"`
	Plays   string    `json:"plays,omitempty"`
	Zone    string    `json:"zone,omitempty"`
	Address string    `json:"address"`
	Public  string    `json:"public,omitempty"`
	State   string    `json:"state"`
	Why     string    `json:"why,omitempty"`
	Since   time.Time `json:"since"`
	Memory  int       `json:"memory"` // bytes
	CPU     float64   `json:"cpu"`    // seconds so far
}

// Target is a load balancer's target and what its nodes think of it.
type Target struct {
	TargetGroup string            `json:"targetGroup"`
	Target      string            `json:"target"` // node
	States      map[string]string `json:"states"` // by the load balancer's node
}

// Status looks at the world.
func (w *World) Status(ctx context.Context) (Status, error) {
	var used []tree.Process
	if err := w.top.Link.Ask(ctx, "", tree.AskProcesses, nil, &used); err != nil {
		return Status{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := Status{Stack: w.o.Stack, Door: w.enter.String(), Roots: w.Roots(), Unplayed: w.plan.Unplayed, PID: w.top.PID(), URLs: urls(w.plan)}
	memory := map[string]tree.Process{}
	for _, p := range used {
		memory[p.Node] = p
		s.Memory += p.Memory
	}
	for k := range w.plan.Nodes {
		n := &w.plan.Nodes[k]
		v := NodeStatus{Name: n.Name, Kind: n.Kind, Plays: n.Plays, Zone: n.Zone, Address: n.Address().String(), State: Starting, Memory: memory[n.Name].Memory, CPU: memory[n.Name].CPU}
		if n.Interfaces[0].Public.IsValid() {
			v.Public = n.Interfaces[0].Public.String()
		}
		if st := w.nodes[n.Name]; st != nil {
			v.State, v.Why, v.Since = st.state, st.why, st.since
		}
		if m := w.machines[n.Plays]; m != nil && !m.started && v.State == Running {
			v.State = Starting
		}
		s.Nodes = append(s.Nodes, v)
	}
	s.Targets = w.targets()
	for zone, lost := range w.lost {
		if lost {
			s.Lost = append(s.Lost, zone)
		}
	}
	slices.Sort(s.Lost)
	return s, nil
}

func (w *World) targets() []Target {
	var out []Target
	for _, g := range w.plan.TargetGroups {
		for _, t := range g.Targets {
			m := w.machines[t.ID]
			if m == nil {
				continue
			}
			v := Target{TargetGroup: g.Name, Target: t.ID, States: map[string]string{}}
			for _, n := range w.plan.Playing(t.ID) {
				v.Target = n.Name
			}
			for from, state := range m.health[g.ARN] {
				v.States[from] = state
			}
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Target) int {
		return cmp.Or(cmp.Compare(a.TargetGroup, b.TargetGroup), cmp.Compare(a.Target, b.Target))
	})
	return out
}

// urls are the names of public zones that lead to a load balancer which faces the internet, or to Cloudflare's edge.
func urls(p *plan.Plan) []string {
	facing := map[string]bool{}
	for _, b := range p.Balancers {
		if !b.Internal {
			facing[b.DNSName] = true
		}
	}
	var out []string
	for _, z := range p.Zones {
		if z.Private || !z.Served {
			continue
		}
		for _, r := range z.Records {
			leads := facing[r.Alias]
			for _, v := range r.Values {
				leads = leads || facing[v] || facing[trimDot(v)]
			}
			if u := "https://" + r.Name; leads && r.Name[0] != '*' && !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(len(a)-len(b), cmp.Compare(a, b)) })
	return out
}

func trimDot(s string) string {
	if s != "" && s[len(s)-1] == '.' {
		return s[:len(s)-1]
	}
	return s
}

// Plan is what lives.
func (w *World) Plan() *plan.Plan {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.plan
}

// Roots is the file with the authority of the stack's names, which a person may trust.
func (w *World) Roots() string { return filepath.Join(w.o.Home, "authority.pem") }

// Log is the file of what a node wrote.
func (w *World) Log(name string) string {
	return filepath.Join(w.o.Home, "log", filepath.Base(name)+".log")
}
