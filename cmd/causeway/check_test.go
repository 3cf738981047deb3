package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/dns"
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
	return checkAsking(t, public, stack)
}

// mute is a public DNS that answers no question.
type mute net.DNSError

func (m *mute) LookupNS(context.Context, string) ([]*net.NS, error) { return nil, (*net.DNSError)(m) }

func checkAsking(t *testing.T, public dns.Resolver, stack string, args ...string) (string, error) {
	t.Helper()
	command := checkCommand(&stack, public)
	var out bytes.Buffer
	command.SetOut(&out)
	command.SetErr(&out)
	command.SetArgs(append([]string{}, args...)) // nil would be this process's own
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
	assert.Regexp(t, `^dev: the settings are right; of 16384 bytes of user data, web has [0-9]{4} and app [0-9]{4}\n`, out)
	assert.Contains(t, out, "\nexample.com: served by ada.ns.cloudflare.com, bob.ns.cloudflare.com\n")

	_, err = check(t, "dev", "ns1.parking.example.")
	assert.ErrorContains(t, err, "example.com is served by ns1.parking.example, and its zone is in cloudflare")

	_, err = checkAsking(t, &mute{Err: "i/o timeout", IsTimeout: true}, "dev")
	assert.ErrorContains(t, err, "i/o timeout; --offline checks the settings alone")
	assert.Equal(t, exitNoAnswer, exitCode(err))
	_, err = checkAsking(t, &mute{Err: "no such host", IsNotFound: true}, "dev")
	assert.Equal(t, exitError, exitCode(err), "the DNS answered: there is no such zone")
	_, err = checkAsking(t, &mute{}, "dev", "--offline")
	assert.NoError(t, err)

	// What runs by default is compiled, as before a deployment.
	at.write("Pulumi.dev.yaml", strings.Replace(string(base), "web: {release: web.sh}",
		"edge: {countOnly: [AWSManagedRulesCommonRuleSet/X]}", 1))
	require.NoError(t, os.MkdirAll("examples/guestbook", 0o755))
	at.write("examples/guestbook/go.mod", "module guestbook\n")
	at.write("examples/guestbook/main.go", "package main\n\nfunc main() { broken }\n")
	_, err = check(t, "dev", "ada.ns.cloudflare.com.")
	assert.ErrorContains(t, err, "opening the release of the web tier: building the guestbook")
	out, err = checkAsking(t, &mute{}, "dev", "--offline")
	require.NoError(t, err)
	assert.Contains(t, out, "warning: Pulumi.dev.yaml: edge.countOnly (line 7): has no effect, since edge.webAcl is false")

	settings("  causeway:database: {version: \"16.4\"}\n")
	_, err = check(t, "dev")
	assert.ErrorContains(t, err, "Pulumi.dev.yaml: database.version")
	assert.Equal(t, exitConfiguration, exitCode(err))

	settings("")
	require.NoError(t, os.WriteFile("Twin.dev.yaml", []byte("seed: 7\nfault: lost:*:create\n"), 0o644))
	_, err = check(t, "dev")
	assert.ErrorContains(t, err, `Twin.dev.yaml:2: there is no setting "fault", the nearest is "faults"`)
	assert.Equal(t, exitConfiguration, exitCode(err))

	require.NoError(t, os.WriteFile("Twin.dev.yaml", []byte("faults: &a [*a]\n"), 0o644))
	_, err = check(t, "dev")
	assert.ErrorContains(t, err, "Twin.dev.yaml:1: this alias leads to what it is a part of")
	assert.Equal(t, exitConfiguration, exitCode(err))
}

// A waiver is spoken of for the month before its end, and refused after it.
func TestCheckWarnsOfWaiversThatEnd(t *testing.T) {
	at := newPlace(t, network)
	base, err := os.ReadFile(filepath.Join(at.start, "testdata", "Pulumi.base.yaml"))
	require.NoError(t, err)
	for _, tier := range []string{"web", "app"} {
		at.write(tier+".sh", "#!/bin/sh\n")
	}
	for days, want := range map[int]struct {
		says string
		code int
	}{
		40: {"", 0}, 29: {"in 29 days", 0}, 0: {"in 0 days", 0}, -2: {"the waiver expired on ", exitConfiguration},
	} {
		day := time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
		at.write("Pulumi.prod.yaml", string(base)+"  causeway:protect: false\n"+
			"  causeway:waivers: {unprotected: {reason: \"a test of its end\", expires: "+day+"}}\n")
		out, err := checkAsking(t, nil, "prod", "--offline")
		if want.code == 0 {
			assert.NoError(t, err)
			assert.Equal(t, want.says != "", strings.Contains(out,
				"warning: Pulumi.prod.yaml: waivers.unprotected.expires (line 10): the waiver ends on "+day), out)
			assert.Contains(t, out, want.says)
			continue
		}
		assert.Equal(t, want.code, exitCode(err))
		assert.ErrorContains(t, err, want.says+day)
	}
}
