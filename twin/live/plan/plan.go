// Package plan is the living world as plain data: what the deployed world asks the machine to play. Package survey makes
// it from the twin's world, it travels as JSON to the processes that play it, and it imports neither.
//
// A plan holds no secret: passwords and private keys travel beside it, to the node that may have them.
package plan

import (
	"net/netip"
	"slices"
)

// Plan is one stack's world. Its parts refer to each other by ID or, where there is one, by ARN.
type Plan struct {
	Stack   string `json:"stack"`
	Region  string `json:"region"`
	Account string `json:"account"` // twelve digits

	Network Network `json:"network"`
	Nodes   []Node  `json:"nodes"` // sorted by name

	Balancers    []Balancer    `json:"balancers,omitempty"`
	TargetGroups []TargetGroup `json:"targetGroups,omitempty"`
	Certificates []Certificate `json:"certificates,omitempty"`
	TrustStores  []TrustStore  `json:"trustStores,omitempty"`
	Zones        []Zone        `json:"zones,omitempty"`
	Machines     []Machine     `json:"machines,omitempty"`
	Databases    []Database    `json:"databases,omitempty"`
	Cloud        Cloud         `json:"cloud"`

	// Lost are zones that a fault cuts off: the router and those who answer for names know, and all others hear silence.
	Lost []string `json:"lost,omitempty"`

	// Unplayed are sentences: what the world has and the living world does not play, or not as it is.
	Unplayed []string `json:"unplayed,omitempty"`
}

// Kind says what a node plays.
type Kind string

// The kinds of nodes. Each is one process with a network namespace of its own.
const (
	KindMachine  Kind = "machine"  // a server: Node.Plays is its instance id
	KindBalancer Kind = "balancer" // a load balancer in one zone: Node.Plays is its ARN
	KindDatabase Kind = "database" // a database instance: Node.Plays is its ARN
	KindNAT      Kind = "nat"      // a NAT gateway: Node.Plays is its id
	KindCloud    Kind = "cloud"    // AWS's API, and every interface endpoint of the VPC
	KindResolver Kind = "resolver" // the VPC's DNS at VPC+2
	KindInternet Kind = "internet" // where visitors are: public DNS, the door, the router of everything outside
	KindEdge     Kind = "edge"     // Cloudflare, in front of proxied names
	KindIdle     Kind = "idle"     // nobody: an address whose ports are all closed
)

// Node is a process that owns network interfaces. It calls the first eth0.
type Node struct {
	Name       string      `json:"name"` // unique, and a host name: "web-a-3f9c"
	Kind       Kind        `json:"kind"`
	Plays      string      `json:"plays,omitempty"`
	Zone       string      `json:"zone,omitempty"` // availability zone; empty outside the VPC
	Interfaces []Interface `json:"interfaces"`
}

// Address is the node's first IPv4 address.
func (n *Node) Address() netip.Addr {
	if len(n.Interfaces) == 0 {
		return netip.Addr{}
	}
	return n.Interfaces[0].Address
}

// Interface is an elastic network interface, or the link of something outside.
type Interface struct {
	ID       string       `json:"id"`               // unique in the plan and stable while it exists
	Subnet   string       `json:"subnet,omitempty"` // empty: it is not in the VPC
	Address  netip.Addr   `json:"address"`
	Address6 netip.Addr   `json:"address6,omitzero"`
	Public   netip.Addr   `json:"public,omitzero"` // IPv4 that the internet gateway translates
	Groups   []string     `json:"groups,omitempty"`
	Guarded  bool         `json:"guarded,omitempty"`  // by Groups; an empty list then lets nothing pass
	Endpoint string       `json:"endpoint,omitempty"` // the interface endpoint's id, at the cloud node
	At       Place        `json:"at,omitempty"`
	Extra    []netip.Addr `json:"extra,omitempty"` // more addresses of something outside
}

// Place is where an interface's other end is.
type Place string

// The places. What is outside is behind a router of its own, which has no way to private addresses.
const (
	InVPC     Place = ""        // the VPC's router, in Subnet
	AtGateway Place = "gateway" // the VPC's router, for gateway endpoints
	AtOutside Place = "outside" // the internet node
	AtBorder  Place = "border"  // the internet node's own link to the VPC's router: the internet gateway
)

// All are the interface's addresses.
func (i *Interface) All() []netip.Addr {
	out := []netip.Addr{i.Address}
	if i.Address6.IsValid() {
		out = append(out, i.Address6)
	}
	return append(out, i.Extra...)
}

// Node returns the node of that name, or nil, as do all that follow.
func (p *Plan) Node(name string) *Node {
	return first(p.Nodes, func(n *Node) bool { return n.Name == name })
}

// Machine is that of the id.
func (p *Plan) Machine(id string) *Machine {
	return first(p.Machines, func(m *Machine) bool { return m.ID == id })
}

// Database is that of the ARN.
func (p *Plan) Database(arn string) *Database {
	return first(p.Databases, func(d *Database) bool { return d.ARN == arn })
}

// Balancer is that of the ARN.
func (p *Plan) Balancer(arn string) *Balancer {
	return first(p.Balancers, func(b *Balancer) bool { return b.ARN == arn })
}

// Subnet is that of the id.
func (n *Network) Subnet(id string) *Subnet {
	return first(n.Subnets, func(s *Subnet) bool { return s.ID == id })
}

// ACL is that of the id.
func (n *Network) ACL(id string) *ACL {
	return first(n.ACLs, func(a *ACL) bool { return a.ID == id })
}

func first[T any](all []T, is func(*T) bool) *T {
	for i := range all {
		if is(&all[i]) {
			return &all[i]
		}
	}
	return nil
}

// Playing are the nodes that play the resource with that id or ARN.
func (p *Plan) Playing(id string) (out []*Node) {
	for i := range p.Nodes {
		if p.Nodes[i].Plays == id {
			out = append(out, &p.Nodes[i])
		}
	}
	return out
}

// At is the node that has the address, private or public, or nil.
func (p *Plan) At(a netip.Addr) *Node {
	for n := range p.Nodes {
		for k := range p.Nodes[n].Interfaces {
			if i := &p.Nodes[n].Interfaces[k]; i.Public == a && a.IsValid() || slices.Contains(i.All(), a) {
				return &p.Nodes[n]
			}
		}
	}
	return nil
}

// For is the part of the plan that a node may know. A machine, which runs code that is not the world's own, knows itself
// alone. Nobody knows another's user data.
func (p *Plan) For(n *Node) *Plan {
	out := *p
	if n.Kind != KindResolver && n.Kind != KindInternet {
		out.Lost = nil
	}
	out.Machines = slices.Clone(p.Machines)
	for k := range out.Machines {
		if out.Machines[k].ID != n.Plays {
			out.Machines[k].UserData = nil
		}
	}
	if n.Kind != KindCloud {
		out.Cloud = Cloud{Services: p.Cloud.Services, Endpoints: p.Cloud.Endpoints}
	}
	switch n.Kind {
	case KindMachine, KindDatabase, KindNAT:
		out = Plan{Stack: p.Stack, Region: p.Region, Account: p.Account, Nodes: []Node{*n},
			Network: Network{ID: p.Network.ID, CIDRs: p.Network.CIDRs, Resolver: p.Network.Resolver}}
		for _, i := range n.Interfaces {
			if s := p.Network.Subnet(i.Subnet); s != nil {
				out.Network.Subnets = append(out.Network.Subnets, *s)
			}
		}
		if m := p.Machine(n.Plays); m != nil {
			out.Machines = []Machine{*m}
		}
		if d := p.Database(n.Plays); d != nil {
			out.Databases = []Database{*d}
		}
	case KindBalancer:
		out.Machines, out.Databases, out.Zones = nil, nil, nil
		out.Network = Network{ID: p.Network.ID, CIDRs: p.Network.CIDRs, Resolver: p.Network.Resolver}
	}
	if n.Kind != KindCloud && n.Kind != KindInternet {
		out.Network.Groups, out.Network.ACLs, out.Network.RouteTables = nil, nil, nil
	}
	return &out
}
