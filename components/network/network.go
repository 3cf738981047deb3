// Package network makes the VPC: subnets of four tiers in every zone, their
// routes, network ACLs, the S3 endpoint and the flow log. What AWS puts into a
// VPC by itself (default security group, network ACL and main route table) is
// adopted and emptied, so that nothing is open by omission.
//
// The network is IPv4 only: no subnet has an IPv6 block, so no rule, route or ACL
// for IPv6 is needed.
package network

import (
	"fmt"
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

	// VPC is the VPC's id.
	VPC pulumi.StringOutput
	// CIDR is the VPC's block.
	CIDR string
	// Zones are the availability zones, sorted.
	Zones []string
	// Plan is where every subnet lies.
	Plan addressplan.Plan
	// S3PrefixList is the id of the list of S3's addresses in the region.
	S3PrefixList pulumi.StringOutput
	// NATAddresses are the public addresses that the platform's requests to the
	// internet come from, one for each NAT gateway.
	NATAddresses pulumi.StringArrayOutput

	subnets map[Tier]pulumi.StringArray
	ready   map[Tier][]pulumi.Resource
}

// Subnets are the ids of a tier's subnets, one for each zone in order of Zones.
func (n *Network) Subnets(tier Tier) pulumi.StringArrayOutput {
	return n.subnets[tier].ToStringArrayOutput()
}

// Ready is what must exist before packets of a tier travel: its routes, their
// associations, its ACL's rules and, for servers, the S3 endpoint. Pass it to
// pulumi.DependsOn where that matters at once: AWS refuses a public load balancer
// in a VPC that has no internet gateway yet, and an instance that boots too early
// cannot fetch its release.
func (n *Network) Ready(tier Tier) []pulumi.Resource { return slices.Clone(n.ready[tier]) }

// New makes the network.
func New(ctx *pulumi.Context, name string, p *infra.Platform, k *keys.Keys, boundary *identity.Boundary, args Args, opts ...pulumi.ResourceOption) (*Network, error) {
	if k == nil || boundary == nil {
		return nil, fmt.Errorf("making network %s: keys and boundary are required", name)
	}
	args = args.withDefaults()
	if err := args.Validate().Err(); err != nil {
		return nil, fmt.Errorf("making network %s: %w", name, err)
	}
	if region, _, _ := addressplan.Slot(args.Zones[0]); region != p.Region {
		return nil, fmt.Errorf("making network %s: zones: %s is not in the platform's region %s", name, args.Zones[0], p.Region)
	}
	plan, problems := addressplan.New(args.CIDR)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("making network %s: %w", name, err)
	}
	n := &Network{
		CIDR: plan.Block().String(), Plan: plan,
		Zones:   slices.Sorted(slices.Values(args.Zones)),
		subnets: map[Tier]pulumi.StringArray{},
		ready:   map[Tier][]pulumi.Resource{},
	}
	if err := ctx.RegisterComponentResource("causeway:network:Network", name, n, opts...); err != nil {
		return nil, fmt.Errorf("registering network %s: %w", name, err)
	}
	b := &builder{ctx: ctx, name: name, p: p, args: args, n: n, keys: k, boundary: boundary, placed: map[Tier][]*ec2.Subnet{}}
	for _, step := range []func() error{
		b.makeVPC, b.makeSubnets, b.makeRoutes, b.makeS3Endpoint, b.makeACLs, b.emptyDefaults, b.makeFlowLog,
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("making network %s: %w", name, err)
		}
	}
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{
		"vpc": n.VPC, "cidr": pulumi.String(n.CIDR), "natAddresses": n.NATAddresses,
	})
}

// builder declares the network's parts one after another; each step finds what
// the steps before it made.
type builder struct {
	ctx      *pulumi.Context
	name     string
	p        *infra.Platform
	args     Args
	keys     *keys.Keys
	boundary *identity.Boundary
	n        *Network

	vpc     *ec2.Vpc
	placed  map[Tier][]*ec2.Subnet // in order of the network's zones
	private []*ec2.RouteTable      // one for each zone, in the same order
	acls    []pulumi.Resource
}

// readies notes a resource that tiers' packets wait for.
func (b *builder) readies(resource pulumi.Resource, tiers ...Tier) {
	for _, tier := range tiers {
		b.n.ready[tier] = append(b.n.ready[tier], resource)
	}
}

func (b *builder) child() pulumi.ResourceOption { return pulumi.Parent(b.n) }

// letter is what tells the zones of a region apart: a of eu-west-1a.
func letter(zone string) string { return zone[len(zone)-1:] }
