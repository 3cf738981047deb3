package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// document is an IAM policy document.
type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid                              string
	Effect                           string
	Principal                        any
	NotPrincipal                     any
	Action, NotAction                any
	Resource, NotResource, Condition any
}

// parseDocument reads a policy; a single statement may stand without its list (IAM user guide, "Grammar").
func parseDocument(text string) (document, error) {
	var raw struct {
		Version   string
		Statement json.RawMessage
	}
	var d document
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return d, fmt.Errorf("it is no JSON: %w", err)
	}
	if len(raw.Statement) == 0 {
		return d, errors.New("it has no Statement")
	}
	d.Version = raw.Version
	if raw.Statement[0] != '[' {
		raw.Statement = json.RawMessage("[" + string(raw.Statement) + "]")
	}
	if err := json.Unmarshal(raw.Statement, &d.Statement); err != nil {
		return d, fmt.Errorf("a statement is malformed: %w", err)
	}
	if d.Version != "" && d.Version != "2012-10-17" && d.Version != "2008-10-17" {
		return d, fmt.Errorf("the version must be 2012-10-17 or 2008-10-17 and is %s", d.Version)
	}
	return d, nil
}

func validDocument(text string) bool { return json.Valid([]byte(text)) }

// dialect is what a service asks of its policies.
type dialect struct {
	code      string // the service's for a policy that it does not take
	principal bool   // statements name principals
	resource  bool   // statements name resources
	sidShape  bool   // names of statements are letters and digits
	actions   string // the only service whose actions it takes; "" is any
}

var (
	identityPolicy = dialect{code: "MalformedPolicyDocument", resource: true, sidShape: true}
	trustPolicy    = dialect{code: "MalformedPolicyDocument", principal: true, sidShape: true, actions: "sts"}
	keyPolicy      = dialect{code: "MalformedPolicyDocumentException", principal: true, resource: true}
	bucketPolicy   = dialect{code: "MalformedPolicy", principal: true, resource: true, actions: "s3"}
	topicPolicy    = dialect{code: "InvalidParameter", principal: true, resource: true, actions: "sns"}
	secretPolicy   = dialect{code: "MalformedPolicyDocumentException", principal: true, resource: true, actions: "secretsmanager"}
	logPolicy      = dialect{code: "InvalidParameterException", principal: true, resource: true}
	endpointPolicy = dialect{code: "InvalidPolicyDocument", principal: true, resource: true}
)

// policyText refuses what is not a policy of a dialect.
func policyText(property string, as dialect) rule {
	return func(_ *Call, o *Object) error {
		text := o.Text(property)
		if text == "" {
			return nil
		}
		d, err := parseDocument(text)
		if err != nil {
			return fault(as.code, "The policy in %s has a syntax error: %s", property, err)
		}
		sids := map[string]bool{}
		for i, s := range d.Statement {
			if s.Sid != "" && sids[s.Sid] {
				return fault(as.code, "Statement IDs (SID) in a single policy must be unique: %q stands twice in %s", s.Sid, property)
			}
			sids[s.Sid] = true
			if wrong := as.wrong(s); wrong != "" {
				return fault(as.code, "%s (statement %d %q of %s)", wrong, i+1, s.Sid, property)
			}
		}
		return nil
	}
}

var (
	sidPattern    = regexp.MustCompile(`^[A-Za-z0-9]*$`)
	actionPattern = regexp.MustCompile(`^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$`)
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

// arnLike: six parts, of which a pattern may stand for those that follow.
func arnLike(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	return parts[0] == "arn" && (len(parts) == 6 && parts[5] != "" || strings.HasSuffix(text, "*")) || strings.HasPrefix(text, "*")
}

var (
	servicePattern = regexp.MustCompile(`^[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|aws\.internal)$`)
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	entityPattern  = regexp.MustCompile(`^arn:aws[a-z-]*:(iam|sts)::([0-9]{12}|cloudfront):(root|(role|user|assumed-role|federated-user|saml-provider|oidc-provider)/.+)$`)
	uniquePattern  = regexp.MustCompile(`^A[A-Z0-9]{15,}$`)
)

// wrongPrincipal: principals are accounts, ARNs of entities and services (IAM user guide, "Principal").
func wrongPrincipal(s statement) string {
	for _, p := range s.principals() {
		kind, who, found := strings.Cut(p, ":")
		if p == "*" || who == "*" {
			continue
		}
		switch {
		case found && kind == "Service" && servicePattern.MatchString(who):
		case found && kind == "AWS" && (accountPattern.MatchString(who) || entityPattern.MatchString(who) || uniquePattern.MatchString(who)):
		case found && (kind == "Federated" || kind == "CanonicalUser"):
		default:
			return "Invalid principal in policy: " + p
		}
	}
	return ""
}

// conditionTypes are the operators (IAM user guide, "Condition operators").
var conditionTypes = strings.Fields(`stringequals stringnotequals stringequalsignorecase stringnotequalsignorecase stringlike stringnotlike
	numericequals numericnotequals numericlessthan numericlessthanequals numericgreaterthan numericgreaterthanequals
	dateequals datenotequals datelessthan datelessthanequals dategreaterthan dategreaterthanequals bool binaryequals
	ipaddress notipaddress arnequals arnlike arnnotequals arnnotlike null`)

func wrongCondition(s statement) string {
	operators, _ := s.Condition.(map[string]any)
	if s.Condition != nil && operators == nil {
		return "Syntax errors in policy: Condition is no object"
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

func oneOrMore(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	return texts(v)
}

// principals lists a statement's principals as "Service:x", "AWS:x" and so on; "*" is everybody.
func (s statement) principals() []string {
	var out []string
	for _, who := range []any{s.Principal, s.NotPrincipal} {
		if p, ok := who.(string); ok {
			out = append(out, p)
		}
		m, _ := who.(map[string]any)
		for kind, names := range m {
			for _, w := range oneOrMore(names) {
				out = append(out, kind+":"+w)
			}
		}
	}
	return out
}

// principalsExist: roles of the account that a policy names are there when it is written (IAM user guide, "AWS JSON
// policy elements: Principal"). Roles that AWS makes for its services are taken to be there.
func principalsExist(property, code string) rule {
	return func(c *Call, o *Object) error {
		d, err := parseDocument(o.Text(property))
		if err != nil {
			return nil
		}
		for _, s := range d.Statement {
			for _, p := range s.principals() {
				arn := strings.TrimPrefix(p, "AWS:")
				if !strings.Contains(arn, ":iam::"+c.accountID()+":role/") || strings.Contains(arn, ":role/aws-service-role/") || c.where(typeRole, "arn", arn) != nil {
					continue
				}
				return fault(code, "Policy contains a statement with one or more invalid principals: %s does not exist: let this depend on the role", arn)
			}
		}
		return nil
	}
}

// logDeliveryAllowed says whether a bucket's policy lets the load balancers' log delivery write: the
// service principal, or in older regions the delivery account (ELB user guide, "Access logs").
func logDeliveryAllowed(policy, account string) bool {
	d, err := parseDocument(policy)
	if err != nil {
		return false
	}
	for _, s := range d.Statement {
		if s.Effect != "Allow" || !allowsAction(s, "s3:PutObject") {
			continue
		}
		for _, p := range s.principals() {
			if p == "Service:logdelivery.elasticloadbalancing.amazonaws.com" || p == "Service:delivery.logs.amazonaws.com" ||
				(account != "" && strings.Contains(p, account)) {
				return true
			}
		}
	}
	return false
}

// serviceMay says whether a policy lets a service do something. Its conditions are taken to be met.
func serviceMay(policy, service, action, resource string) bool {
	d, err := parseDocument(policy)
	if err != nil {
		return false
	}
	allowed := false
	for _, s := range d.Statement {
		who := s.principals()
		if !allowsAction(s, action) || !slices.Contains(who, "*") && !slices.Contains(who, "Service:"+service) ||
			!slices.ContainsFunc(oneOrMore(s.Resource), func(pattern string) bool { return matches(pattern, resource) }) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// matches reads * and ? as policies do.
func matches(pattern, text string) bool {
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	ok, err := regexp.MatchString("^"+expression+"$", text)
	return err == nil && ok
}

func allowsAction(s statement, action string) bool {
	for _, a := range oneOrMore(s.Action) {
		if a == "*" || strings.EqualFold(a, action) || (strings.HasSuffix(a, "*") && strings.HasPrefix(strings.ToLower(action), strings.ToLower(strings.TrimSuffix(a, "*")))) {
			return true
		}
	}
	return false
}
