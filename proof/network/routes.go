package network

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Way is how a route leaves.
type Way string

// The ways of a route.
const (
	ByInternetGateway Way = "internet gateway"
	ByEgressOnly      Way = "egress-only internet gateway"
	ByNAT             Way = "NAT gateway"
	ByPeering         Way = "peering"
	ByEndpoint        Way = "gateway endpoint"
)

// Table is a route table. Resource is nil for a main table that the stack does not adopt.
type Table struct {
	Resource *graph.Resource
	VPC      *VPC
	Routes   []*Route

	unseen    bool // it is only read, and may have routes that are not in the stack
	effective [2][]leaving
}

// Route is a route of a table, other than the local one.
type Route struct {
	Resource *graph.Resource
	Way      Way
	// To is the NAT, peer or service that it leads to, Peer the VPC of the stack.
	To   *Node
	Peer *VPC

	prefixes []netip.Prefix
	vague    bool // its destination or target is not known
}

// leaving is where packets go that a table sends out of the VPC through one route.
type leaving struct {
	route *Route
	addrs Addrs
}

// Name is what a person calls it.
func (t *Table) Name() string {
	if t.Resource == nil {
		return "the main route table of " + t.VPC.Name()
	}
	return t.Resource.Name
}

// nat64 is the addresses that stand for those of IPv4 (RFC 6052).
var nat64 = AddrsOf(netip.MustParsePrefix("64:ff9b::/96"))

const (
	tableType        = "aws:ec2/routeTable:RouteTable"
	defaultTableType = "aws:ec2/defaultRouteTable:DefaultRouteTable"
	noInlineRoutes   = "write an aws.ec2.Route for each, and leave routes out of the table"
	acceptType       = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
)

func (w *Model) readTables() {
	for _, r := range w.all(tableType, defaultTableType) {
		path := "vpcId"
		if r.Type == defaultTableType {
			path = "defaultRouteTableId"
		}
		v := w.vpcOf(r, path)
		if v == nil || v.Resource == nil && path == "defaultRouteTableId" {
			w.problem(r, "the VPC of the route table is not known", "wire its "+path+" to a VPC of the stack")
			continue
		}
		t := &Table{Resource: r, VPC: v, unseen: r.External}
		if known, unknown := texts(inputsOf(r), "propagatingVgws"); len(known) > 0 || unknown {
			w.problem(r, "it takes routes from a VPN gateway, which are not known", "leave propagatingVgws out")
		}
		w.tables[r.URN] = t
		w.Tables = append(w.Tables, t)
		if r.Type == defaultTableType {
			v.Main = t
		}
	}
	for _, v := range w.VPCs {
		if v.Main == nil {
			v.Main = &Table{VPC: v}
			w.Tables = append(w.Tables, v.Main)
		}
	}
	for _, r := range w.all("aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation") {
		if t, v := w.tableOf(r, "routeTableId"), w.vpcOf(r, "vpcId"); t != nil && v != nil {
			v.Main = t
		}
	}
	for _, r := range w.all("aws:ec2/routeTableAssociation:RouteTableAssociation") {
		t := w.tableOf(r, "routeTableId")
		if gateway, _ := r.Get("gatewayId"); gateway != nil && gateway != "" {
			w.problem(r, "a route table at a gateway is not modelled", "associate route tables with subnets only")
			continue
		}
		for _, s := range w.subnetsOf(r, "subnetId") {
			if t == nil {
				w.problem(r, "which route table the subnet gets is not known", "wire routeTableId to a route table of the stack")
			}
			s.Table, s.Associated = t, true
		}
	}
	for _, v := range w.VPCs {
		for _, s := range v.Subnets {
			if s.Table == nil {
				s.Table = v.Main
			}
			if s.Table.unseen || s.Resource.External && !s.Associated {
				w.problem(s.Resource, "the routes of its table are not known, since the table is not of this stack",
					"associate it with a route table of the stack")
			}
		}
	}
}

// inputsOf is the resource as asked for: what the cloud answered under the same names repeats what other resources asked
// for.
func inputsOf(r *graph.Resource) *graph.Resource {
	return &graph.Resource{URN: r.URN, Type: r.Type, Inputs: r.Inputs}
}

// tableOf is the route table that a property names: one of the stack, or a VPC's main one.
func (w *Model) tableOf(r *graph.Resource, path string) *Table {
	found, key := w.target(r, path, tableType, defaultTableType, vpcType)
	if found != nil && found.Type == vpcType {
		return w.vpcs[found.URN].Main
	}
	if t := w.tables[key]; t != nil {
		return t
	}
	if v := w.bearer(key); v != nil {
		return v.Main
	}
	return nil
}

func (w *Model) readRoutes() {
	for _, r := range w.all("aws:ec2/route:Route") {
		t := w.tableOf(r, "routeTableId")
		if t == nil {
			w.problem(r, "which route table the route is in is not known", "wire routeTableId to a route table of the stack")
			continue
		}
		if route := w.readRoute(r, t); route != nil {
			t.Routes = append(t.Routes, route)
		}
	}
	for _, t := range w.Tables {
		for _, r := range w.inlineRoutes(t) {
			if route := w.readRoute(r, t); route != nil {
				t.Routes = append(t.Routes, route)
			}
		}
	}
	for _, t := range w.Tables {
		for _, n := range w.OfKind(Service) {
			if slices.Contains(n.tables, t) {
				t.Routes = append(t.Routes, &Route{Resource: n.Resource, Way: ByEndpoint, To: n, prefixes: Prefixes(n.addrs)})
			}
		}
		for m := range t.effective {
			t.effective[m] = t.resolve(Mode(m))
		}
	}
}

// inlineRoutes is the routes that a table itself declares, each as a resource of its own.
func (w *Model) inlineRoutes(t *Table) []*graph.Resource {
	if t.Resource == nil {
		return nil
	}
	entries, unknown := w.inline(t.Resource, "routes", noInlineRoutes)
	if unknown {
		return nil
	}
	for _, r := range entries {
		r.Inputs["destinationCidrBlock"], r.Inputs["destinationIpv6CidrBlock"] = r.Inputs["cidrBlock"], r.Inputs["ipv6CidrBlock"]
	}
	return entries
}

func (w *Model) readRoute(r *graph.Resource, t *Table) *Route {
	route := &Route{Resource: r}
	for _, path := range []string{"destinationCidrBlock", "destinationIpv6CidrBlock"} {
		addrs, unknown := prefixesAt(r, path)
		route.prefixes, route.vague = append(route.prefixes, Prefixes(addrs)...), route.vague || unknown
	}
	if value, ok := r.Get("destinationPrefixListId"); ok && value != nil && value != "" {
		l := w.listOf(r, "destinationPrefixListId")
		route.prefixes, route.vague = append(route.prefixes, Prefixes(l.addrs)...), route.vague || l.unknown
	}
	set := func(path string) bool {
		value, ok := r.Inputs[path]
		return ok && value != nil && value != ""
	}
	switch {
	case set("gatewayId"):
		if !w.gatewayRoute(r, route, t) {
			return nil
		}
	case set("natGatewayId"):
		route.Way = ByNAT
		if nat, _ := w.target(r, "natGatewayId", natType); nat != nil {
			route.To = w.nodes[nat]
		}
		if route.To == nil {
			w.problem(r, "the NAT gateway that the route leads to is not of this stack", "wire natGatewayId to a NAT gateway of the stack")
		}
	case set("egressOnlyGatewayId"):
		route.Way = ByEgressOnly
	case set("vpcPeeringConnectionId"):
		route.Way = ByPeering
		w.peeringRoute(r, route, t)
	default:
		w.problem(r, "what the route leads to is not modelled", "lead routes to an internet, NAT or egress-only gateway, or to a peering")
		return nil
	}
	if v6 := AddrsOf(route.prefixes...).Intersect(Internet6.Union(nat64)); route.Way == ByNAT && !v6.Empty() {
		w.problem(r, "what a NAT gateway does with "+FormatAddrs(v6)+" is not modelled", "lead only IPv4 to a NAT gateway")
	}
	for _, p := range route.prefixes {
		if AddrsOf(p).Within(t.VPC.V4.Union(t.VPC.V6)) {
			w.problem(r, p.String()+" is inside the VPC: what then becomes of packets between its subnets is not modelled",
				"leave the route out")
		}
	}
	return route
}

func (w *Model) gatewayRoute(r *graph.Resource, route *Route, t *Table) bool {
	gateway, id := w.target(r, "gatewayId", "aws:ec2/internetGateway:InternetGateway",
		"aws:ec2/internetGatewayAttachment:InternetGatewayAttachment")
	if id == "local" {
		return false
	}
	if gateway == nil && !strings.HasPrefix(id, "igw-") {
		w.problem(r, "the gateway that the route leads to is not modelled", "wire gatewayId to an internet gateway of the stack")
		return false
	}
	if gateway == nil && !t.VPC.foreign() {
		w.problem(r, id+" is no internet gateway of this stack", "wire gatewayId to an internet gateway of the stack")
	}
	// AWS would refuse a gateway of another VPC, or one that is attached elsewhere: taking it for this VPC's is the safe
	// reading.
	if t.VPC.Gateway == nil {
		t.VPC.Gateway = gateway
	}
	route.Way = ByInternetGateway
	return true
}

// peeringRoute finds the other side: a VPC of the stack, or a node that stands for one that is not.
func (w *Model) peeringRoute(r *graph.Resource, route *Route, t *Table) {
	peering, key := w.target(r, "vpcPeeringConnectionId", peeringType, acceptType)
	if key == "" {
		w.problem(r, "which peering the route leads to is not known", "wire vpcPeeringConnectionId to a peering")
	}
	if peering != nil && peering.Type == acceptType {
		if accepted, _ := w.target(peering, "vpcPeeringConnectionId", peeringType); accepted != nil {
			peering, key = accepted, accepted.URN
		}
	}
	if peering != nil && peering.Type == peeringType {
		for _, path := range []string{"vpcId", "peerVpcId"} {
			v := w.vpcOf(peering, path)
			if v == nil {
				w.problem(peering, "which VPCs it connects is not known", "wire "+path+" to a VPC, or write its id")
			}
			if v == nil || v == t.VPC {
				continue
			}
			if route.Peer = v; !v.foreign() {
				return
			}
		}
	}
	if w.peers[key] == nil {
		name := "peer " + key
		if peering != nil {
			name = "peer " + peering.Name
		}
		w.peers[key] = &Node{Kind: Peer, Name: name, Resource: peering, withoutGroups: true, Listens: Anything}
		w.Nodes = append(w.Nodes, w.peers[key])
	}
	route.To = w.peers[key]
	if route.vague {
		route.To.addrs = everywhere
	}
	route.To.addrs = route.To.addrs.Union(AddrsOf(route.prefixes...))
}

const peeringType = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"

// resolve is which packets each route gets: the longest prefix wins, and the addresses of the VPC stay inside.
func (t *Table) resolve(m Mode) []leaving {
	var all []leaving
	for _, route := range t.Routes {
		var addrs Addrs
		for _, p := range route.prefixes {
			mine := AddrsOf(p)
			for _, other := range t.Routes {
				if other.vague && m == Must && other != route {
					mine = nil
				}
				for _, q := range other.prefixes {
					if q.Bits() > p.Bits() && p.Contains(q.Addr()) {
						mine = mine.Minus(AddrsOf(q))
					}
				}
			}
			addrs = addrs.Union(mine)
		}
		if route.vague && m == May {
			addrs = everywhere
		}
		all = append(all, leaving{route, addrs.Minus(t.VPC.V4).Minus(t.VPC.V6)})
	}
	return all
}

// Leaves is the addresses whose packets the table sends out that way.
func (t *Table) Leaves(m Mode, way Way) Addrs {
	addrs, _ := t.by(m, func(r *Route) bool { return r.Way == way })
	return addrs
}

func (t *Table) by(m Mode, which func(*Route) bool) (Addrs, []*Route) {
	var addrs Addrs
	var routes []*Route
	for _, l := range t.effective[m] {
		if which(l.route) && !l.addrs.Empty() {
			addrs = addrs.Union(l.addrs)
			routes = append(routes, l.route)
		}
	}
	return addrs, routes
}

// Public says that some packets to the internet leave the subnet through an internet gateway. Half of the internet is
// enough: 0.0.0.0/1 beside 128.0.0.0/1 is all of it.
func (s *Subnet) Public(m Mode) bool {
	return s.Table.Leaves(m, ByInternetGateway).Overlaps(Internet)
}

// Destination is where the route is for.
func (r *Route) Destination() string {
	if r.vague {
		return "a destination that is not known"
	}
	return FormatAddrs(AddrsOf(r.prefixes...))
}
