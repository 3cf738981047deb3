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
	httpsPort     = 443
)

// aclRule is one rule. For icmp, it is the one message that tells a sender to send
// smaller packets.
type aclRule struct {
	egress      bool
	number      int
	what        string // names the rule, with its direction
	action      string
	protocol    string
	peer        string
	first, last int
}

// aclRules collects the rules of one tier. Numbers are part of a rule's identity
// in AWS: never renumber one for the sake of order. AWS takes the lowest number
// that matches: 90 ICMP, 100 the public's requests, 200 neighbours, 290 nothing
// else inside the network, 300 the world.
type aclRules []aclRule

func (r *aclRules) tcp(egress bool, number int, what, action, peer string, first, last int) {
	*r = append(*r, aclRule{egress, number, what, action, tcp, peer, first, last})
}

func (r *aclRules) in(number int, what, peer string, first, last int) {
	r.tcp(false, number, what, "allow", peer, first, last)
}

func (r *aclRules) out(number int, what, peer string, first, last int) {
	r.tcp(true, number, what, "allow", peer, first, last)
}

func (b *builder) acl(tier Tier) aclRules {
	var rules aclRules
	for _, neighbour := range neighbours[tier] {
		block := b.n.Plan.Tier(neighbour).String()
		rules.in(200+10*int(neighbour), neighbour.String(), block, 1, lastPort)
		rules.out(200+10*int(neighbour), neighbour.String(), block, 1, lastPort)
	}
	if tier == Data {
		return rules
	}
	for _, egress := range []bool{false, true} {
		rules = append(rules, aclRule{egress, 90, "fragmentation", "allow", icmp, everywhere, 0, 0})
		rules.tcp(egress, 290, "rest", "deny", b.n.CIDR, 1, lastPort)
	}
	if tier == Public {
		b.publicRules(&rules)
		return rules
	}
	// S3 has public addresses, which an ACL cannot name as a prefix list.
	rules.out(310, "https", everywhere, httpsPort, httpsPort)
	rules.in(300, "answers", everywhere, linuxFirst, lastPort)
	return rules
}

// neighbours are the tiers that a tier exchanges packets with.
var neighbours = map[Tier][]Tier{
	Public: {Web},
	Web:    {Public, Web, App},
	App:    {Web, App, Data},
	Data:   {App, Data},
}

// publicRules let the internet in where it is meant to come in, and the private
// tiers out by the NAT gateways.
func (b *builder) publicRules(rules *aclRules) {
	for i, port := range b.args.PublicPorts {
		rules.in(100+i, "internet-"+strconv.Itoa(port), everywhere, port, port)
	}
	rules.out(300, "answers", everywhere, balancerFirst, lastPort)
	if b.args.NAT == NATNone {
		return
	}
	app := b.n.Plan.Tier(App).String()
	rules.in(220, "app-nat", app, httpsPort, httpsPort)
	rules.out(220, "app-nat", app, linuxFirst, lastPort)
	rules.out(310, "nat", everywhere, httpsPort, httpsPort)
	rules.in(300, "answers-low", everywhere, balancerFirst, remoteDesktop-1)
	rules.in(310, "answers-high", everywhere, remoteDesktop+1, lastPort)
}

func (b *builder) makeACLs() error {
	for _, tier := range addressplan.Tiers {
		name := b.name + "-" + tier.String()
		acl, err := ec2.NewNetworkAcl(b.ctx, name, &ec2.NetworkAclArgs{
			VpcId:     b.vpc.ID(),
			SubnetIds: b.n.subnets[tier],
			Tags:      b.p.TagsFor(name, tier.Tag()),
		}, b.child())
		if err != nil {
			return fmt.Errorf("making network ACL %s: %w", name, err)
		}
		b.acls = append(b.acls, acl)
		for _, rule := range b.acl(tier) {
			if err := b.makeACLRule(name, acl, tier, rule); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *builder) makeACLRule(name string, acl *ec2.NetworkAcl, tier Tier, rule aclRule) error {
	direction := "from"
	if rule.egress {
		direction = "to"
	}
	name += "-" + direction + "-" + rule.what
	args := &ec2.NetworkAclRuleArgs{
		NetworkAclId: acl.ID(),
		RuleNumber:   pulumi.Int(rule.number),
		Egress:       pulumi.Bool(rule.egress),
		RuleAction:   pulumi.String(rule.action),
		Protocol:     pulumi.String(rule.protocol),
		CidrBlock:    pulumi.String(rule.peer),
	}
	if rule.protocol == icmp {
		args.IcmpType, args.IcmpCode = pulumi.Int(3), pulumi.Int(4)
	} else {
		args.FromPort, args.ToPort = pulumi.Int(rule.first), pulumi.Int(rule.last)
	}
	made, err := ec2.NewNetworkAclRule(b.ctx, name, args, b.child())
	if err != nil {
		return fmt.Errorf("making network ACL rule %s: %w", name, err)
	}
	b.readies(made, tier)
	return nil
}
