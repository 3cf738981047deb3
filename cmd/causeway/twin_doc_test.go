package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/stacks"
)

// example is a command of docs/twin.md and what it prints: … stands for any text within a line, and a
// line of it alone for any lines.
type example struct {
	command string
	prints  []string
}

var consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")

func examples(t *testing.T) (all []example) {
	t.Helper()
	page, err := os.ReadFile("../../docs/twin.md")
	require.NoError(t, err)
	for _, block := range consoleBlock.FindAllStringSubmatch(string(page), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimRight(line, "\n")
			if command, is := strings.CutPrefix(line, "$ bin/causeway "); is {
				all = append(all, example{command: command})
				continue
			}
			require.NotEmpty(t, all, "output before a command: %s", line)
			last := &all[len(all)-1]
			last.prints = append(last.prints, line)
		}
	}
	return all
}

var spaces = regexp.MustCompile(` {2,}`)

// pattern is what a text must look like to be the one that the page shows: columns may be wider.
func pattern(lines []string) string {
	var b strings.Builder
	b.WriteString(`(?s)^`)
	for _, line := range lines {
		if line == "…" {
			b.WriteString(`.*?`)
			continue
		}
		quoted := strings.ReplaceAll(regexp.QuoteMeta(spaces.ReplaceAllString(line, "  ")), "…", `[^\n]*?`)
		b.WriteString(strings.ReplaceAll(quoted, "  ", ` {2,}`) + ` *\n`)
	}
	return b.String()
}

// words are a command line's, with single quotes.
func words(command string) (all []string) {
	for i, part := range strings.Split(command, "'") {
		if i%2 == 1 {
			all = append(all, part)
			continue
		}
		all = append(all, strings.Fields(part)...)
	}
	return all
}

// TestThePageOfTheTwinIsTrue runs the page's commands, in order, on the platform itself.
func TestThePageOfTheTwinIsTrue(t *testing.T) {
	all := examples(t)
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
		if command, background := strings.CutSuffix(e.command, " &"); background {
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); give(ctx, words(command)...) }()
			defer func() { stop(); <-ended }()
			require.Eventually(t, func() bool { code, _ := at.give("twin", "--env"); return code == 0 }, 30*time.Second, 50*time.Millisecond)
			continue
		}
		_, out := at.give(words(e.command)...)
		shown := out
		if !strings.Contains(strings.Join(e.prints, "\n"), "note:") { // else progress and notes are not shown
			shown = strip(out)
		}
		if strings.HasPrefix(e.command, "up") || strings.HasPrefix(e.command, "down") {
			assert.Regexp(t, pattern(e.prints), shown, "$ bin/causeway %s", e.command)
			continue
		}
		assert.Regexp(t, pattern(e.prints)+`$`, shown, "$ bin/causeway %s", e.command)
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
