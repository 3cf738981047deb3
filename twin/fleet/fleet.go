// Package fleet is an Auto Scaling group's machines over time: a state machine on a clock of its own.
// It keeps the desired number, replaces what is unhealthy, and refreshes on a new launch template batch
// by batch, with the way back (Amazon EC2 Auto Scaling user guide: "Health checks for instances in an
// Auto Scaling group", "How an instance refresh works", "Undo changes with a rollback").
package fleet

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Instance is one machine.
type Instance struct {
	ID       string
	Zone     string
	Subnet   string
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

// Refresh is the replacement of all machines by such of a new template.
type Refresh struct {
	Status   string
	From, To string
	Rules    Rules
	Started  time.Time
	Progress time.Time // when it last came further
	Ended    time.Time
	Reason   string
}

// The states of a refresh, as the service calls them.
const (
	InProgress         = "InProgress"
	Successful         = "Successful"
	Failed             = "Failed"
	RollbackInProgress = "RollbackInProgress"
	RollbackSuccessful = "RollbackSuccessful"
	RollbackFailed     = "RollbackFailed"
	Cancelled          = "Cancelled"
)

// Rules are how a refresh goes about it.
type Rules struct {
	MinHealthy   int // percent of the desired number that stay healthy
	MaxHealthy   int // percent of the desired number that may be there at once
	AutoRollback bool
}

// Place is a subnet where machines can be.
type Place struct{ Zone, Subnet string }

// Settings are what the group is asked to be.
type Settings struct {
	Desired  int
	Places   []Place
	Template string
	Refresh  *Rules        // nil changes the template of later launches only
	Grace    time.Duration // before a machine's health counts
	Warmup   time.Duration // before a new machine counts as healthy in a refresh
}

// Group is the machines and what became of them.
type Group struct {
	Settings   Settings
	Instances  []Instance
	Refreshes  []Refresh // the latest is last
	Activities []Activity
	Now        time.Time
	Made       int       // machines ever launched
	Wait       time.Time // no launch before: the last one found no room
}

// Cloud is what the group asks of the cloud around it.
type Cloud struct {
	Room func(zone string) bool // whether a machine finds room there
	Sick func() bool            // whether the next machine will be unhealthy
	ID   func(n int) string     // the id of the nth machine
}

const (
	boot     = 40 * time.Second // from a launch until it is in service
	shutdown = 30 * time.Second
	retry    = time.Minute
	stuck    = time.Hour // without progress, after which a refresh fails
	tick     = 5 * time.Second
	patience = 6 * time.Hour // longer than any refresh of a group that can settle
)

// Ask changes what the group is asked to be.
func (g *Group) Ask(s Settings) {
	old := g.Settings
	g.Settings = s
	if old.Template == "" || old.Template == s.Template || s.Refresh == nil {
		return
	}
	if r := g.running(); r != nil {
		g.end(r, Cancelled, "a new refresh took its place")
	}
	g.Refreshes = append(g.Refreshes, Refresh{Status: InProgress, From: old.Template, To: s.Template, Rules: *s.Refresh, Started: g.Now, Progress: g.Now})
	g.say("instance refresh started: from %s to %s", old.Template, s.Template)
}

// Settle lets time pass until nothing is under way.
func (g *Group) Settle(c Cloud) {
	for end := g.Now.Add(patience); g.Now.Before(end); {
		if g.step(c); g.resting() {
			return
		}
	}
}

// Advance lets this much time pass.
func (g *Group) Advance(d time.Duration, c Cloud) {
	for end := g.Now.Add(d); g.Now.Before(end); {
		if g.step(c); g.resting() && g.Wait.IsZero() {
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
	return g.running() == nil && (len(g.Instances) == g.Settings.Desired || !g.Wait.IsZero() && len(g.Instances) < g.Settings.Desired)
}

func (g *Group) step(c Cloud) {
	g.Now = g.Now.Add(tick)
	g.age()
	if r := g.running(); r != nil {
		g.refresh(r, c)
	}
	g.balance(c)
}

// age lets machines come and go, and finds the unhealthy.
func (g *Group) age() {
	kept := g.Instances[:0]
	for _, i := range g.Instances {
		done := !g.Now.Before(i.Until)
		switch {
		case i.State == Terminating && done:
			continue
		case i.State == Pending && done:
			i.State, i.Healthy = InService, true
			g.say("launched %s in %s from %s", i.ID, i.Zone, i.Template)
		case i.State == InService && i.Sick && i.Healthy && g.Now.Sub(i.Launched) >= g.Settings.Grace:
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
	for r := g.running(); r == nil && g.present() > g.Settings.Desired; {
		g.terminate(g.oldest(func(Instance) bool { return true }), "the group has more than its desired number")
	}
}

// present counts the machines that are not going.
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
	if r := g.running(); r != nil {
		return r.target()
	}
	if n := len(g.Refreshes); n > 0 && g.Refreshes[n-1].Status == RollbackSuccessful && g.Refreshes[n-1].To == g.Settings.Template {
		return g.Refreshes[n-1].From
	}
	return g.Settings.Template
}

// target is the template that a refresh makes all machines be of.
func (r *Refresh) target() string {
	if r.Status == RollbackInProgress {
		return r.From
	}
	return r.To
}

// launch starts a machine in the emptiest zone that has room.
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
		g.Instances = append(g.Instances, Instance{ID: c.ID(g.Made), Zone: p.Zone, Subnet: p.Subnet, Template: g.template(),
			State: Pending, Sick: c.Sick(), Launched: g.Now, Until: g.Now.Add(boot)})
		return true
	}
	if g.Wait.IsZero() {
		g.fail("could not launch a machine: InsufficientInstanceCapacity in every zone of the group")
	}
	g.Wait = g.Now.Add(retry)
	return false
}

// in counts the machines in a place that are not going.
func (g *Group) in(p Place) (n int) {
	for _, i := range g.Instances {
		if i.Subnet == p.Subnet && i.State != Terminating {
			n++
		}
	}
	return n
}

func (g *Group) oldest(matches func(Instance) bool) int {
	found := -1
	for n, i := range g.Instances {
		if i.State != Terminating && matches(i) && (found < 0 || i.Launched.Before(g.Instances[found].Launched)) {
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

func (g *Group) running() *Refresh {
	if n := len(g.Refreshes); n > 0 {
		if r := &g.Refreshes[n-1]; r.Status == InProgress || r.Status == RollbackInProgress {
			return r
		}
	}
	return nil
}

// refresh takes a refresh one step further: as many new machines as the maximum allows, and then as
// many old ones away as the minimum allows.
func (g *Group) refresh(r *Refresh, c Cloud) {
	target := r.target()
	old := func(i Instance) bool { return i.Template != target }
	remaining, replaced, healthy, ready := 0, 0, 0, 0
	for _, i := range g.Instances {
		switch {
		case i.State == Terminating:
		case old(i):
			remaining++
			if i.Healthy {
				healthy++
			}
		default:
			replaced++
			if i.State == InService && i.Healthy && !i.Sick && g.Now.Sub(i.Until) >= g.Settings.Warmup {
				healthy++
				ready++
			}
		}
	}
	desired := g.Settings.Desired
	if remaining == 0 && ready >= desired {
		g.finish(r)
		return
	}
	if g.Now.Sub(r.Progress) >= stuck {
		g.fails(r)
		return
	}
	most := max(desired*max(r.Rules.MaxHealthy, 100)/100, desired)
	least := int(math.Ceil(float64(desired*r.Rules.MinHealthy) / 100))
	if least >= most {
		least = desired - 1 // at 100 of 100 nothing could ever be replaced: the service then takes one at a time
	}
	for remaining > 0 && remaining+replaced < most && replaced < desired {
		if !g.launch(c) {
			break
		}
		replaced++
	}
	for remaining > 0 && healthy > least {
		n := g.oldest(old)
		if g.Instances[n].Healthy {
			healthy--
		}
		remaining--
		g.terminate(n, "the instance refresh replaces it")
		r.Progress = g.Now
	}
}

func (g *Group) finish(r *Refresh) {
	if r.Status == RollbackInProgress {
		g.end(r, RollbackSuccessful, "all machines are of the former template again")
		return
	}
	g.end(r, Successful, "all machines are of the new template")
}

func (g *Group) fails(r *Refresh) {
	switch {
	case r.Status == RollbackInProgress:
		g.end(r, RollbackFailed, "it came no further for an hour")
	case r.Rules.AutoRollback:
		r.Status, r.Progress = RollbackInProgress, g.Now
		g.fail("instance refresh failed: it came no further for an hour; rolling back to %s", r.From)
	default:
		g.end(r, Failed, "it came no further for an hour: new machines do not become healthy")
	}
}

func (g *Group) end(r *Refresh, status, reason string) {
	r.Status, r.Reason, r.Ended = status, reason, g.Now
	g.Activities = append(g.Activities, Activity{At: g.Now, Text: "instance refresh " + status + ": " + reason, Failed: status == Failed || status == RollbackFailed})
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
