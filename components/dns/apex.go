package dns

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// amazonCA is the CAA domain of Amazon's authority (AWS, ACM user guide, "(Optional)
// Configure a CAA record").
const amazonCA = "amazon.com"

// cloudflareCAs are the authorities that Cloudflare's edge certificates come from (Cloudflare, SSL/TLS documentation,
// "Certificate authorities", and the records that its "CAA records" page lists). Without them the edge certificate is
// not renewed.
var cloudflareCAs = []string{"letsencrypt.org", "pki.goog", "sectigo.com", "ssl.com"}

func (a Args) issuers() []string {
	issuers := []string{amazonCA}
	if a.Proxied {
		issuers = append(issuers, cloudflareCAs...)
	}
	slices.Sort(issuers)
	return issuers
}

// makeApexRecords declares what a zone says about itself: who may issue certificates
// for it, and that it has no mail.
func (z *Zone) makeApexRecords(ctx *pulumi.Context, name string, args Args) error {
	if err := z.caa(ctx, name, args.issuers()); err != nil {
		return err
	}
	return z.nullMail(ctx, name)
}

func (z *Zone) caa(ctx *pulumi.Context, name string, issuers []string) error {
	if z.Provider == Route53 {
		values := make([]string, len(issuers))
		for i, issuer := range issuers {
			values[i] = fmt.Sprintf("0 issue %q", issuer)
		}
		_, err := z.declare(ctx, name+"-caa", record{name: pulumi.String(z.Domain), kind: pulumi.String("CAA"), more: values})
		return err
	}
	for _, issuer := range issuers {
		_, err := z.declare(ctx, name+"-caa-"+issuer, record{
			name: pulumi.String(z.Domain), kind: pulumi.String("CAA"),
			data: &cloudflare.RecordDataArgs{
				Flags: pulumi.String("0"), Tag: pulumi.String("issue"), Value: pulumi.String(issuer),
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// nullMail says that the domain sends no mail (RFC 7208, section 10.1.2, and RFC
// 7489) and accepts none (RFC 7505), so that mail in its name is refused.
func (z *Zone) nullMail(ctx *pulumi.Context, name string) error {
	for _, r := range []struct{ part, host, kind, value string }{
		{"spf", z.Domain, "TXT", "v=spf1 -all"},
		{"dmarc", "_dmarc." + z.Domain, "TXT", "v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s"},
		{"mx", z.Domain, "MX", "."},
	} {
		value := r.value
		if r.kind == "MX" && z.Provider == Route53 {
			value = "0 " + value
		}
		_, err := z.declare(ctx, strings.Join([]string{name, r.part}, "-"), record{
			name: pulumi.String(r.host), kind: pulumi.String(r.kind), content: pulumi.String(value),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
