package firewall

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
)

type writer struct {
	ctx  *pulumi.Context
	name string
	p    *infra.Platform
	net  network.Place
	f    *Firewall
}

// end is the far end of a rule: exactly one field is set.
type end struct {
	suffix string // distinguishes the prefixes of a set
	group  pulumi.StringPtrInput
	cidr   pulumi.StringPtrInput
	list   pulumi.StringPtrInput
}

// ends are the far ends that a peer stands for.
func (w *writer) ends(peer Peer) []end {
	switch peer := peer.(type) {
	case PrefixSet:
		var ends []end
		for _, prefix := range peer.sorted() {
			e := end{cidr: pulumi.String(prefix.String())}
			if peer.name != prefix.String() {
				e.suffix = "-" + strings.ReplaceAll(prefix.String(), "/", "-")
			}
			ends = append(ends, e)
		}
		return ends
	case PrefixList:
		return []end{{list: pulumi.String(string(peer))}}
	case Party:
		switch peer {
		case Internet:
			return []end{{cidr: pulumi.String("0.0.0.0/0")}}
		case S3:
			return []end{{list: w.net.S3PrefixList().ToStringPtrOutput()}}
		default:
			return []end{{group: w.f.groups[peer.Name].ID.ToStringPtrOutput()}}
		}
	}
	return nil
}

// write makes the sender's egress rules and the receiver's ingress rules, each only if that side has a group.
func (w *writer) write(s Sentence) error {
	if sender := w.groupOf(s.From); sender != nil {
		for _, end := range w.ends(s.To) {
			name := w.ruleName(s, end)
			args := vpc.SecurityGroupEgressRuleArgs(w.rule(name, sender, s, end))
			rule, err := vpc.NewSecurityGroupEgressRule(w.ctx, name, &args, pulumi.Parent(w.f))
			if err != nil {
				return fmt.Errorf("making egress rule %s: %w", name, err)
			}
			sender.Rules = append(sender.Rules, rule)
		}
	}
	if receiver := w.groupOf(s.To); receiver != nil {
		for _, end := range w.ends(s.From) {
			name := w.ruleName(s, end)
			args := w.rule(name, receiver, s, end)
			rule, err := vpc.NewSecurityGroupIngressRule(w.ctx, name, &args, pulumi.Parent(w.f))
			if err != nil {
				return fmt.Errorf("making ingress rule %s: %w", name, err)
			}
			receiver.Rules = append(receiver.Rules, rule)
		}
	}
	return nil
}

func (w *writer) ruleName(s Sentence, e end) string { return w.name + "-" + s.key() + e.suffix }

// rule makes the owner's side of a sentence, which has the same shape in both directions.
func (w *writer) rule(name string, owner *Group, s Sentence, other end) vpc.SecurityGroupIngressRuleArgs {
	description := fmt.Sprintf("%v to %v, %s %d", s.From, s.To, s.protocol(), s.Port)
	if s.Why != "" {
		description += ": " + s.Why
	}
	return vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           owner.ID,
		ReferencedSecurityGroupId: other.group,
		CidrIpv4:                  other.cidr,
		PrefixListId:              other.list,
		IpProtocol:                pulumi.String(s.protocol()),
		FromPort:                  pulumi.Int(s.Port),
		ToPort:                    pulumi.Int(s.Port),
		Description:               pulumi.String(description),
		Tags:                      w.p.TagsFor(name, owner.Party.Tier),
	}
}

func (w *writer) groupOf(peer Peer) *Group {
	party, ok := peer.(Party)
	if !ok {
		return nil
	}
	return w.f.groups[party.Name]
}
