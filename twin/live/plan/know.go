package plan

import "slices"

// For is the part of the plan that a node may know. A machine, which runs code that is not the world's own, knows itself
// alone. Nobody knows another's user data.
func (p *Plan) For(n *Node) *Plan {
	out := *p
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
