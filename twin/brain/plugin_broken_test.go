package brain

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/causeway-iac/causeway/twin/value"
)

// broken is a provider that starts, and then does not do as it should.
type broken struct {
	pulumirpc.UnimplementedResourceProviderServer
	version string
	silent  bool // it never answers Check
	dying   bool // it ends when it is asked to Check
}

func (b broken) CheckConfig(_ context.Context, q *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: q.News}, nil
}

func (b broken) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{}, nil
}

func (b broken) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: b.version}, nil
}

func (b broken) Check(ctx context.Context, q *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	if b.dying {
		fmt.Fprintln(os.Stderr, "out of ideas")
		os.Exit(3)
	}
	if b.silent {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &pulumirpc.CheckResponse{Inputs: q.News}, nil
}

const brokenVariable = "BROKEN_PLUGIN"

// TestMain is the broken provider where the tests start it as one.
func TestMain(m *testing.M) {
	kinds := map[string]broken{
		"fine": {version: "6.83.2"}, "old": {version: "5.43.0"}, "new": {version: "7.2.1"}, "nameless": {},
		"silent": {version: "6.83.2", silent: true}, "dying": {version: "6.83.2", dying: true},
		"cloudflare": {version: "5.49.1"},
	}
	if kind, asked := os.LookupEnv(brokenVariable); asked {
		serveBroken(kinds[kind])
	}
	os.Exit(m.Run())
}

func serveBroken(b broken) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	s := grpc.NewServer()
	pulumirpc.RegisterResourceProviderServer(s, b)
	panic(s.Serve(l))
}

// placeBroken puts a broken provider where a plugin would be.
func placeBroken(t *testing.T, kind string) string { return placeNamed(t, pluginName, kind) }

func placeNamed(t *testing.T, pluginName, kind string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return place(t, filepath.Join(t.TempDir(), pluginName), fmt.Sprintf("#!/bin/sh\n%s=%s exec %s\n", brokenVariable, kind, self))
}

func TestAPluginOfAnotherVersionIsRefused(t *testing.T) {
	for kind, says := range map[string]string{
		"old":      "is version 5.43.0 of the AWS provider, and the twin speaks for version 6",
		"new":      "is version 7.2.1 of the AWS provider, and the twin speaks for version 6",
		"nameless": `calls its version "", which is not a version`,
	} {
		_, err := OpenPlugin(t.Context(), placeBroken(t, kind))
		require.ErrorContains(t, err, says)
		assert.ErrorContains(t, err, "pulumi plugin install resource aws v6", "what to do")
	}
	p, err := OpenPlugin(t.Context(), placeBroken(t, "fine"))
	require.NoError(t, err)
	assert.Contains(t, p.Name(), "pulumi-resource-aws 6.83.2")
	require.NoError(t, p.Close())
}

// TestAPluginOfCloudflare: it is told by its name, and is of another major version than AWS's.
func TestAPluginOfCloudflare(t *testing.T) {
	p, err := OpenPlugin(t.Context(), placeNamed(t, "pulumi-resource-cloudflare", "cloudflare"))
	require.NoError(t, err)
	assert.Equal(t, "cloudflare", p.Speaks())
	assert.Contains(t, p.Name(), "pulumi-resource-cloudflare 5.49.1")
	require.NoError(t, p.Close())
	_, err = OpenPlugin(t.Context(), placeNamed(t, "pulumi-resource-cloudflare", "fine"))
	require.ErrorContains(t, err, "is version 6.83.2 of the Cloudflare provider, and the twin speaks for version 5")

	home := t.TempDir()
	t.Setenv("PATH", t.TempDir())
	assert.Empty(t, FindCloudflarePlugin(home))
	cached := place(t, filepath.Join(home, "plugins", "resource-cloudflare-v5.49.1", "pulumi-resource-cloudflare"), "")
	assert.Equal(t, cached, FindCloudflarePlugin(home))
}

// A plugin that hangs or ends is an error that says so: nobody else answers in its place.
func TestAPluginThatDoesNotAnswer(t *testing.T) {
	check := CheckRequest{Type: vpcType, Name: "main", New: value.Map{"cidrBlock": "10.0.0.0/16"}, Settings: Settings{Region: "us-east-1"}}
	for kind, says := range map[string]string{
		"silent": "the provider does not answer about aws:ec2/vpc:Vpc: leave --brain out",
		"dying":  "the provider has ended; it printed: out of ideas",
	} {
		p, err := OpenPlugin(t.Context(), placeBroken(t, kind))
		require.NoError(t, err)
		p.patience = 5 * time.Second
		if kind == "silent" {
			p.patience = 100 * time.Millisecond
		}
		for range 2 {
			_, err = p.Check(t.Context(), check)
			assert.ErrorContains(t, err, says)
		}
		require.NoError(t, p.Close())
	}
}

func TestAPluginThatNeverStarts(t *testing.T) {
	for script, says := range map[string]string{
		"#!/bin/sh\nsleep 60\n":         "it printed no port, as a provider does when it is ready",
		"#!/bin/sh\necho 1\nsleep 60\n": "checking its settings",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err := OpenPlugin(ctx, place(t, filepath.Join(t.TempDir(), pluginName), script))
		cancel()
		require.ErrorContains(t, err, says)
	}
}
