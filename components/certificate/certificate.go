// Package certificate holds the platform's TLS certificates: issued by Amazon, validated by records in the platform's
// zone, and renewed by AWS for as long as those records stay.
package certificate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/infra"
)

const (
	// keyAlgorithm is P-256: as strong as RSA with 3072 bits, with a handshake several times cheaper than that of RSA
	// with 2048. Every client that speaks TLS 1.2 with forward secrecy, which the listeners demand, supports it.
	keyAlgorithm = "EC_prime256v1"
	// validationTimeout ends the wait when the authority cannot see the records. Validation takes a few minutes when
	// the domain is delegated; AWS itself gives up only after 72 hours (AWS, ACM user guide, "DNS validation").
	validationTimeout = "15m"
)

// LongestDomain is the longest first name of a certificate that ACM accepts (AWS, ACM API reference,
// RequestCertificate: the common name has 64 characters).
const LongestDomain = 64

// Args are the settings of a certificate.
type Args struct {
	// Domain is the first name that the certificate covers. Required. A wildcard
	// covers one label, not the domain itself.
	Domain string
	// AlternativeNames are further names that it covers.
	AlternativeNames []string
	// Quotas are what the account may have beyond AWS's defaults. Default none.
	Quotas infra.Quotas
}

func (a Args) withDefaults() Args {
	a.Domain = dns.Normalise(a.Domain)
	var others []string
	for _, name := range a.AlternativeNames {
		if name = dns.Normalise(name); name != a.Domain {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	a.AlternativeNames = slices.Compact(others)
	return a
}

// Names are all the names that the certificate covers, without duplicates.
func (a Args) Names() []string {
	a = a.withDefaults()
	return append([]string{a.Domain}, a.AlternativeNames...)
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() (ps infra.Problems) {
	check := func(where, name string) {
		if what := dns.NameProblem(proved(dns.Normalise(name))); what != "" {
			ps.Addf(where, "write a name such as www.example.com or *.example.com", "%q %s", name, what)
		}
	}
	check("domain", a.Domain)
	if len(dns.Normalise(a.Domain)) > LongestDomain {
		ps.Addf("domain", "put a shorter name first, and this one among alternativeNames",
			"%q is longer than %d characters", a.Domain, LongestDomain)
	}
	for i, name := range a.AlternativeNames {
		check(fmt.Sprintf("alternativeNames[%d]", i), name)
	}
	if n, most := len(a.Names()), a.Quotas.Of(infra.NamesPerCertificate); n > most {
		ps.Addf("alternativeNames", a.Quotas.Raise(n, fmt.Sprintf("name at most %d beside the domain", most-1), infra.NamesPerCertificate),
			"%d names and the domain are more than the %d that one certificate can have", n-1, most)
	}
	return ps
}

// Certificate is an issued certificate.
type Certificate struct {
	pulumi.ResourceState

	// ARN is known only once the certificate is issued, so resources that use it wait for that.
	ARN pulumi.StringOutput
	// Names are all the names that it covers.
	Names []string
}

// New requests a certificate and validates its names in zone, which is public even if the names are used only inside
// the platform.
func New(
	ctx *pulumi.Context, name string, p *infra.Platform, zone *dns.Zone, args Args, opts ...pulumi.ResourceOption,
) (*Certificate, error) {
	problems := args.Validate()
	args = args.withDefaults()
	for _, host := range args.Names() {
		if zone != nil && !dns.Within(proved(host), zone.Domain) {
			problems.Addf("", "write a name that ends in "+zone.Domain, "%s is not in the zone %s", host, zone.Domain)
		}
	}
	c := &Certificate{Names: args.Names()}
	err := infra.Declare(ctx, infra.Component{
		Type: "certificate:Certificate", Name: name, Platform: p, Wiring: zone, Problems: problems, Options: opts,
	}, c, func() (pulumi.Map, error) {
		requested, err := c.request(ctx, name, p, args)
		if err != nil {
			return nil, fmt.Errorf("requesting it: %w", err)
		}
		records, err := prove(ctx, name, zone, requested, c.Names)
		if err != nil {
			return nil, err
		}
		issued, err := acm.NewCertificateValidation(ctx, name, &acm.CertificateValidationArgs{
			CertificateArn:        requested.Arn,
			ValidationRecordFqdns: records,
		}, pulumi.Parent(c), pulumi.Timeouts(&pulumi.CustomTimeouts{Create: validationTimeout}))
		if err != nil {
			return nil, fmt.Errorf("waiting until it is issued: %w", err)
		}
		c.ARN = issued.CertificateArn
		return pulumi.Map{"arn": c.ARN}, nil
	})
	return c, err
}

func (c *Certificate) request(ctx *pulumi.Context, name string, p *infra.Platform, args Args) (*acm.Certificate, error) {
	return acm.NewCertificate(ctx, name, &acm.CertificateArgs{
		DomainName: pulumi.String(args.Domain),
		// ACM counts the domain among them. If the list were left out, the provider would keep the previous one, so
		// that a removed name would stay in the certificate and its validation would be waited for.
		SubjectAlternativeNames: pulumi.ToStringArray(args.Names()),
		ValidationMethod:        pulumi.String("DNS"),
		KeyAlgorithm:            pulumi.String(keyAlgorithm),
		Options: acm.CertificateOptionsArgs{
			CertificateTransparencyLoggingPreference: pulumi.String("ENABLED"),
		},
		Tags: p.TagsFor(name, infra.Everywhere),
	}, pulumi.Parent(c))
}

// Covers reports whether a client that asks for host accepts the certificate.
func (c *Certificate) Covers(host string) bool {
	host = dns.Normalise(host)
	_, parent, _ := strings.Cut(host, ".")
	return slices.Contains(c.Names, host) || slices.Contains(c.Names, "*."+parent)
}

// prove declares one validation record for each distinct name: a wildcard and the name above it share one.
func prove(ctx *pulumi.Context, name string, zone *dns.Zone, requested *acm.Certificate, names []string) (pulumi.StringArray, error) {
	var hosts []string
	for _, n := range names {
		hosts = append(hosts, proved(n))
	}
	slices.Sort(hosts)
	var records pulumi.StringArray
	for _, host := range slices.Compact(hosts) {
		record, err := zone.Prove(ctx, name+"-"+host, host, dns.Proof{
			Name:  option(requested, host, func(o acm.CertificateDomainValidationOption) *string { return o.ResourceRecordName }),
			Type:  option(requested, host, func(o acm.CertificateDomainValidationOption) *string { return o.ResourceRecordType }),
			Value: option(requested, host, func(o acm.CertificateDomainValidationOption) *string { return o.ResourceRecordValue }),
		})
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// proved is the name whose owner may have a certificate for name: for a wildcard, the domain it is in.
func proved(name string) string { return strings.TrimPrefix(name, "*.") }

// option reads one field of the record by which AWS validates that host is ours. The options are a set, so they are
// found by name and never by position.
func option(requested *acm.Certificate, host string, field func(acm.CertificateDomainValidationOption) *string) pulumi.StringOutput {
	return requested.DomainValidationOptions.ApplyT(func(options []acm.CertificateDomainValidationOption) (string, error) {
		for _, o := range options {
			if o.DomainName == nil || proved(dns.Normalise(*o.DomainName)) != host {
				continue
			}
			if value := field(o); value != nil {
				return *value, nil
			}
		}
		return "", fmt.Errorf("AWS asks for no proof of %s", host)
	}).(pulumi.StringOutput)
}
