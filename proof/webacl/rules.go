package webacl

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"

	"github.com/causeway-iac/causeway/graph"
)

// rule is one rule of an ACL.
type rule struct {
	name      string
	priority  float64
	statement map[string]any
	// refuses says that it may refuse a request, allows that it may let one pass whatever the rules after it say. A
	// narrow one lets only few clients pass.
	refuses, allows, narrow bool
}

// rulesOf are the rules of an ACL in the order in which they are asked.
func rulesOf(g *graph.Graph, acl *graph.Resource) ([]rule, Lack) {
	if value, _ := acl.Get("ruleJson"); value != nil && value != "" {
		return nil, unknown("its rules are written as JSON, which is not read")
	}
	value, _ := acl.Get("rules")
	switch value.(type) {
	case graph.Unknown:
		return nil, Lack{Why: "its rules are not known before the deployment", Unknown: true, Later: true}
	case graph.Secret:
		return nil, unknown("its rules are a secret")
	}
	var rules []rule
	for _, element := range list(value) {
		r, lacking := ruleOf(g, acl, element)
		if !lacking.None() {
			return nil, lacking
		}
		rules = append(rules, r)
	}
	slices.SortStableFunc(rules, func(a, b rule) int { return cmp.Compare(a.priority, b.priority) })
	return rules, Lack{}
}

func ruleOf(g *graph.Graph, acl *graph.Resource, element any) (rule, Lack) {
	written := one(element)
	r := rule{statement: one(written["statement"])}
	r.name, _ = written["name"].(string)
	priority, known := written["priority"].(float64)
	if written == nil || r.statement == nil || !known {
		return r, Lack{Why: "a rule of it is not known", Unknown: true, Later: true}
	}
	r.priority = priority
	action, override := one(written["action"]), one(written["overrideAction"])
	r.allows = action["allow"] != nil
	r.refuses = action["block"] != nil || action["captcha"] != nil || action["challenge"] != nil ||
		action == nil && override["none"] != nil && r.ofGroup()
	if reference := one(r.statement["ruleGroupReferenceStatement"]); reference != nil && override["count"] == nil {
		// A group of rules may let requests pass, as a rule may.
		r.allows = allowsWithin(g, acl, reference)
	}
	r.narrow = narrow(g, acl, r.statement)
	return r, Lack{}
}

func (r rule) ofGroup() bool {
	return r.statement["managedRuleGroupStatement"] != nil || r.statement["ruleGroupReferenceStatement"] != nil
}

// passed is the first rule that lets more than a few clients pass without asking the rules after it, "" if none does.
func passed(before []rule) string {
	for _, r := range before {
		if r.allows && !r.narrow {
			return cmp.Or(r.name, "without a name")
		}
	}
	return ""
}

// allowsWithin says that a group of rules has one that allows, or is not in the stack.
func allowsWithin(g *graph.Graph, acl *graph.Resource, reference map[string]any) bool {
	groups := referred(g, acl, reference["arn"], groupType)
	return len(groups) == 0 || slices.ContainsFunc(groups, func(group *graph.Resource) bool {
		rules, missing := rulesOf(g, group)
		return !missing.None() || passed(rules) != ""
	})
}

// referred are the resources of the type that a value within the ACL's rules names; if the value is not known, those of
// the type that its rules come from.
func referred(g *graph.Graph, acl *graph.Resource, value any, kind string) []*graph.Resource {
	ofKind := func(r *graph.Resource) bool { return r.Type != kind }
	if arn, known := value.(string); known {
		return slices.DeleteFunc(slices.Clone(g.ByIdentity(arn)), ofKind)
	}
	return g.Ref(acl, "rules", kind)
}

// The widest ranges of addresses that a rule may let pass unasked: an office, a monitor.
const (
	narrowest4 = 16
	narrowest6 = 32
)

// narrow says that the statement matches requests from few addresses only: those of a set in the stack, or such a set and
// something else.
func narrow(g *graph.Graph, acl *graph.Resource, statement map[string]any) bool {
	if and := one(statement["andStatement"]); and != nil {
		return slices.ContainsFunc(list(and["statements"]), func(s any) bool { return narrow(g, acl, one(s)) })
	}
	reference := one(statement["ipSetReferenceStatement"])
	if reference == nil || reference["ipSetForwardedIpConfig"] != nil { // a header is whatever the client writes
		return false
	}
	sets := referred(g, acl, reference["arn"], "aws:wafv2/ipSet:IpSet")
	return len(sets) > 0 && !slices.ContainsFunc(sets, func(set *graph.Resource) bool {
		value, _ := set.Get("addresses")
		if _, several := value.([]any); value != nil && !several {
			return true
		}
		return slices.ContainsFunc(list(value), wide)
	})
}

// everything says that the statement may match every plain request: because it negates something, or looks for what every
// request has.
func everything(statement map[string]any) bool {
	if and := one(statement["andStatement"]); and != nil {
		return !slices.ContainsFunc(list(and["statements"]), func(s any) bool { return !everything(one(s)) })
	}
	if or := one(statement["orStatement"]); or != nil {
		return slices.ContainsFunc(list(or["statements"]), func(s any) bool { return everything(one(s)) })
	}
	if size := one(statement["sizeConstraintStatement"]); size != nil {
		least, _ := size["size"].(float64)
		return slices.Contains([]any{"GE", "GT", "NE"}, size["comparisonOperator"]) && least <= 1
	}
	if match := one(statement["byteMatchStatement"]); match != nil {
		field, wanted := one(match["fieldToMatch"]), match["searchString"]
		return wanted == "" || field["uriPath"] != nil && wanted == "/" && match["positionalConstraint"] != "ENDS_WITH" ||
			field["method"] != nil && wanted == "GET"
	}
	if expression := one(statement["regexMatchStatement"]); expression != nil {
		text, _ := expression["regexString"].(string)
		compiled, err := regexp.Compile(text)
		return err != nil || compiled.MatchString("/")
	}
	return statement["notStatement"] != nil
}

func wide(value any) bool {
	text, _ := value.(string)
	p, err := netip.ParsePrefix(text)
	return err != nil || p.Addr().Is4() && p.Bits() < narrowest4 || p.Addr().Is6() && p.Bits() < narrowest6
}

// one is the object in a block, whether it was written by itself or as a list of one.
func one(value any) map[string]any {
	if several, ok := value.([]any); ok && len(several) == 1 {
		value = several[0]
	}
	object, _ := value.(map[string]any)
	return object
}

// list is the elements of a list, or the value itself if it is no list.
func list(value any) []any {
	if several, ok := value.([]any); ok || value == nil {
		return several
	}
	return []any{value}
}

func block(r *graph.Resource, path string) map[string]any {
	value, _ := r.Get(path)
	return one(value)
}
