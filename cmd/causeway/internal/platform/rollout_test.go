package platform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/releases"
	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/world"
)

const webGroup = "dev-web"

// release is another build of a tier's program.
func (s *site) release(tier, content string) {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(filepath.Join(s.project.Root, tier+".sh"), []byte("#!/bin/sh\n# "+content+"\n"), 0o755))
}

// serving are the web tier's machines that serve, by the version of their launch template, and the groups they are in.
func (s *site) serving() (versions map[string]int, groups []string) {
	s.t.Helper()
	versions = map[string]int{}
	for _, item := range s.twin.Items(false) {
		if item.Type != world.TypeGroup || item.Name != webGroup {
			continue
		}
		groups = append(groups, item.ID)
		for _, i := range item.Fleet.Instances {
			if i.State == fleet.InService && s.twin.World().Serving(i) {
				_, version, _ := strings.Cut(i.Template, ":")
				versions[version]++
			}
		}
	}
	return versions, groups
}

func (s *site) failsUp() string {
	s.t.Helper()
	outcome, err := s.engine.Up(s.t.Context(), nil)
	require.Error(s.t, err)
	return saidOf(outcome)
}

func saidOf(o engine.Outcome) string {
	var lines []string
	for _, p := range o.Problems {
		lines = append(lines, p.Message)
	}
	return strings.Join(lines, "\n")
}

// A deployment ends when the servers run what it deploys, or fails and the old ones serve on; so does the next with
// nothing else to do. Going on needs nothing undone, whether by the same release, a better one or the one before.
func TestARolloutEndsWithUp(t *testing.T) {
	for rollout, says := range map[string]string{
		"rolling": "the servers of dev-web-", "replace": "capacity satisfied: timeout: it has 0 of 1 healthy machines",
	} {
		t.Run(rollout, func(t *testing.T) {
			s := newSite(t, "dev", `web: {release: web.sh, maxSize: 4, rollout: `+rollout+`}`)
			s.up()
			_, groups := s.serving()
			require.Len(t, groups, 1)
			require.NoError(t, s.twin.World().Resize(groups[0], 3), "the scaler has made more")

			s.release("web", "a good one")
			did := changed(s.up())
			versions, now := s.serving()
			assert.Equal(t, map[string]int{"2": 3}, versions, "as many as there were")
			require.Len(t, now, 1)
			assert.Equal(t, rollout == "replace", now[0] != groups[0])
			assert.Contains(t, did, map[string]string{"rolling": "update",
				"replace": "replace"}[rollout]+" autoscaling/group:Group dev-web")

			require.NoError(t, s.twin.AddFaults("sick:aws:autoscaling/group@dev-web:launch:9999"))
			s.release("web", "a bad one")
			for range 2 {
				assert.Contains(t, s.failsUp(), says)
				versions, groups = s.serving()
				assert.Equal(t, map[string]int{"2": 3}, versions, "the old ones serve on")
				assert.Contains(t, groups, now[0])
			}
			require.NoError(t, s.twin.ClearFaults())

			if rollout == "replace" { // the release before, while the bad one's group is there
				s.release("web", "a good one")
			}
			s.up()
			versions, now = s.serving()
			assert.Len(t, now, 1, "nothing is left of the group that failed")
			assert.Len(t, versions, 1)
			assert.NotContains(t, versions, "2")
			for _, n := range versions {
				assert.Equal(t, 3, n)
			}
			s.unchanged()
		})
	}
}

// Both releases can be fetched while servers of both start, and the new group's do so before the old one goes.
func TestARolloutCanBeChanged(t *testing.T) {
	s := newSite(t, "dev")
	s.up()
	s.set(`web: {release: web.sh, rollout: replace}`)
	s.release("web", "two")
	assert.Contains(t, changed(s.up()), "replace autoscaling/group:Group dev-web")
	s.set(`web: {release: web.sh, rollout: rolling}`)
	s.release("web", "three")
	assert.Contains(t, changed(s.up()), "update autoscaling/group:Group dev-web")
	versions, _ := s.serving()
	assert.Equal(t, map[string]int{"3": 1}, versions)
	kept, list := 0, func() (all []releases.Release) {
		var things []releases.Thing
		for _, i := range s.twin.Items(false) {
			i.Outputs["id"] = i.ID
			things = append(things, releases.Thing{Type: i.Type, Created: i.Created, Outputs: i.Outputs})
		}
		return slices.DeleteFunc(releases.List(things, nil), func(r releases.Release) bool { return r.Tier != "web" })
	}
	all := list()
	require.Len(t, all, 3, "every release can still be fetched")
	for _, r := range all {
		if r.Deployed {
			kept++
			assert.Equal(t, []int{1, 1}, []int{r.Servers, r.Of})
		}
	}
	assert.Equal(t, 1, kept)

	first := all[2]
	require.NoError(t, os.Remove(filepath.Join(s.project.Root, "web.sh")), "going back needs no old file")
	s.set(`web: {release: "` + first.Name + `"}`)
	did := changed(s.up())
	assert.Contains(t, did, "update autoscaling/group:Group dev-web")
	assert.NotContains(t, strings.Join(did, "\n"), "create s3")
	all = list()
	require.Len(t, all, 3)
	assert.Equal(t, releases.Release{Tier: "web", Name: first.Name, Came: first.Came, Deployed: true, Servers: 1, Of: 1}, all[2])
}
