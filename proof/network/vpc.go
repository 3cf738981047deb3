package network

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// VPC is a network. Resource is nil if it is not in this stack.
type VPC struct {
	Resource *graph.Resource
	ID       string
	// V4 and V6 are its addresses, as far as they are known.
	V4, V6  Addrs
	Subnets []*Subnet
	// Gateway is its internet gateway, nil if it has none.
	Gateway *graph.Resource
	// Main is its main route table, DefaultACL and DefaultGroup those that AWS makes.
	Main         *Table
	DefaultACL   *ACL
	DefaultGroup *Group
}

// foreign says that others may have put something into it that is not in the stack.
func (v *VPC) foreign() bool { return v.Resource == nil || v.Resource.External }

// Name is what a person calls it.
func (v *VPC) Name() string {
	if v.Resource == nil {
		return v.ID
	}
	return v.Resource.Name
}

// Subnet is a subnet. Zone is "" if it is not known.
type Subnet struct {
	Resource *graph.Resource
	VPC      *VPC
	V4, V6   Addrs
	Zone     string
	Table    *Table
	ACL      *ACL
	// Associated says that its route table is named, rather than the main one by default.
	Associated bool

	mapsPublic, assignsV6 fact
}

const (
	vpcType    = "aws:ec2/vpc:Vpc"
	subnetType = "aws:ec2/subnet:Subnet"
)

// target is the one resource, or the id of one outside, that a property names. It is the URN if there is one, otherwise
// the id; "" if neither is known, or if it is not known which of several is meant.
func (w *Model) target(r *graph.Resource, path string, types ...string) (*graph.Resource, string) {
	res := w.Graph.Resolve(r, path)
	var candidates []*graph.Resource
	for _, found := range res.Resources {
		if slices.Contains(types, canonical(found.Type)) {
			candidates = append(candidates, found)
		}
	}
	value, _ := r.Get(path)
	switch {
	case len(candidates) > 1 && isUnknown(value):
		return nil, ""
	case len(candidates) > 0:
		return candidates[0], candidates[0].URN
	case len(res.Outside) > 0:
		return nil, res.Outside[0]
	}
	return nil, ""
}

func (w *Model) readVPCs() {
	for _, r := range w.all(vpcType) {
		v := &VPC{Resource: r, ID: r.ID}
		var unknown bool
		v.V4, unknown = prefixesAt(r, "cidrBlock")
		if unknown || v.V4.Empty() {
			w.problem(r, "the addresses of the VPC are not known", "write its cidrBlock, or verify what is deployed")
		}
		w.vpcs[r.URN] = v
		w.VPCs = append(w.VPCs, v)
	}
	for _, r := range w.all("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation") {
		more, unknown := prefixesAt(r, "cidrBlock")
		if v := w.vpcOf(r, "vpcId"); v != nil && !unknown {
			v.V4 = v.V4.Union(more)
		} else {
			w.problem(r, "the addresses that it adds to a VPC are not known", "write its cidrBlock, or verify what is deployed")
		}
	}
	for _, r := range w.all("aws:ec2/internetGateway:InternetGateway") {
		w.attach(r, w.vpcOf(r, "vpcId"))
	}
	for _, r := range w.all("aws:ec2/internetGatewayAttachment:InternetGatewayAttachment") {
		gateway, _ := w.target(r, "internetGatewayId", "aws:ec2/internetGateway:InternetGateway")
		if gateway == nil {
			gateway = r
		}
		w.attach(gateway, w.vpcOf(r, "vpcId"))
	}
}

func (w *Model) attach(gateway *graph.Resource, v *VPC) {
	if v != nil {
		v.Gateway, w.igws[gateway] = gateway, v
	}
}

// vpcOf is the VPC that a property names, created on demand if it is not in this stack.
func (w *Model) vpcOf(r *graph.Resource, path string) *VPC {
	_, key := w.target(r, path, vpcType)
	if key == "" {
		return nil
	}
	v := w.vpcs[key]
	if v == nil {
		v = w.bearer(key)
	}
	if v == nil {
		v = &VPC{ID: key}
		w.vpcs[key] = v
		w.VPCs = append(w.VPCs, v)
	}
	return v
}

// bearer is the VPC that came with the table, ACL or group of that id, nil if it is not known.
func (w *Model) bearer(id string) *VPC {
	for _, v := range w.VPCs {
		if v.Resource == nil {
			continue
		}
		for _, path := range []string{"mainRouteTableId", "defaultRouteTableId", "defaultNetworkAclId", "defaultSecurityGroupId"} {
			if id != "" && v.Resource.String(path) == id {
				return v
			}
		}
	}
	return nil
}

func (w *Model) readSubnets() {
	for _, r := range w.all(subnetType) {
		v := w.vpcOf(r, "vpcId")
		if v == nil {
			w.problem(r, "the VPC of the subnet is not known", "wire its vpcId to a VPC, or verify what is deployed")
			continue
		}
		if v.foreign() {
			w.problem(r, "its VPC is not of this stack, so that what else is in it is not known", "verify the stack that holds the network")
		}
		s := &Subnet{
			Resource: r, VPC: v, Zone: cmp.Or(r.String("availabilityZone"), r.String("availabilityZoneId")),
			mapsPublic: truth(r, "mapPublicIpOnLaunch", false), assignsV6: truth(r, "assignIpv6AddressOnCreation", false),
		}
		var unknown bool
		if s.V4, unknown = prefixesAt(r, "cidrBlock"); unknown || s.V4.Empty() {
			s.V4 = v.V4
		}
		v.V4 = v.V4.Union(s.V4)
		if native := truth(r, "ipv6Native", false); native.must {
			s.V4 = nil
		}
		if s.V6, unknown = prefixesAt(r, "ipv6CidrBlock"); unknown {
			s.V6 = Internet6
		} else {
			v.V6 = v.V6.Union(s.V6)
		}
		v.Subnets = append(v.Subnets, s)
		w.subnets[r.URN] = s
	}
}

// subnetsOf is the subnets that a property names; unknown ones are a problem.
func (w *Model) subnetsOf(r *graph.Resource, path string) []*Subnet {
	res := w.Graph.Resolve(r, path)
	var found []*Subnet
	for _, named := range res.Resources {
		if s := w.subnets[named.URN]; s != nil && !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	value, _ := r.Get(path)
	if len(res.Outside) > 0 {
		w.problem(r, fmt.Sprintf("%s names %s, which is no subnet of this stack, so that its routes and ACL are not known", path,
			strings.Join(res.Outside, ", ")),
			"verify a stack that holds its own subnets")
	} else if res.Undecided || len(found) < elements(value) {
		w.problem(r, path+" is not known", "wire it to subnets of the stack, or verify what is deployed")
	}
	return found
}

// elements is how many different things a value names, as far as can be told: each unknown one may be another.
func elements(value any) int {
	switch v := value.(type) {
	case nil:
		return 0
	case string:
		return min(len(v), 1)
	case []any:
		known, count := map[any]bool{}, 0
		for _, element := range v {
			if text, ok := element.(string); !ok {
				count++
			} else if !known[text] {
				known[text] = true
				count++
			}
		}
		return count
	}
	return 1
}

// prefixList is a named set of prefixes.
type prefixList struct {
	resource *graph.Resource
	addrs    Addrs
	unknown  bool  // may be any
	service  *Node // the gateway endpoint whose list it is
}

func (w *Model) readLists() {
	for _, r := range w.all("aws:ec2/managedPrefixList:ManagedPrefixList") {
		l := &prefixList{resource: r}
		entries, unknown := items(r, "entries")
		l.unknown = unknown
		for _, entry := range entries {
			w.entry(l, entry["cidr"])
		}
		w.lists[r.URN] = l
		if r.ID != "" {
			w.lists[r.ID] = l
		}
	}
	for _, r := range w.all("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry") {
		if _, key := w.target(r, "prefixListId", "aws:ec2/managedPrefixList:ManagedPrefixList"); w.lists[key] != nil {
			cidr, _ := r.Get("cidr")
			w.entry(w.lists[key], cidr)
		} else if key == "" {
			w.problem(r, "which prefix list the entry is in is not known", "wire prefixListId to a prefix list of the stack")
		}
	}
}

func (w *Model) entry(l *prefixList, cidr any) {
	values, unknown := textsOf(cidr)
	addrs, any := prefixes(values, unknown)
	l.addrs, l.unknown = l.addrs.Union(addrs), l.unknown || any
}

// listOf is the prefix list that a property names; an unknown one may be any.
func (w *Model) listOf(r *graph.Resource, path string) *prefixList {
	return w.listFor(w.target(r, path, "aws:ec2/managedPrefixList:ManagedPrefixList", endpointType))
}

func (w *Model) listFor(_ *graph.Resource, key string) *prefixList {
	if l := w.lists[key]; l != nil {
		return l
	}
	return &prefixList{unknown: true}
}

func (l *prefixList) in(m Mode) Addrs {
	switch {
	case m == Must:
		return l.addrs
	case l.unknown:
		return everywhere
	}
	return l.addrs
}

// readOptions reads what is set for whole networks: who answers names in them, and whether their internet gateways are
// shut.
func (w *Model) readOptions() {
	for _, r := range w.all("aws:ec2/vpcDhcpOptions:VpcDhcpOptions") {
		servers, unknown := texts(r, "domainNameServers")
		if unknown || slices.ContainsFunc(servers, func(s string) bool { return s != "AmazonProvidedDNS" }) {
			w.problem(r,
				"names are asked of "+cmp.Or(strings.Join(servers, ", "), "servers that are not known")+", who may lead them anywhere",
				`write domainNameServers ["AmazonProvidedDNS"]`)
		}
	}
	for _, r := range w.all("aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation") {
		if options, id := w.target(r, "dhcpOptionsId", "aws:ec2/vpcDhcpOptions:VpcDhcpOptions"); options == nil && id != "default" {
			w.problem(r, "whom its DHCP options have names asked of is not known", "wire dhcpOptionsId to options of the stack")
		}
	}
	for _, r := range w.all("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions") {
		w.barred = w.barred || r.String("internetGatewayBlockMode") != "off"
	}
}
