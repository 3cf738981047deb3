package controls

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/report"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// failingOn is which of the controls do not hold, for any resource.
func failingOn(s *edit, numbers ...int) []string {
	v := newView(s.graph())
	var all []string
	for _, c := range All {
		if len(numbers) > 0 && !slices.Contains(numbers, c.Number) {
			continue
		}
		for _, f := range c.findings(v) {
			if f.Verdict.Fails() && !slices.Contains(all, f.ID) {
				all = append(all, f.ID)
			}
		}
	}
	return all
}

// first puts a rule before all others of prod's web ACL.
func first(statement, action in) func(*edit) {
	return func(s *edit) {
		rules := s.the(webACLType, edge).Inputs["rules"].([]any)
		rule := in{"name": "mutant", "priority": -1.0, "statement": statement, "visibilityConfig": in{"cloudwatchMetricsEnabled": true}}
		for key, value := range action {
			rule[key] = value
		}
		s.set(webACLType, edge, "rules", append([]any{rule}, rules...))
	}
}

// counted makes all of its rules count.
func counted(s *edit) {
	for i, r := range s.the(webACLType, edge).Inputs["rules"].([]any) {
		at := fmt.Sprintf("rules[%d].", i)
		if r.(in)["overrideAction"] != nil {
			s.set(webACLType, edge, at+"overrideAction", in{"count": in{}})
		} else {
			s.set(webACLType, edge, at+"action", in{"count": in{}})
		}
	}
}

// ipSet is a set of addresses of the stack.
func ipSet(s *edit, addresses ...any) string {
	r := s.add("aws:wafv2/ipSet:IpSet", "set", in{"addresses": list(addresses...)})
	r.Outputs["arn"] = "arn:aws:wafv2:eu-west-1:444455556666:regional/ipset/set/1"
	return r.Outputs["arn"].(string)
}

var passing = in{"action": in{"allow": in{}}}

// A web ACL is there in each of these, and does less than it should.
func TestAWebACLThatIsThereAndDoesNothing(t *testing.T) {
	beginsWith := func(path string) in {
		return in{"byteMatchStatement": in{"searchString": path, "positionalConstraint": "STARTS_WITH",
			"fieldToMatch": in{"uriPath": in{}}}}
	}
	const filter, attacksBlocked, floodsHeld, kept = 59, 198, 199, 196
	for name, m := range map[string]struct {
		change func(*edit)
		broken []int
	}{
		"somebody else's, by its ARN": {func(s *edit) {
			s.set(webACLForType, edge, "webAclArn", "arn:aws:wafv2:eu-west-1:999999999999:regional/webacl/theirs/1")
		}, []int{filter}},
		"the account's own, of no stack": {func(s *edit) {
			s.set(webACLForType, edge, "webAclArn", "arn:aws:wafv2:eu-west-1:444455556666:regional/webacl/other/1")
		}, []int{filter}},
		"somebody else's, that the stack reads": {func(s *edit) {
			r := s.add(webACLType, "theirs", cloned(s.the(webACLType, edge).Inputs).(in))
			r.External, r.Outputs["arn"] = true, "arn:aws:wafv2:eu-west-1:999999999999:regional/webacl/theirs/1"
			s.set(webACLForType, edge, "webAclArn", r.Outputs["arn"])
		}, []int{filter}},
		"a second association": {func(s *edit) {
			s.add(webACLForType, "second", in{"resourceArn": s.the(balancerType, edge).Outputs["arn"], "webAclArn": s.the(webACLType, edge).
				Outputs["arn"]})
		}, []int{filter}},
		"for CloudFront":  {func(s *edit) { s.set(webACLType, edge, "scope", "CLOUDFRONT") }, []int{filter}},
		"all rules count": {counted, []int{filter, attacksBlocked, floodsHeld}},
		"rules as JSON": {func(s *edit) { s.set(webACLType, edge, "ruleJson", "[]") },
			[]int{filter, attacksBlocked, floodsHeld}},
		"rules that nobody knows": {func(s *edit) { s.set(webACLType, edge, "rules", graph.Unknown{}) },
			[]int{filter, attacksBlocked, floodsHeld}},
		"first, every path is let in": {first(beginsWith("/"), passing), []int{filter, attacksBlocked, floodsHeld}},
		"first, a path is let in":     {first(beginsWith("/api"), passing), []int{filter, attacksBlocked, floodsHeld}},
		"first, all but a path is let in": {first(in{"notStatement": in{"statements": list(beginsWith("/x"))}}, passing),
			[]int{filter, attacksBlocked, floodsHeld}},
		"first, countries are let in": {first(in{"geoMatchStatement": in{"countryCodes": list("US")}}, passing),
			[]int{filter, attacksBlocked, floodsHeld}},
		"first, a label is let in": {first(in{"labelMatchStatement": in{"key": "x"}}, passing),
			[]int{filter, attacksBlocked, floodsHeld}},
		"first, half of the internet is let in": {func(s *edit) {
			first(in{"ipSetReferenceStatement": in{"arn": ipSet(s, "198.51.100.7/32", "0.0.0.0/1")}}, passing)(s)
		}, []int{filter, attacksBlocked, floodsHeld}},
		"first, addresses that a header tells are let in": {func(s *edit) {
			first(in{"ipSetReferenceStatement": in{"arn": ipSet(s, "198.51.100.7/32"),
				"ipSetForwardedIpConfig": in{"headerName": "X-Forwarded-For"}}}, passing)(s)
		}, []int{filter, attacksBlocked, floodsHeld}},
		"first, a set of addresses of no stack is let in": {first(in{"ipSetReferenceStatement": in{
			"arn": "arn:aws:wafv2:eu-west-1:444455556666:regional/ipset/x/1"}}, passing),
			[]int{filter, attacksBlocked, floodsHeld}},
		"first, a group of rules of no stack": {first(in{"ruleGroupReferenceStatement": in{
			"arn": "arn:aws:wafv2:eu-west-1:444455556666:regional/rulegroup/x/1"}}, in{"overrideAction": in{"none": in{}}}),
			[]int{filter, attacksBlocked, floodsHeld}},
		"the limit is the most that AWS takes": {func(s *edit) {
			s.set(webACLType, edge, "rules[0].statement.rateBasedStatement.limit",
				2_000_000_000.0)
		}, []int{floodsHeld}},
		"clients are who a header says they are, though anybody writes it": {func(s *edit) {
			s.set(webACLType, edge, "rules[0].statement.rateBasedStatement", in{"limit": 2000.0, "aggregateKeyType": "FORWARDED_IP",
				"forwardedIpConfig": in{"headerName": "CF-Connecting-IP", "fallbackBehavior": "MATCH"}})
		}, []int{floodsHeld}},
		"a key of one's own is such a header": {func(s *edit) {
			s.set(webACLType, edge, "rules[0].statement.rateBasedStatement", in{"limit": 2000.0, "aggregateKeyType": "CUSTOM_KEYS",
				"customKeys": list(in{"forwardedIp": in{}}), "forwardedIpConfig": in{"headerName": "X-Forwarded-For"}})
		}, []int{floodsHeld}},
		"the limit is of a minute": {func(s *edit) {
			s.set(webACLType, edge, "rules[0].statement.rateBasedStatement", in{"limit": 10000.0, "evaluationWindowSec": 60.0})
		}, []int{floodsHeld}},
		"the limit is for some requests": {func(s *edit) {
			s.set(webACLType, edge, "rules[0].statement.rateBasedStatement.scopeDownStatement", beginsWith("/login"))
		}, []int{floodsHeld}},
		"the attacks of some requests": {func(s *edit) {
			s.set(webACLType, edge, "rules[2].statement.managedRuleGroupStatement.scopeDownStatement", beginsWith("/x"))
		}, []int{attacksBlocked}},
		"an attack that is only counted": {func(s *edit) {
			s.set(webACLType, edge, "rules[2].statement.managedRuleGroupStatement.ruleActionOverrides",
				list(in{"name": "JavaDeserializationRCE_BODY", "actionToUse": in{"count": in{}}}))
		}, []int{attacksBlocked}},
		"the group of somebody else": {func(s *edit) {
			s.set(webACLType, edge, "rules[2].statement.managedRuleGroupStatement.vendorName", "Somebody")
		}, []int{attacksBlocked}},
		"logs that drop what is refused": {func(s *edit) { s.set(webACLLogType, edge, "loggingFilter", dropping("BLOCK")) }, []int{kept}},
		"logs that keep only what is let in": {func(s *edit) {
			s.set(webACLLogType, edge, "loggingFilter",
				in{"defaultBehavior": "DROP",
					"filters": list(in{"behavior": "KEEP", "requirement": "MEETS_ANY",
						"conditions": list(in{"actionCondition": in{"action": "ALLOW"}})})})
		}, []int{kept}},
	} {
		s := begin(t, "prod")
		m.change(s)
		for _, number := range m.broken {
			assert.NotEmpty(t, failingOn(s, number), "%s: C%03d holds", name, number)
		}
	}
}

func dropping(action string) in {
	return in{"defaultBehavior": "KEEP",
		"filters": list(in{"behavior": "DROP", "requirement": "MEETS_ANY",
			"conditions": list(in{"actionCondition": in{"action": action}})})}
}

// What a web ACL may well have.
func TestAWebACLThatDoesItsWork(t *testing.T) {
	for name, change := range map[string]func(*edit){
		"an office is let in first": func(s *edit) {
			first(in{"andStatement": in{"statements": list(in{"ipSetReferenceStatement": in{"arn": ipSet(s, "198.51.100.0/24")}},
				in{"byteMatchStatement": in{}})}}, passing)(s)
		},
		"last, a path is let in": func(s *edit) {
			rules := s.the(webACLType, edge).Inputs["rules"].([]any)
			s.set(webACLType, edge, "rules",
				append(rules, in{"name": "last", "priority": 99.0, "statement": in{"labelMatchStatement": in{}},
					"action": in{"allow": in{}}, "visibilityConfig": in{"cloudwatchMetricsEnabled": true}}))
		},
		"first, something is counted":  first(in{"labelMatchStatement": in{}}, in{"action": in{"count": in{}}}),
		"what is let in is not logged": func(s *edit) { s.set(webACLLogType, edge, "loggingFilter", dropping("ALLOW")) },
		"a group that refuses a little": func(s *edit) {
			group := s.add("aws:wafv2/ruleGroup:RuleGroup", "mutant", in{"rules": list(in{"name": "x", "priority": 0.0,
				"action": in{"block": in{}}, "statement": in{"ipSetReferenceStatement": in{"arn": ipSet(s, "198.51.100.0/24")}}})})
			group.Outputs["arn"] = "arn:aws:wafv2:eu-west-1:444455556666:regional/rulegroup/x/1"
			first(in{"ruleGroupReferenceStatement": in{"arn": group.Outputs["arn"]}}, in{"overrideAction": in{"none": in{}}})(s)
		},
		"a rule that is answered by hand": func(s *edit) {
			s.set(webACLType, edge, "rules[2].statement.managedRuleGroupStatement.ruleActionOverrides",
				list(in{"name": "PROPFIND_METHOD", "actionToUse": in{"count": in{}}}))
		},
	} {
		s := begin(t, "prod")
		change(s)
		assert.Empty(t, failingOn(s, 59, 194, 196, 197, 198, 199), name)
	}
}

// Whichever group of rules only counts, in whichever way, is seen.
func TestEveryGroupOfRulesThatOnlyCounts(t *testing.T) {
	rules := begin(t, "prod").the(webACLType, edge).Inputs["rules"].([]any)
	tried := 0
	for i := range rules {
		at := fmt.Sprintf("rules[%d].", i)
		group := at + "statement.managedRuleGroupStatement."
		if begin(t, "prod").the(webACLType, edge).String(group+"name") == "" {
			continue
		}
		for path, value := range map[string]any{
			at + "overrideAction": in{"count": in{}}, group + "excludedRules": list(in{"name": "x"}),
			group + "ruleActionOverrides": list(in{"name": "x", "actionToUse": in{"count": in{}}}),
		} {
			tried++
			s := begin(t, "prod")
			s.set(webACLType, edge, path, value)
			assert.Contains(t, failingOn(s, 195), "C195", "%s = %v", path, value)
		}
	}
	assert.Equal(t, 12, tried)
}

// Each group of rules of prod's that is another, or looks at less than it did, is missed: no group of AWS's does another's work.
func TestEveryGroupOfRulesIsWhatItIsFor(t *testing.T) {
	names := strings.Fields("CommonRuleSet AdminProtectionRuleSet KnownBadInputsRuleSet SQLiRuleSet LinuxRuleSet UnixRuleSet " +
		"WindowsRuleSet PHPRuleSet WordPressRuleSet AmazonIpReputationList AnonymousIpList BotControlRuleSet ATPRuleSet " +
		"ACFPRuleSet AntiDDoSRuleSet")
	for i, r := range begin(t, "prod").the(webACLType, edge).Inputs["rules"].([]any) {
		at := fmt.Sprintf("rules[%d].statement.managedRuleGroupStatement", i)
		group, managed := r.(in)["statement"].(in)["managedRuleGroupStatement"].(in)
		if !managed {
			continue
		}
		weaker := []in{{"vendorName": "Somebody"}, {"version": "Version_1.0"},
			{"scopeDownStatement": in{"geoMatchStatement": in{"countryCodes": list("AQ")}}}}
		for _, name := range names {
			if name = "AWSManagedRules" + name; name != group["name"] {
				weaker = append(weaker, in{"name": name})
			}
		}
		for _, less := range weaker {
			s := begin(t, "prod")
			changed := cloned(group).(in)
			maps.Copy(changed, less)
			s.set(webACLType, edge, at, changed)
			assert.NotEmpty(t, failingOn(s, 198), "%s = %v", at, less)
		}
	}
}

// destinations are where something is written, told or kept, and the control that asks where.
var destinations = []struct {
	base, kind, name, path string
	control                int
}{
	{"prod", balancerType, edge, "accessLogs.bucket", 54}, {"prod", balancerType, "prod-internal", "connectionLogs.bucket", 55},
	{"prod", "aws:s3/bucketLoggingV2:BucketLoggingV2", "prod-releases", "targetBucket", 165},
	{"prod", flowLogType, "prod-network-flows", "logDestination", 1},
	{"prod", webACLLogType, edge, "logDestinationConfigs", 196},
	{"prod", alarmType, "", "alarmActions", 179}, {"prod", compoundType, "", "alarmActions", 179},
	{"prod", eventsType, "prod-database-events", "snsTopic", 139},
	{"aurora", "aws:route53/queryLog:QueryLog", "", "cloudwatchLogGroupArn", 189},
	{"prod", planType, "prod-backup", "rules[0].targetVaultName", 137},
	{"prod", planType, "prod-backup", "rules[0].copyActions[0].destinationVaultArn", 143},
	{"prod", exportType, "mutant", "s3BucketName", 143}, {"prod", integrationType, "mutant", "targetArn", 143},
}

// Whatever is written to somebody else, or to what is not in the stack, does not hold.
func TestEveryDestinationThatIsSomebodyElses(t *testing.T) {
	for _, d := range destinations {
		for _, to := range []any{"arn:aws:sns:eu-west-1:999999999999:theirs", "arn:aws:logs:eu-west-1:999999999999:log-group:theirs",
			"arn:aws:sns:eu-west-1:444455556666:of-no-stack", "theirs"} {
			if text, _ := to.(string); !strings.HasPrefix(text, "arn:aws:sns") && d.control == 179 {
				continue // an alarm does other things than to tell
			}
			if strings.HasSuffix(d.path, "Configs") || strings.HasSuffix(d.path, "Actions") {
				to = list(to)
			}
			s := begin(t, d.base)
			s.add(exportType, "mutant", in{})
			s.add(integrationType, "mutant", in{})
			if d.control == 143 && d.kind == planType {
				s.set(planType, d.name, "rules[0].copyActions", list(in{}))
			}
			s.set(d.kind, d.name, d.path, to)
			assert.NotEmpty(t, failingOn(s, d.control), "C%03d holds with %s of %s %v", d.control, d.path, d.name, to)
		}
	}
}

// surplus are the statements that nothing breaks without, and why.
var surplus = map[string]string{
	"LoadBalancerLogs":         "load balancers of older regions write by the region's account",
	"LoadBalancerLogsOfRegion": "load balancers write by the service as well",
	"AccountPublishes":         "nothing of the stack publishes as the account",
	"AccountAdministers":       "who looks after a key is not asked for",
}

// Every statement that lets in who must be let in: without it, or for another account only, or
// for another service, a control breaks.
func TestEveryStatementThatMustBeThere(t *testing.T) {
	tried := 0
	for _, base := range []string{"prod", "aurora"} {
		for _, r := range begin(t, base).resources {
			for _, path := range []string{"policy", "policyDocument", "assumeRolePolicy"} {
				policy, has := r.Inputs[path].(string)
				if !has || strings.HasPrefix(r.Type, "aws:iam/") && path == "policy" || r.Type == endpointType {
					continue
				}
				var d struct{ Statement []in }
				require.NoError(t, json.Unmarshal([]byte(policy), &d))
				for i, statement := range d.Statement {
					sid, _ := statement["Sid"].(string)
					if statement["Effect"] != "Allow" || surplus[sid] != "" {
						continue
					}
					for how, other := range lesser(statement) {
						s := begin(t, base)
						changed := slices.Clone(d.Statement)
						changed[i] = other
						text, err := json.Marshal(in{"Version": "2012-10-17", "Statement": changed})
						require.NoError(t, err)
						s.set(r.Type, r.Name, path, string(text))
						assert.NotEmpty(t, failingOn(s, 1, 54, 55, 96, 126, 137, 139, 147, 165, 179, 189),
							"%s %s of %s, statement %d %s: %s", r.Type, r.Name, base, i, sid, how)
						tried++
					}
				}
			}
		}
	}
	assert.Greater(t, tried, 50)
	t.Log(tried, "statements that are not there, or are for somebody else")
}

// lesser are what is left of a statement that does not do its work.
func lesser(statement in) map[string]in {
	all := map[string]in{
		"not there": {"Sid": "x", "Effect": "Allow", "Principal": in{"Service": "somebody.amazonaws.com"}, "Action": "x:y",
			"Resource": "*"},
		"another action": with(statement, "Action", "x:y"),
		"it denies":      with(statement, "Effect", "Deny"),
	}
	conditions, _ := statement["Condition"].(in)
	if equals, _ := conditions["StringEquals"].(in); equals["aws:SourceAccount"] != nil {
		all["for another account"] = with(statement, "Condition", in{"StringEquals": in{"aws:SourceAccount": "999999999999"}})
	}
	return all
}

func with(statement in, key string, value any) in {
	changed := cloned(statement).(in)
	changed[key] = value
	return changed
}

// A waiver waives what it names: port 80 of the edge is no more than that.
func TestWaiversOfControlsWaiveWhatTheyName(t *testing.T) {
	for name, c := range map[string]struct {
		change mutant
		id     string
		beyond bool
	}{
		"port 80 of the edge": {ingressTo("prod-edge", in{"ipProtocol": "tcp", "fromPort": 80, "toPort": 80,
			"cidrIpv4": "0.0.0.0/0"}), "C035", false},
		"SSH to the edge": {ingressTo("prod-edge", in{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
			"cidrIpv4": "0.0.0.0/0"}), "C035", true},
		"port 80 of the web tier": {ingressTo("prod-web", in{"ipProtocol": "tcp", "fromPort": 80, "toPort": 80,
			"cidrIpv4": "0.0.0.0/0"}), "C034", true},
		"one rule that only counts": {set(webACLType, edge, "rules[3].statement.managedRuleGroupStatement.excludedRules",
			list(in{"name": "x"})), "C195", false},
		"all rules that only count": {set(webACLType, edge, "rules[3].overrideAction", in{"count": in{}}), "C195", true},
	} {
		s := begin(t, "prod")
		c.change.change(s)
		for _, f := range Check(s.graph()) {
			if f.ID == c.id {
				assert.Equal(t, c.beyond, f.Beyond, "%s: %s", name, f.Found)
				assert.Equal(t, report.Broken, f.Verdict, name)
			}
		}
	}
}

// Every event of the database that a subscription tells of, left out.
func TestEveryEventThatNobodyIsToldOf(t *testing.T) {
	tried := 0
	for _, base := range []string{"prod", "aurora"} {
		for _, subscription := range begin(t, base).graph().ByType(eventsType) {
			for _, category := range subscription.Strings("eventCategories") {
				s := begin(t, base)
				others := slices.DeleteFunc(subscription.Strings("eventCategories"), func(c string) bool { return c == category })
				s.set(eventsType, subscription.Name, "eventCategories", append(others, "creation"))
				assert.Contains(t, failingOn(s, 139), "C139", "%s does not tell of %s", subscription.Name, category)
				tried++
			}
		}
	}
	require.Greater(t, tried, 20)
	t.Log(tried, "events that nobody is told of")
}
