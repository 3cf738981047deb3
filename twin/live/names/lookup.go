package names

import (
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// links is the longest chain of CNAMEs that is followed.
const links = 8

// answer fills in the reply to a question.
func (d *directory) answer(m *dns.Msg, q dns.Question, signed bool) {
	name := dns.CanonicalName(q.Name)
	m.RecursionAvailable, m.Authoritative = true, false
	for range links {
		found, next, in, exists := d.find(name, q.Qtype)
		m.Answer = append(m.Answer, renamed(found, q.Name, name)...)
		switch {
		case next != "":
			name = next
			continue
		case len(found) > 0:
		case in != nil:
			m.Ns = append(m.Ns, in.records[in.name][0]) // its SOA says how long the answer "nothing" may be kept
			if !exists {
				m.Rcode = dns.RcodeNameError
			}
			if signed && in.signer != nil {
				in.signer.deny(m, name, in.typesAt(name))
			}
		case !exists:
			m.Rcode = dns.RcodeNameError
		}
		break
	}
	if signed {
		d.sign(m)
	}
}

// renamed gives the first records of an answer the spelling of the question.
func renamed(rrs []dns.RR, asked, name string) []dns.RR {
	if asked == name || !strings.EqualFold(asked, name) {
		return rrs
	}
	for i, rr := range rrs {
		rrs[i] = dns.Copy(rr)
		rrs[i].Header().Name = asked
	}
	return rrs
}

// find returns a name's records: those asked for, or the CNAME in their place. in is the name's zone, if any, and exists
// says whether there is anything of that name.
func (d *directory) find(name string, qtype uint16) (found []dns.RR, next string, in *zone, exists bool) {
	if h, ok := d.host(name); ok {
		return addresses(name, h.addresses, h.ttl, qtype), "", nil, true
	}
	for _, z := range d.zones {
		if dns.IsSubDomain(z.name, name) {
			found, next, exists = z.find(d, name, qtype)
			return found, next, z, exists
		}
	}
	return nil, "", nil, false
}

func (d *directory) host(name string) (host, bool) {
	if h, ok := d.hosts[name]; ok {
		return h, true
	}
	_, rest, _ := strings.Cut(name, ".")
	h, ok := d.hosts["*."+rest]
	return h, ok
}

func (z *zone) find(d *directory, name string, qtype uint16) (found []dns.RR, next string, exists bool) {
	at := z.closest(name)
	if at == "" {
		return nil, "", z.hasBelow(name)
	}
	if a, ok := z.aliases[at]; ok {
		for _, t := range a.types {
			if t == qtype {
				return d.flattened(name, a, qtype), "", true
			}
		}
	}
	for _, rr := range z.records[at] {
		if typ := rr.Header().Rrtype; typ != qtype && qtype != dns.TypeANY && typ != dns.TypeCNAME {
			continue
		}
		rr = dns.Copy(rr)
		rr.Header().Name = name
		found = append(found, rr)
		if c, ok := rr.(*dns.CNAME); ok && qtype != dns.TypeCNAME && qtype != dns.TypeANY {
			return found, dns.CanonicalName(c.Target), true
		}
	}
	if qtype == dns.TypeDNSKEY && z.signer != nil && name == z.name {
		found = append(found, z.signer.key)
	}
	return found, "", true
}

// closest is the name whose records answer for another: itself, or the wildcard above it (RFC 4592).
func (z *zone) closest(name string) string {
	for wild := name; dns.IsSubDomain(z.name, wild); {
		if z.holds(wild) {
			return wild
		}
		bare := strings.TrimPrefix(wild, "*.")
		if wild != name && (z.holds(bare) || z.hasBelow(bare)) && bare != name {
			return "" // the closest name that exists has no wildcard
		}
		_, rest, more := strings.Cut(bare, ".")
		if !more || rest == "" {
			return ""
		}
		wild = "*." + rest
	}
	return ""
}

func (z *zone) holds(name string) bool {
	_, alias := z.aliases[name]
	return alias || z.records[name] != nil
}

// hasBelow says whether the name exists because names below it do.
func (z *zone) hasBelow(name string) bool {
	for other := range z.records {
		if strings.HasSuffix(other, "."+name) {
			return true
		}
	}
	for other := range z.aliases {
		if strings.HasSuffix(other, "."+name) {
			return true
		}
	}
	return false
}

func (z *zone) typesAt(name string) []uint16 {
	at := z.closest(name)
	types := append([]uint16{}, z.aliases[at].types...)
	for _, rr := range z.records[at] {
		types = append(types, rr.Header().Rrtype)
	}
	return types
}

// flattened returns the addresses that an alias stands for, under the alias's own name.
func (d *directory) flattened(name string, a alias, qtype uint16) []dns.RR {
	to := a.to
	for range links {
		found, next, _, _ := d.find(to, qtype)
		if next == "" {
			var out []dns.RR
			for _, rr := range found {
				rr = dns.Copy(rr)
				rr.Header().Name, rr.Header().Ttl = name, a.ttl
				out = append(out, rr)
			}
			return out
		}
		to = next
	}
	return nil
}

// addresses are the records of a name that stands for addresses, in random order: clients take the first.
func addresses(name string, all []netip.Addr, ttl uint32, qtype uint16) (out []dns.RR) {
	for _, a := range all {
		header := dns.RR_Header{Name: name, Rrtype: qtype, Class: dns.ClassINET, Ttl: ttl}
		switch {
		case qtype == dns.TypeA && a.Is4():
			out = append(out, &dns.A{Hdr: header, A: a.AsSlice()})
		case qtype == dns.TypeAAAA && a.Is6():
			out = append(out, &dns.AAAA{Hdr: header, AAAA: a.AsSlice()})
		}
	}
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
