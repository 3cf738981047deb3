package webacl_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/webacl"
	"github.com/causeway-iac/causeway/infra/infratest"
)

func declare(t *testing.T, args webacl.Args) []infratest.Declared {
	t.Helper()
	return infratest.Record(t, nil, func(ctx *pulumi.Context) error {
		p := infratest.Platform("prod")
		k, err := keys.New(ctx, "prod-keys", p, keys.Args{})
		if err != nil {
			return err
		}
		w, err := webacl.New(ctx, "prod-webacl", p, k, args)
		if err != nil {
			return err
		}
		require.Error(t, w.Attach(ctx, "prod-edge", nil))
		return w.Attach(ctx, "prod-edge", &loadbalancer.LoadBalancer{ARN: pulumi.String("arn:edge").ToStringOutput()})
	})
}

func ruleNamed(t *testing.T, all []infratest.Declared, name string) map[string]any {
	t.Helper()
	for _, r := range infratest.One(t, all, "aws:wafv2/webAcl:WebAcl").Plain()["rules"].([]any) {
		if rule := r.(map[string]any); rule["name"] == name {
			return rule
		}
	}
	require.Fail(t, "no rule "+name)
	return nil
}

// Controls 194, 195, 197 and 198.
func TestEveryRequestPassesAWSsRules(t *testing.T) {
	all := declare(t, webacl.Args{})
	acl := infratest.One(t, all, "aws:wafv2/webAcl:WebAcl").Plain()
	assert.Equal(t, "REGIONAL", acl["scope"])
	assert.Equal(t, map[string]any{"allow": map[string]any{}}, acl["defaultAction"])
	visible := func(of map[string]any, metric string) {
		assert.Equal(t, map[string]any{"cloudwatchMetricsEnabled": true, "sampledRequestsEnabled": true, "metricName": metric},
			of["visibilityConfig"])
	}
	visible(acl, "prod-webacl")
	require.Len(t, acl["rules"], 5)
	for part, want := range map[string]struct {
		name     string
		priority float64
	}{
		"reputation": {"AWSManagedRulesAmazonIpReputationList", 1},
		"bad-inputs": {"AWSManagedRulesKnownBadInputsRuleSet", 2},
		"common":     {"AWSManagedRulesCommonRuleSet", 3},
		"sqli":       {"AWSManagedRulesSQLiRuleSet", 4},
	} {
		rule := ruleNamed(t, all, part)
		assert.Equal(t, want.priority, rule["priority"])
		assert.Equal(t, map[string]any{"none": map[string]any{}}, rule["overrideAction"], "the group's own actions stand")
		assert.Equal(t, map[string]any{"managedRuleGroupStatement": map[string]any{"vendorName": "AWS", "name": want.name}},
			rule["statement"])
		visible(rule, "prod-webacl-"+part)
	}
}

// Control 199.
func TestAClientThatAsksTooOftenIsTurnedAway(t *testing.T) {
	rate := ruleNamed(t, declare(t, webacl.Args{}), "rate")
	assert.Equal(t, 0.0, rate["priority"])
	assert.Equal(t, map[string]any{"block": map[string]any{}}, rate["action"])
	assert.Equal(t, map[string]any{"rateBasedStatement": map[string]any{
		"limit": 2000.0, "evaluationWindowSec": 300.0, "aggregateKeyType": "IP",
	}}, rate["statement"])

	all := declare(t, webacl.Args{RequestsPerIP: 500, ClientHeader: "CF-Connecting-IP"})
	proxied := ruleNamed(t, all, "rate")
	assert.Equal(t, map[string]any{"rateBasedStatement": map[string]any{
		"limit": 500.0, "evaluationWindowSec": 300.0, "aggregateKeyType": "FORWARDED_IP",
		"forwardedIpConfig": map[string]any{"headerName": "CF-Connecting-IP", "fallbackBehavior": "MATCH"},
	}}, proxied["statement"], "behind a proxy every visitor has the proxy's address")
	assert.Len(t, infratest.One(t, all, "aws:wafv2/webAcl:WebAcl").Plain()["rules"], 4, "and its repute says nothing of theirs")
}

// Controls 176, 177 and 196.
func TestTheLogHoldsNoCredentials(t *testing.T) {
	all := declare(t, webacl.Args{})
	group := infratest.One(t, all, "aws:cloudwatch/logGroup:LogGroup")
	assert.Equal(t, "aws-waf-logs-prod-webacl", group.Name, "WAF writes to no other name")
	assert.Equal(t, 365.0, group.Plain()["retentionInDays"])
	assert.Contains(t, group.Plain()["kmsKeyId"], "prod-keys-logs")
	logging := infratest.One(t, all, "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration").Plain()
	assert.Contains(t, logging["logDestinationConfigs"].([]any)[0], "aws-waf-logs-prod-webacl")
	header := func(name string) any { return map[string]any{"singleHeader": map[string]any{"name": name}} }
	assert.Equal(t, []any{header("authorization"), header("cookie")}, logging["redactedFields"])
}

// Control 59.
func TestTheLoadBalancerIsBehindIt(t *testing.T) {
	association := infratest.One(t, declare(t, webacl.Args{}), "aws:wafv2/webAclAssociation:WebAclAssociation").Plain()
	assert.Equal(t, "arn:edge", association["resourceArn"])
	assert.Contains(t, association["webAclArn"], "prod-webacl")
}

func TestARuleCanBeMadeToCountOnly(t *testing.T) {
	args := webacl.Args{CountOnly: []string{"AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY"}}
	statement := ruleNamed(t, declare(t, args), "common")["statement"].(map[string]any)["managedRuleGroupStatement"].(map[string]any)
	assert.Equal(t, []any{map[string]any{
		"name": "SizeRestrictions_BODY", "actionToUse": map[string]any{"count": map[string]any{}},
	}}, statement["ruleActionOverrides"])
	other := ruleNamed(t, declare(t, args), "sqli")["statement"].(map[string]any)["managedRuleGroupStatement"].(map[string]any)
	assert.NotContains(t, other, "ruleActionOverrides")
}

func TestSettingsThatCannotBe(t *testing.T) {
	for want, args := range map[string]webacl.Args{
		"requestsPerIp: must be 10 to 2000000000 requests in five minutes, not 5": {RequestsPerIP: 5},
		`clientHeader: "X Real" is not one; write a header's name`:                {ClientHeader: "X Real"},
		"logDays: CloudWatch Logs cannot keep logs for 200 days":                  {LogDays: 200},
		`countOnly[1]: "SizeRestrictions_BODY" is not a managed rule`: {
			CountOnly: []string{"AWSManagedRulesSQLiRuleSet/SQLi_BODY", "SizeRestrictions_BODY"},
		},
		"Log4JRCE_HEADER must keep blocking; leave it out": {
			CountOnly: []string{"AWSManagedRulesKnownBadInputsRuleSet/Log4JRCE_HEADER"},
		},
		`countOnly[0]: "AWSManagedRulesLinuxRuleSet/LFI_URIPATH" is not a mana`: {
			CountOnly: []string{"AWSManagedRulesLinuxRuleSet/LFI_URIPATH"},
		},
		"countOnly[1]: AWSManagedRulesSQLiRuleSet/SQLi_BODY is listed already": {
			CountOnly: []string{"AWSManagedRulesSQLiRuleSet/SQLi_BODY", "AWSManagedRulesSQLiRuleSet/SQLi_BODY"},
		},
	} {
		assert.ErrorContains(t, args.Validate().Err(), want)
	}
	assert.Len(t, webacl.Args{RequestsPerIP: 1, LogDays: 2}.Validate(), 2, "all problems at once")
}
