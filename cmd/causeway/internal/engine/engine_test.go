package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/infra/settings"
)

// pulumiCommand is the command that `make build` puts into bin.
func pulumiCommand(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../../../bin/pulumi")
	require.NoError(t, err)
	_, err = os.Stat(path)
	require.NoError(t, err, "these tests drive the real engine: run `make build` first")
	return path
}

// newProject writes a project whose stacks have these settings files.
func newProject(t *testing.T, stacks map[string]string) project.Project {
	t.Helper()
	root := filepath.Join(t.TempDir(), "100% mine #1") // people have such folders
	require.NoError(t, os.MkdirAll(root, 0o755))
	files := map[string]string{"Pulumi.yaml": "name: shop\nruntime: go\n"}
	for stack, text := range stacks {
		files["Pulumi."+stack+".yaml"] = text
	}
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
	}
	p, err := project.Find(root)
	require.NoError(t, err)
	return p
}

func open(t *testing.T, o Options) *Engine {
	t.Helper()
	o.Command = pulumiCommand(t)
	e, err := Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

// nothing is a program that declares nothing.
func nothing(*pulumi.Context) error { return nil }

func TestTheProgramSeesTheSettingsOfTheFile(t *testing.T) {
	file := "config:\n  shop:size: \"3\"\n  shop:zones:\n    - a\n    - b\n"
	p := newProject(t, map[string]string{"prod": file})
	e := open(t, Options{Project: p, Stack: "prod", Program: func(ctx *pulumi.Context) error {
		c := config.New(ctx, "")
		ctx.Export("size", pulumi.Int(c.RequireInt("size")))
		ctx.Export("zones", pulumi.String(c.Require("zones")))
		ctx.Export("stack", pulumi.String(ctx.Stack()))
		ctx.Export("dir", pulumi.String(os.Getenv(settings.FolderVariable)))
		return nil
	}})
	up, err := e.Up(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, 3.0, up.Outputs["size"].Value)
	assert.Equal(t, `["a","b"]`, up.Outputs["zones"].Value)
	assert.Equal(t, "prod", up.Outputs["stack"].Value)
	assert.Equal(t, p.Root, up.Outputs["dir"].Value)

	after, err := os.ReadFile(p.Settings("prod"))
	require.NoError(t, err)
	assert.Equal(t, file, string(after), "the project's own file was changed")
	info, err := os.Stat(filepath.Join(p.Home("prod"), "passphrase"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// The file's encrypted values were made with the real stack's passphrase: the rehearsal must read
// them, and must go on with a state that it encrypted with its own.
func TestEncryptedSettingsAreRead(t *testing.T) {
	c, salt, err := newCrypter(t.Context(), "the real passphrase")
	require.NoError(t, err)
	secret, err := c.EncryptValue(t.Context(), "hunter2")
	require.NoError(t, err)
	p := newProject(t, map[string]string{"prod": "config:\n  shop:size: \"3\"\n"})
	var seen string
	program := func(ctx *pulumi.Context) error {
		ctx.Export("kept", pulumi.ToSecret(pulumi.String("in state")))
		seen = config.New(ctx, "").Get("password")
		return nil
	}
	_, err = open(t, Options{Project: p, Stack: "prod", Program: program}).Up(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, seen)

	file := fmt.Sprintf("encryptionsalt: %s\nconfig:\n  shop:password:\n    secure: %s\n", salt, secret)
	require.NoError(t, os.WriteFile(p.Settings("prod"), []byte(file), 0o644))
	_, err = open(t, Options{Project: p, Stack: "prod", Program: program, Passphrase: "the real passphrase"}).Up(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "hunter2", seen)
	copied, err := os.ReadFile(filepath.Join(p.Home("prod"), "work", "Pulumi.prod.yaml"))
	require.NoError(t, err)
	assert.NotContains(t, string(copied), "hunter2")

	for passphrase, says := range map[string]string{
		"":      "Pulumi.prod.yaml: shop:password is encrypted: set PULUMI_CONFIG_PASSPHRASE",
		"wrong": "Pulumi.prod.yaml: shop:password is encrypted: PULUMI_CONFIG_PASSPHRASE is not the stack's passphrase",
	} {
		_, err = Open(t.Context(), Options{Project: p, Stack: "prod", Program: program, Passphrase: passphrase, Command: pulumiCommand(t)})
		assert.ErrorContains(t, err, says)
	}
}

func TestCredentialsInSettingsAreLeftOut(t *testing.T) {
	p := newProject(t, map[string]string{"prod": `secretsprovider: awskms://alias/prod
encryptedkey: AAAA
environment: [prod]
config:
  aws:region: eu-west-1
  aws:profile: LEAK
  aws:assumeRole: {roleArn: LEAK}
  cloudflare:apiToken:
    secure: LEAK
`})
	var notices []string
	program := func(ctx *pulumi.Context) error {
		ctx.Export("region", pulumi.String(config.Require(ctx, "aws:region")))
		ctx.Export("profile", pulumi.String(config.Get(ctx, "aws:profile")))
		ctx.Export("token", pulumi.String(config.Get(ctx, "cloudflare:apiToken")))
		return nil
	}
	open(t, Options{Project: p, Stack: "prod", Program: program}) // makes the stack; the next finds it made
	e := open(t, Options{Project: p, Stack: "prod", Program: program, Notice: func(s string) { notices = append(notices, s) }})
	up, err := e.Up(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "eu-west-1", up.Outputs["region"].Value)
	assert.Empty(t, up.Outputs["profile"].Value)
	assert.Empty(t, up.Outputs["token"].Value)
	require.Len(t, notices, 1)
	assert.Contains(t, notices[0], "Pulumi.prod.yaml: what it imports by `environment` is left out")
	copied, err := os.ReadFile(filepath.Join(p.Home("prod"), "work", "Pulumi.prod.yaml"))
	require.NoError(t, err)
	assert.NotContains(t, string(copied), "LEAK")
}

func TestSecretsThatOnlyACloudCanReadAreRefused(t *testing.T) {
	p := newProject(t,
		map[string]string{"prod": "secretsprovider: awskms://alias/prod\nencryptedkey: AAAA\n" +
			"config:\n  shop:password:\n    secure: AAAA\n"})
	_, err := Open(t.Context(), Options{Project: p, Stack: "prod", Program: nothing, Command: pulumiCommand(t)})
	assert.ErrorContains(t, err, "Pulumi.prod.yaml: shop:password is encrypted by awskms://alias/prod, which a rehearsal does not reach")
}

// A provider that the engine starts by itself, here a script that writes down its environment, must
// find no credential of the person at the keyboard.
func TestAProviderSeesNoCredential(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the provider is a shell script")
	}
	bin, seen := t.TempDir(), filepath.Join(t.TempDir(), "environment")
	script := fmt.Sprintf("#!/bin/sh\nenv > '%s'\nexit 1\n", seen)
	require.NoError(t, os.WriteFile(filepath.Join(bin, "pulumi-resource-nosy"), []byte(script), 0o755))
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE",
		"CLOUDFLARE_API_TOKEN", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "GITHUB_TOKEN",
	} {
		t.Setenv(name, "LEAK")
	}
	e := open(t, Options{Project: newProject(t, map[string]string{"prod": ""}), Stack: "prod", Program: func(ctx *pulumi.Context) error {
		var thing struct{ pulumi.CustomResourceState }
		return ctx.RegisterResource("nosy:index:Thing", "thing", nil, &thing)
	}})
	outcome, err := e.Up(t.Context(), nil)
	require.Error(t, err, "the script is not a provider")
	require.NotEmpty(t, outcome.Problems)

	b, err := os.ReadFile(seen)
	require.NoError(t, err, "the engine did not start the provider: %v", outcome.Problems)
	assert.NotContains(t, string(b), "LEAK")
	assert.NotContains(t, string(b), "HOME="+os.Getenv("HOME")+"\n", "a provider that sees the home finds ~/.aws")
	for _, want := range []string{"AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_CONFIG_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL=http://127.0.0.1:1"} {
		assert.Contains(t, strings.Split(string(b), "\n"), want)
	}
}

func TestTheLockOfAKilledRunIsRemoved(t *testing.T) {
	p := newProject(t, map[string]string{"prod": ""})
	_, err := open(t, Options{Project: p, Stack: "prod", Program: nothing}).Up(t.Context(), nil)
	require.NoError(t, err)

	lock := filepath.Join(p.Home("prod"), "state", ".pulumi", "locks", "organization", "shop", "prod", "0000.json")
	for _, text := range []string{fmt.Sprintf(`{"pid": %d}`, 1<<30), `{"pi`} {
		require.NoError(t, os.MkdirAll(filepath.Dir(lock), 0o755))
		require.NoError(t, os.WriteFile(lock, []byte(text), 0o644))
		var notices []string
		e := open(t, Options{Project: p, Stack: "prod", Program: nothing, Notice: func(s string) { notices = append(notices, s) }})
		_, err = e.Up(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, notices, 1)
		assert.Contains(t, notices[0], "removed the lock of a run that was killed")
	}
}

func TestTheLockOfARunningPulumiStays(t *testing.T) {
	p := newProject(t, map[string]string{"prod": ""})
	open(t, Options{Project: p, Stack: "prod", Program: nothing})
	path := filepath.Join(p.Home("prod"), "state", ".pulumi", "locks", "organization", "shop", "prod", "0000.json")

	// A pulumi of the ordinary command line, halfway through its program.
	e := open(t, Options{Project: p, Stack: "prod", Program: func(ctx *pulumi.Context) error {
		locks, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.json"))
		if err != nil || len(locks) != 1 {
			return fmt.Errorf("want one lock, got %v (%v)", locks, err)
		}
		_, err = Open(context.Background(), Options{Project: p, Stack: "prod", Program: nothing, Command: pulumiCommand(t)})
		if err == nil || !strings.Contains(err.Error(), "stack prod is in use by `pulumi` (process ") {
			return fmt.Errorf("want it held, got %v", err)
		}
		return nil
	}})
	outcome, err := e.Up(t.Context(), nil)
	require.NoError(t, err, "%v", outcome.Problems)
}

func TestAThrowawayRunKeepsNothing(t *testing.T) {
	p := newProject(t, map[string]string{"prod": ""})
	e, err := Open(t.Context(), Options{Project: p, Stack: "prod", Program: nothing, Command: pulumiCommand(t), Throwaway: true})
	require.NoError(t, err)
	_, err = e.Up(t.Context(), nil)
	require.NoError(t, err)
	_, err = os.Stat(e.State())
	require.NoError(t, err)
	require.NoError(t, e.Close())
	_, err = os.Stat(e.State())
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = os.Stat(p.Home("prod"))
	assert.ErrorIs(t, err, os.ErrNotExist, "a throwaway run wrote into the project")
}

func TestAProgramsErrorIsAProblem(t *testing.T) {
	e := open(t, Options{Project: newProject(t, map[string]string{"prod": ""}), Stack: "prod", Program: func(*pulumi.Context) error {
		return fmt.Errorf("Pulumi.prod.yaml:3: web.size: want a number")
	}})
	outcome, err := e.Preview(t.Context(), nil)
	var failure *Failure
	require.ErrorAs(t, err, &failure)
	assert.EqualError(t, err, "preview failed")
	require.Len(t, outcome.Problems, 1)
	assert.Contains(t, outcome.Problems[0].Message, "Pulumi.prod.yaml:3: web.size: want a number")
}

func TestOpenRefuses(t *testing.T) {
	p := newProject(t, map[string]string{"prod": ""})
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"no pulumi": {func(o *Options) { o.Command = filepath.Join(p.Root, "bin", "pulumi") },
			"`make build` in Causeway's repository puts it there"},
		"unknown stack": {func(o *Options) { o.Stack = "produ" }, `there is no stack "produ": the project has prod`},
	} {
		o := Options{Project: p, Stack: "prod", Program: nothing, Command: pulumiCommand(t)}
		c.change(&o)
		_, err := Open(t.Context(), o)
		assert.ErrorContains(t, err, c.says, name)
	}
}

// An interrupted engine finishes what is under way, gives its lock back and can be started again.
func TestAnInterruptedRunLeavesNoLock(t *testing.T) {
	p := newProject(t, map[string]string{"prod": ""})
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	o := Options{Project: p, Stack: "prod", Command: pulumiCommand(t), Program: func(pc *pulumi.Context) error {
		for rounds := range 100 {
			var c struct{ pulumi.ResourceState }
			if err := pc.RegisterComponentResource("test:index:Round", fmt.Sprint(rounds), &c); err != nil {
				return err
			}
			if rounds == 3 {
				interrupt()
			}
			time.Sleep(20 * time.Millisecond)
		}
		return nil
	}}
	e, err := Open(t.Context(), o)
	require.NoError(t, err)
	began := time.Now()
	_, err = e.Up(ctx, nil)
	require.True(t, Cancelled(err), "%v", err)
	assert.EqualError(t, err, "up was interrupted")
	assert.Less(t, time.Since(began), 30*time.Second)

	locks, err := filepath.Glob(filepath.Join(p.Home("prod"), "state", ".pulumi", "locks", "organization", "shop", "prod", "*"))
	require.NoError(t, err)
	assert.Empty(t, locks)
	o.Program = nothing
	_, err = open(t, o).Up(t.Context(), nil)
	require.NoError(t, err)
}

// The engine writes what it knows of each resource at every step, and logs it besides.
func TestTheEngineIsSparedWhatNobodyReads(t *testing.T) {
	p := newProject(t, map[string]string{"local": ""})
	logs := filepath.Join(p.Home("local"), "pulumi", "logs")
	require.NoError(t, os.MkdirAll(logs, 0o755)) // as an older version left them
	e := open(t, Options{Project: p, Stack: "local", Program: func(ctx *pulumi.Context) error {
		var part pulumi.ResourceState
		return ctx.RegisterComponentResource("shop:index:Part", "part", &part)
	}})
	_, err := e.Up(t.Context(), nil)
	require.NoError(t, err)

	info, err := os.Stat(logs)
	require.NoError(t, err)
	assert.True(t, info.Mode().IsRegular() && info.Size() == 0, "the engine keeps logs")

	exported, err := e.stack.Export(t.Context())
	require.NoError(t, err)
	var deployment apitype.DeploymentV3
	require.NoError(t, json.Unmarshal(exported.Deployment, &deployment))
	part := slices.IndexFunc(deployment.Resources, func(r apitype.ResourceV3) bool { return r.Type == "shop:index:Part" })
	require.GreaterOrEqual(t, part, 0)
	assert.Less(t, len(deployment.Resources[part].StackTrace), 8, "the state holds how this process came to run the program")
}

func TestAPanicOfTheProgramIsAnError(t *testing.T) {
	p := newProject(t, map[string]string{"local": ""})
	e := open(t, Options{Project: p, Stack: "local", Program: func(*pulumi.Context) error { panic("no such zone") }})
	outcome, err := e.Preview(t.Context(), nil)
	require.Error(t, err)
	assert.Contains(t, fmt.Sprint(err, outcome.Problems), "no such zone")
}

// Each command is a process that reads the whole state: an up is not followed by more than are needed.
func TestNothingIsAskedTwice(t *testing.T) {
	p := newProject(t, map[string]string{"prod": ""})
	asked := filepath.Join(t.TempDir(), "asked")
	spy := filepath.Join(t.TempDir(), "pulumi")
	script := fmt.Sprintf("#!/bin/sh\necho \"$*\" >> '%s'\nexec '%s' \"$@\"\n", asked, pulumiCommand(t))
	require.NoError(t, os.WriteFile(spy, []byte(script), 0o755))
	up := func(program pulumi.RunFunc) (auto.OutputMap, int) {
		require.NoError(t, os.WriteFile(asked, nil, 0o644))
		e, err := Open(t.Context(), Options{Project: p, Stack: "prod", Program: program, Command: spy})
		require.NoError(t, err)
		outcome, err := e.Up(t.Context(), nil)
		require.NoError(t, err)
		text, err := os.ReadFile(asked)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "history")
		return outcome.Outputs, strings.Count(string(text), "stack output")
	}
	outputs, commands := up(func(ctx *pulumi.Context) error { ctx.Export("plain", pulumi.String("p")); return nil })
	assert.Equal(t, auto.OutputMap{"plain": {Value: "p"}}, outputs)
	assert.Equal(t, 1, commands)

	outputs, commands = up(func(ctx *pulumi.Context) error {
		ctx.Export("plain", pulumi.String("p"))
		ctx.Export("hidden", pulumi.ToSecret(pulumi.String("s")))
		return nil
	})
	assert.Equal(t, auto.OutputMap{"plain": {Value: "p"}, "hidden": {Value: "s", Secret: true}}, outputs)
	assert.Equal(t, 2, commands, "a secret is not known before it is asked for")
}
