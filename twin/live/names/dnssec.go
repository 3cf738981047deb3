package names

import (
	"crypto"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// signers are the keys of signed zones. A key is made when its zone is first signed and lives as long as the process.
type signers struct {
	mu  sync.Mutex
	all map[string]*signer
}

// signer signs answers as they are given, with one key (Cloudflare DNS docs, "DNSSEC": algorithm 13).
type signer struct {
	key     *dns.DNSKEY
	private crypto.Signer
}

func (s *signers) of(zone string) (*signer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.all[zone]; known != nil {
		return known, nil
	}
	key := &dns.DNSKEY{Hdr: dns.RR_Header{Name: zone, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 3600},
		Flags: dns.ZONE | dns.SEP, Protocol: 3, Algorithm: dns.ECDSAP256SHA256}
	private, err := key.Generate(256)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	made := &signer{key, private.(crypto.Signer)}
	if s.all == nil {
		s.all = map[string]*signer{}
	}
	s.all[zone] = made
	return made, nil
}

// deny proves that a name has no record of the type. The next name it gives is the closest possible, and for a name that
// does not exist it claims the name with no types (RFC 9824, as Cloudflare answers).
func (s *signer) deny(m *dns.Msg, name string, types []uint16) {
	m.Rcode = dns.RcodeSuccess
	types = append(types, dns.TypeRRSIG, dns.TypeNSEC)
	slices.Sort(types)
	m.Ns = append(m.Ns, &dns.NSEC{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: 300},
		NextDomain: "\\000." + name, TypeBitMap: slices.Compact(types)})
}

// sign adds signatures for every record set in a signed zone.
func (d *directory) sign(m *dns.Msg) {
	for _, section := range []*[]dns.RR{&m.Answer, &m.Ns} {
		type set struct {
			name string
			typ  uint16
		}
		sets := map[set][]dns.RR{}
		var order []set
		for _, rr := range *section {
			k := set{dns.CanonicalName(rr.Header().Name), rr.Header().Rrtype}
			if sets[k] == nil {
				order = append(order, k)
			}
			sets[k] = append(sets[k], rr)
		}
		for _, k := range order {
			if s, zone := d.signerOf(k.name); s != nil {
				if sig := s.sign(zone, sets[k]); sig != nil {
					*section = append(*section, sig)
				}
			}
		}
	}
}

func (d *directory) signerOf(name string) (*signer, string) {
	for _, z := range d.zones {
		if dns.IsSubDomain(z.name, name) {
			return z.signer, z.name
		}
	}
	return nil, ""
}

func (s *signer) sign(zone string, set []dns.RR) *dns.RRSIG {
	now := time.Now()
	sig := &dns.RRSIG{Hdr: dns.RR_Header{Ttl: set[0].Header().Ttl}, Algorithm: s.key.Algorithm, KeyTag: s.key.KeyTag(), SignerName: zone,
		Inception: uint32(now.Add(-time.Hour).Unix()), Expiration: uint32(now.Add(48 * time.Hour).Unix())}
	if sig.Sign(s.private, set) != nil {
		return nil // of a kind that is not signed, such as a signature
	}
	return sig
}
