package brain

import (
	"cmp"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/rules"
	"github.com/causeway-iac/causeway/twin/value"
)

type in = value.Map

var (
	builtin = NewBuiltin(facts.AWS())
	seed    = []byte("a seed of the engine, 32 bytes...")
)

const (
	vpcType      = "aws:ec2/vpc:Vpc"
	groupType    = "aws:ec2/securityGroup:SecurityGroup"
	targetType   = "aws:lb/targetGroup:TargetGroup"
	balancerType = "aws:lb/loadBalancer:LoadBalancer"
	ruleType     = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	certType     = "aws:acm/certificate:Certificate"
	templateType = "aws:ec2/launchTemplate:LaunchTemplate"
)

func check(t *testing.T, q CheckRequest) CheckResult {
	t.Helper()
	q.Name = cmp.Or(q.Name, "web")
	q.Seed = seed
	r, err := builtin.Check(context.Background(), q)
	require.NoError(t, err)
	return r
}

func TestCheckRefuses(t *testing.T) {
	cases := []struct {
		name, typ      string
		in             in
		property, says string
	}{
		{"unknown property", vpcType, in{"cidrBlck": "10.0.0.0/16"}, "cidrBlck", `nearest is "cidrBlock"`},
		{"nested unknown property", targetType, in{"healthCheck": in{"intervl": 5.0}}, "healthCheck.intervl", `nearest is "interval"`},
		{"output as input", vpcType, in{"cidrBlock": "10.0.0.0/16", "arn": "x"}, "arn", "set by the cloud"},
		{"missing", ruleType, in{"securityGroupId": "sg-1", "cidrIpv4": "10.0.0.0/8"}, "ipProtocol", "missing required"},
		{"nested missing", "aws:lb/listener:Listener",
			in{"loadBalancerArn": "arn:aws:x:::y", "defaultActions": []any{in{"redirect": in{}}}}, "defaultActions[0].redirect.statusCode",
			"missing required"},
		{"wrong type", vpcType, in{"cidrBlock": []any{"10.0.0.0/16"}}, "cidrBlock", "expected a string, got a list"},
		{"not a number", targetType, in{"port": "http"}, "port", `expected a number, got the string "http"`},
		{"not whole", targetType, in{"port": "1.5"}, "port", "expected a number"},
		{"not a boolean", vpcType, in{"enableDnsSupport": "yes"}, "enableDnsSupport", "true or false"},
		{"conflict", templateType, in{"name": "web", "namePrefix": "web-"}, "name", `conflicts with "namePrefix"`},
		{"nested conflict", templateType, in{"iamInstanceProfile": in{"arn": "a", "name": "b"}}, "iamInstanceProfile.arn",
			`conflicts with "name"`},
		{"none of exactly one", "aws:autoscaling/group:Group", in{"minSize": 1.0, "maxSize": 1.0}, "launchConfiguration",
			"one of launchConfiguration, launchTemplate, mixedInstancesPolicy must be set"},
		{"two of exactly one", balancerType, in{"subnets": []any{"a"}, "subnetMappings": []any{in{"subnetId": "a"}}}, "subnetMappings",
			"only one of"},
		{"name too long", balancerType, in{"name": "a-name-of-more-than-thirty-two-characters", "subnets": []any{"a"}}, "name",
			"may have 0 to 32"},
		{"a number for a switch", targetType, in{"lambdaMultiValueHeadersEnabled": 1.0}, "lambdaMultiValueHeadersEnabled",
			"expected true or false, got the number 1"},
		{"a switch for a number", "aws:cloudwatch/metricAlarm:MetricAlarm", in{"threshold": true}, "threshold",
			"expected a number, got the boolean true"},
		{"a fraction of a port, where the provider cuts none off", ruleType, in{"fromPort": 1.5}, "fromPort", "expected a whole number"},
		{"a text for a port, where the provider takes none", ruleType, in{"fromPort": "7"}, "fromPort", "expected a number"},
		{"address block", vpcType, in{"cidrBlock": "10.0.0.1/16"}, "cidrBlock", "write 10.0.0.0/16"},
		{"group that looks like an id", groupType, in{"name": "sg-web"}, "name", "form of ids"},
		{"enumeration", targetType, in{"protocol": "FTP"}, "protocol", `"FTP" is not one of`},
		{"range", targetType, in{"port": 70000.0}, "port", "not between 1 and 65535"},
		{"two peers", ruleType, in{"securityGroupId": "sg-1", "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8", "prefixListId": "pl-1"},
			"cidrIpv4", "only one of"},
		{"JSON", "aws:iam/role:Role", in{"assumeRolePolicy": "{"}, "assumeRolePolicy", "not a JSON object"},
		{"ARN", "aws:lb/listenerRule:ListenerRule", in{"listenerArn": "listener"}, "listenerArn", "not an ARN"},
		{"retention", "aws:cloudwatch/logGroup:LogGroup", in{"retentionInDays": 4.0}, "retentionInDays", "4 is not one of"},
		{"a property of an object that has none", "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
			in{"redactedFields": []any{in{"method": in{"name": "x"}}}}, "redactedFields[0].method.name", "there is no property"},
		{"two of exactly one, where", "aws:ec2/flowLog:FlowLog", in{"vpcId": "vpc-1", "subnetId": "subnet-1"}, "subnetId", "only one of"},
		{"action without its body", "aws:lb/listener:Listener",
			in{"loadBalancerArn": "arn:aws:x:::y", "defaultActions": []any{in{"type": "redirect"}}}, "defaultActions[0]", "needs redirect"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := check(t, CheckRequest{Type: c.typ, New: c.in})
			var all []string
			for _, f := range r.Failures {
				all = append(all, f.Property+": "+f.Reason)
				if f.Property == c.property {
					assert.Contains(t, f.Reason, c.says)
					return
				}
			}
			assert.Fail(t, "no failure at "+c.property, "%q", all)
		})
	}
}

func TestCheckAccepts(t *testing.T) {
	r := check(t,
		CheckRequest{Type: targetType, New: in{"port": "8443", "protocol": value.Unknown{}, "vpcId": value.Secret{Value: "vpc-1"},
			"slowStart": true, "healthCheck": in{"enabled": "true"}}})
	require.Len(t, r.Failures, 1, "a boolean is not a number")
	r = check(t,
		CheckRequest{Type: targetType, New: in{"port": "8443", "protocol": value.Unknown{}, "vpcId": value.Secret{Value: "vpc-1"},
			"healthCheck": in{"enabled": "true"}}})
	require.Empty(t, r.Failures)
	assert.Equal(t, 8443.0, r.Inputs["port"], "numbers may be texts")
	assert.Equal(t, value.Unknown{}, r.Inputs["protocol"])
	assert.Equal(t, value.Secret{Value: "vpc-1"}, r.Inputs["vpcId"])
	assert.Equal(t, true, r.Inputs["healthCheck"].(in)["enabled"])
	assert.Equal(t, 3.0, r.Inputs["healthCheck"].(in)["healthyThreshold"], "a default of a nested property")
	assert.Contains(t, r.Inputs[defaultsKey], "slowStart")
	r = check(t, CheckRequest{Type: "aws:ssm/parameter:Parameter", New: in{"type": "String", "value": "x"}})
	assert.Equal(t, value.Secret{Value: "x"}, r.Inputs["value"], "what is sensitive is secret, said or not")
	r = check(t,
		CheckRequest{Type: targetType,
			New: in{"port": 8443.9, "protocol": "HTTP", "vpcId": "vpc-1", "lambdaMultiValueHeadersEnabled": "true"}})
	require.Empty(t, r.Failures)
	assert.Equal(t, 8443.0, r.Inputs["port"], "a fraction is cut off, as the real provider does")
	assert.Equal(t, true, r.Inputs["lambdaMultiValueHeadersEnabled"])
	unknown := value.Unknown{}
	assert.Empty(t, check(t, CheckRequest{Type: "aws:route53/healthCheck:HealthCheck", New: in{"type": "TCP", "regions": []any{unknown}}}).
		Failures, "as many as are needed may follow")
	assert.Empty(t,
		check(t,
			CheckRequest{Type: ruleType, New: in{"securityGroupId": "sg-1", "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8",
				"prefixListId": unknown}}).Failures, "it may turn out to be nothing")
	_, err := builtin.Check(context.Background(), CheckRequest{Type: "aws:ec2/vpx:Vpc"})
	assert.ErrorContains(t, err, `"aws:ec2/vpx:Vpc" (the nearest that it knows is "aws:ec2/vpc:Vpc")`)
}

func TestNames(t *testing.T) {
	const want = "web-6bbbe8a" // recorded of the real provider, for this seed
	name := func(q CheckRequest) any {
		q.Type = balancerType
		if q.New == nil {
			q.New = in{"subnets": []any{"a"}}
		}
		r := check(t, q)
		for _, f := range r.Failures {
			return f.Property + ": " + f.Reason
		}
		return r.Inputs["name"]
	}
	assert.Equal(t, want, name(CheckRequest{}), "as the SDK makes them")
	assert.Equal(t, "mine", name(CheckRequest{New: in{"subnets": []any{"a"}, "name": "mine"}}))
	assert.Equal(t, "web-0000000", name(CheckRequest{Old: in{"name": "web-0000000", defaultsKey: []any{"name"}}}), "a name is kept")
	assert.Equal(t, "mine", name(CheckRequest{Old: in{"name": "mine", defaultsKey: []any{}}}),
		"even one that the program no longer gives, as the real provider does")
	assert.Nil(t, name(CheckRequest{New: in{"subnets": []any{"a"}, "namePrefix": "p"}}))
	assert.Contains(t, name(CheckRequest{Name: "a-logical-name-of-thirty-chars"}), "has 38 characters")
	assert.Equal(t, "proposed", name(CheckRequest{Naming: Naming{Proposed: "proposed", Mode: NamingPropose}}))
	assert.Equal(t, "enforced", name(CheckRequest{Naming: Naming{Proposed: "enforced", Mode: NamingEnforce}}))
	assert.Contains(t, name(CheckRequest{Naming: Naming{Mode: NamingDisable}}),
		`automatic naming is turned off (pulumi:autonaming): set "name"`)
}

func TestDiff(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[]}`
	cases := []struct {
		name, typ string
		old, new  in
		want      []string // path kind [replace]
	}{
		{"nothing", vpcType, in{"cidrBlock": "10.0.0.0/16", "arn": "x"}, in{"cidrBlock": "10.0.0.0/16"}, nil},
		{"computed and left unset", balancerType, in{"subnets": []any{"a"}, "ipAddressType": "ipv4", "internal": false},
			in{"subnets": []any{"a"}}, nil},
		{"empty is absent", groupType, in{"description": "d", "revokeRulesOnDelete": false, "namePrefix": ""}, in{"description": "d"}, nil},
		{"a set in another order", balancerType, in{"subnets": []any{"a", "b"}}, in{"subnets": []any{"b", "a"}}, nil},
		{"a set that changed", balancerType, in{"subnets": []any{"a", "b"}}, in{"subnets": []any{"b", "c"}},
			[]string{"subnets[0] delete", "subnets[1] add"}},
		{"a list in another order", "aws:cloudwatch/metricAlarm:MetricAlarm", in{"insufficientDataActions": []any{"a", "b"}, "name": "x"},
			in{"insufficientDataActions": []any{"b", "a"}, "name": "x"}, nil},
		{"forces a replacement", vpcType, in{"cidrBlock": "10.0.0.0/16"}, in{"cidrBlock": "10.1.0.0/16"},
			[]string{"cidrBlock update replace"}},
		{"unknown forces one too", vpcType, in{"cidrBlock": "10.0.0.0/16"}, in{"cidrBlock": value.Unknown{}},
			[]string{"cidrBlock update replace"}},
		{"nested", targetType, in{"healthCheck": in{"path": "/", "matcher": "200"}}, in{"healthCheck": in{"path": "/healthz"}},
			[]string{"healthCheck.path update"}},
		{"removed", vpcType, in{"enableDnsHostnames": true, "ipv6NetmaskLength": 56.0}, in{}, []string{"ipv6NetmaskLength delete"}},
		{"tags", vpcType, in{"tags": in{"a": "1", "b": "2"}, "tagsAll": in{"a": "1", "b": "2"}}, in{"tags": in{"a": "1", "b.c": "3"}},
			[]string{`tags.b delete`, `tags["b.c"] add`, "tagsAll update"}},
		{"documents in another form", "aws:s3/bucketPolicy:BucketPolicy", in{"bucket": "b", "policy": policy},
			in{"bucket": "b", "policy": `{ "Statement": [], "Version": "2012-10-17" }`}, nil},
		{"an object that says nothing", "aws:wafv2/webAcl:WebAcl", in{"defaultAction": in{"allow": in{}}},
			in{"defaultAction": in{"block": in{}}}, []string{"defaultAction.allow delete", "defaultAction.block add"}},
		{"a default that the provider keeps", targetType, in{"healthCheck": in{"path": "/", "protocol": "HTTP"}},
			in{"healthCheck": in{"path": "/"}}, nil},
		{"names with a dot", "aws:route53/record:Record", in{"name": "www.example.test", "type": "A"},
			in{"name": "WWW.example.test.", "type": "A"}, nil},
		{"a domain is one of its names", certType, in{"domainName": "a.test", "subjectAlternativeNames": []any{"a.test", "b.test"}},
			in{"domainName": "a.test", "subjectAlternativeNames": []any{"b.test"}}, nil},
		{"an asset elsewhere", "aws:s3/bucketObjectv2:BucketObjectv2",
			in{"source": in{"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "hash": "1", "path": "/a"}},
			in{"source": in{"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "hash": "1", "path": "/b"}}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := builtin.Diff(context.Background(), DiffRequest{Type: c.typ, Old: c.old, New: c.new})
			require.NoError(t, err)
			var got []string
			for _, change := range r.Changes {
				text := fmt.Sprintf("%s %s", change.Path, []string{"add", "delete", "update"}[change.Kind])
				if change.Replace {
					text += " replace"
				}
				got = append(got, text)
			}
			assert.ElementsMatch(t, c.want, got)
		})
	}
}

func TestADefaultTagIsATag(t *testing.T) {
	settings := Settings{DefaultTags: map[string]string{"team": "web"}, IgnoreTagPrefixes: []string{"aws:"}}
	plan, err := builtin.Plan(context.Background(), PlanRequest{Type: vpcType, New: in{"tags": in{"a": "1"}}, Settings: settings})
	require.NoError(t, err)
	assert.Equal(t, in{"team": "web", "a": "1"}, plan["tagsAll"])
	diff := func(old in) int {
		r, err := builtin.Diff(context.Background(), DiffRequest{Type: vpcType, Old: in{"tagsAll": old}, New: in{}, Settings: settings})
		require.NoError(t, err)
		return len(r.Changes)
	}
	assert.Equal(t, 1, diff(in{}), "a new default tag is a change")
	assert.Equal(t, 0, diff(in{"team": "web"}))
	assert.Equal(t, 0, diff(in{"team": "web", "aws:x": "y"}), "another's tag is left alone")
}

func TestAFixedNameIsDeletedFirst(t *testing.T) {
	diff := func(new in) bool {
		r, err := builtin.Diff(context.Background(), DiffRequest{Type: groupType, Old: in{"name": "web", "description": "a"}, New: new})
		require.NoError(t, err)
		return r.DeleteBeforeReplace
	}
	assert.True(t, diff(in{"name": "web", "description": "b", defaultsKey: []any{}}))
	assert.False(t, diff(in{"name": "web", "description": "b", defaultsKey: []any{"name"}}))
	assert.True(t, diff(in{"name": "other", "description": "b", defaultsKey: []any{}}), "as the real provider does, whatever the name was")
}

func TestPlan(t *testing.T) {
	plan := func(typ string, old, news in) in {
		out, err := builtin.Plan(context.Background(), PlanRequest{Type: typ, Old: old, New: news})
		require.NoError(t, err)
		return out
	}
	unknown := value.Unknown{}
	assert.Equal(t, unknown, plan(vpcType, nil, in{})["tagsAll"], "with no tags of its own")
	out := plan(balancerType, nil, in{"name": "web", "subnets": []any{"a", unknown}, "tags": in{"a": unknown}})
	assert.Equal(t, "web", out["name"])
	assert.Equal(t, unknown, out["arn"])
	assert.Equal(t, unknown, out["subnets"], "a set with an unknown member")
	assert.Equal(t, unknown, out["tagsAll"])
	assert.NotContains(t, out, defaultsKey)
	out = plan(templateType, in{"latestVersion": 3.0, "arn": "x", "imageId": "ami-1"}, in{"imageId": "ami-2"})
	assert.Equal(t, unknown, out["latestVersion"], "a change makes a version")
	assert.Equal(t, "x", out["arn"])
	assert.Equal(t, 3.0, plan(templateType, in{"latestVersion": 3.0, "imageId": "ami-1"}, in{"imageId": "ami-1"})["latestVersion"])
	out = plan(certType, nil, in{"domainName": "a.test", "validationMethod": "DNS", "subjectAlternativeNames": []any{"*.a.test"}})
	assert.Len(t, out["domainValidationOptions"], 2, "as many as there are names")
}

func TestInputsOfWhatExists(t *testing.T) {
	r := facts.AWS().Resources[balancerType]
	outputs := in{"arn": "x", "name": "web", "namePrefix": "", "subnets": []any{"a"},
		"subnetMappings": []any{in{"subnetId": "a", "outpostId": ""}}, "idleTimeout": 60.0, "internal": false}
	imported := Inputs(r, outputs, nil)
	delete(imported, defaultsKey)
	assert.Equal(t, in{"name": "web", "subnets": []any{"a"}, "idleTimeout": 60.0}, imported)
	before := in{"name": value.Secret{Value: "web"}, "subnets": []any{"a"}, "idleTimeout": 30.0, "clientKeepAlive": 5.0}
	assert.Equal(t, in{"name": value.Secret{Value: "web"}, "subnets": []any{"a"}, "idleTimeout": 60.0}, Inputs(r, outputs, before),
		"what drifted or is gone, and secrets kept")
}

// TestFactsAreWhole: the data has what it says, and every name in it leads somewhere.
func TestFactsAreWhole(t *testing.T) {
	fromProvider := 0
	for _, r := range facts.AWS().Resources {
		if !r.FromSDK {
			fromProvider++
		}
	}
	assert.Equal(t, 96, fromProvider)
	assert.Greater(t, len(facts.AWS().Resources), fromProvider+40)
	assert.Len(t, facts.AWS().Functions, 26)
	assert.Len(t, facts.Cloudflare().Resources, 9)
	for _, p := range []*facts.Package{facts.AWS(), facts.Cloudflare()} {
		for token, r := range p.Resources {
			if r.Autoname != nil {
				assert.Contains(t, r.Properties, r.Autoname.Property, token)
			}
			whole(t, token, r.Properties, r.Properties)
			for _, name := range rules.Types() {
				assert.True(t, facts.AWS().Resources[name] != nil || facts.Cloudflare().Resources[name] != nil, name)
			}
		}
	}
}

func whole(t *testing.T, at string, properties, top map[string]*facts.Property) {
	for name, p := range properties {
		assert.NotEmpty(t, p.Kind, at+"."+name)
		for _, other := range append(append([]string{}, p.ConflictsWith...), p.ExactlyOneOf...) {
			_, sibling := properties[other]
			_, absolute := top[trimSlash(other)]
			assert.True(t, sibling || absolute, "%s.%s names %s", at, name, other)
		}
		whole(t, at+"."+name, p.Properties, top)
	}
}

func trimSlash(s string) string {
	if len(s) > 0 && s[0] == '/' {
		return s[1:]
	}
	return s
}

func BenchmarkCheckAndDiff(b *testing.B) {
	q := CheckRequest{Type: templateType, Name: "web", Seed: seed,
		New: in{"imageId": "ami-1", "instanceType": "t4g.micro", "vpcSecurityGroupIds": []any{"a", "b"}, "tags": in{"a": "b"},
			"metadataOptions": in{"httpTokens": "required"}}}
	for b.Loop() {
		r, err := builtin.Check(context.Background(), q)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := builtin.Diff(context.Background(), DiffRequest{Type: templateType, Old: q.New, New: r.Inputs}); err != nil {
			b.Fatal(err)
		}
	}
}
