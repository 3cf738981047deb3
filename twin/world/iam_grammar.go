package world

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	sidPattern    = regexp.MustCompile(`^[A-Za-z0-9]*$`)
	actionPattern = regexp.MustCompile(`^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$`)
)

var (
	servicePattern = regexp.MustCompile(`^[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|aws\.internal)$`)
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	entityPattern  = regexp.MustCompile(`^arn:aws[a-z-]*:(iam|sts)::([0-9]{12}|cloudfront):` +
		`(root|(role|user|assumed-role|federated-user|saml-provider|oidc-provider)/.+)$`)
	uniquePattern = regexp.MustCompile(`^A[A-Z0-9]{15,}$`)
)

// wrong says what is wrong with a statement (IAM user guide, "IAM JSON policy element reference").
func (as dialect) wrong(s statement) string {
	switch {
	case s.Effect != "Allow" && s.Effect != "Deny":
		return "Effect must be Allow or Deny"
	case (s.Action == nil) == (s.NotAction == nil):
		return "Policy statement must contain actions, and Action or NotAction, not both"
	case as.sidShape && !sidPattern.MatchString(s.Sid):
		return "Statement IDs (SID) must be alpha-numeric"
	case as.principal && (s.Principal == nil) == (s.NotPrincipal == nil):
		return "Missing required field Principal: a policy of a resource says who may"
	case !as.principal && (s.Principal != nil || s.NotPrincipal != nil):
		return "Policy document should not specify a principal"
	case as.resource && (s.Resource == nil) == (s.NotResource == nil):
		return "Policy statement must contain resources"
	case !as.resource && (s.Resource != nil || s.NotResource != nil):
		return "Has prohibited field Resource"
	}
	if wrong := as.wrongAction(s); wrong != "" {
		return wrong
	}
	for _, r := range append(oneOrMore(s.Resource), oneOrMore(s.NotResource)...) {
		if r != "*" && !arnLike(r) {
			return fmt.Sprintf("Resource %s must be in ARN format or \"*\"", r)
		}
	}
	if wrong := wrongPrincipal(s); wrong != "" {
		return wrong
	}
	return wrongCondition(s)
}

func (as dialect) wrongAction(s statement) string {
	for _, a := range append(oneOrMore(s.Action), oneOrMore(s.NotAction)...) {
		if !actionPattern.MatchString(strings.ToLower(a[:strings.IndexByte(a+":", ':')]) + a[strings.IndexByte(a+":", ':'):]) {
			return fmt.Sprintf("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: %s", a)
		}
		if service, _, _ := strings.Cut(a, ":"); as.actions != "" && a != "*" && !strings.EqualFold(service, as.actions) {
			return fmt.Sprintf("Policy may only specify %s actions: %s", as.actions, a)
		}
	}
	return ""
}

// arnLike: an ARN has six parts; a trailing wildcard may stand for the rest.
func arnLike(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	return parts[0] == "arn" && (len(parts) == 6 && parts[5] != "" || strings.HasSuffix(text, "*")) || strings.HasPrefix(text, "*")
}

// wrongPrincipal: principals are accounts, ARNs of entities and services (IAM user guide, "Principal").
func wrongPrincipal(s statement) string {
	for _, p := range s.principals() {
		kind, who, found := strings.Cut(p, ":")
		if p == "*" || who == "*" {
			continue
		}
		switch {
		case found && kind == "Service" && servicePattern.MatchString(who):
		case found && kind == "AWS" && (accountPattern.MatchString(who) || entityPattern.MatchString(who) ||
			uniquePattern.MatchString(who)):
		case found && (kind == "Federated" || kind == "CanonicalUser"):
		default:
			return "Invalid principal in policy: " + p
		}
	}
	return ""
}

// conditionTypes are the condition operators (IAM user guide, "Condition operators").
var conditionTypes = strings.Fields(`stringequals stringnotequals stringequalsignorecase stringnotequalsignorecase stringlike stringnotlike
	numericequals numericnotequals numericlessthan numericlessthanequals numericgreaterthan numericgreaterthanequals
	dateequals datenotequals datelessthan datelessthanequals dategreaterthan dategreaterthanequals bool binaryequals
	ipaddress notipaddress arnequals arnlike arnnotequals arnnotlike null`)

func wrongCondition(s statement) string {
	operators, _ := s.Condition.(map[string]any)
	if s.Condition != nil && operators == nil {
		return "Syntax errors in policy: Condition is not an object"
	}
	for operator := range operators {
		name := strings.ToLower(operator)
		for _, set := range []string{"foranyvalue:", "forallvalues:"} {
			name = strings.TrimPrefix(name, set)
		}
		if name = strings.TrimSuffix(name, "ifexists"); !slices.Contains(conditionTypes, name) {
			return "Invalid Condition type : " + operator
		}
	}
	return ""
}
