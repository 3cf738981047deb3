package iam

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Change is something that somebody may do after a change and could not before, or the other way round.
type Change struct {
	Access
	// Gained says that it is new; otherwise it is gone.
	Gained bool `json:"gained"`
	// Freed says that it was denied before, and that nothing denies it any more.
	Freed bool `json:"freed,omitempty"`
	// Held says that a policy newly allows it and the boundary of whoever has that does not.
	Held bool `json:"held,omitempty"`
}

// Sentence is such as "web may now read secret db: statement 3 of policy web".
func (c Change) Sentence() string {
	switch {
	case c.Unknown:
		return "what " + c.Who + " may do cannot be told: its policy " + c.Why
	case c.Held:
		return c.Who + " is now allowed to " + c.String() + ", but its boundary does not let it"
	case c.Freed:
		return c.Who + " is no longer denied to " + c.String()
	case c.Gained:
		return c.Who + " may now " + c.String()
	}
	return c.Who + " may no longer " + c.String()
}

// Sentences are the changes as sentences, one for all actions that one statement allows somebody on one thing.
func Sentences(all []Change) []string {
	var told []Change
	at := map[string]int{}
	for _, c := range all {
		key := fmt.Sprint(c.Gained, c.Freed, c.Held, c.Unknown, c.who, c.On, c.Conditions, c.Why)
		i, again := at[key]
		if !again {
			at[key] = len(told)
			told = append(told, c)
		} else {
			told[i].Action += ", " + c.Action
		}
	}
	sentences := make([]string, len(told))
	for i, c := range told {
		sentences[i] = c.Sentence()
	}
	return sentences
}

// Changes is who may newly do what to which resource, and who no longer may: first what is gained, first what is
// sensitive. Something is not gained if one statement allowed as much before, under conditions as easy to meet.
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
	for _, a := range beyond(is.held(), append(was.held(), had...)) {
		if a.Sensitive {
			all = append(all, Change{Access: a, Gained: true, Held: true})
		}
	}
	unknown := map[string]bool{} // of whom nobody can say what they no longer may
	for _, a := range has {
		unknown[a.who] = unknown[a.who] || a.Unknown
	}
	for _, a := range beyond(had, has) {
		if !a.Unknown && !unknown[a.who] && !goes(a.On, before, after) && !goes(a.who, before, after) {
			all = append(all, Change{Access: a})
		}
	}
	rank := func(c Change) int {
		n := 0
		if !c.Gained {
			n += 2
		}
		if !c.Sensitive && !c.Unknown || c.Held {
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

// goes says that what has an ARN or a URN is no longer there: what nobody may do to it any more goes without saying.
func goes(name string, before, after *graph.Graph) bool {
	there := func(g *graph.Graph) bool {
		return g.ByURN(name) != nil || len(g.ByIdentity(strings.TrimSuffix(name, "/*"))) > 0
	}
	return there(before) && !there(after)
}

// beyond are the accesses that none of the others covers, each once.
func beyond(accesses, others []Access) []Access {
	by := map[[2]string][]Access{} // by who may, and on what where that is one thing
	about := func(a Access) [2]string {
		if a.Unknown || literal(a.On) < len(a.On) {
			return [2]string{a.who}
		}
		return [2]string{a.who, a.On}
	}
	for _, o := range others {
		by[about(o)] = append(by[about(o)], o)
	}
	seen := map[string]bool{}
	var all []Access
	for _, a := range accesses {
		key := fmt.Sprint(a.who, a.Action, a.On, a.Conditions, a.Unknown)
		covers := func(o Access) bool { return o.covers(a) }
		if seen[key] || slices.ContainsFunc(by[[2]string{a.who}], covers) || slices.ContainsFunc(by[about(a)], covers) {
			continue
		}
		seen[key] = true
		all = append(all, a)
	}
	return all
}

// covers says that whoever may do this may do the other: the patterns are as wide, and the conditions ask for no more.
func (a Access) covers(other Access) bool {
	if a.Unknown || other.Unknown {
		return a.Unknown && other.Unknown && a.Policy == other.Policy
	}
	return Matches(strings.ToLower(a.Action), strings.ToLower(other.Action)) && Matches(a.On, other.On) && a.asksNoMore(other)
}

// asksNoMore says that whoever meets the other's conditions meets these: each asks for the same, or for one of more values.
func (a Access) asksNoMore(other Access) bool {
	for c, values := range a.asks {
		theirs, asked := other.asks[c]
		among := func(these, those []string) bool {
			return !slices.ContainsFunc(these, func(value string) bool { return !slices.Contains(those, value) })
		}
		if !asked || !among(theirs, values) || !widening.MatchString(c) && !among(values, theirs) {
			return false
		}
	}
	return true
}

// widening are the operators of which one more value lets more through.
var widening = regexp.MustCompile(`^(stringequals|stringequalsignorecase|stringlike|arnequals|arnlike|ipaddress) `)

// held is what identities are allowed by their own policies and their boundaries keep from them.
func (w *Model) held() []Access {
	var all []Access
	for _, i := range w.Identities {
		if i.Boundary == nil || i.Boundary.Err != nil {
			continue
		}
		for _, p := range i.Policies {
			for n, s := range p.Statements {
				for _, pair := range s.pairs() {
					if len(i.bounded(pair)) == 0 && s.met(i.known) != never {
						all = append(all, w.access(Access{Who: i.Resource.Name, who: i.Resource.URN, Action: pair.action,
							On: pair.resource}, s, n, p))
					}
				}
			}
		}
	}
	return all
}

// freed is what identities were denied, and no longer are, of what they may do.
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
