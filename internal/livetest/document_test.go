package livetest

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/internal/transcript"
)

// TestThePageOfTheLivingWorldIsTrue runs the commands of docs/live.md, in order.
func TestThePageOfTheLivingWorldIsTrue(t *testing.T) {
	all, err := transcript.Read("../../docs/live.md")
	require.NoError(t, err)
	require.Greater(t, len(all), 15)
	at := newPlace(t, "")
	for i, e := range all {
		out := ""
		if i == 0 {
			require.True(t, strings.HasPrefix(e.Command, "up --live"))
			out = at.upLive()
		} else {
			out, err = at.answers(e)
			fails := slices.ContainsFunc(e.Prints, func(line string) bool { return strings.HasPrefix(line, "causeway: ") })
			assert.Equal(t, fails, err != nil, "$ bin/causeway %s\n%s", e.Command, out)
		}
		assert.Regexp(t, e.Pattern()+`$`, out, "$ bin/causeway %s", e.Command)
	}
	// Where it cannot live, `up` does all else, and says why in one line.
	said := strings.Split(strings.TrimSpace(at.withoutNamespaces("up", "--live")), "\n")
	assert.Equal(t, "local cannot live on this computer: this computer allows no more user namespaces (user.max_user_namespaces); "+
		"`sudo sysctl user.max_user_namespaces=15000` allows them", said[len(said)-1])
	out, err := at.give("live", "status") // nothing is half-started
	assert.ErrorContains(t, err, "exit status 1")
	assert.Contains(t, out, "local is not alive")
}

// answers gives a command of the page. What reads a log is given until its line is there: flow logs come every ten seconds.
func (at *place) answers(e transcript.Example) (out string, err error) {
	expected := regexp.MustCompile(e.Pattern() + `$`)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Second) {
		out, err = at.give(e.Words()...)
		if !strings.HasPrefix(e.Command, "live logs") || expected.MatchString(out) || time.Now().After(deadline) {
			return out, err
		}
	}
}

// withoutNamespaces gives a command line where the kernel allows no user namespaces below this one.
func (at *place) withoutNamespaces(args ...string) string {
	at.t.Helper()
	script := `echo 0 > /proc/sys/user/max_user_namespaces && exec bin/causeway "$@"`
	cmd := exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...)
	cmd.Dir = at.root
	user, group := []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: user, GidMappings: group}
	out, err := cmd.CombinedOutput()
	require.NoError(at.t, err, "%s", out)
	return string(out)
}
