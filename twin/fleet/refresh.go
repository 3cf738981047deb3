package fleet

import (
	"cmp"
	"fmt"
	"time"
)

// Rules are how an instance refresh proceeds (EC2 Auto Scaling API, RefreshPreferences).
type Rules struct {
	MinHealthy   int           // percent of the desired number that stay healthy
	MaxHealthy   int           // percent of the desired number that may be there at once
	AutoRollback bool          // roll back if it fails
	SkipMatching bool          // keep machines that are on the new template already
	Warmup       time.Duration // before a new machine counts
	Alarms       []string      // whose ringing makes it fail

	// Checkpoints are percentages of the group, ascending, at each of which it waits for CheckpointDelay. If the last is
	// less than 100 it ends there.
	Checkpoints     []int
	CheckpointDelay time.Duration
}

// Refresh is the replacement of a group's machines by others of another template, or of the same.
type Refresh struct {
	Status   string
	From, To string // templates: the group's own when it began, and the one that it moves machines to
	Rules    Rules
	Started  time.Time
	Progress time.Time // when it last made progress
	Ended    time.Time
	Reason   string

	Done  int       // percent of the group that is as it should be
	Left  int       // machines that still have to be replaced
	Next  int       // the checkpoint that it comes to next
	Pause time.Time // until when it waits at a checkpoint

	Made   int // machines that the group had launched when it began
	Turned int // and when it began to roll back
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

// stuck is how long a refresh goes on without one more healthy machine before it fails.
const stuck = time.Hour

// Start begins to replace the group's machines by others of the template to or, if that is empty, of the group's own.
// When all are replaced, to is the group's own. A rollback returns to the group's template as it is now: an earlier one
// is no longer known (user guide, "Undo changes with a rollback"). A refresh that is under way is cancelled first, as the
// provider does.
func (g *Group) Start(rules Rules, to string) {
	to = cmp.Or(to, g.Settings.Template)
	g.Cancel("a new refresh took its place")
	g.Refreshes = append(g.Refreshes, Refresh{Status: InProgress, From: g.Settings.Template, To: to, Rules: rules,
		Started: g.Now, Progress: g.Now, Made: g.Made})
	g.say("instance refresh started: to %s", to)
}

// Cancel ends the refresh that is under way, and says whether there was one.
func (g *Group) Cancel(why string) bool {
	r := g.Refreshing()
	if r != nil {
		g.end(r, Cancelled, why)
	}
	return r != nil
}

// Refreshing is the refresh that is under way, or nil.
func (g *Group) Refreshing() *Refresh {
	if n := len(g.Refreshes); n > 0 {
		if r := &g.Refreshes[n-1]; r.Status == InProgress || r.Status == RollbackInProgress {
			return r
		}
	}
	return nil
}

// pauses is how long the refresh under way waits at its checkpoints and for machines to warm up, at most.
func (g *Group) pauses() time.Duration {
	if r := g.Refreshing(); r != nil {
		return time.Duration(len(r.Rules.Checkpoints))*r.Rules.CheckpointDelay + time.Duration(g.Settings.Desired)*r.Rules.Warmup
	}
	return 0
}

// target is the template that a refresh moves all machines to.
func (r *Refresh) target() string {
	if r.Status == RollbackInProgress {
		return r.From
	}
	return r.To
}

// old says whether a machine is to be replaced. A rollback replaces what the refresh launched.
func (r *Refresh) old(i *Instance) bool {
	if r.Status == RollbackInProgress {
		return i.Number > r.Made && i.Number <= r.Turned
	}
	return i.Number <= r.Made && !(r.Rules.SkipMatching && i.Template == r.To)
}

// warmed says whether a machine is as it should be and has been for long enough.
func (r *Refresh) warmed(i *Instance, now time.Time) bool {
	launched := r.Made
	if r.Status == RollbackInProgress {
		launched = r.Turned
	}
	return i.well() && (i.Number <= launched || now.Sub(i.Until) >= r.Rules.Warmup)
}

func (i *Instance) well() bool { return i.State == InService && i.Healthy && !i.Sick }

// tally counts a group's machines as a refresh sees them.
type tally struct {
	old     int // to be replaced
	fresh   int // as they should be, ready or not
	healthy int // of both
	ready   int // as they should be, and warmed up
}

func (g *Group) tally(r *Refresh) (n tally) {
	for k := range g.Instances {
		i := &g.Instances[k]
		switch {
		case i.State == Terminating:
		case r.old(i):
			n.old++
			if i.well() {
				n.healthy++
			}
		default:
			n.fresh++
			if r.warmed(i, g.Now) {
				n.ready++
				n.healthy++
			}
		}
	}
	return n
}

// goal is how many machines must be as they should be before the refresh pauses or ends.
func (g *Group) goal(r *Refresh) int {
	if r.Status == RollbackInProgress || r.Next >= len(r.Rules.Checkpoints) {
		return g.Settings.Desired
	}
	return share(g.Settings.Desired, r.Rules.Checkpoints[r.Next])
}

// share is a percentage of a number, rounded up.
func share(n, percent int) int { return (n*percent + 99) / 100 }

// refresh takes a refresh one step further.
func (g *Group) refresh(r *Refresh, c Cloud) {
	n := g.tally(r)
	g.measure(r, n)
	switch {
	case r.Status == InProgress && g.rings(r, c):
	case g.Now.Before(r.Pause):
	case n.ready >= g.goal(r) && n.old <= g.Settings.Desired-g.goal(r):
		g.arrive(r, n)
	case g.Now.Sub(r.Progress) >= stuck+r.Rules.Warmup:
		g.fails(r, "it came no further for an hour: new machines do not become healthy")
	default:
		g.replace(r, n, c)
	}
}

// measure records the progress of a refresh.
func (g *Group) measure(r *Refresh, n tally) {
	done := 100
	if g.Settings.Desired > 0 {
		done = min(100, n.ready*100/g.Settings.Desired)
	}
	if done > r.Done {
		r.Progress = g.Now
	}
	r.Done, r.Left = done, n.old
}

// arrive makes a refresh wait at a checkpoint, or ends it. Of several checkpoints passed at once only the last counts.
func (g *Group) arrive(r *Refresh, n tally) {
	points, last := r.Rules.Checkpoints, len(r.Rules.Checkpoints)-1
	if r.Status == RollbackInProgress || r.Next >= last {
		g.finish(r)
		return
	}
	for r.Next < last && n.ready >= share(g.Settings.Desired, points[r.Next]) {
		r.Next++
	}
	r.Pause = g.Now.Add(r.Rules.CheckpointDelay)
	r.Progress = r.Pause
	g.say("instance refresh: %d%% of the group is replaced; waiting for %v at the checkpoint of %d%%", r.Done, r.Rules.CheckpointDelay,
		points[r.Next-1])
}

// replace launches as many new machines as the maximum allows, and then ends as many old ones as the minimum allows. What
// is then missing is launched to reach the group's desired number.
func (g *Group) replace(r *Refresh, n tally, c Cloud) {
	desired, goal := g.Settings.Desired, g.goal(r)
	most := max(desired*r.Rules.MaxHealthy/100, desired)
	least := share(desired, r.Rules.MinHealthy)
	if least >= most {
		least = desired - 1 // at 100 of 100 nothing could ever be replaced, so the service takes one at a time
	}
	for n.old > 0 && n.old+n.fresh < most && n.fresh < goal && g.launch(c) {
		n.fresh++
	}
	g.retire(r, n, least)
}

// retire ends old machines, the unhealthy first, while enough stay healthy and the next checkpoint is not passed.
func (g *Group) retire(r *Refresh, n tally, least int) {
	for keep := g.Settings.Desired - g.goal(r); n.old > keep; n.old-- {
		k := g.oldest(func(i *Instance) bool { return r.old(i) && !i.well() })
		if k < 0 {
			if n.healthy <= least {
				return
			}
			n.healthy--
			k = g.oldest(r.old)
		}
		g.terminate(k, "the instance refresh replaces it")
		r.Progress = g.Now
	}
}

func (g *Group) rings(r *Refresh, c Cloud) bool {
	if c.Rings == nil || len(r.Rules.Alarms) == 0 {
		return false
	}
	alarm := c.Rings(r.Rules.Alarms)
	if alarm != "" {
		g.fails(r, "the alarm "+alarm+" rings")
	}
	return alarm != ""
}

func (g *Group) finish(r *Refresh) {
	if r.Status == RollbackInProgress {
		g.end(r, RollbackSuccessful, "what it had launched is replaced by machines of "+r.From)
		return
	}
	g.Settings.Template = r.To
	if r.Left > 0 {
		g.end(r, Successful, fmt.Sprintf("%d%% of the group is of %s, which is its last checkpoint", r.Done, r.To))
		return
	}
	g.end(r, Successful, "all machines are of "+r.To)
}

func (g *Group) fails(r *Refresh, why string) {
	switch {
	case r.Status == RollbackInProgress:
		g.end(r, RollbackFailed, why)
	case r.Rules.AutoRollback:
		r.Status, r.Reason, r.Turned, r.Progress, r.Done, r.Pause = RollbackInProgress, why, g.Made, g.Now, 0, time.Time{}
		g.fail("instance refresh failed: %s; rolling back to %s", why, r.From)
	default:
		g.end(r, Failed, why)
	}
}

func (g *Group) end(r *Refresh, status, reason string) {
	r.Status, r.Reason, r.Ended = status, reason, g.Now
	g.Activities = append(g.Activities, Activity{At: g.Now, Text: "instance refresh " + status + ": " + reason, Failed: status == Failed ||
		status == RollbackFailed})
}
