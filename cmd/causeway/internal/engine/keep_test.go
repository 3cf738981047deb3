package engine

import (
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A state that an operation could not write whole is replaced by the newest whole one, and the next run
// reads everything again.
func TestAStateThatCouldNotBeWrittenWhole(t *testing.T) {
	p := newProject(t, map[string]string{"prod": ""})
	export := func(text string) pulumi.RunFunc {
		return func(ctx *pulumi.Context) error { ctx.Export("text", pulumi.String(text)); return nil }
	}
	read := func(path string) string {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(b)
	}
	e := open(t, Options{Project: p, Stack: "prod", Program: export("one")})
	_, err := e.Up(t.Context(), nil)
	require.NoError(t, err)
	one := read(e.stateFile())
	e = open(t, Options{Project: p, Stack: "prod", Program: export("two")})
	_, err = e.Up(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, one, read(e.before()), "the backend wrote into the file that it had")
	two := read(e.stateFile())
	require.NoError(t, e.putBack())
	require.False(t, e.PutBack(), "a whole state is left alone")

	for name, c := range map[string]struct {
		state, copy string // what is left of them; "" is nothing
		back        string
	}{
		"the state is cut":             {two[:100], two, two},
		"the state is gone":            {"", two, two},
		"the state and its copy":       {two[:100], two[:50], one},
		"the state, and there is none": {two[:100], "", one},
	} {
		for path, text := range map[string]string{e.stateFile(): c.state, e.stateFile() + ".bak": c.copy} {
			require.NoError(t, ignoreGone(os.Remove(path)))
			if text != "" {
				require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			}
		}
		require.NoError(t, e.putBack(), name)
		assert.Equal(t, c.back, read(e.stateFile()), name)
		require.True(t, e.PutBack(), name)
		require.NoError(t, os.Remove(e.cut()))
	}
	require.NoError(t, os.Remove(e.stateFile())) // as the backend does: the file is one with its copy
	require.NoError(t, os.WriteFile(e.stateFile(), []byte(two[:100]), 0o600))
	require.NoError(t, e.putBack())
	again := open(t, Options{Project: p, Stack: "prod", Program: export("two")})
	require.True(t, again.PutBack(), "the next run knows")
	require.NoError(t, again.Reread(t.Context()))
	require.False(t, again.PutBack())
}
