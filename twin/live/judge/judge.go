// Package judge decides whether a call to the cloud is allowed, from the policies that are deployed: those of the
// caller's role, its boundary, the resource's own and the endpoint's. What it does not evaluate it refuses, and names.
package judge

import (
	"fmt"
	"slices"
	"strings"
)

// Caller is who makes a request: a session of a role, or a service of the cloud.
type Caller struct {
	Account string
	Role    string // ARN of the role
	Session string // ARN of its session
	Service string // such as logdelivery.elasticloadbalancing.amazonaws.com; then the others are empty
}

// Request is one action on one resource.
type Request struct {
	Action, Resource string
	Owner            string // the account that the resource is of
	Caller           Caller
	// Keys are the values of condition keys, in lower case. A key with no value is known to be absent; one that is
	// not here at all is not evaluated. A name that ends in a slash or colon stands for all keys that begin with it.
	Keys map[string][]string
}

// value is a key's, whether the request has it, and whether the judge knows of it.
func (r *Request) value(key string) (values []string, present, known bool) {
	if values, known = r.Keys[key]; known {
		return values, len(values) > 0, true
	}
	for family := range r.Keys {
		if strings.HasSuffix(family, "/") || strings.HasSuffix(family, ":") {
			known = known || strings.HasPrefix(key, family)
		}
	}
	return nil, false, known
}

// Policies are all that have a say in a request.
type Policies struct {
	Identity []Document
	Unread   []string  // policies that the role has and whose text is not in the world
	Boundary *Document // of the role
	Resource *Document // of the bucket, the secret or the key
	Endpoint *Document // of the VPC endpoint that the request came by
	// Key says that Resource is a KMS key's policy, without which nobody has a right to the key (KMS developer
	// guide, "Key policies").
	Key bool
}

// Verdict is the judgement and its reason, in the words of AWS's own refusals where AWS has them.
type Verdict struct {
	Allowed bool
	Why     string
}

// Decide judges a request. An error is a policy that cannot be read.
func Decide(r Request, p Policies) (Verdict, error) {
	c, err := open(&r, p)
	if err != nil {
		return Verdict{}, err
	}
	if why := c.denied(); why != "" {
		return Verdict{Why: why}, nil
	}
	return c.allowed(p), nil
}

// court is a request before the policies that have a say in it.
type court struct {
	request                      *Request
	identity                     []*policy
	boundary, resource, endpoint *policy
	doubts                       []string // what kept a statement from allowing that the judge does not evaluate
}

func open(r *Request, p Policies) (*court, error) {
	c := &court{request: r}
	var err error
	optional := func(d *Document) *policy {
		if d == nil || err != nil {
			return nil
		}
		var p *policy
		p, err = read(*d)
		return p
	}
	for i := range p.Identity {
		c.identity = append(c.identity, optional(&p.Identity[i]))
	}
	c.boundary, c.resource, c.endpoint = optional(p.Boundary), optional(p.Resource), optional(p.Endpoint)
	return c, err
}

// kinds are the policies as AWS's messages call them.
func (c *court) kinds() map[string][]*policy {
	all := map[string][]*policy{"identity-based policy": c.identity}
	for kind, p := range map[string]*policy{"permissions boundary": c.boundary, "resource-based policy": c.resource,
		"VPC endpoint policy": c.endpoint} {
		if p != nil {
			all[kind] = []*policy{p}
		}
	}
	return all
}

// denied is why some policy forbids the request, or may.
func (c *court) denied() string {
	kinds := c.kinds()
	for _, kind := range []string{"identity-based policy", "permissions boundary", "resource-based policy", "VPC endpoint policy"} {
		for _, p := range kinds[kind] {
			for _, s := range p.statements {
				if !s.deny {
					continue
				}
				says, _, what := s.judge(c.request, p, kind == "resource-based policy" || kind == "VPC endpoint policy")
				switch says {
				case yes:
					return fmt.Sprintf("with an explicit deny in %s: %s of %s", withArticle(kind), s.called, p.name)
				case unknown:
					return fmt.Sprintf("because the living world does not evaluate %s in %s of %s, which may deny it",
						what, s.called, p.name)
				}
			}
		}
	}
	return ""
}

func withArticle(kind string) string {
	if strings.HasPrefix(kind, "identity") {
		return "an " + kind
	}
	return "a " + kind
}

// naming is how a policy names a caller.
type naming int

const (
	notNamed  naming = iota
	byAccount        // its account, whose own policies decide then
	byName           // its role, or everybody
	bySession        // this very session, or this service
)

func (c *court) allows(named bool, policies ...*policy) (bool, naming) {
	best, some := notNamed, false
	for _, p := range policies {
		if p == nil {
			continue
		}
		for _, s := range p.statements {
			if s.deny {
				continue
			}
			says, how, what := s.judge(c.request, p, named)
			if says == unknown {
				c.doubts = append(c.doubts, fmt.Sprintf("%s in %s of %s", what, s.called, p.name))
			}
			if says == yes {
				some, best = true, max(best, how)
			}
		}
	}
	return some, best
}

// allowed follows "Policy evaluation for requests within a single account" of the IAM user guide, and "Cross-account
// policy evaluation logic" where the resource is of another.
func (c *court) allowed(p Policies) Verdict {
	action := c.request.Action
	byEndpoint, _ := c.allows(true, c.endpoint)
	if c.endpoint != nil && !byEndpoint {
		return c.refused("because no VPC endpoint policy allows the %s action", action)
	}
	_, resource := c.allows(true, c.resource)
	if c.request.Caller.Service != "" {
		if resource == notNamed {
			return c.refused("because no resource-based policy allows the %s action", action)
		}
		return Verdict{Allowed: true, Why: "a resource-based policy allows it"}
	}
	identity, _ := c.allows(false, c.identity...)
	bounded, _ := c.allows(false, c.boundary)
	bounded = bounded || c.boundary == nil
	other := c.request.Owner != "" && c.request.Owner != c.request.Caller.Account
	switch {
	case resource == bySession && !other:
		return Verdict{Allowed: true, Why: "a resource-based policy names the session"}
	case !bounded && (identity || resource == byName):
		return c.refused("because no permissions boundary allows the %s action", action)
	case (p.Key || other) && resource == notNamed:
		return c.refused("because no resource-based policy allows the %s action", action)
	case resource == byName && !other:
		return Verdict{Allowed: true, Why: "a resource-based policy names the role"}
	case identity:
		return Verdict{Allowed: true, Why: "an identity-based policy allows it"}
	}
	if len(p.Unread) > 0 {
		c.doubts = append(c.doubts, "the policy "+strings.Join(p.Unread, ", ")+", whose text is not in the world")
	}
	return c.refused("because no identity-based policy allows the %s action", action)
}

func (c *court) refused(format string, args ...any) Verdict {
	why := fmt.Sprintf(format, args...)
	if len(c.doubts) > 0 {
		slices.Sort(c.doubts)
		why += "; the living world does not evaluate " + strings.Join(slices.Compact(c.doubts), ", nor ")
	}
	return Verdict{Why: why}
}
