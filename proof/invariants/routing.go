package invariants

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

var routing = []Invariant{
	{ID: "I17", Title: "Data subnets have no route beyond local and a gateway endpoint, in IPv4 and IPv6", Severity: report.High, check: each(dataRoutes)},
	{ID: "I18", Title: "Private subnets lead out by a NAT gateway or not at all, in prod by the one of their zone", Severity: report.High, Waivers: []string{"sharedNat"}, check: each(privateRoutes)},
	{ID: "I19", Title: "Every subnet names its route table; the main table, the default ACL and the default group are empty", Severity: report.Medium, check: defaults},
	{ID: "I20", Title: "The tiers' subnets are disjoint, each tier is in two zones or more, and what is attached stays in its tier", Severity: report.Medium, check: each(separate)},
	{ID: "I21", Title: "Environments share no VPC, group, key, secret or peering, and their addresses do not overlap", Severity: report.High, check: alone, blind: true},
}

const dataTag = "data"

// subnets is the subnets of the tiers' nodes, with those that are tagged for them.
func (p *platform) subnets(tag string, tiers ...string) []*network.Subnet {
	var all []*network.Subnet
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
			r.add(breach{resources: one(s.Resource), found: s.Resource.Name + " gets the main route table of a VPC that is not of this stack", undecided: true, remedy: "associate it with a route table of the stack"})
		}
		for _, route := range s.Table.Routes {
			if route.Way != network.ByEndpoint {
				r.add(breach{resources: []*graph.Resource{route.Resource, s.Resource}, found: fmt.Sprintf("%s leads from data subnet %s to %s by %s", route.Resource.Name, s.Resource.Name, route.Destination(), route.Way),
					evidence: []string{"route table " + s.Table.Name()}, remedy: "remove the route, or give the data subnets a table of their own"})
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
			case route.Way == network.ByInternetGateway:
				r.add(breach{resources: []*graph.Resource{route.Resource, s.Resource}, found: fmt.Sprintf("%s leads %s to %s by an internet gateway", route.Resource.Name, s.Resource.Name, route.Destination()),
					evidence: evidence, remedy: "lead it to a NAT gateway, or remove it"})
			case route.Way == network.ByNAT && p.prod && route.To != nil && !slices.ContainsFunc(route.To.Subnets, func(at *network.Subnet) bool { return at.Zone == s.Zone && s.Zone != "" }):
				r.add(breach{resources: []*graph.Resource{route.Resource, s.Resource}, found: fmt.Sprintf("%s leads %s to a NAT gateway of another zone, %s", route.Resource.Name, s.Resource.Name, route.To.Name),
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
				r.add(breach{resources: one(s.Resource), found: s.Resource.Name + " gets the main route table, since it is associated with none", remedy: "write a RouteTableAssociation"})
			}
		}
		if vpc.Resource == nil {
			continue
		}
		r.applies = true
		if len(vpc.Main.Routes) > 0 {
			r.add(breach{resources: one(vpc.Main.Routes[0].Resource), found: vpc.Main.Name() + " is a main route table and has routes", remedy: "move them to a table that subnets are associated with"})
		}
		switch acl := vpc.DefaultACL; {
		case acl.Resource == nil:
			r.add(breach{resources: one(vpc.Resource), found: acl.Name() + " lets everything through, since the stack does not adopt it", remedy: "adopt it as aws.ec2.DefaultNetworkAcl without rules"})
		case len(acl.In)+len(acl.Out) > 0:
			r.add(breach{resources: one(acl.Resource), found: acl.Name() + " has rules", remedy: "remove them"})
		}
		switch group := vpc.DefaultGroup; {
		case group.Resource == nil:
			r.add(breach{resources: one(vpc.Resource), found: group.Name() + " lets its members through, since the stack does not adopt it", remedy: "adopt it as aws.ec2.DefaultSecurityGroup without rules"})
		default:
			for _, rule := range append(slices.Clone(group.Ingress), group.Egress...) {
				r.add(breach{resources: one(rule.Resource), found: rule.Resource.Name + " is a rule of the default group", remedy: "remove it"})
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
		for _, other := range kinds[i+1:] {
			for _, a := range places[tier] {
				for _, b := range places[other] {
					if a == b {
						r.add(breach{resources: one(a.Resource), found: fmt.Sprintf("subnet %s is of %s and of %s", a.Resource.Name, tier, other), remedy: "give each tier subnets of its own"})
					} else if a.V4.Overlaps(b.V4) {
						r.add(breach{resources: []*graph.Resource{a.Resource, b.Resource}, found: fmt.Sprintf("the addresses of %s and %s overlap", a.Resource.Name, b.Resource.Name), remedy: "give them different CIDRs"})
					}
				}
			}
		}
	}
	inside := func(s *network.Subnet) bool {
		return slices.Contains(places[edge], s) || slices.Contains(places[database], s)
	}
	for _, n := range p.nodes {
		tier := p.tierOf(n)
		if n.Kind == network.Endpoint || tier == internal {
			for _, s := range n.Subnets {
				if inside(s) {
					r.add(breach{resources: []*graph.Resource{n.Resource, s.Resource}, found: fmt.Sprintf("%s is in %s, which is of another tier", n.Name, s.Resource.Name), remedy: "put it in a private subnet"})
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
			r.add(breach{resources: one(n.Resource), found: fmt.Sprintf("%s is in %d zone", n.Name, len(zones)), evidence: slices.Sorted(maps.Keys(zones)), remedy: "give it subnets in two zones or more"})
		}
	}
	owners := map[*network.Group]*network.Node{}
	for _, n := range p.nodes {
		for _, g := range n.Groups {
			first := owners[g]
			if first == nil {
				owners[g] = n
			} else if p.tierOf(first) != p.tierOf(n) || p.tierOf(n) == "" && first.Kind != n.Kind {
				r.add(breach{resources: []*graph.Resource{n.Resource, g.Resource}, found: fmt.Sprintf("group %s is attached to %s and to %s", g.Name(), first.Name, n.Name), remedy: "give each tier a group of its own"})
			}
		}
	}
}

// belongings are the identifiers that no two environments may both use.
var belongings = map[string]string{
	"aws:ec2/vpc:Vpc": "VPC", "aws:ec2/securityGroup:SecurityGroup": "security group", "aws:kms/key:Key": "key",
	"aws:secretsmanager/secret:Secret": "secret", "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "peering",
}

// wires are the inputs by which a resource uses something that belongs to an environment.
var wires = []string{
	"vpcId", "vpcSecurityGroupIds", "securityGroups", "securityGroupIds", "securityGroupId", "referencedSecurityGroupId",
	"sourceSecurityGroupId", "kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId", "kmsKeyArn", "kmsMasterKeyId", "secretId", "secretArn",
}

func alone(v *view) result {
	r := result{applies: len(v.w.VPCs) > 0, holds: "nothing that the stack uses belongs to another environment"}
	for _, resource := range v.g.ByType("aws:ec2/vpcPeeringConnection:VpcPeeringConnection", "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
		"aws:ec2transitgateway/vpcAttachment:VpcAttachment") {
		r.add(breach{resources: one(resource), found: resource.Name + " connects the VPC to another", remedy: "remove it: environments share no network"})
	}
	for _, resource := range v.g.Resources {
		if !resource.Custom {
			continue
		}
		own := resource.Tag(environmentTag)
		for _, property := range wires {
			value, ok := resource.Inputs[property]
			if !ok || value == nil || value == "" {
				continue
			}
			res := v.g.Resolve(resource, property)
			for _, id := range res.Outside {
				if !strings.HasPrefix(id, "alias/aws/") && !ownDefault(v, id) {
					r.add(breach{resources: one(resource), found: fmt.Sprintf("%s of %s is %s, which is not of this stack", property, resource.Name, id), remedy: "make one for this environment"})
				}
			}
			for _, used := range res.Resources {
				if theirs := used.Tag(environmentTag); own != "" && theirs != "" && theirs != own {
					r.add(breach{resources: []*graph.Resource{resource, used}, found: fmt.Sprintf("%s of %s uses %s of %s", resource.Name, own, used.Name, theirs), remedy: "make one for each environment"})
				}
			}
		}
	}
	v.sharedZones(&r)
	for i, a := range v.w.VPCs {
		for _, b := range v.w.VPCs[i+1:] {
			if a.Resource != nil && b.Resource != nil && a.V4.Overlaps(b.V4) {
				r.add(breach{resources: []*graph.Resource{a.Resource, b.Resource}, found: fmt.Sprintf("the addresses of %s and %s overlap", a.Name(), b.Name()), remedy: "give each VPC a CIDR of its own"})
			}
		}
	}
	for _, other := range v.beside {
		v.compare(other, &r)
	}
	return r
}

// sharedZones reports private zones that answer in a VPC which is not of the stack.
func (v *view) sharedZones(r *result) {
	for _, zone := range v.g.ByType("aws:route53/zone:Zone") {
		value, _ := zone.Get("vpcs")
		list, _ := value.([]any)
		for i := range list {
			for _, id := range v.g.Resolve(zone, fmt.Sprintf("vpcs[%d].vpcId", i)).Outside {
				r.add(breach{resources: one(zone), found: fmt.Sprintf("the names of %s are told in %s, which is not of this stack", zone.Name, id), remedy: "make a zone for each environment"})
			}
		}
	}
}

// ownDefault says that the id is of something that AWS made with a VPC of the stack.
func ownDefault(v *view, id string) bool {
	return slices.ContainsFunc(v.g.ByType("aws:ec2/vpc:Vpc"), func(vpc *graph.Resource) bool {
		return vpc.String("defaultSecurityGroupId") == id
	})
}

// compare holds the stack against another environment.
func (v *view) compare(other *graph.Graph, r *result) {
	theirs := network.New(other)
	for _, a := range v.w.VPCs {
		for _, b := range theirs.VPCs {
			if a.V4.Overlaps(b.V4) {
				r.add(breach{resources: one(a.Resource), found: fmt.Sprintf("the addresses of %s and of %s in stack %s overlap", a.Name(), b.Name(), other.Stack),
					evidence: []string{network.FormatAddrs(a.V4.Intersect(b.V4))}, remedy: "give each environment a CIDR of its own"})
			}
		}
	}
	for kind, what := range belongings {
		for _, resource := range v.g.ByType(kind) {
			if resource.ID != "" && len(other.ByIdentity(resource.ID)) > 0 {
				r.add(breach{resources: one(resource), found: fmt.Sprintf("%s %s is in stack %s too", what, resource.Name, other.Stack), remedy: "make one for each environment"})
			}
		}
	}
}
