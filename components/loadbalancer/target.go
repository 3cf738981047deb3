package loadbalancer

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/infra"
)

// methodPattern is a method of gRPC (AWS, ELB user guide, "Health check settings": /package.service/method).
var methodPattern = regexp.MustCompile(`^/[A-Za-z0-9_.]+/[A-Za-z0-9_]+$`)

// pathPattern is an absolute path of RFC 3986, without a query.
var pathPattern = regexp.MustCompile(`^/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*$`)

// TargetArgs are the settings of a target group and the hosts that are forwarded to it.
type TargetArgs struct {
	// Hosts are the names whose requests are forwarded, such as www.example.com or *.example.com; the load balancer's
	// certificate must cover them. Required unless Matches are given.
	Hosts []string
	// Matches are further requests that are forwarded, by host and path.
	Matches []Match
	// Port is where the targets listen, with HTTPS. Required. A change replaces the
	// target group.
	Port int
	// HealthPath is requested to learn whether a target is healthy. It must not depend on lower tiers, or one broken
	// database takes all servers out. Default: /healthz.
	HealthPath string
	// StickySeconds makes a client come back to the same target for so long, by a cookie, up to 604800. Default 0:
	// any target serves any request.
	StickySeconds int
	// ProtocolVersion is the version of HTTP that targets are sent, within TLS: HTTP1 (default), HTTP2 or GRPC. A
	// change replaces the target group.
	ProtocolVersion string
}

// Versions of HTTP that targets can speak (AWS, Application Load Balancer user guide,
// "Protocol versions").
const (
	HTTP1 = "HTTP1"
	HTTP2 = "HTTP2"
	GRPC  = "GRPC"
)

// mostSticky is seven days (AWS, ELB API reference, TargetGroupAttribute).
const mostSticky = 7 * 24 * 60 * 60

const (
	// healthInterval is the seconds between two checks: a target is put into service after two good answers and taken
	// out after three bad ones.
	healthInterval = 10
	// deregistrationDelay is how many seconds a departing target has to finish its requests. A longer delay lengthens
	// every rolling deployment.
	deregistrationDelay = 30
)

func (a TargetArgs) withDefaults() TargetArgs {
	hosts := make([]string, len(a.Hosts))
	for i, host := range a.Hosts {
		hosts[i] = dns.Normalise(host)
	}
	slices.Sort(hosts)
	a.Hosts = slices.Compact(hosts)
	a.HealthPath = cmp.Or(a.HealthPath, "/healthz")
	a.ProtocolVersion = cmp.Or(a.ProtocolVersion, HTTP1)
	return a
}

// Validate reports everything that is wrong with the settings.
func (a TargetArgs) Validate() infra.Problems {
	given := a.Hosts
	a = a.withDefaults()
	var ps infra.Problems
	if len(given)+len(a.Matches) == 0 {
		ps.Add("hosts", "write the names that are served", "are missing, so nothing would be forwarded")
	}
	for i, host := range given {
		name := strings.TrimPrefix(dns.Normalise(host), "*.")
		if what := dns.NameProblem(name); what != "" {
			ps.Addf(fmt.Sprintf("hosts[%d]", i), "write a name such as www.example.com", "%q %s", host, what)
		}
	}
	ps.Range("port", a.Port, 1, 65535, "")
	ps.Range("stickySeconds", a.StickySeconds, 0, mostSticky, "seconds")
	if !slices.Contains([]string{HTTP1, HTTP2, GRPC}, a.ProtocolVersion) {
		ps.Addf("protocolVersion", "write HTTP1 or HTTP2; or GRPC, with a method as healthPath", "there is no version %q",
			a.ProtocolVersion)
	}
	if !pathPattern.MatchString(a.HealthPath) || len(a.HealthPath) > 1024 {
		ps.Addf("healthPath", "write a path such as /healthz, without a query", "%q is not a path", a.HealthPath)
	} else if a.ProtocolVersion == GRPC && !methodPattern.MatchString(a.HealthPath) {
		ps.Addf("healthPath", "write one such as /grpc.health.v1.Health/Check",
			"%q is not a method of gRPC, which is what a check calls: no server would become healthy", a.HealthPath)
	}
	return ps
}

// TargetGroup is a set of servers that requests are forwarded to.
type TargetGroup struct {
	pulumi.ResourceState

	// ARN is the target group's; ARNSuffix is the part that identifies it in metrics.
	ARN, ARNSuffix pulumi.StringOutput
	// Port is where the targets listen, health checks included.
	Port int
	// ProtocolVersion is the version of HTTP that they are sent.
	ProtocolVersion string
	// LoadBalancer is what forwards to it.
	LoadBalancer *LoadBalancer
	// RequestLabel identifies the target group to scaling by requests per target. It is known only once a rule
	// forwards to the group, because AWS refuses such a scaling policy before that.
	RequestLabel pulumi.StringOutput
	// Rules forward requests to the group. Targets count as healthy only once a rule exists, so a resource that waits
	// for healthy targets must depend on them.
	Rules []pulumi.Resource
}

// Forward makes a target group, and forwards requests for hosts to it.
func (l *LoadBalancer) Forward(ctx *pulumi.Context, name string, args TargetArgs, opts ...pulumi.ResourceOption) (*TargetGroup, error) {
	problems := args.Validate()
	args = args.withDefaults()
	var matches []Match
	for _, host := range args.Hosts {
		matches = append(matches, Match{Host: host})
	}
	matches = append(matches, args.Matches...)
	priorities := l.take(&problems, matches)
	g := &TargetGroup{Port: args.Port, ProtocolVersion: args.ProtocolVersion, LoadBalancer: l}
	err := infra.Declare(ctx, infra.Component{
		Type: "loadbalancer:TargetGroup", Name: name, Platform: l.platform, Problems: problems, Options: append(opts, pulumi.Parent(l)),
	}, g, func() (pulumi.Map, error) {
		if err := g.group(ctx, infra.ShortName(nameLimit, name), args); err != nil {
			return nil, err
		}
		forward := lb.ListenerRuleActionArgs{Type: pulumi.String("forward"), TargetGroupArn: g.ARN}
		for i, m := range matches {
			rule, err := l.rule(ctx, name, m, priorities[i], forward, pulumi.Parent(g))
			if err != nil {
				return nil, fmt.Errorf("forwarding %s: %w", m.Host+m.Path, err)
			}
			g.Rules = append(g.Rules, rule)
		}
		g.RequestLabel = g.requestLabel()
		return pulumi.Map{"arn": g.ARN}, nil
	})
	return g, err
}

func (g *TargetGroup) group(ctx *pulumi.Context, logical string, args TargetArgs) error {
	l := g.LoadBalancer
	tier, _ := l.tier()
	made, err := lb.NewTargetGroup(ctx, logical, &lb.TargetGroupArgs{
		VpcId:               l.wiring.Network.VPC(),
		TargetType:          pulumi.String("instance"),
		IpAddressType:       pulumi.String("ipv4"),
		Port:                pulumi.Int(args.Port),
		Protocol:            pulumi.String("HTTPS"),
		ProtocolVersion:     pulumi.String(args.ProtocolVersion),
		DeregistrationDelay: pulumi.Int(deregistrationDelay),
		// This algorithm already sends fewer requests to a slow or new target, and AWS does not combine it with a
		// slow start (AWS, Application Load Balancer user guide, "Target groups").
		LoadBalancingAlgorithmType: pulumi.String("least_outstanding_requests"),
		SlowStart:                  pulumi.Int(0),
		Stickiness:                 args.stickiness(),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Protocol:           pulumi.String("HTTPS"),
			Port:               pulumi.String("traffic-port"),
			Path:               pulumi.String(args.HealthPath),
			Matcher:            pulumi.String(args.matcher()),
			Interval:           pulumi.Int(healthInterval),
			Timeout:            pulumi.Int(5),
			HealthyThreshold:   pulumi.Int(2),
			UnhealthyThreshold: pulumi.Int(3),
		},
		Tags: l.platform.TagsFor(logical, tier),
	}, pulumi.Parent(g))
	if err != nil {
		return err
	}
	g.ARN, g.ARNSuffix = made.Arn, made.ArnSuffix
	return nil
}

func (a TargetArgs) stickiness() lb.TargetGroupStickinessArgs {
	sticky := lb.TargetGroupStickinessArgs{Type: pulumi.String("lb_cookie"), Enabled: pulumi.Bool(a.StickySeconds > 0)}
	if a.StickySeconds > 0 {
		sticky.CookieDuration = pulumi.Int(a.StickySeconds)
	}
	return sticky
}

// matcher is the answer of a healthy target: gRPC's own code, OK, if it speaks gRPC.
func (a TargetArgs) matcher() string {
	if a.ProtocolVersion == GRPC {
		return "0"
	}
	return "200"
}

func (g *TargetGroup) requestLabel() pulumi.StringOutput {
	return pulumi.All(g.LoadBalancer.ARNSuffix, g.ARNSuffix, g.Rules[0].(*lb.ListenerRule).Arn).ApplyT(
		func(known []any) string { return known[0].(string) + "/" + known[1].(string) },
	).(pulumi.StringOutput)
}
