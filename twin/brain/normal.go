package brain

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// normal is what the real provider does to a type's checked inputs before it plans. It may change the copy that it is
// given.
var normal = map[string]func(old, in value.Map) value.Map{
	"aws:acm/certificate:Certificate":  certificateNames,
	"aws:ec2/vpc:Vpc":                  filled("instanceTenancy", "default"),
	"aws:autoscaling/group:Group":      withoutEmptyPolicy,
	"aws:lb/targetGroup:TargetGroup":   targetDefaults,
	"aws:lb/listener:Listener":         actionTargets("defaultActions"),
	"aws:lb/listenerRule:ListenerRule": actionTargets("actions"),
	"aws:lb/loadBalancer:LoadBalancer": balancerSettings,
	"aws:rds/instance:Instance":        grownStorage,
}

func normalised(token string, old, in value.Map) value.Map {
	if f := normal[token]; f != nil {
		return f(old, value.CopyMap(in))
	}
	return in
}

// withoutMarks drops the providers' notes on defaults, which objects contain too.
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

// filled is a default that appears in a plan but not in checked inputs.
func filled(name string, v any) func(old, in value.Map) value.Map {
	return func(old, in value.Map) value.Map {
		if in[name] == nil && (old == nil || old[name] != nil) {
			in[name] = v
		}
		return in
	}
}

// targetDefaults adds the defaults of checks: they use HTTP unless told otherwise, and only HTTP has cookies.
func targetDefaults(old, in value.Map) value.Map {
	if check, ok := in["healthCheck"].(value.Map); ok {
		before, _ := old["healthCheck"].(value.Map)
		in["healthCheck"] = filled("protocol", "HTTP")(before, maps.Clone(check))
	}
	protocol, _ := in["protocol"].(string)
	if sticky, ok := in["stickiness"].(value.Map); ok && protocol != "" && !strings.HasPrefix(protocol, "HTTP") {
		if before, _ := old["stickiness"].(value.Map); before["cookieDuration"] == nil {
			sticky = maps.Clone(sticky)
			delete(sticky, "cookieDuration")
			in["stickiness"] = sticky
		}
	}
	return filled("deregistrationDelay", "300")(old, in)
}

// withoutEmptyPolicy drops a maintenance policy that says -1 for none.
func withoutEmptyPolicy(_, in value.Map) value.Map {
	policy, _ := in["instanceMaintenancePolicy"].(value.Map)
	if policy["minHealthyPercentage"] == -1.0 && policy["maxHealthyPercentage"] == -1.0 {
		delete(in, "instanceMaintenancePolicy")
	}
	return in
}

// actionTargets drops the targets of an action when it is not known yet whether it forwards.
func actionTargets(property string) func(old, in value.Map) value.Map {
	return func(_, in value.Map) value.Map {
		list, _ := in[property].([]any)
		actions := slices.Clone(list)
		for i, e := range actions {
			if action, _ := e.(value.Map); isUnknown(action["type"]) {
				action = maps.Clone(action)
				delete(action, "targetGroupArn")
				actions[i] = action
				in[property] = actions
			}
		}
		return in
	}
}

// grownStorage leaves storage that has grown at its size, if the program allows growth.
func grownStorage(old, in value.Map) value.Map {
	now, _ := old["allocatedStorage"].(float64)
	said, given := in["allocatedStorage"].(float64)
	if most, _ := in["maxAllocatedStorage"].(float64); given && now > said && most > said {
		in["allocatedStorage"] = now
	}
	return in
}

// balancerSettings leaves out the settings of the other kinds of load balancer, and the destination of logs that are off:
// they stay as they are.
func balancerSettings(old, in value.Map) value.Map {
	leave := func(m, old value.Map, names ...string) {
		for _, name := range names {
			delete(m, name)
			if old[name] != nil {
				m[name] = old[name]
			}
		}
	}
	for _, name := range []string{"accessLogs", "connectionLogs"} {
		logs, ok := in[name].(value.Map)
		if !ok || logs["enabled"] == true {
			continue
		}
		logs = maps.Clone(logs)
		before, _ := old[name].(value.Map)
		leave(logs, before, "bucket")
		if !isUnknown(logs["prefix"]) || old != nil {
			leave(logs, before, "prefix")
		}
		in[name] = logs
	}
	kind, known := value.Reveal(in["loadBalancerType"]).(string)
	if in["loadBalancerType"] == nil || kind == "application" {
		leave(in, old, "dnsRecordClientRoutingPolicy", "enableCrossZoneLoadBalancing")
		return in
	}
	leave(in, old, "clientKeepAlive", "desyncMitigationMode", "dropInvalidHeaderFields", "enableHttp2",
		"enableTlsVersionAndCipherSuiteHeaders",
		"enableWafFailOpen", "enableXffClientPort", "idleTimeout", "preserveHostHeader", "xffHeaderProcessingMode")
	if kind == "gateway" || !known {
		leave(in, old, "dnsRecordClientRoutingPolicy")
	}
	return in
}

// certificateNames adds the domain to its alternative names, and plans one validation option for each name. Names that
// the program does not list stay as they are.
func certificateNames(old, in value.Map) value.Map {
	domain, known := value.Reveal(in["domainName"]).(string)
	if in["subjectAlternativeNames"] == nil && old["subjectAlternativeNames"] != nil {
		in["subjectAlternativeNames"] = old["subjectAlternativeNames"]
	}
	if !known || value.HasUnknown(in["subjectAlternativeNames"]) {
		return in
	}
	names := map[string]bool{domain: true}
	alternatives, _ := value.Reveal(in["subjectAlternativeNames"]).([]any) // each may be a secret, or the whole list
	for _, n := range alternatives {
		if s, ok := n.(string); ok {
			names[s] = true
		}
	}
	var list []any
	for _, n := range slices.Sorted(maps.Keys(names)) {
		list = append(list, n)
	}
	if value.HasSecret(in["subjectAlternativeNames"]) {
		in["subjectAlternativeNames"] = value.Secret{Value: list}
	} else {
		in["subjectAlternativeNames"] = list
	}
	return in
}

// rewrite applies what the real provider rewrites in its plan.
func rewrite(token string, out value.Map) {
	if r, ok := rewritten[token]; ok {
		out[r.property] = textAs(r.as, out[r.property])
		if out[r.property] == nil {
			delete(out, r.property)
		}
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
		options[i] = value.Map{"domainName": n, "resourceRecordName": value.Unknown{}, "resourceRecordType": value.Unknown{},
			"resourceRecordValue": value.Unknown{}}
	}
	out["domainValidationOptions"] = options
}

// textAs changes a text, secret or not.
func textAs(change func(string) string, v any) any {
	switch x := v.(type) {
	case string:
		return change(x)
	case value.Secret:
		return value.Secret{Value: textAs(change, x.Value)}
	}
	return v
}

// versionFirst is a policy with its version first; the other keys are sorted.
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
