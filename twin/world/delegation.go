package world

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// delegationKey is where a zone notes whether it is delegated: true and false were set by someone, and absent
// normally means yes.
const delegationKey = "delegated"

// hostName is a name in DNS as it is compared: without the last dot, in lower case.
func hostName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// domain is the name of a zone of either provider.
func domain(zone *Object) string {
	if zone.Type == typeCloudflareZone {
		return hostName(zone.Text("zone"))
	}
	return hostName(zone.Text("name"))
}

func within(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// publicZones are the zones of both providers that the internet could query.
func (c *Call) publicZones() (zones []*Object) {
	for _, typ := range []string{typeZone, typeCloudflareZone} {
		for o := range c.each(typ) {
			if len(o.Objects("vpcs")) == 0 {
				zones = append(zones, o)
			}
		}
	}
	slices.SortFunc(zones, func(a, b *Object) int {
		return cmp.Or(len(domain(a))-len(domain(b)), strings.Compare(a.ID, b.ID))
	})
	return zones
}

// parentZone is the nearest delegated zone on the twin above another.
func (c *Call) parentZone(zone *Object) (parent *Object) {
	for _, z := range c.publicZones() {
		if domain(z) != domain(zone) && within(domain(zone), domain(z)) && c.undelegated(z) == "" {
			parent = z
		}
	}
	return parent
}

// undelegated says why resolvers do not reach a zone; "" means that they do. What someone set decides; otherwise it
// is the NS record in the zone above, if that is on the twin too.
func (c *Call) undelegated(zone *Object) string {
	said, known := zone.Hidden[delegationKey].(bool)
	switch {
	case known && said || zone.Implicit && !known:
		return ""
	case known:
		return fmt.Sprintf("%s is not delegated to it: the zone above does not name %s; `causeway twin delegate %s` rehearses that it does",
			domain(zone), strings.Join(zone.Texts("nameServers"), ", "), domain(zone))
	}
	parent := c.parentZone(zone)
	if parent == nil || c.hasRecord(parent, domain(zone), "NS", zone.Texts("nameServers")...) {
		return ""
	}
	return fmt.Sprintf("%s is not delegated to it: %s needs an NS record %s with %s", domain(zone), called(parent), domain(zone),
		strings.Join(zone.Texts("nameServers"), ", "))
}

// authority is the zone that resolvers ask for a host: the nearest delegated one above it.
func (c *Call) authority(host string) (found *Object) {
	for _, z := range c.publicZones() {
		if within(host, domain(z)) && c.undelegated(z) == "" {
			found = z
		}
	}
	return found
}

// hasRecord says whether a zone answers for a host with one of the texts.
func (c *Call) hasRecord(zone *Object, host, typ string, texts ...string) bool {
	for _, text := range c.answers(zone, host, typ) {
		for _, want := range texts {
			if hostName(text) == hostName(want) {
				return true
			}
		}
	}
	return false
}

// answers are the texts of a zone's records for a host and type. Proxied records are left out: DNS does not answer
// with what they say.
func (c *Call) answers(zone *Object, host, typ string) (out []string) {
	if zone.Type == typeCloudflareZone {
		for r := range c.having(typeCloudflareRecord, "zoneId", zone.ID) {
			if r.Text("type") == typ && hostName(r.Text("hostname")) == host && !r.Flag("proxied") {
				out = append(out, r.Text("content"))
			}
		}
		return out
	}
	for r := range c.having(typeRecord, "zoneId", zone.ID) {
		if r.Text("type") == typ && hostName(r.Text("fqdn")) == host {
			out = append(out, r.Texts("records")...)
		}
	}
	return out
}

// unresolved says why the internet does not answer for a host with a text; "" means that it does.
func (c *Call) unresolved(host, typ, want string) string {
	zone := c.authority(host)
	if zone != nil && c.hasRecord(zone, host, typ, want) {
		return ""
	}
	for _, z := range c.publicZones() {
		if within(host, domain(z)) && c.hasRecord(z, host, typ, want) {
			if why := c.undelegated(z); why != "" {
				return fmt.Sprintf("%s is in %s, but %s", host, called(z), why)
			}
			return fmt.Sprintf("%s is in %s, but resolvers ask %s, which is nearer", host, called(z), called(zone))
		}
	}
	switch {
	case zone == nil:
		return fmt.Sprintf("the twin hosts no delegated zone of %s, which needs the record %s %s %s", host, host, typ, want)
	case len(c.answers(zone, host, typ)) > 0:
		return fmt.Sprintf("%s answers %s with %s and not with %s", called(zone), host, strings.Join(c.answers(zone, host, typ), ", "),
			want)
	}
	return fmt.Sprintf("%s has no record %s %s %s that is not proxied", called(zone), host, typ, want)
}

// delegateNew notes that a new zone is not delegated where that was asked for, or where its domain is already
// delegated to another zone.
func (c *Call) delegateNew(zone *Object) {
	if len(zone.Objects("vpcs")) > 0 || zone.Implicit {
		return
	}
	taken := slices.ContainsFunc(c.publicZones(), func(z *Object) bool { return domain(z) == domain(zone) && c.undelegated(z) == "" })
	if c.options.Undelegated || taken {
		zone.Hidden[delegationKey] = false
	}
}

// Delegation is a public zone and whether resolvers reach it.
type Delegation struct {
	Domain      string   `json:"domain"`
	Zone        string   `json:"zone"` // the zone's type, name and id
	NameServers []string `json:"nameServers"`
	Delegated   bool     `json:"delegated"`
	Why         string   `json:"why,omitempty"` // it is not delegated
}

// Delegations lists the public zones.
func (w *World) Delegations() []Delegation {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c := w.call(Request{})
	out := []Delegation{}
	for _, z := range c.publicZones() {
		why := c.undelegated(z)
		out = append(out, Delegation{Domain: domain(z), Zone: called(z), NameServers: z.Texts("nameServers"), Delegated: why == "",
			Why: why})
	}
	return out
}

type noZone struct{ name string }

func (n *noZone) Error() string {
	return fmt.Sprintf("there is no public zone %s on the twin: `causeway twin delegate` lists them", n.name)
}

func (n *noZone) Unwrap() error { return ErrNotFound }

// Delegate sets whether resolvers reach a zone, named by its domain or id. It returns the zones that it found.
func (w *World) Delegate(name string, on bool) (changed []string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.call(Request{})
	var found []*Object
	for _, z := range c.publicZones() {
		if z.ID == name || domain(z) == hostName(name) {
			found = append(found, z)
		}
	}
	if len(found) == 0 {
		return nil, &noZone{name}
	}
	if on && len(found) > 1 {
		var ids []string
		for _, z := range found {
			ids = append(ids, called(z))
		}
		return nil, fmt.Errorf("%d zones are named %s, and a domain is delegated to one: give the id of one of %s", len(found), name,
			strings.Join(ids, ", "))
	}
	for _, z := range found {
		c.delegate(z, on)
		changed = append(changed, called(z))
	}
	e := Event{Time: c.Now, Operation: "delegate", Type: found[0].Type, URN: found[0].URN, ID: found[0].ID, Answer: "ok",
		Caller: "causeway twin delegate"}
	return changed, w.commit(c.pending, c.recordChange(e))
}

// delegate sets whether resolvers reach a zone. If they do, they reach no other zone of its domain.
func (c *Call) delegate(zone *Object, on bool) {
	for _, z := range c.publicZones() {
		if z.ID != zone.ID && (!on || domain(z) != domain(zone)) {
			continue
		}
		z = z.copy()
		if z.Hidden == nil {
			z.Hidden = value.Map{}
		}
		z.Hidden[delegationKey] = on && z.ID == zone.ID
		c.zoneStatus(z)
		c.Put(z)
	}
}

// zoneStatus: Cloudflare serves a zone only once its domain is delegated to it (Cloudflare, "Zone status").
func (c *Call) zoneStatus(zone *Object) {
	if zone.Type != typeCloudflareZone {
		return
	}
	zone.Outputs["status"] = "active"
	if c.undelegated(zone) != "" {
		zone.Outputs["status"] = "pending"
	}
}
