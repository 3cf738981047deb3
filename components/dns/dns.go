// Package dns holds the platform's public zone, in Cloudflare or in Route 53, and
// its private zone, in Route 53. A public zone is created, or adopted by name when
// a domain is already served from it.
//
// Records are plain: names are normalised to lower case without a trailing dot,
// their number is known before anything is created, and a record whose value comes
// from AWS waits for it without hiding from the preview.
package dns

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// Where a public zone is served.
const (
	Cloudflare = "cloudflare"
	Route53    = "route53"
)

// Who keeps a family of records at the zone's apex.
const (
	// Managed records are declared by the component.
	Managed = "managed"
	// Elsewhere means that somebody else keeps them: the component leaves them alone.
	Elsewhere = "elsewhere"
)

// Args are the settings of a public zone.
type Args struct {
	// Provider serves the zone: cloudflare (default) or route53. A Route 53 zone
	// costs 0.50 USD a month (AWS, Route 53 pricing).
	Provider string
	// Domain is the zone's name, such as example.com. Required.
	Domain string
	// Adopt uses the zone of that name which exists already, and never changes or
	// deletes the zone itself. Default: the zone is created, and its name servers
	// must then be entered at the registrar.
	Adopt bool
	// CloudflareAccountID is the 32 hex digits of the Cloudflare account. Required
	// to create a zone in Cloudflare; it narrows the look-up of an adopted one.
	CloudflareAccountID string
	// Proxied sends visitors through Cloudflare instead of straight to the load
	// balancer. Cloudflare only. Default: DNS only.
	Proxied bool
	// OriginLock has Cloudflare present its client certificate to the origin on
	// every request, so that a load balancer which demands it and admits only
	// Cloudflare's addresses cannot be reached around Cloudflare. Needs Proxied.
	OriginLock bool
	// DeepNames lets proxied names be more than one label below the zone, such as
	// a.b.example.com. Cloudflare's free certificate does not cover them (Cloudflare,
	// SSL/TLS documentation, "Universal SSL", limitations), so order one that does.
	// Default: such a name is an error.
	DeepNames bool
	// ManageZoneSettings sets an adopted, proxied zone's TLS and security settings
	// too. They apply to every name in the zone, so the default leaves an adopted
	// zone's alone; those of a created one are always set.
	ManageZoneSettings bool
	// DNSSEC signs the zone. The DS record that the component puts out must then be
	// entered at the registrar. On Route 53 the signing key is a KMS key in
	// us-east-1, 1 USD a month (AWS, KMS pricing). Default: not signed.
	DNSSEC bool
	// QueryLogging keeps the queries that a Route 53 zone answers, for QueryLogDays: in
	// us-east-1, encrypted by a key of their own, 1 USD a month, and 0.50 USD a GB
	// (AWS, KMS and CloudWatch pricing). It takes one of the ten resource policies that
	// CloudWatch Logs has in a region of an account. Default: off.
	QueryLogging bool
	// QueryLogDays is how many days query logs are kept. Default: 365.
	QueryLogDays int
	// CAA says who keeps the CAA records that restrict which authorities may issue
	// certificates: managed (default for a created zone) or elsewhere (default for
	// an adopted one, whose other names may use other authorities).
	CAA string
	// Issuers are the CAA domains of further authorities, such as letsencrypt.org,
	// beside Amazon and, when proxied, those that Cloudflare uses.
	Issuers []string
	// Mail says who keeps the mail records: managed (default for a created zone)
	// declares that the domain neither sends nor accepts mail; elsewhere (default
	// for an adopted one) declares nothing.
	Mail string
	// Protect keeps Pulumi from deleting the zone and what signs it. A deleted zone
	// comes back with other name servers, so the registrar must be told again.
	Protect bool
	// Global is an aws provider for us-east-1, where AWS demands the key that signs
	// a Route 53 zone and its query log. Required for DNSSEC or QueryLogging on
	// Route 53, unless the platform itself is in us-east-1.
	Global pulumi.ProviderResource
}

func (a Args) withDefaults() Args {
	keeper := Managed
	if a.Adopt {
		keeper = Elsewhere
	}
	a.Domain = Normalise(a.Domain)
	a.Provider = fallback(a.Provider, Cloudflare)
	a.CAA = fallback(a.CAA, keeper)
	a.Mail = fallback(a.Mail, keeper)
	a.QueryLogDays = fallback(a.QueryLogDays, 365)
	a.Issuers = slices.Clone(a.Issuers)
	for i, issuer := range a.Issuers {
		a.Issuers[i] = Normalise(issuer)
	}
	return a
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	if a.Provider != Cloudflare && a.Provider != Route53 {
		ps.Addf("provider", "write cloudflare or route53", "%q does not serve zones here", a.Provider)
	}
	if what := NameProblem(a.Domain); what != "" {
		ps.Addf("domain", "write a registered domain such as example.com", "%q %s", a.Domain, what)
	}
	for i, issuer := range a.Issuers {
		if what := NameProblem(issuer); what != "" {
			ps.Addf(fmt.Sprintf("issuers[%d]", i), "write the authority's CAA domain, such as letsencrypt.org", "%q %s", issuer, what)
		}
	}
	for _, field := range []struct{ path, value string }{{"caa", a.CAA}, {"mail", a.Mail}} {
		if field.value != Managed && field.value != Elsewhere {
			ps.Addf(field.path, "write managed or elsewhere", "%q is not a keeper of records", field.value)
		}
	}
	if a.CAA == Elsewhere && len(a.Issuers) > 0 {
		ps.Add("issuers", "set caa to managed or leave issuers out", "nothing declares them while CAA records are kept elsewhere")
	}
	if a.Provider == Route53 {
		ps = append(ps, a.route53Problems()...)
	} else {
		ps = append(ps, a.cloudflareProblems()...)
	}
	return ps
}

// Zone is a public zone.
type Zone struct {
	pulumi.ResourceState

	// Domain is the zone's name, normalised.
	Domain string
	// Provider is cloudflare or route53.
	Provider string
	// Proxied says that names which point at a load balancer go through Cloudflare.
	Proxied bool
	// OriginLocked says that Cloudflare shows the origin its client certificate.
	OriginLocked bool
	// ID is the zone's identifier at its provider.
	ID pulumi.StringOutput
	// NameServers are what the registrar must name for the zone to be reached.
	NameServers pulumi.StringArrayOutput
	// DS is the record to enter at the registrar, "" if the zone is not signed here.
	DS pulumi.StringOutput

	proofs map[string]pulumi.StringOutput // names of certificate validation records, by validated name
	args   Args
}

// New declares a public zone.
func New(ctx *pulumi.Context, name string, p *infra.Platform, args Args, opts ...pulumi.ResourceOption) (*Zone, error) {
	args = args.withDefaults()
	if err := args.Validate().Err(); err != nil {
		return nil, fmt.Errorf("dns %s: %w", name, err)
	}
	z := &Zone{
		Domain:       args.Domain,
		Provider:     args.Provider,
		Proxied:      args.Proxied,
		OriginLocked: args.OriginLock,
		DS:           pulumi.String("").ToStringOutput(),
		proofs:       map[string]pulumi.StringOutput{},
		args:         args,
	}
	if err := ctx.RegisterComponentResource("causeway:dns:Zone", name, z, opts...); err != nil {
		return nil, err
	}
	build := z.inCloudflare
	if args.Provider == Route53 {
		build = z.inRoute53
	}
	if err := build(ctx, name, p, args); err != nil {
		return nil, fmt.Errorf("dns %s: %w", name, err)
	}
	if err := z.apex(ctx, name, args); err != nil {
		return nil, fmt.Errorf("dns %s: %w", name, err)
	}
	return z, ctx.RegisterResourceOutputs(z, pulumi.Map{
		"domain": pulumi.String(z.Domain), "zoneId": z.ID, "nameServers": z.NameServers, "ds": z.DS,
	})
}

func fallback[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
