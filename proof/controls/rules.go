package controls

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// rule is one rule of a security group, in whichever of the three forms it was written.
type rule struct {
	from        *graph.Resource // where it is written
	inline      bool
	ingress     bool
	protocol    string // "-1" for all
	first, last int
	prefixes    []netip.Prefix
	groups      []*graph.Resource
	others      []string // groups outside the stack
	lists       []string // prefix lists outside the stack
	self        bool
	description string
	unknown     string // the property whose value is not known, "" if all are
}

func (r rule) String() string {
	var peers []string
	for _, p := range r.prefixes {
		peers = append(peers, p.String())
	}
	for _, g := range r.groups {
		peers = append(peers, g.Name)
	}
	peers = append(append(peers, r.others...), r.lists...)
	if r.self {
		peers = append(peers, "itself")
	}
	return fmt.Sprintf("%s %s with %s (%s)", r.protocol, ports(r), strings.Join(peers, ", "), r.from.Name)
}

func ports(r rule) string {
	switch {
	case r.first == 0 && r.last == 65535:
		return "all ports"
	case r.first == r.last:
		return fmt.Sprint(r.first)
	}
	return fmt.Sprintf("%d-%d", r.first, r.last)
}

func (r rule) exactly(protocol string, port int) bool {
	return r.protocol == protocol && r.first == port && r.last == port
}

// opens says that the rule lets the protocol's port through.
func (r rule) opens(protocol string, port int) bool {
	return (r.protocol == "-1" || r.protocol == protocol) && r.first <= port && port <= r.last
}

func (v *view) readRules() {
	v.byGroup, v.byWriter = map[*graph.Resource][]rule{}, map[*graph.Resource][]rule{}
	for _, r := range v.g.ByType(ingressType, egressType) {
		one := v.rule(r, "", "cidrIpv4", "cidrIpv6", "ipProtocol", "referencedSecurityGroupId", "prefixListId")
		one.ingress = r.Type == ingressType
		v.add(one, v.g.Ref(r, "securityGroupId"))
	}
	for _, r := range v.g.ByType(ruleType) {
		one := v.rule(r, "", "cidrBlocks", "ipv6CidrBlocks", "protocol", "sourceSecurityGroupId", "prefixListIds")
		one.ingress = r.String("type") != "egress" // an unknown one may be either
		v.add(one, v.g.Ref(r, "securityGroupId"))
	}
	for _, g := range v.g.ByType(groupType, defaultGroupType) {
		for _, side := range []string{"ingress", "egress"} {
			list, known := blocks(&graph.Resource{Inputs: g.Inputs}, side)
			if known == hidden {
				v.add(rule{from: g, inline: true, ingress: side == "ingress", protocol: "-1", last: 65535, unknown: side},
					[]*graph.Resource{g})
			}
			for i := range list {
				one := v.rule(g, fmt.Sprintf("%s[%d].", side, i), "cidrBlocks", "ipv6CidrBlocks", "protocol", "securityGroups",
					"prefixListIds")
				one.ingress, one.inline = side == "ingress", true
				v.add(one, []*graph.Resource{g})
			}
		}
	}
}

// add files a rule under its groups. If its group is not in the stack, or not known, the rule stands for that group
// itself.
func (v *view) add(r rule, groups []*graph.Resource) {
	v.byWriter[r.from] = append(v.byWriter[r.from], r)
	if len(only(groups, func(g *graph.Resource) bool {
		return g.Type == groupType || g.Type == defaultGroupType || g.Type == vpcType
	})) == 0 {
		groups = []*graph.Resource{r.from}
	}
	for _, g := range groups {
		v.byGroup[g] = append(v.byGroup[g], r)
	}
}

func (v *view) rule(r *graph.Resource, at, v4, v6, protocol, group, list string) rule {
	out := rule{from: r, protocol: strings.ToLower(r.String(at + protocol)), last: 65535, description: r.String(at + "description")}
	switch out.protocol {
	case "all":
		out.protocol = "-1"
	case "6":
		out.protocol = "tcp"
	case "17":
		out.protocol = "udp"
	}
	for _, path := range []string{at + protocol, at + "fromPort", at + "toPort", at + v4, at + v6} {
		if _, known := read(r, path); known == hidden {
			out.unknown = path
		}
	}
	if out.protocol != "-1" {
		if n, ok := r.Int(at + "fromPort"); ok && n >= 0 {
			out.first = n
		}
		if n, ok := r.Int(at + "toPort"); ok && n >= 0 {
			out.last = n
		}
	}
	for _, path := range []string{at + v4, at + v6} {
		out.prefixes = append(out.prefixes, prefixes(r, path)...)
	}
	out.self, _ = r.Bool(at + "self")
	v.peers(&out, at+group, at+list)
	return out
}

// peers adds the groups and prefix lists that a rule names.
func (v *view) peers(out *rule, group, list string) {
	r := out.from
	if _, known := read(r, group); known != absent {
		resolved := v.g.Resolve(r, group)
		out.groups, out.others = resolved.Resources, resolved.Outside
		if resolved.Undecided {
			out.unknown = group
		}
		if r.Type == groupType || r.Type == defaultGroupType {
			out.groups = only(out.groups, func(g *graph.Resource) bool { return g.Type == groupType || g.Type == defaultGroupType })
		}
	}
	if _, known := read(r, list); known == absent {
		return
	}
	resolved := v.g.Resolve(r, list)
	for _, outside := range resolved.Outside {
		// AWS's own prefix list of a service has no resource but the endpoint that leads there.
		if !slices.ContainsFunc(v.g.ByType(endpointType), func(e *graph.Resource) bool { return e.String("prefixListId") == outside }) {
			out.lists = append(out.lists, outside)
		} else if len(resolved.Resources) == 0 {
			out.lists = append(out.lists, "the prefix list of an endpoint")
		}
	}
	for _, l := range resolved.Resources {
		all, known := blocks(l, "entries")
		switch {
		case l.Type != prefixListType:
			out.lists = append(out.lists, "the prefix list of "+l.Name)
		case known == hidden:
			out.unknown = "entries of " + l.Name
		}
		for i := range all {
			out.prefixes = append(out.prefixes, prefixes(l, fmt.Sprintf("entries[%d].cidr", i))...)
		}
		for _, entry := range v.pointing(l, "prefixListId", "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry") {
			if _, known := read(entry, "cidr"); known == hidden {
				out.unknown = "cidr of " + entry.Name
			}
			out.prefixes = append(out.prefixes, prefixes(entry, "cidr")...)
		}
	}
}

func prefixes(r *graph.Resource, path string) []netip.Prefix {
	value, _ := r.Get(path)
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var all []netip.Prefix
	for _, element := range list {
		if p, err := netip.ParsePrefix(text(element)); err == nil {
			all = append(all, p.Masked())
		}
	}
	return all
}

// private are the ranges that nobody on the internet has: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 and loopback.
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
}

func public(p netip.Prefix) bool {
	return !slices.ContainsFunc(private, func(r netip.Prefix) bool { return r.Bits() <= p.Bits() && r.Contains(p.Addr()) })
}

// wide says that the prefix alone is a good part of the internet.
func wide(p netip.Prefix) bool {
	return public(p) && (p.Addr().Is4() && p.Bits() <= 8 || p.Addr().Is6() && p.Bits() <= 16)
}

func prefixBits(s string) int {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return -1
	}
	return p.Bits()
}

// theInternet says that the prefixes together are a good part of the internet: as much as a /8 of IPv4, or a /16 of IPv6.
// Two halves are as wide as the whole.
func theInternet(all []netip.Prefix) bool {
	var four, six float64 // in parts of a /8 and of a /16
	for _, p := range disjoint(all) {
		switch {
		case !public(p):
		case p.Addr().Is4():
			four += power(8 - p.Bits())
		default:
			six += power(16 - p.Bits())
		}
	}
	return four >= 1 || six >= 1
}

func power(n int) float64 {
	value := 1.0
	for ; n > 0; n-- {
		value *= 2
	}
	for ; n < 0; n++ {
		value /= 2
	}
	return value
}

// disjoint leaves out prefixes that another contains.
func disjoint(all []netip.Prefix) []netip.Prefix {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b netip.Prefix) int {
		if c := a.Addr().Compare(b.Addr()); c != 0 {
			return c
		}
		return a.Bits() - b.Bits()
	})
	var out []netip.Prefix
	for _, p := range sorted {
		if n := len(out); n == 0 || !out[n-1].Contains(p.Addr()) {
			out = append(out, p)
		}
	}
	return out
}

func told(rules []rule) []string {
	var all []string
	for _, r := range rules {
		all = append(all, r.String())
	}
	return all
}

// worldly is the prefixes that may come in to the group on the port.
func worldly(rules []rule, protocol string, port int) (open []netip.Prefix, by []rule) {
	for _, r := range rules {
		if r.ingress && r.opens(protocol, port) && len(r.prefixes) > 0 {
			open = append(open, r.prefixes...)
			by = append(by, r)
		}
	}
	return open, by
}
