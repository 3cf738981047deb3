package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

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

// parseDocument reads a policy; a single statement needs no list (IAM user guide, "Grammar").
func parseDocument(text string) (document, error) {
	var raw struct {
		Version   string
		Statement json.RawMessage
	}
	var d document
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return d, fmt.Errorf("it is not JSON: %w", err)
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

// dialect is what a service requires of its policies.
type dialect struct {
	code      string // the service's code for a policy that it refuses
	principal bool   // statements name principals
	resource  bool   // statements name resources
	sidShape  bool   // statement ids are letters and digits
	actions   string // the only service whose actions it accepts; "" is any
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

// policyText refuses a text that is not a policy of a dialect.
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

func oneOrMore(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	return texts(v)
}

// principals lists a statement's principals as "Service:x", "AWS:x" and so on; "*" is everybody.
func (s statement) principals() (out []string) {
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

// principalsExist: the account's roles that a policy names exist when it is written (IAM user guide, "AWS JSON policy
// elements: Principal"). Roles that AWS makes for its services are assumed to exist.
func principalsExist(property, code string) rule {
	return func(c *Call, o *Object) error {
		d, err := parseDocument(o.Text(property))
		if err != nil {
			return nil
		}
		for _, s := range d.Statement {
			for _, p := range s.principals() {
				arn := strings.TrimPrefix(p, "AWS:")
				if !strings.Contains(arn, ":iam::"+c.accountID()+":role/") || strings.Contains(arn, ":role/aws-service-role/") ||
					c.where(typeRole, "arn", arn) != nil {
					continue
				}
				return fault(code, "Policy contains a statement with one or more invalid principals: %s does not exist: let this "+
					"depend on the role", arn)
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

// serviceMay says whether a policy lets a service do something. Its conditions are assumed to be met.
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
	return slices.ContainsFunc(oneOrMore(s.Action), func(a string) bool {
		return a == "*" || strings.EqualFold(a, action) ||
			(strings.HasSuffix(a, "*") && strings.HasPrefix(strings.ToLower(action), strings.ToLower(strings.TrimSuffix(a, "*"))))
	})
}
