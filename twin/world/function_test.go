package world

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/facts"
)

// questions has one call of each function on the whole fixture.
var questions = map[string]in{
	"aws:index/getAvailabilityZones:getAvailabilityZones": {"state": "available"},
	"aws:index/getAvailabilityZone:getAvailabilityZone":   {"name": "eu-central-1b"},
	"aws:index/getCallerIdentity:getCallerIdentity":       {},
	"aws:index/getPartition:getPartition":                 {},
	"aws:index/getRegion:getRegion":                       {},
	"aws:index/getDefaultTags:getDefaultTags":             {},
	"aws:index/getIpRanges:getIpRanges":                   {"services": list1("ec2")},
	"aws:ec2/getVpc:getVpc":                               {"cidrBlock": "10.0.0.0/16"},
	"aws:ec2/getSubnets:getSubnets":                       {"filters": []any{in{"name": "vpc-id", "values": list1("@vpc")}}},
	"aws:ec2/getManagedPrefixList:getManagedPrefixList":   {"name": "com.amazonaws.eu-central-1.s3"},
	"aws:ec2/getInstances:getInstances":                   {"instanceTags": in{"aws:autoscaling:groupName": "web"}},
	"aws:ec2/getInstanceType:getInstanceType":             {"instanceType": "t4g.micro"},
	"aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {"filters": []any{in{"name": "instance-type",
		"values": list1("t4g.micro")}}},
	"aws:ec2/getAmi:getAmi": {"owners": list1("amazon"), "mostRecent": true,
		"filters": []any{in{"name": "name", "values": list1("al2023-ami-2023*-arm64")}}},
	"aws:elb/getHostedZoneId:getHostedZoneId":     {},
	"aws:elb/getServiceAccount:getServiceAccount": {},
	"aws:lb/getLoadBalancer:getLoadBalancer":      {"name": "site"},
	"aws:iam/getPolicyDocument:getPolicyDocument": {"statements": []any{in{"actions": list1("s3:GetObject"),
		"resources": list1("*")}}},
	"aws:kms/getKey:getKey":                                 {"keyId": "alias/data"},
	"aws:acm/getCertificate:getCertificate":                 {"domain": "example.test"},
	"aws:route53/getZone:getZone":                           {"name": "example.test"},
	"aws:rds/getEngineVersion:getEngineVersion":             {"engine": "postgres", "version": "17"},
	"aws:rds/getOrderableDbInstance:getOrderableDbInstance": {"engine": "postgres", "instanceClass": "db.t4g.micro"},
	"aws:secretsmanager/getSecretVersion:getSecretVersion":  {"secretId": "@secret"},
	"aws:servicequotas/getServiceQuota:getServiceQuota":     {"serviceCode": "vpc", "quotaCode": "L-F678F1CE"},
	"aws:ssm/getParameter:getParameter":                     {"name": "rest"},
	"cloudflare:index/getIpRanges:getIpRanges":              {},
	"cloudflare:index/getZone:getZone":                      {"name": "example.org"},
}

// TestFunctionsAnswerEverything that their type of answer has and nothing else, since the SDKs decode it strictly.
func TestFunctionsAnswerEverything(t *testing.T) {
	f := newFixture(t).platform().rest()
	for token := range functions {
		t.Run(token, func(t *testing.T) {
			fn := facts.AWS().Functions[token]
			if fn == nil {
				fn = facts.Cloudflare().Functions[token]
			}
			require.NotNil(t, questions[token], "the function has no question")
			out, err := f.w.Invoke(Query{Function: token, Region: "eu-central-1", Args: f.resolve(questions[token]).(in)})
			require.NoError(t, err)
			for name, p := range fn.Properties {
				v, set := out[name]
				if (!p.Input() || p.Computed) && token != "aws:ec2/getInstanceType:getInstanceType" {
					assert.True(t, set, "%s is missing", name)
				}
				if set {
					assert.True(t, isKind(p, v), "%s: %v is no %s", name, v, p.Kind)
				}
			}
			for name := range out {
				assert.True(t, name == "id" || fn.Properties[name] != nil, "%s is nothing that it answers", name)
			}
		})
	}
}

// TestMachinesAreFound by tags, filters and states, each with an address in its subnet.
func TestMachinesAreFound(t *testing.T) {
	f := newFixture(t).platform()
	require.NoError(t, f.update("group", in{"minSize": 2.0, "desiredCapacity": 2.0,
		"tags": []any{in{"key": "tier", "value": "web", "propagateAtLaunch": true},
			in{"key": "own", "value": "x", "propagateAtLaunch": false}}}))
	ask := func(args in) in {
		out, err := f.w.Invoke(Query{Function: "aws:ec2/getInstances:getInstances", Region: "eu-central-1", Args: f.resolve(args).(in)})
		require.NoError(t, err)
		return out
	}
	all := ask(in{"instanceTags": in{"aws:autoscaling:groupName": "web", "tier": "web"}})
	require.Len(t, all["ids"], 2)
	require.Len(t, all["privateIps"], 2)
	assert.NotEqual(t, all["privateIps"].([]any)[0], all["privateIps"].([]any)[1])
	for _, ip := range texts(all["privateIps"]) {
		assert.Regexp(t, `^10\.0\.[01]\.\d+$`, ip)
	}
	assert.Equal(t, all["privateIps"], ask(in{})["privateIps"], "an address stays")
	assert.Len(t, ask(in{"filters": []any{in{"name": "subnet-id", "values": list1("@a")}}})["ids"], 1)
	assert.Len(t, ask(in{"filters": []any{in{"name": "tag:tier", "values": list1("w*")}}})["ids"], 2)
	assert.Empty(t, ask(in{"instanceTags": in{"own": "x"}})["ids"], "a tag that is the group's alone")
	assert.Empty(t, ask(in{"instanceStateNames": list1("stopped")})["ids"])
	_, err := f.w.Invoke(Query{Function: "aws:ec2/getInstances:getInstances", Region: "eu-central-1",
		Args: in{"filters": []any{in{"name": "host-id", "values": list1("h")}}}})
	assert.ErrorContains(t, err, `does not know the filter "host-id"`)
	out, err := f.w.Invoke(Query{Function: "aws:ec2/getInstances:getInstances", Region: "us-east-1", Args: in{}})
	require.NoError(t, err)
	assert.Empty(t, out["ids"], "another region's")
}

// TestThereIsNoDefaultVPC and a lookup says so.
func TestThereIsNoDefaultVPC(t *testing.T) {
	f := newFixture(t).platform()
	_, err := f.w.Invoke(Query{Function: "aws:ec2/getVpc:getVpc", Region: "eu-central-1", Args: in{"default": true}})
	assert.ErrorContains(t, err, "the twin has no default VPC")
	_, err = f.w.Invoke(Query{Function: "aws:ec2/getVpc:getVpc", Region: "eu-central-1",
		Args: in{"filters": []any{in{"name": "isDefault", "values": list1("true")}}}})
	assert.ErrorContains(t, err, "does not know the filter")
}

func TestAServiceQuotaIsTheOneThatRefuses(t *testing.T) {
	f := newFixture(t)
	f.w.options.Quotas = map[string]int{"vpcs": 7}
	out, err := f.w.Invoke(Query{Function: "aws:servicequotas/getServiceQuota:getServiceQuota", Region: "eu-central-1",
		Args: in{"serviceCode": "vpc", "quotaName": "VPCs per Region"}})
	require.NoError(t, err)
	assert.Equal(t, []any{7.0, 5.0, true}, []any{out["value"], out["defaultValue"], out["adjustable"]})
}

// TestAClassThatCannotIsNotOffered: what is refused and what is offered follow the same rules.
func TestAClassThatCannotIsNotOffered(t *testing.T) {
	f := newFixture(t)
	ask := func(args in) (in, error) {
		return f.w.Invoke(Query{Function: "aws:rds/getOrderableDbInstance:getOrderableDbInstance", Region: "eu-central-1", Args: args})
	}
	out, err := ask(in{"engine": "mysql", "instanceClass": "db.t4g.micro"})
	require.NoError(t, err)
	assert.Equal(t, false, out["supportsPerformanceInsights"])
	out, err = ask(in{"engine": "aurora-postgresql", "preferredInstanceClasses": list1("db.m7g.large", "db.r7g.large")})
	require.NoError(t, err)
	assert.Equal(t, "db.r7g.large", out["instanceClass"])
	_, err = ask(in{"engine": "postgres", "instanceClass": "db.serverless"})
	assert.Error(t, err)
}
