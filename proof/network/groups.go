package network

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Group is a security group. Resource is nil for a VPC's default one that the stack does not adopt, and for one that is
// not in this stack.
type Group struct {
	Resource        *graph.Resource
	VPC             *VPC
	ID              string
	Ingress, Egress []*Rule
	// Default says that AWS gives it to whatever names none.
	Default bool

	foreign bool // what its rules are is not known
}

// Name is what a person calls it.
func (g *Group) Name() string {
	switch {
	case g.Resource != nil:
		return g.Resource.Name
	case g.Default:
		return "the default group of " + g.VPC.Name()
	}
	return g.ID
}

// URN is the resource's, "" if there is none.
func (g *Group) URN() string {
	if g.Resource == nil {
		return ""
	}
	return g.Resource.URN
}

// Rule is one direction of a rule of a security group.
type Rule struct {
	Resource *graph.Resource
	Group    *Group
	Egress   bool
	// Peers are whom it lets through to or from; all of them if there are several.
	Peers []RulePeer

	may, must Traffic
}

// RulePeer is whom a rule names: addresses, a group, a prefix list, or not known whom.
type RulePeer struct {
	Addrs Addrs
	Group *Group
	// Anyone says that the peer is not known, so that it may be the world.
	Anyone bool
	// IsList says that a prefix list is named.
	IsList bool

	list *prefixList
}

// IsForeignList says that a prefix list is named that the stack does not have: whom it names is not known.
func (p RulePeer) IsForeignList() bool {
	return p.list != nil && p.list.unknown && p.list.resource == nil
}

// IsService says that the prefix list of a gateway endpoint of the stack is named.
func (p RulePeer) IsService() bool { return p.list != nil && p.list.service != nil }

// Traffic is what the rule lets through.
func (r *Rule) Traffic(m Mode) Traffic {
	if m == May {
		return r.may
	}
	return r.must
}

const (
	groupType        = "aws:ec2/securityGroup:SecurityGroup"
	defaultGroupType = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	ingressType      = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType       = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	bothType         = "aws:ec2/securityGroupRule:SecurityGroupRule"
)

func (w *Model) readGroups() {
	for _, r := range w.all(groupType, defaultGroupType) {
		g := &Group{Resource: r, ID: r.ID, VPC: w.vpcOf(r, "vpcId"), Default: r.Type == defaultGroupType}
		g.foreign = r.External
		w.groups[r.URN], w.Groups = g, append(w.Groups, g)
		if g.Default && g.VPC != nil {
			g.VPC.DefaultGroup = g
		}
	}
	for _, v := range w.VPCs {
		if v.DefaultGroup == nil {
			v.DefaultGroup = awsDefault(v)
			w.Groups = append(w.Groups, v.DefaultGroup)
		}
	}
}

// awsDefault is the group that every VPC comes with: its members may send anything to each other, and anything to anybody
// (AWS, VPC user guide, default security groups).
func awsDefault(v *VPC) *Group {
	g := &Group{VPC: v, Default: true}
	g.Ingress = []*Rule{{Group: g, Peers: []RulePeer{{Group: g}}, may: Anything, must: Anything}}
	g.Egress = []*Rule{{Group: g, Egress: true, Peers: []RulePeer{{Addrs: everywhere}}, may: Anything, must: Anything}}
	return g
}

// groupsOf is the groups that a property names, or the default one if it names none.
func (w *Model) groupsOf(r *graph.Resource, path string, n *Node) {
	groups, known := w.groupsNamed(r, path)
	for _, g := range groups {
		if !slices.Contains(n.Groups, g) {
			n.Groups = append(n.Groups, g)
		}
	}
	n.groupsUnknown = n.groupsUnknown || !known
}

// groupsNamed is the groups that a property names, and whether they are all.
func (w *Model) groupsNamed(r *graph.Resource, path string) (groups []*Group, known bool) {
	value, ok := r.Get(path)
	if !ok || value == nil {
		return nil, true
	}
	res := w.Graph.Resolve(r, path)
	for _, named := range res.Resources {
		g := w.groups[named.URN]
		if v := w.vpcs[named.URN]; v != nil {
			g = v.DefaultGroup
		}
		if g != nil {
			groups = append(groups, g)
		}
	}
	for _, id := range res.Outside {
		groups = append(groups, w.foreignGroup(id))
	}
	return groups, !res.Undecided && len(groups) >= elements(value)
}

func (w *Model) foreignGroup(id string) *Group {
	if v := w.bearer(id); v != nil {
		return v.DefaultGroup
	}
	if w.groups[id] == nil {
		w.groups[id] = &Group{ID: id, foreign: true}
		w.Groups = append(w.Groups, w.groups[id])
	}
	return w.groups[id]
}

func (w *Model) readRules() {
	for _, r := range w.all(ingressType, egressType, bothType) {
		w.place(w.readRule(r), w.ruleGroup(r))
	}
	for _, g := range w.Groups {
		for _, direction := range []string{"ingress", "egress"} {
			if g.Resource == nil {
				continue
			}
			inline, _ := w.inline(g.Resource, direction,
				"write an aws.vpc.SecurityGroup"+strings.ToUpper(direction[:1])+direction[1:]+"Rule for each")
			for _, r := range inline {
				w.place(w.readBoth(r, g, direction == "egress", "securityGroups"), g)
			}
		}
	}
}

// readRule reads a rule that is a resource of its own.
func (w *Model) readRule(r *graph.Resource) *Rule {
	if r.Type == bothType {
		kind := r.String("type")
		if kind != "ingress" && kind != "egress" {
			w.problem(r, "which direction the rule is for is not known", `write type "ingress" or "egress"`)
		}
		return w.readBoth(r, w.ruleGroup(r), kind == "egress", "sourceSecurityGroupId")
	}
	rule := &Rule{Resource: r, Egress: r.Type == egressType}
	rule.may, rule.must = trafficOf(r, "ipProtocol", "fromPort", "toPort")
	// Exactly one of these is asked for: what the cloud once answered for another dates from before a change.
	asked := r
	for _, path := range []string{"cidrIpv4", "cidrIpv6", "referencedSecurityGroupId", "prefixListId"} {
		if r.Inputs[path] != nil {
			asked = without(r)
		}
	}
	for _, path := range []string{"cidrIpv4", "cidrIpv6"} {
		rule.addrPeer(asked, path)
	}
	w.groupPeer(rule, asked, "referencedSecurityGroupId")
	if value, ok := asked.Get("prefixListId"); ok && value != nil && value != "" {
		rule.addList(w.listOf(asked, "prefixListId"))
	}
	return rule
}

// without is the resource without the cloud's answers.
func without(r *graph.Resource) *graph.Resource {
	asked := *r
	asked.Outputs = nil
	return &asked
}

// readBoth reads a rule of the old kind, which may name several peers; groups is the property that names groups.
func (w *Model) readBoth(r *graph.Resource, of *Group, egress bool, groups string) *Rule {
	rule := &Rule{Resource: r, Egress: egress}
	rule.may, rule.must = trafficOf(r, "protocol", "fromPort", "toPort")
	for _, path := range []string{"cidrBlocks", "ipv6CidrBlocks"} {
		rule.addrPeer(r, path)
	}
	w.groupPeer(rule, r, groups)
	if self := truth(r, "self", false); self.may {
		if of != nil && self.must {
			rule.Peers = append(rule.Peers, RulePeer{Group: of})
		} else {
			rule.Peers = append(rule.Peers, RulePeer{Anyone: true})
		}
	}
	if value, ok := r.Get("prefixListIds"); ok && value != nil {
		res := w.Graph.Resolve(r, "prefixListIds")
		for _, named := range res.Resources {
			rule.addList(w.listFor(named, named.URN))
		}
		for _, id := range res.Outside {
			rule.addList(w.listFor(nil, id))
		}
		if res.Undecided {
			rule.Peers = append(rule.Peers, RulePeer{Anyone: true, IsList: true})
		}
	}
	return rule
}

func (r *Rule) addList(l *prefixList) {
	r.Peers = append(r.Peers, RulePeer{IsList: true, list: l, Addrs: l.addrs, Anyone: l.unknown && l.service == nil})
}

func (r *Rule) addrPeer(from *graph.Resource, path string) {
	addrs, unknown := prefixesAt(from, path)
	if unknown || !addrs.Empty() {
		r.Peers = append(r.Peers, RulePeer{Addrs: addrs, Anyone: unknown})
	}
}

func (w *Model) groupPeer(rule *Rule, r *graph.Resource, path string) {
	if value, _ := r.Get(path); value == "" {
		return
	}
	groups, known := w.groupsNamed(r, path)
	for _, g := range groups {
		// The members of a group that is not in this stack may be anywhere: in a peer of another account, or in this VPC.
		rule.Peers = append(rule.Peers, RulePeer{Group: g, Anyone: g.foreign})
	}
	if !known {
		rule.Peers = append(rule.Peers, RulePeer{Anyone: true})
	}
}

// ruleGroup is the rule's group, nil if it is not known.
func (w *Model) ruleGroup(r *graph.Resource) *Group {
	found, key := w.target(r, "securityGroupId", groupType, defaultGroupType, vpcType)
	if found != nil {
		if v := w.vpcs[found.URN]; v != nil {
			return v.DefaultGroup
		}
		return w.groups[found.URN]
	}
	if key == "" {
		return nil
	}
	return w.foreignGroup(key)
}

func (w *Model) place(rule *Rule, of *Group) {
	rule.Group = of
	w.Rules = append(w.Rules, rule)
	if of == nil {
		w.problem(rule.Resource, "which group the rule is of is not known", "wire securityGroupId to a group of the stack")
		return
	}
	if len(rule.Peers) == 0 {
		w.problem(rule.Resource, "whom the rule names is not known", "name a group, a prefix list or a CIDR")
	}
	if rule.Egress {
		of.Egress = append(of.Egress, rule)
	} else {
		of.Ingress = append(of.Ingress, rule)
	}
}

// matches is the addresses that the rule names, of those that the peer may have. At are the subnets where the rule is in
// force.
func (r *Rule) matches(m Mode, peer *Node, addrs Addrs, at []*Subnet) Addrs {
	var found Addrs
	for _, p := range r.Peers {
		switch {
		case p.Anyone && m == May,
			p.Group != nil && slices.Contains(peer.Groups, p.Group),
			p.Group != nil && peer.groupsUnknown && m == May,
			p.list != nil && p.list == peer.list && peer.list != nil,
			m == May && p.list.escapes(peer, at):
			return addrs
		}
		if !p.Addrs.Empty() {
			found = found.Union(p.Addrs)
		}
	}
	if found.Empty() {
		return found
	}
	return found.Intersect(addrs)
}

// escapes says that packets to a service's addresses may leave through the internet, because no route leads to its
// endpoint. Which part of the internet those addresses are is not known.
func (l *prefixList) escapes(peer *Node, at []*Subnet) bool {
	return l != nil && l.service != nil && l.unknown && peer.Kind == TheInternet &&
		(len(at) == 0 || slices.ContainsFunc(at, func(s *Subnet) bool { return !slices.Contains(l.service.tables, s.Table) }))
}

// gate is what a node's groups let through to or from a peer's addresses, in one of its subnets.
func (n *Node) gate(m Mode, egress bool, peer *Node, addrs Addrs, at *Subnet) region {
	if n.withoutGroups || n.groupsUnknown && m == May {
		return region{{addrs, Anything}}
	}
	var all region
	var subnets []*Subnet
	if at != nil {
		subnets = append(subnets, at)
	}
	for _, g := range n.Groups {
		if g.foreign && m == May {
			return region{{addrs, Anything}}
		}
		for _, rule := range g.rules(egress) {
			if named := rule.matches(m, peer, addrs, subnets); !named.Empty() {
				all = all.add(named, rule.Traffic(m))
			}
		}
	}
	return all
}

func (g *Group) rules(egress bool) []*Rule {
	if egress {
		return g.Egress
	}
	return g.Ingress
}

// RulesFor is the node's rules of one direction that let some of the traffic through to or from the peer.
func (n *Node) RulesFor(m Mode, egress bool, peer *Node, t Traffic) []*Rule {
	var found []*Rule
	everywhere := peer.everyAddress(m)
	for _, g := range n.Groups {
		for _, rule := range g.rules(egress) {
			named := slices.ContainsFunc(everywhere, func(addrs Addrs) bool { return !rule.matches(m, peer, addrs, n.Subnets).Empty() })
			if named && rule.Traffic(m).Overlaps(t) {
				found = append(found, rule)
			}
		}
	}
	return found
}

func (n *Node) everyAddress(m Mode) []Addrs {
	switch {
	case n.Kind == Service && n.addrs.Empty():
		return []Addrs{Internet4} // AWS will tell which of its public addresses
	case len(n.Subnets) == 0:
		return []Addrs{n.addrs}
	}
	var all []Addrs
	for _, p := range n.places(m) {
		all = append(all, p.addrs)
	}
	return all
}
