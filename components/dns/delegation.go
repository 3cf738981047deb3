package dns

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
)

// Resolver asks the public DNS for a domain's name servers; *net.Resolver is one.
type Resolver interface {
	LookupNS(ctx context.Context, domain string) ([]*net.NS, error)
}

// CheckDelegation reports a domain that the public DNS does not delegate to its zone's
// name servers. Asked before a deployment, it says in a second what a certificate's
// validation would find out only by waiting.
func CheckDelegation(ctx context.Context, resolver Resolver, domain string, servers []string) error {
	remedy := "enter " + strings.Join(sorted(servers), ", ") + " as its name servers at the registrar"
	found, err := resolver.LookupNS(ctx, Normalise(domain))
	if err != nil {
		return fmt.Errorf("asking for the name servers of %s (%s): %w", domain, remedy, err)
	}
	names := make([]string, len(found))
	for i, ns := range found {
		names[i] = ns.Host
	}
	if names = sorted(names); !slices.Equal(names, sorted(servers)) {
		return fmt.Errorf("%s is served by %s; %s", domain, strings.Join(names, ", "), remedy)
	}
	return nil
}

func sorted(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = Normalise(name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
