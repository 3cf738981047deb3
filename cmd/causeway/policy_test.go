package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/causeway-iac/causeway/proof/pack"
)

// These tests have the real engine ask the policy pack, as `pulumi preview --policy-pack` does.

// dyingVar makes the test binary a policy pack that dies of the question.
const dyingVar = "CAUSEWAY_TEST_DYING_PACK"

type dyingPack struct{ *pack.Server }

func (dyingPack) AnalyzeStack(context.Context, *pulumirpc.AnalyzeStackRequest) (*pulumirpc.AnalyzeResponse, error) {
	os.Exit(3)
	return nil, nil
}

func serveDyingPack() {
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Init: func(s *grpc.Server) error {
		pulumirpc.RegisterAnalyzerServer(s, dyingPack{pack.New(nil)})
		return nil
	}})
	if err != nil {
		panic(err)
	}
	fmt.Println(handle.Port)
	<-handle.Done
}

// builtPack builds the policy pack as `make build` does.
func builtPack(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", path, "../policy").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// executable is a policy pack that is a script.
func executable(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pack")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+strings.Join(lines, "\n")+"\n"), 0o755))
	return path
}

func TestThePolicyPackStopsADeploymentBeforeItBegins(t *testing.T) {
	pack := builtPack(t)
	at := newPlace(t, network)
	code, out := at.give("up", "--policy-pack", pack)
	assert.Equal(t, exitPolicy, code, out)
	assert.Contains(t, out, "error in network/vpc (aws:ec2/vpc:Vpc):\n    C004  ")
	assert.Contains(t, out, "\n    Instead: ")
	code, out = at.give("down")
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "there was nothing to take down")
}

func TestAPolicyPackThatDiesFailsThePreview(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	at := newPlace(t, network)
	for name, pack := range map[string]string{
		"at the question": executable(t, dyingVar+"=yes exec "+self+` "$@"`),
		"at once":         executable(t, "exit 1"),
		"speechless":      executable(t, "echo hello"),
	} {
		for _, command := range []string{"preview", "up"} {
			code, out := at.give(command, "--policy-pack", pack)
			assert.NotEqual(t, 0, code, "%s: %s", name, out)
		}
	}
	code, out := at.give("preview", "--policy-pack", "no-such-pack")
	assert.Equal(t, exitConfiguration, code)
	assert.Contains(t, out, "no-such-pack")
	code, out = at.give("down")
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "there was nothing to take down")
}

// The pack is built by whoever wants to preview, and must not cost what the clouds' SDKs do.
func TestThePolicyPackLinksNoCloud(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-trimpath", "-deps", "../policy").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), "causeway/proof/controls")
	for _, heavy := range []string{"pulumi-aws", "pulumi-cloudflare", "causeway/twin", "causeway/stacks"} {
		assert.NotContains(t, string(out), heavy)
	}
}
