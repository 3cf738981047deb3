package wire

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/vishvananda/netlink"
)

// Router is the VPC's, in the namespace where it is made.
type Router struct {
	tables map[string]int // the kernel's table of each route table
	rules  map[string]int // and of each link
	linked map[string]bool
	slow   map[string]*relay // by link; nil where the kernel's netem does it
	void   netlink.Link
}

// NewRouter makes the namespace that it is called in a router.
func NewRouter() (*Router, error) {
	if _, err := up("lo"); err != nil {
		return nil, err
	}
	err := errors.Join(set("1", "net.ipv4.ip_forward"),
		set("0", "net.ipv4.conf.all.rp_filter", "net.ipv4.conf.default.rp_filter", "net.ipv4.conf.all.send_redirects",
			"net.ipv4.conf.default.send_redirects"))
	if err != nil {
		return nil, err
	}
	_ = set("1", "net.ipv6.conf.all.forwarding") // where the kernel has IPv6
	r := &Router{tables: map[string]int{}, rules: map[string]int{}, linked: map[string]bool{}, slow: map[string]*relay{}}
	if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: Void}, PeerName: Void + "-end"}); err != nil {
		return nil, fmt.Errorf("making the link to nowhere: %w", err)
	}
	if r.void, err = up(Void); err != nil {
		return nil, err
	}
	if _, err := up(Void + "-end"); err != nil {
		return nil, err
	}
	return r, r.nowhere(0)
}

// last is the metric of routes to nowhere: they apply if no other does.
const last = 9999

// nowhere sends what a table has no route for to the link to nowhere.
func (r *Router) nowhere(table int) error {
	for _, p := range []netip.Prefix{everything4, everything6} {
		err := netlink.RouteReplace(&netlink.Route{LinkIndex: r.void.Attrs().Index, Dst: ipNet(p), Table: table, Priority: last,
			Scope: netlink.SCOPE_LINK, Family: family(p.Addr())})
		if err != nil && p.Addr().Is4() {
			return fmt.Errorf("the way to nowhere: %w", err)
		}
	}
	return nil
}

// Attach makes missing links of nodes' interfaces. pids are the nodes' processes, by name.
func (r *Router) Attach(p *plan.Plan, n *plan.Node, pids map[string]int) error {
	for k := range n.Interfaces {
		i := &n.Interfaces[k]
		if r.linked[i.ID] {
			continue
		}
		if err := r.attach(p, n, k, pids); err != nil {
			return fmt.Errorf("link %d of %s: %w", k, n.Name, err)
		}
		r.linked[i.ID] = true
	}
	return nil
}

func (r *Router) attach(p *plan.Plan, n *plan.Node, k int, pids map[string]int) error {
	i := &n.Interfaces[k]
	attributes := netlink.NewLinkAttrs()
	attributes.Name = Link(i.ID)
	if i.At == plan.AtOutside {
		attributes.Namespace = netlink.NsPid(pids[internet(p)])
	}
	err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attributes, PeerName: inside(k, i), PeerNamespace: netlink.NsPid(pids[n.Name])})
	if err != nil || i.At == plan.AtOutside {
		return err
	}
	if i.At != plan.InVPC { // routes there are up to a route table
		bare := *i
		bare.Extra = nil
		return neighbour(&bare, unused)
	}
	return neighbour(i, 0)
}

// unused is a table that no rule refers to.
const unused = 999

func internet(p *plan.Plan) string {
	for n := range p.Nodes {
		if p.Nodes[n].Kind == plan.KindInternet {
			return p.Nodes[n].Name
		}
	}
	return ""
}

// Detach removes links that a surviving node no longer has.
func (r *Router) Detach(was, is *plan.Node) error {
	for k := range was.Interfaces {
		i := &was.Interfaces[k]
		if slices.ContainsFunc(is.Interfaces, func(other plan.Interface) bool { return other.ID == i.ID }) {
			continue
		}
		delete(r.linked, i.ID)
		r.unrule(Link(i.ID))
		_ = r.quicken(Link(i.ID))
		l, err := netlink.LinkByName(Link(i.ID))
		if err == nil {
			err = netlink.LinkDel(l)
		}
		if err != nil {
			return fmt.Errorf("removing a link of %s: %w", was.Name, err)
		}
	}
	return nil
}

// Forget forgets interfaces whose node is gone: their links went with it.
func (r *Router) Forget(n *plan.Node) {
	for k := range n.Interfaces {
		delete(r.linked, n.Interfaces[k].ID)
		r.unrule(Link(n.Interfaces[k].ID))
		_ = r.quicken(Link(n.Interfaces[k].ID)) // what of it was the link's went with it
	}
}

func (r *Router) unrule(link string) {
	table, ok := r.rules[link]
	if !ok {
		return
	}
	for _, f := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		_ = netlink.RuleDel(byLink(link, table, f)) // one of a family that it never had is not there
	}
	delete(r.rules, link)
}

func byLink(link string, table, family int) *netlink.Rule {
	rule := netlink.NewRule()
	rule.IifName, rule.Table, rule.Priority, rule.Family = link, table, 200, family
	return rule
}

// Routes makes the kernel's tables those of the plan: first it adds what is new, then it removes what is gone.
func (r *Router) Routes(p *plan.Plan) error {
	for _, cidr := range p.Network.CIDRs {
		within := netlink.NewRule()
		within.Dst, within.Table, within.Priority, within.Family = ipNet(cidr), 254, 100, family(cidr.Addr())
		if err := there(netlink.RuleAdd(within)); err != nil {
			return fmt.Errorf("ways within %s: %w", cidr, err)
		}
	}
	for n := range p.Network.RouteTables {
		if err := r.table(p, &p.Network.RouteTables[n]); err != nil {
			return err
		}
	}
	return r.follow(p)
}

// follow makes traffic from each link of the VPC use its subnet's table.
func (r *Router) follow(p *plan.Plan) error {
	of := map[string]string{}
	for _, s := range p.Network.Subnets {
		of[s.ID] = s.RouteTable
	}
	for n := range p.Nodes {
		for _, i := range p.Nodes[n].Interfaces {
			table := r.tables[of[i.Subnet]]
			link := Link(i.ID)
			if i.At != plan.InVPC || table == 0 || r.rules[link] == table {
				continue
			}
			old, moved := r.rules[link]
			for _, f := range families(p) {
				if err := there(netlink.RuleAdd(byLink(link, table, f))); err != nil {
					return fmt.Errorf("route table of %s: %w", p.Nodes[n].Name, err)
				}
				if moved {
					_ = netlink.RuleDel(byLink(link, old, f))
				}
			}
			r.rules[link] = table
		}
	}
	return nil
}

func families(p *plan.Plan) []int {
	out := []int{netlink.FAMILY_V4}
	if slices.ContainsFunc(p.Network.CIDRs, func(c netip.Prefix) bool { return c.Addr().Is6() }) {
		out = append(out, netlink.FAMILY_V6)
	}
	return out
}

func (r *Router) table(p *plan.Plan, t *plan.RouteTable) error {
	id := r.tables[t.ID]
	if id == 0 {
		id = 1000 + len(r.tables)
		r.tables[t.ID] = id
		if err := r.nowhere(id); err != nil {
			return err
		}
	}
	wanted := map[string]bool{}
	for _, rt := range t.Routes {
		wanted[ipNet(rt.To).String()] = true
		if err := r.way(p, rt, id); err != nil {
			return fmt.Errorf("route table %s: %w", t.Name, err)
		}
	}
	for _, f := range families(p) {
		there, err := netlink.RouteListFiltered(f, &netlink.Route{Table: id}, netlink.RT_FILTER_TABLE)
		if err != nil {
			return fmt.Errorf("route table %s: %w", t.Name, err)
		}
		for _, old := range there {
			to := "0.0.0.0/0"
			if f == netlink.FAMILY_V6 {
				to = "::/0"
			}
			if old.Dst != nil {
				to = old.Dst.String()
			}
			if !wanted[to] && old.Priority != last {
				if err := netlink.RouteDel(&old); err != nil {
					return fmt.Errorf("route table %s: removing %s: %w", t.Name, to, err)
				}
			}
		}
	}
	return nil
}

// way is one route. One that leads nowhere, a black hole, hides shorter prefixes, as in AWS.
func (r *Router) way(p *plan.Plan, rt plan.Route, table int) error {
	to := through(p, rt)
	if to == nil {
		return route(r.void, rt.To, netip.Addr{}, table)
	}
	l, err := netlink.LinkByName(Link(to.ID))
	if err != nil {
		return fmt.Errorf("route to %s: %w", rt.To, err)
	}
	via := to.Address
	if rt.To.Addr().Is6() {
		via = to.Address6
	}
	return route(l, rt.To, via, table)
}

// through is the interface that a route leads to, or nil.
func through(p *plan.Plan, rt plan.Route) *plan.Interface {
	for n := range p.Nodes {
		for k := range p.Nodes[n].Interfaces {
			i := &p.Nodes[n].Interfaces[k]
			switch {
			case (rt.Via == plan.ViaInternet || rt.Via == plan.ViaEgressOnly) && i.At == plan.AtBorder,
				rt.Via == plan.ViaNAT && p.Nodes[n].Plays == rt.Target,
				rt.Via == plan.ViaEndpoint && i.At == plan.AtGateway:
				return i
			}
		}
	}
	return nil
}
