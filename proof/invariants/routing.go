package invariants

import (
	"fmt"
	"maps"
	"slices"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

var routing = []Invariant{
	{ID: "I17", Title: "Data subnets have no route beyond local and a gateway endpoint, in IPv4 and IPv6", Severity: report.High,
		check: each(dataRoutes)},
	{ID: "I18", Title: "Private subnets lead out by a NAT gateway or not at all, in prod by the one of their zone", Severity: report.High,
		Waivers: []string{"sharedNat"}, check: each(privateRoutes)},
	{ID: "I19", Title: "Every subnet names its route table; the main table, the default ACL and the default group are empty",
		Severity: report.Medium, check: defaults, house: true},
	{ID: "I20", Title: "The tiers' subnets are disjoint, each tier is in two zones or more, and what is attached stays in its tier",
		Severity: report.Medium, check: each(separate)},
	{ID: "I21", Title: "Environments share nothing: what a stack uses is its own, and their addresses do not overlap",
		Severity: report.High, check: alone, blind: true},
}

const dataTag = "data"

// subnets is the subnets of the tiers' nodes, and those that are tagged for them.
func (p *platform) subnets(tag string, tiers ...string) (all []*network.Subnet) {
	add := func(s *network.Subnet) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	for _, tier := range tiers {
		for _, n := range p.tiers[tier] {
			for _, s := range n.Subnets {
				add(s)
			}
		}
	}
	for _, s := range p.vpc.Subnets {
		if tag != "" && s.Resource.Tag(tierTag) == tag {
			add(s)
		}
	}
	return all
}

func dataRoutes(p *platform, r *result) {
	r.holds = "their route tables lead nowhere"
	for _, s := range p.subnets(dataTag, database) {
		r.applies = true
		if s.Table.Resource == nil && p.vpc.Resource == nil {
			r.add(breach{resources: one(s.Resource), found: s.Resource.Name +
				" gets the main route table of a VPC that is not of this stack", undecided: true,
				remedy: "associate it with a route table of the stack"})
		}
		for _, route := range s.Table.Routes {
			if route.Way != network.ByEndpoint {
				r.add(breach{resources: []*graph.Resource{route.Resource, s.Resource},
					found: fmt.Sprintf("%s leads from data subnet %s to %s by %s", route.Resource.Name, s.Resource.Name,
						route.Destination(), route.Way),
					evidence: []string{"route table " + s.Table.Name()},
					remedy:   "remove the route, or give the data subnets a table of their own"})
			}
		}
	}
}

func privateRoutes(p *platform, r *result) {
	r.holds = "no private subnet has a route to an internet gateway"
	front := p.subnets("public", edge)
	for _, n := range p.nodes {
		if n.Kind == network.NAT {
			front = append(front, n.Subnets...)
		}
	}
	data := p.subnets(dataTag, database)
	for _, s := range p.vpc.Subnets {
		if slices.Contains(front, s) || slices.Contains(data, s) {
			continue
		}
		r.applies = true
		for _, route := range s.Table.Routes {
			evidence := []string{fmt.Sprintf("route table %s, subnet %s in %s", s.Table.Name(), s.Resource.Name, s.Zone)}
			switch {
			case route.Way == network.ByInternetGateway, route.Way == network.ByEgressOnly:
				r.add(breach{resources: []*graph.Resource{route.Resource, s.Resource},
					found: fmt.Sprintf("%s leads %s to %s by an %s", route.Resource.Name, s.Resource.Name, route.Destination(),
						route.Way),
					evidence: evidence, remedy: "lead it to a NAT gateway, or remove it", beyond: true})
			case route.Way == network.ByNAT && p.prod && route.To != nil &&
				!slices.ContainsFunc(route.To.Subnets, func(at *network.Subnet) bool { return at.Zone == s.Zone && s.Zone != "" }):
				r.add(breach{resources: []*graph.Resource{route.Resource, s.Resource},
					found: fmt.Sprintf("%s leads %s to a NAT gateway of another zone, %s", route.Resource.Name, s.Resource.Name,
						route.To.Name),
					evidence: evidence, remedy: "give each zone a NAT gateway and a route table that leads to it"})
			}
		}
	}
}

func defaults(v *view) result {
	r := result{holds: "every subnet is associated, and what AWS makes by default is adopted and empty"}
	for _, vpc := range v.w.VPCs {
		for _, s := range vpc.Subnets {
			r.applies = true
			if !s.Associated {
				r.add(breach{resources: one(s.Resource), found: s.Resource.Name +
					" gets the main route table, since it is associated with none", remedy: "write a RouteTableAssociation"})
			}
		}
		if vpc.Resource == nil {
			continue
		}
		r.applies = true
		if len(vpc.Main.Routes) > 0 {
			r.add(breach{resources: one(vpc.Main.Routes[0].Resource), found: vpc.Main.Name() + " is a main route table and has routes",
				remedy: "move them to a table that subnets are associated with"})
		}
		switch acl := vpc.DefaultACL; {
		case acl.Resource == nil:
			r.add(breach{resources: one(vpc.Resource), found: acl.Name() + " lets everything through, since the stack does not adopt it",
				remedy: "adopt it as aws.ec2.DefaultNetworkAcl without rules"})
		case len(acl.In)+len(acl.Out) > 0:
			r.add(breach{resources: one(acl.Resource), found: acl.Name() + " has rules", remedy: "remove them"})
		}
		switch group := vpc.DefaultGroup; {
		case group.Resource == nil:
			r.add(breach{resources: one(vpc.Resource), found: group.Name() + " lets its members through, since the stack does not adopt it",
				remedy: "adopt it as aws.ec2.DefaultSecurityGroup without rules"})
		default:
			for _, rule := range append(slices.Clone(group.Ingress), group.Egress...) {
				r.add(breach{resources: one(rule.Resource), found: rule.Resource.Name + " is a rule of the default group",
					remedy: "remove it"})
			}
		}
	}
	return r
}

func separate(p *platform, r *result) {
	r.holds = "no subnet or group is of two tiers, and none is in one zone only"
	places := map[string][]*network.Subnet{
		edge: p.subnets("public", edge), web: p.subnets(web, web), app: p.subnets(app, app), database: p.subnets(dataTag, database),
	}
	kinds := []string{edge, web, app, database}
	for i, tier := range kinds {
		for j, a := range places[tier] {
			for _, b := range places[tier][j+1:] {
				if a.V4.Overlaps(b.V4) {
					r.add(breach{resources: []*graph.Resource{a.Resource, b.Resource},
						found:  fmt.Sprintf("the addresses of %s and %s overlap", a.Resource.Name, b.Resource.Name),
						remedy: "give them different CIDRs"})
				}
			}
		}
		for _, other := range kinds[i+1:] {
			for _, a := range places[tier] {
				for _, b := range places[other] {
					if a == b {
						r.add(breach{resources: one(a.Resource), found: fmt.Sprintf("subnet %s is of %s and of %s", a.Resource.Name, tier,
							other), remedy: "give each tier subnets of its own"})
					} else if a.V4.Overlaps(b.V4) {
						r.add(breach{resources: []*graph.Resource{a.Resource, b.Resource},
							found:  fmt.Sprintf("the addresses of %s and %s overlap", a.Resource.Name, b.Resource.Name),
							remedy: "give them different CIDRs"})
					}
				}
			}
		}
	}
	inside := func(s *network.Subnet) bool {
		return slices.Contains(places[edge], s) || slices.Contains(places[database], s)
	}
	for _, n := range p.nodes {
		for _, g := range n.Groups {
			if g.Resource != nil && g.VPC == nil && (g.Resource.Inputs["vpcId"] == nil || g.Resource.Inputs["vpcId"] == "") {
				r.add(breach{resources: []*graph.Resource{g.Resource, n.Resource},
					found:  fmt.Sprintf("%s has the group %s, which is in the account's default network", n.Name, g.Name()),
					remedy: "set the group's vpcId"})
			}
		}
		tier := p.tierOf(n)
		if n.Kind == network.Endpoint || tier == internal {
			for _, s := range n.Subnets {
				if inside(s) {
					r.add(breach{resources: []*graph.Resource{n.Resource, s.Resource},
						found:  fmt.Sprintf("%s is in %s, which is of another tier", n.Name, s.Resource.Name),
						remedy: "put it in a private subnet"})
				}
			}
		}
		if tier == "" {
			continue
		}
		r.applies = true
		zones := map[string]bool{}
		for _, s := range n.Subnets {
			zones[s.Zone] = true
		}
		if len(zones) < 2 {
			r.add(breach{resources: one(n.Resource), found: fmt.Sprintf("%s is in %d zone", n.Name, len(zones)),
				evidence: slices.Sorted(maps.Keys(zones)), remedy: "give it subnets in two zones or more"})
		}
	}
	owners := map[*network.Group]*network.Node{}
	for _, n := range p.nodes {
		for _, g := range n.Groups {
			if first := owners[g]; first == nil {
				owners[g] = n
			} else if p.tierOf(first) != p.tierOf(n) || p.tierOf(n) == "" && first.Kind != n.Kind {
				r.add(breach{resources: []*graph.Resource{n.Resource, g.Resource},
					found:  fmt.Sprintf("group %s is attached to %s and to %s", g.Name(), first.Name, n.Name),
					remedy: "give each tier a group of its own"})
			}
		}
	}
}
