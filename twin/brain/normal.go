package brain

import (
	"encoding/json"
	"maps"
	"sort"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// normal is what the real provider itself does to a type's checked inputs before it plans. It may
// change the copy that it is given.
var normal = map[string]func(old, in value.Map) value.Map{
	"aws:acm/certificate:Certificate":  certificateNames,
	"aws:ec2/vpc:Vpc":                  filled("instanceTenancy", "default"),
	"aws:lb/targetGroup:TargetGroup":   filledAtFirst("deregistrationDelay", "300"),
	"aws:lb/loadBalancer:LoadBalancer": balancerSettings,
}

func normalised(token string, old, in value.Map) value.Map {
	if f := normal[token]; f != nil {
		return f(old, value.CopyMap(in))
	}
	return in
}

// withoutMarks drops the providers' notes on defaults, which objects have too.
func withoutMarks(m value.Map) value.Map {
	return dropMarks(m).(value.Map)
}

func dropMarks(v any) any {
	if m, ok := v.(value.Map); ok && m[defaultsKey] != nil {
		m = maps.Clone(m)
		delete(m, defaultsKey)
		v = m
	}
	if s, ok := v.(value.Secret); ok {
		return value.Secret{Value: dropMarks(s.Value)}
	}
	if value.IsAsset(v) {
		return v
	}
	return each(v, dropMarks)
}

// filled is a default that a plan has and checked inputs have not.
func filled(name string, v any) func(old, in value.Map) value.Map {
	return func(old, in value.Map) value.Map {
		if in[name] == nil && (old == nil || old[name] != nil) {
			in[name] = v
		}
		return in
	}
}

// filledAtFirst is a default that only a creation's plan has.
func filledAtFirst(name string, v any) func(old, in value.Map) value.Map {
	fill := filled(name, v)
	return func(old, in value.Map) value.Map {
		if old != nil {
			return in
		}
		return fill(nil, in)
	}
}

// balancerSettings drops the defaults of the other kinds of load balancer.
func balancerSettings(_, in value.Map) value.Map {
	kind, _ := value.Reveal(in["loadBalancerType"]).(string)
	if kind == "" || kind == "application" {
		delete(in, "dnsRecordClientRoutingPolicy")
		delete(in, "enableCrossZoneLoadBalancing")
		return in
	}
	for _, name := range []string{
		"clientKeepAlive", "desyncMitigationMode", "dropInvalidHeaderFields", "enableHttp2", "enableTlsVersionAndCipherSuiteHeaders",
		"enableWafFailOpen", "enableXffClientPort", "idleTimeout", "preserveHostHeader", "xffHeaderProcessingMode",
	} {
		delete(in, name)
	}
	if kind == "gateway" {
		delete(in, "dnsRecordClientRoutingPolicy")
	}
	return in
}

// certificateNames adds the domain to its alternative names, and plans one validation option a name.
// Names that the program does not list stay as they are.
func certificateNames(old, in value.Map) value.Map {
	domain, known := value.Reveal(in["domainName"]).(string)
	if in["subjectAlternativeNames"] == nil && old["subjectAlternativeNames"] != nil {
		in["subjectAlternativeNames"] = old["subjectAlternativeNames"]
	}
	if !known || value.HasUnknown(in["subjectAlternativeNames"]) {
		return in
	}
	names := map[string]bool{domain: true}
	alternatives, _ := value.Reveal(in["subjectAlternativeNames"]).([]any)
	for _, n := range alternatives {
		if s, ok := n.(string); ok {
			names[s] = true
		}
	}
	sorted := sortedKeys(names)
	sort.Strings(sorted)
	list := make([]any, len(sorted))
	for i, n := range sorted {
		list[i] = n
	}
	in["subjectAlternativeNames"] = list
	return in
}

// documents are the JSON texts that the real provider rewrites, with the keys in order.
var documents = map[string]string{
	"aws:kms/key:Key":                    "policy",
	"aws:iam/role:Role":                  "assumeRolePolicy",
	"aws:ec2/vpcEndpoint:VpcEndpoint":    "policy",
	"aws:s3/bucketPolicy:BucketPolicy":   "policy",
	"aws:iam/policy:Policy":              "policy",
	"aws:sns/topicPolicy:TopicPolicy":    "policy",
	"aws:cloudwatch/dashboard:Dashboard": "dashboardBody",

	"aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
}

// rewrite applies what the real provider rewrites in its plan.
func rewrite(token string, out value.Map) {
	if name := documents[token]; name != "" {
		if text, ok := out[name].(string); ok {
			out[name] = sortedJSON(text)
		}
	}
	if text, ok := out["policy"].(string); ok && token == "aws:iam/rolePolicy:RolePolicy" {
		out["policy"] = versionFirst(text)
	}
	if token != "aws:acm/certificate:Certificate" || !isUnknown(out["domainValidationOptions"]) {
		return
	}
	names, known := value.Reveal(out["subjectAlternativeNames"]).([]any)
	if method := value.Reveal(out["validationMethod"]); !known || method != "DNS" {
		return
	}
	options := make([]any, len(names))
	for i, n := range names {
		options[i] = value.Map{"domainName": n, "resourceRecordName": value.Unknown{}, "resourceRecordType": value.Unknown{}, "resourceRecordValue": value.Unknown{}}
	}
	out["domainValidationOptions"] = options
}

// versionFirst is a policy with its version before the rest, which is sorted.
func versionFirst(text string) string {
	var policy map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &policy) != nil || policy["Version"] == nil {
		return text
	}
	version := string(policy["Version"])
	delete(policy, "Version")
	rest, err := json.Marshal(policy)
	if err != nil || len(policy) == 0 {
		return text
	}
	return `{"Version":` + version + "," + strings.TrimPrefix(sortedJSON(string(rest)), "{")
}

func sortedJSON(text string) string {
	var parsed any
	if json.Unmarshal([]byte(text), &parsed) != nil {
		return text
	}
	sorted, err := json.Marshal(parsed)
	if err != nil {
		return text
	}
	return string(sorted)
}
