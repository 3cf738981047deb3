package iam

import (
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Certainty is how far it is known that something is allowed.
type Certainty int

// The certainties.
const (
	Refused Certainty = iota
	Unsure
	Granted
)

// Request is something that a platform needs to be allowed.
type Request struct {
	// Services are the names under which the service may ask, Principals the ARNs or accounts of those who may ask. One
	// of them is enough.
	Services, Principals []string
	// Action is such as kms:Decrypt, On the ARN that it acts on; "" stands for the resource itself.
	Action, On string
	// Known is what is known of the request, by condition key in lower case.
	Known Context
}

// Admits says how far the policies of a resource let somebody do what must be done: one statement allows it, under
// conditions that are known to be met, and none denies it. A mere possibility is not enough.
// Of two resources that write the same policy the last one to be written holds, which no graph tells: then both must allow it.
func (w *Model) Admits(of *graph.Resource, q Request) Certainty {
	whole, beside := []Source{}, []Source{}
	for _, p := range w.policies[of] {
		if p.Resource.Type == GrantType || p.Resource.Type == "aws:s3/accessPoint:AccessPoint" {
			beside = append(beside, p)
		} else {
			whole = append(whole, p)
		}
	}
	if len(whole) < 2 {
		return admits(w.policies[of], q)
	}
	least := Granted
	for _, p := range whole {
		least = min(least, admits(append(slices.Clip(beside), p), q))
	}
	return least
}

// Admits is World.Admits of one policy.
func (s Source) Admits(q Request) Certainty { return admits([]Source{s}, q) }

func admits(policies []Source, q Request) Certainty {
	allowed, denied := decided(policies, q, func(s Statement) bool { return s.asks(q) })
	return min(allowed, Granted-denied)
}

// decided says how far the policies allow, and how far they deny, what is asked.
func decided(policies []Source, q Request, asks func(Statement) bool) (allowed, denied Certainty) {
	for _, p := range policies {
		if p.Err != nil {
			allowed = max(allowed, Unsure)
			continue
		}
		for _, s := range p.Statements {
			if !asks(s) || !s.Speaks(q.Action) || !s.about(q.On) {
				continue
			}
			met := Certainty(s.met(q.Known))
			if s.Allow {
				allowed = max(allowed, met)
			} else {
				denied = max(denied, met)
			}
		}
	}
	return allowed, denied
}

// Must says how far the identity can do what it must: its own policies allow it within its boundary, or the policy of
// the resource does by name, and nothing denies it. A key is used by nobody whom its own policy does not let in. AWS, "Policy
// evaluation logic". The resource is nil where it is not of the stack, and On then its ARN.
func (w *Model) Must(i *Identity, r *graph.Resource, q Request) Certainty {
	q.Known = i.Known(q.Known)
	q.Principals = i.Principals()
	// Of something that is not named, what is denied of a part is not denied.
	of := func(s Statement) bool { return s.Allow || q.On != "" || slices.Contains(s.Resources, "*") }
	own, denied := decided(i.Policies, q, of)
	byName, refused := decided(w.policies[r], q, func(s Statement) bool {
		return (s.asks(q) || !s.Allow && len(q.Principals) == 0) && (!s.Allow || s.names(i) == byName)
	})
	within := Granted
	if i.Boundary != nil {
		allowed, limits := decided([]Source{*i.Boundary}, q, of)
		within, denied = allowed, max(denied, limits)
	}
	allowed := max(own, byName)
	if r != nil && strings.HasPrefix(r.Type, "aws:kms/") && len(w.policies[r]) > 0 {
		allowed = max(byName, min(own, w.Admits(r, q)))
	}
	return min(allowed, within, Granted-max(denied, refused))
}

// asks says that the statement applies to one of those who ask.
func (s Statement) asks(q Request) bool {
	if len(s.NotPrincipals) > 0 {
		return !s.Allow && !Statement{Principals: s.NotPrincipals}.asks(q)
	}
	if len(s.Principals["*"]) > 0 || slices.Contains(s.Principals["AWS"], "*") {
		return true
	}
	if slices.ContainsFunc(q.Services, func(service string) bool { return slices.Contains(s.Principals["Service"], service) }) {
		return true
	}
	return slices.ContainsFunc(s.Principals["AWS"], func(id string) bool {
		return slices.ContainsFunc(q.Principals, func(p string) bool {
			return p == id || Matches(id, p) || isNumber(id) && p == "arn:aws:iam::"+id+":root" || isNumber(p) &&
				p == accountOfPrincipal(id) && !serviceLinked(id)
		})
	})
}

// serviceLinked says that the role is one that AWS's services keep for themselves.
func serviceLinked(id string) bool { return strings.Contains(id, ":role/aws-service-role/") }

// about says that the statement covers the whole of what is asked about.
func (s Statement) about(arn string) bool {
	if arn == "" || len(s.Resources)+len(s.NotResources) == 0 {
		return true
	}
	if len(s.NotResources) > 0 {
		return !slices.ContainsFunc(s.NotResources, func(p string) bool { return Overlap(variable(p), arn) })
	}
	if !s.Allow {
		return slices.ContainsFunc(s.Resources, func(p string) bool { return Overlap(variable(p), arn) })
	}
	return slices.ContainsFunc(s.Resources, func(p string) bool { return Matches(p, arn) })
}

// Principals are the names under which a policy may know the identity: its ARN, and its account as a whole.
func (i *Identity) Principals() []string {
	if i.Account() == "" {
		return nil
	}
	return []string{i.ARN(), "arn:aws:iam::" + i.Account() + ":root"}
}

// HasPolicy says that the resource has a policy of its own, by whatever resource.
func (w *Model) HasPolicy(r *graph.Resource) bool { return len(w.policies[r]) > 0 }

// Serves says how far a role is good for a service: its trust lets the service take it, and
// it can do the action on something, or on all that the pattern stands for.
func (w *Model) Serves(i *Identity, service, action, on string, known Context) Certainty {
	if i.Trust == nil || i.Trust.Err != nil {
		return Unsure
	}
	allowed, denied := decided([]Source{*i.Trust}, Request{Action: "sts:AssumeRole", Known: known}, func(s Statement) bool {
		return slices.Contains(s.Principals["Service"], service) || !s.Allow && s.asks(Request{Services: []string{service}})
	})
	return min(allowed, Granted-denied, w.Must(i, nil, Request{Action: action, On: on}))
}

// Region is the region in an ARN, "" if there is none.
func Region(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[3]
	}
	return ""
}

// Known is what is known of the identity's own requests, with more.
func (i *Identity) Known(more Context) Context {
	known := maps.Clone(i.known)
	maps.Copy(known, more)
	return known
}

// Uses says that a policy of the identity is about actions of the service.
func (i *Identity) Uses(service string) bool {
	return slices.ContainsFunc(i.Policies, func(p Source) bool {
		return p.Err == nil && slices.ContainsFunc(p.Statements, func(s Statement) bool {
			return s.Allow && slices.ContainsFunc(s.Actions, func(action string) bool {
				return strings.HasPrefix(strings.ToLower(action), service+":")
			})
		})
	})
}
