package invariants

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
)

const (
	zoneType           = "aws:route53/zone:Zone"
	cloudflareZoneType = "cloudflare:index/zone:Zone"

	proves = ".acm-validations.aws" // what ACM asks for leads there
)

// isInside says that only the network asks the zone.
func isInside(zone *graph.Resource) bool {
	networks, _ := zone.Inputs["vpcs"].([]any)
	return zone.Type == zoneType && len(networks) > 0
}

// private says that only the network asks for the record.
func (v *view) private(record *graph.Resource) bool {
	return slices.ContainsFunc(v.g.Ref(record, "zoneId"), isInside)
}

// misnamed is why names inside the network do not lead to the load balancer. Without a private zone, its own name is
// used.
func (p *platform) misnamed(n *network.Node) string {
	var elsewhere string
	for _, record := range p.records() {
		if !p.private(record) {
			continue
		}
		at := p.pointsAt(record)
		if len(at) == 1 && at[0] == n.Resource && plain(record) && p.served(n, recordName(record)) && !p.shadowed(record) {
			return ""
		}
		elsewhere = recordName(record) + " leads elsewhere"
	}
	switch {
	case elsewhere == "" && p.ours && slices.ContainsFunc(p.g.ByType(zoneType), isInside):
		elsewhere = "the private zone is empty"
	case elsewhere == "":
		return ""
	}
	return fmt.Sprintf("no name inside the network leads to %s, and %s", n.Name, elsewhere)
}

// shadowed says that another zone inside answers the record's name: of those that only the network asks, the one with the longest name
// does, and before all others.
func (p *platform) shadowed(record *graph.Resource) bool {
	own := 0
	for _, zone := range p.g.Ref(record, "zoneId", zoneType) {
		if isInside(zone) {
			own = len(dotless(zone.String("name")))
		}
	}
	for _, zone := range p.g.ByType(zoneType) {
		if name := dotless(zone.String("name")); isInside(zone) && len(name) > own && strings.HasSuffix("."+dotless(recordName(record)), "."+name) {
			return true
		}
	}
	return false
}

// astray are the records that are not where their names are asked for, by why: what they say counts for nothing, and whoever holds the
// zone that they are in may change it. A zone that is only looked up is in no graph: it is the one that the other records of a domain
// are in.
func (v *view) astray() map[*graph.Resource]string {
	if v.strays != nil {
		return v.strays
	}
	v.strays = map[*graph.Resource]string{}
	for zoneKind, kinds := range map[string][]string{zoneType: {"aws:route53/record:Record"}, cloudflareZoneType: graph.CloudflareRecords} {
		records := v.g.ByType(kinds...)
		domains := map[string]map[string]int{} // how many records each zone has, by domain
		domainOf := v.domains(records)
		outside := map[*graph.Resource]string{}
		for _, r := range records {
			found, zones := v.g.Resolve(r, "zoneId"), v.g.Ref(r, "zoneId", zoneKind)
			switch fqdn, _ := r.Outputs["fqdn"].(string); {
			case v.ours && len(zones) == 1 && fqdn != "" && !strings.HasSuffix("."+dotless(fqdn), "."+dotless(zones[0].String("name"))):
				v.strays[r] = "it is in " + zones[0].Name + ", which is for other names"
			case v.private(r) && slices.ContainsFunc(contents(r), func(c string) bool { return strings.HasSuffix(dotless(c), proves) }):
				v.strays[r] = "only the network asks for it, and ACM does not"
			case len(found.Resources) > 0 && len(zones) == 0:
				v.strays[r] = "it is in " + found.Resources[0].Name + ", which is no zone of its provider's"
			case len(zones) == 0 && !found.Undecided:
				value, _ := r.Get("zoneId")
				outside[r] = fmt.Sprint(value)
				if domains[domainOf[r]] == nil {
					domains[domainOf[r]] = map[string]int{}
				}
				domains[domainOf[r]][outside[r]]++
			}
		}
		for r, id := range outside {
			for other, n := range domains[domainOf[r]] {
				if v.ours && other != id && n >= domains[domainOf[r]][id] {
					v.strays[r] = fmt.Sprintf("it is in the zone %s, and other names of %s are in %s", id, domainOf[r], other)
				}
			}
			for _, zone := range v.g.ByType(zoneKind) {
				name := dotless(cmp.Or(zone.String("zone"), zone.String("name")))
				if (zoneKind == cloudflareZoneType || v.ours && !isInside(zone)) && strings.HasSuffix("."+domainOf[r], "."+name) {
					v.strays[r] = fmt.Sprintf("it is in the zone %s, and its name is of %s", id, zone.Name)
				}
			}
		}
	}
	return v.strays
}

// domains are the shortest names of records that each record's name ends with.
func (v *view) domains(records []*graph.Resource) map[*graph.Resource]string {
	all, written := map[*graph.Resource]string{}, map[string]bool{}
	for _, r := range records {
		written[dotless(recordName(r))] = true
	}
	for _, r := range records {
		name := dotless(recordName(r))
		for above := name; above != ""; _, above, _ = strings.Cut(above, ".") {
			if written[above] {
				all[r] = above
			}
		}
	}
	return all
}

// lost adds the records that are astray.
func (v *view) lost(r *result) {
	for _, record := range v.g.ByType(graph.Records...) {
		if why := v.astray()[record]; why != "" {
			r.add(breach{resources: one(record), found: recordName(record) + " is not served: " + why,
				remedy: "write the id of the zone that answers for the name"})
		}
	}
}
