package live

import (
	"maps"
	"slices"
	"time"

	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/survey"
)

// machineState is what is known of a server that really runs.
type machineState struct {
	begun    time.Time
	started  bool // its user data are carried out and its units run
	dead     bool // its process has ended
	draining time.Time
	drained  bool                         // it may be ended
	health   map[string]map[string]string // state by target group and load balancer node
	reason   string                       // for the last state that a load balancer told, in its words
}

func newMachine() *machineState {
	return &machineState{begun: time.Now(), health: map[string]map[string]string{}}
}

// everywhere says whether every load balancer node finds a machine in that state, in each group.
func (w *Living) everywhere(m *machineState, state string) bool {
	for _, said := range m.health {
		if !w.all(said, state) {
			return false
		}
	}
	return len(m.health) > 0
}

// all says whether the load balancer nodes agree on a state; those of lost zones are not asked. The caller holds the lock.
func (w *Living) all(said map[string]string, state string) bool {
	asked := 0
	for from, s := range said {
		if w.isLost(from) {
			continue
		}
		if asked++; s != state {
			return false
		}
	}
	return asked > 0
}

// isLost says whether a node is in a lost zone. It may be asked before there is a plan.
func (w *Living) isLost(name string) bool {
	if w.plan == nil || len(w.lost) == 0 {
		return false
	}
	n := w.plan.Node(name)
	return n != nil && w.lost[n.Zone]
}

// health is how a group detects that its machines are unwell.
type health struct {
	balancer bool // also by what load balancers say
}

// patience is how long a machine may take to boot before what load balancers say of it counts.
const patience = 2 * time.Minute

// heed notes which machines the world has.
func (w *Living) heed(seen survey.Source, p *plan.Plan) {
	w.mu.Lock()
	defer w.mu.Unlock()
	there := map[string]bool{}
	for k := range p.Machines {
		id := p.Machines[k].ID
		if there[id] = true; w.machines[id] == nil {
			w.machines[id] = newMachine()
		}
	}
	for k := range seen.Servers {
		v := &seen.Servers[k]
		w.kinds[v.ID] = health{balancer: v.Group.Text("healthCheckType") == "ELB"}
		if m := w.machines[v.ID]; m != nil && v.State == fleet.Terminating && m.draining.IsZero() {
			m.draining = time.Now()
		}
	}
	for id := range w.machines {
		if !there[id] {
			delete(w.machines, id)
			delete(w.kinds, id)
		}
	}
}

// adjust removes from a plan what no longer runs, and adds what has changed here: databases that failed over, and lost zones.
func (w *Living) adjust(p *plan.Plan) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delay := map[string]int{}
	for _, g := range p.TargetGroups {
		for _, t := range g.Targets {
			delay[t.ID] = max(delay[t.ID], g.Drain)
		}
	}
	gone := func(id string) bool {
		m := w.machines[id]
		if m == nil || m.dead {
			return m != nil
		}
		// Where no load balancer has a request under way to it any more, deregistration is complete before its delay is over
		// (ELB user guide, "Deregistration delay").
		if !m.draining.IsZero() && (w.everywhere(m, "unused") || time.Since(m.draining) >= time.Duration(delay[id])*time.Second) {
			m.drained = true
		}
		return m.drained
	}
	p.Nodes = slices.DeleteFunc(p.Nodes, func(n plan.Node) bool { return n.Kind == plan.KindMachine && gone(n.Plays) })
	for k := range p.Databases {
		if zone := w.moved[p.Databases[k].Resource]; zone != "" {
			p.Databases[k].Zone = zone
		}
	}
	p.Lost = slices.Sorted(maps.Keys(w.lost))
}

// due wakes the loop when a machine has drained, and when secrets need attention.
func (w *Living) due() {
	w.mu.Lock()
	waiting := false
	for _, m := range w.machines {
		waiting = waiting || !m.draining.IsZero() && !m.drained && !m.dead
	}
	w.mu.Unlock()
	if waiting || time.Now().Second() == 0 { // credentials are renewed and passwords rotated by the minute
		w.Wake()
	}
	for _, arn := range w.vault.Due() {
		w.note("rotating the secret " + arn)
		if err := w.Rotate(arn); err != nil {
			w.note(err.Error())
		}
	}
}

// ready, unwell, stopped and room implement the body of the world's machines. They are called while the world is being
// changed, and must not call it.
func (w *Living) ready(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.machines[id]
	return m != nil && m.started
}

func (w *Living) unwell(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.machines[id]
	if m == nil {
		return false
	}
	if m.dead || w.inLostZone(id) {
		return true
	}
	if !w.kinds[id].balancer || !m.started && time.Since(m.begun) < patience {
		return false
	}
	return slices.ContainsFunc(slices.Collect(maps.Values(m.health)), func(said map[string]string) bool { return w.all(said, "unhealthy") })
}

// serving says that every load balancer node in front of a machine finds it healthy.
func (w *Living) serving(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.machines[id]
	if m == nil || !w.kinds[id].balancer {
		return m != nil
	}
	return w.everywhere(m, "healthy")
}

// inLostZone may be asked before there is a plan.
func (w *Living) inLostZone(id string) bool {
	if w.plan == nil {
		return false
	}
	m := w.plan.Machine(id)
	return m != nil && w.lost[m.Zone]
}

func (w *Living) stopped(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.machines[id]
	return m == nil || m.dead
}

func (w *Living) room(zone string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.lost[zone]
}

// withdrawn are the load balancer nodes that no name leads to, beside those of lost zones: those that have ended, and those
// that find no target of a group healthy (ELB user guide, "Target group health", DNS failover).
func (w *Living) withdrawn(p *plan.Plan) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for k := range p.Nodes {
		n := &p.Nodes[k]
		s := w.nodes[n.Name]
		if n.Kind == plan.KindBalancer && (s != nil && (s.state == Ended || s.state == Failed) || w.barren(n.Name)) {
			out = append(out, n.Name)
		}
	}
	return out
}

// barren says whether a load balancer node finds none of a group's targets healthy. The caller holds the lock.
func (w *Living) barren(name string) bool {
	well := map[string]bool{}
	for _, m := range w.machines {
		for group, said := range m.health {
			if state := said[name]; state != "" {
				well[group] = well[group] || state == "healthy"
			}
		}
	}
	return slices.Contains(slices.Collect(maps.Values(well)), false)
}

// heard takes what a load balancer node says of a target.
func (w *Living) heard(from string, h node.Health) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.machines[h.Target]
	if m == nil {
		return
	}
	if m.health[h.TargetGroup] == nil {
		m.health[h.TargetGroup] = map[string]string{}
	}
	if before := m.health[h.TargetGroup][from]; (before == "healthy") != (h.State == "healthy") {
		w.Wake() // names may lead elsewhere now
	}
	if m.health[h.TargetGroup][from] = h.State; !w.isLost(from) {
		m.reason = h.Reason
	}
}
