package iam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Answer is one who may do what was asked about.
type Answer struct {
	// Who is a role, user or group of the stack, or a principal as a policy writes it.
	Who string `json:"who"`
	// Way is how it gets to do so, step by step, and the policy that finally allows it.
	Way []string `json:"way"`
	// Unknown says that a policy which nobody can read may allow it.
	Unknown bool `json:"unknown,omitempty"`
}

// WhoCan is everybody who may do the action on something in the stack: through their own policies, through those of the
// resource, and by coming to act as somebody who may. On is the name of a resource, an ARN, or an id; a database stands
// for its secret where that is asked about.
func (w *Model) WhoCan(action, on string) ([]Answer, error) {
	targets := w.targets(action, on)
	if len(targets) == 0 {
		return nil, fmt.Errorf("the stack has no %q that %s could be about: give the name of a resource, or an ARN", on, action)
	}
	var all []Answer
	for _, t := range targets {
		for _, i := range w.Identities {
			if a, can := w.answer(i, action, t); can {
				all = append(all, a)
			}
		}
		all = append(all, w.outside(action, t)...)
	}
	return all, nil
}

// target is what a question is about.
type target struct {
	arn      string
	resource *graph.Resource // nil if only the ARN is known
}

func (w *Model) targets(action, on string) []target {
	service, _, _ := strings.Cut(action, ":")
	var all []target
	for _, r := range w.g.Resources {
		if !r.Custom || r.Name != on && r.ID != on && r.String("arn") != on {
			continue
		}
		if service == "secretsmanager" && strings.HasPrefix(r.Type, "aws:rds/") {
			all = append(all, secretsOf(r)...)
			continue
		}
		if arn := r.String("arn"); arn != "" && (len(w.policies[r]) > 0 || strings.Contains(arn, ":"+service+":")) {
			all = append(all, target{arn, r})
		}
	}
	if len(all) == 0 && strings.HasPrefix(on, "arn:") {
		all = append(all, target{arn: on})
	}
	return all
}

func secretsOf(db *graph.Resource) []target {
	value, _ := db.Output("masterUserSecrets")
	list, _ := value.([]any)
	var all []target
	for _, element := range list {
		s, _ := element.(map[string]any)
		if arn, known := s["secretArn"].(string); known {
			all = append(all, target{arn: arn})
		}
	}
	return all
}

// by is the policy that lets an identity do it.
func (w *Model) by(i *Identity, action string, t target) *Source {
	if t.resource == nil {
		return i.May(action, t.arn)
	}
	return w.MayOn(i, action, t.resource)
}

func (w *Model) answer(i *Identity, action string, t target) (Answer, bool) {
	if by := w.by(i, action, t); by != nil {
		return Answer{i.Resource.Name, []string{w.letBy(action, t, by)}, by.Err != nil}, true
	}
	for _, way := range w.Reach(i) {
		last := way[len(way)-1].To
		by := w.by(last, action, t)
		if by == nil {
			continue
		}
		a := Answer{Who: i.Resource.Name, Unknown: by.Err != nil}
		for _, step := range way {
			a.Way = append(a.Way, step.String())
		}
		a.Way = append(a.Way, last.Resource.Name+": "+w.letBy(action, t, by))
		return a, true
	}
	return Answer{}, false
}

// letBy is the statement of a policy that lets somebody do it.
func (w *Model) letBy(action string, t target, by *Source) string {
	if by.Err != nil {
		return fmt.Sprintf("%s %s", by.Name, by.Err)
	}
	for n, s := range by.Statements {
		if s.Allow && s.Speaks(action) && (by.Resource == t.resource || s.touches(action, t.arn) || len(s.Principals) > 0) {
			return w.access(Access{}, s, n, *by).Why
		}
	}
	return by.Name
}

// outside are the principals outside the stack whom the policy of a resource lets do it.
func (w *Model) outside(action string, t target) []Answer {
	var all []Answer
	for _, p := range w.policies[t.resource] {
		for n, s := range p.Statements {
			if p.Err != nil || !s.Allow || !s.Speaks(action) {
				continue
			}
			for _, who := range w.whom(s) {
				known := slices.ContainsFunc(w.Identities, func(i *Identity) bool { return i.Resource.URN == who.who })
				if a := (Answer{Who: who.Who, Way: []string{w.access(Access{}, s, n, p).Why}}); !known &&
					(!IsAccount(who.Who) || w.elsewhere(who.Who, t.resource)) {
					all = append(all, a)
				}
			}
		}
	}
	return all
}

// elsewhere says that an account is not the resource's own: what the own account's principals may do is up to their
// policies.
func (w *Model) elsewhere(id string, r *graph.Resource) bool {
	return !slices.Contains(w.AccountsOf(r), accountOfPrincipal(id))
}

// WhatCan is what the role, user or group of the name may do, and as whom it can come to act.
func (w *Model) WhatCan(name string) (does []Access, becomes [][]Step, err error) {
	var who *Identity
	for _, i := range w.Identities {
		if i.Resource.Name == name || i.ARN() == name || i.Resource.ID == name {
			who = i
		}
	}
	if who == nil {
		var names []string
		for _, i := range w.Identities {
			names = append(names, i.Resource.Name)
		}
		return nil, nil, fmt.Errorf("the stack has no role, user or group %q: it has %s", name, strings.Join(names, ", "))
	}
	for _, a := range w.All() {
		if a.who == who.Resource.URN {
			does = append(does, a)
		}
	}
	return does, w.Reach(who), nil
}
