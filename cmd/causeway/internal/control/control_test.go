package control_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/control"
	"github.com/causeway-iac/causeway/twin"
)

func served(t *testing.T, path string) (*twin.Twin, *control.Server) {
	t.Helper()
	tw, err := twin.Start(context.Background(), twin.Options{Account: "111122223333", Route53Zones: []string{"example.net"},
		Caller: "the test"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = tw.Close() })
	s, err := control.Serve(path, control.Local{Twin: tw})
	require.NoError(t, err)
	return tw, s
}

// The socket of a deep folder is elsewhere, since systems bound the length of its path.
func TestAnotherProcessAsksAndChangesTheTwin(t *testing.T) {
	for name, path := range map[string]string{
		"short": filepath.Join(t.TempDir(), "twin.sock"),
		"deep":  filepath.Join(t.TempDir(), strings.Repeat("d", 120), "twin.sock"),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.Nil(t, control.Dial(path), "nobody serves")
			tw, s := served(t, path)
			info, err := os.Stat(path)
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "others of this machine could use it")

			c := control.Dial(path)
			require.NotNil(t, c)
			status, err := c.Status()
			require.NoError(t, err)
			assert.Equal(t, tw.Attach(), status.Serving)
			assert.Equal(t, "the test", status.Caller)
			items, err := c.Items(false)
			require.NoError(t, err)
			require.NotEmpty(t, items)
			zone, err := c.Change("Zone", "example.net", "comment=changed")
			require.NoError(t, err)
			assert.Equal(t, "changed", twin.Pick(tw.Items(false), "Zone", zone.ID)[0].Outputs["comment"])
			zones, err := c.Delegate("example.net", false)
			require.NoError(t, err)
			require.Len(t, zones, 1)
			assert.False(t, zones[0].Delegated)
			zones, err = c.Delegations()
			require.NoError(t, err)
			assert.Equal(t, tw.Delegations(), zones)
			quotas, err := c.Quotas()
			require.NoError(t, err)
			assert.Equal(t, tw.Quotas(), quotas)
			_, err = c.Drop("Zone", "example.org")
			assert.ErrorContains(t, err, "there is no Zone named example.org")
			events, err := c.Events()
			require.NoError(t, err)
			require.NotEmpty(t, events)
			assert.Equal(t, "delegate", events[len(events)-1].Operation)
			assert.Equal(t, "drift", events[len(events)-2].Operation)
			assert.Equal(t, "causeway twin drift", events[len(events)-2].Caller)
			added, err := c.Add("Zone", "example.net", "name=example.com")
			require.NoError(t, err)
			assert.Equal(t, "example.com", twin.Pick(tw.Items(false), "Zone", added.ID)[0].Outputs["name"])
			_, err = c.Drop("Zone", added.ID)
			require.NoError(t, err)

			require.NoError(t, c.AddFaults("lost:*:create"))
			assert.ErrorContains(t, c.AddFaults("slow:*:create"), `there is no kind "slow"`)
			faults, err := c.Faults()
			require.NoError(t, err)
			assert.Equal(t, tw.Faults(), faults)
			require.Len(t, faults, 1)
			require.NoError(t, c.ClearFaults())
			assert.Empty(t, tw.Faults())

			_, err = c.Drop("Zone", "example.net")
			require.NoError(t, err)
			assert.Empty(t, tw.Items(false))
			require.NoError(t, c.Reset())
			assert.Len(t, tw.Items(false), 1, "the zones that were there before are there again")

			require.NoError(t, s.Close())
			assert.Nil(t, control.Dial(path))
			_, err = os.Lstat(path)
			assert.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}

// A killed process leaves its socket; the next one takes its place.
func TestASocketThatWasLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twin.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	l.SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
	require.Nil(t, control.Dial(path))
	_, s := served(t, path)
	defer s.Close()
	assert.NotNil(t, control.Dial(path))
}
