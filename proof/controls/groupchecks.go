package controls

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

// decided says that nothing about the group's rules is unknown.
func decided(rules []rule) outcome {
	for _, r := range rules {
		switch {
		case r.unknown != "":
			return unknown(r.from, r.unknown)
		case r.ingress && len(r.lists) > 0:
			return undecided("what %s stands for is not known", strings.Join(r.lists, ", "))
		}
	}
	return holds()
}

func notOpen(protocol string, port int) check {
	return func(v *view, g *graph.Resource) outcome {
		rules := v.byGroup[g]
		if open, by := worldly(rules, protocol, port); theInternet(open) {
			return broken("%s %d is open to the internet", protocol, port).because(told(by)...).unless(v.isEdge(g))
		}
		return decided(rules)
	}
}

func onlyEdgeOpen(v *view, g *graph.Resource) outcome {
	rules := v.byGroup[g]
	edge := v.isEdge(g)
	for _, protocol := range []string{"tcp", "udp"} {
		port, by := worldPorts(rules, protocol, func(port int) bool { return edge && protocol == "tcp" && port == 443 })
		if port < 0 {
			continue
		}
		open := broken("%s %d is open to the internet", protocol, port).because(by...)
		// Only port 80 of the edge redirects browsers, and no more than that may be relaxed by an environment.
		more, _ := worldPorts(rules, protocol, func(port int) bool { return port == 443 || port == 80 })
		if open = open.unless(edge && protocol == "tcp" && more < 0); !open.beyond {
			open.severity = report.High
		}
		return open
	}
	for _, r := range rules {
		if r.ingress && r.protocol != "tcp" && r.protocol != "udp" && theInternet(r.prefixes) {
			return broken("the internet may send %s", r).unless(false)
		}
	}
	return decided(rules)
}

// isEdge says that the group belongs to internet-facing load balancers only.
func (v *view) isEdge(g *graph.Resource) bool {
	users := v.users(g)
	return len(users) > 0 && !slices.ContainsFunc(users, func(u *graph.Resource) bool {
		internal, known := u.Bool("internal")
		return !slices.Contains(balancers, u.Type) || internal || !known && u.Inputs["internal"] != nil
	})
}

// users are the resources that a group is attached to.
func (v *view) users(g *graph.Resource) []*graph.Resource {
	var all []*graph.Resource
	for path, types := range map[string][]string{
		"securityGroups": append(slices.Clone(balancers), "aws:elb/loadBalancer:LoadBalancer", interfaceType,
			"aws:efs/mountTarget:MountTarget"),
		"securityGroupIds": {endpointType, "aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/cluster:Cluster",
			"aws:ec2transitgateway/vpcAttachment:VpcAttachment",
			"aws:ec2/vpcEndpointSecurityGroupAssociation:VpcEndpointSecurityGroupAssociation"},
		"vpcSecurityGroupIds": {databaseType, clusterType, templateType, instanceType, "aws:rds/proxy:Proxy"},
		"networkInterfaces":   {templateType}, "vpcConfig": {"aws:lambda/function:Function", "aws:eks/cluster:Cluster"},
		"networkConfiguration": {"aws:ecs/service:Service"},
		"securityGroupId":      {"aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment"},
	} {
		all = append(all, v.pointing(g, path, types...)...)
	}
	return all
}

// risky are the ports that Security Hub's EC2.19 names, and those of databases, caches and administration that Prowler
// adds.
var risky = []int{
	20, 21, 22, 23, 25, 110, 135, 137, 138, 139, 143, 445, 1433, 1434, 1521, 2375, 2379, 2483, 2484, 3000, 3306, 3333, 3389, 4333, 5000,
	5432, 5433, 5500,
	5601, 5900, 6379, 6443, 7001, 7199, 8020, 8080, 8088, 8888, 9000, 9042, 9092, 9160, 9200, 9300, 10250, 11211, 27017, 27018, 27019,
	61616,
}

func noRiskyPort(v *view, g *graph.Resource) outcome {
	var found []string
	for _, port := range risky {
		for _, protocol := range []string{"tcp", "udp"} {
			if open, _ := worldly(v.byGroup[g], protocol, port); theInternet(open) {
				found = append(found, fmt.Sprintf("%s %d", protocol, port))
			}
		}
	}
	if len(found) > 0 {
		return broken("open to the internet: %s", strings.Join(found, ", "))
	}
	return decided(v.byGroup[g])
}

// manyPorts counts as all ports: no program listens on half of them.
const manyPorts = 1 << 15

func noAllPorts(v *view, g *graph.Resource) outcome {
	ports := map[string]*[65536]bool{}
	for _, r := range v.byGroup[g] {
		if !r.ingress || r.unknown != "" {
			continue
		}
		if r.protocol == "-1" || (r.protocol == "tcp" || r.protocol == "udp") && r.last-r.first >= manyPorts {
			return broken("a rule lets in everything: %s", r)
		}
		if ports[r.protocol] == nil {
			ports[r.protocol] = &[65536]bool{}
		}
		for p := r.first; p <= r.last; p++ {
			ports[r.protocol][p] = true
		}
	}
	for _, protocol := range []string{"tcp", "udp"} {
		if open := ports[protocol]; open != nil {
			if n := len(slices.DeleteFunc(open[:], func(open bool) bool { return !open })); n >= manyPorts {
				return broken("its rules together let in %d ports of %s", n, protocol)
			}
		}
	}
	return decided(v.byGroup[g])
}

func noFileSharing(v *view, g *graph.Resource) outcome {
	for _, r := range v.byGroup[g] {
		if r.ingress && (r.opens("tcp", 445) || r.opens("udp", 445)) {
			return broken("a rule lets in SMB: %s", r)
		}
	}
	return decided(v.byGroup[g])
}

func noWideRange(v *view, g *graph.Resource) outcome {
	for _, r := range v.byGroup[g] {
		for _, p := range r.prefixes {
			narrow := 24
			if p.Addr().Is6() {
				narrow = 48
			}
			if !r.ingress || !public(p) || p.Bits() >= narrow {
				continue
			}
			if v.isEdge(g) && r.exactly("tcp", 443) && (p.Bits() == 0 || fromCloudflare(p)) {
				continue
			}
			if v.isEdge(g) && r.exactly("tcp", 80) && p.Bits() == 0 {
				continue // the subject of C034 and C035
			}
			return broken("%s is let in", p).because(r.String())
		}
	}
	return decided(v.byGroup[g])
}

// cloudflareRanges are those that Cloudflare's requests come from, as it publishes them at
// https://www.cloudflare.com/ips/.
var cloudflareRanges = []netip.Prefix{
	netip.MustParsePrefix("173.245.48.0/20"), netip.MustParsePrefix("103.21.244.0/22"), netip.MustParsePrefix("103.22.200.0/22"),
	netip.MustParsePrefix("103.31.4.0/22"), netip.MustParsePrefix("141.101.64.0/18"), netip.MustParsePrefix("108.162.192.0/18"),
	netip.MustParsePrefix("190.93.240.0/20"), netip.MustParsePrefix("188.114.96.0/20"), netip.MustParsePrefix("197.234.240.0/22"),
	netip.MustParsePrefix("198.41.128.0/17"), netip.MustParsePrefix("162.158.0.0/15"), netip.MustParsePrefix("104.16.0.0/13"),
	netip.MustParsePrefix("104.24.0.0/14"), netip.MustParsePrefix("172.64.0.0/13"), netip.MustParsePrefix("131.0.72.0/22"),
	netip.MustParsePrefix("2400:cb00::/32"), netip.MustParsePrefix("2606:4700::/32"), netip.MustParsePrefix("2803:f800::/32"),
	netip.MustParsePrefix("2405:b500::/32"), netip.MustParsePrefix("2405:8100::/32"), netip.MustParsePrefix("2a06:98c0::/29"),
	netip.MustParsePrefix("2c0f:f248::/32"),
}

func fromCloudflare(p netip.Prefix) bool {
	return slices.ContainsFunc(cloudflareRanges, func(c netip.Prefix) bool { return c.Bits() <= p.Bits() && c.Contains(p.Addr()) })
}

func egress(v *view, g *graph.Resource) outcome {
	app := g.Tag("causeway:tier") == "app"
	for _, r := range v.byGroup[g] {
		switch {
		case r.ingress:
		case r.unknown != "":
			return unknown(r.from, r.unknown)
		case declared(g, r):
		case slices.ContainsFunc(r.lists, func(l string) bool { return strings.HasPrefix(l, "pl-") }):
			return undecided("what %s stands for is not known", strings.Join(r.lists, ", "))
		case slices.ContainsFunc(r.prefixes, public) && !(app && r.exactly("tcp", 443)):
			meant := g.Tag("causeway:tier") == "web" && (r.exactly("tcp", 443) || declares(g, r))
			return broken("it may open connections to the internet: %s", r).unless(meant)
		}
	}
	return holds() // a group without egress rules has none: the provider removes AWS's default rule
}

// declared says that the rule is one of the ways out that the servers' group declares. The web tier may not declare the
// whole internet.
func declared(g *graph.Resource, r rule) bool {
	web := g.Tag("causeway:tier") == "web"
	return declares(g, r) && !(web && slices.ContainsFunc(r.prefixes, func(p netip.Prefix) bool { return p.Bits() == 0 }))
}

// declares says that the group lists the rule among its ways out, whoever it belongs to.
func declares(g *graph.Resource, r rule) bool {
	if r.ingress || len(r.groups)+len(r.others) > 0 || r.self || r.unknown != "" || g.Tag("causeway:tier") == "data" {
		return false
	}
	return slices.ContainsFunc(network.Exits(g.Tag(network.TagEgress)), func(w network.Exit) bool {
		return r.exactly(w.Protocol, w.Port) &&
			(w.IsList() && slices.Equal(r.lists, []string{w.To}) && len(r.prefixes) == 0 || slices.Equal(r.prefixes,
				[]netip.Prefix{w.Prefix()}) && len(r.lists) == 0)
	})
}

func described(_ *view, r *graph.Resource) outcome {
	value, known := read(r, "description")
	switch {
	case value == graph.Secret{}:
		return holds() // it says something, if not to everybody
	case known == hidden:
		return unknown(r, "description")
	case known == absent:
		return broken("description is not set")
	case text(value) == "Managed by Pulumi" || text(value) == "Managed by Terraform":
		return broken("description is the provider's own")
	}
	for _, side := range []string{"ingress", "egress"} {
		rules, _ := asked(r, side)
		list, _ := rules.([]any)
		for i := range list {
			if path := fmt.Sprintf("%s[%d].description", side, i); r.String(path) == "" {
				return broken("%s is not set", path)
			}
		}
	}
	return holds()
}

func attached(v *view, g *graph.Resource) outcome {
	if len(v.users(g)) == 0 {
		return broken("nothing has it")
	}
	return holds()
}

func notBoth(v *view, g *graph.Resource) outcome {
	inline, resources := false, false
	for _, r := range v.byGroup[g] {
		inline = inline || r.inline
		resources = resources || !r.inline
	}
	if inline && resources {
		return broken("it has rules of both kinds")
	}
	return holds()
}

func fewRules(v *view, g *graph.Resource) outcome {
	count := 0
	for _, r := range v.byGroup[g] {
		count += max(1, len(r.prefixes)+len(r.groups)+len(r.others)+len(r.lists))
	}
	if count > 50 {
		return broken("it has %d rules", count)
	}
	return holds()
}

func notByWizard(_ *view, g *graph.Resource) outcome {
	if strings.HasPrefix(g.String("name"), "launch-wizard") {
		return broken("it is named %s", g.String("name"))
	}
	return holds()
}

func groupsNotAddresses(v *view, r *graph.Resource) outcome {
	groups := []*graph.Resource{r} // if its rules are inside it, or it stands for its group
	if r.Type != groupType && len(v.byGroup[r]) == 0 {
		groups = v.g.Ref(r, "securityGroupId", groupType, defaultGroupType)
	}
	for _, g := range groups {
		for _, one := range v.byGroup[g] {
			if one.from != r || len(one.prefixes) == 0 || one.ingress && v.isEdge(g) {
				continue
			}
			way := !one.ingress && one.exactly("tcp", 443) && g.Tag("causeway:tier") == "app"
			if !way && !declared(g, one) {
				return broken("it names addresses: %s", one)
			}
		}
	}
	if rules := v.byWriter[r]; len(rules) == 0 {
		return outcome{}
	} else if o := decided(rules); o.verdict != report.Holds {
		return o
	}
	return holds()
}

func notItself(v *view, g *graph.Resource) outcome {
	for _, r := range v.byGroup[g] {
		if r.self || slices.Contains(r.groups, g) {
			return broken("its members may talk to each other: %s", r)
		}
	}
	return holds()
}
