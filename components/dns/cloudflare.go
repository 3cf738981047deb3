package dns

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// OriginPullCA is the PEM certificate of the authority that signs the client
// certificate which Cloudflare shows to origins: origin-pull.cloudflare.net, valid
// until 2029-11-01 (Cloudflare, SSL/TLS documentation, "Authenticated Origin Pulls").
// All of Cloudflare's customers share that authority: it proves that a request came
// through Cloudflare, and the host name tells through which zone.
//
//go:embed origin_pull_ca.pem
var OriginPullCA string

var accountID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// hstsSeconds is how long a browser that came once refuses plain HTTP: a year.
const hstsSeconds = 31536000

func (a Args) cloudflareProblems() (ps infra.Problems) {
	switch {
	case a.AccountID == "" && a.Create:
		ps.Add("accountId", "write the account's 32 hex digits, from the overview page of any of its zones", "is missing")
	case a.AccountID != "" && !accountID.MatchString(a.AccountID):
		ps.Addf("accountId", "write its 32 hex digits", "%q is not an account id", a.AccountID)
	}
	if a.QueryLog {
		ps.Add("queryLog", "leave it out, or set provider to route53", "Cloudflare has no query log to keep")
	}
	if a.OriginLock && !a.Proxied {
		ps.Add("originLock", "set proxied to true, or leave originLock out",
			"locks all visitors out, since they come to the load balancer directly")
	}
	return ps
}

// CloudflareRanges are the IPv4 prefixes that Cloudflare's proxies connect from, in ascending order of text. A
// firewall must admit them, so Cloudflare is asked at every preview: when it adds one, the next preview shows it.
// Pass the provider to ask with, as pulumi.Provider(cloudflare).
func CloudflareRanges(ctx *pulumi.Context, opts ...pulumi.InvokeOption) ([]string, error) {
	ranges, err := cloudflare.GetIpRanges(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("asking Cloudflare for the prefixes of its proxies: %w", err)
	}
	prefixes := slices.Clone(ranges.Ipv4CidrBlocks)
	if len(prefixes) == 0 {
		return nil,
			fmt.Errorf("asking Cloudflare for the prefixes of its proxies: it named none, and a firewall without them would admit nobody")
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes), nil
}

func (z *Zone) inCloudflare(ctx *pulumi.Context, name string, _ *infra.Platform, args Args) error {
	if err := z.cloudflareZone(ctx, name, args); err != nil {
		return err
	}
	if args.DNSSEC {
		signed, err := cloudflare.NewZoneDnssec(ctx, name+"-dnssec", &cloudflare.ZoneDnssecArgs{ZoneId: z.ID},
			pulumi.Parent(z), pulumi.Protect(args.Protect))
		if err != nil {
			return err
		}
		z.DS = signed.Ds
	}
	if args.Proxied && args.Create {
		if err := z.settings(ctx, name); err != nil {
			return err
		}
	}
	if args.OriginLock {
		_, err := cloudflare.NewAuthenticatedOriginPulls(ctx, name+"-origin-pulls", &cloudflare.AuthenticatedOriginPullsArgs{
			ZoneId: z.ID, Enabled: pulumi.Bool(true),
		}, pulumi.Parent(z))
		return err
	}
	return nil
}

func (z *Zone) cloudflareZone(ctx *pulumi.Context, name string, args Args) error {
	if !args.Create {
		lookup := &cloudflare.LookupZoneArgs{Name: &args.Zone}
		if args.AccountID != "" {
			lookup.AccountId = &args.AccountID
		}
		found, err := cloudflare.LookupZone(ctx, lookup, pulumi.Parent(z))
		if err != nil {
			return fmt.Errorf("looking up the zone %s in Cloudflare (create it there, or set create to true): %w", args.Zone, err)
		}
		z.ID = pulumi.String(found.ZoneId).ToStringOutput()
		z.NameServers = pulumi.ToStringArray(found.NameServers).ToStringArrayOutput()
		return nil
	}
	made, err := cloudflare.NewZone(ctx, name+"-zone", &cloudflare.ZoneArgs{
		AccountId: pulumi.String(args.AccountID),
		Zone:      pulumi.String(args.Zone),
		Type:      pulumi.String("full"),
	}, pulumi.Parent(z), pulumi.Protect(args.Protect))
	if err != nil {
		return err
	}
	z.ID = made.ID().ToStringOutput()
	z.NameServers = made.NameServers
	return nil
}

// settings makes the zone's proxies speak TLS 1.2 or later to visitors, and connect to the origin only over TLS with
// a certificate that they verify.
func (z *Zone) settings(ctx *pulumi.Context, name string) error {
	on, off := pulumi.String("on"), pulumi.String("off")
	_, err := cloudflare.NewZoneSettingsOverride(ctx, name+"-settings", &cloudflare.ZoneSettingsOverrideArgs{
		ZoneId: z.ID,
		Settings: &cloudflare.ZoneSettingsOverrideSettingsArgs{
			Ssl:                     pulumi.String("strict"),
			AlwaysUseHttps:          on,
			AutomaticHttpsRewrites:  on,
			MinTlsVersion:           pulumi.String("1.2"),
			Tls13:                   on,
			ZeroRtt:                 off, // early data can be replayed
			UniversalSsl:            on,
			OpportunisticEncryption: on,
			BrowserCheck:            on,
			DevelopmentMode:         off,
			AlwaysOnline:            off,
			SecurityLevel:           pulumi.String("medium"),
			HotlinkProtection:       on,
			EmailObfuscation:        on,
			IpGeolocation:           on,
			ChallengeTtl:            pulumi.Int(1800),
			SecurityHeader: &cloudflare.ZoneSettingsOverrideSettingsSecurityHeaderArgs{
				Enabled:           pulumi.Bool(true),
				MaxAge:            pulumi.Int(hstsSeconds),
				IncludeSubdomains: pulumi.Bool(true),
				Nosniff:           pulumi.Bool(true),
				// Only the domain's owner may ask for preloading: it takes months to undo.
				Preload: pulumi.Bool(false),
			},
		},
	}, pulumi.Parent(z))
	return err
}
