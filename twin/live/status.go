package live

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
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
	States      map[string]string `json:"states"` // by load balancer node
}

// Status looks at the world. What its processes use is measured if that is asked for: it is work for a world that starts.
func (w *Living) Status(ctx context.Context, measured bool) (Status, error) {
	var used []tree.Process
	if measured {
		if err := w.top.Link.Ask(ctx, "", tree.AskProcesses, nil, &used); err != nil {
			return Status{}, err
		}
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
		v := NodeStatus{Name: n.Name, Kind: n.Kind, Plays: n.Plays, Zone: n.Zone, Address: n.Address().String(), State: Starting,
			Memory: memory[n.Name].Memory, CPU: memory[n.Name].CPU}
		if n.Interfaces[0].Public.IsValid() {
			v.Public = n.Interfaces[0].Public.String()
		}
		if st := w.nodes[n.Name]; st != nil {
			v.State, v.Why, v.Since = st.state, st.why, st.since
		}
		if m := w.machines[n.Plays]; m != nil && v.State == Running {
			if v.Why = m.reason; !m.started {
				v.State = Starting
			}
		}
		if d := w.plan.Database(n.Plays); d != nil && d.Zone != n.Zone && v.State == Running {
			v.Why = Standby
		}
		s.Nodes = append(s.Nodes, v)
	}
	s.Targets = w.targets()
	if w.behind != nil {
		s.Unplayed = append(slices.Clone(s.Unplayed), "what lives stays as it was: "+w.behind.Error())
	}
	s.Lost = slices.Sorted(maps.Keys(w.lost))
	return s, nil
}

func (w *Living) targets() (out []Target) {
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
				if !w.isLost(from) {
					v.States[from] = state
				}
			}
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Target) int {
		return cmp.Or(cmp.Compare(a.TargetGroup, b.TargetGroup), cmp.Compare(a.Target, b.Target))
	})
	return out
}

// urls are where a visitor comes in: names of public zones that lead to an internet-facing load balancer or to
// Cloudflare's edge; if there are none, the load balancers' own.
func urls(p *plan.Plan) []string {
	facing, own := map[string]string{}, []string{} // how each address begins and ends
	for i := range p.Balancers {
		if b := &p.Balancers[i]; !b.Internal && b.Kind == "application" && len(b.Listeners) > 0 {
			facing[b.DNSName] = form(b)
			own = append(own, fmt.Sprintf(form(b), b.DNSName))
		}
	}
	var out []string
	for _, z := range p.Zones {
		if z.Private || !z.Served {
			continue
		}
		for _, r := range z.Records {
			for _, v := range append(slices.Clone(r.Values), r.Alias) {
				form, leads := facing[strings.TrimSuffix(v, ".")]
				if u := fmt.Sprintf(form, r.Name); leads && r.Name[0] != '*' && !slices.Contains(out, u) {
					out = append(out, u)
				}
			}
		}
	}
	if len(out) == 0 {
		out = own
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(len(a)-len(b), cmp.Compare(a, b)) })
	return out
}

// form is a load balancer's address without its name: https if it listens there, otherwise its first port.
func form(b *plan.Balancer) string {
	at := max(0, slices.IndexFunc(b.Listeners, func(l plan.Listener) bool { return l.Port == 443 }))
	switch l := b.Listeners[at]; {
	case l.Port == 443 && l.Protocol == "HTTPS":
		return "https://%s"
	case l.Port == 80 && l.Protocol == "HTTP":
		return "http://%s"
	default:
		return fmt.Sprintf("%s://%%s:%d", strings.ToLower(l.Protocol), l.Port)
	}
}

// Plan is what lives.
func (w *Living) Plan() *plan.Plan {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.plan
}

// Roots is the file with the authority of the stack's names, which a person may trust.
func (w *Living) Roots() string { return filepath.Join(w.o.Home, "authority.pem") }

// Log is the file of a node's output.
func (w *Living) Log(name string) string {
	return filepath.Join(w.o.Home, "log", filepath.Base(name)+".log")
}
