package brain

import (
	"context"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
)

// Emulated starts the real AWS provider against an emulated AWS, where it may create.
func Emulated(t *testing.T, path, endpoint string) pulumirpc.ResourceProviderClient {
	t.Helper()
	of := *awsProvider
	of.endpoint = endpoint
	p, err := start(context.WithoutCancel(t.Context()), &of, path, t.TempDir(), Settings{Region: "eu-west-1"})
	require.NoError(t, err)
	t.Cleanup(p.stop)
	return p
}
