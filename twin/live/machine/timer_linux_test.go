package machine

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A timer runs its service whenever its calendar says so, and what follows a failure is not done.
func TestTimersRunTheirServices(t *testing.T) {
	m := boot(t, `#!/bin/bash
cd /etc/systemd/system
printf '[Timer]\nOnCalendar=*-*-* *:*:* UTC\n' | tee job.timer bad.timer >/dev/null
printf '[Timer]\nOnCalendar=weekly\n' >odd.timer
printf '[Service]\nType=oneshot\nExecStart=/bin/echo working\nExecStart=+/bin/echo is done\n' >job.service
printf '[Service]\nType=oneshot\nExecStart=/bin/false\nExecStart=+/bin/echo is never done\n' >bad.service
systemctl enable --now job.timer bad.timer odd.timer
systemctl is-active job.timer
`)
	m.says(t, "job.timer: waits for *-*-* *:*:* UTC")
	m.says(t, "job.service: is done")
	m.says(t, "bad.service: ended: exit status 1")
	m.says(t, "OnCalendar=weekly is not played")
	require.Eventually(t, func() bool { return strings.Count(m.log.String(), "job.service: is done") > 1 }, 10*time.Second,
		20*time.Millisecond, "once is not every second")
	assert.NotContains(t, m.log.String(), "is never done")
	m.shutDown(t)
}

func TestCalendars(t *testing.T) {
	monday := time.Date(2027, 3, 1, 3, 30, 0, 0, time.UTC)
	for text, want := range map[string]bool{
		"*-*-* 03:30:00 UTC": true, "*-*-* 03:31:00": false, "Mon,Tue *-*-* *:00,30:00": true, "Sun *-*-* 03:30:00": false,
		"*-02-* 03:30:00": false, "*-03-01,15 03:30:00": true, "*-*-02 03:30:00": false,
	} {
		c, err := readCalendar(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, c.elapses(monday), text)
		assert.False(t, c.elapses(monday.Add(time.Second)), text)
	}
}
