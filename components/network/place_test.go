package network_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/components/network"
)

func TestAnExistingNetworkMustBeDescribed(t *testing.T) {
	problems := (&network.Existing{SubnetIDs: map[network.Tier]pulumi.StringArray{
		network.Data: {pulumi.String("subnet-1")},
	}}).Validate()
	assert.ErrorContains(t, problems.Err(), "VPCID: is missing")
	assert.ErrorContains(t, problems.Err(), "SubnetIDs[data]: has 1 subnets; name at least two, in different zones")
}
