package dns_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra/infratest"
)

func TestAPrivateZoneAnswersInTheNetworkOnly(t *testing.T) {
	net := &network.Existing{VPCID: pulumi.String("vpc-1")}
	all := infratest.Record(t, clouds, func(ctx *pulumi.Context) error {
		z, err := dns.NewPrivate(ctx, "prod-private", infratest.Platform("prod"), net, dns.PrivateArgs{Domain: "Internal.example.com."})
		if err != nil {
			return err
		}
		assert.ErrorContains(t, z.Point(ctx, "prod-internal", balancer(), "app.example.com"), "is not in the zone internal.example.com")
		return z.Point(ctx, "prod-internal", balancer(), "app.internal.example.com")
	})
	zone := infratest.One(t, all, r53Zone).Plain()
	assert.Equal(t, "internal.example.com", zone["name"])
	assert.Equal(t, []any{map[string]any{"vpcId": "vpc-1", "vpcRegion": "eu-west-1"}}, zone["vpcs"],
		"without a network the zone would be public")
	record := infratest.One(t, all, r53Record).Plain()
	assert.Equal(t, "app.internal.example.com", record["name"])
	assert.Equal(t, "Z123", record["zoneId"])
	assert.Equal(t, "A", record["type"])
}

func TestAPrivateZoneThatCannotBe(t *testing.T) {
	_, err := infratest.TryRecord(nil, func(ctx *pulumi.Context) error {
		_, err := dns.NewPrivate(ctx, "prod-private", infratest.Platform("prod"), nil, dns.PrivateArgs{Domain: "internal.example.com"})
		return err
	})
	require.ErrorContains(t, err, "Network: is missing from the component's wiring")
	assert.ErrorContains(t, dns.PrivateArgs{Domain: "internal"}.Validate().Err(),
		`domain: "internal" has no dot; write a name below your own domain`)
}
