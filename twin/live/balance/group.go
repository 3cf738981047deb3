package balance

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// group is a target group as one node of a load balancer sees it.
type group struct {
	arn  string
	port *node.Port
	send http.RoundTripper

	mu      sync.Mutex
	plan    plan.TargetGroup
	zone    string // of this node, if it keeps to its zone
	targets []*target
	turn    int
}

func newGroup(g plan.TargetGroup, port *node.Port, idle time.Duration) *group {
	return &group{arn: g.ARN, plan: g, port: port, send: newTransport(g.ProtocolVersion, idle)}
}

// update makes the targets those of the plan. Connections to a target that is no longer listed are broken off: it has
// been draining before.
func (g *group) update(p plan.TargetGroup, zone string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.plan, g.zone = p, zone
	wanted := map[string]plan.Target{}
	for _, t := range p.Targets {
		wanted[keyOf(t)] = t
	}
	g.targets = slices.DeleteFunc(g.targets, func(t *target) bool {
		w, keep := wanted[keyOf(t.Target)]
		if keep {
			t.Target = w
			delete(wanted, keyOf(w))
		} else {
			t.end()
		}
		return !keep
	})
	for _, t := range p.Targets {
		if _, isNew := wanted[keyOf(t)]; isNew {
			made := newTarget(t)
			g.targets = append(g.targets, made)
			g.tell(made)
			go g.watch(made)
		}
	}
	for _, t := range g.targets {
		g.settle(t)
	}
}

// settle gives a target the states that the plan decides.
func (g *group) settle(t *target) {
	switch {
	case t.Draining && t.flying.Load() == 0:
		g.become(t, unused, "Target.NotRegistered")
	case t.Draining:
		g.become(t, draining, "Target.DeregistrationInProgress")
	case t.state == draining || t.state == unused:
		t.ok, t.bad = 0, 0
		g.become(t, initial, "Elb.InitialHealthChecking")
		t.hurry()
	}
}

// settings are the group's current settings.
func (g *group) settings() plan.TargetGroup {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.plan
}

func (t *target) hurry() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// become changes a target's state and reports it.
func (g *group) become(t *target, s State, reason string) {
	if t.state == s && t.reason == reason {
		return
	}
	if s == healthy && t.state != healthy {
		t.since = time.Time{}
		if slices.ContainsFunc(g.targets, func(o *target) bool { return o.state == healthy }) {
			t.since = time.Now() // the first of a group has no slow start
		}
	}
	t.state, t.reason = s, reason
	g.tell(t)
}

func (g *group) tell(t *target) {
	g.port.Say(node.Health{TargetGroup: g.arn, Target: t.ID, Port: t.Port, State: string(t.state), Reason: t.reason})
}

// pick chooses who answers a request: a healthy target of those that are not leaving, or any of them if none is
// healthy (ELB user guide, "Target group health").
func (g *group) pick(sticky string) *target {
	g.mu.Lock()
	defer g.mu.Unlock()
	some := g.choice()
	if len(some) == 0 {
		return nil
	}
	chosen := g.choose(some)
	for _, t := range some {
		if sticky != "" && sticky == g.mark(t) {
			chosen = t
		}
	}
	chosen.flying.Add(1)
	return chosen
}

func (g *group) choice() []*target {
	staying := slices.DeleteFunc(slices.Clone(g.targets), func(t *target) bool { return t.Draining })
	well := slices.DeleteFunc(slices.Clone(staying), func(t *target) bool { return t.state != healthy })
	if len(well) == 0 {
		well = staying
	}
	if g.zone != "" {
		near := slices.DeleteFunc(slices.Clone(well), func(t *target) bool { return t.Zone != g.zone })
		if len(near) > 0 {
			return near
		}
	}
	return well
}

func (g *group) choose(some []*target) *target {
	now, slow := time.Now(), time.Duration(g.plan.SlowStart)*time.Second
	switch g.plan.Algorithm {
	case "least_outstanding_requests":
		g.turn++
		best := some[g.turn%len(some)]
		for _, t := range some {
			if t.flying.Load() < best.flying.Load() {
				best = t
			}
		}
		return best
	case "weighted_random":
		return some[rand.IntN(len(some))]
	}
	for range some {
		g.turn++
		if t := some[g.turn%len(some)]; rand.Float64() < t.share(slow, now) {
			return t
		}
	}
	return some[g.turn%len(some)]
}

func (g *group) mark(t *target) string { return mark(g.arn, keyOf(t.Target)) }

// done ends a request. A draining target that has finished its last one is gone.
func (g *group) done(t *target) {
	if t.flying.Add(-1) > 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.Draining && slices.Contains(g.targets, t) {
		g.settle(t)
	}
}

// close forgets all targets.
func (g *group) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, t := range g.targets {
		t.end()
	}
	g.targets = nil
}
