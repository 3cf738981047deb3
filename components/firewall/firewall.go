// Package firewall turns sentences such as "edge -> web :8443" into security groups and their rules. Nobody writes a
// rule by hand: both ends come from one sentence, so they cannot disagree. No sentence, no packet.
//
// A rule is named by its meaning (who, to whom, which port), so sentences may be written in any order. A group's
// description never changes, because changing it would replace a group that is in use.
package firewall

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
)

// Args are the firewall's settings.
type Args struct {
	// Sentences are all the connections that are allowed, in any order. Required.
	Sentences []Sentence
	// Quotas are what the account may have beyond AWS's defaults. Default none.
	Quotas infra.Quotas
}

// Validate reports sentences that contradict the picture, the rest or AWS.
func (a Args) Validate() infra.Problems {
	if len(a.Sentences) == 0 {
		var problems infra.Problems
		problems.Add("sentences", "write firewall.Allow(from, to, port)", "is empty, so that no packet would pass")
		return problems
	}
	return a.validate()
}

// Group is one security group.
type Group struct {
	// Party is whose group it is.
	Party Party
	// ID is the group's id.
	ID pulumi.StringOutput
	// Rules are the group's own ends of its rules. A resource that sends packets as soon as it exists, such as an
	// instance that fetches its release, must depend on them.
	Rules []pulumi.Resource
}

// Firewall is the security groups of one network.
type Firewall struct {
	pulumi.ResourceState

	// Sentences are what the firewall was made from, in a fixed order.
	Sentences []Sentence

	groups map[string]*Group // by the party's name
}

// Group is a party's group; nil if no sentence names the party.
func (f *Firewall) Group(party Party) *Group { return f.groups[party.Name] }

// New makes the groups and rules.
func New(
	ctx *pulumi.Context, name string, p *infra.Platform, net network.Place, args Args, opts ...pulumi.ResourceOption,
) (*Firewall, error) {
	problems := args.Validate()
	if strings.HasPrefix(name, "sg-") {
		problems.Add("name", "choose another", "AWS reserves names of groups that begin with sg-")
	}
	f := &Firewall{groups: map[string]*Group{}}
	err := infra.Declare(ctx, infra.Component{
		Type: "firewall:Firewall", Name: name, Platform: p, Wiring: struct{ Network network.Place }{net}, Problems: problems, Options: opts,
	}, f, func() (pulumi.Map, error) {
		f.Sentences = inOrder(args.Sentences)
		w := &writer{ctx: ctx, name: name, p: p, net: net, f: f}
		if err := w.makeGroups(); err != nil {
			return nil, err
		}
		said := pulumi.StringArray{}
		for _, s := range f.Sentences {
			said = append(said, pulumi.String(s.String()))
			if err := w.write(s); err != nil {
				return nil, err
			}
		}
		return pulumi.Map{"sentences": said}, nil
	})
	return f, err
}

// inOrder sorts sentences by a request's path, so that their order in the program makes no difference.
func inOrder(sentences []Sentence) []Sentence {
	rank := func(peer Peer) int {
		party, _ := peer.(Party)
		if i := slices.Index(picture, party); i >= 0 || party.Name == "" {
			return i
		}
		return len(picture)
	}
	sorted := slices.Clone(sentences)
	slices.SortFunc(sorted, func(a, b Sentence) int {
		for _, d := range []int{rank(a.From) - rank(b.From), rank(a.To) - rank(b.To), a.Port - b.Port} {
			if d != 0 {
				return d
			}
		}
		return strings.Compare(a.key(), b.key())
	})
	return sorted
}

// parties are those that have security groups, in the order of the picture and then by name.
func parties(sentences []Sentence) (found []Party) {
	for _, s := range sentences {
		for _, end := range []Peer{s.From, s.To} {
			if party, ok := end.(Party); ok && party.Kind != World && !slices.Contains(found, party) {
				found = append(found, party)
			}
		}
	}
	slices.SortFunc(found, func(a, b Party) int {
		place := func(p Party) int { return (slices.Index(picture, p) + len(picture) + 1) % (len(picture) + 1) }
		return cmp.Or(place(a)-place(b), strings.Compare(a.Name, b.Name))
	})
	return found
}

// TagEgress is the key of the tag in which a group of servers declares its ways out that have a sentence:
// "587/tcp=198.51.100.0/24 123/udp=internet".
const TagEgress = "causeway:egress"

func declared(sentences []Sentence, party Party) string {
	var ways []string
	for _, s := range sentences {
		set, _ := s.To.(PrefixSet)
		for _, to := range append(set.CIDRs(), s.To.String())[:max(len(set.cidrs), 1)] {
			if s.From == party && s.declared() {
				ways = append(ways, fmt.Sprintf("%d/%s=%s", s.Port, s.protocol(), to))
			}
		}
	}
	return strings.Join(ways, " ")
}

func (w *writer) makeGroups() error {
	for _, party := range parties(w.f.Sentences) {
		name := w.name + "-" + party.Name
		tags := w.p.TagMap(name, party.Tier)
		if ways := declared(w.f.Sentences, party); ways != "" {
			tags[TagEgress] = ways
		}
		group, err := ec2.NewSecurityGroup(w.ctx, name, &ec2.SecurityGroupArgs{
			VpcId:       w.net.VPC(),
			Description: pulumi.String(party.Description),
			Tags:        pulumi.ToStringMap(tags),
		}, pulumi.Parent(w.f))
		if err != nil {
			return fmt.Errorf("making security group %s: %w", name, err)
		}
		w.f.groups[party.Name] = &Group{Party: party, ID: group.ID().ToStringOutput()}
	}
	return nil
}
