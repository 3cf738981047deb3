package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Behind names the rules of security groups in the living world that differ from the stack's state: made, changed or
// deleted without Pulumi.
func Behind(g *graph.Graph, p *plan.Plan) (sentences []string) {
	known := map[string]*graph.Resource{}
	for _, r := range g.ByType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") {
		known[r.ID] = r
	}
	say := func(format string, args ...any) { sentences = append(sentences, fmt.Sprintf(format, args...)) }
	for _, group := range p.Network.Groups {
		for direction, rules := range map[string][]plan.Rule{"in": group.Ingress, "out": group.Egress} {
			for _, rule := range rules {
				lives := fmt.Sprintf("the rule %s of the security group %s lets %s %s", rule.Name, group.Name, passes(&rule, p), direction)
				declared := known[rule.ID]
				delete(known, rule.ID)
				switch {
				case declared != nil && !same(declared, &rule):
					say("%s, and the stack's state has it otherwise", lives)
				case declared == nil && strings.HasPrefix(rule.ID, "sgr-"):
					say("%s, and the stack's state does not know it", lives)
				}
			}
		}
	}
	for _, r := range known {
		say("the rule %s is in the stack's state, and nobody has it", r.Name)
	}
	slices.Sort(sentences)
	return sentences
}

// same reports whether the state has a rule as it is in the living world.
func same(r *graph.Resource, rule *plan.Rule) bool {
	port := func(name string) int { n, _ := r.Int(name); return n }
	var prefixes []string
	if rule.List == "" {
		for _, p := range rule.Prefixes {
			prefixes = append(prefixes, p.String())
		}
	}
	return r.String("ipProtocol") == rule.Protocol && port("fromPort") == rule.From && port("toPort") == rule.To &&
		r.String("referencedSecurityGroupId") == rule.Group && r.String("prefixListId") == rule.List &&
		r.String("cidrIpv4")+r.String("cidrIpv6") == strings.Join(prefixes, "")
}

// passes describes what a rule admits, and from whom: "tcp 22 of 0.0.0.0/0".
func passes(rule *plan.Rule, p *plan.Plan) string {
	what := rule.Protocol
	switch {
	case what == "-1":
		what = "everything"
	case rule.From == rule.To:
		what += fmt.Sprintf(" %d", rule.From)
	default:
		what += fmt.Sprintf(" %d to %d", rule.From, rule.To)
	}
	whose := rule.List
	for _, prefix := range rule.Prefixes {
		if rule.List == "" {
			whose = prefix.String()
		}
	}
	for _, g := range p.Network.Groups {
		if g.ID == rule.Group {
			whose = g.Name
		}
	}
	return what + " with " + whose
}
