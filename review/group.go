package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Common is one difference that many resources share, such as a tag: it is told once.
type Common struct {
	Difference
	// URNs are the resources that share it.
	URNs []string `json:"urns"`
}

// enough is how many resources must share a difference for it to be told once.
const enough = 3

// common separates what many changes share. The second result is the changes without it: one with nothing else is left
// out, but one that replaces or deletes stays, whatever it shares.
func common(all []Change) (told []Common, rest []Change) {
	sharers, latest := map[string]int{}, map[string]string{}
	for _, c := range all {
		for _, d := range c.Differences {
			if s := signature(d); !d.Forces && c.Caused == "" && c.Action != graph.Create && latest[s] != c.URN {
				latest[s] = c.URN
				sharers[s]++
			}
		}
	}
	shared := map[string]*Common{}
	var order []*Common
	for _, c := range all {
		own := slices.DeleteFunc(slices.Clone(c.Differences), func(d Difference) bool {
			s := signature(d)
			if d.Forces || c.Caused != "" || c.Action == graph.Create || sharers[s] < enough {
				return false
			}
			if shared[s] == nil {
				d.Path = inTags(d.Path)
				shared[s] = &Common{Difference: d}
				order = append(order, shared[s])
			}
			if urns := &shared[s].URNs; len(*urns) == 0 || (*urns)[len(*urns)-1] != c.URN {
				*urns = append(*urns, c.URN)
			}
			return true
		})
		if len(own) == 0 && len(c.Differences) > 0 && c.Action == "update" {
			continue
		}
		c.Differences = own
		rest = append(rest, c)
	}
	slices.SortStableFunc(order, func(a, b *Common) int { return len(b.URNs) - len(a.URNs) })
	for _, s := range order {
		told = append(told, *s)
	}
	return told, rest
}

// signature is the same for differences that say the same, wherever a resource keeps its tags.
func signature(d Difference) string {
	return strings.Join([]string{inTags(d.Path), d.Before, d.After}, "\x00")
}

// inTags is the path without what holds the tags: an instance's are in its template's specifications.
func inTags(path string) string {
	if i := strings.LastIndex(path, ".tags"); i >= 0 {
		return path[i+1:]
	}
	return path
}

// kin are changes that are told in one line: those that one replacement causes, or those of one type in the same
// properties.
type kin struct {
	what    string
	members []string
	number  int // of the changes
}

// alike is how many changes of one type in the same properties are told in one line.
const alike = 4

// kindred separates the changes that are told together. A change to something that holds data or identity is always told
// alone.
func kindred(all []Change) (own []Change, told []*kin) {
	by := map[string]*kin{}
	key := func(c Change) string {
		if c.Caused != "" {
			return string(c.Action) + "\x00" + c.Caused
		}
		key := string(c.Action) + "\x00\x00" + c.Type
		for _, d := range c.Differences {
			key += "\x00" + d.Path
		}
		return key
	}
	number := map[string]int{}
	for _, c := range all {
		number[key(c)]++
	}
	for _, c := range all {
		_, holds := holders[c.Type]
		k := key(c)
		if holds && (c.Caused == "" || c.Action != graph.Update) || c.Caused == "" && number[k] < alike {
			own = append(own, c)
			continue
		}
		if by[k] == nil {
			by[k] = &kin{what: fmt.Sprintf("%s %s: ", c.Action, shortType(c.Type))}
			if c.Caused != "" {
				by[k].what = fmt.Sprintf("%s, since %s is replaced: ", c.Action, c.Caused)
			}
			by[k].number = number[k]
			told = append(told, by[k])
		}
		by[k].add(c)
	}
	return own, told
}

// add adds a change, with those of its type where they have a cause in common.
func (k *kin) add(c Change) {
	if c.Caused == "" {
		k.members = append(k.members, c.member())
		return
	}
	kind := shortType(c.Type) + ": "
	i := slices.IndexFunc(k.members, func(m string) bool { return strings.HasPrefix(m, kind) })
	if i < 0 {
		k.members = append(k.members, kind+c.member())
		return
	}
	k.members[i] += ", " + c.member()
}

// member is a change in a list of such: its name, and what of it differs that is known.
func (c Change) member() string {
	name := c.Path[len(c.Path)-1]
	var own []string
	for _, d := range c.Differences {
		if !unknowable(d) {
			own = append(own, d.Path+": "+d.Text())
		}
	}
	if len(own) > 0 {
		name += " (" + strings.Join(own, "; ") + ")"
	}
	return name
}
