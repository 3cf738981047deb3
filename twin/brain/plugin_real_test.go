//go:build awsplugin

package brain

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
)

// real is the real provider; tests of it are skipped where there is none.
func real(t *testing.T) *Plugin {
	t.Helper()
	path := FindPlugin(os.Getenv("PULUMI_HOME"))
	if path == "" {
		t.Skip("skipped: the real AWS provider is neither on PATH nor in Pulumi's plugin cache: " + HowToInstall)
	}
	p, err := OpenPlugin(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func TestRealProviderAnswers(t *testing.T) {
	p := real(t)
	ctx, settings := context.Background(), Settings{Region: "eu-west-1", DefaultTags: map[string]string{"owner": "me"}}
	const group = "aws:ec2/securityGroup:SecurityGroup"
	check := func(typ string, news value.Map) CheckResult {
		r, err := p.Check(ctx, CheckRequest{Type: typ, Name: "web", New: news, Seed: []byte("seed"), Settings: settings})
		require.NoError(t, err)
		return r
	}
	good := check(group, value.Map{"vpcId": value.Unknown{}, "description": value.Secret{Value: "a"}})
	require.Empty(t, good.Failures)
	assert.Equal(t, value.Secret{Value: "a"}, good.Inputs["description"], "what was secret is secret")
	assert.Equal(t, value.Unknown{}, good.Inputs["vpcId"])
	assert.Regexp(t, "^web-[0-9a-f]{7}$", good.Inputs["name"])

	bad := check(group, value.Map{"name": "sg-web", "colour": "red"})
	require.Len(t, bad.Failures, 2)
	assert.Contains(t, bad.Failures[0].Reason+bad.Failures[1].Reason, "Invalid or unknown key")

	plan, err := p.Plan(ctx, PlanRequest{Type: group, New: good.Inputs, Settings: settings})
	require.NoError(t, err)
	assert.Equal(t, value.Unknown{}, plan["arn"])
	assert.Equal(t, value.Map{"owner": "me"}, plan["tagsAll"], "the settings' default tags")
	for name := range plan {
		assert.False(t, strings.HasPrefix(name, "__"), name)
	}

	old := value.Map{"id": "sg-1", "name": "web", "description": "a", "vpcId": "vpc-1", "revokeRulesOnDelete": false,
		"tagsAll": value.Map{"owner": "me"}}
	d, err := p.Diff(ctx, DiffRequest{Type: group, ID: "sg-1", Old: old, Settings: settings,
		OldInputs: value.Map{"description": "a"},
		New:       value.Map{"name": "web", "description": "b", "vpcId": "vpc-1", defaultsKey: []any{"name"}}})
	require.NoError(t, err)
	assert.Equal(t, DiffResult{Changes: []Change{{Path: "description", Kind: Update, Replace: true}}}, d)

	_, err = p.Check(ctx, CheckRequest{Type: "aws:no/such:Thing", New: value.Map{}, Settings: settings})
	assert.ErrorContains(t, err, `"aws:no/such:Thing"`)
}
