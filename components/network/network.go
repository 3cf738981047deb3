// Package network makes the VPC: subnets of four tiers in every zone, their routes, network ACLs, the S3 endpoint and
// the flow log. The defaults that AWS puts into every VPC (security group, network ACL and main route table) are
// adopted and emptied, so that nothing is open by omission.
//
// The network is IPv4 only: no subnet has an IPv6 block, so no rule, route or ACL for IPv6 is needed.
package network

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/addressplan"
)

// Network is one VPC.
type Network struct {
	pulumi.ResourceState

	// CIDR is the VPC's block.
	CIDR string
	// Zones are the availability zones, sorted.
	Zones []string
	// Plan is where every subnet lies.
	Plan addressplan.Plan
	// NATAddresses are the public addresses that the platform's requests to the
	// internet come from, one for each NAT gateway.
	NATAddresses pulumi.StringArrayOutput

	vpc, s3 pulumi.StringOutput
	subnets map[Tier]pulumi.StringArray
	ready   map[Tier][]pulumi.Resource
}

// VPC is the VPC's id.
func (n *Network) VPC() pulumi.StringOutput { return n.vpc }

// S3PrefixList is the id of the list of S3's addresses in the region.
func (n *Network) S3PrefixList() pulumi.StringOutput { return n.s3 }

// Subnets are the ids of a tier's subnets, one for each zone in order of Zones.
func (n *Network) Subnets(tier Tier) pulumi.StringArrayOutput {
	return n.subnets[tier].ToStringArrayOutput()
}

// Ready is what must exist before packets of a tier can travel: its routes, their associations, its ACL's rules and,
// for servers, the S3 endpoint. Pass it to pulumi.DependsOn for resources that need the network at once: AWS refuses
// a public load balancer in a VPC that has no internet gateway yet, and an instance that boots too early cannot fetch
// its release.
func (n *Network) Ready(tier Tier) []pulumi.Resource { return slices.Clone(n.ready[tier]) }

// Wiring is what a network needs of the platform.
type Wiring struct {
	Keys     *keys.Keys         // encrypts the flow log
	Boundary *identity.Boundary // of the role that writes it
}

// New makes the network.
func New(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args Args, opts ...pulumi.ResourceOption) (*Network, error) {
	args = args.withDefaults()
	problems := args.Validate()
	if len(problems) == 0 && p != nil {
		if region, _, _ := addressplan.Slot(args.ZoneNames[0]); region != p.Region {
			problems.Addf("zoneNames", "write zones of "+p.Region, "%s is not in the platform's region", args.ZoneNames[0])
		}
	}
	plan, _ := addressplan.New(args.CIDR) // Validate has reported any problems
	n := &Network{
		CIDR: plan.Block().String(), Plan: plan,
		Zones:   slices.Sorted(slices.Values(args.ZoneNames)),
		subnets: map[Tier]pulumi.StringArray{},
		ready:   map[Tier][]pulumi.Resource{},
	}
	err := infra.Declare(ctx, infra.Component{
		Type: "network:Network", Name: name, Platform: p, Wiring: w, Problems: problems, Options: opts,
	}, n, func() (pulumi.Map, error) {
		b := &builder{ctx: ctx, name: name, p: p, args: args, wiring: w, n: n, placed: map[Tier][]*ec2.Subnet{}}
		err := infra.InOrder(b.makeVPC, b.makeSubnets, b.makeRoutes, b.makeS3Endpoint, b.makeACLs, b.emptyDefaults, b.makeFlowLog)
		return pulumi.Map{"vpc": n.vpc, "cidr": pulumi.String(n.CIDR), "natAddresses": n.NATAddresses}, err
	})
	return n, err
}

// builder declares the network's parts one after another; each step uses what the earlier ones made.
type builder struct {
	ctx    *pulumi.Context
	name   string
	p      *infra.Platform
	args   Args
	wiring Wiring
	n      *Network

	vpc     *ec2.Vpc
	placed  map[Tier][]*ec2.Subnet // in order of the network's zones
	private []*ec2.RouteTable      // one for each zone, in the same order
	acls    []pulumi.Resource
}

// readies notes a resource that the tiers' packets depend on.
func (b *builder) readies(resource pulumi.Resource, tiers ...Tier) {
	for _, tier := range tiers {
		b.n.ready[tier] = append(b.n.ready[tier], resource)
	}
}

func (b *builder) child() pulumi.ResourceOption { return pulumi.Parent(b.n) }

// letter is what distinguishes the zones of a region: a for eu-west-1a.
func letter(zone string) string { return zone[len(zone)-1:] }
