package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a person is shown of a server's log is its end, without what others go on to say about the program's absence.
func TestTheEndOfALog(t *testing.T) {
	home := t.TempDir()
	folder := filepath.Join(liveHome(home), "log")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	var log strings.Builder
	for i := range 30 {
		fmt.Fprintf(&log, "web.service: line %d %s\nweb-tls.service: it does not answer\n", i, strings.Repeat("x", i*10))
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "web-a-1b2c.log"), []byte(log.String()), 0o600))
	lines := strings.Split(strings.TrimSpace(lastWords(home, "web-a-1b2c", "Target.Timeout")), "\n")
	require.Len(t, lines, 1+lastLines+1)
	assert.Equal(t, "  the load balancer says: Target.Timeout", lines[1+lastLines])
	assert.Equal(t, "web-a-1b2c did not become healthy. The end of its log:", lines[0])
	assert.True(t, strings.HasPrefix(lines[1], "  web.service: line 18 x"), lines[1])
	assert.True(t, strings.HasSuffix(lines[lastLines], "x…"), lines[lastLines])
	assert.Empty(t, lastWords(home, "app-a-1b2c", ""), "one without a log says nothing")
	assert.Equal(t, []string{"web", "worker-mail"}, []string{tierOf("web-a-1b2c"), tierOf("worker-mail-b-1b2c")})
}

// Whoever has just begun has said nothing of what is wrong, and whoever is well needs not say it.
func TestWhoseLogIsShown(t *testing.T) {
	n := &newcomers{since: map[string]time.Time{}, told: map[string]bool{}, unwell: map[string]string{}}
	start := time.Now()
	tells := func(name, found string, seconds int) bool {
		return n.heed(name, found, start.Add(time.Duration(seconds)*time.Second))
	}
	assert.False(t, tells("web-a-1", "initial", 0))
	assert.True(t, tells("web-a-1", "unhealthy", 60))
	assert.False(t, tells("web-a-2", "initial", 61), "once is enough")
	assert.Equal(t, "web-a-1", n.unwell["web"], "the other has only begun")
	tells("web-a-2", "unhealthy", 90)
	assert.Equal(t, "web-a-2", n.unwell["web"])
	tells("web-b-3", "healthy", 70)
	assert.Equal(t, "web-a-2", n.unwell["web"], "another of the same build is well, and this is not")
	tells("web-a-4", "healthy", 200)
	assert.Empty(t, n.unwell)
}
