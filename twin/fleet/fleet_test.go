package fleet_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/fleet"
)

// sky is a cloud whose rooms and sicknesses a test decides.
type sky struct {
	full  map[string]bool
	sick  func() bool
	rings string
}

func (s *sky) cloud() fleet.Cloud {
	return fleet.Cloud{
		Room: func(zone string) bool { return !s.full[zone] },
		Sick: func() bool { return s.sick != nil && s.sick() },
		ID:   func(n int) string { return fmt.Sprintf("i-%d", n) },
		Rings: func(alarms []string) string {
			if slices.Contains(alarms, s.rings) {
				return s.rings
			}
			return ""
		},
	}
}

func settings(template string, desired int) fleet.Settings {
	return fleet.Settings{Desired: desired, Template: template, Grace: 2 * time.Minute,
		Places: []fleet.Place{{Zone: "a", Subnet: "subnet-a"}, {Zone: "b", Subnet: "subnet-b"}}}
}

func start(t *testing.T, s *sky, desired int) *fleet.Group {
	t.Helper()
	g := &fleet.Group{Now: time.Unix(0, 0).UTC()}
	g.Ask(settings("t:1", desired))
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
	g := start(t, s, 4)
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

	g.Ask(settings("t:1", 1))
	g.Settle(s.cloud())
	assert.Len(t, g.Instances, 1)
	assert.False(t, g.Harm("i-99"))
	assert.False(t, g.Kill("i-99"))
}

func TestMachinesTakeTimeToStart(t *testing.T) {
	g := &fleet.Group{Now: time.Unix(0, 0)}
	g.Ask(settings("t:1", 2))
	g.Advance(10*time.Second, (&sky{}).cloud())
	require.Len(t, g.Instances, 2)
	assert.Equal(t, fleet.Pending, g.Instances[0].State)
	g.Advance(time.Minute, (&sky{}).cloud())
	assert.Equal(t, fleet.InService, g.Instances[0].State)
}

func TestAZoneWithoutRoomIsAvoidedUntilItHasSome(t *testing.T) {
	s := &sky{full: map[string]bool{"a": true}}
	g := start(t, s, 2)
	for _, i := range g.Instances {
		assert.Equal(t, "b", i.Zone)
	}
	s.full["b"] = true
	g.Ask(settings("t:1", 3))
	g.Settle(s.cloud())
	assert.Len(t, g.Instances, 2)
	assert.Contains(t, told(g), "InsufficientInstanceCapacity")
	s.full = nil
	g.Advance(5*time.Minute, s.cloud())
	assert.Len(t, g.Instances, 3)
}
