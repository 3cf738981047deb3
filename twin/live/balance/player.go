// Package balance plays an application load balancer's node in one zone: TLS, rules, targets and their health.
package balance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// balancer plays one node.
type balancer struct {
	port   *node.Port
	logs   logs
	counts node.Counts
	stop   context.CancelFunc

	mu     sync.Mutex
	plan   *plan.Balancer
	place  place
	groups map[string]*group
	doors  map[netip.AddrPort]*door
}

// New plays a node of kind balancer.
func New(p *node.Port) node.Player {
	b := &balancer{port: p, groups: map[string]*group{}, doors: map[netip.AddrPort]*door{}}
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	go b.counts.Report(ctx, p)
	go b.report(ctx)
	return b
}

func (b *balancer) Apply(_ context.Context, c *node.Config) error {
	n := c.Node()
	p := c.Plan.Balancer(n.Plays)
	if p == nil {
		return fmt.Errorf("the load balancer %s is not in the plan", n.Plays)
	}
	if p.Kind != "" && p.Kind != "application" {
		return fmt.Errorf("the living world does not play a %s load balancer", p.Kind)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.plan = p
	b.place = place{account: c.Plan.Account, region: c.Plan.Region, address: n.Address().String()}
	b.updateGroups(c.Plan, n)
	wanted, err := b.listeners(c)
	if err != nil {
		return err
	}
	return b.openDoors(n, wanted)
}

// updateGroups keeps the groups that this load balancer's listeners name, and forgets the others.
func (b *balancer) updateGroups(p *plan.Plan, n *plan.Node) {
	named := map[string]bool{}
	for _, l := range b.plan.Listeners {
		for _, actions := range append([][]plan.Action{l.Default}, ruleActions(l.Rules)...) {
			for _, a := range actions {
				for _, f := range a.Forward {
					named[f.TargetGroup] = true
				}
			}
		}
	}
	zone := ""
	if !b.plan.CrossZone {
		zone = n.Zone
	}
	for _, g := range p.TargetGroups {
		if !named[g.ARN] {
			continue
		}
		if b.groups[g.ARN] == nil {
			b.groups[g.ARN] = newGroup(g, b.port, time.Duration(b.plan.Idle)*time.Second)
		}
		b.groups[g.ARN].update(g, zone)
	}
	for arn, g := range b.groups {
		if !named[arn] || !slices.ContainsFunc(p.TargetGroups, func(t plan.TargetGroup) bool { return t.ARN == arn }) {
			g.close()
			delete(b.groups, arn)
		}
	}
}

func ruleActions(rules []plan.ListenerRule) (all [][]plan.Action) {
	for _, r := range rules {
		all = append(all, r.Actions)
	}
	return all
}

func (b *balancer) listeners(c *node.Config) (map[int]*listener, error) {
	all := map[int]*listener{}
	groups := map[string]*group{}
	for arn, g := range b.groups {
		groups[arn] = g
	}
	for i := range b.plan.Listeners {
		spec := &b.plan.Listeners[i]
		l, err := newListener(b.plan, spec, groups, c.Keep)
		if err != nil {
			return nil, fmt.Errorf("the listener of %s on port %d: %w", b.plan.Name, spec.Port, err)
		}
		l.logs, l.counts = &b.logs, &b.counts
		b.place.name = l.nameInLogs()
		all[spec.Port] = l
	}
	return all, nil
}

// openDoors opens and closes ports, and leaves those that stay alone: their connections go on under the new rules.
func (b *balancer) openDoors(n *plan.Node, wanted map[int]*listener) error {
	keep := map[netip.AddrPort]bool{}
	for _, i := range n.Interfaces {
		for _, a := range i.All() {
			for port, l := range wanted {
				at := netip.AddrPortFrom(a, uint16(port))
				keep[at] = true
				if d := b.doors[at]; d != nil && (d.now.Load().tls == nil) == (l.tls == nil) {
					if before := d.now.Load(); before.shows == l.shows {
						l.since = before.since
					} else {
						l.since = time.Now()
					}
					d.now.Store(l)
					continue
				}
				if err := b.open(at, l); err != nil {
					return err
				}
			}
		}
	}
	for at, d := range b.doors {
		if !keep[at] {
			d.close()
			delete(b.doors, at)
		}
	}
	return nil
}

func (b *balancer) open(at netip.AddrPort, l *listener) error {
	if d := b.doors[at]; d != nil { // it changed between TLS and plain
		d.close()
		delete(b.doors, at)
	}
	d, err := open(l, at.String())
	if err != nil {
		return err
	}
	b.doors[at] = d
	return nil
}

// report delivers the logs.
func (b *balancer) report(ctx context.Context) {
	seldom := time.NewTicker(delivery)
	defer seldom.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-seldom.C:
			b.deliver()
		}
	}
}

func (b *balancer) deliver() {
	b.mu.Lock()
	p, at := b.plan, b.place
	b.mu.Unlock()
	if p != nil {
		b.logs.deliver(b.port, p, at, time.Now())
	}
}

// AskDeliver asks a balancer node to deliver its logs now.
const AskDeliver = "deliver"

func (b *balancer) Ask(_ context.Context, what string, _ json.RawMessage) (any, error) {
	if what != AskDeliver {
		return nil, fmt.Errorf("a load balancer has no answer to %s", what)
	}
	b.deliver()
	return nil, nil
}

func (b *balancer) Close(ctx context.Context) error {
	b.stop()
	b.mu.Lock()
	doors, groups := b.doors, b.groups
	b.mu.Unlock()
	var closing sync.WaitGroup
	for _, d := range doors {
		closing.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			if d.server.Shutdown(ctx) != nil {
				d.close()
			}
		})
	}
	closing.Wait()
	for _, g := range groups {
		g.close()
	}
	b.counts.Tell(b.port)
	b.deliver()
	return nil
}
