package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// A refreshed state repeats, as a group's, a table's or an ACL's own answer, every rule and route that the cloud has. One
// that no resource declares was made by hand: it is in force, so it must not be overlooked here. What a preview removes
// was declared. A state also repeats what has gone since it was refreshed, and cannot tell the two apart.
const byHand = "run `pulumi refresh` and verify again, since a state repeats the cloud's last answer even of what has gone since; " +
	"what then is still there was made by hand: remove it in the cloud, or declare it"

func (w *Model) readDrift() {
	gone := w.gone()
	for _, g := range w.Groups {
		if g.Resource == nil || g.foreign {
			continue
		}
		for _, egress := range []bool{false, true} {
			for _, entry := range gone.told(g.Resource, map[bool]string{false: "ingress", true: "egress"}[egress]) {
				rule := w.answeredRule(g, egress, entry)
				if !explains(slices.Concat(gone.rules[g], g.rules(egress)), rule) {
					w.problem(g.Resource, fmt.Sprintf("the cloud's last answer has a rule that no resource declares: %s of %s",
						map[bool]string{false: "ingress", true: "egress"}[egress], rule.may), byHand)
				}
			}
		}
	}
	for _, t := range w.Tables {
		if t.Resource == nil {
			continue
		}
		for _, entry := range gone.told(t.Resource, "routes") {
			if !w.explainsRoute(slices.Concat(gone.routes[t], t.Routes), entry) {
				w.problem(t.Resource, "the cloud's last answer has a route that no resource declares: "+destinationOf(entry), byHand)
			}
		}
	}
	for _, a := range w.ACLs {
		for direction, rules := range map[string][]*ACLRule{"ingress": a.In, "egress": a.Out} {
			for _, entry := range gone.told(a.Resource, direction) {
				if rule := aclRule(a.Resource, entry, "ruleNo", "action"); !explained(slices.Concat(gone.entries[a], rules), rule) {
					w.problem(a.Resource, fmt.Sprintf("the cloud's last answer has rule %d of %s, which no resource declares", rule.Number,
						direction), byHand)
				}
			}
		}
	}
}

// gone is what a preview removes: while it is only a preview, the cloud still reports it.
type gone struct {
	rules   map[*Group][]*Rule
	routes  map[*Table][]*Route
	entries map[*ACL][]*ACLRule
	owners  map[string]*graph.Resource // by URN, as they are before the change
}

func (w *Model) gone() gone {
	before := gone{map[*Group][]*Rule{}, map[*Table][]*Route{}, map[*ACL][]*ACLRule{}, map[string]*graph.Resource{}}
	for _, r := range w.Graph.Before {
		before.owners[r.URN] = r
		switch r.Type {
		case ingressType, egressType, bothType:
			g := w.ruleGroup(r)
			before.rules[g] = append(before.rules[g], w.readRule(r))
		case "aws:ec2/route:Route":
			route := &Route{Resource: r}
			for _, path := range []string{"destinationCidrBlock", "destinationIpv6CidrBlock"} {
				addrs, _ := prefixesAt(r, path)
				route.prefixes = append(route.prefixes, Prefixes(addrs)...)
			}
			t := w.tableOf(r, "routeTableId")
			before.routes[t] = append(before.routes[t], route)
		case "aws:ec2/networkAclRule:NetworkAclRule":
			a := w.aclOf(r, "networkAclId")
			before.entries[a] = append(before.entries[a], aclRule(r, r.Inputs, "ruleNumber", "ruleAction"))
		}
	}
	return before
}

// told is the entries that the cloud answered where none are declared inline.
func (g gone) told(r *graph.Resource, property string) []map[string]any {
	if inline, _ := items(inputsOf(r), property); len(inline) > 0 {
		return nil
	}
	if before := g.owners[r.URN]; before != nil && !r.Planned {
		r = before
	}
	entries, _ := items(&graph.Resource{Inputs: r.Outputs}, property)
	return entries
}

func (w *Model) answeredRule(g *Group, egress bool, entry map[string]any) *Rule {
	read := &graph.Resource{Inputs: entry}
	rule := &Rule{Resource: read, Group: g, Egress: egress}
	rule.may, rule.must = trafficOf(read, "protocol", "fromPort", "toPort")
	for _, path := range []string{"cidrBlocks", "ipv6CidrBlocks"} {
		rule.addrPeer(read, path)
	}
	for _, path := range []string{"securityGroups", "prefixListIds"} {
		ids, _ := texts(read, path)
		for _, id := range ids {
			if path == "prefixListIds" {
				rule.addList(w.listFor(nil, id))
				continue
			}
			peer := RulePeer{Anyone: true}
			for _, other := range w.Groups {
				if other.ID != "" && strings.HasSuffix(id, other.ID) {
					peer = RulePeer{Group: other}
				}
			}
			rule.Peers = append(rule.Peers, peer)
		}
	}
	if self, _ := read.Bool("self"); self {
		rule.Peers = append(rule.Peers, RulePeer{Group: g})
	}
	return rule
}

// explains says that declared rules let through everything that the rule does.
func explains(rules []*Rule, rule *Rule) bool {
	for _, peer := range rule.Peers {
		left := rule.may
		for _, declared := range rules {
			if declared.Egress != rule.Egress {
				continue
			}
			for _, p := range declared.Peers {
				same := peer.Group != nil && p.Group == peer.Group || peer.list != nil && p.IsList && (p.list == peer.list || p.Anyone) ||
					peer.Group == nil && peer.list == nil && !peer.Anyone && peer.Addrs.Within(p.Addrs) || p.Anyone && peer.Anyone
				if same {
					left = left.Minus(declared.may)
				}
			}
		}
		if !left.Empty() {
			return false
		}
	}
	return true
}

func destinationOf(entry map[string]any) string {
	for _, key := range []string{"cidrBlock", "ipv6CidrBlock", "destinationPrefixListId"} {
		if text, _ := entry[key].(string); text != "" {
			return text
		}
	}
	return "a destination that is not known"
}

// explainsRoute says that a declared route has this destination. Local routes and those of gateway endpoints declare
// themselves.
func (w *Model) explainsRoute(routes []*Route, entry map[string]any) bool {
	if entry["gatewayId"] == "local" {
		return true
	}
	if text, _ := entry["gatewayId"].(string); strings.HasPrefix(text, "vpce-") {
		return slices.ContainsFunc(w.Graph.ByIdentity(text), func(r *graph.Resource) bool { return r.Type == endpointType })
	}
	to, unknown := prefixes([]string{destinationOf(entry)}, false)
	for _, route := range routes {
		if route.vague || !unknown && AddrsOf(route.prefixes...).Equal(to) {
			return true
		}
		if value, ok := route.Resource.Get("destinationPrefixListId"); ok && value == entry["destinationPrefixListId"] && value != "" {
			return true
		}
	}
	return false
}

func explained(rules []*ACLRule, rule *ACLRule) bool {
	for _, r := range rules {
		if r.Number == rule.Number && r.Allow == rule.Allow && rule.may.addrs.Within(r.may.addrs) &&
			rule.may.traffic.Within(r.may.traffic) {
			return true
		}
	}
	return false
}
