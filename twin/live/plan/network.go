package plan

import (
	"net/netip"
	"slices"
)

// Network is the VPC.
type Network struct {
	ID          string          `json:"id"`
	CIDRs       []netip.Prefix  `json:"cidrs"` // IPv4 and IPv6
	Resolver    netip.Addr      `json:"resolver"`
	Subnets     []Subnet        `json:"subnets"`
	RouteTables []RouteTable    `json:"routeTables"`
	ACLs        []ACL           `json:"acls"`
	Groups      []SecurityGroup `json:"groups"`
	FlowLogs    []FlowLog       `json:"flowLogs,omitempty"`
}

// Gone says whether an interface is in a lost zone.
func (p *Plan) Gone(i *Interface) bool {
	s := p.Network.Subnet(i.Subnet)
	return s != nil && slices.Contains(p.Lost, s.Zone)
}

// Subnet is one, with the route table and ACL that apply to it, also if these are the VPC's main ones.
type Subnet struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Zone       string       `json:"zone"`
	CIDR       netip.Prefix `json:"cidr"`
	CIDR6      netip.Prefix `json:"cidr6,omitzero"`
	RouteTable string       `json:"routeTable"`
	ACL        string       `json:"acl"`
}

// RouteTable is one without its local routes: within the VPC every packet finds its way.
type RouteTable struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Routes []Route `json:"routes,omitempty"`
}

// Via says what a route leads through.
type Via string

// What a route may lead through.
const (
	ViaInternet   Via = "internet"   // an internet gateway
	ViaEgressOnly Via = "egressOnly" // an egress-only internet gateway, for IPv6
	ViaNAT        Via = "nat"        // Route.Target is the NAT gateway's id
	ViaEndpoint   Via = "endpoint"   // a gateway endpoint; Route.Target is its id
	ViaNothing    Via = "nothing"    // the target is gone: a black hole
)

// Route is one; of several that match, the longest prefix applies.
type Route struct {
	To     netip.Prefix `json:"to"`
	Via    Via          `json:"via"`
	Target string       `json:"target,omitempty"`
}

// SecurityGroup is one with its rules as they are deployed.
type SecurityGroup struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Ingress []Rule `json:"ingress,omitempty"`
	Egress  []Rule `json:"egress,omitempty"`
}

// Rule is a security group's: what it lets pass. Exactly one of Prefixes and Group says to or from whom.
type Rule struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`     // of the resource that declares it
	Protocol string         `json:"protocol"` // tcp, udp, icmp, icmpv6, a number, or -1 for all
	From     int            `json:"from"`     // ports, inclusive; for icmp the type, -1 for all
	To       int            `json:"to"`       // for icmp the code, -1 for all
	Prefixes []netip.Prefix `json:"prefixes,omitempty"`
	List     string         `json:"list,omitempty"` // the prefix list that Prefixes come from
	Group    string         `json:"group,omitempty"`
}

// ACL is a network ACL. Its rules are sorted by number and the first that matches decides. What none matches is refused.
type ACL struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Ingress []ACLRule `json:"ingress,omitempty"`
	Egress  []ACLRule `json:"egress,omitempty"`
}

// ACLRule is one. From and To are ports as in Rule.
type ACLRule struct {
	Number   int          `json:"number"`
	Name     string       `json:"name,omitempty"`
	Allow    bool         `json:"allow,omitempty"`
	Protocol string       `json:"protocol"`
	Prefix   netip.Prefix `json:"prefix"`
	From     int          `json:"from"`
	To       int          `json:"to"`
}

// FlowLog says where records of the VPC's flows go.
type FlowLog struct {
	ID          string `json:"id"`
	Traffic     string `json:"traffic"`     // ACCEPT, REJECT or ALL
	Destination string `json:"destination"` // ARN of a log group or bucket
	Interval    int    `json:"interval"`    // seconds of aggregation
}
