package livetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// anotherApplication puts a program in Node, in an archive and without TLS, in the place of the guestbook's page. One that
// does not start fails `up`, which shows why, and the one before serves on.
func (at *place) anotherApplication(t *testing.T) {
	at = at.in(t)
	if _, err := exec.LookPath("node"); err != nil {
		skip(t, "node is not on PATH: install nodejs")
	}
	require.NoError(t, os.CopyFS(filepath.Join(at.root, "examples", "node"), os.DirFS("../../examples/node")))
	at.edit("Pulumi.local.yaml", "causeway:web: {",
		"causeway:web: {release: examples/node, command: [node, server.js], packages: [nodejs22], protocol: http, ")
	at.must("up")
	s := at.state()
	c := at.client(s)
	serves := func() bool {
		text, err := page(c, s.URLs[0]+"/")
		return err == nil && strings.Contains(text, "Hello from Node")
	}
	require.Eventually(t, serves, time.Minute, 200*time.Millisecond)

	good := at.edit("examples/node/server.js", "'use strict'", "'use strict'\nthrow new Error('it has no settings')")
	out, err := at.giveWithin(10*time.Minute, "up")
	assert.Error(t, err)
	assert.Contains(t, out, "is not healthy yet: `bin/causeway live logs web-", "it is told before anybody has to wait for the end")
	assert.Regexp(t, `web-\S+ did not become healthy. The end of its log:\n(.*\n)*.*it has no settings`, out)
	assert.True(t, serves(), "the servers from before serve on")
	require.NoError(t, os.WriteFile(filepath.Join(at.root, "examples/node/server.js"), append(good, '\n'), 0o644))
	at.must("up")
	assert.True(t, serves())
}
