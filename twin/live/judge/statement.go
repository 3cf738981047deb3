package judge

import (
	"slices"
	"strings"
)

// judge says whether a statement applies to the request, how it names the caller, and what in it cannot be evaluated.
// Policies of resources and endpoints name principals, others do not.
func (s *statement) judge(r *Request, p *policy, named bool) (answer, naming, string) {
	if !s.speaksOf(r, p) {
		return no, notNamed, ""
	}
	how := bySession
	if named {
		if s.notPrincipal {
			return unknown, notNamed, "NotPrincipal"
		}
		if how = s.names(r.Caller); how == notNamed {
			return no, notNamed, ""
		}
	}
	says, doubt := yes, ""
	for _, c := range s.conditions {
		switch one, what := c.holds(r, p.variables); one {
		case no:
			return no, notNamed, ""
		case unknown:
			says, doubt = unknown, what
		}
	}
	return says, how, doubt
}

func (s *statement) speaksOf(r *Request, p *policy) bool {
	action := func(pattern string) bool { return like(strings.ToLower(pattern), strings.ToLower(r.Action)) }
	resource := func(pattern string) bool {
		pattern, ok := r.fill(pattern, p.variables)
		return ok && like(pattern, r.Resource)
	}
	if s.notActions != nil && slices.ContainsFunc(s.notActions, action) || s.actions != nil && !slices.ContainsFunc(s.actions, action) {
		return false
	}
	if s.notResources != nil {
		return !slices.ContainsFunc(s.notResources, resource)
	}
	return slices.ContainsFunc(s.resources, resource)
}

// names follows "AWS JSON policy elements: Principal" of the IAM user guide.
func (s *statement) names(c Caller) naming {
	if s.anyPrincipal {
		return byName
	}
	if c.Service != "" {
		if slices.Contains(s.principals["Service"], c.Service) || slices.Contains(s.principals["Service"], "*") {
			return bySession
		}
		return notNamed
	}
	best := notNamed
	for _, p := range s.principals["AWS"] {
		switch {
		case p == c.Session:
			best = max(best, bySession)
		case p == c.Role || p == "*":
			best = max(best, byName)
		case p == c.Account || strings.HasPrefix(p, "arn:") && strings.HasSuffix(p, ":iam::"+c.Account+":root"):
			best = max(best, byAccount)
		}
	}
	return best
}
