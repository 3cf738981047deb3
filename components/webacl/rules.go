package webacl

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// rules are the rate rule and AWS's managed groups, cheapest first.
func rules(name string, args Args) wafv2.WebAclRuleArray {
	all := wafv2.WebAclRuleArray{rateRule(name, args)}
	for i, group := range groups {
		if args.ClientHeader != "" && group.name == judgesAddress {
			continue
		}
		all = append(all, wafv2.WebAclRuleArgs{
			Name:     pulumi.String(group.part),
			Priority: pulumi.Int(i + 1),
			// The group's own actions apply.
			OverrideAction: wafv2.WebAclRuleOverrideActionArgs{None: wafv2.WebAclRuleOverrideActionNoneArgs{}},
			Statement: wafv2.WebAclRuleStatementArgs{
				ManagedRuleGroupStatement: wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs{
					VendorName:          pulumi.String("AWS"),
					Name:                pulumi.String(group.name),
					RuleActionOverrides: counted(group.name, args.CountOnly),
				},
			},
			VisibilityConfig: visible(name + "-" + group.part),
		})
	}
	return all
}

func rateRule(name string, args Args) wafv2.WebAclRuleArgs {
	rate := &wafv2.WebAclRuleStatementRateBasedStatementArgs{
		Limit:               pulumi.Int(args.RequestsPerIP),
		EvaluationWindowSec: pulumi.Int(rateWindow),
		AggregateKeyType:    pulumi.String("IP"),
	}
	if args.ClientHeader != "" {
		rate.AggregateKeyType = pulumi.String("FORWARDED_IP")
		rate.ForwardedIpConfig = wafv2.WebAclRuleStatementRateBasedStatementForwardedIpConfigArgs{
			HeaderName: pulumi.String(args.ClientHeader),
			// A header that is not an address did not come from the proxy.
			FallbackBehavior: pulumi.String("MATCH"),
		}
	}
	return wafv2.WebAclRuleArgs{
		Name:             pulumi.String("rate"),
		Priority:         pulumi.Int(0),
		Action:           wafv2.WebAclRuleActionArgs{Block: wafv2.WebAclRuleActionBlockArgs{}},
		Statement:        wafv2.WebAclRuleStatementArgs{RateBasedStatement: rate},
		VisibilityConfig: visible(name + "-rate"),
	}
}

func counted(group string, entries []string) (overrides wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArray) {
	for _, entry := range entries {
		rule, ok := strings.CutPrefix(entry, group+"/")
		if !ok {
			continue
		}
		overrides = append(overrides, wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs{
			Name: pulumi.String(rule),
			ActionToUse: wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs{
				Count: wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs{},
			},
		})
	}
	return overrides
}

func visible(metric string) wafv2.WebAclRuleVisibilityConfigArgs {
	return wafv2.WebAclRuleVisibilityConfigArgs{
		CloudwatchMetricsEnabled: pulumi.Bool(true),
		SampledRequestsEnabled:   pulumi.Bool(true),
		MetricName:               pulumi.String(metric),
	}
}
