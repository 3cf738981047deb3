package picture

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

const (
	typeVPC         = "aws:ec2/vpc:Vpc"
	typeSubnet      = "aws:ec2/subnet:Subnet"
	typeNAT         = "aws:ec2/natGateway:NatGateway"
	typeBalancer    = "aws:lb/loadBalancer:LoadBalancer"
	typeListener    = "aws:lb/listener:Listener"
	typeRule        = "aws:lb/listenerRule:ListenerRule"
	typeTargetGroup = "aws:lb/targetGroup:TargetGroup"
	typeServers     = "aws:autoscaling/group:Group"
	typeTemplate    = "aws:ec2/launchTemplate:LaunchTemplate"
	typeInstance    = "aws:rds/instance:Instance"
	typeCluster     = "aws:rds/cluster:Cluster"
	typeMember      = "aws:rds/clusterInstance:ClusterInstance"
	typeCertificate = "aws:acm/certificate:Certificate"
	typeAlias       = "aws:route53/record:Record"
	typeHostedZone  = "aws:route53/zone:Zone"
	typeRecord      = "cloudflare:index/record:Record"
	typeZone        = "cloudflare:index/zone:Zone"

	tagTier     = "causeway:tier"
	tagPlatform = "causeway:platform"
)

// platform is the boxes of the picture, as far as they are in the graph, in the words that all renderings use.
type platform struct {
	g *graph.Graph

	name   string
	facts  []string // region, zones, addresses, resources
	zones  []string
	vpc    *graph.Resource
	hosts  []string // names that lead to the edge, shortest first
	dns    *box
	zoned  *graph.Resource // the zone of the names, if the stack made it
	https  *box
	filter []string // what guards the edge
	bands  []band
	edge   *box
	// workers are not on a request's path.
	workers []*box
	// parties are the names of the security groups in the sentences.
	parties map[*graph.Resource]string
	said    []sentence
	panels  []panel
	columns int // of the terminal that it is drawn for
}

// box is one thing that a request passes.
type box struct {
	kind    string // browser, dns, tls, balancer, servers, database
	party   string // its name in the firewall's sentences
	title   string
	badge   string // the most important fact: a size, a port
	details []string
	groups  []*graph.Resource
	r       *graph.Resource
}

// band is one tier of subnets and what is in it.
type band struct {
	tier  string
	cells []cell // one for each zone
	boxes []*box
}

type cell struct {
	zone, cidr string
	nat        bool
}

// panel is a list beside the picture.
type panel struct {
	title string
	rows  []row
}

type row struct {
	name, value string
	state       state
}

type state int

const (
	plain state = iota
	on
	off
)

func read(g *graph.Graph) (*platform, error) {
	p := &platform{g: g, name: g.Stack}
	if err := p.identity(); err != nil {
		return nil, err
	}
	p.network()
	p.readBoxes()
	p.readFirewall()
	p.readNames()
	p.readPanels()
	return p, nil
}

// identity finds the platform's name. A picture shows only one platform.
func (p *platform) identity() error {
	names := map[string]bool{}
	resources := 0
	for _, r := range p.g.Resources {
		if name := r.Tag(tagPlatform); name != "" {
			names[name] = true
		}
		if r.Custom && !r.External && !strings.HasPrefix(r.Type, "pulumi:providers:") {
			resources++
		}
	}
	all := slices.Sorted(maps.Keys(names))
	if len(all) > 1 {
		return fmt.Errorf("drawing stack %s: it holds %d platforms (%s), and a picture shows one", p.g.Stack, len(all),
			strings.Join(all, ", "))
	}
	if len(all) == 1 {
		p.name = all[0]
	}
	p.facts = append(p.facts, count(resources, "resource", "resources"))
	return nil
}

// tiers of subnets, from the internet inwards.
var tiers = []string{"public", "web", "app", "data"}

func (p *platform) network() {
	subnets := p.g.ByType(typeSubnet)
	zones := map[string]bool{}
	for _, s := range subnets {
		if zone := s.String("availabilityZone"); zone != "" {
			zones[zone] = true
		}
	}
	p.zones = slices.Sorted(maps.Keys(zones))
	withNAT := map[*graph.Resource]bool{}
	for _, gateway := range p.g.ByType(typeNAT) {
		for _, s := range p.g.Ref(gateway, "subnetId", typeSubnet) {
			withNAT[s] = true
		}
	}
	for _, tier := range tiers {
		b := band{tier: tier}
		found := false
		for _, zone := range p.zones {
			c := cell{zone: zone}
			for _, s := range subnets {
				if s.Tag(tagTier) == tier && s.String("availabilityZone") == zone {
					c.cidr, c.nat, found = s.String("cidrBlock"), c.nat || withNAT[s], true
				}
			}
			b.cells = append(b.cells, c)
		}
		if found {
			p.bands = append(p.bands, b)
		}
	}
	if vpcs := p.g.ByType(typeVPC); len(vpcs) == 1 {
		p.vpc = vpcs[0]
		p.facts = append([]string{p.vpc.String("cidrBlock")}, p.facts...)
	}
	if len(p.zones) > 0 {
		region := strings.TrimRight(p.zones[0], "abcdefgh")
		p.facts = append([]string{region, count(len(p.zones), "zone", "zones")}, p.facts...)
	}
}

// place puts a box into the band of its tier, and makes a band if there are no subnets.
func (p *platform) place(tier string, b *box) {
	i := slices.IndexFunc(p.bands, func(band band) bool { return band.tier == tier })
	if i < 0 {
		i = slices.IndexFunc(p.bands, func(band band) bool {
			return slices.Index(tiers, band.tier) > slices.Index(tiers, tier)
		})
		if i < 0 {
			i = len(p.bands)
		}
		p.bands = slices.Insert(p.bands, i, band{tier: tier})
	}
	p.bands[i].boxes = append(p.bands[i].boxes, b)
}

func (p *platform) readBoxes() {
	if b := p.balancer("edge", "Edge load balancer"); b != nil {
		p.edge = b
		p.place("public", b)
	}
	if b := p.servers("web", "Web servers"); b != nil {
		p.place("web", b)
	}
	if b := p.balancer("internal", "Internal load balancer"); b != nil {
		p.place("app", b)
	}
	if b := p.servers("app", "Application servers"); b != nil {
		p.place("app", b)
	}
	p.workers = p.readWorkers()
	if b := p.database(); b != nil {
		p.place("data", b)
	}
}

// readFirewall names the security groups by what they are attached to. A group attached to nothing here keeps its own
// name.
func (p *platform) readFirewall() {
	parties := map[*graph.Resource]string{}
	for _, group := range p.g.ByType(typeSecurityGroup) {
		parties[group] = group.Name
	}
	for _, e := range p.g.ByType(typeEndpoint) {
		for _, group := range p.g.Ref(e, "securityGroupIds", typeSecurityGroup) {
			parties[group] = "endpoints"
		}
	}
	all := p.workers
	for _, b := range p.bands {
		all = append(all, b.boxes...)
	}
	for _, box := range all {
		for _, group := range box.groups {
			parties[group] = box.party
		}
	}
	p.parties = parties
	p.said = readFirewall(p.g, parties).sentences()
}

// ports are those that the sentences admit from one box to another, "" for none.
func (p *platform) ports(from, to *box) string {
	var ports []string
	for _, s := range p.said {
		if p.is(from, s.from) && p.is(to, s.to) && !slices.Contains(ports, s.port) {
			ports = append(ports, s.port)
		}
	}
	return strings.Join(ports, " ")
}

// is reports whether the party of a sentence is one of the box's groups.
func (p *platform) is(b *box, party string) bool {
	return slices.ContainsFunc(b.groups, func(group *graph.Resource) bool { return p.parties[group] == party })
}

// entrance is who reaches the edge from outside, and on which ports.
func (p *platform) entrance() (who, ports string) {
	if p.edge == nil {
		return "", ""
	}
	for _, s := range p.said {
		if s.entering && p.is(p.edge, s.to) {
			if who != "" && who != s.from {
				return "several", ports + " " + s.port
			}
			who, ports = s.from, strings.TrimSpace(ports+" "+s.port)
		}
	}
	return who, ports
}
