package network

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// Place is what other components need of a network. *Network implements it, and so does *Existing, so that a
// component can be used by itself in a VPC that somebody else made.
type Place interface {
	// VPC is the VPC's id.
	VPC() pulumi.StringOutput
	// Subnets are the ids of a tier's subnets, one for each zone.
	Subnets(Tier) pulumi.StringArrayOutput
	// Ready is what must exist before packets of a tier travel.
	Ready(Tier) []pulumi.Resource
	// S3PrefixList is the id of the list of S3's addresses in the region.
	S3PrefixList() pulumi.StringOutput
}

// Existing is a network that was there before. Its routes, network ACLs and flow log are the responsibility of
// whoever made it.
type Existing struct {
	// VPCID is the VPC's id, vpc-... Required.
	VPCID pulumi.StringInput
	// SubnetIDs are the subnets of each tier that components are put into, at least two in different zones.
	SubnetIDs map[Tier]pulumi.StringArray
	// S3PrefixListID is needed by a firewall with a sentence that leads to S3.
	S3PrefixListID pulumi.StringInput
}

// Validate reports everything that is wrong with the description of the network.
func (e *Existing) Validate() (problems infra.Problems) {
	if e.VPCID == nil {
		problems.Add("VPCID", "write the id of the VPC", "is missing")
	}
	for tier, subnets := range e.SubnetIDs {
		if len(subnets) < 2 {
			problems.Addf(fmt.Sprintf("SubnetIDs[%s]", tier), "name at least two, in different zones", "has %d subnets", len(subnets))
		}
	}
	return problems
}

// VPC is the VPC's id.
func (e *Existing) VPC() pulumi.StringOutput { return e.VPCID.ToStringOutput() }

// Subnets are the ids of a tier's subnets.
func (e *Existing) Subnets(tier Tier) pulumi.StringArrayOutput {
	return e.SubnetIDs[tier].ToStringArrayOutput()
}

// Ready is empty: the network exists already.
func (e *Existing) Ready(Tier) []pulumi.Resource { return nil }

// S3PrefixList is the id of the list of S3's addresses in the region.
func (e *Existing) S3PrefixList() pulumi.StringOutput {
	if e.S3PrefixListID == nil {
		return pulumi.String("").ToStringOutput()
	}
	return e.S3PrefixListID.ToStringOutput()
}
