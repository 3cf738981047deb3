package loadbalancer_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/components/certificate"
	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/infratest"
)

const (
	balancer = "aws:lb/loadBalancer:LoadBalancer"
	listener = "aws:lb/listener:Listener"
	target   = "aws:lb/targetGroup:TargetGroup"
	rule     = "aws:lb/listenerRule:ListenerRule"
)

// platform is what stands around a load balancer.
type platform struct {
	*infra.Platform
	net  *network.Network
	fw   *firewall.Firewall
	cert *certificate.Certificate
	logs *bucket.Bucket
}

func clouds(d infratest.Declared) map[string]any {
	switch d.Type {
	case "cloudflare:index/getZone:getZone":
		return map[string]any{"zoneId": "Z1", "nameServers": []any{"ns.example.net"}}
	case "aws:acm/certificate:Certificate":
		var options []any
		for _, host := range []string{"example.com", "shop.example.com"} {
			options = append(options, map[string]any{
				"domainName": host, "resourceRecordType": "CNAME", "resourceRecordName": "_" + host, "resourceRecordValue": "v",
			})
		}
		return map[string]any{"domainValidationOptions": options}
	case "aws:acm/certificateValidation:CertificateValidation":
		return map[string]any{"certificateArn": "arn:validated"}
	case "cloudflare:index/record:Record":
		return map[string]any{"hostname": d.Inputs["name"]}
	case "aws:s3/bucketV2:BucketV2":
		return map[string]any{"bucket": d.Name}
	case balancer:
		return map[string]any{"arnSuffix": "app/" + d.Name, "dnsName": d.Name + ".elb.amazonaws.com", "zoneId": "Z32O12XQLNTSW2"}
	case target:
		return map[string]any{"arnSuffix": "targetgroup/" + d.Name}
	}
	return nil
}

func surround(ctx *pulumi.Context) (*platform, error) {
	p := infratest.Platform("prod")
	k, err := keys.New(ctx, "prod-keys", p, keys.Args{})
	if err != nil {
		return nil, err
	}
	boundary, err := identity.NewBoundary(ctx, "prod-boundary", p, k, identity.BoundaryArgs{})
	if err != nil {
		return nil, err
	}
	net, err := network.New(ctx, "prod-network", p, network.Wiring{Keys: k, Boundary: boundary},
		network.Args{ZoneNames: []string{"eu-west-1a", "eu-west-1b"}})
	if err != nil {
		return nil, err
	}
	fw, err := firewall.New(ctx, "prod-firewall", p, net, firewall.Args{Sentences: []firewall.Sentence{
		firewall.Allow(firewall.Internet, firewall.Edge, 443),
		firewall.Allow(firewall.Edge, firewall.Web, 8443),
		firewall.Allow(firewall.Web, firewall.Internal, 443),
		firewall.Allow(firewall.Internal, firewall.App, 9443),
	}})
	if err != nil {
		return nil, err
	}
	zone, err := dns.New(ctx, "prod-dns", p, dns.Args{Zone: "example.com"})
	if err != nil {
		return nil, err
	}
	cert, err := certificate.New(ctx, "prod-certificate", p, zone, certificate.Args{
		Domain: "example.com", AlternativeNames: []string{"*.example.com", "*.shop.example.com"},
	})
	if err != nil {
		return nil, err
	}
	logs, err := bucket.Logs(ctx, "prod-logs", p, bucket.LogsArgs{})
	return &platform{Platform: p, net: net, fw: fw, cert: cert, logs: logs}, err
}

// inPlatform records what program declares in a platform, with what surrounds it.
func inPlatform(t *testing.T, program func(*pulumi.Context, *platform) error) ([]infratest.Declared, error) {
	t.Helper()
	return infratest.TryRecord(clouds, func(ctx *pulumi.Context) error {
		around, err := surround(ctx)
		require.NoError(t, err)
		return program(ctx, around)
	})
}

func (p *platform) wiring(group *firewall.Group) loadbalancer.Wiring {
	return loadbalancer.Wiring{Network: p.net, Group: group, Certificate: p.cert, Logs: p.logs}
}

func (p *platform) balance(ctx *pulumi.Context, name string, args loadbalancer.Args) (*loadbalancer.LoadBalancer, error) {
	group := p.fw.Group(firewall.Edge)
	if args.Internal {
		group = p.fw.Group(firewall.Internal)
	}
	return loadbalancer.New(ctx, name, p.Platform, p.wiring(group), args)
}

func edge(t *testing.T, args loadbalancer.Args, targets ...loadbalancer.TargetArgs) []infratest.Declared {
	t.Helper()
	all, err := inPlatform(t, func(ctx *pulumi.Context, p *platform) error {
		l, err := p.balance(ctx, "prod-edge", args)
		if err != nil {
			return err
		}
		for i, args := range targets {
			if _, err := l.Forward(ctx, fmt.Sprintf("prod-web-%d", i), args); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	return all
}

// Controls 53 to 58, 60, 62 and 65.
func TestTheEdge(t *testing.T) {
	l := infratest.One(t, edge(t, loadbalancer.Args{Protect: true}), balancer)
	p := l.Plain()
	for property, want := range map[string]any{
		"loadBalancerType": "application", "internal": false, "ipAddressType": "ipv4",
		"dropInvalidHeaderFields": true, "enableDeletionProtection": true, "desyncMitigationMode": "strictest",
		"enableCrossZoneLoadBalancing": true, "enableWafFailOpen": false, "xffHeaderProcessingMode": "append",
		"preserveHostHeader": true, "enableXffClientPort": false, "enableHttp2": true, "idleTimeout": 60.0,
		"accessLogs":     map[string]any{"enabled": true, "bucket": "prod-logs", "prefix": "access"},
		"connectionLogs": map[string]any{"enabled": true, "bucket": "prod-logs", "prefix": "connection"},
		"securityGroups": []any{"prod-firewall-edge-id"},
	} {
		assert.Equal(t, want, p[property], property)
	}
	assert.NotContains(t, p, "name", "pain 1: auto-named")
	subnets := p["subnets"].([]any)
	require.Len(t, subnets, 2, "control 58")
	for _, s := range subnets {
		assert.Contains(t, s, "public")
	}
	assert.True(t, slices.ContainsFunc(l.Options.GetDependencies(), func(urn string) bool {
		return strings.HasSuffix(urn, "BucketPolicy::prod-logs")
	}), "pain 26: AWS writes a test file when it turns logging on")
}

func TestAnInternalLoadBalancer(t *testing.T) {
	all, err := inPlatform(t, func(ctx *pulumi.Context, p *platform) error {
		_, err := p.balance(ctx, "prod-internal", loadbalancer.Args{Internal: true})
		return err
	})
	require.NoError(t, err)
	p := infratest.One(t, all, balancer).Plain()
	assert.Equal(t, true, p["internal"])
	assert.Equal(t, false, p["enableDeletionProtection"])
	assert.Equal(t, []any{"prod-firewall-internal-id"}, p["securityGroups"])
	for _, s := range p["subnets"].([]any) {
		assert.Contains(t, s, "app")
	}
	assert.Equal(t, "HTTPS", infratest.One(t, all, listener).Plain()["protocol"], "control 51: inside too")
}

// Controls 50 to 52, 66, 67 and 69; invariant 14.
func TestTheListenerSpeaksTLSAndRefusesUnknownHosts(t *testing.T) {
	l := infratest.One(t, edge(t, loadbalancer.Args{}), listener)
	p := l.Plain()
	for property, want := range map[string]any{
		"port": 443.0, "protocol": "HTTPS", "certificateArn": "arn:validated",
		"sslPolicy":                        "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
		"mutualAuthentication":             map[string]any{"mode": "off"},
		"routingHttpResponseServerEnabled": false,
		"routingHttpResponseStrictTransportSecurityHeaderValue": "max-age=31536000; includeSubDomains",
		"routingHttpResponseXContentTypeOptionsHeaderValue":     "nosniff",
		"routingHttpResponseXFrameOptionsHeaderValue":           "DENY",
		"defaultActions": []any{map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{
			"statusCode": "403", "contentType": "text/plain", "messageBody": "This host is not served here.\n",
		}}},
	} {
		assert.Equal(t, want, p[property], property)
	}
}

func TestPort80OnlyRedirectsAndOnlyIfAsked(t *testing.T) {
	all, err := inPlatform(t, func(ctx *pulumi.Context, p *platform) error {
		l, err := p.balance(ctx, "prod-edge", loadbalancer.Args{HTTPRedirect: true})
		if err == nil {
			assert.Equal(t, []int{443, 80}, l.ListenerPorts, "invariant 14")
		}
		return err
	})
	require.NoError(t, err)
	p := infratest.Named(t, all, listener, "prod-edge-http").Plain()
	assert.Equal(t, 80.0, p["port"])
	assert.Equal(t, []any{map[string]any{"type": "redirect", "redirect": map[string]any{
		"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301",
	}}}, p["defaultActions"])
}

// Control 68 and 225.
func TestOnlyCloudflareGetsThroughAnOriginLock(t *testing.T) {
	all := edge(t, loadbalancer.Args{ClientCA: dns.OriginPullCA})
	store := infratest.One(t, all, "aws:lb/trustStore:TrustStore")
	assert.Equal(t, "prod-logs", store.Plain()["caCertificatesBundleS3Bucket"])
	object := infratest.One(t, all, "aws:s3/bucketObjectv2:BucketObjectv2").Plain()
	assert.Equal(t, dns.OriginPullCA, object["content"])
	assert.Equal(t, object["key"], store.Plain()["caCertificatesBundleS3Key"])
	assert.Regexp(t, `^trust/prod-edge-[0-9a-f]{12}\.pem$`, object["key"])
	clients := infratest.One(t, all, listener).Plain()["mutualAuthentication"].(map[string]any)
	assert.Equal(t, "verify", clients["mode"])
	assert.Equal(t, false, clients["ignoreClientCertificateExpiry"])
	assert.Contains(t, clients["trustStoreArn"], store.Name)
}

// Controls 70 to 72; invariant 12.
func TestTargetsAreSpokenToOverHTTPSOnly(t *testing.T) {
	g := infratest.One(t, edge(t, loadbalancer.Args{}, loadbalancer.TargetArgs{Hosts: []string{"example.com"}, Port: 8443}), target)
	p := g.Plain()
	for property, want := range map[string]any{
		"port": 8443.0, "protocol": "HTTPS", "protocolVersion": "HTTP1", "targetType": "instance", "deregistrationDelay": 30.0,
		"loadBalancingAlgorithmType": "least_outstanding_requests", "slowStart": 0.0, "vpcId": "prod-network-id",
		"stickiness": map[string]any{"enabled": false, "type": "lb_cookie"},
		"healthCheck": map[string]any{
			"enabled": true, "protocol": "HTTPS", "port": "traffic-port", "path": "/healthz", "matcher": "200",
			"interval": 10.0, "timeout": 5.0, "healthyThreshold": 2.0, "unhealthyThreshold": 3.0,
		},
	} {
		assert.Equal(t, want, p[property], property)
	}
	// Pain 1: a replaced target group is still in use when its successor is made.
	assert.NotContains(t, p, "name")
	assert.False(t, g.Options.GetDeleteBeforeReplace())
}

func TestRequestsAreForwardedByHost(t *testing.T) {
	all := edge(t, loadbalancer.Args{}, loadbalancer.TargetArgs{Hosts: []string{"WWW.example.com.", "example.com"}, Port: 8443})
	require.Len(t, infratest.OfType(all, rule), 2)
	p := infratest.Named(t, all, rule, "prod-web-0-www.example.com").Plain()
	assert.Equal(t, []any{map[string]any{"hostHeader": map[string]any{"values": []any{"www.example.com"}}}}, p["conditions"])
	action := p["actions"].([]any)[0].(map[string]any)
	assert.Equal(t, "forward", action["type"])
	assert.Contains(t, action["targetGroupArn"], "prod-web-0")
}

// Pain 28.
func TestARulesPriorityIsItsOwn(t *testing.T) {
	priorities := func(targets ...loadbalancer.TargetArgs) map[string]float64 {
		out := map[string]float64{}
		for _, r := range infratest.OfType(edge(t, loadbalancer.Args{}, targets...), rule) {
			p := r.Plain()
			host := p["conditions"].([]any)[0].(map[string]any)["hostHeader"].(map[string]any)["values"].([]any)[0].(string)
			out[host] = p["priority"].(float64)
		}
		return out
	}
	one := priorities(loadbalancer.TargetArgs{Hosts: []string{"example.com", "www.example.com"}, Port: 8443})
	more := priorities(
		loadbalancer.TargetArgs{Hosts: []string{"a.example.com"}, Port: 8444},
		loadbalancer.TargetArgs{Hosts: []string{"www.example.com", "example.com"}, Port: 8443},
	)
	assert.EqualValues(t, priorityOfExample, one["example.com"])
	for host, priority := range one {
		assert.Equal(t, priority, more[host], "%s does not move when another host comes", host)
		assert.True(t, priority >= 1 && priority <= 50000)
	}
	wild := priorities(loadbalancer.TargetArgs{Hosts: []string{"*.example.com", "*.shop.example.com", "a.shop.example.com"}, Port: 8443})
	assert.Less(t, wild["a.shop.example.com"], wild["*.shop.example.com"], "a name before the wildcard that matches it")
	assert.Less(t, wild["*.shop.example.com"], wild["*.example.com"], "the longer wildcard first: * matches dots too")
}

// AWS takes letters, digits, spaces and + - = . _ : / @ in a tag (AWS, general
// reference, "Tag naming limits and requirements").
func TestTagsOfAWildcardsRule(t *testing.T) {
	all := edge(t, loadbalancer.Args{}, loadbalancer.TargetArgs{Hosts: []string{"*.example.com", "any.example.com"}, Port: 8443})
	r := infratest.Named(t, all, rule, "prod-web-0-any.example.com")
	assert.Contains(t, fmt.Sprint(r.Plain()["conditions"]), "*.example.com")
	assert.Contains(t, fmt.Sprint(infratest.Named(t, all, rule, "prod-web-0-any-.example.com").Plain()["conditions"]), "any.example.com")
	for _, value := range r.Plain()["tags"].(map[string]any) {
		assert.Regexp(t, `^[\pL\pN +\-=._:/@]*$`, value)
	}
}

func TestScalingWaitsForTheRule(t *testing.T) {
	_, err := inPlatform(t, func(ctx *pulumi.Context, p *platform) error {
		l, err := p.balance(ctx, "prod-edge", loadbalancer.Args{})
		require.NoError(t, err)
		g, err := l.Forward(ctx, "prod-web", loadbalancer.TargetArgs{Hosts: []string{"example.com"}, Port: 8443})
		require.NoError(t, err)
		assert.Len(t, g.Rules, 1)
		g.RequestLabel.ApplyT(func(label string) string {
			assert.Equal(t, "app/prod-edge/targetgroup/prod-web", label)
			return label
		})
		return nil
	})
	require.NoError(t, err)
}

// Pain 2.
func TestNamesAtTheirLimit(t *testing.T) {
	long := "prod-" + strings.Repeat("x", 40)
	all, err := inPlatform(t, func(ctx *pulumi.Context, p *platform) error {
		l, err := p.balance(ctx, long, loadbalancer.Args{ClientCA: dns.OriginPullCA})
		if err != nil {
			return err
		}
		for _, name := range []string{long + "-web", long + "-app"} {
			if _, err := l.Forward(ctx, name, loadbalancer.TargetArgs{Hosts: []string{name[len(name)-3:] + ".example.com"},
				Port: 8443}); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	for _, token := range []string{balancer, target, "aws:lb/trustStore:TrustStore"} {
		for _, d := range infratest.OfType(all, token) {
			assert.LessOrEqual(t, len(d.Name)+infra.AutoNameSuffix, 32, d.Name)
		}
	}
	require.Len(t, infratest.OfType(all, target), 2, "two long names stay apart")
}

func TestWiringThatCannotBe(t *testing.T) {
	_, err := inPlatform(t, func(ctx *pulumi.Context, p *platform) error {
		group := p.fw.Group(firewall.Edge)
		for want, make := range map[string]func() error{
			"Network: is missing from the component's wiring": func() error {
				_, err := loadbalancer.New(ctx, "x", p.Platform, loadbalancer.Wiring{}, loadbalancer.Args{})
				return err
			},
			"Group: is missing from the component's wiring; write a sentence of the firewall": func() error {
				_, err := loadbalancer.New(ctx, "x", p.Platform, p.wiring(nil), loadbalancer.Args{})
				return err
			},
			"Group: is the security group of edge; pass the group of internal": func() error {
				_, err := loadbalancer.New(ctx, "x", p.Platform, p.wiring(group), loadbalancer.Args{Internal: true})
				return err
			},
			`"internal-edge" begins with internal-, which AWS reserves`: func() error {
				_, err := loadbalancer.New(ctx, "internal-edge", p.Platform, p.wiring(group), loadbalancer.Args{})
				return err
			},
		} {
			assert.ErrorContains(t, make(), want)
		}
		return nil
	})
	require.NoError(t, err)
}

// What a program asks of its load balancer: to see a client again, and to be spoken to in HTTP/2 or gRPC.
func TestWhatTargetsAskFor(t *testing.T) {
	of := func(args loadbalancer.TargetArgs) map[string]any {
		args.Hosts, args.Port = []string{"example.com"}, 8443
		return infratest.One(t, edge(t, loadbalancer.Args{}, args), target).Plain()
	}
	plain := of(loadbalancer.TargetArgs{})
	assert.Equal(t, map[string]any{"type": "lb_cookie", "enabled": false}, plain["stickiness"])
	assert.Equal(t, "HTTP1", plain["protocolVersion"])
	assert.Equal(t, map[string]any{"type": "lb_cookie", "enabled": true, "cookieDuration": 3600.0},
		of(loadbalancer.TargetArgs{StickySeconds: 3600})["stickiness"])
	grpc := of(loadbalancer.TargetArgs{ProtocolVersion: loadbalancer.GRPC, HealthPath: "/grpc.health.v1.Health/Check"})
	assert.Equal(t, "GRPC", grpc["protocolVersion"])
	assert.Equal(t, "0", grpc["healthCheck"].(map[string]any)["matcher"])
	assert.Equal(t, "200", of(loadbalancer.TargetArgs{ProtocolVersion: loadbalancer.HTTP2})["healthCheck"].(map[string]any)["matcher"])
}

func TestForwardingThatCannotBe(t *testing.T) {
	_, err := inPlatform(t, func(ctx *pulumi.Context, p *platform) error {
		l, err := p.balance(ctx, "prod-edge", loadbalancer.Args{})
		require.NoError(t, err)
		_, err = l.Forward(ctx, "prod-web", loadbalancer.TargetArgs{Hosts: []string{"example.com"}, Port: 8443})
		require.NoError(t, err)
		for want, args := range map[string]loadbalancer.TargetArgs{
			"hosts: example.com is forwarded already":                   {Hosts: []string{"example.com"}, Port: 8443},
			"hosts: the certificate does not cover example.org; add it": {Hosts: []string{"example.org"}, Port: 8443},
			"the certificate does not cover a.b.example.com":            {Hosts: []string{"a.b.example.com"}, Port: 8443},
		} {
			_, err := l.Forward(ctx, "prod-other", args)
			assert.ErrorContains(t, err, want)
		}
		return nil
	})
	require.NoError(t, err)
}

// priorityOfExample is where the rule of example.com is: a change of it moves the rules
// of platforms that exist.
const priorityOfExample = 10714

// pemOf is a self-signed certificate that is valid for a while from now.
func pemOf(t *testing.T, name string, authority bool, valid time.Duration) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: authority,
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(valid),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestSettingsThatCannotBe(t *testing.T) {
	for want, args := range map[string]loadbalancer.Args{
		"idleTimeoutSeconds: must be 1 to 4000 seconds, not 5000":    {IdleTimeoutSeconds: 5000},
		"httpRedirect: the internal load balancer serves HTTPS only": {HTTPRedirect: true, Internal: true},
		"clientCa: has no certificate in it":                         {ClientCA: "./ca.pem"},
		"clientCa: has a PRIVATE KEY in it": {ClientCA: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE " +
			"KEY-----\n"},
		"clientCa: certificate 1 cannot be read": {ClientCA: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END " +
			"CERTIFICATE-----\n"},
	} {
		assert.ErrorContains(t, args.Validate().Err(), want)
	}
	for want, ca := range map[string]string{
		"clientCa: certificate 1 (leaf) is not an authority's":     pemOf(t, "leaf", false, time.Hour),
		"clientCa: certificate 1 (old) expired on ":                pemOf(t, "old", true, -time.Hour),
		"clientCa: certificate 2 (leaf) is not an authority's; wr": dns.OriginPullCA + pemOf(t, "leaf", false, time.Hour),
	} {
		assert.ErrorContains(t, loadbalancer.Args{ClientCA: ca}.Validate().Err(), want)
	}
	for want, args := range map[string]loadbalancer.TargetArgs{
		"hosts: are missing, so nothing would be forwarded":         {Port: 8443},
		`hosts[1]: "a b" has no dot`:                                {Hosts: []string{"example.com", "a b"}, Port: 8443},
		"stickySeconds: must be 0 to 604800 seconds, not 700000":    {Hosts: []string{"example.com"}, Port: 1, StickySeconds: 700000},
		`protocolVersion: there is no version "HTTP3"; write HTTP1`: {Hosts: []string{"example.com"}, Port: 1, ProtocolVersion: "HTTP3"},
		"port: must be 1 to 65535, not 0":                           {Hosts: []string{"example.com"}},
		`healthPath: "healthz" is not a path; write a path such as`: {Hosts: []string{"example.com"}, Port: 1, HealthPath: "healthz"},
	} {
		assert.ErrorContains(t, args.Validate().Err(), want)
	}
	assert.Len(t, loadbalancer.TargetArgs{HealthPath: "x"}.Validate(), 3, "all problems at once")
	assert.Empty(t, loadbalancer.Args{ClientCA: dns.OriginPullCA}.Validate())
}
