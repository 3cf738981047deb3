package iam

import (
	"slices"
	"strings"
)

// MayAllow is the statement by which the document may allow the action on a resource, nil if it cannot. The resource may
// have wildcards: then one match is enough. A condition counts as met where it allows, and as not met where it denies.
func (d Document) MayAllow(action, resource string) *Statement {
	return d.mayAllow(nil, action, resource)
}

// mayAllow is MayAllow for a caller of whom something is known, so that some conditions
// are decided.
func (d Document) mayAllow(c Context, action, resource string) *Statement {
	if d.denies(c, action, resource) {
		return nil
	}
	return d.allows(c, action, resource)
}

// allows is the first statement that may allow it, whatever others deny.
func (d Document) allows(c Context, action, resource string) *Statement {
	for i := range d.Statements {
		if s := &d.Statements[i]; s.Allow && s.touches(action, resource) && s.met(c) != never {
			return s
		}
	}
	return nil
}

// denies says that the document denies the action on every resource that is meant.
func (d Document) denies(c Context, action, resource string) bool {
	return slices.ContainsFunc(d.Statements, func(s Statement) bool {
		return !s.Allow && s.covers(action, resource) && s.met(c) == surely
	})
}

// touches says that the statement covers the action, and some resource that is meant.
func (s Statement) touches(action, resource string) bool {
	return s.Speaks(action) && (len(s.NotResources) > 0 &&
		!slices.ContainsFunc(s.NotResources, func(p string) bool { return Matches(p, resource) }) ||
		slices.ContainsFunc(s.Resources, func(p string) bool { return Overlap(variable(p), resource) }) ||
		len(s.Resources) == 0 && len(s.NotResources) == 0)
}

// covers says that the statement covers the action, and every resource that is meant.
func (s Statement) covers(action, resource string) bool {
	return s.Speaks(action) && (len(s.NotResources) > 0 &&
		!slices.ContainsFunc(s.NotResources, func(p string) bool { return Overlap(variable(p), resource) }) ||
		slices.ContainsFunc(s.Resources, func(p string) bool { return Matches(p, resource) }) ||
		len(s.Resources) == 0 && len(s.NotResources) == 0)
}

// Speaks says that the statement covers the action.
func (s Statement) Speaks(action string) bool {
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
