package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Change is something that somebody may do after a change and could not before, or the
// other way round.
type Change struct {
	Access
	// Gained says that it is new; else it is no longer so.
	Gained bool `json:"gained"`
	// Freed says that it was denied before, and that nothing denies it any more.
	Freed bool `json:"freed,omitempty"`
}

// Sentence is such as "web may now read secret db: statement 3 of policy web".
func (c Change) Sentence() string {
	switch {
	case c.Freed:
		return c.Who + " is no longer denied to " + c.String()
	case c.Gained && c.Unknown:
		return c.Who + " may now " + c.String()
	case c.Gained:
		return c.Who + " may now " + c.String()
	}
	return c.Who + " may no longer " + c.String()
}

// Changes is who may do what to which resource that could not before, and who no longer may:
// what is gained before what is lost, what is sensitive before what is not. Something is not
// gained where one statement allowed as much before, on as easy conditions.
func Changes(before, after *graph.Graph) []Change {
	was, is := Read(before), Read(after)
	had, has := was.All(), is.All()
	var all []Change
	for _, a := range beyond(has, had) {
		all = append(all, Change{Access: a, Gained: true})
	}
	for _, a := range freed(was, is) {
		all = append(all, Change{Access: a, Gained: true, Freed: true})
	}
	for _, a := range beyond(had, has) {
		if !a.Unknown {
			all = append(all, Change{Access: a})
		}
	}
	rank := func(c Change) int {
		n := 0
		if !c.Gained {
			n += 2
		}
		if !c.Sensitive && !c.Unknown {
			n++
		}
		return n
	}
	slices.SortStableFunc(all, func(a, b Change) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.Who, b.Who), strings.Compare(a.Action, b.Action),
			strings.Compare(a.On, b.On))
	})
	return all
}

// beyond are the accesses that none of the others covers, each once.
func beyond(accesses, others []Access) []Access {
	by := map[string][]Access{}
	for _, o := range others {
		by[o.who] = append(by[o.who], o)
	}
	seen := map[string]bool{}
	var all []Access
	for _, a := range accesses {
		key := fmt.Sprint(a.who, a.Action, a.On, a.Conditions, a.Unknown)
		if seen[key] || slices.ContainsFunc(by[a.who], func(o Access) bool { return o.covers(a) }) {
			continue
		}
		seen[key] = true
		all = append(all, a)
	}
	return all
}

// covers says that whoever may do this may do the other: the patterns are as wide, and the
// conditions ask for no more.
func (a Access) covers(other Access) bool {
	if a.Unknown || other.Unknown {
		return a.Unknown && other.Unknown && a.Policy == other.Policy
	}
	return Matches(strings.ToLower(a.Action), strings.ToLower(other.Action)) && Matches(a.On, other.On) &&
		!slices.ContainsFunc(a.Conditions, func(c string) bool { return !slices.Contains(other.Conditions, c) })
}

// freed is what identities were denied, and are no longer, of what they may do.
func freed(was, is *Model) []Access {
	denied := func(w *Model) []Access {
		var all []Access
		for _, i := range w.Identities {
			for _, p := range i.Policies {
				for n, s := range p.Statements {
					if s.Allow {
						continue
					}
					allowing := s
					allowing.Allow = true
					for _, pair := range allowing.pairs() {
						all = append(all, w.access(Access{Who: i.Resource.Name, who: i.Resource.URN, Action: pair.action,
							On: pair.resource}, s, n, p))
					}
				}
			}
		}
		return all
	}
	after := map[string]*Identity{}
	for _, i := range is.Identities {
		after[i.Resource.URN] = i
	}
	return slices.DeleteFunc(beyond(denied(was), denied(is)), func(a Access) bool {
		i := after[a.who]
		return i == nil || i.May(a.Action, a.On) == nil
	})
}
