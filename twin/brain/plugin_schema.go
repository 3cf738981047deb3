package brain

import (
	"context"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Schema is the provider's package schema, as JSON.
func (p *Plugin) Schema(ctx context.Context) ([]byte, error) {
	process, err := p.process(ctx, Settings{Region: "us-east-1"})
	if err != nil {
		return nil, err
	}
	r, err := process.GetSchema(ctx, &pulumirpc.GetSchemaRequest{})
	if err != nil {
		return nil, fmt.Errorf("asking the provider for its schema: %w", err)
	}
	return []byte(r.Schema), nil
}
