package network

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra/addressplan"
)

// A network ACL judges each packet by itself, so every rule here that lets a
// request pass has another for its answer. The ACLs are the coarse fence: a tier
// talks to itself and to its neighbours, and nothing else, even when a security
// group is wrong. Which port exactly is the firewall's business.
//
// Ports that a connection is answered on: servers run Linux, which picks from
// 32768 up; load balancers and NAT gateways from 1024 up (AWS, VPC user guide,
// custom network ACLs, ephemeral ports). Where the internet sends answers to a
// NAT gateway, 3389 is left out of that range, since the same rule would admit
// remote desktop requests: of 64,512 outbound connections, one is not answered
// and must be tried again.
const (
	tcp           = "tcp"
	icmp          = "icmp"
	lastPort      = 65535
	linuxFirst    = 32768
	balancerFirst = 1024
	remoteDesktop = 3389
)

// aclRule allows tcp from first to last, or the one ICMP message that tells a
// sender to send smaller packets.
type aclRule struct {
	egress      bool
	what        string // names the rule, with its direction
	number      int
	protocol    string
	peer        string
	first, last int
}

// acl is the rules of one tier. Numbers are part of a rule's identity in AWS:
// never renumber one for the sake of order.
func (b *builder) acl(tier Tier) []aclRule {
	var rules []aclRule
	allow := func(egress bool, number int, what, protocol, peer string, first, last int) {
		rules = append(rules, aclRule{egress: egress, what: what, number: number, protocol: protocol, peer: peer, first: first, last: last})
	}
	both := func(number int, other Tier) {
		for _, egress := range []bool{false, true} {
			allow(egress, number, other.String(), tcp, b.n.Plan.Tier(other).String(), 1, lastPort)
		}
	}
	smallerPackets := func() {
		for _, egress := range []bool{false, true} {
			allow(egress, 90, "fragmentation", icmp, everywhere, 0, 0)
		}
	}
	nat := b.args.NAT != NATNone
	switch tier {
	case Public:
		smallerPackets()
		for i, port := range b.args.PublicPorts {
			allow(false, 100+i, "internet-"+strconv.Itoa(port), tcp, everywhere, port, port)
		}
		both(200, Web)
		allow(true, 300, "answers", tcp, everywhere, balancerFirst, lastPort)
		if nat {
			allow(false, 300, "answers-low", tcp, everywhere, balancerFirst, remoteDesktop-1)
			allow(false, 310, "answers-high", tcp, everywhere, remoteDesktop+1, lastPort)
			allow(false, 220, "app-nat", tcp, b.n.Plan.Tier(App).String(), 443, 443)
			allow(true, 310, "nat", tcp, everywhere, 443, 443)
		}
	case Web:
		smallerPackets()
		both(200, Public)
		both(210, Web)
		both(220, App)
	case App:
		smallerPackets()
		both(210, Web)
		both(220, App)
		both(230, Data)
	case Data:
		both(220, App)
		both(230, Data)
	}
	if tier == Web || tier == App {
		// S3 has public addresses, which an ACL cannot name as a prefix list.
		allow(true, 310, "https", tcp, everywhere, 443, 443)
		allow(false, 300, "answers", tcp, everywhere, linuxFirst, lastPort)
	}
	return rules
}

func (b *builder) makeACLs() error {
	for _, tier := range addressplan.Tiers {
		name := b.name + "-" + tier.String()
		acl, err := ec2.NewNetworkAcl(b.ctx, name, &ec2.NetworkAclArgs{
			VpcId:     b.vpc.ID(),
			SubnetIds: b.n.subnets[tier],
			Tags:      b.p.TagsFor(name, tier.String()),
		}, b.child())
		if err != nil {
			return fmt.Errorf("making network ACL %s: %w", name, err)
		}
		b.acls = append(b.acls, acl)
		for _, rule := range b.acl(tier) {
			if err := b.makeACLRule(name, acl, rule); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *builder) makeACLRule(name string, acl *ec2.NetworkAcl, rule aclRule) error {
	direction := "from"
	if rule.egress {
		direction = "to"
	}
	name += "-" + direction + "-" + rule.what
	args := &ec2.NetworkAclRuleArgs{
		NetworkAclId: acl.ID(),
		RuleNumber:   pulumi.Int(rule.number),
		Egress:       pulumi.Bool(rule.egress),
		RuleAction:   pulumi.String("allow"),
		Protocol:     pulumi.String(rule.protocol),
		CidrBlock:    pulumi.String(rule.peer),
	}
	if rule.protocol == icmp {
		args.IcmpType, args.IcmpCode = pulumi.Int(3), pulumi.Int(4)
	} else {
		args.FromPort, args.ToPort = pulumi.Int(rule.first), pulumi.Int(rule.last)
	}
	if _, err := ec2.NewNetworkAclRule(b.ctx, name, args, b.child()); err != nil {
		return fmt.Errorf("making network ACL rule %s: %w", name, err)
	}
	return nil
}
