package network_test

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"

	"github.com/causeway-iac/causeway/graph"
)

// oracle answers what may reach what packet by packet: it walks route tables, ACLs and
// groups in order, for one source, one destination, one port and one port of the reply at
// a time. It is slow, knows nothing of sets, and shares nothing with what it judges.
type oracle struct {
	g      *graph.Graph
	byID   map[string]*graph.Resource
	world  []netip.Addr // every address that is tried
	ports  []int
	tables map[string]string            // of subnets
	acls   map[string]string            // of subnets
	rules  map[string][]packetRule      // of groups
	routes map[string][]*graph.Resource // of tables
	orders map[string][]aclEntry        // of ACLs and directions, by number
}

type aclEntry struct {
	number, from, to int
	prefix           string
	allow            bool
}

type packetRule struct {
	egress   bool
	from, to int
	prefix   string // or
	group    string
}

func newOracle(g *graph.Graph, world []netip.Addr, ports []int) *oracle {
	o := &oracle{g: g, byID: map[string]*graph.Resource{}, world: world, ports: ports, tables: map[string]string{},
		acls:  map[string]string{},
		rules: map[string][]packetRule{}, routes: map[string][]*graph.Resource{}, orders: map[string][]aclEntry{}}
	for _, r := range g.Resources {
		o.byID[r.ID] = r
		switch r.Type {
		case "aws:ec2/routeTableAssociation:RouteTableAssociation":
			o.tables[r.String("subnetId")] = r.String("routeTableId")
		case "aws:ec2/networkAcl:NetworkAcl":
			for _, s := range r.Strings("subnetIds") {
				o.acls[s] = r.ID
			}
		case "aws:ec2/route:Route":
			o.routes[r.String("routeTableId")] = append(o.routes[r.String("routeTableId")], r)
		case "aws:ec2/networkAclRule:NetworkAclRule":
			out, _ := r.Bool("egress")
			e := aclEntry{prefix: r.String("cidrBlock") + r.String("ipv6CidrBlock"), allow: r.String("ruleAction") == "allow", to: 65535}
			e.number, _ = r.Int("ruleNumber")
			if r.String("protocol") != "-1" {
				e.from, _ = r.Int("fromPort")
				e.to, _ = r.Int("toPort")
			}
			key := fmt.Sprint(r.String("networkAclId"), out)
			o.orders[key] = append(o.orders[key], e)
			sort.Slice(o.orders[key], func(i, j int) bool { return o.orders[key][i].number < o.orders[key][j].number })
		case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":
			rule := packetRule{egress: r.Type == "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", to: 65535,
				prefix: r.String("cidrIpv4") + r.String("cidrIpv6"), group: r.String("referencedSecurityGroupId")}
			if r.String("ipProtocol") != "-1" {
				rule.from, _ = r.Int("fromPort")
				rule.to, _ = r.Int("toPort")
			}
			o.rules[r.String("securityGroupId")] = append(o.rules[r.String("securityGroupId")], rule)
		}
	}
	return o
}

// address is an address of a node, in one of its subnets, "" outside of the stack.
type address struct {
	ip     netip.Addr
	subnet string
}

func inside(prefix string, a netip.Addr) bool {
	p, err := netip.ParsePrefix(prefix)
	return err == nil && p.Contains(a)
}

func (o *oracle) vpc(subnet string) *graph.Resource { return o.byID[o.byID[subnet].String("vpcId")] }

// isPublic says that an address is one of the internet's.
func isPublic(a netip.Addr) bool { return !inside("10.0.0.0/8", a) && !inside("2a05:d018::/64", a) }

const (
	office = "office"
	world  = "internet"
)

// at is the addresses that a node may have.
func (o *oracle) at(node string) []address {
	var all []address
	r := o.byID[node]
	if node == world || node == office {
		for _, a := range o.world {
			if node == office || isPublic(a) {
				all = append(all, address{ip: a})
			}
		}
		return all
	}
	six := r.String("ipAddressType") == "dualstack"
	if n, ok := r.Int("ipv6AddressCount"); ok {
		six = n > 0
	}
	for _, s := range append(r.Strings("subnets"), r.String("subnetId")) {
		if s == "" {
			continue
		}
		for _, a := range o.world {
			if inside(o.byID[s].String("cidrBlock"), a) || six && inside(o.byID[s].String("ipv6CidrBlock"), a) {
				all = append(all, address{a, s})
			}
		}
	}
	return all
}

// route is where the table of a subnet leads an address: local, or what the longest
// prefix names.
func (o *oracle) route(subnet string, to netip.Addr) string {
	if inside(o.vpc(subnet).String("cidrBlock"), to) {
		return "local"
	}
	for _, s := range o.g.ByType("aws:ec2/subnet:Subnet") {
		if s.String("vpcId") == o.vpc(subnet).ID && inside(s.String("ipv6CidrBlock"), to) {
			return "local"
		}
	}
	best, bits := "", -1
	for _, r := range o.routes[o.tables[subnet]] {
		p, err := netip.ParsePrefix(r.String("destinationCidrBlock") + r.String("destinationIpv6CidrBlock"))
		if err == nil && p.Contains(to) && p.Bits() > bits {
			bits = p.Bits()
			best = r.String("gatewayId") + r.String("natGatewayId") + r.String("egressOnlyGatewayId") + r.String("vpcPeeringConnectionId")
		}
	}
	return best
}

// acl asks the rules of a subnet's ACL in the order of their numbers.
func (o *oracle) acl(subnet string, egress bool, peer netip.Addr, port int) bool {
	acl, has := o.acls[subnet]
	if !has {
		return true
	}
	for _, e := range o.orders[fmt.Sprint(acl, egress)] {
		if inside(e.prefix, peer) && e.from <= port && port <= e.to {
			return e.allow
		}
	}
	return false
}

// filtered is the groups of a node; false if none filter it.
func (o *oracle) filtered(node string) ([]string, bool) {
	r := o.byID[node]
	if r == nil {
		return nil, false
	}
	groups := append(r.Strings("vpcSecurityGroupIds"), r.Strings("securityGroups")...)
	return groups, len(groups) > 0
}

// group asks whether some group of a node lets a packet through, to or from an address of
// the peer; peer is "" if it is no member of any group.
func (o *oracle) group(node string, egress bool, peer string, at netip.Addr, port int) bool {
	groups, filtered := o.filtered(node)
	if !filtered {
		return true
	}
	theirs, _ := o.filtered(peer)
	for _, g := range groups {
		for _, rule := range o.rules[g] {
			if rule.egress == egress && rule.from <= port && port <= rule.to &&
				(inside(rule.prefix, at) || slices.Contains(theirs, rule.group)) {
				return true
			}
		}
	}
	return false
}

// replied says that for some port of the sender every ACL of a list lets the reply pass.
func (o *oracle) replied(asks ...func(port int) bool) bool {
	for _, q := range o.ports {
		if q > 0 && !slices.ContainsFunc(asks, func(ask func(int) bool) bool { return !ask(q) }) {
			return true
		}
	}
	return false
}

func (o *oracle) in(subnet string, peer netip.Addr) func(int) bool {
	return func(port int) bool { return o.acl(subnet, false, peer, port) }
}

func (o *oracle) out(subnet string, peer netip.Addr) func(int) bool {
	return func(port int) bool { return o.acl(subnet, true, peer, port) }
}

// may says that some packet from one node to another, to a port, gets there, and that a
// reply gets back.
func (o *oracle) may(from, to string, port int) bool {
	for _, src := range o.at(from) {
		for _, dst := range o.at(to) {
			if src.ip.Is6() == dst.ip.Is6() && o.packet(from, to, src, dst, port) {
				return true
			}
		}
	}
	return false
}

// all says that whatever IPv4 address two instances have, a packet from one to the other
// gets there. Of anything else it is not asked.
func (o *oracle) all(from, to string, port int) bool {
	const instance = "aws:ec2/instance:Instance"
	if o.byIDType(from) != instance || o.byIDType(to) != instance {
		return true
	}
	for _, src := range o.at(from) {
		for _, dst := range o.at(to) {
			if src.ip.Is4() && dst.ip.Is4() && !o.packet(from, to, src, dst, port) {
				return false
			}
		}
	}
	return true
}

func (o *oracle) packet(from, to string, src, dst address, port int) bool {
	switch {
	case src.subnet == "" && dst.subnet == "":
		return false
	case src.subnet == "":
		return o.inward(from, to, src, dst, port)
	case !o.group(from, true, to, dst.ip, port):
		return false
	case dst.subnet == "":
		return o.outward(from, to, src, dst, port)
	}
	return o.within(from, to, src, dst, port)
}

// inward is from the internet, or from the office by its peering.
func (o *oracle) inward(from, to string, src, dst address, port int) bool {
	back := o.byID[o.route(dst.subnet, src.ip)]
	if back == nil || !o.group(to, false, "", src.ip, port) || !o.acl(dst.subnet, false, src.ip, port) ||
		!o.replied(o.out(dst.subnet, src.ip)) {
		return false
	}
	if from == office {
		return back.Name == office
	}
	r := o.byID[to]
	open, _ := r.Bool("associatePublicIpAddress")
	if r.Type == "aws:lb/loadBalancer:LoadBalancer" {
		internal, _ := r.Bool("internal")
		open = !internal
	} else if src.ip.Is6() {
		open = true
	}
	return open && back.Type == "aws:ec2/internetGateway:InternetGateway"
}

// outward is to the internet or to the office: by a gateway, a peering, or a NAT gateway
// and what its own subnet leads to.
func (o *oracle) outward(from, to string, src, dst address, port int) bool {
	if !o.acl(src.subnet, true, dst.ip, port) || !o.replied(o.in(src.subnet, dst.ip)) {
		return false
	}
	way := o.byID[o.route(src.subnet, dst.ip)]
	if way != nil && way.Type == "aws:ec2/natGateway:NatGateway" && src.ip.Is4() {
		at := way.String("subnetId")
		second := o.byID[o.route(at, dst.ip)]
		return second != nil && o.relayed(src, dst, at, port) && o.leaves(second, to, src.ip, true)
	}
	public, _ := o.byID[from].Bool("associatePublicIpAddress")
	if r := o.byID[from]; r.Type == "aws:lb/loadBalancer:LoadBalancer" {
		internal, _ := r.Bool("internal")
		public = !internal
	}
	return way != nil && o.leaves(way, to, src.ip, public)
}

func (o *oracle) leaves(way *graph.Resource, to string, src netip.Addr, public bool) bool {
	if to == office {
		return way.Name == office
	}
	return way.Type == "aws:ec2/internetGateway:InternetGateway" && (public || src.Is6()) ||
		way.Type == "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway" && src.Is6()
}

// relayed says that the ACLs let a packet into the subnet of a NAT gateway and out of it
// again, and the replies back.
func (o *oracle) relayed(src, dst address, at string, port int) bool {
	if !o.acl(at, true, dst.ip, port) || !o.replied(o.in(at, dst.ip)) {
		return false
	}
	return at == src.subnet || o.acl(at, false, src.ip, port) && o.replied(o.out(at, src.ip), o.in(src.subnet, dst.ip))
}

// within is between nodes of the stack: in a VPC, or by a peering.
func (o *oracle) within(from, to string, src, dst address, port int) bool {
	if o.vpc(src.subnet) == o.vpc(dst.subnet) {
		return o.direct(from, to, src, dst, port)
	}
	there, back := o.byID[o.route(src.subnet, dst.ip)], o.byID[o.route(dst.subnet, src.ip)]
	if there == nil {
		return false
	}
	if there.Type == "aws:ec2/natGateway:NatGateway" && src.ip.Is4() {
		at := there.String("subnetId")
		if second := o.byID[o.route(at, dst.ip)]; second == nil || second.Name != "peering" ||
			!o.acl(src.subnet, true, dst.ip, port) || !o.replied(o.in(src.subnet, dst.ip)) || !o.relayed(src, dst, at, port) {
			return false
		}
		for _, n := range o.world { // the gateway's address
			if inside(o.byID[at].String("cidrBlock"), n) && o.route(dst.subnet, n) == o.route(at, dst.ip) &&
				o.group(to, false, "", n, port) && o.acl(dst.subnet, false, n, port) && o.replied(o.out(dst.subnet, n)) {
				return true
			}
		}
		return false
	}
	return there == back && there.Name == "peering" && o.direct(from, to, src, dst, port)
}

func (o *oracle) direct(from, to string, src, dst address, port int) bool {
	sees := func(peer string, a netip.Addr) bool {
		if !o.group(to, false, peer, a, port) {
			return false
		}
		return src.subnet == dst.subnet || o.acl(src.subnet, true, dst.ip, port) && o.acl(dst.subnet, false, a, port) &&
			o.replied(o.out(dst.subnet, a), o.in(src.subnet, dst.ip))
	}
	if sees(from, src.ip) {
		return true
	}
	if o.byID[from].String("loadBalancerType") != "network" || !slices.ContainsFunc(o.listeners(from), func(l *graph.Resource) bool {
		_, isTarget := o.forwards(l)[to]
		return isTarget
	}) {
		return false
	}
	// Its targets see the clients, whoever they are.
	return slices.ContainsFunc(o.world, func(a netip.Addr) bool { return a.Is6() == src.ip.Is6() && sees(from, a) })
}
