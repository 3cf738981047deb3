package invariants

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/webacl"
)

var liveness = []Invariant{
	{ID: "I26", Title: "The path from the internet by 443 through every tier to the database exists, and servers get what they start with",
		Severity: report.High, check: each(alive)},
}

// alive looks for a path on which nothing is unknown: without it, the other proofs would hold because nothing gets
// anywhere.
func alive(p *platform, r *result) {
	if len(p.tiers[edge]) == 0 || len(p.tiers[database]) == 0 {
		return
	}
	r.applies = true
	p.boots(r)
	from := []*network.Node{p.w.Internet}
	for _, tier := range p.chain {
		var next []*network.Node
		b := breach{found: fmt.Sprintf("for sure nothing gets from %s to %s", names(from), tier),
			remedy: "open the way from each tier to the next, and forward requests to its target group"}
		for _, f := range from {
			for _, to := range p.tiers[tier] {
				why := p.stopped(tier, f, to)
				if why == "" {
					next = append(next, to)
					continue
				}
				b.evidence = append(b.evidence, fmt.Sprintf("%s -> %s: %s", f.Name, to.Name, why))
				b.resources = append(b.resources, to.Resource)
			}
		}
		if len(next) == 0 {
			r.add(b)
			return
		}
		from = next
	}
	r.holds = fmt.Sprintf("a request gets from the internet to %s", names(from))
}

// stopped is why a request on the path does not certainly get from one node to the next, "" if it does.
func (p *platform) stopped(tier string, from, to *network.Node) string {
	t := p.w.Edge(network.Must, from, to)
	why := p.w.Stopped(network.Must, from, to)
	switch {
	case why != "":
		return why
	case tier == edge && !t.Overlaps(network.TCP(443)):
		return "nothing listens on 443"
	case tier == edge:
		return cmp.Or(p.refused(to), p.nameless(to))
	case to.Kind == network.LoadBalancer:
		return p.misnamed(to)
	case from.Kind == network.LoadBalancer:
		if why := p.unanswered(from, to); why != "" {
			return why
		}
	}
	if p.ours && to.Kind == network.Servers && (to.Resource.Inputs["minSize"] == nil || to.Resource.Inputs["maxSize"] == nil) {
		return to.Name + " may have no server: nothing says how many there are"
	}
	return p.w.Idle(to)
}

// unanswered is why the load balancer does not pass plain requests for its names on to the node.
func (p *platform) unanswered(from, to *network.Node) string {
	opened := p.w.Gate(network.Must, p.sender(from), from)
	why := "no listener that is entered forwards to " + to.Name
	for _, l := range from.Listeners {
		if !l.Sure || !l.May.Overlaps(opened) {
			continue
		}
		reached := false
		for _, host := range p.hosts(from) {
			a := l.Answer(host)
			switch {
			case p.leads(from, a, to):
				reached = true
				continue
			case a.Redirects && a.Sure && (a.To == "" ||
				slices.ContainsFunc(p.hosts(from), func(host string) bool { return strings.EqualFold(host, a.To) })),
				p.leadsOn(from, a, to):
				continue
			}
			decides := "by default"
			if a.Rule != nil {
				decides = "by rule " + a.Rule.Name
			}
			why, reached = fmt.Sprintf("listener %s does not forward requests for %q to %s for sure, but decides %s", l.Resource.Name, host,
				to.Name, decides), false
			break
		}
		if reached {
			return ""
		}
	}
	return why
}

// leads says that the answer passes a request on to the node, whose health is known to be visible.
func (p *platform) leads(from *network.Node, a network.Answer, to *network.Node) bool {
	return a.Sure && slices.ContainsFunc(from.Targets, func(t *network.Target) bool {
		return t.To == to && t.Sure && p.w.Healthy(from, t) &&
			slices.ContainsFunc(a.Forwards, func(f network.Forward) bool { return f.Group == t.Group && f.Rule == t.Rule })
	})
}

// leadsOn says that the answer certainly passes a request on to servers of another tier than the node's, which exist too.
func (p *platform) leadsOn(from *network.Node, a network.Answer, to *network.Node) bool {
	return slices.ContainsFunc(from.Targets, func(t *network.Target) bool {
		return t.To != to && p.tierOf(t.To) != "" && p.tierOf(t.To) != p.tierOf(to) && p.leads(from, a, t.To)
	})
}

// hosts are the names that requests to the load balancer use; "" if none is known.
func (p *platform) hosts(n *network.Node) (all []string) {
	for _, record := range p.recordsFor(n) {
		all = append(all, recordName(record))
	}
	if len(all) == 0 {
		all = append(all, "")
	}
	return all
}

// nameless is a name that a rule of the edge is for and that no record leads to, although others do: "" if there is none.
func (p *platform) nameless(n *network.Node) string {
	records := p.recordsFor(n)
	for _, l := range n.Listeners {
		for _, rule := range l.Rules {
			conditions, _ := rule.Inputs["conditions"].([]any)
			for i := range conditions {
				for _, host := range rule.Strings(fmt.Sprintf("conditions[%d].hostHeader.values", i)) {
					named := slices.ContainsFunc(records, func(r *graph.Resource) bool { return plain(r) && covers(recordName(r), host) })
					if len(records) > 0 && !named && !strings.ContainsAny(host, "*?") {
						return fmt.Sprintf("no record leads %s to it, which rule %s is for", host, rule.Name)
					}
				}
			}
		}
	}
	return ""
}

// plain says that everybody who asks for the record gets the same answer.
func plain(r *graph.Resource) bool {
	for property, value := range r.Inputs {
		if list, several := value.([]any); strings.HasSuffix(property, "RoutingPolicies") && !(several && len(list) == 0) && value != nil {
			return false
		}
	}
	return true
}

// served says that a rule of the load balancer is for the name, if any are for names.
func (p *platform) served(n *network.Node, name string) bool {
	some := false
	for _, l := range n.Listeners {
		for _, rule := range l.Rules {
			conditions, _ := rule.Inputs["conditions"].([]any)
			for i := range conditions {
				for _, host := range rule.Strings(fmt.Sprintf("conditions[%d].hostHeader.values", i)) {
					some = true
					if covers(host, name) {
						return true
					}
				}
			}
		}
	}
	return !some
}

// refused is why the edge's web ACL, or its listener, does not certainly admit browsers.
func (p *platform) refused(n *network.Node) string {
	for _, a := range p.g.ByType("aws:wafv2/webAclAssociation:WebAclAssociation") {
		if !slices.Contains(p.g.Ref(a, "resourceArn"), n.Resource) {
			continue
		}
		acls := p.g.Ref(a, "webAclArn", "aws:wafv2/webAcl:WebAcl")
		if len(acls) == 0 {
			return "its web ACL is not of this stack, so that what it lets through is not known"
		}
		if allow, ok := acls[0].Get("defaultAction.allow"); !ok || allow == nil {
			return "the web ACL " + acls[0].Name + " blocks what no rule lets through"
		}
		if shuts := webacl.Shuts(p.g, acls[0]); shuts.Why != "" && !shuts.Unknown {
			return "the web ACL " + acls[0].Name + " lets nobody in for sure: " + shuts.Why
		}
	}
	for _, record := range p.recordsFor(n) {
		if proxied, _ := record.Bool("proxied"); proxied {
			continue
		}
		for _, l := range n.Listeners {
			if l.Resource.String("mutualAuthentication.mode") == "verify" {
				return "listener " + l.Resource.Name + " asks for a certificate that browsers of " + recordName(record) + " do not have"
			}
		}
	}
	return ""
}

// sender is one of those that the load balancer serves.
func (p *platform) sender(n *network.Node) *network.Node {
	before := p.before(p.tierOf(n))
	for _, candidate := range p.tiers[before] {
		if !p.w.Edge(network.Must, candidate, n).Empty() {
			return candidate
		}
	}
	return p.w.Internet
}
