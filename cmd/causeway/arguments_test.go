package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everyCommand calls see for each command there is.
func everyCommand(see func(*cobra.Command)) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		see(cmd)
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(newRoot(shell{}))
}

// A wrong command line ends with the code of wrong settings, whichever command it is of.
func TestEveryCommandRefusesWhatItDoesNotKnow(t *testing.T) {
	newPlace(t, network)
	seen := 0
	everyCommand(func(cmd *cobra.Command) {
		seen++
		path := strings.Fields(cmd.CommandPath())[1:]
		wrongs := [][]string{{"--no-such-flag"}, {"no-such-command", "b", "c", "d", "e"}}
		if cmd.Name() == "add" { // which takes any number of faults, and has no twin to add them to
			wrongs = wrongs[:1]
		}
		if cmd.Name() == "change" {
			wrongs[1] = []string{"too", "few"}
		}
		for _, wrong := range wrongs {
			code, out := give(t.Context(), append(path, wrong...)...)
			assert.Equal(t, exitConfiguration, code, "%v %v: %s", path, wrong, out)
		}
		code, out := give(t.Context(), append(path, "--help")...)
		assert.Equal(t, 0, code, path)
		assert.NotContains(t, out, "`", "%v: backticks are eaten by the help of flags", path)
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			value, usage := pflag.UnquoteUsage(f)
			assert.NotContains(t, value, " ", "%v: --%s is garbled", path, f.Name)
			assert.NotEmpty(t, usage, f.Name)
		})
	})
	assert.Greater(t, seen, 15)
}

// What takes --json prints JSON, and a list where there is nothing to list.
func TestEveryCommandThatTakesJSONPrintsIt(t *testing.T) {
	preview, err := filepath.Abs("../../graph/testdata/prod-preview.json")
	require.NoError(t, err)
	at := newPlace(t, network)
	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	arguments := map[string][]string{"show": {"vpc"}, "verify": {}, "review": {"--preview", preview}}
	var before, after []string
	everyCommand(func(cmd *cobra.Command) {
		// What does not live has nothing to tell of its life: internal/livetest asks of what does.
		if cmd.Flags().Lookup("json") == nil || cmd.Name() == "faults" || cmd.Parent().Name() == "live" {
			return
		}
		args := append(strings.Fields(cmd.CommandPath())[1:], append(arguments[cmd.Name()], "--json")...)
		var out, errs bytes.Buffer
		run(t.Context(), shell{}, &out, &errs, args)
		before = append(before, cmd.Name())
		assert.True(t, json.Valid(out.Bytes()), "%v: %s%s", args, out.String(), errs.String())
	})
	code, out = at.give("down")
	require.Equal(t, 0, code, out)
	for _, list := range [][]string{{"resources"}, {"events", "--refused"}, {"quotas"}, {"delegate"}} {
		_, out := at.give(append([]string{"twin"}, append(list, "--json")...)...)
		after = append(after, list[0])
		assert.Equal(t, "[]\n", out, list)
	}
	assert.Subset(t, before, after)
}

func TestAShellCompletesStacksTiersAndNames(t *testing.T) {
	at := newPlace(t, network)
	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	for _, c := range []struct {
		line string
		want []string
	}{
		{"up --stack |", []string{"local", "prod"}},
		{"userdata |", []string{"app", "web"}},
		{"twin |", []string{"status", "resources", "drift"}},
		{"twin show |", []string{"Vpc", "Subnet"}},
		{"twin show Subnet |", []string{"public"}},
		{"twin drift delete Vpc |", []string{"vpc"}},
		{"verify --to |", []string{"database", "internet"}},
	} {
		words := strings.Fields(strings.TrimSuffix(c.line, "|"))
		_, out := at.give(append([]string{"__complete"}, append(words, "")...)...)
		for _, word := range c.want {
			assert.Regexp(t, "(?m)^"+word+"(\t|$)", out, c.line)
		}
	}
}

func TestVersionsAreTheSameHoweverAskedFor(t *testing.T) {
	newPlace(t, network)
	_, command := give(t.Context(), "version")
	code, flag := give(t.Context(), "--version")
	assert.Equal(t, 0, code)
	assert.Equal(t, command, flag)
	assert.Contains(t, flag, "pulumi v3.")
}
