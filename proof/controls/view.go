package controls

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

// view is a stack as the controls see it.
type view struct {
	g        *graph.Graph
	byGroup  map[*graph.Resource][]rule
	byWriter map[*graph.Resource][]rule // where they are written
	pointers map[string]map[*graph.Resource][]*graph.Resource
	iam      *iam.Model
	ours     bool                                // and not somebody else's stack
	asMade   map[*graph.Resource]*graph.Resource // instances merged with their templates
	alarms   map[*graph.Resource]map[string]bool // the metrics that alarms are of
}

func newView(g *graph.Graph) *view {
	v := &view{g: g, ours: report.Ours(g), pointers: map[string]map[*graph.Resource][]*graph.Resource{}, iam: iam.Read(g),
		asMade: map[*graph.Resource]*graph.Resource{}}
	v.readRules()
	return v
}

// pointing is the resources of the type whose property at path refers to r.
func (v *view) pointing(r *graph.Resource, path string, types ...string) []*graph.Resource {
	var all []*graph.Resource
	if instance := v.asMade[r]; instance != nil {
		r = instance
	}
	for _, t := range types {
		key := t + " " + path
		index, ok := v.pointers[key]
		if !ok {
			index = map[*graph.Resource][]*graph.Resource{}
			for _, from := range v.g.ByType(t) {
				for _, to := range v.g.Ref(from, path) {
					index[to] = append(index[to], from)
				}
			}
			v.pointers[key] = index
		}
		all = append(all, index[r]...)
	}
	return all
}

// companion demands that some resource of the types refer to r and hold.
func companion(path string, types []string, why string, then ...check) check {
	return func(v *view, r *graph.Resource) outcome {
		found := v.pointing(r, path, types...)
		if len(found) == 0 {
			return broken("%s", why)
		}
		var worst outcome
		for _, other := range found {
			o := all(append(then, func(*view, *graph.Resource) outcome { return holds() })...)(v, other)
			if o.verdict != report.Holds {
				o.evidence = append(o.evidence, other.URN)
			}
			if worse(o, worst) {
				worst = o
			}
		}
		return worst
	}
}

// inZones demands that the subnets at the first of the paths that the program wrote lie in at least two zones.
func inZones(paths ...string) check {
	return func(v *view, r *graph.Resource) outcome {
		path := paths[0]
		for _, p := range slices.Backward(paths) {
			if _, written := asked(r, p); written != absent {
				path = p
			}
		}
		if _, known := read(r, path); known == absent {
			return broken("%s is not set", path)
		}
		resolved := v.g.Resolve(r, path)
		o := twoZones(only(resolved.Resources, func(r *graph.Resource) bool { return r.Type == subnetType }))
		if o.verdict == report.Broken && (len(resolved.Outside) > 0 || resolved.Undecided) {
			return undecided("%s names subnets that are not in the stack", path)
		}
		return o
	}
}

func twoZones(subnets []*graph.Resource) outcome {
	zones := map[string]bool{}
	for _, s := range subnets {
		zone := cmp.Or(s.String("availabilityZone"), s.String("availabilityZoneId"))
		if zone == "" {
			o := undecided("the zone of %s is not known", s.Name)
			o.later = true
			return o
		}
		zones[zone] = true
	}
	if len(zones) < 2 {
		return broken("all of it is in one zone")
	}
	return holds()
}

// way is a route of a table: where to, and through which resource of which kind.
type way struct {
	to     string
	by     string // the property that names the way, such as natGatewayId
	target []*graph.Resource
	from   *graph.Resource
}

// gateways are the properties in which a route names its target.
var gateways = []string{
	"gatewayId", "natGatewayId", "egressOnlyGatewayId", "transitGatewayId", "vpcPeeringConnectionId",
	"networkInterfaceId", "instanceId", "carrierGatewayId", "localGatewayId", "coreNetworkArn", "vpcEndpointId",
}

// ways is the routes of a table, except those to the VPC itself.
func (v *view) ways(table *graph.Resource) []way {
	var all []way
	for _, r := range v.pointing(table, "routeTableId", routeType) {
		all = append(all, v.way(r, "", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"))
	}
	routes, _ := table.Get("routes")
	list, _ := routes.([]any)
	for i := range list {
		at := "routes[" + text(float64(i)) + "]."
		if table.String(at+"gatewayId") == "local" {
			continue
		}
		all = append(all, v.way(table, at, "cidrBlock", "ipv6CidrBlock", "destinationPrefixListId"))
	}
	return all
}

func (v *view) way(r *graph.Resource, at string, destinations ...string) way {
	w := way{from: r}
	for _, d := range destinations {
		if value, known := read(r, at+d); known == present {
			w.to = text(value)
		}
	}
	for _, by := range gateways {
		if _, known := read(r, at+by); known != absent {
			w.by = by
			w.target = v.g.Ref(r, at+by)
		}
	}
	return w
}

// leavesBy says that the way leaves the network through an internet gateway. A gateway that is not in the stack counts as
// one.
func (w way) toInternetGateway() bool {
	if w.by != "gatewayId" {
		return false
	}
	return len(w.target) == 0 || slices.ContainsFunc(w.target, func(r *graph.Resource) bool { return r.Type == internetType })
}

// out says that the way leads to the internet, however that is split up.
func (w way) out() bool {
	switch w.by {
	case "natGatewayId", "egressOnlyGatewayId", "carrierGatewayId":
		return true
	}
	if w.toInternetGateway() {
		return true
	}
	prefix, err := netip.ParsePrefix(w.to)
	if err == nil {
		return wide(prefix)
	}
	// A prefix list stands for AWS's own addresses only if an endpoint leads there.
	return !strings.HasPrefix(w.to, "pl-") || w.by != "vpcEndpointId" && !(w.by == "gatewayId" && len(w.target) > 0)
}

// tables is the route tables that a subnet may use: those it is associated with or, without any, its VPC's main one.
func (v *view) tables(subnet *graph.Resource) []*graph.Resource {
	var all []*graph.Resource
	for _, a := range v.pointing(subnet, "subnetId", tableForSubnetType) {
		all = append(all, v.g.Ref(a, "routeTableId", routeTableType, defaultTableType)...)
	}
	if len(all) == 0 {
		for _, network := range v.g.Ref(subnet, "vpcId", vpcType) {
			for _, main := range v.g.ByType(defaultTableType) {
				if slices.Contains(v.g.Ref(main, "defaultRouteTableId", vpcType), network) {
					all = append(all, main)
				}
			}
			for _, m := range v.pointing(network, "vpcId", "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation") {
				all = append(all, v.g.Ref(m, "routeTableId", routeTableType)...)
			}
		}
	}
	return all
}

// public says that a subnet has a way to an internet gateway.
func (v *view) public(subnet *graph.Resource) bool {
	for _, t := range v.tables(subnet) {
		if slices.ContainsFunc(v.ways(t), way.toInternetGateway) {
			return true
		}
	}
	return false
}

func (v *view) databaseSubnets() []*graph.Resource {
	var all []*graph.Resource
	for _, g := range v.g.ByType(subnetGroupType) {
		for _, s := range v.g.Ref(g, "subnetIds", subnetType) {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

func only(resources []*graph.Resource, keep func(*graph.Resource) bool) []*graph.Resource {
	return slices.DeleteFunc(slices.Clone(resources), func(r *graph.Resource) bool { return !keep(r) })
}
