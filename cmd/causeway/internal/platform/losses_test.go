package platform

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/stacks"
)

// The gate stands in the preview that `pulumi up` begins with, whether protections are heeded or not.
func TestThePolicyPackStopsLosses(t *testing.T) {
	pack := builtPack(t)
	command, err := filepath.Abs("../../../../bin/pulumi")
	require.NoError(t, err)
	s := newSite(t, "prod", oncall)
	s.up()
	previews := func(program pulumi.RunFunc, lines ...string) (losses []string, err error) {
		s.write(append(lines, oncall)...)
		s.engine, err = engine.Open(t.Context(), engine.Options{
			Project: s.project, Stack: s.stack, Program: program, Attach: s.twin.Attach(), Command: command,
			PolicyPacks: []string{pack}, IgnoreProtect: true, Home: s.project.Home(s.stack), Throwaway: true,
		})
		require.NoError(t, err)
		o, err := s.engine.Preview(t.Context(), nil)
		for _, p := range o.Problems {
			if p.Policy == "LOSS" {
				losses = append(losses, p.Message)
			}
		}
		return losses, err
	}
	losses, err := previews(stacks.Deploy)
	require.NoError(t, err)
	assert.Empty(t, losses)

	later := time.Now().AddDate(0, 6, 0).Format(time.DateOnly)
	renamed, err := previews(func(ctx *pulumi.Context) error { // by its program: the settings refuse it
		checked, err := stacks.Check(s.project.Root, s.stack, time.Now())
		settings := checked.Settings
		settings.Name = "shop"
		_, composing := stacks.Compose(ctx, settings, s.project.Root)
		return errors.Join(err, composing)
	})
	require.Error(t, err)
	for _, lost := range []string{
		"prod-database would be deleted, with the database's data", "prod-edge would be deleted",
		"would leave the stack, with everything that the key encrypts",
	} {
		assert.Contains(t, strings.Join(renamed, "\n"), lost)
	}

	month := `database: {backupDays: 30}`
	for _, c := range []struct {
		program pulumi.RunFunc
		lines   []string
		lost    string
	}{
		{
			mistaken("aws:rds/instance:Instance", "prod-database", "username", pulumi.String("admin")), nil,
			"prod-database would be replaced: the new one is without the database's data",
		},
		{
			stacks.Deploy, []string{`protect: false`, `waivers: {unprotected: {reason: "torn down every night", expires: ` + later + `}}`},
			"prod-database loses its protection from deletion",
		},
		{stacks.Deploy, []string{month}, "prod-database keeps its backups for a shorter time"},
		{
			stacks.Deploy, []string{month, `losses: {prod-database: {reason: "a month is enough", expires: 2025-01-31}}`},
			"allowed it until 2025-01-31",
		},
	} {
		losses, err := previews(c.program, c.lines...)
		require.Error(t, err, c.lost)
		assert.Contains(t, strings.Join(losses, "\n"), c.lost)
		assert.Contains(t, strings.Join(losses, "\n"), `causeway:losses: {"prod-database": {reason: "...", expires: `)
	}

	losses, err = previews(stacks.Deploy, month, `losses: {prod-database: {reason: "a month is enough", expires: `+later+`}}`)
	require.NoError(t, err, losses)
	require.Len(t, losses, 1)
	assert.Contains(t, losses[0], "allowed by the settings: a month is enough (until "+later+")")
}
