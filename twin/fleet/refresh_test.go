package fleet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/fleet"
)

// No moment of a refresh is below the minimum of healthy machines or above the maximum of all.
func TestARefreshStaysWithinItsBounds(t *testing.T) {
	for _, c := range []struct{ desired, low, high int }{{4, 50, 100}, {4, 100, 150}, {10, 90, 110}, {3, 90, 200}, {1, 100, 200},
		{2, 100, 100}} {
		s := &sky{}
		g := start(t, s, c.desired)
		g.Ask(settings("t:2", c.desired))
		g.Start(fleet.Rules{MinHealthy: c.low, MaxHealthy: c.high, Warmup: time.Minute}, "")
		batches := 0
		for step := 0; g.Refreshing() != nil; step++ {
			require.Less(t, step, 5000, "%+v", c)
			before := told(g)
			g.Advance(5*time.Second, s.cloud())
			if strings.Count(told(g), "refresh replaces it") > strings.Count(before, "refresh replaces it") {
				batches++
			}
			healthy, all := 0, 0
			for _, i := range g.Instances {
				if i.State == fleet.InService {
					healthy++
				}
				if i.State != fleet.Terminating {
					all++
				}
			}
			least := (c.desired*c.low + 99) / 100
			if c.low == 100 && c.high == 100 {
				least = c.desired - 1
			}
			require.GreaterOrEqual(t, healthy, least, "%+v", c)
			require.LessOrEqual(t, all, c.desired*c.high/100, "%+v", c)
		}
		g.Settle(s.cloud())
		assert.Equal(t, fleet.Successful, g.Refreshes[0].Status, "%+v", c)
		assert.Equal(t, []int{100, 0}, []int{g.Refreshes[0].Done, g.Refreshes[0].Left}, "%+v", c)
		assert.Equal(t, map[string]int{"t:2": c.desired}, templates(g), "%+v", c)
		if c.desired > 2 && c.high < 200 {
			assert.Greater(t, batches, 1, "%+v: batch by batch", c)
		}
	}
}

// replacements are when machines were ended for a refresh, in minutes since it started.
func replacements(g *fleet.Group) (minutes []int) {
	for _, a := range g.Activities {
		if strings.Contains(a.Text, "refresh replaces it") {
			minutes = append(minutes, int(a.At.Sub(g.Refreshes[0].Started).Minutes()))
		}
	}
	return minutes
}

// The user guide's example of checkpoints: ten machines, at least 80% healthy, checkpoints of 20 and 50
// percent, a delay of 15 minutes and a warmup of ten. (A machine boots in less than a minute, so a batch
// takes a little more than its warmup.) The last checkpoint is less than 100, so it ends there.
func TestARefreshWaitsAtItsCheckpoints(t *testing.T) {
	s := &sky{}
	g := start(t, s, 10)
	g.Start(fleet.Rules{MinHealthy: 80, MaxHealthy: 100, Warmup: 10 * time.Minute, Checkpoints: []int{20, 50},
		CheckpointDelay: 15 * time.Minute}, "t:2")
	g.Settle(s.cloud())
	assert.Equal(t, []int{0, 0, 25, 25, 36}, replacements(g))
	r := g.Refreshes[0]
	assert.Equal(t, fleet.Successful, r.Status, told(g))
	assert.Equal(t, []int{50, 5}, []int{r.Done, r.Left})
	assert.Equal(t, map[string]int{"t:1": 5, "t:2": 5}, templates(g))
	assert.Equal(t, 1, strings.Count(told(g), "waiting for 15m0s at the checkpoint of 20%"))
}

// The user guide's other example: one of two machines is half of the group, so the checkpoint of ten
// percent is passed over.
func TestACheckpointIsPassedOver(t *testing.T) {
	s := &sky{}
	g := start(t, s, 2)
	g.Start(fleet.Rules{MinHealthy: 50, MaxHealthy: 100, Warmup: time.Minute, Checkpoints: []int{10, 40, 100}, CheckpointDelay: time.Hour},
		"t:2")
	g.Advance(30*time.Minute, s.cloud())
	assert.Equal(t, map[string]int{"t:1": 1, "t:2": 1}, templates(g), "it waits")
	g.Settle(s.cloud())
	assert.Equal(t, map[string]int{"t:2": 2}, templates(g))
	assert.Contains(t, told(g), "50% of the group is replaced; waiting for 1h0m0s at the checkpoint of 40%")
	assert.NotContains(t, told(g), "checkpoint of 10%")
}

// The next machine is replaced when the one before has been in service for the warmup.
func TestARefreshLetsMachinesWarmUp(t *testing.T) {
	for _, warmup := range []time.Duration{0, 5 * time.Minute, 2 * time.Hour} {
		s := &sky{}
		g := start(t, s, 3)
		g.Start(fleet.Rules{MinHealthy: 60, MaxHealthy: 100, Warmup: warmup}, "t:2")
		g.Settle(s.cloud())
		require.Equal(t, fleet.Successful, g.Refreshes[0].Status, told(g))
		at := replacements(g)
		require.Len(t, at, 3)
		assert.InDelta(t, warmup.Minutes()+1, at[1]-at[0], 1)
		assert.InDelta(t, warmup.Minutes()+1, at[2]-at[1], 1)
	}
}

// Machines that are of the template already are kept if that is asked for, and replaced otherwise.
func TestARefreshSkipsWhatMatches(t *testing.T) {
	for _, c := range []struct {
		to       string
		skip     bool
		replaced int
	}{{"t:1", true, 0}, {"t:1", false, 4}, {"t:2", true, 4}} {
		s := &sky{}
		g := start(t, s, 4)
		g.Start(fleet.Rules{MinHealthy: 50, MaxHealthy: 100, SkipMatching: c.skip}, c.to)
		g.Settle(s.cloud())
		assert.Len(t, replacements(g), c.replaced, "%+v", c)
		assert.Equal(t, fleet.Successful, g.Refreshes[0].Status, "%+v", c)
		assert.Equal(t, map[string]int{c.to: 4}, templates(g), "%+v", c)
	}
}

func TestARefreshThatStaysUnhealthy(t *testing.T) {
	for _, c := range []struct {
		rollback bool
		status   string
	}{{true, fleet.RollbackSuccessful}, {false, fleet.Failed}} {
		s := &sky{}
		g := start(t, s, 4)
		s.sick = func() bool { return len(g.Refreshes) > 0 && g.Refreshes[0].Status == fleet.InProgress }
		g.Start(fleet.Rules{MinHealthy: 75, MaxHealthy: 100, AutoRollback: c.rollback, Warmup: time.Minute}, "t:2")
		started := g.Now
		g.Settle(s.cloud())
		r := g.Refreshes[0]
		assert.Equal(t, c.status, r.Status, told(g))
		assert.GreaterOrEqual(t, r.Ended.Sub(started), time.Hour)
		assert.Contains(t, told(g), "new machines do not become healthy")
		assert.Equal(t, map[string]int{"t:1": 4}, templates(g), "the group's own template was never another")
		require.True(t, g.Kill(g.Instances[0].ID))
		g.Settle(s.cloud())
		assert.Equal(t, map[string]int{"t:1": 4}, templates(g))
	}
}

// A rollback replaces what the refresh had launched and leaves alone what it had not come to.
func TestAnAlarmTurnsARefreshBack(t *testing.T) {
	s := &sky{}
	g := start(t, s, 4)
	g.Start(fleet.Rules{MinHealthy: 75, MaxHealthy: 100, AutoRollback: true, Warmup: time.Minute, Alarms: []string{"errors"}}, "t:2")
	for templates(g)["t:2"] < 2 {
		g.Advance(5*time.Second, s.cloud())
	}
	untouched := map[string]bool{}
	for _, i := range g.Instances {
		if i.Template == "t:1" && i.State == fleet.InService {
			untouched[i.ID] = true
		}
	}
	s.rings = "errors"
	g.Settle(s.cloud())
	assert.Equal(t, fleet.RollbackSuccessful, g.Refreshes[0].Status, told(g))
	assert.Contains(t, told(g), "instance refresh failed: the alarm errors rings; rolling back to t:1")
	assert.Equal(t, map[string]int{"t:1": 4}, templates(g))
	kept := 0
	for _, i := range g.Instances {
		if untouched[i.ID] {
			kept++
		}
	}
	assert.Equal(t, len(untouched), kept)

	g = start(t, s, 4)
	g.Start(fleet.Rules{MinHealthy: 75, MaxHealthy: 100, Alarms: []string{"errors"}}, "t:2")
	g.Settle(s.cloud())
	assert.Equal(t, fleet.Failed, g.Refreshes[0].Status)
	assert.Equal(t, map[string]int{"t:1": 4}, templates(g))
}

// A group that was given its new template before the refresh does not know the former one any more: it
// rolls back to the new one, and comes nowhere while that is sick (hashicorp/terraform-provider-aws#34189).
func TestARollbackOfAGroupThatWasChangedBefore(t *testing.T) {
	for _, recovers := range []bool{false, true} {
		s := &sky{}
		g := start(t, s, 4)
		s.sick = func() bool {
			r := g.Refreshes
			return len(r) > 0 && (!recovers || r[0].Status == fleet.InProgress)
		}
		g.Ask(settings("t:2", 4))
		g.Start(fleet.Rules{MinHealthy: 75, MaxHealthy: 100, AutoRollback: true}, "")
		g.Settle(s.cloud())
		if !recovers {
			assert.Equal(t, fleet.RollbackFailed, g.Refreshes[0].Status, told(g))
			assert.GreaterOrEqual(t, templates(g)["t:1"], 3, "what was healthy is still there")
			continue
		}
		assert.Equal(t, fleet.RollbackSuccessful, g.Refreshes[0].Status, told(g))
		assert.Equal(t, 1, templates(g)["t:2"], fmt.Sprint(templates(g)))
	}
}

func TestANewerRefreshTakesARefreshsPlace(t *testing.T) {
	s := &sky{}
	rules := fleet.Rules{MinHealthy: 50, MaxHealthy: 100, Warmup: time.Minute}
	g := start(t, s, 4)
	g.Start(rules, "t:2")
	g.Advance(time.Minute, s.cloud())
	g.Start(rules, "t:3")
	g.Settle(s.cloud())
	assert.Equal(t, []string{fleet.Cancelled, fleet.Successful}, []string{g.Refreshes[0].Status, g.Refreshes[1].Status})
	require.True(t, g.Kill(g.Instances[0].ID))
	g.Settle(s.cloud())
	assert.Equal(t, map[string]int{"t:3": 4}, templates(g), "what it replaced them by is the group's own now")

	g.Ask(settings("t:4", 4))
	g.Settle(s.cloud())
	assert.Equal(t, map[string]int{"t:3": 4}, templates(g), "without a refresh, only new machines are of it")
	require.True(t, g.Kill(g.Instances[0].ID))
	g.Settle(s.cloud())
	assert.Equal(t, map[string]int{"t:3": 3, "t:4": 1}, templates(g))
}
