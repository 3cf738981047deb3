package review

import (
	"maps"
	"slices"
	"strings"
)

// Common is one difference that many resources share, such as a tag: it is told once.
type Common struct {
	Difference
	// URNs are the resources that have it.
	URNs []string `json:"urns"`
}

// enough is how many resources must share a difference for it to be told once.
const enough = 3

// common takes out of the changes what many of them share. A change that has nothing else is gone from
// the second result; one that replaces or deletes stays, whatever it shares.
func common(all []Change) ([]Common, []Change) {
	sharers := map[string][]string{}
	for _, c := range all {
		for _, d := range c.Differences {
			if !d.Forces {
				sharers[signature(d)] = append(sharers[signature(d)], c.URN)
			}
		}
	}
	shared := map[string]*Common{}
	var order []string
	var rest []Change
	for _, c := range all {
		own := slices.DeleteFunc(slices.Clone(c.Differences), func(d Difference) bool {
			s := signature(d)
			if d.Forces || len(slices.Compact(sharers[s])) < enough {
				return false
			}
			if shared[s] == nil {
				d.Path = inTags(d.Path)
				shared[s] = &Common{Difference: d}
				order = append(order, s)
			}
			if urns := &shared[s].URNs; !slices.Contains(*urns, c.URN) {
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
	var told []Common
	for _, s := range order {
		told = append(told, *shared[s])
	}
	slices.SortStableFunc(told, func(a, b Common) int { return len(b.URNs) - len(a.URNs) })
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

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
