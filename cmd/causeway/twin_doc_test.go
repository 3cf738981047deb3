package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/internal/transcript"
	"github.com/causeway-iac/causeway/stacks"
)

// TestThePageOfTheTwinIsTrue runs the page's commands, in order, on the platform itself.
func TestThePageOfTheTwinIsTrue(t *testing.T) {
	all, err := transcript.Read("../../docs/twin.md")
	require.NoError(t, err)
	require.Greater(t, len(all), 15)
	settings, err := os.ReadFile("../../Pulumi.local.yaml")
	require.NoError(t, err)
	main, err := os.ReadFile("../../Pulumi.yaml")
	require.NoError(t, err)
	release, err := filepath.Abs("../../examples")
	require.NoError(t, err)
	oldSetting := setting
	at := newPlace(t, stacks.Deploy)
	setting = oldSetting
	at.write("Pulumi.yaml", string(main))
	at.write("Pulumi.local.yaml", string(settings))
	require.NoError(t, os.Symlink(release, filepath.Join(at.root, "examples")))

	for _, e := range all {
		if command, background := strings.CutSuffix(e.Command, " &"); background {
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); give(ctx, transcript.Example{Command: command}.Words()...) }()
			defer func() { stop(); <-ended }()
			require.Eventually(t, func() bool { code, _ := at.give("twin", "--env"); return code == 0 }, 30*time.Second,
				50*time.Millisecond)
			continue
		}
		_, out := at.give(e.Words()...)
		out = string(asTyped([]byte(out), "bin/causeway"))
		shown := out
		if !strings.Contains(strings.Join(e.Prints, "\n"), "note:") { // else progress and notes are not shown
			shown = strip(out)
		}
		if strings.HasPrefix(e.Command, "up") || strings.HasPrefix(e.Command, "down") {
			assert.Regexp(t, e.Pattern(), shown, "$ bin/causeway %s", e.Command)
			continue
		}
		assert.Regexp(t, e.Pattern()+`$`, shown, "$ bin/causeway %s", e.Command)
	}
}

// strip leaves out the lines that are progress.
func strip(out string) string {
	var kept []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "deploying ") && !strings.HasPrefix(line, "taking down ") && !strings.HasPrefix(line, "note: ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}
