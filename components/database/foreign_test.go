package database_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/infratest"
)

// The database alone, in a VPC, with a security group, a key and a boundary that somebody else's program made:
// nothing else of the platform is declared.
func TestADatabaseInSomebodyElsesVPC(t *testing.T) {
	all := infratest.Record(t, outputs, func(ctx *pulumi.Context) error {
		platform := &infra.Platform{Name: "theirs", Environment: "prod", Region: "eu-west-1", Account: "123456789012"}
		key := &keys.Key{ARN: text("arn:aws:kms:eu-west-1:123456789012:key/theirs")}
		_, err := database.New(ctx, "orders", platform, database.Wiring{
			Network: &network.Existing{
				VPCID: pulumi.String("vpc-theirs"),
				SubnetIDs: map[network.Tier]pulumi.StringArray{
					network.Data: {pulumi.String("subnet-a"), pulumi.String("subnet-b")},
				},
			},
			Group:    &firewall.Group{Party: firewall.Database, ID: text("sg-theirs")},
			Keys:     &keys.Keys{Data: key, Logs: key},
			Boundary: &identity.Boundary{ARN: text("arn:aws:iam::123456789012:policy/theirs")},
		}, database.Args{Class: "db.t4g.small", Protect: true})
		return err
	})
	assert.Equal(t, []any{"subnet-a", "subnet-b"}, plain(t, all, subnetType)["subnetIds"])
	assert.Equal(t, []any{"sg-theirs"}, plain(t, all, instanceType)["vpcSecurityGroupIds"])
	for _, d := range all {
		assert.NotContains(t, d.Type, ":ec2/", "%s is no business of a database", d.Name)
	}

	_, err := infratest.TryRecord(outputs, func(ctx *pulumi.Context) error {
		_, err := database.New(ctx, "orders", infratest.Platform("prod"), database.Wiring{Network: &network.Existing{}}, database.Args{})
		return err
	})
	require.ErrorContains(t, err, "Network.VPCID: is missing")
	assert.ErrorContains(t, err, "Group: is missing from the component's wiring; write a sentence of the firewall that leads to it")
}
