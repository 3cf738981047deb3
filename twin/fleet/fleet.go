// Package fleet is an Auto Scaling group's machines over time: a state machine on a clock of its own. It keeps the
// desired number, replaces what is unhealthy, refreshes to a new launch template in batches, and rolls back (Amazon EC2
// Auto Scaling user guide: "Health checks for instances in an Auto Scaling group", "How an instance refresh works", "Undo
// changes with a rollback").
package fleet

import (
	"fmt"
	"slices"
	"time"
)

// Instance is one machine.
type Instance struct {
	ID       string
	Number   int // the group's how manieth
	Zone     string
	Subnet   string
	Address  string // private, for as long as it exists
	Template string // launch template and version
	State    string // Pending, InService, Terminating
	Healthy  bool
	Sick     bool // it will not pass its health check
	Launched time.Time
	Until    time.Time // when Pending or Terminating ends
}

// The states of an instance, as the service calls them.
const (
	Pending     = "Pending"
	InService   = "InService"
	Terminating = "Terminating"
)

// Activity is one thing that the group did.
type Activity struct {
	At     time.Time
	Text   string
	Failed bool
}

// Place is a subnet where machines can be.
type Place struct{ Zone, Subnet string }

// Settings are what the group is asked to be.
type Settings struct {
	Desired  int
	Places   []Place
	Template string        // of the next launches
	Grace    time.Duration // before a machine's health counts
}

// Group is the machines, and what has happened to them.
type Group struct {
	Settings   Settings
	Instances  []Instance
	Refreshes  []Refresh // the latest is last
	Activities []Activity
	Now        time.Time
	Made       int       // machines ever launched
	Wait       time.Time // no launch before then: the last one found no capacity
}

// Cloud is what the group asks of the cloud around it.
type Cloud struct {
	Room  func(zone string) bool       // whether a machine finds capacity there
	Sick  func() bool                  // whether the next machine will be unhealthy
	ID    func(n int) string           // the id of the nth machine
	Rings func(alarms []string) string // which of these alarms rings, or ""

	Body *Body // of machines that really run; nil where they are only counted
}

// Body reports on machines that really run. Without one a machine boots and shuts down in a fixed time and is always
// healthy.
type Body struct {
	Ready   func(id string) bool // it has booted
	Unwell  func(id string) bool // it fails the health check that its group uses
	Serving func(id string) bool // the load balancers that it is behind find it healthy
	Stopped func(id string) bool // it is drained and gone
	Room    func(zone string) bool
}

const (
	boot     = 40 * time.Second // from a launch until it is in service
	shutdown = 30 * time.Second
	retry    = time.Minute
	tick     = 5 * time.Second
	pulse    = time.Second
	patience = 6 * time.Hour // longer than any refresh that waits for nothing
)

// Ask changes what the group is asked to be. A new template applies to later launches: Start replaces existing machines.
func (g *Group) Ask(s Settings) { g.Settings = s }

// Settle lets time pass until nothing is under way.
func (g *Group) Settle(c Cloud) {
	for end := g.Now.Add(patience); g.Now.Before(end.Add(g.pauses())); {
		if g.step(c, tick); g.resting() {
			return
		}
	}
}

// Advance lets this much time pass, in whole seconds: the caller keeps the remainder.
func (g *Group) Advance(d time.Duration, c Cloud) {
	for end := g.Now.Add(d); !g.Now.Add(pulse).After(end); {
		if g.step(c, pulse); g.resting() && g.Wait.IsZero() && c.Body == nil {
			g.Now = end
		}
	}
}

// resting says that nothing would change if time passed.
func (g *Group) resting() bool {
	for _, i := range g.Instances {
		if i.State != InService || i.Sick || !i.Healthy {
			return false
		}
	}
	return g.Refreshing() == nil && (len(g.Instances) == g.Settings.Desired || !g.Wait.IsZero() && len(g.Instances) < g.Settings.Desired)
}

func (g *Group) step(c Cloud, d time.Duration) {
	g.Now = g.Now.Add(d)
	g.age(c.Body)
	if r := g.Refreshing(); r != nil {
		g.refresh(r, c)
	}
	g.balance(c)
}

// age moves machines through their states, and finds the unhealthy.
func (g *Group) age(b *Body) {
	kept := g.Instances[:0]
	for _, i := range g.Instances {
		done, sick := !g.Now.Before(i.Until), i.Sick
		if b != nil {
			done = i.State == Pending && b.Ready(i.ID) || i.State == Terminating && b.Stopped(i.ID)
			sick = sick || i.State == InService && b.Unwell(i.ID)
			if done {
				i.Until = g.Now
			}
		}
		switch {
		case i.State == Terminating && done:
			continue
		case i.State == Pending && done:
			i.State, i.Healthy = InService, true
			g.say("launched %s in %s from %s", i.ID, i.Zone, i.Template)
		case i.State == InService && sick && i.Healthy && g.Now.Sub(i.Launched) >= g.Settings.Grace:
			i.Healthy = false
		}
		if i.State == InService && !i.Healthy {
			i.State, i.Until = Terminating, g.Now.Add(shutdown)
			g.say("terminating %s: it failed its health check", i.ID)
		}
		kept = append(kept, i)
	}
	g.Instances = kept
}

// balance launches what is missing and ends what is too much.
func (g *Group) balance(c Cloud) {
	for g.present() < g.Settings.Desired {
		if !g.launch(c) {
			return
		}
	}
	// After a failed refresh, the machines it launched are the ones to go.
	serves := func(i *Instance) bool { return i.well() && (c.Body == nil || c.Body.Serving(i.ID)) }
	for r := g.Refreshing(); r == nil && g.present() > g.Settings.Desired; {
		k := g.oldest(func(i *Instance) bool { return !serves(i) })
		if k < 0 {
			k = g.oldest(func(*Instance) bool { return true })
		}
		g.terminate(k, "the group has more than its desired number")
	}
}

// present counts the machines that are not terminating.
func (g *Group) present() (n int) {
	for _, i := range g.Instances {
		if i.State != Terminating {
			n++
		}
	}
	return n
}

// template is what the next machine is launched from.
func (g *Group) template() string {
	if r := g.Refreshing(); r != nil {
		return r.target()
	}
	return g.Settings.Template
}

// launch starts a machine in the zone with the fewest that has capacity.
func (g *Group) launch(c Cloud) bool {
	if g.Now.Before(g.Wait) {
		return false
	}
	places := slices.Clone(g.Settings.Places)
	slices.SortStableFunc(places, func(a, b Place) int { return g.in(a) - g.in(b) })
	for _, p := range places {
		if !c.Room(p.Zone) {
			continue
		}
		g.Made++
		g.Wait = time.Time{}
		g.Instances = append(g.Instances, Instance{ID: c.ID(g.Made), Number: g.Made, Zone: p.Zone, Subnet: p.Subnet, Template: g.template(),
			State: Pending, Sick: c.Sick(), Launched: g.Now, Until: g.Now.Add(boot)})
		return true
	}
	if g.Wait.IsZero() {
		g.fail("could not launch a machine: InsufficientInstanceCapacity in every zone of the group")
	}
	g.Wait = g.Now.Add(retry)
	return false
}

// in counts the machines in a place that are not terminating.
func (g *Group) in(p Place) (n int) {
	for _, i := range g.Instances {
		if i.Subnet == p.Subnet && i.State != Terminating {
			n++
		}
	}
	return n
}

func (g *Group) oldest(matches func(*Instance) bool) int {
	found := -1
	for n, i := range g.Instances {
		if i.State != Terminating && matches(&i) && (found < 0 || i.Launched.Before(g.Instances[found].Launched)) {
			found = n
		}
	}
	return found
}

func (g *Group) terminate(n int, why string) {
	i := &g.Instances[n]
	i.State, i.Until = Terminating, g.Now.Add(shutdown)
	g.say("terminating %s: %s", i.ID, why)
}

func (g *Group) say(format string, args ...any) {
	g.Activities = append(g.Activities, Activity{At: g.Now, Text: fmt.Sprintf(format, args...)})
}

func (g *Group) fail(format string, args ...any) {
	g.Activities = append(g.Activities, Activity{At: g.Now, Text: fmt.Sprintf(format, args...), Failed: true})
}

// Harm makes a machine unhealthy, as if its health check failed. It says whether there is one.
func (g *Group) Harm(id string) bool {
	for n := range g.Instances {
		if i := &g.Instances[n]; i.ID == id && i.State == InService {
			i.Healthy = false
			return true
		}
	}
	return false
}

// Kill takes a machine away, as if someone terminated it. It says whether there was one.
func (g *Group) Kill(id string) bool {
	for n, i := range g.Instances {
		if i.ID == id {
			g.Instances = slices.Delete(g.Instances, n, n+1)
			g.say("%s was terminated by someone", id)
			return true
		}
	}
	return false
}
