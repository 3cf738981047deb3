// Package dns holds the platform's public zone, in Cloudflare or in Route 53, and its private zone, in Route 53. A
// public zone is created, or adopted by name when it serves a domain already.
//
// Records are kept plain: names are normalised to lower case without a trailing dot, the number of records is known
// before anything is created, and a record whose value comes from AWS waits for it but still shows in the preview.
package dns

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// Where a public zone is served.
const (
	Cloudflare = "cloudflare"
	Route53    = "route53"
)

// Args are the settings of a public zone.
type Args struct {
	// Provider serves the zone: cloudflare (default) or route53. A Route 53 zone
	// costs 0.50 USD a month (AWS, Route 53 pricing).
	Provider string
	// Zone is the zone's name, such as example.com. Required.
	Zone string
	// Create makes the zone, whose name servers must then be entered at the registrar. The new zone states who may
	// issue certificates for it, and that it neither sends nor accepts mail. Default: the existing zone of that name
	// is adopted; it serves other names too, so its own settings, CAA and mail records are left alone.
	Create bool
	// AccountID is the 32 hex digits of the Cloudflare account. Required to create a zone in Cloudflare; it narrows
	// the search for a zone to adopt.
	AccountID string
	// Proxied sends visitors through Cloudflare instead of straight to the load
	// balancer. Cloudflare only. Default: DNS only.
	Proxied bool
	// OriginLock makes Cloudflare present its client certificate to the origin on every request, so that a load
	// balancer which demands it and admits only Cloudflare's addresses cannot be reached around Cloudflare. Needs
	// Proxied.
	OriginLock bool
	// DNSSEC signs the zone. The DS record in the component's outputs must then be entered at the registrar. On Route
	// 53 the signing key is a KMS key in us-east-1, 1 USD a month (AWS, KMS pricing). Default: not signed.
	DNSSEC bool
	// QueryLog keeps the queries that a Route 53 zone answers, for LogDays. The log is in us-east-1, encrypted with a
	// key of its own, and costs 1 USD a month plus 0.50 USD a GB (AWS, KMS and CloudWatch pricing). It takes one of
	// the ten resource policies that CloudWatch Logs allows in each region of an account. Default: off.
	QueryLog bool
	// LogDays is how many days the query log is kept. Default 365.
	LogDays int
	// Protect keeps Pulumi from deleting the zone and its signing key. A zone that is deleted and made again gets
	// other name servers, so the registrar must be told again.
	Protect bool
	// Disposable lets a created Route 53 zone be deleted together with records that others made in it. Default false:
	// AWS then refuses.
	Disposable bool
	// Global is an aws provider for us-east-1, where AWS demands the key that signs
	// a Route 53 zone and its query log. Required for DNSSEC or QueryLog on
	// Route 53, unless the platform itself is in us-east-1.
	Global pulumi.ProviderResource
}

func (a Args) withDefaults() Args {
	a.Zone = Normalise(a.Zone)
	a.Provider = cmp.Or(a.Provider, Cloudflare)
	a.LogDays = cmp.Or(a.LogDays, 365)
	return a
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	if a.Provider != Cloudflare && a.Provider != Route53 {
		ps.Addf("provider", "write cloudflare or route53", "%q is not a DNS provider of the platform", a.Provider)
	}
	if what := NameProblem(a.Zone); what != "" {
		ps.Addf("zone", "write a registered domain such as example.com", "%q %s", a.Zone, what)
	}
	if a.Provider == Route53 {
		return append(ps, a.route53Problems()...)
	}
	return append(ps, a.cloudflareProblems()...)
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
	// NameServers must be entered at the registrar for the zone to be reached.
	NameServers pulumi.StringArrayOutput
	// DS is the record to enter at the registrar, "" if the zone is not signed here.
	DS pulumi.StringOutput

	proofs map[string]pulumi.StringOutput // names of certificate validation records, by validated name
	args   Args
}

// New declares a public zone.
func New(ctx *pulumi.Context, name string, p *infra.Platform, args Args, opts ...pulumi.ResourceOption) (*Zone, error) {
	args = args.withDefaults()
	z := &Zone{
		Domain:       args.Zone,
		Provider:     args.Provider,
		Proxied:      args.Proxied,
		OriginLocked: args.OriginLock,
		DS:           pulumi.String("").ToStringOutput(),
		proofs:       map[string]pulumi.StringOutput{},
		args:         args,
	}
	err := infra.Declare(ctx, infra.Component{
		Type: "dns:Zone", Name: name, Platform: p, Problems: args.Validate(), Options: opts,
	}, z, func() (pulumi.Map, error) {
		makeZone := z.inCloudflare
		if args.Provider == Route53 {
			makeZone = z.inRoute53
		}
		if err := makeZone(ctx, name, p, args); err != nil {
			return nil, err
		}
		if args.Create {
			if err := z.makeApexRecords(ctx, name, args); err != nil {
				return nil, err
			}
		}
		return pulumi.Map{"domain": pulumi.String(z.Domain), "zoneId": z.ID, "nameServers": z.NameServers, "ds": z.DS}, nil
	})
	return z, err
}
