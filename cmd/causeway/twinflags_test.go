package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/facts"
)

func TestABrainIsTheOneAskedFor(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	home := t.TempDir()
	ask := func(choice string) (string, error) {
		cmd := brains.add(&cobra.Command{})
		require.NoError(t, cmd.Flags().Set(brainFlag, choice))
		b, which, err := openBrain(t.Context(), cmd, shell{pulumiHome: home})
		assert.Nil(t, b, "none of these is a provider")
		return which, err
	}
	which, err := ask("builtin")
	require.NoError(t, err)
	assert.Contains(t, which, "by the built-in rules; --brain aws asks the real AWS provider")
	which, err = ask("auto")
	require.NoError(t, err)
	assert.Contains(t, which, "neither on PATH nor in Pulumi's plugin cache")
	assert.Contains(t, which, "the built-in brain is at work")
	_, err = ask("aws")
	assert.ErrorContains(t, err,
		"neither on PATH nor in Pulumi's plugin cache: install it with `pulumi plugin install resource aws v"+facts.AWSVersion+
			"`, or leave --brain out")

	broken := filepath.Join(home, "plugins", "resource-aws-v6.83.2", "pulumi-resource-aws")
	require.NoError(t, os.MkdirAll(filepath.Dir(broken), 0o755))
	require.NoError(t, os.WriteFile(broken, []byte("#!/bin/sh\necho it is broken >&2\nexit 1\n"), 0o755))
	for _, choice := range []string{"aws", "auto", broken} {
		_, err = ask(choice)
		require.ErrorContains(t, err, "starting "+broken, choice)
		assert.ErrorContains(t, err, "it is broken")
		code := &codedError{}
		require.ErrorAs(t, err, &code)
		assert.Equal(t, exitConfiguration, code.code)
	}
	_, err = ask(filepath.Join(home, "nowhere"))
	assert.ErrorContains(t, err, "no such file or directory")
}
