// Package policy reads IAM policies as documents: statements of actions, resources,
// principals and conditions, with their wildcards, as AWS evaluates them.
package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Document is a policy.
type Document struct {
	Statements []Statement
}

// Statement allows or denies. Of each pair of lists one is empty.
type Statement struct {
	ID                      string
	Allow                   bool
	Actions, NotActions     []string
	Resources, NotResources []string
	// Principals are those of a resource's policy, by kind: AWS, Service, Federated. The
	// key "*" stands for everybody.
	Principals, NotPrincipals map[string][]string
	// Conditions are the values by operator and key, such as StringEquals,
	// aws:SourceAccount.
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
		out[operator] = map[string][]string{}
		for key, values := range keys {
			out[operator][key] = values
		}
	}
	return out
}

// Everything is the policy that allows all.
var Everything = Document{Statements: []Statement{{Allow: true, Actions: []string{"*"}, Resources: []string{"*"}}}}

// MayAllow is the statement by which the document may allow the action on a resource,
// nil if it cannot. The resource may have wildcards: then one that matches is enough. A
// condition is taken as met where it allows, and as not met where it denies.
func (d Document) MayAllow(action, resource string) *Statement {
	for _, s := range d.Statements {
		if !s.Allow && len(s.Conditions) == 0 && s.covers(action, resource) {
			return nil
		}
	}
	for i := range d.Statements {
		if s := &d.Statements[i]; s.Allow && s.touches(action, resource) {
			return s
		}
	}
	return nil
}

func (s Statement) touches(action, resource string) bool {
	return s.hasAction(action) && (len(s.NotResources) > 0 && !slices.ContainsFunc(s.NotResources, func(p string) bool { return Matches(p, resource) }) ||
		slices.ContainsFunc(s.Resources, func(p string) bool { return Overlap(variable(p), resource) }) ||
		len(s.Resources) == 0 && len(s.NotResources) == 0)
}

// covers says that the statement speaks of every resource that is meant.
func (s Statement) covers(action, resource string) bool {
	return s.hasAction(action) && (len(s.NotResources) > 0 && !slices.ContainsFunc(s.NotResources, func(p string) bool { return Overlap(variable(p), resource) }) ||
		slices.ContainsFunc(s.Resources, func(p string) bool { return Matches(p, resource) }))
}

func (s Statement) hasAction(action string) bool {
	matches := func(pattern string) bool { return Matches(strings.ToLower(pattern), strings.ToLower(action)) }
	if len(s.NotActions) > 0 {
		return !slices.ContainsFunc(s.NotActions, matches)
	}
	return slices.ContainsFunc(s.Actions, matches)
}

// variable takes a policy variable such as ${aws:username} for anything.
func variable(pattern string) string {
	for {
		start := strings.Index(pattern, "${")
		if start < 0 {
			return pattern
		}
		end := strings.IndexByte(pattern[start:], '}')
		if end < 0 {
			return pattern
		}
		pattern = pattern[:start] + "*" + pattern[start+end+1:]
	}
}

// Matches says that the pattern, with * and ?, matches every text that the other one,
// which may have them too, stands for.
func Matches(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == text[t] || pattern[p] == '?' && text[t] != '*'):
			p, t = p+1, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// Overlap says that some text matches both patterns.
func Overlap(a, b string) bool {
	reach := make([]bool, len(b)+1)
	reach[0] = true
	for j := 0; j < len(b) && b[j] == '*'; j++ {
		reach[j+1] = true
	}
	for i := 0; i < len(a); i++ {
		next := make([]bool, len(b)+1)
		for j := 0; j <= len(b); j++ {
			if a[i] == '*' {
				next[j] = next[j] || reach[j] // stands for nothing
				if j > 0 && next[j-1] {
					next[j] = true // takes one more
				}
				continue
			}
			if j > 0 && b[j-1] == '*' {
				next[j] = next[j] || reach[j] || next[j-1]
			}
			if j > 0 && reach[j-1] && (a[i] == b[j-1] || a[i] == '?' || b[j-1] == '?') {
				next[j] = true
			}
		}
		reach = next
	}
	return reach[len(b)]
}
