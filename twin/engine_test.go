package twin_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
)

// engine is the real Pulumi engine on a twin.
type engine struct {
	t     *testing.T
	stack auto.Stack
	state string // the directory of the state
}

// pulumiCommand finds the real command line: these tests prove nothing without it.
func pulumiCommand(t *testing.T) auto.PulumiCommand {
	t.Helper()
	candidates := []string{os.Getenv("PULUMI_BIN"), filepath.Join("..", "bin", "pulumi")}
	if found, err := exec.LookPath("pulumi"); err == nil {
		candidates = append(candidates, found)
	}
	for _, path := range candidates {
		if _, err := os.Stat(path); path == "" || err != nil {
			continue
		}
		root := filepath.Join(t.TempDir(), "pulumi")
		require.NoError(t, os.MkdirAll(filepath.Join(root, "bin"), 0o755))
		absolute, err := filepath.Abs(path)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(absolute, filepath.Join(root, "bin", "pulumi")))
		command, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: root, SkipVersionCheck: true})
		require.NoError(t, err)
		return versioned{command}
	}
	require.FailNow(t, "no pulumi command line", "build it with `make bin/pulumi`, or set PULUMI_BIN")
	return nil
}

// versioned gives a command line that was built from its module, and so has no version, the one it has.
type versioned struct{ auto.PulumiCommand }

func (versioned) Version() semver.Version { return semver.Version{Major: 3, Minor: 259} }

func newEngine(t *testing.T, tw *twin.Twin, program pulumi.RunFunc) *engine {
	t.Helper()
	home := t.TempDir()
	attach := ""
	if tw != nil {
		attach = tw.Attach()
	}
	e := &engine{t: t, state: t.TempDir()}
	stack, err := auto.NewStackInlineSource(context.Background(), "test", "twin", program,
		auto.Pulumi(pulumiCommand(t)),
		auto.PulumiHome(home),
		auto.EnvVars(map[string]string{
			"PULUMI_BACKEND_URL":                          "file://" + e.state,
			"PULUMI_CONFIG_PASSPHRASE":                    "test",
			"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
			"PULUMI_SKIP_UPDATE_CHECK":                    "true",
			"PULUMI_DEBUG_PROVIDERS":                      attach,
			"PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK":    "true",
		}))
	require.NoError(t, err)
	require.NoError(t, stack.SetConfig(context.Background(), "aws:region", auto.ConfigValue{Value: "eu-central-1"}))
	e.stack = stack
	return e
}

// attach points the engine at another twin.
func (e *engine) attach(tw *twin.Twin) {
	e.t.Helper()
	require.NoError(e.t, e.stack.Workspace().SetEnvVars(map[string]string{"PULUMI_DEBUG_PROVIDERS": tw.Attach()}))
}

func (e *engine) program(p pulumi.RunFunc) { e.stack.Workspace().SetProgram(p) }

func (e *engine) up() auto.UpResult {
	e.t.Helper()
	r, err := e.tryUp()
	require.NoError(e.t, err)
	return r
}

func (e *engine) tryUp() (auto.UpResult, error) {
	return e.stack.Up(context.Background(), optup.SuppressProgress(), optup.ErrorProgressStreams(io.Discard))
}

func (e *engine) preview() auto.PreviewResult {
	e.t.Helper()
	r, err := e.stack.Preview(context.Background(), optpreview.Diff(), optpreview.ErrorProgressStreams(io.Discard))
	require.NoError(e.t, err)
	return r
}

func (e *engine) refresh() auto.RefreshResult {
	e.t.Helper()
	r, err := e.stack.Refresh(context.Background(), optrefresh.ErrorProgressStreams(io.Discard))
	require.NoError(e.t, err)
	return r
}

func (e *engine) destroy() {
	e.t.Helper()
	_, err := e.tryDestroy()
	require.NoError(e.t, err)
}

func (e *engine) tryDestroy() (auto.DestroyResult, error) {
	return e.stack.Destroy(context.Background(), optdestroy.ErrorProgressStreams(io.Discard))
}

// resource registers any resource without its SDK.
func resource(ctx *pulumi.Context, typ, name string, in pulumi.Map, opts ...pulumi.ResourceOption) (*bare, error) {
	r := &bare{}
	return r, ctx.RegisterResource(typ, name, in, r, opts...)
}

// bare is a resource of any type with the outputs that the tests use.
type bare struct {
	pulumi.CustomResourceState
	Arn                     pulumi.StringOutput         `pulumi:"arn"`
	DnsName                 pulumi.StringOutput         `pulumi:"dnsName"`
	CertificateArn          pulumi.StringOutput         `pulumi:"certificateArn"`
	LatestVersion           pulumi.IntOutput            `pulumi:"latestVersion"`
	DomainValidationOptions pulumi.StringMapArrayOutput `pulumi:"domainValidationOptions"`
}

// namedProvider is an explicit provider.
type namedProvider struct{ pulumi.ProviderResourceState }
