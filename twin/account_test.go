package twin_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
)

// TestTheAccountOfATwin: what it may have and which zones are delegated, as Manners say.
func TestTheAccountOfATwin(t *testing.T) {
	tw, err := twin.Start(context.Background(),
		twin.Options{Route53Zones: []string{"example.net"},
			Manners: twin.Manners{Quotas: map[string]int{"hosted-zones": 9}, Delegation: twin.DelegatedByHand}})
	require.NoError(t, err)
	defer tw.Close()
	for _, q := range tw.Quotas() {
		if q.Name == "hosted-zones" {
			assert.Equal(t, []int{1, 9, 500}, []int{q.Used, q.Limit, q.Default})
		}
	}
	require.Len(t, tw.Delegations(), 1)
	assert.True(t, tw.Delegations()[0].Delegated, "a zone that is there before any program is delegated")
	after, err := tw.Delegate("example.net", false)
	require.NoError(t, err)
	require.Len(t, after, 1)
	assert.False(t, after[0].Delegated)
	_, err = tw.Delegate("example.com", true)
	assert.EqualError(t, err, "there is no public zone example.com on the twin: `causeway twin delegate` lists them")
}

func TestWrongAccountsAreRefused(t *testing.T) {
	_, err := twin.Start(context.Background(), twin.Options{Manners: twin.Manners{Quotas: map[string]int{"vpc": 1}, Delegation: "never"}})
	assert.ErrorContains(t, err, `the nearest is "vpcs"`)
	assert.ErrorContains(t, err, `the delegation "never": write at-once or by-hand`)
}

// TestDriftStaysInTheLog: after an incident, who looks at the kept world sees what was done to it.
func TestDriftStaysInTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twin.db")
	tw, err := twin.Start(context.Background(), twin.Options{Path: path, Route53Zones: []string{"example.net"}})
	require.NoError(t, err)
	_, err = tw.Change("Zone", "example.net", "comment=changed")
	require.NoError(t, err)
	require.NoError(t, tw.Close())
	tw, err = twin.Look(path, twin.Manners{})
	require.NoError(t, err)
	defer tw.Close()
	events := tw.Events()
	require.NotEmpty(t, events)
	last := events[len(events)-1]
	assert.Equal(t, []string{"drift", "aws:route53/zone:Zone", "ok"}, []string{last.Operation, last.Type, last.Answer})
}
