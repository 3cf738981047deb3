package iam

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Document is a policy: statements of actions, resources, principals and conditions.
type Document struct {
	Statements []Statement
}

// Statement allows or denies. One of each pair of lists is empty.
type Statement struct {
	ID                      string
	Allow                   bool
	Actions, NotActions     []string
	Resources, NotResources []string
	// Principals are those of a resource's policy, by kind: AWS, Service, Federated. The
	// key "*" stands for everybody.
	Principals, NotPrincipals map[string][]string
	// Conditions are the values by operator and key, both in lower case since AWS compares
	// neither by case, such as stringequals, aws:sourceaccount.
	Conditions map[string]map[string][]string
}

type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = texts{one}
		return nil
	}
	var several []any
	if err := json.Unmarshal(raw, &several); err != nil {
		var plain any
		if json.Unmarshal(raw, &plain) == nil {
			*t = texts{fmt.Sprint(plain)}
		}
		return nil
	}
	for _, value := range several {
		*t = append(*t, fmt.Sprint(value))
	}
	return nil
}

type principals map[string]texts

func (p *principals) UnmarshalJSON(raw []byte) error {
	var everybody string
	if json.Unmarshal(raw, &everybody) == nil {
		*p = principals{everybody: {everybody}}
		return nil
	}
	return json.Unmarshal(raw, (*map[string]texts)(p))
}

type statement struct {
	Sid                     string
	Effect                  string
	Action, NotAction       texts
	Resource, NotResource   texts
	Principal, NotPrincipal principals
	Condition               map[string]map[string]texts
}

type statements []statement

func (s *statements) UnmarshalJSON(raw []byte) error {
	var one statement
	if raw[0] == '{' {
		err := json.Unmarshal(raw, &one)
		*s = statements{one}
		return err
	}
	return json.Unmarshal(raw, (*[]statement)(s))
}

// Parse reads a policy.
func Parse(text string) (Document, error) {
	var raw struct{ Statement statements }
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return Document{}, fmt.Errorf("reading a policy: %w", err)
	}
	var d Document
	for _, s := range raw.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			return Document{}, fmt.Errorf("reading a policy: the effect %q is neither Allow nor Deny", s.Effect)
		}
		d.Statements = append(d.Statements, Statement{
			ID: s.Sid, Allow: s.Effect == "Allow",
			Actions: s.Action, NotActions: s.NotAction, Resources: s.Resource, NotResources: s.NotResource,
			Principals: plain(s.Principal), NotPrincipals: plain(s.NotPrincipal), Conditions: conditions(s.Condition),
		})
	}
	return d, nil
}

func plain(p principals) map[string][]string {
	out := map[string][]string{}
	for kind, ids := range p {
		out[kind] = ids
	}
	return out
}

func conditions(c map[string]map[string]texts) map[string]map[string][]string {
	out := map[string]map[string][]string{}
	for operator, keys := range c {
		operator = strings.ToLower(operator)
		if out[operator] == nil {
			out[operator] = map[string][]string{}
		}
		for key, values := range keys {
			key = strings.ToLower(key)
			out[operator][key] = append(out[operator][key], values...)
		}
	}
	return out
}
