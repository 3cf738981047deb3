package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

const (
	natType      = "aws:ec2/natGateway:NatGateway"
	endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint"
	balancerType = "aws:lb/loadBalancer:LoadBalancer"
	templateType = "aws:ec2/launchTemplate:LaunchTemplate"
	clusterType  = "aws:rds/cluster:Cluster"
	memberType   = "aws:rds/clusterInstance:ClusterInstance"
)

func (w *Model) readNodes() {
	for _, r := range w.all(balancerType) {
		w.readBalancer(r)
	}
	for _, r := range w.all("aws:autoscaling/group:Group") {
		w.readServers(r)
	}
	for _, r := range w.all("aws:ec2/instance:Instance") {
		w.readInstance(r)
	}
	for _, r := range w.all("aws:rds/instance:Instance", clusterType) {
		w.readDatabase(r)
	}
	for _, r := range w.all(endpointType) {
		w.readEndpoint(r)
	}
	for _, r := range w.all(natType) {
		n := w.node(NAT, r, w.subnetsOf(r, "subnetId"))
		n.withoutGroups = true
		n.public = fact{true, true}
		if kind := r.String("connectivityType"); kind == "private" {
			n.public = fact{}
		}
	}
	w.readPublicAddresses()
	for _, n := range w.OfKind(LoadBalancer, Servers) {
		if len(n.Subnets) == 0 {
			w.problem(n.Resource, "which subnets it is in is not known", "wire it to subnets of the stack")
		}
	}
	for _, r := range w.all(memberType) {
		if cluster, _ := w.target(r, "clusterIdentifier", clusterType); cluster == nil {
			w.problem(r, "which cluster it is of is not known", "wire clusterIdentifier to a cluster of the stack")
		}
	}
}

func (w *Model) node(kind Kind, r *graph.Resource, subnets []*Subnet) *Node {
	n := &Node{Kind: kind, Name: r.Name, Resource: r, Subnets: subnets, Listens: Anything}
	if len(subnets) > 0 {
		n.VPC = subnets[0].VPC
	}
	w.nodes[r] = n
	w.Nodes = append(w.Nodes, n)
	return n
}

// orDefault gives the node the VPC's default group if it names none.
func (n *Node) orDefault() {
	if n.VPC != nil && (n.ungrouped || len(n.Groups) == 0 && !n.groupsUnknown) {
		n.Groups = append(n.Groups, n.VPC.DefaultGroup)
	}
}

func (w *Model) readBalancer(r *graph.Resource) {
	path := "subnets"
	if mappings, _ := items(inputsOf(r), "subnetMappings"); len(mappings) > 0 {
		path = "subnetMappings"
	}
	n := w.node(LoadBalancer, r, nil)
	if path == "subnets" {
		n.Subnets = w.subnetsOf(r, path)
	} else {
		n.Subnets = w.mapped(r)
	}
	if len(n.Subnets) > 0 {
		n.VPC = n.Subnets[0].VPC
	}
	internal := truth(r, "internal", false)
	n.facing = fact{may: !internal.must, must: !internal.may}
	family, _ := r.Get("ipAddressType")
	dual := strings.HasPrefix(r.String("ipAddressType"), "dualstack")
	n.ipv6 = fact{may: dual || isUnknown(family), must: dual}
	if n.public = n.facing; r.String("ipAddressType") == "dualstack-without-public-ipv4" {
		n.public = fact{}
	}
	w.groupsOf(r, "securityGroups", n)
	if kind, _ := r.Get("loadBalancerType"); isUnknown(kind) {
		w.problem(r, "whether it is an application or a network load balancer is not known", "write its loadBalancerType")
	}
	switch r.String("loadBalancerType") {
	case "application", "":
		n.orDefault()
	case "network":
		// A load balancer that is made without groups can never get any.
		n.withoutGroups = len(n.Groups) == 0 && !n.groupsUnknown
		n.passesSourceIP = true
	default:
		w.problem(r, "a load balancer of type "+r.String("loadBalancerType")+" is not modelled",
			"use an application or a network load balancer")
	}
}

func (w *Model) mapped(r *graph.Resource) []*Subnet {
	mappings, unknown := items(r, "subnetMappings")
	if unknown {
		w.problem(r, "its subnets are not known", "wire them to subnets of the stack, or verify what is deployed")
	}
	var found []*Subnet
	for i := range mappings {
		found = append(found, w.subnetsOf(r, index("subnetMappings", i, "subnetId"))...)
	}
	return found
}

// readServers reads an Auto Scaling group, whose servers are as its template says.
func (w *Model) readServers(r *graph.Resource) {
	n := w.node(Servers, r, w.subnetsOf(r, "vpcZoneIdentifiers"))
	if value, ok := inputsOf(r).Get("launchConfiguration"); ok && value != nil && value != "" {
		w.problem(r, "it launches by a launch configuration, which is not modelled", "use a launch template")
	}
	w.launchedFrom(n, "launchTemplate")
	if policy, unknown := items(inputsOf(r), "mixedInstancesPolicy"); len(policy) > 0 || unknown {
		w.launchedFrom(n, "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification")
		overrides, hidden := items(inputsOf(r), "mixedInstancesPolicy.launchTemplate.overrides")
		if unknown || hidden {
			w.problem(r, "what its mixedInstancesPolicy launches is not known", "write it, or verify what is deployed")
		}
		for i := range overrides {
			w.launchedFrom(n, fmt.Sprintf("mixedInstancesPolicy.launchTemplate.overrides[%d].launchTemplateSpecification", i))
		}
	}
	if n.Template == nil {
		w.problem(r, "which template its servers are launched from is not known", "wire launchTemplate to a template of the stack")
	}
	w.addressed(n)
	n.orDefault()
}

// launchedFrom reads the template that a specification names, if it names any.
func (w *Model) launchedFrom(n *Node, path string) {
	asked := inputsOf(n.Resource)
	for _, key := range []string{"id", "name", "launchTemplateId", "launchTemplateName"} {
		value, ok := asked.Get(path + "." + key)
		if !ok || value == nil || value == "" {
			continue
		}
		template, _ := w.target(n.Resource, path+"."+key, templateType)
		if template == nil {
			w.problem(n.Resource,
				path+"."+key+" names a template that is not of this stack, so that its groups and addresses are not known",
				"wire it to a template of the stack")
			continue
		}
		if n.Template == nil {
			n.Template = template
		}
		w.readTemplate(n, template)
		w.readVersion(n.Resource, path+".version", template)
	}
}

// readVersion reports servers that are launched from another version of the template than the stack declares: the graph
// does not have that one. If none is named, it is the default version.
func (w *Model) readVersion(r *graph.Resource, path string, template *graph.Resource) {
	latest, known := template.Int("latestVersion")
	wanted, ok := inputsOf(r).Get(path)
	if !known || ok && (isUnknown(wanted) || wanted == "$Latest") {
		return
	}
	version, isNumber := inputsOf(r).Int(path)
	if text, isText := wanted.(string); !ok || wanted == nil || isText && (text == "" || text == "$Default") {
		version, isNumber = template.Int("defaultVersion")
	}
	switch {
	case isNumber && version != latest:
		w.problem(r, fmt.Sprintf("it launches version %d of %s, and what is known is version %d", version, template.Name, latest),
			"launch the template's latestVersion")
	case !isNumber:
		w.problem(r, fmt.Sprintf("which version of %s it launches is not known", template.Name), "launch the template's latestVersion")
	}
}

func (w *Model) readTemplate(n *Node, template *graph.Resource) {
	w.groupsOf(template, "vpcSecurityGroupIds", n)
	if list, unknown := texts(inputsOf(template), "securityGroupNames"); len(list) > 0 || unknown {
		w.problem(template, "it names its groups in securityGroupNames, which is for a network that AWS makes by default",
			"name them in vpcSecurityGroupIds")
	}
	w.interfaces(n, template, "networkInterfaces")
}

// interfaces reads a template's network interfaces: if it has any, they carry the groups and the public address. One that
// names no group gets the VPC's default one.
func (w *Model) interfaces(n *Node, r *graph.Resource, path string) {
	list, unknown := items(r, path)
	if unknown {
		w.problem(r, "its network interfaces are not known", "write them, or verify what is deployed")
	}
	n.unasked = n.unasked || len(list) == 0
	for i, one := range list {
		n.ungrouped = n.ungrouped || one["securityGroups"] == nil || isEmptyList(one["securityGroups"])
		w.groupsOf(r, index(path, i, "securityGroups"), n)
		for _, s := range w.subnetsOf(r, index(path, i, "subnetId")) {
			if !slices.Contains(n.Subnets, s) {
				n.Subnets = append(n.Subnets, s)
			}
		}
		if one["networkInterfaceId"] != nil && one["networkInterfaceId"] != "" {
			w.problem(r, "it uses a network interface that is made elsewhere, which is not modelled", "let the launch make the interface")
		}
		asked := truthOr(r, index(path, i, "associatePublicIpAddress"), nil)
		n.unasked = n.unasked || asked == nil
		n.widen(asked)
		for _, key := range []string{"ipv6AddressCount", "ipv6Addresses", "ipv6PrefixCount", "ipv6Prefixes"} {
			n.widen6(r, index(path, i, key))
		}
	}
}

// widen adds one more way by which the node may have a public address.
func (n *Node) widen(asked *fact) {
	if asked != nil {
		n.public.may, n.public.must = n.public.may || asked.may, n.public.must || asked.must
	}
}

func (n *Node) widen6(r *graph.Resource, path string) {
	switch value, _ := r.Get(path); v := value.(type) {
	case nil:
	case float64:
		n.ipv6.may, n.ipv6.must = n.ipv6.may || v > 0, n.ipv6.must || v > 0
	case []any:
		n.ipv6.may, n.ipv6.must = n.ipv6.may || len(v) > 0, n.ipv6.must || len(v) > 0
	default:
		n.ipv6.may = true
	}
}

// truthOr is a setting that may be unset, or the text "" or "true".
func truthOr(r *graph.Resource, path string, unset *fact) *fact {
	value, ok := r.Get(path)
	if !ok || value == nil || value == "" {
		return unset
	}
	f := truth(r, path, false)
	return &f
}

// addressed adds the addresses that subnets hand out to whatever asks for nothing.
func (w *Model) addressed(n *Node) {
	for _, s := range n.Subnets {
		if n.unasked {
			n.public.may, n.public.must = n.public.may || s.mapsPublic.may, n.public.must || s.mapsPublic.must
		}
		n.ipv6.may, n.ipv6.must = n.ipv6.may || s.assignsV6.may, n.ipv6.must || s.assignsV6.must
	}
	if n.VPC == nil && len(n.Subnets) > 0 {
		n.VPC = n.Subnets[0].VPC
	}
}

func (w *Model) readInstance(r *graph.Resource) {
	n := w.node(Instance, r, w.subnetsOf(r, "subnetId"))
	if list, unknown := items(inputsOf(r), "networkInterfaces"); len(list) > 0 || unknown {
		w.problem(r, "it uses a network interface that is made elsewhere, which is not modelled", "let the launch make the interface")
	}
	w.launchedFrom(n, "launchTemplate")
	w.groupsOf(r, "vpcSecurityGroupIds", n)
	asked := truthOr(inputsOf(r), "associatePublicIpAddress", nil)
	if n.widen(asked); asked != nil {
		n.unasked = false
	} else if n.Template == nil {
		n.unasked = true
	}
	if address, _ := r.Outputs["publicIp"].(string); address != "" {
		n.public = fact{true, true} // however it came by it
	}
	for _, key := range []string{"ipv6AddressCount", "ipv6Addresses"} {
		n.widen6(r, key)
	}
	if list, unknown := texts(inputsOf(r), "securityGroups"); len(list) > 0 || unknown {
		w.problem(r, "it names its groups in securityGroups, which is for a network that AWS makes by default",
			"name them in vpcSecurityGroupIds")
	}
	if len(n.Subnets) == 0 {
		w.problem(r, "which subnet it is in is not known", "wire subnetId to a subnet of the stack")
	}
	w.addressed(n)
	n.orDefault()
}

func (w *Model) readDatabase(r *graph.Resource) {
	var subnets []*Subnet
	for _, group := range w.Graph.Ref(r, "dbSubnetGroupName", "aws:rds/subnetGroup:SubnetGroup") {
		subnets = append(subnets, w.subnetsOf(group, "subnetIds")...)
	}
	n := w.node(Database, r, subnets)
	if len(subnets) == 0 {
		w.problem(r, "which subnets it is in is not known", "wire dbSubnetGroupName to a subnet group of the stack")
	}
	w.groupsOf(r, "vpcSecurityGroupIds", n)
	n.orDefault()
	n.public = truth(r, "publiclyAccessible", false)
	for _, member := range w.all(memberType) {
		if slices.Contains(w.Graph.Ref(member, "clusterIdentifier"), r) {
			more := truth(member, "publiclyAccessible", false)
			n.public.may, n.public.must = n.public.may || more.may, n.public.must || more.must
		}
	}
	dual := r.String("networkType") == "DUAL"
	family, _ := r.Get("networkType")
	n.ipv6 = fact{dual || isUnknown(family), dual}
	port, known := r.Int("port")
	if value, asked := r.Get("port"); !asked || value == nil {
		port = int(defaultPort(r.String("engine")))
		known = port > 0
	}
	if n.Listens, n.portUnknown = Anything, !known; known {
		n.Listens = TCP(Port(port))
	}
}

// defaultPort is an engine's port if none is asked for (AWS, RDS user guide); 0 if it is not known, as for a replica,
// whose engine is its source's.
func defaultPort(engine string) Port {
	switch {
	case strings.Contains(engine, "postgres"):
		return 5432
	case strings.HasPrefix(engine, "oracle"):
		return 1521
	case strings.HasPrefix(engine, "sqlserver"):
		return 1433
	case strings.HasPrefix(engine, "db2"):
		return 50000
	case strings.Contains(engine, "mysql"), engine == "mariadb", engine == "aurora":
		return 3306
	}
	return 0
}

// readPublicAddresses gives elastic addresses to the instances that have them.
func (w *Model) readPublicAddresses() {
	give := func(r *graph.Resource, path string) {
		value, ok := inputsOf(r).Get(path)
		if !ok || value == nil || value == "" {
			return
		}
		for _, named := range w.Graph.Resolve(r, path).Resources {
			if n := w.nodes[named]; n != nil {
				n.public = fact{true, true}
				return
			}
		}
		w.problem(r, "what the elastic address is for is not modelled", "give it to an instance or a NAT gateway of the stack")
	}
	for _, r := range w.all("aws:ec2/eip:Eip") {
		give(r, "instance")
		give(r, "networkInterface")
		w.givenByHand(r)
	}
	for _, r := range w.all("aws:ec2/eipAssociation:EipAssociation") {
		give(r, "instanceId")
		give(r, "networkInterfaceId")
	}
}

// givenByHand reports an elastic address that, according to the cloud, an instance has although the stack does not give
// it to one.
func (w *Model) givenByHand(r *graph.Resource) {
	instance, _ := r.Outputs["instance"].(string)
	if instance == "" || instance == r.Inputs["instance"] {
		return
	}
	for _, a := range w.all("aws:ec2/eipAssociation:EipAssociation") {
		if slices.Contains(w.Graph.Ref(a, "allocationId"), r) || a.Inputs["publicIp"] == r.Outputs["publicIp"] {
			return
		}
	}
	if named := w.Graph.ByIdentity(instance); len(named) > 0 && w.nodes[named[0]] != nil {
		w.nodes[named[0]].public = fact{true, true}
	}
	w.problem(r, "the cloud's last answer has it at the instance "+instance+", where the stack does not put it", byHand)
}
