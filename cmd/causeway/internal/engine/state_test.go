package engine

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A state that cannot be read is named with what to do, and left as it is.
func TestAStateThatCannotBeRead(t *testing.T) {
	p := newProject(t, map[string]string{"prod": ""})
	program := func(ctx *pulumi.Context) error {
		ctx.Export("url", pulumi.String("https://shop.example"))
		ctx.Export("password", pulumi.ToSecret(pulumi.String("hunter2")))
		return nil
	}
	e := open(t, Options{Project: p, Stack: "prod", Program: program})
	_, err := e.Up(t.Context(), nil)
	require.NoError(t, err)
	whole, err := os.ReadFile(e.stateFile())
	require.NoError(t, err)
	none := func(string) []Made { return nil }

	for name, c := range map[string]struct{ text, says string }{
		"cut short":       {string(whole[:len(whole)/2]), "is damaged or cut short"},
		"empty":           {"", "is damaged or cut short"},
		"garbage":         {"\x00\x01\x02", "is damaged or cut short"},
		"another's":       {`{"version":3,"checkpoint":{"latest":{"resources":"none"}}}`, "is damaged or cut short"},
		"a newer version": {`{"version":99,"checkpoint":{}}`, "is of version 99 and this program reads up to 4: use a newer program"},
	} {
		require.NoError(t, os.WriteFile(e.stateFile(), []byte(c.text), 0o600))
		again := open(t, Options{Project: p, Stack: "prod", Program: program})
		for _, err := range []error{again.Recover(context.Background(), none), protectedErr(again), graphErr(again)} {
			assert.ErrorContains(t, err, c.says, name)
			assert.ErrorContains(t, err, filepath.Join("stacks", "shop", "prod.json"), name)
		}
		left, err := os.ReadFile(e.stateFile())
		require.NoError(t, err)
		assert.Equal(t, c.text, string(left), name)
	}
	require.NoError(t, os.WriteFile(e.stateFile(), whole, 0o600))
	require.NoError(t, open(t, Options{Project: p, Stack: "prod", Program: program}).Recover(t.Context(), none), "with its file put back")
}

func protectedErr(e *Engine) error { _, err := e.Protected(); return err }
func graphErr(e *Engine) error     { _, err := e.Graph(); return err }

// What is read from the file is what the pulumi command exports, but for the secrets, which stay
// encrypted; and what is written there is what the command reads.
func TestTheStateIsWhatPulumiExports(t *testing.T) {
	p := newProject(t, map[string]string{"prod": ""})
	e := open(t, Options{Project: p, Stack: "prod", Program: func(ctx *pulumi.Context) error {
		ctx.Export("url", pulumi.String("https://shop.example"))
		ctx.Export("password", pulumi.ToSecret(pulumi.String("hunter2")))
		return nil
	}})
	state, _, err := e.deployment()
	require.NoError(t, err)
	assert.Empty(t, state.Resources, "a new stack has none")
	_, err = e.Up(t.Context(), nil)
	require.NoError(t, err)

	exported := func() (d apitype.DeploymentV3) {
		u, err := e.stack.Export(t.Context())
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(u.Deployment, &d))
		return d
	}
	state, envelope, err := e.deployment()
	require.NoError(t, err)
	assert.Equal(t, 3, envelope.Version)
	assert.NotContains(t, string(envelope.Deployment), "hunter2")
	require.Len(t, state.Resources, 1)
	assert.Equal(t, "https://shop.example", state.Resources[0].Outputs["url"])
	assert.Equal(t, exported().Resources[0].URN, state.Resources[0].URN)

	state.PendingOperations = []apitype.OperationV2{{Resource: state.Resources[0], Type: apitype.OperationTypeUpdating}}
	require.NoError(t, e.replaceDeployment(state))
	require.Len(t, exported().PendingOperations, 1)
	require.NoError(t, e.Recover(t.Context(), func(string) []Made { return nil }))
	require.Empty(t, exported().PendingOperations)
	outputs, err := e.Outputs(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "hunter2", outputs["password"].Value, "secrets are still what they were")
}
