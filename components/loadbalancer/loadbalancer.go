// Package loadbalancer holds the platform's load balancers: the edge, the only one reachable from the internet, and
// the internal one in front of the application servers.
//
// Both speak only HTTPS, to clients and to targets, refuse hosts that they were not told about, and log every request
// and every handshake.
package loadbalancer

import (
	"cmp"
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
	// tlsPolicy allows TLS 1.2 and 1.3 with forward secrecy and AEAD ciphers only, and prefers a key exchange that a
	// quantum computer cannot break (AWS, Application Load Balancer user guide, "Security policies").
	tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
	// hsts makes browsers refuse plain HTTP for a year, for the host that answers and every name below it.
	hsts = "max-age=31536000; includeSubDomains"
	// LongestHost is the longest host that a rule can match (AWS, ELB API reference, HostHeaderConditionConfig).
	LongestHost = 128
	// HTTPSPort is where every load balancer listens.
	HTTPSPort = 443
	// HTTPPort is where a load balancer that redirects to HTTPSPort listens too.
	HTTPPort = 80
)

// Args are the settings of a load balancer. It costs from about 16 USD a month in us-east-1: 0.0225 USD an hour plus
// a charge for use (AWS, Elastic Load Balancing pricing).
type Args struct {
	// Internal keeps it off the internet, in the subnets of the application tier.
	// Default: it faces the internet, in the public subnets. A change replaces it.
	Internal bool
	// IdleTimeoutSeconds closes an idle connection after so many seconds, 1 to 4000. Default: 60.
	IdleTimeoutSeconds int
	// HTTPRedirect adds a listener on port 80 that only redirects to HTTPS; the
	// firewall must have a sentence for it. Default: nothing listens on port 80.
	HTTPRedirect bool
	// ClientCA is a PEM bundle of authorities. If given, clients without a certificate from one of them are turned
	// away in the handshake: with Cloudflare's, only Cloudflare gets through. Default: clients need no certificate.
	ClientCA string
	// Routed makes room for rules of routes by path before those of hosts, whose priorities are different without it.
	// Changing it moves every rule. Default false.
	Routed bool
	// Protect makes AWS refuse to delete the load balancer, and so to replace it. Default false.
	Protect bool
}

func (a Args) withDefaults() Args {
	a.IdleTimeoutSeconds = cmp.Or(a.IdleTimeoutSeconds, 60)
	return a
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	ps.Range("idleTimeoutSeconds", a.IdleTimeoutSeconds, 1, 4000, "seconds")
	if a.HTTPRedirect && a.Internal {
		ps.Add("httpRedirect", "leave it out", "the internal load balancer serves HTTPS only")
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
	// ARN is the load balancer's; ARNSuffix is the part that identifies it in metrics.
	ARN, ARNSuffix pulumi.StringOutput
	// DNSName is AWS's name for it, and ZoneID the zone that the name is in.
	DNSName, ZoneID pulumi.StringOutput
	// ListenerPorts are the ports that it listens on.
	ListenerPorts []int

	platform   *infra.Platform
	wiring     Wiring
	listener   *lb.Listener
	priorities map[int]Match
	routed     bool
}

// Target is what a DNS name must point at to lead to the load balancer.
func (l *LoadBalancer) Target() dns.Target { return dns.Target{Name: l.DNSName, ZoneID: l.ZoneID} }

// Wiring is what a load balancer depends on.
type Wiring struct {
	Network     network.Place
	Group       *firewall.Group `missing:"write a sentence of the firewall that leads to it"`
	Certificate *certificate.Certificate
	Logs        *bucket.Bucket
}

// New makes a load balancer.
func New(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args Args, opts ...pulumi.ResourceOption) (*LoadBalancer, error) {
	args = args.withDefaults()
	problems := args.Validate()
	logical := infra.ShortName(nameLimit, name)
	if strings.HasPrefix(logical, "internal-") {
		problems.Addf("", "name the platform something else", "%q begins with internal-, which AWS reserves", logical)
	}
	party := firewall.Edge
	if args.Internal {
		party = firewall.Internal
	}
	if w.Group != nil && w.Group.Party.Kind != party.Kind {
		problems.Addf("Group", fmt.Sprintf("pass the group of %s", party), "is the security group of %s", w.Group.Party)
	}
	l := &LoadBalancer{
		Internal: args.Internal, ListenerPorts: []int{HTTPSPort},
		platform: p, wiring: w, priorities: map[int]Match{}, routed: args.Routed,
	}
	err := infra.Declare(ctx, infra.Component{
		Type: "loadbalancer:LoadBalancer", Name: name, Platform: p, Wiring: w, Problems: problems, Options: opts,
	}, l, func() (pulumi.Map, error) {
		if err := l.balancer(ctx, logical, args); err != nil {
			return nil, err
		}
		if err := l.listen(ctx, name, args); err != nil {
			return nil, err
		}
		return pulumi.Map{"arn": l.ARN, "dnsName": l.DNSName, "zoneId": l.ZoneID}, nil
	})
	return l, err
}

func (l *LoadBalancer) tier() (tag infra.Tier, subnets network.Tier) {
	if l.Internal {
		return infra.TierInternal, network.App
	}
	return infra.TierEdge, network.Public
}

func (l *LoadBalancer) balancer(ctx *pulumi.Context, logical string, args Args) error {
	tier, subnets := l.tier()
	logs := l.wiring.Logs
	// When logging is turned on AWS writes a test file, and refuses if it cannot. It also refuses a public load
	// balancer until an internet gateway is attached.
	after := []pulumi.Resource{logs.Ready}
	if !l.Internal {
		after = append(after, l.wiring.Network.Ready(subnets)...)
	}
	made, err := lb.NewLoadBalancer(ctx, logical, &lb.LoadBalancerArgs{
		LoadBalancerType: pulumi.String("application"),
		Internal:         pulumi.Bool(args.Internal),
		IpAddressType:    pulumi.String("ipv4"),
		Subnets:          l.wiring.Network.Subnets(subnets),
		SecurityGroups:   pulumi.StringArray{l.wiring.Group.ID},
		AccessLogs: lb.LoadBalancerAccessLogsArgs{
			Enabled: pulumi.Bool(true), Bucket: logs.Name, Prefix: pulumi.String(bucket.AccessLogs),
		},
		ConnectionLogs: lb.LoadBalancerConnectionLogsArgs{
			Enabled: pulumi.Bool(true), Bucket: logs.Name, Prefix: pulumi.String(bucket.ConnectionLogs),
		},
		IdleTimeout:                           pulumi.Int(args.IdleTimeoutSeconds),
		ClientKeepAlive:                       pulumi.Int(3600),
		EnableDeletionProtection:              pulumi.Bool(args.Protect),
		EnableCrossZoneLoadBalancing:          pulumi.Bool(true),
		EnableHttp2:                           pulumi.Bool(true),
		EnableWafFailOpen:                     pulumi.Bool(false),
		EnableZonalShift:                      pulumi.Bool(true),
		EnableTlsVersionAndCipherSuiteHeaders: pulumi.Bool(false),
		EnableXffClientPort:                   pulumi.Bool(false),
		DropInvalidHeaderFields:               pulumi.Bool(true),
		// Turns away every request that two servers could interpret differently, not only those known to be harmful.
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

func (l *LoadBalancer) listen(ctx *pulumi.Context, name string, args Args) error {
	tier, _ := l.tier()
	clients, err := l.clients(ctx, name, args)
	if err != nil {
		return err
	}
	l.listener, err = lb.NewListener(ctx, name+"-https", &lb.ListenerArgs{
		LoadBalancerArn:      l.ARN,
		Port:                 pulumi.Int(HTTPSPort),
		Protocol:             pulumi.String("HTTPS"),
		SslPolicy:            pulumi.String(tlsPolicy),
		CertificateArn:       l.wiring.Certificate.ARN,
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
		RoutingHttpResponseStrictTransportSecurityHeaderValue: pulumi.String(hsts),
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
