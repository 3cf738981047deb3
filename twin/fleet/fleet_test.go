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

// sky is a cloud whose rooms and sicknesses a test decides.
type sky struct {
	full map[string]bool
	sick func() bool
}

func (s *sky) cloud() fleet.Cloud {
	return fleet.Cloud{
		Room: func(zone string) bool { return !s.full[zone] },
		Sick: func() bool { return s.sick != nil && s.sick() },
		ID:   func(n int) string { return fmt.Sprintf("i-%d", n) },
	}
}

func settings(template string, desired int, rules *fleet.Rules) fleet.Settings {
	return fleet.Settings{Desired: desired, Template: template, Refresh: rules, Grace: 2 * time.Minute, Warmup: time.Minute,
		Places: []fleet.Place{{Zone: "a", Subnet: "subnet-a"}, {Zone: "b", Subnet: "subnet-b"}}}
}

func start(t *testing.T, s *sky, desired int, rules *fleet.Rules) *fleet.Group {
	t.Helper()
	g := &fleet.Group{Now: time.Unix(0, 0).UTC()}
	g.Ask(settings("t:1", desired, rules))
	g.Settle(s.cloud())
	require.Len(t, g.Instances, desired)
	return g
}

func templates(g *fleet.Group) map[string]int {
	n := map[string]int{}
	for _, i := range g.Instances {
		n[i.Template]++
	}
	return n
}

func told(g *fleet.Group) string {
	var b strings.Builder
	for _, a := range g.Activities {
		fmt.Fprintln(&b, a.Text)
	}
	return b.String()
}

func TestAGroupKeepsItsNumberOverItsZones(t *testing.T) {
	s := &sky{}
	g := start(t, s, 4, nil)
	zones := map[string]int{}
	for _, i := range g.Instances {
		zones[i.Zone]++
		assert.Equal(t, fleet.InService, i.State)
	}
	assert.Equal(t, map[string]int{"a": 2, "b": 2}, zones)

	require.True(t, g.Harm("i-2"))
	g.Settle(s.cloud())
	require.True(t, g.Kill("i-3"))
	g.Settle(s.cloud())
	assert.Equal(t, map[string]int{"t:1": 4}, templates(g))
	assert.NotContains(t, fmt.Sprint(g.Instances), "i-2 ")
	assert.Contains(t, told(g), "terminating i-2: it failed its health check")
	assert.Contains(t, told(g), "i-3 was terminated by someone")

	g.Ask(settings("t:1", 1, nil))
	g.Settle(s.cloud())
	assert.Len(t, g.Instances, 1)
	assert.False(t, g.Harm("i-99"))
	assert.False(t, g.Kill("i-99"))
}

func TestMachinesTakeTimeToStart(t *testing.T) {
	g := &fleet.Group{Now: time.Unix(0, 0)}
	g.Ask(settings("t:1", 2, nil))
	g.Advance(10*time.Second, (&sky{}).cloud())
	require.Len(t, g.Instances, 2)
	assert.Equal(t, fleet.Pending, g.Instances[0].State)
	g.Advance(time.Minute, (&sky{}).cloud())
	assert.Equal(t, fleet.InService, g.Instances[0].State)
}

func TestAZoneWithoutRoomIsAvoidedUntilItHasSome(t *testing.T) {
	s := &sky{full: map[string]bool{"a": true}}
	g := start(t, s, 2, nil)
	for _, i := range g.Instances {
		assert.Equal(t, "b", i.Zone)
	}
	s.full["b"] = true
	g.Ask(settings("t:1", 3, nil))
	g.Settle(s.cloud())
	assert.Len(t, g.Instances, 2)
	assert.Contains(t, told(g), "InsufficientInstanceCapacity")
	s.full = nil
	g.Advance(5*time.Minute, s.cloud())
	assert.Len(t, g.Instances, 3)
}

// No moment of a refresh is below the minimum of healthy machines or above the maximum of all.
func TestARefreshStaysWithinItsBounds(t *testing.T) {
	for _, c := range []struct{ desired, low, high int }{{4, 50, 100}, {4, 100, 150}, {10, 90, 110}, {3, 90, 200}, {1, 100, 200}, {2, 100, 100}} {
		s := &sky{}
		rules := &fleet.Rules{MinHealthy: c.low, MaxHealthy: c.high}
		g := start(t, s, c.desired, rules)
		g.Ask(settings("t:2", c.desired, rules))
		batches := 0
		for step := 0; g.Refreshes[0].Status == fleet.InProgress; step++ {
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
		assert.Equal(t, map[string]int{"t:2": c.desired}, templates(g), "%+v", c)
		if c.desired > 2 && c.high < 200 {
			assert.Greater(t, batches, 1, "%+v: batch by batch", c)
		}
	}
}

func TestARefreshThatStaysUnhealthy(t *testing.T) {
	for _, c := range []struct {
		rollback  bool
		status    string
		templates map[string]int
	}{
		{true, fleet.RollbackSuccessful, map[string]int{"t:1": 4}},
		{false, fleet.Failed, nil},
	} {
		s := &sky{}
		rules := &fleet.Rules{MinHealthy: 75, MaxHealthy: 100, AutoRollback: c.rollback}
		g := start(t, s, 4, rules)
		s.sick = func() bool {
			r := g.Refreshes
			return len(r) > 0 && r[0].Status == fleet.InProgress
		}
		g.Ask(settings("t:2", 4, rules))
		started := g.Now
		g.Settle(s.cloud())
		r := g.Refreshes[0]
		assert.Equal(t, c.status, r.Status, told(g))
		assert.GreaterOrEqual(t, r.Ended.Sub(started), time.Hour)
		if c.templates != nil {
			assert.Equal(t, c.templates, templates(g))
			require.True(t, g.Kill(g.Instances[0].ID))
			g.Settle(s.cloud())
			assert.Equal(t, c.templates, templates(g), "what is launched after a rollback is of the former template")
			continue
		}
		assert.GreaterOrEqual(t, templates(g)["t:1"], 3, "what was healthy is still there")
	}
}

func TestANewerTemplateTakesARefreshsPlace(t *testing.T) {
	s := &sky{}
	rules := &fleet.Rules{MinHealthy: 50, MaxHealthy: 100}
	g := start(t, s, 4, rules)
	g.Ask(settings("t:2", 4, rules))
	g.Advance(time.Minute, s.cloud())
	g.Ask(settings("t:3", 4, rules))
	g.Settle(s.cloud())
	assert.Equal(t, []string{fleet.Cancelled, fleet.Successful}, []string{g.Refreshes[0].Status, g.Refreshes[1].Status})
	assert.Equal(t, map[string]int{"t:3": 4}, templates(g))

	g.Ask(settings("t:4", 4, nil))
	g.Settle(s.cloud())
	assert.Equal(t, map[string]int{"t:3": 4}, templates(g), "without a refresh, only new machines are of it")
}
