package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// delegated is a public DNS that answers the same name servers for every domain.
type delegated []*net.NS

func (d delegated) LookupNS(context.Context, string) ([]*net.NS, error) { return d, nil }

func check(t *testing.T, stack string, servers ...string) (string, error) {
	t.Helper()
	var public delegated
	for _, server := range servers {
		public = append(public, &net.NS{Host: server})
	}
	command := checkCommand(&stack, public)
	var out bytes.Buffer
	command.SetOut(&out)
	command.SetErr(&out)
	command.SetArgs([]string{}) // nil would be this process's own
	command.SilenceUsage, command.SilenceErrors = true, true
	err := command.ExecuteContext(t.Context())
	return out.String(), err
}

func TestCheckReadsSettingsAndAsksForTheDelegation(t *testing.T) {
	at := newPlace(t, network)
	base, err := os.ReadFile(filepath.Join(at.start, "testdata", "Pulumi.base.yaml"))
	require.NoError(t, err)
	definition, err := os.ReadFile(filepath.Join(at.start, "../../Pulumi.yaml"))
	require.NoError(t, err)
	at.write("Pulumi.yaml", string(definition))
	for _, tier := range []string{"web", "app"} {
		at.write(tier+".sh", "#!/bin/sh\n")
	}
	settings := func(more string) { at.write("Pulumi.dev.yaml", string(base)+more) }
	settings("")

	out, err := check(t, "dev", "ada.ns.cloudflare.com.", "bob.ns.cloudflare.com.")
	require.NoError(t, err)
	assert.Equal(t, "dev: the settings are right\nexample.com: served by ada.ns.cloudflare.com, bob.ns.cloudflare.com\n", out)

	_, err = check(t, "dev", "ns1.parking.example.")
	assert.ErrorContains(t, err, "example.com is served by ns1.parking.example, and its zone is in cloudflare")

	settings("  causeway:database: {version: \"16.4\"}\n")
	_, err = check(t, "dev")
	assert.ErrorContains(t, err, "Pulumi.dev.yaml: database.version")
	assert.Equal(t, exitConfiguration, exitCode(err))

	settings("")
	require.NoError(t, os.WriteFile("Twin.dev.yaml", []byte("seed: 7\nfault: lost:*:create\n"), 0o644))
	_, err = check(t, "dev")
	assert.ErrorContains(t, err, `Twin.dev.yaml:2: there is no setting "fault", the nearest is "faults"`)
	assert.Equal(t, exitConfiguration, exitCode(err))
}
