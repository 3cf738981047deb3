package dns_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/components/dns"
)

// registry is a public DNS in which domains are delegated to the given name servers.
type registry map[string][]*net.NS

func (r registry) LookupNS(_ context.Context, domain string) ([]*net.NS, error) {
	if servers, ok := r[domain]; ok {
		return servers, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: domain, IsNotFound: true}
}

// Pain 17.
func TestADomainMustBeDelegatedBeforeACertificateCanBeIssued(t *testing.T) {
	public := registry{
		"example.com": {{Host: "Bob.ns.cloudflare.com."}, {Host: "ada.ns.cloudflare.com."}},
		"example.net": {{Host: "ns-1.awsdns-00.org."}, {Host: "ns-2.awsdns-01.co.uk."}},
		"moving.net":  {{Host: "ns-1.awsdns-00.org."}, {Host: "ada.ns.cloudflare.com."}},
	}
	servers, err := dns.CheckDelegation(t.Context(), public, "Example.com.", dns.Cloudflare)
	assert.NoError(t, err)
	assert.Equal(t, []string{"ada.ns.cloudflare.com", "bob.ns.cloudflare.com"}, servers)
	_, err = dns.CheckDelegation(t.Context(), public, "example.net", dns.Route53)
	assert.NoError(t, err)
	for domain, want := range map[string]string{
		"example.net": "example.net is served by ns-1.awsdns-00.org, ns-2.awsdns-01.co.uk, and its zone is in cloudflare: enter",
		"moving.net":  "moving.net is served by ada.ns.cloudflare.com, ns-1.awsdns-00.org, and its zone",
		"example.org": "asking the public DNS for the name servers of example.org: ",
	} {
		_, err = dns.CheckDelegation(t.Context(), public, domain, dns.Cloudflare)
		assert.ErrorContains(t, err, want)
	}
}
