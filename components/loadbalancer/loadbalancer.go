// Package loadbalancer holds the platform's load balancers: the edge, which alone is
// reachable from the internet, and the internal one before the application servers.
//
// Both speak HTTPS only, to clients and to targets, refuse hosts that they were not
// told about, and log every request and every handshake.
package loadbalancer

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/components/certificate"
	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
)

const (
	// nameLimit is the longest name of a load balancer, target group or trust store
	// (AWS, ELB API reference, CreateLoadBalancer, CreateTargetGroup, CreateTrustStore).
	nameLimit = 32
	// tlsPolicy allows TLS 1.2 and 1.3 with forward secrecy and AEAD ciphers only, and
	// prefers a key exchange that a quantum computer does not break (AWS, Application
	// Load Balancer user guide, "Security policies").
	tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
	// HTTPSPort is where every load balancer listens.
	HTTPSPort = 443
	// HTTPPort is where one listens that redirects to HTTPSPort.
	HTTPPort = 80
)

// Args are the settings of a load balancer. It costs from about 16 USD a month in
// us-east-1: 0.0225 USD an hour, and by use (AWS, Elastic Load Balancing pricing).
type Args struct {
	// Internal keeps it off the internet, in the subnets of the application tier.
	// Default: it faces the internet, in the public subnets. A change replaces it.
	Internal bool
	// IdleTimeoutSeconds closes a connection on which nothing moves, 1 to 4000.
	// Default: 60.
	IdleTimeoutSeconds int
	// HTTPRedirect adds a listener on port 80 that only redirects to HTTPS; the
	// firewall must have a sentence for it. Default: nothing listens on port 80.
	HTTPRedirect bool
	// HSTS is the Strict-Transport-Security header of every answer. The default,
	// "max-age=31536000; includeSubDomains", has browsers refuse plain HTTP for a
	// year, for the host that answers and every name below it.
	HSTS string
	// ClientCA is a PEM bundle of authorities. If given, clients without a certificate
	// of one of them are turned away in the handshake: with Cloudflare's, only
	// Cloudflare gets through. Default: clients need no certificate.
	ClientCA string
	// AllowDeletion turns AWS's deletion protection off, so that the load balancer can
	// be destroyed or replaced. Default: AWS refuses.
	AllowDeletion bool
}

func (a Args) withDefaults() Args {
	if a.IdleTimeoutSeconds == 0 {
		a.IdleTimeoutSeconds = 60
	}
	if a.HSTS == "" {
		a.HSTS = "max-age=31536000; includeSubDomains"
	}
	return a
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	if a.IdleTimeoutSeconds < 1 || a.IdleTimeoutSeconds > 4000 {
		ps.Addf("idleTimeoutSeconds", "write 1 to 4000", "%d seconds cannot be", a.IdleTimeoutSeconds)
	}
	if !strings.HasPrefix(a.HSTS, "max-age=") {
		ps.Addf("hsts", `write a header value such as "max-age=31536000; includeSubDomains"`, "%q has no max-age", a.HSTS)
	}
	if a.HTTPRedirect && a.Internal {
		ps.Add("httpRedirect", "leave it out", "inside the platform nobody comes over plain HTTP")
	}
	if a.ClientCA != "" {
		if what := bundleProblem(a.ClientCA); what != "" {
			ps.Add("clientCa", "write the authorities' certificates in PEM", what)
		}
	}
	return ps
}

// LoadBalancer is an application load balancer with its HTTPS listener.
type LoadBalancer struct {
	pulumi.ResourceState

	// Internal says that it does not face the internet.
	Internal bool
	// ARN is the load balancer's; ARNSuffix the part that metrics go by.
	ARN, ARNSuffix pulumi.StringOutput
	// DNSName is AWS's name for it, and ZoneID the zone that the name is in.
	DNSName, ZoneID pulumi.StringOutput
	// ListenerPorts are the ports that it listens on.
	ListenerPorts []int

	platform    *infra.Platform
	network     *network.Network
	certificate *certificate.Certificate
	listener    *lb.Listener
	priorities  map[int]string // host by priority
}

// Target is what a DNS name that leads to the load balancer points at.
func (l *LoadBalancer) Target() dns.Target { return dns.Target{Name: l.DNSName, ZoneID: l.ZoneID} }

// New makes a load balancer that listens with cert, lets in and out what group does,
// and logs to logs.
func New(ctx *pulumi.Context, name string, p *infra.Platform, net *network.Network, group *firewall.Group, cert *certificate.Certificate, logs *bucket.Bucket, args Args, opts ...pulumi.ResourceOption) (*LoadBalancer, error) {
	switch {
	case net == nil:
		return nil, fmt.Errorf("load balancer %s: no network to be in", name)
	case group == nil:
		return nil, fmt.Errorf("load balancer %s: no sentence of the firewall names it", name)
	case cert == nil:
		return nil, fmt.Errorf("load balancer %s: no certificate to listen with", name)
	case logs == nil:
		return nil, fmt.Errorf("load balancer %s: no bucket to log to", name)
	}
	args = args.withDefaults()
	problems := args.Validate()
	logical := infra.ShortName(nameLimit, name)
	if strings.HasPrefix(logical, "internal-") {
		problems.Addf("", "name the platform something else", "%q begins with internal-, which AWS keeps for itself", logical)
	}
	party := firewall.Edge
	if args.Internal {
		party = firewall.Internal
	}
	if group.Party != party {
		problems.Addf("", fmt.Sprintf("pass the group of %s", party), "the security group is that of %s", group.Party)
	}
	if len(net.Zones) < 2 {
		problems.Addf("", "give the network two zones", "the network has %d zone and a load balancer needs two", len(net.Zones))
	}
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("load balancer %s: %w", name, err)
	}
	l := &LoadBalancer{
		Internal: args.Internal, ListenerPorts: []int{HTTPSPort},
		platform: p, network: net, certificate: cert, priorities: map[int]string{},
	}
	if err := ctx.RegisterComponentResource("causeway:loadbalancer:LoadBalancer", name, l, opts...); err != nil {
		return nil, err
	}
	if err := l.balancer(ctx, logical, group, logs, args); err != nil {
		return nil, fmt.Errorf("load balancer %s: %w", name, err)
	}
	if err := l.listen(ctx, name, logs, args); err != nil {
		return nil, fmt.Errorf("load balancer %s: %w", name, err)
	}
	return l, ctx.RegisterResourceOutputs(l, pulumi.Map{"arn": l.ARN, "dnsName": l.DNSName, "zoneId": l.ZoneID})
}

func (l *LoadBalancer) tier() (tags string, subnets network.Tier) {
	if l.Internal {
		return "internal", network.App
	}
	return "edge", network.Public
}

func (l *LoadBalancer) balancer(ctx *pulumi.Context, logical string, group *firewall.Group, logs *bucket.Bucket, args Args) error {
	tier, subnets := l.tier()
	// AWS writes a test file when logging is turned on, and refuses if it cannot. It
	// refuses a public load balancer where no internet gateway is attached yet.
	after := []pulumi.Resource{logs.Ready}
	if !l.Internal {
		after = append(after, l.network.Ready(subnets)...)
	}
	made, err := lb.NewLoadBalancer(ctx, logical, &lb.LoadBalancerArgs{
		LoadBalancerType: pulumi.String("application"),
		Internal:         pulumi.Bool(args.Internal),
		IpAddressType:    pulumi.String("ipv4"),
		Subnets:          l.network.Subnets(subnets),
		SecurityGroups:   pulumi.StringArray{group.ID},
		AccessLogs: lb.LoadBalancerAccessLogsArgs{
			Enabled: pulumi.Bool(true), Bucket: logs.Name, Prefix: pulumi.String(bucket.AccessLogs),
		},
		ConnectionLogs: lb.LoadBalancerConnectionLogsArgs{
			Enabled: pulumi.Bool(true), Bucket: logs.Name, Prefix: pulumi.String(bucket.ConnectionLogs),
		},
		IdleTimeout:                           pulumi.Int(args.IdleTimeoutSeconds),
		ClientKeepAlive:                       pulumi.Int(3600),
		EnableDeletionProtection:              pulumi.Bool(!args.AllowDeletion),
		EnableCrossZoneLoadBalancing:          pulumi.Bool(true),
		EnableHttp2:                           pulumi.Bool(true),
		EnableWafFailOpen:                     pulumi.Bool(false),
		EnableZonalShift:                      pulumi.Bool(true),
		EnableTlsVersionAndCipherSuiteHeaders: pulumi.Bool(false),
		EnableXffClientPort:                   pulumi.Bool(false),
		DropInvalidHeaderFields:               pulumi.Bool(true),
		// Turns away every request that two servers could read differently, not only
		// those that are known to do harm.
		DesyncMitigationMode:    pulumi.String("strictest"),
		XffHeaderProcessingMode: pulumi.String("append"),
		PreserveHostHeader:      pulumi.Bool(true),
		Tags:                    l.platform.TagsFor(logical, tier),
	}, pulumi.Parent(l),
		pulumi.DependsOn(after))
	if err != nil {
		return err
	}
	l.ARN, l.ARNSuffix = made.Arn, made.ArnSuffix
	l.DNSName, l.ZoneID = made.DnsName, made.ZoneId
	return nil
}

func (l *LoadBalancer) listen(ctx *pulumi.Context, name string, logs *bucket.Bucket, args Args) error {
	tier, _ := l.tier()
	clients, err := l.clients(ctx, name, logs, args)
	if err != nil {
		return err
	}
	l.listener, err = lb.NewListener(ctx, name+"-https", &lb.ListenerArgs{
		LoadBalancerArn:      l.ARN,
		Port:                 pulumi.Int(HTTPSPort),
		Protocol:             pulumi.String("HTTPS"),
		SslPolicy:            pulumi.String(tlsPolicy),
		CertificateArn:       l.certificate.ARN,
		MutualAuthentication: clients,
		DefaultActions: lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
			Type: pulumi.String("fixed-response"),
			FixedResponse: lb.ListenerDefaultActionFixedResponseArgs{
				StatusCode:  pulumi.String("403"),
				ContentType: pulumi.String("text/plain"),
				MessageBody: pulumi.String("This host is not served here.\n"),
			},
		}},
		RoutingHttpResponseServerEnabled:                      pulumi.Bool(false),
		RoutingHttpResponseStrictTransportSecurityHeaderValue: pulumi.String(args.HSTS),
		RoutingHttpResponseXContentTypeOptionsHeaderValue:     pulumi.String("nosniff"),
		RoutingHttpResponseXFrameOptionsHeaderValue:           pulumi.String("DENY"),
		Tags: l.platform.TagsFor(name+"-https", tier),
	}, pulumi.Parent(l))
	if err != nil || !args.HTTPRedirect {
		return err
	}
	l.ListenerPorts = append(l.ListenerPorts, HTTPPort)
	_, err = lb.NewListener(ctx, name+"-http", &lb.ListenerArgs{
		LoadBalancerArn: l.ARN,
		Port:            pulumi.Int(HTTPPort),
		Protocol:        pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
			Type: pulumi.String("redirect"),
			Redirect: lb.ListenerDefaultActionRedirectArgs{
				Protocol:   pulumi.String("HTTPS"),
				Port:       pulumi.String(fmt.Sprint(HTTPSPort)),
				StatusCode: pulumi.String("HTTP_301"),
			},
		}},
		RoutingHttpResponseServerEnabled: pulumi.Bool(false),
		Tags:                             l.platform.TagsFor(name+"-http", tier),
	}, pulumi.Parent(l))
	return err
}
