package network

import (
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// ofAWS is the name of a service that AWS itself runs (AWS, PrivateLink, services that integrate): other people's
// endpoint services end in vpce-svc- and an id.
var ofAWS = regexp.MustCompile(`^(cn\.)?(com\.amazonaws|aws)\.[a-z0-9.-]+$`)

func (w *Model) readEndpoint(r *graph.Resource) {
	name, named := r.Get("serviceName")
	if text, _ := name.(string); named && (!ofAWS.MatchString(text) || strings.Contains(text, "vpce-svc-")) {
		w.problem(r, "it leads to a service that is not AWS's own, and who runs it is not known",
			"name a service of AWS, such as com.amazonaws.eu-west-1.s3")
	}
	switch r.String("vpcEndpointType") {
	case "Interface":
		subnets := w.subnetsOf(r, "subnetIds")
		configured, _ := items(inputsOf(r), "subnetConfigurations")
		for i := range configured {
			subnets = append(subnets, w.subnetsOf(r, index("subnetConfigurations", i, "subnetId"))...)
		}
		n := w.node(Endpoint, r, subnets)
		for _, other := range w.OfKind(Endpoint) {
			if other != n && other.VPC == n.VPC && named && other.Resource.String("serviceName") == name && answers(r) &&
				answers(other.Resource) {
				w.problem(r, "it and "+other.Name+" answer for the same name, which AWS refuses", "keep one endpoint for each service")
			}
		}
		w.groupsOf(r, "securityGroupIds", n)
		n.orDefault()
		family := r.String("ipAddressType")
		n.ipv6 = fact{family == "dualstack" || family == "ipv6", family == "dualstack" || family == "ipv6"}
	case "Gateway", "":
		if text, _ := name.(string); named && text != "" && !strings.HasSuffix(text, ".s3") && !strings.HasSuffix(text, ".dynamodb") {
			w.problem(r, "there is no gateway endpoint for "+text, "set vpcEndpointType to Interface")
		}
		n := w.node(Service, r, nil)
		n.withoutGroups = true
		n.VPC = w.vpcOf(r, "vpcId")
		addrs, unknown := prefixesAt(r, "cidrBlocks")
		n.addrs, n.list = addrs, &prefixList{resource: r, addrs: addrs, unknown: unknown || addrs.Empty(), service: n}
		w.lists[r.URN] = n.list
		if id := r.String("prefixListId"); id != "" {
			w.lists[id] = n.list
		}
		w.endpointTables(r, "routeTableIds", n)
		for _, a := range w.all("aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation") {
			if slices.Contains(w.Graph.Ref(a, "vpcEndpointId"), r) {
				w.endpointTables(a, "routeTableId", n)
			}
		}
	default:
		w.problem(r, "an endpoint of type "+r.String("vpcEndpointType")+" is not modelled", "use interface and gateway endpoints")
	}
}

// answers says that the endpoint answers for its service's own name.
func answers(r *graph.Resource) bool {
	private, _ := r.Bool("privateDnsEnabled")
	return private
}

func (w *Model) endpointTables(r *graph.Resource, path string, n *Node) {
	value, ok := inputsOf(r).Get(path)
	if !ok || value == nil {
		return
	}
	res := w.Graph.Resolve(r, path)
	found := 0
	add := func(t *Table) {
		if t != nil {
			found++
			n.tables = append(n.tables, t)
		}
	}
	for _, named := range res.Resources {
		if v := w.vpcs[named.URN]; v != nil {
			add(v.Main)
		} else {
			add(w.tables[named.URN])
		}
	}
	for _, id := range res.Outside {
		if v := w.bearer(id); v != nil {
			add(v.Main)
		}
	}
	if found < elements(value) {
		w.problem(r, "which route tables lead to the endpoint is not known", "wire "+path+" to route tables of the stack")
	}
}
