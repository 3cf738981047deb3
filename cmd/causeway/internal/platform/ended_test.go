package platform

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/stacks"
)

// A waiver that has ended holds back everything but the release, which whoever is called at night may have to change: the
// program does, and the policy pack agrees to that release.
func TestAnEndedWaiverHoldsBackAllButTheRelease(t *testing.T) {
	pack := builtPack(t)
	now := time.Now()
	waiver := `waivers: {unprotected: {reason: "torn down every night", expires: ` + now.AddDate(0, 0, -10).Format(time.DateOnly) + `}}`
	s := newSite(t, "prod", oncall, `protect: false`, waiver)
	stacks.Today = func() time.Time { return now.AddDate(0, 0, -100) }
	defer func() { stacks.Today = time.Now }()
	s.up()
	stacks.Today = time.Now

	again := s.up()
	assert.Empty(t, changed(again))
	require.NotEmpty(t, again.Problems)
	assert.Contains(t, again.Problems[0].Message, "waivers.unprotected.expires (line 11): the waiver expired on ")
	assert.True(t, again.Problems[0].Warning)

	require.NoError(t, os.WriteFile(filepath.Join(s.project.Root, "web.sh"), []byte("#!/bin/sh\n# web 2\n"), 0o755))
	s.judged(stacks.Deploy, pack)
	released := s.up()
	assert.Contains(t, changed(released), "update ec2/launchTemplate:LaunchTemplate prod-web")
	fail, warn := told(released)
	assert.Empty(t, fail)
	assert.Contains(t, warn, "W")

	s.set(oncall, `protect: false`, waiver, `web: {release: web.sh, maxSize: 5}`)
	for _, operation := range []func(context.Context, engine.Observer) (engine.Outcome, error){s.engine.Preview, s.engine.Up} {
		outcome, err := operation(t.Context(), nil)
		require.Error(t, err)
		assert.Contains(t, fmt.Sprint(outcome.Problems),
			"this changes more than the release: Pulumi.prod.yaml: waivers.unprotected.expires")
	}
	outcome, err := s.engine.Destroy(t.Context(), nil)
	require.NoError(t, err, "%+v", outcome.Problems)
}

// What only the cloud can say of settings is said before anything is made, as a mistake in settings.
func TestZonesThatTheAccountLacks(t *testing.T) {
	s := newSite(t, "dev", `region: us-west-1`, `network: {cidr: 10.40.0.0/16, zoneNames: [us-west-1a, us-west-1b]}`)
	outcome, err := s.engine.Up(t.Context(), nil)
	var refused infra.Problems
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "network.zoneNames[1]: this account cannot use the zone us-west-1b; write some of us-west-1a, us-west-1c",
		refused.Error())
	assert.Empty(t, outcome.Changes)
	assert.Empty(t, s.twin.Resources())
}
