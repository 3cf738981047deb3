// Package webacl decides what an AWS WAF web ACL does to the requests that reach a load balancer: which ACL is in force
// there, and which of its rules still see a request after those before them. The mere presence of an ACL says nothing
// about that.
package webacl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Type is the type of web ACLs.
const Type = "aws:wafv2/webAcl:WebAcl"

const groupType = "aws:wafv2/ruleGroup:RuleGroup"

// Lack is why a web ACL does not do what it should.
type Lack struct {
	// Why is one sentence without its subject, "" if nothing is lacking.
	Why string
	// Unknown says that it cannot be told; Later, that the deployment will tell.
	Unknown, Later bool
}

// None says that nothing is lacking.
func (l Lack) None() bool { return l.Why == "" }

func lack(format string, args ...any) Lack { return Lack{Why: fmt.Sprintf(format, args...)} }

func unknown(format string, args ...any) Lack {
	return Lack{Why: fmt.Sprintf(format, args...), Unknown: true}
}

// InForce is the web ACL that filters what reaches a load balancer. Of several associations AWS keeps the one that was
// made last, which no graph tells.
func InForce(g *graph.Graph, balancer *graph.Resource) (*graph.Resource, Lack) {
	var associations []*graph.Resource
	for _, a := range g.ByType("aws:wafv2/webAclAssociation:WebAclAssociation") {
		if slices.Contains(g.Ref(a, "resourceArn"), balancer) {
			associations = append(associations, a)
		}
	}
	switch len(associations) {
	case 0:
		return nil, lack("it has no web ACL")
	case 1:
	default:
		return nil, lack("it has %d associations with web ACLs, and only the last one made holds", len(associations))
	}
	found := g.Ref(associations[0], "webAclArn", Type)
	if len(found) != 1 {
		return nil, unknown("its web ACL is not in the stack, and what that does is not known")
	}
	acl := found[0]
	if scope := acl.String("scope"); scope != "" && scope != "REGIONAL" {
		return nil, lack("its web ACL %s is for CloudFront", acl.Name)
	}
	return acl, Lack{}
}

// Filters says whether an ACL refuses any request at all, and whether every rule that does is asked.
func Filters(g *graph.Graph, acl *graph.Resource) Lack {
	rules, missing := rulesOf(g, acl)
	if !missing.None() {
		return missing
	}
	refusing := 0
	for i, r := range rules {
		if !r.refuses {
			continue
		}
		if by := passed(rules[:i]); by != "" {
			return lack("its rule %s lets requests pass before %s is asked", by, r.name)
		}
		refusing++
	}
	if refusing == 0 && !blocksByDefault(acl) {
		return lack("it refuses nothing: its rules only count, and its default is to allow")
	}
	return Lack{}
}

// blocksByDefault says that what no rule matches is refused.
func blocksByDefault(acl *graph.Resource) bool {
	return block(acl, "defaultAction") != nil && block(acl, "defaultAction")["block"] != nil
}

// Counts says whether a group of the ACL's rules only counts what it finds: as a whole, or one of its rules.
func Counts(g *graph.Graph, acl *graph.Resource) (missing Lack, whole bool) {
	rules, missing := rulesOf(g, acl)
	for _, r := range rules {
		if r.ofGroup() && !r.refuses && !r.allows {
			return lack("its rule %s only counts", r.name), true
		}
		for _, group := range []string{"managedRuleGroupStatement", "ruleGroupReferenceStatement"} {
			if rule := weakened(one(r.statement[group]), nil); rule != "" && missing.None() {
				missing = lack("%s of its rule %s is made to do nothing", rule, r.name)
			}
		}
	}
	return missing, false
}

// Shuts says whether a rule may refuse every request, whoever sends it, before others are asked.
func Shuts(g *graph.Graph, acl *graph.Resource) Lack {
	rules, missing := rulesOf(g, acl)
	for _, r := range rules {
		if r.refuses && !r.ofGroup() && everything(r.statement) {
			return lack("its rule %s may refuse every request", r.name)
		}
		reference := one(r.statement["ruleGroupReferenceStatement"])
		if reference == nil || !r.refuses {
			continue
		}
		for _, group := range referred(g, acl, reference["arn"], groupType) {
			if within := Shuts(g, group); !within.None() {
				return within
			}
		}
	}
	return missing
}

// Enforces says whether AWS's managed group of the name refuses what it finds, for every request. Of its rules, those
// whose names begin with one of the essential prefixes must.
func Enforces(g *graph.Graph, acl *graph.Resource, group string, essential ...string) Lack {
	rules, missing := rulesOf(g, acl)
	if !missing.None() {
		return missing
	}
	for i, r := range rules {
		managed := one(r.statement["managedRuleGroupStatement"])
		if managed == nil || managed["name"] != group || managed["vendorName"] != "AWS" {
			continue
		}
		overridden := weakened(managed, essential)
		switch by := passed(rules[:i]); {
		case !r.refuses:
			return lack("it only counts what %s finds", group)
		case managed["scopeDownStatement"] != nil:
			return lack("%s looks at some requests only", group)
		case managed["version"] != nil && managed["version"] != "":
			return lack("%s stays as it was in %v, and misses what AWS has added since", group, managed["version"])
		case overridden != "":
			return lack("%s of %s is made to do nothing", overridden, group)
		case by != "":
			return lack("its rule %s lets requests pass before %s is asked", by, group)
		}
		return Lack{}
	}
	return lack("it has no rules of %s", group)
}

// weakened is the first essential rule of a managed group that does not block, "" if all do.
func weakened(managed map[string]any, essential []string) string {
	matters := func(name string) bool {
		return len(essential) == 0 || slices.ContainsFunc(essential, func(e string) bool { return strings.HasPrefix(name, e) })
	}
	for _, element := range list(managed["ruleActionOverrides"]) {
		override := one(element)
		name, _ := override["name"].(string)
		if to := one(override["actionToUse"]); matters(name) && to["block"] == nil && to["challenge"] == nil && to["captcha"] == nil {
			return name
		}
	}
	for _, element := range list(managed["excludedRules"]) {
		if name, _ := one(element)["name"].(string); matters(name) {
			return name
		}
	}
	return ""
}

// throughCloudflare says that the client's address is taken from where Cloudflare writes it, and not from a header that
// the client may have begun.
func throughCloudflare(rate map[string]any) bool {
	header, _ := one(rate["forwardedIpConfig"])["headerName"].(string)
	return strings.EqualFold(header, "CF-Connecting-IP")
}

// keyed says that a rule of one's own keys counts by one of that name.
func keyed(rate map[string]any, name string) bool {
	return slices.ContainsFunc(list(rate["customKeys"]), func(key any) bool { return one(key)[name] != nil })
}

// MostRequests is how many requests in five minutes a limit may let one client make. AWS accepts up to two billion, which
// limits nobody; browsers make some hundreds.
const MostRequests = 20_000

// Limits says whether the ACL holds back clients that send floods of requests. Where nobody but Cloudflare reaches it, Cloudflare tells who
// the client is; elsewhere a header does not.
func Limits(g *graph.Graph, acl *graph.Resource, proxied bool) Lack {
	rules, missing := rulesOf(g, acl)
	if !missing.None() {
		return missing
	}
	worst := lack("no rule limits the rate of requests")
	for i, r := range rules {
		rate := one(r.statement["rateBasedStatement"])
		if rate == nil {
			continue
		}
		window, given := rate["evaluationWindowSec"].(float64)
		if !given || window <= 0 {
			window = 300
		}
		limit, known := rate["limit"].(float64)
		switch by := passed(rules[:i]); {
		case !r.refuses:
			worst = lack("its rule %s only counts floods", r.name)
		case !known:
			worst = Lack{Why: "the limit of " + r.name + " is not known", Unknown: true, Later: true}
		case rate["aggregateKeyType"] == "CUSTOM_KEYS" && !keyed(rate, "ip") && !keyed(rate, "forwardedIp"):
			worst = lack("its rule %s counts by what the client writes, and not by its address", r.name)
		case limit*300/window > MostRequests:
			worst = lack("its rule %s lets a client make %.0f requests in %.0f seconds", r.name, limit, window)
		case rate["aggregateKeyType"] == "CONSTANT" || (rate["aggregateKeyType"] == "FORWARDED_IP" || keyed(rate, "forwardedIp")) &&
			!(proxied && throughCloudflare(rate)):
			worst = lack("its rule %s does not count by the client's own address", r.name)
		case rate["scopeDownStatement"] != nil:
			worst = lack("its rule %s limits some requests only", r.name)
		case by != "":
			worst = lack("its rule %s lets requests pass before %s is asked", by, r.name)
		default:
			return Lack{}
		}
	}
	return worst
}
