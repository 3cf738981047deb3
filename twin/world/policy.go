package world

import (
	"encoding/json"
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
func parseDocument(text string) (document, bool) {
	var raw struct {
		Version   string
		Statement json.RawMessage
	}
	var d document
	if json.Unmarshal([]byte(text), &raw) != nil || len(raw.Statement) == 0 {
		return d, false
	}
	d.Version = raw.Version
	if raw.Statement[0] == '[' {
		if json.Unmarshal(raw.Statement, &d.Statement) != nil {
			return d, false
		}
	} else {
		var one statement
		if json.Unmarshal(raw.Statement, &one) != nil {
			return d, false
		}
		d.Statement = []statement{one}
	}
	for _, s := range d.Statement {
		if (s.Effect != "Allow" && s.Effect != "Deny") || (s.Action == nil) == (s.NotAction == nil) {
			return d, false
		}
	}
	return d, d.Version == "" || d.Version == "2012-10-17" || d.Version == "2008-10-17"
}

func validDocument(text string) bool { return json.Valid([]byte(text)) }

// policyText refuses what is not a policy. withPrincipal is for policies of resources and roles.
func policyText(property, code string, withPrincipal bool) rule {
	return func(_ *Call, o *Object) error {
		text := o.Text(property)
		if text == "" {
			return nil
		}
		d, ok := parseDocument(text)
		if !ok {
			return fault(code, "The policy in %s has a syntax error", property)
		}
		for _, s := range d.Statement {
			if has := s.Principal != nil || s.NotPrincipal != nil; has != withPrincipal {
				if withPrincipal {
					return fault(code, "Has prohibited field Resource or lacks a Principal in statement %q", s.Sid)
				}
				return fault(code, "Policy document should not specify a principal (statement %q)", s.Sid)
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
func (s statement) principals() []string {
	if p, ok := s.Principal.(string); ok {
		return []string{p}
	}
	m, _ := s.Principal.(map[string]any)
	var out []string
	for kind, who := range m {
		for _, w := range oneOrMore(who) {
			out = append(out, kind+":"+w)
		}
	}
	return out
}

// logDeliveryAllowed says whether a bucket's policy lets the load balancers' log delivery write: the
// service principal, or in older regions the delivery account (ELB user guide, "Access logs").
func logDeliveryAllowed(policy, account string) bool {
	d, ok := parseDocument(policy)
	if !ok {
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

func allowsAction(s statement, action string) bool {
	for _, a := range oneOrMore(s.Action) {
		if a == "*" || strings.EqualFold(a, action) || (strings.HasSuffix(a, "*") && strings.HasPrefix(strings.ToLower(action), strings.ToLower(strings.TrimSuffix(a, "*")))) {
			return true
		}
	}
	return false
}
