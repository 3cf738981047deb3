package twin_test

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
)

func TestVPCAndSubnets(t *testing.T) {
	tw, err := twin.Start(context.Background(), twin.Options{})
	require.NoError(t, err)
	defer tw.Close()
	e := newEngine(t, tw, func(ctx *pulumi.Context) error {
		vpc, err := resource(ctx, "aws:ec2/vpc:Vpc", "main", pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16")})
		if err != nil {
			return err
		}
		_, err = resource(ctx, "aws:ec2/subnet:Subnet", "a", pulumi.Map{
			"vpcId": vpc.ID(), "cidrBlock": pulumi.String("10.0.0.0/24"), "availabilityZone": pulumi.String("eu-central-1a")})
		if err != nil {
			return err
		}
		_, err = resource(ctx, "aws:ec2/securityGroup:SecurityGroup", "web", pulumi.Map{"vpcId": vpc.ID()})
		return err
	})
	p := e.preview()
	assert.Equal(t, 4, p.ChangeSummary["create"], "%v", p.StdOut)
	e.up()
	r := e.up()
	assert.Equal(t, map[string]int{"same": 4}, *r.Summary.ResourceChanges)
	for _, r := range tw.Resources() {
		t.Log(r.Type, r.ID, r.Outputs)
	}
	e.destroy()
	assert.Empty(t, tw.Resources())
}
