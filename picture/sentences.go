package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

const (
	typeSecurityGroup = "aws:ec2/securityGroup:SecurityGroup"
	typeIngress       = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	typeEgress        = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	typeEndpoint      = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

// sentence says that one party may open connections to another.
type sentence struct {
	from, to, port string
	entering       bool // from outside the platform
}

// end is one rule: what a group admits or lets out.
type end struct {
	group       *graph.Resource
	peer        *graph.Resource // a group or an endpoint; nil for prefixes
	prefix      string
	protocol    string
	first, last int
}

// firewall is the rules of all groups, and the groups' names in the picture.
type firewall struct {
	in, out []end
	parties map[*graph.Resource]string
}

// order is a request's path, from outside inwards.
var order = []string{"internet", "edge", "web", "internal", "app", "database", "endpoints", "s3"}

func readFirewall(g *graph.Graph, parties map[*graph.Resource]string) *firewall {
	f := &firewall{parties: parties}
	for _, r := range g.ByType(typeIngress) {
		f.in = append(f.in, readEnd(g, r)...)
	}
	for _, r := range g.ByType(typeEgress) {
		f.out = append(f.out, readEnd(g, r)...)
	}
	return f
}

func readEnd(g *graph.Graph, rule *graph.Resource) []end {
	e := end{protocol: rule.String("ipProtocol")}
	e.first, _ = rule.Int("fromPort")
	e.last, _ = rule.Int("toPort")
	if e.protocol == "-1" || e.protocol == "all" {
		e.protocol, e.first, e.last = "all", 0, 65535
	}
	groups := g.Ref(rule, "securityGroupId", typeSecurityGroup)
	if len(groups) != 1 {
		return nil
	}
	e.group = groups[0]
	if peers := g.Ref(rule, "referencedSecurityGroupId", typeSecurityGroup); len(peers) == 1 {
		e.peer = peers[0]
		return []end{e}
	}
	if lists := g.Ref(rule, "prefixListId", typeEndpoint); len(lists) == 1 {
		e.peer = lists[0]
		return []end{e}
	}
	for _, property := range []string{"cidrIpv4", "cidrIpv6", "prefixListId"} {
		if e.prefix = rule.String(property); e.prefix != "" {
			return []end{e}
		}
	}
	return nil
}

// sentences are the connections that both ends allow, each once, in the order of a request. Outside the platform
// there is only one end.
func (f *firewall) sentences() []sentence {
	said := map[sentence]int{}
	for _, out := range f.out {
		if out.peer == nil || out.peer.Type == typeEndpoint {
			to := f.outside(out)
			if to == prefixes {
				to = out.prefix // a prefix that somebody wrote down
			}
			said[sentence{from: f.parties[out.group], to: to, port: out.ports()}]++
			continue
		}
		for _, in := range f.in {
			if both, ok := meet(out, in); ok {
				said[sentence{from: f.parties[out.group], to: f.parties[in.group], port: both.ports()}] = 1
			}
		}
	}
	for _, in := range f.in {
		if in.peer == nil {
			said[sentence{from: f.outside(in), to: f.parties[in.group], port: in.ports(), entering: true}]++
		}
	}
	return inOrder(said)
}

// meet returns what passes from a group with an outgoing rule to one with an incoming rule.
func meet(out, in end) (end, bool) {
	if out.peer != in.group || in.peer != out.group {
		return end{}, false
	}
	both := out
	if out.protocol == "all" {
		both.protocol = in.protocol
	} else if in.protocol != "all" && in.protocol != out.protocol {
		return end{}, false
	}
	both.first, both.last = max(out.first, in.first), min(out.last, in.last)
	return both, both.first <= both.last
}

func inOrder(said map[sentence]int) []sentence {
	all := make([]sentence, 0, len(said))
	for s, n := range said {
		// A list of prefixes is one party: the picture does not show which prefixes.
		if s.from == prefixes {
			s.from = count(n, "prefix", "prefixes")
		}
		if s.to == prefixes {
			s.to = count(n, "prefix", "prefixes")
		}
		all = append(all, s)
	}
	rank := func(party string) int {
		if i := slices.Index(order, party); i >= 0 {
			return i
		}
		return len(order)
	}
	sender := func(s sentence) int {
		if s.entering {
			return 0
		}
		return rank(s.from)
	}
	slices.SortFunc(all, func(a, b sentence) int {
		return cmp.Or(cmp.Compare(sender(a), sender(b)), cmp.Compare(rank(a.to), rank(b.to)),
			strings.Compare(a.from, b.from), strings.Compare(a.to, b.to), strings.Compare(a.port, b.port))
	})
	return all
}

const prefixes = "\x00prefixes"

func (f *firewall) outside(e end) string {
	switch {
	case e.peer != nil:
		service := e.peer.String("serviceName")
		return service[strings.LastIndex(service, ".")+1:]
	case e.prefix == "0.0.0.0/0":
		return "internet"
	case e.prefix == "::/0":
		return "internet (IPv6)"
	default:
		return prefixes
	}
}

func (e end) ports() string {
	var ports string
	switch {
	case e.protocol == "all" && e.first == 0 && e.last == 65535:
		return "everything"
	case e.first == e.last:
		ports = fmt.Sprintf(":%d", e.first)
	default:
		ports = fmt.Sprintf(":%d-%d", e.first, e.last)
	}
	if e.protocol == "tcp" || e.protocol == "all" {
		return ports
	}
	return ports + "/" + e.protocol
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
