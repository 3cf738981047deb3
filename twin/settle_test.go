package twin_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
)

// What a killed twin had made and no state knows of is undone, with what the cloud made along, and
// nothing else is. A twin that ended in order leaves nothing to settle.
func TestWhatAKilledTwinMadeForNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twin.db")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), serveVar+"="+path)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	attach, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	e := newEngine(t, nil, small)
	require.NoError(t, e.stack.Workspace().SetEnvVars(map[string]string{"PULUMI_DEBUG_PROVIDERS": strings.TrimSpace(attach)}))
	e.up()
	require.NoError(t, child.Process.Kill())
	_ = child.Wait()

	open := func() *twin.Twin {
		tw, err := twin.Start(context.Background(), twin.Options{Path: path})
		require.NoError(t, err)
		return tw
	}
	tw := open()
	require.True(t, tw.Interrupted())
	require.NoError(t, tw.Close())
	tw = open()
	require.True(t, tw.Interrupted(), "looking at it settles nothing")
	group := first(t, tw, "aws:ec2/securityGroup:SecurityGroup")
	lost := tw.Unanswered(func(urn, _ string) bool { return urn == group.URN })
	require.Len(t, lost, 1)
	assert.Equal(t, "aws:ec2/vpc:Vpc", lost[0].Type)
	require.NoError(t, tw.Undo(lost))
	assert.False(t, tw.Interrupted())
	var left []string
	for _, item := range tw.Items(false) {
		left = append(left, item.ID)
	}
	assert.Equal(t, []string{group.ID}, left)
	require.NoError(t, tw.Close())
	tw = open()
	defer tw.Close()
	assert.False(t, tw.Interrupted())
	assert.Empty(t, tw.Unanswered(func(string, string) bool { return false }))
}
