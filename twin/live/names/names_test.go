package names

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// world is a small one with all that has a name.
func world() *plan.Plan {
	eth := func(private, public string) []plan.Interface {
		i := plan.Interface{Address: addr(private)}
		if public != "" {
			i.Public = addr(public)
		}
		return []plan.Interface{i}
	}
	return &plan.Plan{
		Nodes: []plan.Node{
			{Name: "edge-a", Kind: plan.KindBalancer, Plays: "lb", Zone: "a", Interfaces: eth("10.0.0.1", "198.18.0.1")},
			{Name: "edge-b", Kind: plan.KindBalancer, Plays: "lb", Zone: "b", Interfaces: eth("10.0.1.1", "198.18.0.2")},
			{Name: "in-a", Kind: plan.KindBalancer, Plays: "internal", Zone: "a", Interfaces: eth("10.0.2.1", "")},
			{Name: "db-a", Kind: plan.KindDatabase, Plays: "db", Zone: "a", Interfaces: eth("10.0.3.1", "")},
			{Name: "db-b", Kind: plan.KindDatabase, Plays: "db", Zone: "b", Interfaces: eth("10.0.3.2", "")},
			{Name: "aws", Kind: plan.KindCloud,
				Interfaces: []plan.Interface{{Address: addr("192.0.2.1")}, {Address: addr("10.0.4.1"), Endpoint: "vpce-1"}}},
			{Name: "cf", Kind: plan.KindEdge, Interfaces: eth("104.16.0.1", "")},
		},
		Balancers: []plan.Balancer{{ARN: "lb", DNSName: "edge-1.eu-west-1.elb.amazonaws.com"},
			{ARN: "internal", DNSName: "internal-2.eu-west-1.elb.amazonaws.com", Internal: true}},
		Databases: []plan.Database{{ARN: "db", Host: "db.x.eu-west-1.rds.amazonaws.com", Zone: "a"}},
		Cloud: plan.Cloud{
			Services: []plan.Service{{Name: "s3", Host: "s3.eu-west-1.amazonaws.com", Addresses: []netip.Addr{addr("192.0.2.1")}},
				{Name: "logs", Host: "logs.eu-west-1.amazonaws.com", Addresses: []netip.Addr{addr("198.51.100.200")}}},
			Endpoints: []plan.Endpoint{{ID: "vpce-1", Service: "logs", PrivateDNS: true,
				Names: []string{"vpce-1.logs.eu-west-1.vpce.amazonaws.com"}}},
		},
		Zones: []plan.Zone{
			{Name: "guestbook.test", At: "cloudflare", Served: true, DNSSEC: true, Servers: []string{"ada.ns.cloudflare.com"},
				Records: []plan.Record{
					{Name: "guestbook.test", Type: "CNAME", TTL: 1, Values: []string{"edge-1.eu-west-1.elb.amazonaws.com"}},
					{Name: "www.guestbook.test", Type: "CNAME", TTL: 60, Values: []string{"edge-1.eu-west-1.elb.amazonaws.com"}},
					{Name: "shop.guestbook.test", Type: "CNAME", TTL: 1, Values: []string{"edge-1.eu-west-1.elb.amazonaws.com"},
						Proxied: true},
					{Name: "guestbook.test", Type: "CAA", TTL: 300, Values: []string{`0 issue "amazon.com"`}},
					{Name: "*.wild.guestbook.test", Type: "TXT", TTL: 300, Values: []string{`"any"`}},
				}},
			{Name: "other.test", At: "route53", Served: true,
				Records: []plan.Record{{Name: "other.test", Type: "A", Alias: "internal-2.eu-west-1.elb.amazonaws.com"}}},
			{Name: "asleep.test", At: "route53",
				Records: []plan.Record{{Name: "asleep.test", Type: "A", TTL: 5, Values: []string{"192.0.2.9"}}}},
			{Name: "internal.guestbook.test", At: "route53", Private: true, Records: []plan.Record{
				{Name: "app.internal.guestbook.test", Type: "A", Alias: "internal-2.eu-west-1.elb.amazonaws.com"}}},
		},
	}
}

// serving is a server of one side on the loopback address.
func serving(t *testing.T, p *plan.Plan, inside bool, withdrawn string) (*Server, string) {
	t.Helper()
	s := &Server{inside: inside}
	require.NoError(t, s.Update(&node.Config{Plan: p, Keep: map[string][]byte{Withdrawn: []byte(withdrawn)}}))
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	address := udp.LocalAddr().String()
	udp.Close()
	require.NoError(t, s.Listen(address))
	t.Cleanup(func() { s.Close() })
	return s, address
}

func ask(t *testing.T, server, network, name string, qtype uint16, signed bool) *dns.Msg {
	t.Helper()
	q := new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype)
	if signed {
		q.SetEdns0(4096, true)
	}
	m, _, err := (&dns.Client{Net: network}).Exchange(q, server)
	require.NoError(t, err)
	return m
}

// values are an answer's, sorted.
func values(m *dns.Msg) (out []string) {
	for _, rr := range m.Answer {
		switch r := rr.(type) {
		case *dns.A:
			out = append(out, r.A.String())
		case *dns.CNAME:
			out = append(out, r.Target)
		case *dns.TXT:
			out = append(out, r.Txt...)
		case *dns.CAA:
			out = append(out, r.Value)
		}
	}
	slices.Sort(out)
	return out
}

func TestBothSides(t *testing.T) {
	_, public := serving(t, world(), false, "")
	_, private := serving(t, world(), true, "")
	for _, c := range []struct {
		name            string
		qtype           uint16
		outside, inside []string
		rcode           int // of the outside
	}{
		{"guestbook.test", dns.TypeA, []string{"198.18.0.1", "198.18.0.2"}, []string{"198.18.0.1", "198.18.0.2"}, 0},
		{"WWW.Guestbook.TEST", dns.TypeA, []string{"198.18.0.1", "198.18.0.2", "edge-1.eu-west-1.elb.amazonaws.com."},
			[]string{"198.18.0.1", "198.18.0.2", "edge-1.eu-west-1.elb.amazonaws.com."}, 0},
		{"www.guestbook.test", dns.TypeCNAME, []string{"edge-1.eu-west-1.elb.amazonaws.com."},
			[]string{"edge-1.eu-west-1.elb.amazonaws.com."}, 0},
		{"shop.guestbook.test", dns.TypeA, []string{"104.16.0.1"}, []string{"104.16.0.1"}, 0},
		{"guestbook.test", dns.TypeCAA, []string{"amazon.com"}, []string{"amazon.com"}, 0},
		{"x.wild.guestbook.test", dns.TypeTXT, []string{"any"}, []string{"any"}, 0},
		{"www.guestbook.test.", dns.TypeMX, []string{"edge-1.eu-west-1.elb.amazonaws.com."},
			[]string{"edge-1.eu-west-1.elb.amazonaws.com."}, 0},
		{"absent.guestbook.test", dns.TypeA, nil, nil, dns.RcodeNameError},
		{"wild.guestbook.test", dns.TypeA, nil, nil, 0},
		{"absent.www.guestbook.test", dns.TypeA, nil, nil, dns.RcodeNameError},
		{"other.test", dns.TypeA, []string{"10.0.2.1"}, []string{"10.0.2.1"}, 0},
		{"asleep.test", dns.TypeA, nil, nil, dns.RcodeNameError},
		{"app.internal.guestbook.test", dns.TypeA, nil, []string{"10.0.2.1"}, dns.RcodeNameError},
		{"db.x.eu-west-1.rds.amazonaws.com", dns.TypeA, []string{"10.0.3.1"}, []string{"10.0.3.1"}, 0},
		{"bucket.s3.eu-west-1.amazonaws.com", dns.TypeA, []string{"192.0.2.1"}, []string{"192.0.2.1"}, 0},
		{"logs.eu-west-1.amazonaws.com", dns.TypeA, []string{"198.51.100.200"}, []string{"10.0.4.1"}, 0},
		{"vpce-1.logs.eu-west-1.vpce.amazonaws.com", dns.TypeA, nil, []string{"10.0.4.1"}, dns.RcodeNameError},
	} {
		for _, network := range []string{"udp", "tcp"} {
			m := ask(t, public, network, c.name, c.qtype, false)
			assert.Equal(t, c.outside, values(m), "%s outside", c.name)
			assert.Equal(t, c.rcode, m.Rcode, "%s: %s", c.name, dns.RcodeToString[m.Rcode])
			assert.Equal(t, c.inside, values(ask(t, private, network, c.name, c.qtype, false)), "%s inside", c.name)
		}
	}
}

func TestWithdrawn(t *testing.T) {
	_, s := serving(t, world(), false, "edge-a")
	assert.Equal(t, []string{"198.18.0.2"}, values(ask(t, s, "udp", "guestbook.test", dns.TypeA, false)))
	_, s = serving(t, world(), false, "edge-a\nedge-b")
	assert.Len(t, values(ask(t, s, "udp", "guestbook.test", dns.TypeA, false)), 2, "when none is well, all are tried")
}

func TestLostZonesAreLeftOut(t *testing.T) {
	p := world()
	p.Network.Subnets = []plan.Subnet{{ID: "subnet-a", Zone: "a"}, {ID: "subnet-b", Zone: "b"}}
	p.Databases[0].Readers = "readers.x.eu-west-1.rds.amazonaws.com"
	cloud := p.Node("aws")
	cloud.Interfaces = append(cloud.Interfaces, plan.Interface{Address: addr("10.0.5.1"), Endpoint: "vpce-1", Subnet: "subnet-b"})
	cloud.Interfaces[1].Subnet = "subnet-a"
	for _, name := range []string{"edge-a", "db-a"} {
		p.Node(name).Interfaces[0].Subnet = "subnet-a"
	}
	for _, name := range []string{"edge-b", "db-b"} {
		p.Node(name).Interfaces[0].Subnet = "subnet-b"
	}
	for _, c := range []struct {
		name       string
		a, b, both []string // what is left where these are lost
	}{
		{"guestbook.test", []string{"198.18.0.2"}, []string{"198.18.0.1"}, []string{"198.18.0.1", "198.18.0.2"}},
		{"logs.eu-west-1.amazonaws.com", []string{"10.0.5.1"}, []string{"10.0.4.1"}, []string{"10.0.4.1", "10.0.5.1"}},
		{"vpce-1.logs.eu-west-1.vpce.amazonaws.com", []string{"10.0.5.1"}, []string{"10.0.4.1"}, []string{"10.0.4.1", "10.0.5.1"}},
		{"readers.x.eu-west-1.rds.amazonaws.com", []string{"10.0.3.2"}, []string{"10.0.3.1"}, []string{"10.0.3.1"}},
	} {
		for _, lost := range []struct{ zones, left []string }{{[]string{"a"}, c.a}, {[]string{"b"}, c.b}, {[]string{"a", "b"}, c.both}} {
			p.Lost = lost.zones
			_, s := serving(t, p.For(&plan.Node{Kind: plan.KindResolver}), true, "")
			assert.ElementsMatch(t, lost.left, values(ask(t, s, "udp", c.name, dns.TypeA, false)), "%s without %v", c.name, lost.zones)
		}
	}
}

func TestFailover(t *testing.T) {
	p := world()
	p.Databases[0].Zone = "b"
	s, address := serving(t, world(), true, "")
	require.NoError(t, s.Update(&node.Config{Plan: p}))
	assert.Equal(t, []string{"10.0.3.2"}, values(ask(t, address, "udp", "db.x.eu-west-1.rds.amazonaws.com", dns.TypeA, false)))
}

// TestSigned validates what is answered, and what is denied.
func TestSigned(t *testing.T) {
	_, s := serving(t, world(), false, "")
	keys := ask(t, s, "tcp", "guestbook.test", dns.TypeDNSKEY, true)
	key := keys.Answer[0].(*dns.DNSKEY)
	for _, q := range []struct {
		name  string
		qtype uint16
	}{{"guestbook.test", dns.TypeA}, {"guestbook.test", dns.TypeCAA}, {"x.wild.guestbook.test", dns.TypeTXT},
		{"absent.guestbook.test", dns.TypeA}, {"guestbook.test", dns.TypeMX}, {"guestbook.test", dns.TypeDNSKEY}} {
		m := ask(t, s, "tcp", q.name, q.qtype, true)
		signed := 0
		for _, section := range [][]dns.RR{m.Answer, m.Ns} {
			for _, rr := range section {
				sig, ok := rr.(*dns.RRSIG)
				if !ok {
					continue
				}
				var set []dns.RR
				for _, other := range section {
					if other.Header().Rrtype == sig.TypeCovered && other.Header().Name == sig.Hdr.Name {
						set = append(set, other)
					}
				}
				assert.NoError(t, sig.Verify(key, set), "%s %s", q.name, dns.TypeToString[sig.TypeCovered])
				signed++
			}
		}
		assert.NotZero(t, signed, q.name)
	}
	assert.Empty(t, ask(t, s, "udp", "other.test", dns.TypeDNSKEY, true).Answer, "a zone without DNSSEC")
	assert.Len(t, ask(t, s, "udp", "guestbook.test", dns.TypeCAA, false).Answer, 1, "who does not ask for signatures gets none")
}

func TestWhatIsNoRecord(t *testing.T) {
	p := world()
	p.Zones[0].Records = append(p.Zones[0].Records,
		plan.Record{Name: "bad.guestbook.test", Type: "A", TTL: 5, Values: []string{"nonsense"}})
	err := (&Server{}).Update(&node.Config{Plan: p})
	assert.ErrorContains(t, err, "bad.guestbook.test A")
}

func TestGoPrograms(t *testing.T) {
	_, s := serving(t, world(), true, "")
	found, err := Resolver(s).LookupHost(context.Background(), "app.internal.guestbook.test")
	require.NoError(t, err)
	assert.Equal(t, []string{"10.0.2.1"}, found)
}
