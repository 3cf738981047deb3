package twin_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
)

// Several engines preview and deploy on one twin at once, each in a region of its own. Run with -race,
// this is also where the twin's own processes meet.
func TestStacksAtOnceOnOneTwin(t *testing.T) {
	tw, err := twin.Start(context.Background(), twin.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tw.Close()) })
	regions := []string{"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"}
	const groups = 20
	engines := make([]*engine, len(regions))
	for i, region := range regions {
		engines[i] = newEngine(t, tw, func(ctx *pulumi.Context) error {
			name := func(part string) string { return fmt.Sprintf("%s-%d", part, i) }
			provider := &namedProvider{}
			if err := ctx.RegisterResource("pulumi:providers:aws", name("cloud"), pulumi.Map{"region": pulumi.String(region)},
				provider); err != nil {
				return err
			}
			vpc, err := resource(ctx, "aws:ec2/vpc:Vpc", name("vpc"), pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16")},
				pulumi.Provider(provider))
			if err != nil {
				return err
			}
			for g := range groups {
				_, err := resource(ctx, "aws:ec2/securityGroup:SecurityGroup", name(fmt.Sprint("group-", g)), pulumi.Map{"vpcId": vpc.ID()},
					pulumi.Provider(provider))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	var running sync.WaitGroup
	for _, e := range engines {
		running.Go(func() {
			preview := func() map[apitype.OpType]int {
				r, err := e.stack.Preview(context.Background(), optpreview.ErrorProgressStreams(io.Discard))
				assert.NoError(t, err)
				return r.ChangeSummary
			}
			assert.Equal(t, groups+3, preview()[apitype.OpCreate], "stack, provider, network and groups")
			_, err := e.tryUp()
			assert.NoError(t, err)
			assert.Equal(t, map[apitype.OpType]int{apitype.OpSame: groups + 3}, preview())
		})
	}
	running.Wait()
	in := map[string]int{}
	networks := map[string]string{}
	for _, r := range tw.Resources() {
		in[r.Region]++
		if r.Type == "aws:ec2/vpc:Vpc" {
			networks[r.ID] = r.Region
		}
	}
	for _, r := range tw.Resources() {
		if vpc, ok := r.Outputs["vpcId"].(string); ok {
			assert.Equal(t, networks[vpc], r.Region, "%s is in the region of its stack's provider", r.ID)
		}
	}
	for _, region := range regions {
		assert.Equal(t, groups+1, in[region], region)
	}
}
