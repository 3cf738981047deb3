// Package names answers DNS questions as the clouds do: on the internet, for the public zones and AWS's own names, and at
// VPC+2 for private zones and endpoints as well.
package names

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Seconds for which AWS's own names may be cached (ELB user guide, "Routing"; RDS user guide, "Failing over").
const (
	balancerTTL = 60
	databaseTTL = 5
	awsTTL      = 60
	proxiedTTL  = 300
)

// host is a name that stands for addresses, such as a load balancer's.
type host struct {
	addresses []netip.Addr
	ttl       uint32
}

// zone is a zone with its records by name.
type zone struct {
	name    string // fully qualified, like all names here
	side    string // private or public
	records map[string][]dns.RR
	aliases map[string]alias
	signer  *signer
}

// alias answers with another name's addresses as if they were its own.
type alias struct {
	to    string
	ttl   uint32
	types []uint16
}

// directory is everything that one side of the world can resolve. It never changes: a new plan makes a new one.
type directory struct {
	zones []*zone // the longest names first, and private ones before public ones of the same name
	hosts map[string]host
}

// view is the side of the world that asks.
type view struct {
	inside    bool            // from the VPC, where private zones and endpoints are visible
	withdrawn map[string]bool // nodes that no name leads to
	signers   *signers
}

func newDirectory(p *plan.Plan, v view) (*directory, error) {
	d := &directory{hosts: map[string]host{}}
	d.addBalancers(p, v)
	d.addDatabases(p, v)
	d.addServices(p, v)
	for i := range p.Zones {
		z := &p.Zones[i]
		if z.Private && !v.inside || !z.Private && !z.Served {
			continue
		}
		if err := d.addZone(p, z, v); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(d.zones, func(a, b *zone) int {
		return cmp.Or(dns.CountLabel(b.name)-dns.CountLabel(a.name), strings.Compare(a.side, b.side))
	})
	return d, nil
}

// addBalancers adds both kinds: inside the VPC an internet-facing load balancer still resolves to its public addresses,
// and on the internet an internal one to its private addresses (ELB user guide, "Load balancer scheme").
func (d *directory) addBalancers(p *plan.Plan, v view) {
	for _, b := range p.Balancers {
		d.hosts[dns.CanonicalName(b.DNSName)] = host{v.addresses(p, p.Playing(b.ARN), !b.Internal), balancerTTL}
	}
	edges := slices.DeleteFunc(slices.Clone(p.Nodes), func(n plan.Node) bool { return n.Kind != plan.KindEdge })
	var all []*plan.Node
	for i := range edges {
		all = append(all, &edges[i])
	}
	d.hosts[edgeName] = host{v.addresses(p, all, false), proxiedTTL}
}

// addresses are those of the nodes that a name leads to.
func (v view) addresses(p *plan.Plan, nodes []*plan.Node, public bool) (out []netip.Addr) {
	for _, n := range standing(nodes, func(n *plan.Node) bool { return v.withdrawn[n.Name] || p.Gone(&n.Interfaces[0]) }) {
		for _, i := range n.Interfaces {
			own := i.All()
			if public && i.Public.IsValid() {
				own[0] = i.Public
			}
			out = append(out, own...)
		}
	}
	return out
}

// standing are those that are not gone or, if all are, all.
func standing[T any](all []T, gone func(T) bool) []T {
	if some := slices.DeleteFunc(slices.Clone(all), gone); len(some) > 0 {
		return some
	}
	return all
}

// addDatabases adds databases' names, which stand for where each runs now, and a cluster's reader name for its other
// instances.
func (d *directory) addDatabases(p *plan.Plan, v view) {
	for _, db := range p.Databases {
		var writer, readers []netip.Addr
		for _, n := range p.Playing(db.ARN) {
			if n.Zone == db.Zone {
				writer = append(writer, n.Address())
			} else if !p.Gone(&n.Interfaces[0]) {
				readers = append(readers, n.Address())
			}
		}
		if len(readers) == 0 {
			readers = writer
		}
		d.hosts[dns.CanonicalName(db.Host)] = host{writer, databaseTTL}
		if db.Readers != "" {
			d.hosts[dns.CanonicalName(db.Readers)] = host{readers, databaseTTL}
		}
	}
}

func (d *directory) addServices(p *plan.Plan, v view) {
	for _, s := range p.Cloud.Services {
		d.addService(s, s.Addresses)
	}
	if !v.inside {
		return
	}
	for _, e := range p.Cloud.Endpoints {
		var own []plan.Interface
		for _, n := range p.Nodes {
			own = append(own, slices.DeleteFunc(slices.Clone(n.Interfaces), func(i plan.Interface) bool { return i.Endpoint != e.ID })...)
		}
		var addresses []netip.Addr
		for _, i := range standing(own, func(i plan.Interface) bool { return p.Gone(&i) }) {
			addresses = append(addresses, i.Address)
		}
		if e.Gateway || len(addresses) == 0 {
			continue
		}
		for _, name := range e.Names {
			d.hosts[dns.CanonicalName(name)] = host{addresses, awsTTL}
		}
		for _, s := range p.Cloud.Services {
			if e.PrivateDNS && s.Name == e.Service && !s.Abroad {
				d.addService(s, addresses)
			}
		}
	}
}

// addService adds a service's names.
func (d *directory) addService(s plan.Service, addresses []netip.Addr) {
	name := dns.CanonicalName(s.Host)
	d.hosts[name] = host{addresses, awsTTL}
	if s.Below() {
		d.hosts["*."+name] = host{addresses, awsTTL}
	}
}

func (d *directory) addZone(p *plan.Plan, z *plan.Zone, v view) error {
	out := &zone{name: dns.CanonicalName(z.Name), side: "public", records: map[string][]dns.RR{}, aliases: map[string]alias{}}
	if z.Private {
		out.side = "private"
	}
	if z.DNSSEC && v.signers != nil {
		s, err := v.signers.of(out.name)
		if err != nil {
			return fmt.Errorf("signing %s: %w", z.Name, err)
		}
		out.signer = s
	}
	servers := z.Servers
	if len(servers) == 0 {
		servers = []string{"ns." + z.Name}
	}
	own := []plan.Record{
		{Name: z.Name, Type: "SOA", TTL: 900, Values: []string{fmt.Sprintf("%s hostmaster.%s 1 7200 900 1209600 300",
			dns.Fqdn(servers[0]), dns.Fqdn(z.Name))}},
		{Name: z.Name, Type: "NS", TTL: 86400, Values: fqdns(servers)},
	}
	for _, r := range append(own, z.Records...) {
		if err := out.add(r, z.At); err != nil {
			return fmt.Errorf("reading the record %s %s: %w", r.Name, r.Type, err)
		}
	}
	d.zones = append(d.zones, out)
	return nil
}

func fqdns(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = dns.Fqdn(n)
	}
	return out
}

func (z *zone) add(r plan.Record, at string) error {
	name := dns.CanonicalName(r.Name)
	if name == z.name && (r.Type == "SOA" || r.Type == "NS") && z.has(name, r.Type) {
		return nil // the zone's own are there
	}
	switch {
	case r.Proxied:
		z.aliases[name] = alias{edgeName, proxiedTTL, []uint16{dns.TypeA, dns.TypeAAAA}}
		return nil
	case r.Alias != "":
		a := z.aliases[name]
		a.to, a.ttl = dns.CanonicalName(r.Alias), balancerTTL
		a.types = append(a.types, dns.StringToType[r.Type])
		z.aliases[name] = a
		return nil
	case r.Type == "CNAME" && name == z.name && at == "cloudflare" && len(r.Values) == 1:
		// Cloudflare answers with the addresses themselves at a zone's own name (DNS docs, "CNAME flattening").
		z.aliases[name] = alias{dns.CanonicalName(r.Values[0]), ttl(r), []uint16{dns.TypeA, dns.TypeAAAA}}
		return nil
	}
	for _, value := range r.Values {
		if r.Type == "CNAME" || r.Type == "NS" {
			value = dns.Fqdn(value)
		}
		rr, err := dns.NewRR(fmt.Sprintf("%s %d IN %s %s", name, ttl(r), r.Type, value))
		if err != nil {
			return err
		}
		if rr != nil {
			z.records[name] = append(z.records[name], rr)
		}
	}
	return nil
}

func (z *zone) has(name, typ string) bool {
	return slices.ContainsFunc(z.records[name], func(rr dns.RR) bool { return rr.Header().Rrtype == dns.StringToType[typ] })
}

// ttl is a record's: Cloudflare writes 1 for automatic, which is 300 (Cloudflare DNS docs, "Time to Live").
func ttl(r plan.Record) uint32 {
	if r.TTL <= 1 {
		return 300
	}
	return uint32(r.TTL)
}

// edgeName stands for Cloudflare's edge among the hosts.
const edgeName = "edge.cloudflare."
