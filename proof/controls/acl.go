package controls

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// entry is one rule of a network ACL.
type entry struct {
	order       int
	allow       bool
	protocol    string
	first, last int
	prefix      netip.Prefix
	from        *graph.Resource
	unknown     string
}

// entries are an ACL's ingress rules in the order in which AWS reads them.
func (v *view) entries(acl *graph.Resource) []entry {
	var all []entry
	for _, r := range v.pointing(acl, "networkAclId", aclRuleType) {
		if out, _ := r.Bool("egress"); !out {
			all = append(all, readEntry(r, "", "ruleNumber", "ruleAction", "ipv6CidrBlock"))
		}
	}
	inline, _ := asked(acl, "ingress")
	list, _ := inline.([]any)
	for i := range list {
		all = append(all, readEntry(acl, fmt.Sprintf("ingress[%d].", i), "ruleNo", "action", "ipv6CidrBlock"))
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.order, b.order) })
	return all
}

func readEntry(r *graph.Resource, at, order, action, v6 string) entry {
	e := entry{from: r, protocol: strings.ToLower(r.String(at + "protocol")), last: 65535,
		allow: strings.EqualFold(r.String(at+action), "allow")}
	e.order, _ = r.Int(at + order)
	for _, path := range []string{at + "cidrBlock", at + v6, at + action, at + "protocol", at + "fromPort", at + "toPort"} {
		if _, known := read(r, path); known == hidden {
			e.unknown = path
		}
	}
	for _, p := range slices.Concat(prefixes(r, at+"cidrBlock"), prefixes(r, at+v6)) {
		e.prefix = p
	}
	switch e.protocol {
	case "6":
		e.protocol = "tcp"
	case "17":
		e.protocol = "udp"
	case "all":
		e.protocol = "-1"
	}
	if e.protocol != "-1" {
		first, ok := r.Int(at + "fromPort")
		last, ok2 := r.Int(at + "toPort")
		if ok && ok2 && (first != 0 || last != 0) {
			e.first, e.last = first, last
		}
	}
	return e
}

// lets is the rule by which, together with those before it, a good part of the internet gets in on the port; nil if none
// does. A rule does not count if an earlier one refuses everything that it allows.
func lets(entries []entry, port int) *entry {
	var refused, allowed []netip.Prefix
	for i := range entries {
		e := &entries[i]
		if (e.protocol != "-1" && e.protocol != "tcp") || port < e.first || port > e.last || !e.prefix.IsValid() {
			continue
		}
		if !e.allow {
			refused = append(refused, e.prefix)
			continue
		}
		covered := slices.ContainsFunc(refused, func(p netip.Prefix) bool {
			return p.Addr().Is4() == e.prefix.Addr().Is4() && p.Bits() <= e.prefix.Bits() && p.Contains(e.prefix.Addr())
		})
		if covered {
			continue
		}
		if allowed = append(allowed, e.prefix); theInternet(allowed) {
			return e
		}
	}
	return nil
}

func aclCloses(ports ...int) check {
	return func(v *view, acl *graph.Resource) outcome {
		entries := v.entries(acl)
		for _, e := range entries {
			if e.unknown != "" {
				return unknown(e.from, e.unknown)
			}
		}
		for _, port := range ports {
			if e := lets(entries, port); e != nil {
				return broken("rule %d lets %s in on port %d", e.order, e.prefix, port).because(e.from.URN)
			}
		}
		return holds()
	}
}

func aclNamesPorts(v *view, acl *graph.Resource) outcome {
	for _, e := range v.entries(acl) {
		if e.unknown != "" {
			return unknown(e.from, e.unknown)
		}
		if e.allow && e.prefix.IsValid() && wide(e.prefix) && (e.protocol == "-1" || (e.protocol == "tcp" || e.protocol == "udp") &&
			e.first <= 1 && e.last == 65535) {
			return broken("rule %d lets %s in on every port", e.order, e.prefix).because(e.from.URN)
		}
	}
	return holds()
}

func aclAttached(v *view, acl *graph.Resource) outcome {
	if _, known := asked(acl, "subnetIds"); known != absent ||
		len(v.pointing(acl, "networkAclId", "aws:ec2/networkAclAssociation:NetworkAclAssociation")) > 0 {
		return holds()
	}
	return broken("no subnet has it")
}

func defaultACLEmpty(v *view, network *graph.Resource) outcome {
	for _, acl := range v.g.ByType(defaultACLType) {
		if !slices.Contains(v.g.Ref(acl, "defaultNetworkAclId", vpcType), network) &&
			!slices.Contains(v.g.Ref(acl, "vpcId", vpcType), network) {
			continue
		}
		for _, side := range []string{"ingress", "egress"} {
			if value, known := asked(acl, side); known != absent {
				return broken("the default network ACL has %s: %s", side, text(value))
			}
		}
		return holds()
	}
	return broken("its default network ACL is not adopted, and lets everything through")
}
