package dns_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/infra/infratest"
)

const (
	cfRecord  = "cloudflare:index/record:Record"
	cfZone    = "cloudflare:index/zone:Zone"
	cfSetting = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
	r53Record = "aws:route53/record:Record"
	r53Zone   = "aws:route53/zone:Zone"
)

var account = strings.Repeat("0123456789abcdef", 2)

// clouds answers what a cloud would say of a zone, found or created.
func clouds(d infratest.Declared) map[string]any {
	switch d.Type {
	case "cloudflare:index/getZone:getZone":
		return map[string]any{"zoneId": "adopted", "name": d.Inputs["name"].StringValue(), "nameServers": []any{"ada.ns.cloudflare.com"}}
	case "aws:route53/getZone:getZone":
		return map[string]any{"zoneId": "adopted", "nameServers": []any{"ns-1.awsdns-00.org"}}
	case "cloudflare:index/getIpRanges:getIpRanges":
		return map[string]any{
			"ipv4CidrBlocks": []any{"198.41.128.0/17", "103.21.244.0/22"},
			"ipv6CidrBlocks": []any{"2400:cb00::/32"},
		}
	case r53Zone:
		return map[string]any{"zoneId": "Z123", "nameServers": []any{"ns-2.awsdns-01.net"}}
	case cfRecord:
		return map[string]any{"hostname": d.Inputs["name"]}
	case "aws:route53/keySigningKey:KeySigningKey":
		return map[string]any{"dsRecord": "12345 13 2 abc"}
	case "cloudflare:index/zoneDnssec:ZoneDnssec":
		return map[string]any{"ds": "example.com. 3600 IN DS 12345 13 2 abc"}
	}
	return nil
}

func zoneOf(t *testing.T, args dns.Args, more ...func(*pulumi.Context, *dns.Zone) error) []infratest.Declared {
	t.Helper()
	return infratest.Record(t, clouds, func(ctx *pulumi.Context) error {
		z, err := dns.New(ctx, "prod-dns", infratest.Platform("prod"), args)
		if err != nil {
			return err
		}
		for _, step := range more {
			if err := step(ctx, z); err != nil {
				return err
			}
		}
		return nil
	})
}

func created() dns.Args {
	return dns.Args{Zone: "Example.com.", Create: true, AccountID: account}
}

// values is "type name content" of every record, sorted.
func values(all []infratest.Declared) (out []string) {
	for _, r := range infratest.OfType(all, cfRecord) {
		p := r.Plain()
		content, _ := p["content"].(string)
		if data, ok := p["data"].(map[string]any); ok {
			content = data["flags"].(string) + " " + data["tag"].(string) + " " + data["value"].(string)
		}
		out = append(out, p["type"].(string)+" "+p["name"].(string)+" "+content)
	}
	slices.Sort(out)
	return out
}

func TestACreatedCloudflareZoneSaysWhoIssuesAndThatItHasNoMail(t *testing.T) {
	args := created()
	args.Protect = true
	all := zoneOf(t, args)
	zone := infratest.One(t, all, cfZone)
	assert.Equal(t, "example.com", zone.Plain()["zone"])
	assert.True(t, zone.Options.GetProtect(), "a deleted zone comes back with other name servers")
	assert.Equal(t, []string{
		"CAA example.com 0 issue amazon.com",
		"MX example.com .",
		"TXT _dmarc.example.com v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s",
		"TXT example.com v=spf1 -all",
	}, values(all))
	for _, r := range infratest.OfType(all, cfRecord) {
		assert.Equal(t, false, r.Plain()["proxied"], r.Name)
		assert.True(t, r.Options.GetDeleteBeforeReplace(), "pain 16: a record whose type changes collides with itself")
	}
	assert.Empty(t, infratest.OfType(all, cfSetting), "settings are for proxied zones")
}

func TestAProxiedZoneAllowsCloudflaresOwnAuthorities(t *testing.T) {
	args := created()
	args.Proxied = true
	assert.Subset(t, values(zoneOf(t, args)), []string{
		"CAA example.com 0 issue amazon.com", "CAA example.com 0 issue letsencrypt.org",
		"CAA example.com 0 issue pki.goog", "CAA example.com 0 issue ssl.com",
	})
}

func TestAnAdoptedZoneIsLeftAsItIs(t *testing.T) {
	for _, provider := range []string{dns.Cloudflare, dns.Route53} {
		args := dns.Args{Provider: provider, Zone: "example.com", Proxied: provider == dns.Cloudflare}
		all := zoneOf(t, args, func(_ *pulumi.Context, z *dns.Zone) error {
			z.ID.ApplyT(func(id string) string { assert.Equal(t, "adopted", id); return id })
			return nil
		})
		require.Len(t, all, 1, "nothing but the component: %v", all)
	}
}

// Controls 205 to 211 and 222 to 224.
func TestAProxiedZonesSettings(t *testing.T) {
	want := map[string]any{
		"ssl": "strict", "alwaysUseHttps": "on", "automaticHttpsRewrites": "on", "minTlsVersion": "1.2",
		"tls13": "on", "zeroRtt": "off", "universalSsl": "on", "opportunisticEncryption": "on", "browserCheck": "on",
		"developmentMode": "off", "alwaysOnline": "off", "securityLevel": "medium", "hotlinkProtection": "on",
		"emailObfuscation": "on", "ipGeolocation": "on", "challengeTtl": 1800.0,
		"securityHeader": map[string]any{
			"enabled": true, "maxAge": 31536000.0, "includeSubdomains": true, "nosniff": true, "preload": false,
		},
	}
	args := created()
	args.Proxied = true
	assert.Equal(t, want, infratest.One(t, zoneOf(t, args), cfSetting).Plain()["settings"])

	assert.Empty(t, infratest.OfType(zoneOf(t, dns.Args{Zone: "example.com", Proxied: true}), cfSetting),
		"an adopted zone serves other names")
}

func pointing(target dns.Target, hosts ...string) func(*pulumi.Context, *dns.Zone) error {
	return func(ctx *pulumi.Context, z *dns.Zone) error { return z.Point(ctx, "prod-edge", target, hosts...) }
}

func balancer() dns.Target {
	return dns.Target{
		Name:   pulumi.String("prod-edge-1.eu-west-1.elb.amazonaws.com.").ToStringOutput(),
		ZoneID: pulumi.String("Z32O12XQLNTSW2").ToStringOutput(),
	}
}

func TestNamesLeadToTheLoadBalancerByCloudflare(t *testing.T) {
	for _, proxied := range []bool{true, false} {
		args := created()
		args.Proxied = proxied
		all := zoneOf(t, args, pointing(balancer(), "example.com", "WWW.example.com."))
		for _, host := range []string{"example.com", "www.example.com"} {
			p := infratest.Named(t, all, cfRecord, "prod-edge-"+host)
			assert.Equal(t, map[string]any{
				"zoneId": "prod-dns-zone-id", "type": "CNAME", "name": host, "proxied": proxied,
				"content": "prod-edge-1.eu-west-1.elb.amazonaws.com", // pain 16: no trailing dot
				"ttl":     map[bool]any{true: 1.0, false: 300.0}[proxied],
			}, p.Plain())
			assert.True(t, p.Options.GetDeleteBeforeReplace(), "pain 16")
		}
	}
}

func TestNamesLeadToTheLoadBalancerByRoute53(t *testing.T) {
	args := dns.Args{Provider: dns.Route53, Zone: "example.com", Create: true}
	target := balancer()
	all := zoneOf(t, args, pointing(target, "example.com"))
	assert.Equal(t, map[string]any{
		"zoneId": "Z123", "type": "A", "name": "example.com",
		"aliases": []any{map[string]any{
			"name": "prod-edge-1.eu-west-1.elb.amazonaws.com", "zoneId": "Z32O12XQLNTSW2", "evaluateTargetHealth": false,
		}},
	}, infratest.Named(t, all, r53Record, "prod-edge-example.com-a").Plain())
	for _, r := range infratest.OfType(all, r53Record) {
		assert.NotEqual(t, "AAAA", r.Plain()["type"], "the network is IPv4 only")
	}
}

func TestTheOrderOfHostsChangesNothing(t *testing.T) {
	names := func(hosts ...string) []string {
		var out []string
		for _, d := range zoneOf(t, created(), pointing(balancer(), hosts...)) {
			out = append(out, d.Type+d.Name)
		}
		return out
	}
	assert.Equal(t, names("example.com", "www.example.com"), names("www.example.com", "example.com"))
}

// Tenants have names below the platform's own, more than anybody lists.
func TestAWildcardLeadsToTheLoadBalancer(t *testing.T) {
	all := zoneOf(t, created(), pointing(balancer(), "example.com", "*.example.com"))
	assert.Equal(t, "*.example.com", infratest.Named(t, all, cfRecord, "prod-edge-any.example.com").Plain()["name"])
	all = zoneOf(t, dns.Args{Provider: dns.Route53, Zone: "example.com", Create: true}, pointing(balancer(), "*.example.com"))
	assert.Equal(t, "*.example.com", infratest.Named(t, all, r53Record, "prod-edge-any.example.com-a").Plain()["name"])
	proxied := created()
	proxied.Proxied = true
	assert.Empty(t, proxied.CheckHosts("*.example.com"))
	// No host is called as the wildcard beside it is.
	all = zoneOf(t, created(), pointing(balancer(), "any.example.com", "*.example.com"))
	assert.Equal(t, "any.example.com", infratest.Named(t, all, cfRecord, "prod-edge-any-.example.com").Plain()["name"])
	assert.Equal(t, "*.example.com", infratest.Named(t, all, cfRecord, "prod-edge-any.example.com").Plain()["name"])
	assert.ErrorContains(t, proxied.CheckHosts("*.shop.example.com").Err(), "Cloudflare's certificate does not cover *.shop.example.com")
}

func TestPointingRefusesWhatCannotBe(t *testing.T) {
	for host, want := range map[string]string{
		"www.example.org":     `hosts[1]: www.example.org is not in the zone example.com; write a name that ends in example.com`,
		"notexample.com":      "is not in the zone example.com",
		"example.com.":        "hosts[1]: example.com is listed twice; write each name once",
		"a.*.example.com":     "has a character that host names do not have",
		"http://example.com/": "is an address, not a name",
	} {
		_, err := infratest.TryRecord(clouds, func(ctx *pulumi.Context) error {
			z, err := dns.New(ctx, "prod-dns", infratest.Platform("prod"), created())
			require.NoError(t, err)
			return z.Point(ctx, "prod-edge", balancer(), "example.com", host)
		})
		assert.ErrorContains(t, err, want, host)
	}
}

func TestAProxiedNameThatTheEdgeHasNoCertificateFor(t *testing.T) {
	_, err := infratest.TryRecord(clouds, func(ctx *pulumi.Context) error {
		args := created()
		args.Proxied = true
		z, err := dns.New(ctx, "prod-dns", infratest.Platform("prod"), args)
		require.NoError(t, err)
		return z.Point(ctx, "prod-edge", balancer(), "www.example.com", "a.b.example.com")
	})
	assert.ErrorContains(t, err, "Cloudflare's certificate does not cover a.b.example.com")
}

func TestNamesAreCheckedBeforeAnythingIsDeclared(t *testing.T) {
	args := created()
	assert.Empty(t, args.CheckHosts("example.com", "a.b.example.com"), "without a proxy the load balancer's certificate counts")
	args.Proxied = true
	assert.ErrorContains(t, args.CheckHosts("example.com", "A.b.example.com.").Err(),
		"hosts[1]: Cloudflare's certificate does not cover a.b.example.com")
	assert.Len(t, args.CheckHosts("x", "example.org", "a.b.example.com"), 3, "all problems at once")
}

// Pain 15: two certificates that cover one name need one record; pain 16: unproxied.
func TestANameIsProvedOnceAndInTheOpen(t *testing.T) {
	proof := dns.Proof{
		Name:  pulumi.String("_abc.www.example.com.").ToStringOutput(),
		Type:  pulumi.String("CNAME").ToStringOutput(),
		Value: pulumi.String("_def.acm-validations.aws.").ToStringOutput(),
	}
	prove := func(ctx *pulumi.Context, z *dns.Zone) error {
		for _, name := range []string{"first", "second"} {
			if _, err := z.Prove(ctx, name, "www.example.com", proof); err != nil {
				return err
			}
		}
		return nil
	}
	args := dns.Args{Zone: "example.com", Proxied: true}
	record := infratest.One(t, zoneOf(t, args, prove), cfRecord)
	assert.Equal(t, map[string]any{
		"zoneId": "adopted", "type": "CNAME", "name": "_abc.www.example.com",
		"content": "_def.acm-validations.aws", "proxied": false, "ttl": 300.0,
	}, record.Plain())

	args = dns.Args{Provider: dns.Route53, Zone: "example.com"}
	record = infratest.One(t, zoneOf(t, args, prove), r53Record)
	assert.Equal(t, []any{"_def.acm-validations.aws"}, record.Plain()["records"])
}

func TestTheOriginLock(t *testing.T) {
	args := created()
	args.Proxied, args.OriginLock = true, true
	pulls := infratest.One(t, zoneOf(t, args), "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls")
	assert.Equal(t, map[string]any{"zoneId": "prod-dns-zone-id", "enabled": true}, pulls.Plain())

	block, rest := pem.Decode([]byte(dns.OriginPullCA))
	require.NotNil(t, block)
	assert.Empty(t, rest)
	sum := sha256.Sum256(block.Bytes)
	assert.Equal(t, "9a1ac2b4be15f9f27eee20a734cba4e9898f61001b3bd7c84b69b56a3e25a2b9", hex.EncodeToString(sum[:]),
		"the fingerprint of authenticated_origin_pull_ca.pem")
	authority, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	assert.Equal(t, "origin-pull.cloudflare.net", authority.Subject.CommonName)
	assert.True(t, authority.IsCA)
	assert.NoError(t, authority.CheckSignatureFrom(authority))
	assert.Equal(t, "2029-11-01", authority.NotAfter.Format(time.DateOnly))
}

func TestCloudflaresRangesAreSortedAndNeverNone(t *testing.T) {
	infratest.Record(t, clouds, func(ctx *pulumi.Context) error {
		ranges, err := dns.CloudflareRanges(ctx)
		assert.Equal(t, []string{"103.21.244.0/22", "198.41.128.0/17"}, ranges, "the network is IPv4 only")
		return err
	})
	_, err := infratest.TryRecord(nil, func(ctx *pulumi.Context) error {
		_, err := dns.CloudflareRanges(ctx)
		return err
	})
	assert.ErrorContains(t, err, "it named none")
}

func TestARoute53ZoneIsSignedAndLoggedFromUsEast1(t *testing.T) {
	var signed string
	declare := func(region string, global bool) ([]infratest.Declared, error) {
		return infratest.TryRecord(clouds, func(ctx *pulumi.Context) error {
			p := infratest.Platform("prod")
			p.Region = region
			args := dns.Args{Provider: dns.Route53, Zone: "example.com", Create: true, DNSSEC: true, QueryLog: true, Protect: true}
			if global {
				provider, err := aws.NewProvider(ctx, "us-east-1", &aws.ProviderArgs{Region: pulumi.String("us-east-1")})
				if err != nil {
					return err
				}
				args.Global = provider
			}
			z, err := dns.New(ctx, "prod-dns", p, args)
			if err == nil {
				z.DS.ApplyT(func(ds string) string { signed = ds; return ds })
			}
			return err
		})
	}
	_, err := declare("eu-west-1", false)
	assert.ErrorContains(t, err, "pass an aws provider of us-east-1 as Global")
	_, err = declare("us-east-1", false)
	assert.NoError(t, err, "the platform's own provider is in us-east-1")

	all, err := declare("eu-west-1", true)
	require.NoError(t, err)
	assert.Equal(t, "12345 13 2 abc", signed)
	key := infratest.Named(t, all, "aws:kms/key:Key", "prod-dns-dnssec")
	p := key.Plain()
	assert.Equal(t, "ECC_NIST_P256", p["customerMasterKeySpec"])
	assert.Equal(t, "SIGN_VERIFY", p["keyUsage"])
	assert.True(t, key.Options.GetProtect())
	assert.JSONEq(t, signingPolicy, p["policy"].(string))
	assert.True(t, infratest.Named(t, all, "aws:kms/key:Key", "prod-dns-queries").Options.GetProtect(),
		"without its key the log cannot be read")
	for _, d := range []infratest.Declared{
		key,
		infratest.Named(t, all, "aws:kms/key:Key", "prod-dns-queries"),
		infratest.One(t, all, "aws:cloudwatch/logGroup:LogGroup"),
	} {
		assert.Contains(t, d.Options.GetProvider(), "::us-east-1::", d.Name)
	}
	ksk := infratest.One(t, all, "aws:route53/keySigningKey:KeySigningKey")
	assert.Equal(t, "ACTIVE", ksk.Plain()["status"])
	assert.NotContains(t, ksk.Options.GetProvider(), "::us-east-1::")
	sec := infratest.One(t, all, "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec")
	assert.Equal(t, "SIGNING", sec.Plain()["signingStatus"])
	assert.True(t, slices.ContainsFunc(sec.Options.GetDependencies(), func(urn string) bool {
		return strings.Contains(urn, "KeySigningKey")
	}), "a zone without a key cannot be signed")
	group := infratest.One(t, all, "aws:cloudwatch/logGroup:LogGroup")
	assert.Equal(t, "/aws/route53/example.com", group.Name, "the account's resource policy goes by the group's name")
	assert.Equal(t, 365.0, group.Plain()["retentionInDays"])
	assert.Contains(t, group.Plain()["kmsKeyId"], "prod-dns-queries")
	writes := infratest.One(t, all, "aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
	assert.Equal(t, "prod-dns-queries-example.com", writes.Plain()["policyName"], "AWS overwrites another zone's policy of the same name")
	assert.JSONEq(t, writingPolicy, writes.Plain()["policyDocument"].(string))
	assert.Contains(t, writes.Options.GetProvider(), "::us-east-1::")
	assert.True(t, slices.ContainsFunc(infratest.One(t, all, "aws:route53/queryLog:QueryLog").Options.GetDependencies(),
		func(urn string) bool {
			return strings.Contains(urn, "LogResourcePolicy")
		}), "AWS refuses a query log that Route 53 may not write")
}

const writingPolicy = `{"Version":"2012-10-17","Statement":[{"Sid":"WriteQueryLog","Effect":"Allow",
	"Principal":{"Service":"route53.amazonaws.com"},"Action":["logs:CreateLogStream","logs:PutLogEvents"],
	"Resource":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com-*:*",
	"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"},"ArnLike":{"aws:SourceArn":"arn:aws:route53:::hostedzone/*"}}}]}`

const signingPolicy = `{"Version":"2012-10-17","Statement":[
	{"Sid":"AccountAdministers","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":[
		"kms:CancelKeyDeletion","kms:CreateGrant","kms:DescribeKey","kms:DisableKey","kms:DisableKeyRotation","kms:EnableKey",
		"kms:EnableKeyRotation","kms:GetKeyPolicy","kms:GetKeyRotationStatus","kms:GetPublicKey","kms:ListGrants",
		"kms:ListKeyPolicies","kms:ListResourceTags","kms:PutKeyPolicy","kms:RevokeGrant","kms:ScheduleKeyDeletion",
		"kms:TagResource","kms:UntagResource","kms:UpdateKeyDescription"],"Resource":"*"},
	{"Sid":"Sign","Effect":"Allow","Principal":{"Service":"dnssec-route53.amazonaws.com"},
		"Action":["kms:DescribeKey","kms:GetPublicKey","kms:Sign"],"Resource":"*",
		"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"},"ArnLike":{"aws:SourceArn":"arn:aws:route53:::hostedzone/*"}}},
	{"Sid":"GrantToSigner","Effect":"Allow","Principal":{"Service":"dnssec-route53.amazonaws.com"},
		"Action":"kms:CreateGrant","Resource":"*","Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}}]}`

func TestACloudflareZoneIsSigned(t *testing.T) {
	args := created()
	args.DNSSEC = true
	var ds string
	all := zoneOf(t, args, func(_ *pulumi.Context, z *dns.Zone) error {
		z.DS.ApplyT(func(s string) string { ds = s; return s })
		return nil
	})
	infratest.One(t, all, "cloudflare:index/zoneDnssec:ZoneDnssec")
	assert.Contains(t, ds, "IN DS")
}

func TestRoute53RecordSets(t *testing.T) {
	all := zoneOf(t, dns.Args{Provider: dns.Route53, Zone: "example.com", Create: true})
	assert.Equal(t, []any{`0 issue "amazon.com"`},
		infratest.Named(t, all, r53Record, "prod-dns-caa").Plain()["records"])
	assert.Equal(t, []any{"0 ."}, infratest.Named(t, all, r53Record, "prod-dns-mx").Plain()["records"])
	assert.Equal(t, "_dmarc.example.com", infratest.Named(t, all, r53Record, "prod-dns-dmarc").Plain()["name"])
	assert.Equal(t, false, infratest.One(t, all, r53Zone).Plain()["forceDestroy"])
}

func TestSettingsThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*dns.Args)
		want   string
	}{
		"provider": {func(a *dns.Args) { a.Provider = "bind" },
			`provider: "bind" is not a DNS provider of the platform; write cloudflare or route53`},
		"no domain":   {func(a *dns.Args) { a.Zone = "" }, `zone: "" is empty`},
		"one label":   {func(a *dns.Args) { a.Zone = "localhost" }, `zone: "localhost" has no dot`},
		"address":     {func(a *dns.Args) { a.Zone = "https://example.com" }, "is an address, not a name"},
		"IP":          {func(a *dns.Args) { a.Zone = "10.0.0.1" }, "is an IP address"},
		"underscore":  {func(a *dns.Args) { a.Zone = "a_b.example.com" }, "has a character that host names do not have"},
		"umlaut":      {func(a *dns.Args) { a.Zone = "bücher.example" }, "write its xn-- form"},
		"dash":        {func(a *dns.Args) { a.Zone = "-a.example.com" }, "begins or ends with a dash"},
		"long label":  {func(a *dns.Args) { a.Zone = strings.Repeat("a", 64) + ".com" }, "longer than 63 characters"},
		"long name":   {func(a *dns.Args) { a.Zone = strings.Repeat("a23456789.", 26) + "com" }, "longer than 253 characters"},
		"number":      {func(a *dns.Args) { a.Zone = "example.123" }, "ends in a number"},
		"empty label": {func(a *dns.Args) { a.Zone = "a..example.com" }, "has an empty label"},
		"no account":  {func(a *dns.Args) { a.AccountID = "" }, "accountId: is missing; write the account's 32 hex digits"},
		"bad account": {func(a *dns.Args) { a.AccountID = "me@example.com" }, `"me@example.com" is not an account id`},
		"lock without proxy": {func(a *dns.Args) { a.OriginLock = true },
			"originLock: locks all visitors out, since they come to the load balancer directly; set proxied to true"},
		"log in Cloudflare": {func(a *dns.Args) { a.QueryLog = true }, "queryLog: Cloudflare has no query log to keep"},
		"proxied Route 53": {func(a *dns.Args) { a.Provider, a.Proxied = dns.Route53, true },
			"proxied: applies to Cloudflare only, and the zone is in Route 53"},
		"retention": {func(a *dns.Args) { *a = dns.Args{Provider: dns.Route53, Zone: "example.com", LogDays: 200} },
			"logDays: CloudWatch Logs cannot keep logs for 200 days"},
		"Route 53 and account": {func(a *dns.Args) { a.Provider = dns.Route53 }, "accountId: applies to Cloudflare only"},
	} {
		t.Run(name, func(t *testing.T) {
			args := created()
			c.change(&args)
			assert.ErrorContains(t, args.Validate().Err(), c.want)
		})
	}
	assert.Empty(t, created().Validate())
	both := dns.Args{Provider: "bind", Zone: "x"}
	assert.Greater(t, len(both.Validate()), 1, "all problems at once")
}
