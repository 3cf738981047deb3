package brain

import (
	"fmt"
	"os"
	"path/filepath"
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
	for _, want := range []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1\n", "HTTPS_PROXY=http://127.0.0.1:1\n",
		"AWS_EC2_METADATA_DISABLED=true\n", "AWS_CONFIG_FILE=/dev/null\n"} {
		assert.Contains(t, string(b), want)
	}
}

func TestSecretsAreHiddenAgain(t *testing.T) {
	told := value.Map{"password": "a", "tags": value.Map{"x": "b", "y": "c"}, "list": []any{"d", "e"}, "filled": "f"}
	given := value.Map{"password": value.Secret{Value: "a"}, "tags": value.Map{"x": value.Secret{Value: "b"}, "y": "c"},
		"list": []any{"d", value.Secret{Value: "e"}}}
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
