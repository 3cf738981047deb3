package certificate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/certificate"
	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/infra/infratest"
)

const (
	requested = "aws:acm/certificate:Certificate"
	validated = "aws:acm/certificateValidation:CertificateValidation"
	cfRecord  = "cloudflare:index/record:Record"
	r53Record = "aws:route53/record:Record"
)

// authority asks for proof as ACM does: one option for each name, the same record for
// a wildcard as for the name below which it is, in no particular order.
func authority(d infratest.Declared) map[string]any {
	switch d.Type {
	case "cloudflare:index/getZone:getZone", "aws:route53/getZone:getZone":
		return map[string]any{"zoneId": "Z1", "nameServers": []any{"ns.example.net"}}
	case requested:
		p := d.Plain()
		names := []any{p["domainName"]}
		if more, ok := p["subjectAlternativeNames"].([]any); ok {
			names = append(names, more...)
		}
		var options []any
		for _, name := range names {
			host := strings.TrimPrefix(name.(string), "*.")
			options = append(options, map[string]any{
				"domainName": name, "resourceRecordType": "CNAME",
				"resourceRecordName":  "_proof." + host + ".",
				"resourceRecordValue": "_" + strings.ReplaceAll(host, ".", "-") + ".acm-validations.aws.",
			})
		}
		slices.Reverse(options)
		return map[string]any{"domainValidationOptions": options}
	case validated:
		return map[string]any{"certificateArn": "arn:validated"}
	case cfRecord:
		return map[string]any{"hostname": d.Inputs["name"]}
	case r53Record:
		return map[string]any{"fqdn": d.Inputs["name"]}
	}
	return nil
}

func issue(t *testing.T, provider string, all ...certificate.Args) []infratest.Declared {
	t.Helper()
	return infratest.Record(t, authority, func(ctx *pulumi.Context) error {
		p := infratest.Platform("prod")
		zone, err := dns.New(ctx, "prod-dns", p, dns.Args{Provider: provider, Zone: "example.com", Proxied: provider == dns.Cloudflare})
		if err != nil {
			return err
		}
		for i, args := range all {
			c, err := certificate.New(ctx, fmt.Sprintf("prod-certificate-%d", i), p, zone, args)
			if err != nil {
				return err
			}
			c.ARN.ApplyT(func(arn string) string {
				assert.Equal(t, "arn:validated", arn, "control 69: a listener gets the validated certificate")
				return arn
			})
		}
		return nil
	})
}

func TestACertificateIsStrongLoggedAndProvedByDNS(t *testing.T) {
	all := issue(t, dns.Cloudflare, certificate.Args{Domain: "example.com", AlternativeNames: []string{"www.example.com"}})
	c := infratest.One(t, all, requested)
	p := c.Plain()
	assert.Equal(t, "EC_prime256v1", p["keyAlgorithm"], "control 183")
	assert.Equal(t, map[string]any{"certificateTransparencyLoggingPreference": "ENABLED"}, p["options"], "control 184")
	assert.Equal(t, "DNS", p["validationMethod"], "control 187: only these are renewed")
	assert.NotContains(t, p, "privateKey", "control 188: not imported")
	assert.False(t, c.Options.GetDeleteBeforeReplace(), "control 186, pain 17: a certificate in use cannot be deleted")

	wait := infratest.One(t, all, validated)
	assert.Equal(t, "15m", wait.Options.GetCustomTimeouts().GetCreate(), "pain 17")
	assert.ElementsMatch(t, []any{"_proof.example.com", "_proof.www.example.com"}, wait.Plain()["validationRecordFqdns"])
}

// Pain 15.
func TestAWildcardAndItsApexShareARecord(t *testing.T) {
	args := certificate.Args{Domain: "*.Example.com.", AlternativeNames: []string{"example.com", "EXAMPLE.com", "www.example.com"}}
	for provider, kind := range map[string]string{dns.Cloudflare: cfRecord, dns.Route53: r53Record} {
		all := issue(t, provider, args)
		var names []string
		for _, r := range infratest.OfType(all, kind) {
			p := r.Plain()
			names = append(names, p["name"].(string))
			if kind == cfRecord {
				assert.Equal(t, false, p["proxied"], "pain 16")
			}
		}
		slices.Sort(names)
		assert.Equal(t, []string{"_proof.example.com", "_proof.www.example.com"}, names, provider)
		assert.Len(t, infratest.One(t, all, validated).Plain()["validationRecordFqdns"], 2)
		said := infratest.One(t, all, requested).Plain()["subjectAlternativeNames"]
		assert.Equal(t, []any{"*.example.com", "example.com", "www.example.com"}, said)
	}
}

func TestAWildcardAlone(t *testing.T) {
	all := issue(t, dns.Cloudflare, certificate.Args{Domain: "*.example.com"})
	assert.Equal(t, "_proof.example.com", infratest.One(t, all, cfRecord).Plain()["name"])
}

func TestEachRecordProvesItsOwnName(t *testing.T) {
	all := issue(t, dns.Cloudflare, certificate.Args{Domain: "example.com", AlternativeNames: []string{"a.example.com", "b.example.com"}})
	for _, r := range infratest.OfType(all, cfRecord) {
		p := r.Plain()
		host := strings.TrimPrefix(p["name"].(string), "_proof.")
		assert.Equal(t, "_"+strings.ReplaceAll(host, ".", "-")+".acm-validations.aws", p["content"])
		assert.Equal(t, "prod-certificate-0-"+host, r.Name)
	}
}

// Pain 15, across certificates: the edge's and the internal one's.
func TestTwoCertificatesForOneNameShareARecord(t *testing.T) {
	all := issue(t, dns.Cloudflare,
		certificate.Args{Domain: "example.com", AlternativeNames: []string{"app.internal.example.com"}},
		certificate.Args{Domain: "app.internal.example.com"})
	require.Len(t, infratest.OfType(all, cfRecord), 2)
	require.Len(t, infratest.OfType(all, validated), 2)
}

// Pain 24: what exists is known although no proof is.
func TestRecordsAreDeclaredBeforeTheirNamesAreKnown(t *testing.T) {
	blind := func(d infratest.Declared) map[string]any {
		if d.Type == requested {
			return map[string]any{"domainValidationOptions": []any{}}
		}
		return authority(d)
	}
	declare := func(outputs func(infratest.Declared) map[string]any) error {
		_, err := infratest.TryRecord(outputs, func(ctx *pulumi.Context) error {
			p := infratest.Platform("prod")
			zone, err := dns.New(ctx, "prod-dns", p, dns.Args{Zone: "example.com"})
			require.NoError(t, err)
			_, err = certificate.New(ctx, "prod-certificate", p, zone, certificate.Args{Domain: "example.com"})
			require.NoError(t, err)
			return nil
		})
		return err
	}
	assert.NoError(t, declare(authority))
	assert.ErrorContains(t, declare(blind), "AWS asks for no proof of example.com")
}

func TestTheOrderOfNamesChangesNothing(t *testing.T) {
	declared := func(names ...string) string {
		var out []string
		for _, d := range issue(t, dns.Cloudflare, certificate.Args{Domain: "example.com", AlternativeNames: names}) {
			out = append(out, fmt.Sprint(d.Type, d.Name, d.Plain()))
		}
		return strings.Join(out, "\n")
	}
	assert.Equal(t, declared("a.example.com", "b.example.com"), declared("b.example.com", "a.example.com"))
}

func TestWhatACertificateCovers(t *testing.T) {
	c := &certificate.Certificate{Names: certificate.Args{Domain: "example.com", AlternativeNames: []string{"*.Shop.example.com"}}.Names()}
	for host, want := range map[string]bool{
		"example.com": true, "EXAMPLE.com.": true, "a.shop.example.com": true, "*.shop.example.com": true,
		"shop.example.com": false, "a.b.shop.example.com": false, "www.example.com": false,
	} {
		assert.Equal(t, want, c.Covers(host), host)
	}
}

func TestNamesThatCannotBe(t *testing.T) {
	many := make([]string, 10)
	for i := range many {
		many[i] = fmt.Sprintf("n%d.example.com", i)
	}
	for want, args := range map[string]certificate.Args{
		`domain: "" is empty; write a name such as www.example.com`: {},
		`alternativeNames[1]: "*.*.example.com"`: {Domain: "example.com",
			AlternativeNames: []string{"a.example.com", "*.*.example.com"}},
		`domain: "*.com" has no dot`:                             {Domain: "*.com"},
		"is longer than 64 characters; put a shorter name first": {Domain: strings.Repeat("a", 54) + ".example.com"},
		"10 names and the domain are more than the 10":           {Domain: "example.com", AlternativeNames: many},
	} {
		assert.ErrorContains(t, args.Validate().Err(), want)
	}
	_, err := infratest.TryRecord(authority, func(ctx *pulumi.Context) error {
		p := infratest.Platform("prod")
		zone, err := dns.New(ctx, "prod-dns", p, dns.Args{Zone: "example.com"})
		require.NoError(t, err)
		_, err = certificate.New(ctx, "c", p, nil, certificate.Args{Domain: "example.com"})
		assert.ErrorContains(t, err, "dns.Zone: is missing from the component's wiring")
		_, err = certificate.New(ctx, "c", p, zone, certificate.Args{Domain: "example.org"})
		return err
	})
	assert.ErrorContains(t, err, "example.org is not in the zone example.com; write a name that ends in example.com")
}
