package world

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func long(n int) string { return strings.Repeat("a", n) }

// longPolicy is a policy of at least n characters.
func longPolicy(text string, n int) string {
	return strings.Replace(text, `"Resource":"*"`, `"Resource":"arn:aws:s3:::`+long(n)+`"`, 1)
}

func texts1(n int, form string) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = fmt.Sprintf(form, i)
	}
	return out
}

// overQuota has one step for each quota, which asks for one more than the whole fixture has; if AWS never raises the
// quota, for more than its limit.
var overQuota = map[string]step{
	"vpcs":                  create(typeVPC, in{"cidrBlock": "10.9.0.0/16"}),
	"subnets-per-vpc":       create(typeSubnet, in{"vpcId": "@vpc", "cidrBlock": "10.0.9.0/24"}),
	"elastic-ips":           create(typeEIP, in{}),
	"internet-gateways":     create(typeInternetGateway, in{}),
	"egress-gateways":       create(typeEgressGateway, in{"vpcId": "@vpc"}),
	"nat-gateways-per-zone": create(typeNAT, in{"subnetId": "@a", "connectivityType": "private"}),
	"route-tables-per-vpc":  create(typeRouteTable, in{"vpcId": "@vpc"}),
	"routes-per-table": create(typeRoute,
		in{"routeTableId": "@table", "destinationCidrBlock": "192.0.2.0/24", "natGatewayId": "@nat"}),
	"acls-per-vpc":    create(typeNetworkACL, in{"vpcId": "@vpc"}),
	"rules-per-acl":   create(typeACLRule, in{"networkAclId": "@networkacl", "ruleNumber": 7.0, "protocol": "-1"}),
	"security-groups": create(typeSecurityGroup, in{"vpcId": "@vpc", "name": "one-more"}),
	"rules-per-security-group": create(typeIngressRule,
		in{"securityGroupId": "@web", "ipProtocol": "-1", "cidrIpv4": "192.0.2.0/24"}),
	"security-groups-per-interface": another("lb", in{"name": "x", "securityGroups": list1("@edge", "@web")}),
	"gateway-endpoints": create(typeEndpoint,
		in{"vpcId": "@vpc", "serviceName": "com.amazonaws.eu-central-1.dynamodb", "vpcEndpointType": "Gateway"}),
	"interface-endpoints-per-vpc": create(typeEndpoint,
		in{"vpcId": "@vpc", "serviceName": "com.amazonaws.eu-central-1.ssm", "vpcEndpointType": "Interface"}),
	"prefix-lists":     create(typePrefixList, in{"name": "x", "maxEntries": 1.0}),
	"launch-templates": create(typeLaunchTemplate, in{"name": "x"}),
	"user-data-bytes": create(typeLaunchTemplate,
		in{"name": "x", "userData": base64.StdEncoding.EncodeToString([]byte(long(16385)))}),
	"application-load-balancers":     another("lb", in{"name": "x"}),
	"network-load-balancers":         create(typeLoadBalancer, in{"name": "x", "loadBalancerType": "network", "subnets": list1("@a")}),
	"listeners-per-load-balancer":    another("listener", in{"port": 8443.0}),
	"rules-per-load-balancer":        another("host", in{"priority": 11.0}),
	"certificates-per-load-balancer": create(typeListenerCert, in{"listenerArn": "@listener", "certificateArn": "@spare"}),
	"target-groups":                  another("target", in{"name": "x"}),
	"target-groups-per-action": another("host",
		in{"priority": 11.0, "actions": []any{in{"type": "forward",
			"forward": in{"targetGroups": []any{in{"arn": "@target"}, in{"arn": "@target"}, in{"arn": "@target"}, in{"arn": "@target"},
				in{"arn": "@target"}, in{"arn": "@target"}}}}}}),
	"targets-per-target-group":  another("group", in{"name": "x", "maxSize": 3.0}),
	"targets-per-load-balancer": another("group", in{"name": "x", "maxSize": 3.0}),
	"auto-scaling-groups":       another("group", in{"name": "x"}),
	"scaling-policies-per-group": times(50, typeScalingPolicy, "name",
		in{"autoscalingGroupName": "web", "scalingAdjustment": 1.0}),
	"scheduled-actions-per-group": times(125, typeSchedule, "scheduledActionName", in{"autoscalingGroupName": "web"}),
	"lifecycle-hooks-per-group":   times(50, typeLifecycleHook, "name", in{"autoscalingGroupName": "web"}),
	"roles":                       another("role", in{"name": "x"}),
	"policies":                    create(typePolicy, in{"name": "x", "policy": readOnly}),
	"instance-profiles":           another("profile", in{"name": "x"}),
	"identity-providers":          create(typeIdentityProvider, in{"url": "https://other.example.test"}),
	"policies-per-role": create(typeRoleAttachment,
		in{"role": "web", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
	"trust-policy-characters": another("role",
		in{"name": "x",
			"assumeRolePolicy": strings.Replace(trustEC2, `"Action"`,
				`"Condition":{"StringEquals":{"aws:SourceAccount":"`+long(300)+`"}},"Action"`, 1)}),
	"managed-policy-characters":         create(typePolicy, in{"name": "x", "policy": longPolicy(readOnly, 6144)}),
	"inline-policy-characters-per-role": create(typeRolePolicy, in{"role": "web", "name": "x", "policy": longPolicy(readOnly, 10200)}),
	"kms-keys":                          create(typeKey, in{}),
	"aliases-per-key":                   create(typeAlias, in{"name": "alias/x", "targetKeyId": "@key"}),
	"key-policy-bytes": create(typeKey,
		in{"policy": strings.Replace(policyFor("kms:*", "*"), `"Service":"ec2.amazonaws.com"`, `"AWS":"*"`, 1) + long32K}),
	"secrets":         another("secret", in{"name": "x"}),
	"secret-bytes":    create(typeSecretVersion, in{"secretId": "@secret", "secretString": long(65537)}),
	"parameters":      create(typeParameter, in{"name": "x", "type": "String", "value": "v"}),
	"parameter-bytes": create(typeParameter, in{"name": "x", "type": "String", "value": long(4097)}),
	"advanced-parameter-bytes": create(typeParameter,
		in{"name": "x", "type": "String", "tier": "Advanced", "value": long(8193)}),
	"buckets": create(typeBucket, in{"bucket": "one-more"}),
	"bucket-policy-bytes": create(typeBucketPolicy,
		in{"bucket": "logs-1234567", "policy": policyFor("s3:GetObject", "arn:aws:s3:::logs-1234567/"+long(20480))}),
	"lifecycle-rules-per-bucket":  create(typeLifecycle, in{"bucket": "logs-1234567", "rules": manyRules(1001)}),
	"db-instances":                database(in{}),
	"db-clusters":                 another("cluster", in{"clusterIdentifier": "other"}),
	"db-storage":                  database(in{}),
	"db-subnet-groups":            another("subnets", in{"name": "x"}),
	"subnets-per-db-subnet-group": another("subnets", in{"name": "x", "subnetIds": list1("@a", "@b", "@a")}),
	"db-parameter-groups":         another("parameters", in{"name": "x"}),
	"db-cluster-parameter-groups": another("clusterparametergroup", in{"name": "x"}),
	"db-option-groups":            another("optiongroup", in{"name": "x"}),
	"db-event-subscriptions":      another("eventsubscription", in{"name": "x"}),
	"db-proxies":                  another("proxy", in{"name": "x"}),
	"certificates":                create(typeCertificate, in{"domainName": "x.test", "validationMethod": "DNS"}),
	"names-per-certificate": create(typeCertificate,
		in{"domainName": "x.test", "subjectAlternativeNames": texts1(11, "n%d.test"), "validationMethod": "DNS"}),
	"hosted-zones":            create(typeZone, in{"name": "x.test"}),
	"records-per-hosted-zone": record(in{}),
	"health-checks":           create(typeHealthCheck, in{"type": "HTTPS", "fqdn": "x.test"}),
	"key-signing-keys-per-zone": after(another("keysigningkey", in{"name": "second"}),
		another("keysigningkey", in{"name": "third"})),
	"alarms":                      create(typeAlarm, in{"name": "x", "metricName": "m", "namespace": "n"}),
	"log-groups":                  create(typeLogGroup, in{"name": "x"}),
	"log-resource-policies":       logPolicies(11),
	"topics":                      create(typeTopic, in{"name": "x"}),
	"web-acls":                    another("acl", in{"name": "x"}),
	"ip-sets":                     another("ipset", in{"name": "x"}),
	"web-acl-capacity":            another("acl", in{"name": "x", "rules": commonRules(8)}),
	"addresses-per-ip-set":        another("ipset", in{"name": "x", "addresses": addresses(10_001)}),
	"backup-vaults":               create(typeVault, in{"name": "other"}),
	"backup-plans":                create(typeBackupPlan, in{"name": "x", "rules": []any{in{"targetVaultName": "vault"}}}),
	"cloudflare-records-per-zone": inCF(in{}),
}

// times makes n more things of a type: one too many where the fixture already has one.
func times(n int, typ, name string, outputs in) step {
	return func(f *fixture) error {
		for i := range n {
			outputs[name] = fmt.Sprintf("more-%d", i)
			if err := f.create(typ, fmt.Sprintf("more-%d", i), outputs); err != nil {
				return err
			}
		}
		return nil
	}
}

// commonRules are rules of 700 units each.
func commonRules(n int) (out []any) {
	for i := range n {
		out = append(out, in{"name": fmt.Sprint(i), "priority": float64(i),
			"statement": in{"managedRuleGroupStatement": in{"name": "AWSManagedRulesCommonRuleSet"}}})
	}
	return out
}

func logPolicies(n int) step {
	return func(f *fixture) error {
		for i := range n {
			name := fmt.Sprint("p", i)
			if err := f.create(typeLogPolicy, name, in{"policyName": name, "policyDocument": queriesPolicy("*")}); err != nil {
				return err
			}
		}
		return nil
	}
}

func addresses(n int) (out []any) {
	for i := range n {
		out = append(out, fmt.Sprintf("10.%d.%d.%d/32", i>>16, i>>8&255, i&255))
	}
	return out
}

// long32K is white space, which counts toward the size of a key policy.
var long32K = strings.Repeat(" ", 32768)

func manyRules(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = in{"id": fmt.Sprint(i)}
	}
	return out
}

// TestQuotas: each quota refuses what exceeds it, with the service's code and the quota's name, and for no other
// reason: with a higher limit it is accepted.
func TestQuotas(t *testing.T) {
	with := func(limits map[string]int) *fixture {
		f := newFixture(t)
		f.w.options.Quotas = map[string]int{everyQuota: 1_000_000}
		f.platform().rest()
		require.NoError(t, validationOf("spare.example.test")(f))
		require.NoError(t, validate(f))
		f.made["spare"] = f.made["wanted"]
		f.w.options.Quotas = limits
		return f
	}
	for _, q := range with(nil).w.Quotas() {
		t.Run(q.Name, func(t *testing.T) {
			over := overQuota[q.Name]
			require.NotNil(t, over, "the quota has no case")
			limits := map[string]int{}
			if q.Adjustable {
				limits[q.Name] = q.Used
			}
			err := over(with(limits))
			var refusal *Fault
			require.True(t, errors.As(err, &refusal), "%v", err)
			row := quotaNamed(q.Name)
			assert.Equal(t, row.refusal, refusal.Code, err.Error())
			assert.Contains(t, refusal.Message, q.Title)
			if q.Adjustable {
				assert.ErrorContains(t, err, "--quota "+q.Name+"=")
				assert.NoError(t, over(with(map[string]int{everyQuota: 1_000_000})), "refused for another reason")
			}
		})
	}
}

func quotaNamed(name string) *quota {
	for i := range quotas {
		if quotas[i].name == name {
			return &quotas[i]
		}
	}
	return nil
}

// TestQuotasAreAWSsOwn: the defaults are those of an account that has asked for no increase.
func TestQuotasAreAWSsOwn(t *testing.T) {
	for name, limit := range map[string]int{"vpcs": 5, "elastic-ips": 5, "internet-gateways": 5, "nat-gateways-per-zone": 5,
		"subnets-per-vpc": 200, "routes-per-table": 500,
		"rules-per-security-group": 60, "security-groups-per-interface": 5, "security-groups": 2500, "application-load-balancers": 50,
		"listeners-per-load-balancer": 50,
		"rules-per-load-balancer":     100, "certificates-per-load-balancer": 25, "target-groups": 3000, "policies-per-role": 10,
		"managed-policy-characters":         6144,
		"inline-policy-characters-per-role": 10240, "trust-policy-characters": 2048, "user-data-bytes": 16384, "parameter-bytes": 4096,
		"db-instances": 40, "buckets": 10_000,
		"hosted-zones": 500, "names-per-certificate": 10, "backup-vaults": 300, "backup-plans": 300, "scaling-policies-per-group": 50,
		"scheduled-actions-per-group": 125,
		"web-acl-capacity":            5000, "addresses-per-ip-set": 10_000, "log-groups": 1_000_000, "alarms": 5000,
		"launch-templates": 5000,
		"kms-keys":         100_000} {
		assert.Equal(t, limit, quotaNamed(name).limit, name)
	}
	f := newFixture(t)
	for i := range 5 {
		f.must(typeVPC, fmt.Sprint(i), in{"cidrBlock": "10.0.0.0/16"})
	}
	assert.ErrorContains(t, f.create(typeVPC, "x", in{"cidrBlock": "10.0.0.0/16"}),
		"api error VpcLimitExceeded: VPCs per Region: eu-central-1 would have 6 and may have 5; ask AWS for more and rehearse that "+
			"with --quota vpcs=MORE")
	f.region = "us-east-1"
	assert.NoError(t, f.create(typeVPC, "x", in{"cidrBlock": "10.0.0.0/16"}), "another region has its own")
}

// TestAnUpdateCountsWhatItBecomes: the new size counts instead of the old, and is refused if it is too much.
func TestAnUpdateCountsWhatItBecomes(t *testing.T) {
	f := newFixture(t).platform()
	f.w.options.Quotas = map[string]int{"db-storage": 70}
	require.NoError(t, f.update("db", in{"allocatedStorage": 60.0}))
	assert.ErrorContains(t, f.update("db", in{"allocatedStorage": 80.0}),
		"api error StorageQuotaExceeded: Total storage for all DB instances: eu-central-1 would have 80 and may have 70")
	f.w.options.Quotas = map[string]int{"db-storage": 10}
	assert.NoError(t, f.update("db", in{"multiAz": true}), "what is not more is taken, even where there is too much")
}

// TestAllIsWhatAWSRaises: a quota that is the same for everybody stays so.
func TestAllIsWhatAWSRaises(t *testing.T) {
	f := newFixture(t).platform()
	f.w.options.Quotas = map[string]int{everyQuota: 1_000_000}
	assert.ErrorContains(t, overQuota["user-data-bytes"](f), "may have 16384")
}

// TestRulesForIPv6CountApart, and so do outbound ones.
func TestRulesForIPv6CountApart(t *testing.T) {
	f := newFixture(t).platform()
	f.w.options.Quotas = map[string]int{"rules-per-security-group": 1}
	assert.NoError(t, f.create(typeIngressRule, "six",
		in{"securityGroupId": f.id("web"), "ipProtocol": "-1", "cidrIpv6": "2001:db8::/32"}))
	assert.ErrorContains(t, f.create(typeIngressRule, "seven",
		in{"securityGroupId": f.id("web"), "ipProtocol": "-1", "cidrIpv6": "2001:db9::/32"}), "inbound for IPv6 would have 2")
	assert.NoError(t, f.create(typeEgressRule, "out",
		in{"securityGroupId": f.id("web"), "ipProtocol": "-1", "cidrIpv6": "2001:db8::/32"}))
}

// TestARuleOfAPrefixListCountsItsEntries: the maximum, not how many there are.
func TestARuleOfAPrefixListCountsItsEntries(t *testing.T) {
	f := newFixture(t).platform()
	f.must(typePrefixList, "list", in{"name": "l", "addressFamily": "IPv4", "maxEntries": 60.0})
	assert.ErrorContains(t, f.create(typeIngressRule, "x",
		in{"securityGroupId": f.id("web"), "ipProtocol": "-1", "prefixListId": f.id("list")}), "would have 61 and may have 60")
	assert.NoError(t, f.create(typeEgressRule, "x", in{"securityGroupId": f.id("web"), "ipProtocol": "-1", "prefixListId": f.id("list")}),
		"outbound rules count apart")
}

func TestWrongQuotasAreRefused(t *testing.T) {
	err := CheckQuotas(map[string]int{"vpc": 3, "elastic-ips": -1, "user-data-bytes": 1, "vpcs": 7, "all": 9, "rules-per-acl": 41,
		"routes-per-table": 1000, "security-groups-per-interface": 16, "rules-per-security-group": 63})
	require.Error(t, err)
	assert.ErrorContains(t, err, `the quota "vpc" is not known; the nearest is "vpcs"`)
	assert.ErrorContains(t, err, "the quota elastic-ips=-1: write a number from 0")
	assert.ErrorContains(t, err, `the quota "user-data-bytes" is 16384 for everybody`)
	assert.ErrorContains(t, err, "the quota rules-per-acl=41: AWS raises it to 40 at most")
	assert.ErrorContains(t, err, "the quotas rules-per-security-group=63 and security-groups-per-interface=16: AWS keeps their "+
		"product at 1000 or less, and it is 1008")
	assert.Len(t, strings.Split(err.Error(), "\n"), 5)
	assert.NoError(t, CheckQuotas(map[string]int{"security-groups-per-interface": 16, "rules-per-security-group": 62}))
	assert.ErrorContains(t, CheckQuotas(map[string]int{"rules-per-security-group": 201}),
		"rules-per-security-group=201 and security-groups-per-interface=5", "the other is the default")
}

// TestEveryQuotaNamesItsDocuments: those for its limit and its error code, or says that there is none and what it
// rests on.
func TestEveryQuotaNamesItsDocuments(t *testing.T) {
	for _, q := range quotas {
		assert.Regexp(t, citation, q.source, "%s: the document of its figure", q.name)
		assert.Regexp(t, citation, q.answer, "%s: the document of its error code", q.name)
	}
}

func TestQuotasTellTheirUse(t *testing.T) {
	f := newFixture(t).platform()
	f.w.options.Quotas = map[string]int{"vpcs": 9}
	byName := map[string]Quota{}
	for _, q := range f.w.Quotas() {
		byName[q.Name] = q
	}
	assert.Equal(t, Quota{Name: "vpcs", Title: "VPCs per Region", Code: "vpc/L-F678F1CE", Default: 5, Limit: 9, Adjustable: true, Used: 1,
		Where: "eu-central-1", Source: `VPC user guide, "Amazon VPC quotas"`}, byName["vpcs"])
	assert.Equal(t, f.id("vpc"), byName["subnets-per-vpc"].Where)
	assert.Equal(t, 2, byName["subnets-per-vpc"].Used)
}
