// Package network decides from a stack's resources which packets can flow, exactly.
//
// It models routes, gateways, peerings, network ACLs in both directions, security groups at both ends, public addresses,
// load balancers with their listeners, rules and target groups, for IPv4 and IPv6. Every question has two answers. May
// takes what is not known as allowed: it is for safety, where nothing must be overlooked. Must takes it as denied, and
// demands that every zone, address and reply gets through: it is for liveness. The world of types is closed: what is not
// modelled is a Problem, and then no answer about safety may be trusted.
package network

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/causeway-iac/causeway/graph"
)

// Mode says how to take what is not known.
type Mode int

const (
	// May takes the unknown as allowed.
	May Mode = iota
	// Must takes the unknown as denied.
	Must
)

// Kind is what a node is.
type Kind string

// The kinds of nodes.
const (
	TheInternet  Kind = "internet"
	Peer         Kind = "peer"         // a peered VPC that is not of this stack
	LoadBalancer Kind = "loadBalancer" // an ALB or NLB
	Servers      Kind = "servers"      // an Auto Scaling group
	Instance     Kind = "instance"     // an EC2 instance
	Database     Kind = "database"     // an RDS instance or cluster
	Endpoint     Kind = "endpoint"     // an interface endpoint of a service
	Service      Kind = "service"      // S3 or DynamoDB by a gateway endpoint
	NAT          Kind = "nat"
)

// Node is something that sends and receives packets, with addresses.
type Node struct {
	Kind Kind
	// Name is the logical name, or what a person calls it.
	Name string
	// Resource is nil for the internet and for a peer outside the stack.
	Resource *graph.Resource
	VPC      *VPC
	Subnets  []*Subnet
	// Groups are its security groups. A network load balancer may have none, and is then as open as its listeners.
	Groups []*Group
	// Template is what the servers are launched from, if it is a template in the stack.
	Template *graph.Resource
	// Listeners and Targets are a load balancer's.
	Listeners []*Listener
	Targets   []*Target
	// Listens is what a database or an endpoint answers; everything for servers.
	Listens Traffic

	public, ipv6   fact
	facing         fact // a load balancer that is not internal
	groupsUnknown  bool
	portUnknown    bool // a database's
	withoutGroups  bool // packets are not filtered by any group
	passesSourceIP bool // an NLB whose targets see its clients' addresses
	unasked        bool // its subnets decide whether some of it gets a public address
	ungrouped      bool // some interface of it names no group
	addrs          Addrs
	list           *prefixList
	tables         []*Table // a gateway endpoint's
}

// fact is what is certainly so (must), or cannot be ruled out (may).
type fact struct{ may, must bool }

func (f fact) in(m Mode) bool {
	if m == May {
		return f.may
	}
	return f.must
}

// Public says that the node has a public IPv4 address.
func (n *Node) Public(m Mode) bool { return n.public.in(m) }

// IPv6 says that the node has an IPv6 address; all of them are global.
func (n *Node) IPv6(m Mode) bool { return n.ipv6.in(m) }

// Facing says that the node is a load balancer that is not internal.
func (n *Node) Facing(m Mode) bool { return n.facing.in(m) }

// OpenIPv6 says that the node has an IPv6 address to which internet gateways deliver. To those of an internal load
// balancer they do not (AWS, load balancer attribute ipv6.deny_all_igw_traffic).
func (n *Node) OpenIPv6(m Mode) bool {
	return n.IPv6(m) && (n.Kind != LoadBalancer || n.facing.in(m))
}

// Compute says that the stack's owner runs programs there.
func (n *Node) Compute() bool { return n.Kind == Servers || n.Kind == Instance }

// URN is the resource's, "" if there is none.
func (n *Node) URN() string {
	if n.Resource == nil {
		return ""
	}
	return n.Resource.URN
}

// Served is the part of the traffic that the node answers, as far as it is not ruled out.
func (n *Node) Served(t Traffic) Traffic { return n.served(May, t) }

func (n *Node) served(m Mode, t Traffic) Traffic {
	switch {
	case n.Kind == LoadBalancer:
		var served Traffic
		for _, l := range n.Listeners {
			if m == May || l.Sure {
				served = served.Union(t.Intersect(l.May))
			}
		}
		return served
	case n.Kind == Database && m == Must && n.portUnknown:
		return Traffic{}
	case n.Kind == Database:
		return t.Intersect(n.Listens)
	}
	return t
}

// Problem is something that is not modelled, so that no proof can rest on it.
type Problem struct {
	Resource *graph.Resource
	What     string
	Remedy   string
	// Unfinished says that the last deployment stopped half-way, and nothing else is wrong.
	Unfinished bool
}

// Model is the network of one stack.
type Model struct {
	Graph *graph.Graph
	// Internet is the node that stands for all of it.
	Internet *Node
	// Nodes are all nodes, the internet first, then by URN.
	Nodes []*Node
	VPCs  []*VPC
	// Groups are all security groups, Rules all their rules.
	Groups []*Group
	Rules  []*Rule
	Tables []*Table
	ACLs   []*ACL
	// Problems are what is not modelled. If there is any, what may flow is not known.
	Problems []Problem
	// touched are the pieces that unmodelled resources are attached to.
	touched map[*graph.Resource]bool
	// Refused is what is modelled but refused all the same, since it is written in a form about which nothing could be
	// proven before it is deployed.
	Refused []Problem

	barred  bool // internet gateways are shut, or may be
	vpcs    map[string]*VPC
	subnets map[string]*Subnet
	groups  map[string]*Group
	tables  map[string]*Table
	acls    map[string]*ACL
	nodes   map[*graph.Resource]*Node
	peers   map[string]*Node
	lists   map[string]*prefixList
	igws    map[*graph.Resource]*VPC
	gates   map[gateKey]Traffic
	acl     map[aclKey]region
	near    map[*VPC][]*Node
	nexts   map[nextKey][]*Node
	leads   map[nextKey]map[*Node]bool

	bare     bool   // ACLs let everything through
	unfenced *Model // the same, without ACLs
}

// New reads the network of a stack.
func New(g *graph.Graph) *Model {
	w := &Model{
		Graph: g, vpcs: map[string]*VPC{}, subnets: map[string]*Subnet{}, groups: map[string]*Group{},
		tables: map[string]*Table{}, acls: map[string]*ACL{}, nodes: map[*graph.Resource]*Node{},
		peers: map[string]*Node{}, lists: map[string]*prefixList{}, igws: map[*graph.Resource]*VPC{},
		gates: map[gateKey]Traffic{}, acl: map[aclKey]region{}, near: map[*VPC][]*Node{}, nexts: map[nextKey][]*Node{},
		leads: map[nextKey]map[*Node]bool{},
	}
	w.Internet = &Node{Kind: TheInternet, Name: "internet", addrs: Internet, withoutGroups: true, Listens: Anything}
	w.Nodes = []*Node{w.Internet}
	w.closed()
	w.readFields()
	w.readVPCs()
	w.readOptions()
	w.readSubnets()
	w.readLists()
	w.readTables()
	w.readACLs()
	w.readGroups()
	w.readNodes()
	w.readTargets()
	w.readRoutes()
	w.readRules()
	w.readDrift()
	return w
}

func (w *Model) problem(r *graph.Resource, what, remedy string) {
	w.Problems = append(w.Problems, Problem{Resource: r, What: what, Remedy: remedy})
}

// Of is the node of a resource, nil if it is none.
func (w *Model) Of(r *graph.Resource) *Node { return w.nodes[r] }

// OfKind is the nodes of any of the kinds.
func (w *Model) OfKind(kinds ...Kind) []*Node {
	var found []*Node
	for _, n := range w.Nodes {
		if slices.Contains(kinds, n.Kind) {
			found = append(found, n)
		}
	}
	return found
}

// places are where a node's packets come from and go to, one for each subnet and family.
type place struct {
	node   *Node
	subnet *Subnet
	addrs  Addrs
	v6     bool
}

func (n *Node) places(m Mode) []place {
	var all []place
	for _, s := range n.Subnets {
		if !s.V4.Empty() {
			all = append(all, place{n, s, s.V4, false})
		}
		if n.IPv6(m) && !s.V6.Empty() {
			all = append(all, place{n, s, s.V6, true})
		}
	}
	return all
}

// texts reads an unordered list of texts; unknown says that the list, or an element, is not known.
func texts(r *graph.Resource, path string) (known []string, unknown bool) {
	value, _ := r.Get(path)
	return textsOf(value)
}

func textsOf(value any) (known []string, unknown bool) {
	switch v := value.(type) {
	case nil:
	case string:
		known = append(known, v)
	case []any:
		for _, element := range v {
			k, u := textsOf(element)
			known, unknown = append(known, k...), unknown || u
		}
	default:
		unknown = true
	}
	return known, unknown
}

// prefixes reads prefixes; those that are unknown or damaged may be any address.
func prefixes(values []string, unknown bool) (known Addrs, any bool) {
	any = unknown
	for _, value := range values {
		if p, err := netip.ParsePrefix(value); err == nil {
			known = known.Union(AddrsOf(p))
		} else if value != "" {
			any = true
		}
	}
	return known, any
}

func prefixesAt(r *graph.Resource, path string) (Addrs, bool) {
	values, unknown := texts(r, path)
	return prefixes(values, unknown)
}

// truth reads a setting whose default is what AWS does if nothing is asked for.
func truth(r *graph.Resource, path string, otherwise bool) fact {
	value, ok := r.Get(path)
	if !ok || value == nil || value == "" {
		return fact{otherwise, otherwise}
	}
	if known, is := r.Bool(path); is {
		return fact{known, known}
	}
	return fact{may: true}
}

func isUnknown(value any) bool {
	switch value.(type) {
	case graph.Unknown, graph.Secret:
		return true
	}
	return false
}

func items(r *graph.Resource, path string) ([]map[string]any, bool) {
	value, _ := r.Get(path)
	switch v := value.(type) {
	case nil:
		return nil, false
	case map[string]any:
		return []map[string]any{v}, false
	case []any:
		var all []map[string]any
		unknown := false
		for _, element := range v {
			m, ok := element.(map[string]any)
			unknown = unknown || !ok
			if ok {
				all = append(all, m)
			}
		}
		return all, unknown
	}
	return nil, true
}

// inline is the entries of a list that a resource declares within itself, each as a resource of its own. They are refused
// if what they refer to is not known, since then they cannot be resolved one by one.
func (w *Model) inline(r *graph.Resource, property, remedy string) (entries []*graph.Resource, unknown bool) {
	list, unknown := items(inputsOf(r), property)
	if unknown = unknown || anyUnknown(r.Inputs[property]); unknown {
		w.problem(r, "its "+property+" are written inline, so that what they refer to cannot be resolved one by one", remedy)
		return nil, true
	}
	if len(list) > 0 {
		w.Refused = append(w.Refused,
			Problem{Resource: r, What: "its " + property +
				" are written inline: in a preview, what they refer to could not be resolved one by one", Remedy: remedy})
	}
	for i, entry := range list {
		one := &graph.Resource{URN: r.URN, Type: r.Type, Name: fmt.Sprintf("%s %s[%d]", r.Name, property, i), Inputs: maps.Clone(entry),
			PropertyDependencies: map[string][]string{}}
		for key := range entry {
			one.PropertyDependencies[key] = r.PropertyDependencies[property]
		}
		entries = append(entries, one)
	}
	return entries, false
}

func anyUnknown(value any) bool {
	switch v := value.(type) {
	case graph.Unknown, graph.Secret:
		return true
	case []any:
		return slices.ContainsFunc(v, anyUnknown)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), anyUnknown)
	}
	return false
}
