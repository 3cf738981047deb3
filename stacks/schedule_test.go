package stacks

import (
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSchedules(t *testing.T) {
	for text, want := range map[string]struct {
		calendar string
		longest  time.Duration
	}{
		"30 3 * * *":    {"*-*-* 03:30:00", 24 * time.Hour},
		"*/15 * * * *":  {"*-*-* *:00,15,30,45:00", 15 * time.Minute},
		"5 8-10 * * *":  {"*-*-* 08,09,10:05:00", 22 * time.Hour},
		"0 0 1 * *":     {"*-*-01 00:00:00", 31 * 24 * time.Hour},
		"0 9 * * 1-5":   {"Mon,Tue,Wed,Thu,Fri *-*-* 09:00:00", 72 * time.Hour},
		"0 6,18 * 2 0":  {"Sun *-02-* 06,18:00:00", 0},
		"10/20 1 * * *": {"*-*-* 01:10,30,50:00", 23*time.Hour + 20*time.Minute},
	} {
		s, err := readSchedule(text)
		require.NoError(t, err, text)
		assert.Equal(t, want.calendar, s.calendar(), text)
		if want.longest > 0 {
			assert.Equal(t, want.longest, s.longest(), text)
		}
		if analyze, err := exec.LookPath("systemd-analyze"); err == nil {
			out, err := exec.Command(analyze, "calendar", s.calendar()+" UTC").CombinedOutput()
			assert.NoError(t, err, "%s: %s", text, out)
		}
	}
	for text, want := range map[string]string{
		"daily": "does not have the five fields", "60 * * * *": "the minute", "* * * * 7": "the weekday", "*/0 * * * *": "the minute",
		"5-1 * * * *": "the minute", "0 0 31 2 *": "never comes", "0 0 1 * 1": "names days and weekdays", "x * * * *": "is not 0 to 59",
	} {
		_, err := readSchedule(text)
		assert.ErrorContains(t, err, want, text)
	}
}
