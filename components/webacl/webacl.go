// Package webacl holds the web application firewall in front of the edge. It is a package of its own because the SDK
// of AWS WAF is by far the largest: only programs that use it pay for compiling it.
package webacl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/infra"
)

const (
	// logPrefix begins the name of every log group that WAF writes to (AWS, WAF
	// developer guide, "Amazon CloudWatch Logs" as a logging destination).
	logPrefix = "aws-waf-logs-"
	// rateWindow is the number of seconds over which requests are counted.
	rateWindow = 300
	// neverOverridden is the group with the rules against Log4Shell and similar attacks.
	neverOverridden = "AWSManagedRulesKnownBadInputsRuleSet"
	// judgesAddress is the group that judges the address that connects. Behind a proxy that is the proxy's address,
	// which all visitors share.
	judgesAddress = "AWSManagedRulesAmazonIpReputationList"
)

// groups are AWS's managed rule groups that every request passes, in order. With the rate rule they take 1,127 of the
// 1,500 capacity units that the base price covers (AWS, WAF developer guide, "AWS Managed Rules rule groups list").
var groups = []struct{ part, name string }{
	{"reputation", judgesAddress},
	{"bad-inputs", neverOverridden},
	{"common", "AWSManagedRulesCommonRuleSet"},
	{"sqli", "AWSManagedRulesSQLiRuleSet"},
}

// Args are the settings of the web application firewall. It costs 5 USD a month, 1 USD
// more for each of its five rules, and 0.60 USD for a million requests (AWS, WAF
// pricing).
type Args struct {
	// RequestsPerIP is how many requests one client may make in five minutes before it
	// is turned away, 10 to 2,000,000,000. Default: 2000.
	RequestsPerIP int
	// ClientHeader names the header that holds the client's address when requests come through a proxy:
	// CF-Connecting-IP for Cloudflare. Without it all visitors would be counted together as the proxy; with it,
	// checking addresses for a bad reputation is left to the proxy. It is safe only if nobody but the proxy can reach
	// the load balancer. Default: the address that connects is the client.
	ClientHeader string
	// CountOnly are managed rules that only count, each as group/rule, such as
	// AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY, which refuses bodies over
	// 8 KB. Rules against known bad inputs cannot be among them. Default: all block.
	CountOnly []string
	// LogDays is how many days the log is kept. Default: 365.
	LogDays int
}

func (a Args) withDefaults() Args {
	a.RequestsPerIP = cmp.Or(a.RequestsPerIP, 2000)
	a.LogDays = cmp.Or(a.LogDays, 365)
	a.CountOnly = slices.Sorted(slices.Values(a.CountOnly))
	return a
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	given := a.CountOnly
	a = a.withDefaults()
	var ps infra.Problems
	ps.Range("requestsPerIp", a.RequestsPerIP, 10, 2_000_000_000, "requests in five minutes")
	if strings.Trim(strings.ToLower(a.ClientHeader), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		ps.Addf("clientHeader", "write a header's name, such as CF-Connecting-IP", "%q is not one", a.ClientHeader)
	}
	ps = append(ps, infra.CheckLogDays("logDays", a.LogDays)...)
	for i, entry := range given {
		where := fmt.Sprintf("countOnly[%d]", i)
		group, rule, _ := strings.Cut(entry, "/")
		switch {
		case group == neverOverridden:
			ps.Addf(where, "leave it out", "%s must keep blocking", entry)
		case rule == "" || !slices.ContainsFunc(groups, func(g struct{ part, name string }) bool { return g.name == group }):
			ps.Addf(where, "write a group and a rule, such as AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY",
				"%q is not a managed rule here", entry)
		case slices.Contains(given[:i], entry):
			ps.Addf(where, "leave it out", "%s is listed already", entry)
		}
	}
	return ps
}

// WebACL is a web application firewall.
type WebACL struct {
	pulumi.ResourceState

	// ARN is the web ACL's.
	ARN pulumi.StringOutput
	// Metric is the name of its metrics in CloudWatch.
	Metric string
}

// New makes a web application firewall whose log is encrypted with the platform's key
// for logs.
func New(ctx *pulumi.Context, name string, p *infra.Platform, k *keys.Keys, args Args, opts ...pulumi.ResourceOption) (*WebACL, error) {
	args = args.withDefaults()
	w := &WebACL{Metric: name}
	err := infra.Declare(ctx, infra.Component{
		Type: "webacl:WebACL", Name: name, Platform: p, Wiring: k, Problems: args.Validate(), Options: opts,
	}, w, func() (pulumi.Map, error) {
		acl, err := wafv2.NewWebAcl(ctx, name, &wafv2.WebAclArgs{
			Description:   pulumi.String("Requests to the edge of the platform"),
			Scope:         pulumi.String("REGIONAL"),
			DefaultAction: wafv2.WebAclDefaultActionArgs{Allow: wafv2.WebAclDefaultActionAllowArgs{}},
			Rules:         rules(name, args),
			VisibilityConfig: wafv2.WebAclVisibilityConfigArgs{
				CloudwatchMetricsEnabled: pulumi.Bool(true),
				SampledRequestsEnabled:   pulumi.Bool(true),
				MetricName:               pulumi.String(name),
			},
			Tags: p.TagsFor(name, infra.TierEdge),
		}, pulumi.Parent(w))
		if err != nil {
			return nil, err
		}
		w.ARN = acl.Arn
		return pulumi.Map{"arn": w.ARN}, w.log(ctx, name, p, k, args)
	})
	return w, err
}

// Attach makes every request to a load balancer pass the web ACL first.
func (w *WebACL) Attach(ctx *pulumi.Context, name string, balancer *loadbalancer.LoadBalancer) error {
	if balancer == nil {
		return fmt.Errorf("attaching web ACL %s: the load balancer is missing", name)
	}
	_, err := wafv2.NewWebAclAssociation(ctx, name, &wafv2.WebAclAssociationArgs{
		ResourceArn: balancer.ARN,
		WebAclArn:   w.ARN,
	}, pulumi.Parent(w), pulumi.DeleteBeforeReplace(true)) // a load balancer can have only one
	if err != nil {
		return fmt.Errorf("attaching web ACL %s: %w", name, err)
	}
	return nil
}

// log keeps a record of every request, leaving out what would let its reader act as the client.
func (w *WebACL) log(ctx *pulumi.Context, name string, p *infra.Platform, k *keys.Keys, args Args) error {
	group, err := cloudwatch.NewLogGroup(ctx, logPrefix+name, &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(args.LogDays),
		KmsKeyId:        k.Logs.ARN,
		Tags:            p.TagsFor(logPrefix+name, infra.TierEdge),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	redacted := wafv2.WebAclLoggingConfigurationRedactedFieldArray{}
	for _, header := range []string{"authorization", "cookie"} {
		redacted = append(redacted, wafv2.WebAclLoggingConfigurationRedactedFieldArgs{
			SingleHeader: wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs{Name: pulumi.String(header)},
		})
	}
	_, err = wafv2.NewWebAclLoggingConfiguration(ctx, name, &wafv2.WebAclLoggingConfigurationArgs{
		ResourceArn:           w.ARN,
		LogDestinationConfigs: pulumi.StringArray{group.Arn},
		RedactedFields:        redacted,
	}, pulumi.Parent(w), pulumi.DeleteBeforeReplace(true)) // a web ACL has only one, which deleting the old one afterwards would remove
	return err
}
