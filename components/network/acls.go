package network

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra/addressplan"
)

// A network ACL judges each packet by itself, so every rule here that lets a request pass has another for its answer.
// The ACLs are the coarse fence: a tier talks to itself and to its neighbours and to nothing else, even when a
// security group is wrong. Exact ports are the firewall's business.
//
// Answers go to the ephemeral port that a connection was opened from: servers run Linux, which picks from 32768 up;
// load balancers and NAT gateways pick from 1024 up (AWS, VPC user guide, custom network ACLs, ephemeral ports).
// Where the internet sends answers to a NAT gateway, 3389 is left out of that range, since the same rule would admit
// remote desktop requests: one of 64,512 outbound connections is therefore not answered and must be tried again.
const (
	tcp           = "tcp"
	udp           = "udp"
	icmp          = "icmp"
	lastPort      = 65535
	linuxFirst    = 32768
	balancerFirst = 1024
	remoteDesktop = 3389
	httpsPort     = 443
)

// aclRule is one rule. For icmp, it admits only the message that tells a sender to send smaller packets.
type aclRule struct {
	egress      bool
	number      int
	what        string // names the rule, with its direction
	action      string
	protocol    string
	peer        string
	first, last int
}

// aclRules collects the rules of one tier. Numbers are part of a rule's identity in AWS, so never renumber one just
// to tidy the order. The matching rule with the lowest number wins: 90 ICMP, 100 the public's requests, 200
// neighbours, 290 nothing else inside the network, 300 the world.
type aclRules []aclRule

func (r *aclRules) in(number int, what, peer string, first, last int) {
	*r = append(*r, aclRule{false, number, what, "allow", tcp, peer, first, last})
}

func (r *aclRules) out(number int, what, peer string, first, last int) {
	*r = append(*r, aclRule{true, number, what, "allow", tcp, peer, first, last})
}

// mostRules is the number of rules that the tier's ACL has in the direction with more of them.
func (a Args) mostRules(tier Tier, plan addressplan.Plan) int {
	count := map[bool]int{}
	for _, rule := range a.acl(tier, plan) {
		count[rule.egress]++
	}
	return max(count[true], count[false])
}

func (a Args) acl(tier Tier, plan addressplan.Plan) (rules aclRules) {
	if a.EdgeToApp && (tier == Public || tier == App) {
		other, number := App, 225
		if tier == App {
			other, number = Public, 200
		}
		rules.in(number, other.String(), plan.Tier(other).String(), 1, lastPort)
		rules.out(number, other.String(), plan.Tier(other).String(), 1, lastPort)
	}
	for _, neighbour := range neighbours[tier] {
		block := plan.Tier(neighbour).String()
		rules.in(200+10*int(neighbour), neighbour.String(), block, 1, lastPort)
		rules.out(200+10*int(neighbour), neighbour.String(), block, 1, lastPort)
	}
	if tier == Data {
		return rules
	}
	for _, egress := range []bool{false, true} {
		rules = append(rules, aclRule{egress, 90, "fragmentation", "allow", icmp, everywhere, 0, 0})
		rules = append(rules, aclRule{egress, 290, "rest", "deny", tcp, a.CIDR, 1, lastPort})
	}
	if tier == Public {
		a.publicRules(&rules, plan)
		a.outRules(&rules, tier, plan)
		return rules
	}
	// S3 has public addresses, and an ACL cannot use a prefix list.
	rules.out(310, "https", everywhere, httpsPort, httpsPort)
	rules.in(300, "answers", everywhere, linuxFirst, lastPort)
	a.outRules(&rules, tier, plan)
	return rules
}

// outRules admit traffic that leaves by other ways than HTTPS: through the ACL of its own tier, and through the
// public one, where the NAT gateways are. TCP answers have rules already. Over UDP nothing else passes, so the
// network's own addresses are shut out again.
func (a Args) outRules(rules *aclRules, tier Tier, plan addressplan.Plan) {
	for _, out := range a.Out {
		if tier != Public && tier != out.Tier {
			continue
		}
		what := strings.NewReplacer("/", "-", everywhere, "internet").Replace(fmt.Sprintf("%s-%d-%s", out.Protocol, out.Port, out.CIDR))
		rules.outside(true, what, out, out.Port, out.Port)
		block, nat := plan.Tier(out.Tier).String(), out.Tier.String()+"-nat-"+out.Protocol
		switch {
		case out.Protocol == tcp && tier == Public && out.Tier == App:
			rules.once(aclRule{false, 221, nat, "allow", tcp, block, 1, lastPort})
		case out.Protocol != udp:
		case tier == Public:
			rules.once(aclRule{false, 222 + int(out.Tier), nat, "allow", udp, block, 1, lastPort})
			rules.once(aclRule{true, 222 + int(out.Tier), nat, "allow", udp, block, linuxFirst, lastPort})
			rules.outside(false, "answers-low-"+what, out, balancerFirst, remoteDesktop-1)
			rules.outside(false, "answers-high-"+what, out, remoteDesktop+1, lastPort)
		default:
			rules.outside(false, "answers-"+what, out, linuxFirst, lastPort)
		}
		if out.Protocol == udp {
			rules.once(aclRule{false, 291, "rest-udp", "deny", udp, a.CIDR, 1, lastPort})
			rules.once(aclRule{true, 291, "rest-udp", "deny", udp, a.CIDR, 1, lastPort})
		}
	}
}

// once adds a rule unless it is there.
func (r *aclRules) once(rule aclRule) {
	if !slices.ContainsFunc(*r, func(other aclRule) bool { return other.egress == rule.egress && other.what == rule.what }) {
		*r = append(*r, rule)
	}
}

// outside adds a rule for addresses outside the network. Its number is derived from its meaning, so that it stays the
// same when others come and go: AWS refuses a rule whose number another rule still has.
func (r *aclRules) outside(egress bool, what string, out Out, first, last int) {
	hash := fnv.New32a()
	hash.Write([]byte(what))
	number := 1000 + int(hash.Sum32()%30000)
	for slices.ContainsFunc(*r, func(other aclRule) bool {
		return other.egress == egress && other.number == number && other.what != what
	}) {
		number++
	}
	r.once(aclRule{egress, number, what, "allow", out.Protocol, out.CIDR, first, last})
}

// neighbours are the tiers that a tier exchanges packets with.
var neighbours = map[Tier][]Tier{
	Public: {Web},
	Web:    {Public, Web, App},
	App:    {Web, App, Data},
	Data:   {App, Data},
}

// publicRules let the internet in through the public ports, and the private tiers out through the NAT gateways.
func (a Args) publicRules(rules *aclRules, plan addressplan.Plan) {
	for i, port := range a.PublicPorts {
		rules.in(100+i, "internet-"+strconv.Itoa(port), everywhere, port, port)
	}
	rules.out(300, "answers", everywhere, balancerFirst, lastPort)
	if a.NAT == NATNone {
		return
	}
	app := plan.Tier(App).String()
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
		for _, rule := range b.args.acl(tier, b.n.Plan) {
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
	// An ACL can have only one rule of a given number and direction.
	made, err := ec2.NewNetworkAclRule(b.ctx, name, args, b.child(), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return fmt.Errorf("making network ACL rule %s: %w", name, err)
	}
	b.readies(made, tier)
	return nil
}
