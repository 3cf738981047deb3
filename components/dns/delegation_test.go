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
	public := registry{"example.com": {{Host: "Bob.ns.cloudflare.com."}, {Host: "ada.ns.cloudflare.com."}}}
	ours := []string{"ada.ns.cloudflare.com", "bob.ns.cloudflare.com"}
	assert.NoError(t, dns.CheckDelegation(t.Context(), public, "Example.com.", ours))
	assert.ErrorContains(t, dns.CheckDelegation(t.Context(), public, "example.com", []string{"ns-1.awsdns-00.org", "ada.ns.cloudflare.com"}),
		"example.com is served by ada.ns.cloudflare.com, bob.ns.cloudflare.com; enter ada.ns.cloudflare.com, ns-1.awsdns-00.org as its name servers at the registrar")
	assert.ErrorContains(t, dns.CheckDelegation(t.Context(), public, "example.org", ours), "asking for the name servers of example.org (enter ada")
}
