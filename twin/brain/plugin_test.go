package brain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
)

// place puts a file that can be run where a plugin would be.
func place(t *testing.T, path, text string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
	return path
}

func TestFindPlugin(t *testing.T) {
	home := t.TempDir()
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	assert.Empty(t, FindPlugin(home), "none is installed")
	cached := func(version string) string {
		return place(t, filepath.Join(home, "plugins", "resource-aws-"+version, pluginName), "")
	}
	cached("v6.9.0")
	newest := cached("v6.83.2")
	cached("v6.83.2-alpha.1")
	cached("v7.1.0")
	cached("v60.0.0")
	require.NoError(t, os.Chmod(cached("v6.99.0"), 0o644))
	assert.Equal(t, newest, FindPlugin(home), "by number, of version 6, and one that can be run")
	assert.Empty(t, FindPlugin(""), "PULUMI_HOME is another place than ~/.pulumi")

	ambient := place(t, filepath.Join(t.TempDir(), pluginName), "")
	t.Setenv("PATH", filepath.Dir(ambient))
	assert.Equal(t, ambient, FindPlugin(home), "PATH first, as Pulumi does")
}

// A plugin that is not one fails with what it printed, and leaves nothing behind.
func TestOpenPluginFails(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	for _, c := range []struct{ name, script, want string }{
		{"it ends at once", "#!/bin/sh\necho no such flag >&2\nexit 2\n", `it printed: no such flag`},
		{"it prints no port", "#!/bin/sh\necho hello\nsleep 60\n", `it printed "hello" where a provider prints its port`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := OpenPlugin(t.Context(), place(t, filepath.Join(t.TempDir(), pluginName), c.script))
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := OpenPlugin(t.Context(), filepath.Join(temp, "nowhere"))
	require.ErrorContains(t, err, "no such file")
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// No variable of this process reaches the plugin: it may hold a credential.
func TestPluginEnvironmentIsFenced(t *testing.T) {
	t.Setenv("AWS_PROFILE", "real")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "real")
	t.Setenv("SOME_TOKEN", "real")
	home := t.TempDir()
	out := filepath.Join(home, "seen")
	script := fmt.Sprintf("#!/bin/sh\n/usr/bin/env > %s\necho nothing\n", out)
	_, err := OpenPlugin(t.Context(), place(t, filepath.Join(t.TempDir(), pluginName), script))
	require.Error(t, err)
	b, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.NotContains(t, string(b), "real")
	for _, want := range []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1\n", "HTTPS_PROXY=http://127.0.0.1:1\n", "AWS_EC2_METADATA_DISABLED=true\n", "AWS_CONFIG_FILE=/dev/null\n"} {
		assert.Contains(t, string(b), want)
	}
}

func TestSecretsAreHiddenAgain(t *testing.T) {
	told := value.Map{"password": "a", "tags": value.Map{"x": "b", "y": "c"}, "list": []any{"d", "e"}, "filled": "f"}
	given := value.Map{"password": value.Secret{Value: "a"}, "tags": value.Map{"x": value.Secret{Value: "b"}, "y": "c"}, "list": []any{"d", value.Secret{Value: "e"}}}
	assert.Equal(t, value.Map{
		"password": value.Secret{Value: "a"}, "tags": value.Map{"x": value.Secret{Value: "b"}, "y": "c"},
		"list": []any{"d", value.Secret{Value: "e"}}, "filled": "f",
	}, hideAgain(told, given))
}

func TestAssetsAreTextsForAPluginThatTakesNone(t *testing.T) {
	asset := value.Map{"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "path": "/web", "hash": "abc"}
	p := &Plugin{}
	asked := 0
	require.NoError(t, p.translated(func(tr *translation) error {
		asked++
		wire, err := tr.write(value.Map{"source": asset, "key": "k"})
		require.NoError(t, err)
		if wire.Fields["source"].GetStructValue() != nil {
			return fmt.Errorf("unexpected asset source")
		}
		assert.Equal(t, "asset:abc", wire.Fields["source"].GetStringValue())
		assert.Equal(t, value.Map{"source": asset, "key": "k"}, tr.read(wire), "the answer has the asset again")
		return nil
	}))
	assert.Equal(t, 2, asked)
	require.NoError(t, p.translated(func(tr *translation) error { asked++; return nil }))
	assert.Equal(t, 3, asked, "it is not tried with assets again")
}

// real is the real provider; tests of it are skipped where there is none.
func real(t *testing.T) *Plugin {
	t.Helper()
	path := os.Getenv("CAUSEWAY_AWS_PLUGIN")
	if path == "" {
		t.Skip("skipped: set CAUSEWAY_AWS_PLUGIN to the path of a pulumi-resource-aws; `make check-aws` does")
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

	old := value.Map{"id": "sg-1", "name": "web", "description": "a", "vpcId": "vpc-1", "revokeRulesOnDelete": false, "tagsAll": value.Map{"owner": "me"}}
	d, err := p.Diff(ctx, DiffRequest{Type: group, ID: "sg-1", Old: old, Settings: settings,
		OldInputs: value.Map{"description": "a"}, New: value.Map{"name": "web", "description": "b", "vpcId": "vpc-1", defaultsKey: []any{"name"}}})
	require.NoError(t, err)
	assert.Equal(t, DiffResult{Changes: []Change{{Path: "description", Kind: Update, Replace: true}}}, d)

	_, err = p.Check(ctx, CheckRequest{Type: "aws:no/such:Thing", New: value.Map{}, Settings: settings})
	assert.ErrorContains(t, err, `"aws:no/such:Thing"`)
}
