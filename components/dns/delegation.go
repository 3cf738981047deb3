package dns

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
)

// Resolver looks up a domain's name servers in the public DNS; *net.Resolver is one.
type Resolver interface {
	LookupNS(ctx context.Context, domain string) ([]*net.NS, error)
}

// servedBy is what a provider's name servers have in their names (Cloudflare, DNS documentation, "Nameservers"; AWS,
// Route 53 developer guide, "Getting the name servers for a public hosted zone").
var servedBy = map[string]string{Cloudflare: ".ns.cloudflare.com", Route53: ".awsdns-"}

// CheckDelegation reports a domain that the public DNS does not delegate to provider, and names the name servers that
// it found instead. Before a deployment, it finds out in a second what a certificate's validation would find out only
// by timing out.
func CheckDelegation(ctx context.Context, resolver Resolver, domain, provider string) ([]string, error) {
	found, err := resolver.LookupNS(ctx, Normalise(domain))
	if err != nil {
		return nil, fmt.Errorf("asking the public DNS for the name servers of %s: %w", domain, err)
	}
	var names []string
	elsewhere := false
	for _, server := range found {
		name := Normalise(server.Host)
		names = append(names, name)
		elsewhere = elsewhere || !strings.Contains(name, servedBy[provider])
	}
	slices.Sort(names)
	if elsewhere || len(names) == 0 {
		return names, fmt.Errorf(
			"%s is served by %s, and its zone is in %s: enter the zone's name servers at the registrar, or no certificate can be issued",
			domain, strings.Join(names, ", "), provider)
	}
	return names, nil
}
