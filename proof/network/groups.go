package network

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Group is a security group. Resource is nil for a VPC's default one that the stack does
// not adopt, and for one that is not of this stack.
type Group struct {
	Resource        *graph.Resource
	VPC             *VPC
	ID              string
	Ingress, Egress []*Rule
	// Default says that it is the one that AWS gives to whatever names none.
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
	// Anyone says that whom it names is not known, so that it may be the world.
	Anyone bool
	// IsList says that a prefix list is named.
	IsList bool

	list *prefixList
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

func (w *World) readGroups() {
	for _, r := range w.all(groupType, defaultGroupType) {
		g := &Group{Resource: r, ID: r.ID, VPC: w.vpcOf(r, "vpcId"), Default: r.Type == defaultGroupType}
		for _, direction := range []string{"ingress", "egress"} {
			if rules, unknown := items(inputsOf(r), direction); len(rules) > 0 || unknown {
				w.problem(r, "its "+direction+" rules are written inline, so that what they refer to cannot be resolved one by one",
					"write an aws.vpc.SecurityGroup"+strings.ToUpper(direction[:1])+direction[1:]+"Rule for each")
			}
		}
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

// awsDefault is the group that every VPC is born with: its members may say anything to
// each other, and anything to anybody (AWS, VPC user guide, default security groups).
func awsDefault(v *VPC) *Group {
	g := &Group{VPC: v, Default: true}
	g.Ingress = []*Rule{{Group: g, Peers: []RulePeer{{Group: g}}, may: Anything, must: Anything}}
	g.Egress = []*Rule{{Group: g, Egress: true, Peers: []RulePeer{{Addrs: everywhere}}, may: Anything, must: Anything}}
	return g
}

// groupsOf is the groups that a property names. None named is the default one.
func (w *World) groupsOf(r *graph.Resource, path string, n *Node) {
	value, ok := r.Get(path)
	if !ok || value == nil {
		return
	}
	res := w.Graph.Resolve(r, path)
	n.groupsUnknown = n.groupsUnknown || res.Undecided
	for _, named := range res.Resources {
		g := w.groups[named.URN]
		if v := w.vpcs[named.URN]; v != nil {
			g = v.DefaultGroup
		}
		if g != nil && !slices.Contains(n.Groups, g) {
			n.Groups = append(n.Groups, g)
		}
	}
	for _, id := range res.Outside {
		n.Groups = append(n.Groups, w.foreignGroup(id))
	}
}

func (w *World) foreignGroup(id string) *Group {
	for _, v := range w.VPCs {
		if v.Resource != nil && v.Resource.String("defaultSecurityGroupId") == id {
			return v.DefaultGroup
		}
	}
	if w.groups[id] == nil {
		w.groups[id] = &Group{ID: id, foreign: true}
		w.Groups = append(w.Groups, w.groups[id])
	}
	return w.groups[id]
}

func (w *World) readRules() {
	for _, r := range w.all(ingressType, egressType) {
		rule := &Rule{Resource: r, Egress: r.Type == egressType}
		rule.may, rule.must = trafficOf(r, "ipProtocol", "fromPort", "toPort")
		for _, path := range []string{"cidrIpv4", "cidrIpv6"} {
			w.addrPeer(rule, path)
		}
		w.groupPeer(rule, "referencedSecurityGroupId")
		if value, ok := r.Get("prefixListId"); ok && value != nil && value != "" {
			rule.addList(w.listOf(r, "prefixListId"))
		}
		w.place(rule, rule.Egress)
	}
	for _, r := range w.all(bothType) {
		w.readBoth(r)
	}
}

func (w *World) readBoth(r *graph.Resource) {
	rule := &Rule{Resource: r, Egress: r.String("type") == "egress"}
	rule.may, rule.must = trafficOf(r, "protocol", "fromPort", "toPort")
	for _, path := range []string{"cidrBlocks", "ipv6CidrBlocks"} {
		w.addrPeer(rule, path)
	}
	w.groupPeer(rule, "sourceSecurityGroupId")
	if self := truth(r, "self", false); self.may {
		if g := w.ruleGroup(r); g != nil && self.must {
			rule.Peers = append(rule.Peers, RulePeer{Group: g})
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
	if kind := r.String("type"); kind != "ingress" && kind != "egress" {
		w.problem(r, "which direction the rule is for is not known", `write type "ingress" or "egress"`)
	}
	w.place(rule, rule.Egress)
}

func (r *Rule) addList(l *prefixList) {
	r.Peers = append(r.Peers, RulePeer{IsList: true, list: l, Addrs: l.addrs, Anyone: l.unknown && l.service == nil})
}

func (w *World) addrPeer(rule *Rule, path string) {
	addrs, unknown := prefixesAt(rule.Resource, path)
	if unknown || !addrs.Empty() {
		rule.Peers = append(rule.Peers, RulePeer{Addrs: addrs, Anyone: unknown})
	}
}

func (w *World) groupPeer(rule *Rule, path string) {
	value, ok := rule.Resource.Get(path)
	if !ok || value == nil || value == "" {
		return
	}
	res := w.Graph.Resolve(rule.Resource, path)
	for _, named := range res.Resources {
		if g := w.groups[named.URN]; g != nil {
			rule.Peers = append(rule.Peers, RulePeer{Group: g})
		} else if v := w.vpcs[named.URN]; v != nil {
			rule.Peers = append(rule.Peers, RulePeer{Group: v.DefaultGroup})
		}
	}
	for _, id := range res.Outside {
		// The members of a group that is not of this stack may be anywhere: in a peer of
		// another account, or in this VPC.
		g := w.foreignGroup(id)
		rule.Peers = append(rule.Peers, RulePeer{Group: g, Anyone: g.foreign})
	}
	if res.Undecided {
		rule.Peers = append(rule.Peers, RulePeer{Anyone: true})
	}
}

// ruleGroup is the group that the rule is of, nil if it is not known.
func (w *World) ruleGroup(r *graph.Resource) *Group {
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

func (w *World) place(rule *Rule, egress bool) {
	rule.Group = w.ruleGroup(rule.Resource)
	if rule.Group == nil {
		w.problem(rule.Resource, "which group the rule is of is not known", "wire securityGroupId to a group of the stack")
		return
	}
	if len(rule.Peers) == 0 {
		w.problem(rule.Resource, "whom the rule names is not known", "name a group, a prefix list or a CIDR")
	}
	if egress {
		rule.Group.Egress = append(rule.Group.Egress, rule)
	} else {
		rule.Group.Ingress = append(rule.Group.Ingress, rule)
	}
	w.Rules = append(w.Rules, rule)
}

// matches is the addresses of the peer that the rule names, of those that it may have.
func (r *Rule) matches(m Mode, peer *Node, addrs Addrs) Addrs {
	var found Addrs
	for _, p := range r.Peers {
		switch {
		case p.Anyone && m == May,
			p.Group != nil && slices.Contains(peer.Groups, p.Group),
			p.Group != nil && peer.groupsUnknown && m == May,
			p.list != nil && p.list == peer.list && peer.list != nil:
			return addrs
		}
		found = found.Union(p.Addrs)
	}
	return found.Intersect(addrs)
}

// gate is what a node's groups let through to or from a peer's addresses.
func (n *Node) gate(m Mode, egress bool, peer *Node, addrs Addrs) region {
	if n.withoutGroups || n.groupsUnknown && m == May {
		return region{{addrs, Anything}}
	}
	var all region
	for _, g := range n.Groups {
		if g.foreign && m == May {
			return region{{addrs, Anything}}
		}
		for _, rule := range g.rules(egress) {
			all = all.add(rule.matches(m, peer, addrs), rule.Traffic(m))
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

// RulesFor is the node's rules of one direction that let some of the traffic through to
// or from the peer.
func (n *Node) RulesFor(m Mode, egress bool, peer *Node, t Traffic) []*Rule {
	var found []*Rule
	for _, g := range n.Groups {
		for _, rule := range g.rules(egress) {
			if !rule.Traffic(m).Overlaps(t) {
				continue
			}
			for _, addrs := range peer.everyAddress(m) {
				if !rule.matches(m, peer, addrs).Empty() {
					found = append(found, rule)
					break
				}
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
