package infra

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with what a person wrote: where it is, what is wrong, and what to write instead.
type Problem struct {
	Where  string // path of the setting or argument, such as web.minSize
	What   string // what is wrong, naming the value
	Remedy string // what to write instead
}

func (p Problem) String() string {
	text := p.What
	if p.Where != "" {
		text = p.Where + ": " + text
	}
	if p.Remedy != "" {
		text += "; " + p.Remedy
	}
	return text
}

// Problems collects everything that is wrong, so that a person can fix it all at once.
type Problems []Problem

// Add appends a problem: where it is, what to write instead, and what is wrong.
func (ps *Problems) Add(where, remedy, what string) {
	*ps = append(*ps, Problem{Where: where, What: what, Remedy: remedy})
}

// Addf is Add with a format for what is wrong.
func (ps *Problems) Addf(where, remedy, what string, args ...any) {
	ps.Add(where, remedy, fmt.Sprintf(what, args...))
}

// Range appends a problem unless value is from least to most: "must be 2 to 6 zones, not 7".
func (ps *Problems) Range(where string, value, least, most int, unit string) {
	if value < least || value > most {
		ps.Addf(where, "", "must be %s, not %d", strings.TrimSpace(fmt.Sprintf("%d to %d %s", least, most, unit)), value)
	}
}

// AtMost appends a problem if value is above most: "must be at most 1000 servers, not 2006".
func (ps *Problems) AtMost(where string, value, most int, unit string) {
	if value > most {
		ps.Addf(where, fmt.Sprintf("write %d or less", most), "must be at most %d %s, not %d", most, unit, value)
	}
}

// Under returns the same problems with their paths below prefix: minSize becomes web.minSize.
func (ps Problems) Under(prefix string) Problems {
	out := slices.Clone(ps)
	for i := range out {
		switch {
		case out[i].Where == "":
			out[i].Where = prefix
		case strings.HasPrefix(out[i].Where, "["):
			out[i].Where = prefix + out[i].Where
		default:
			out[i].Where = prefix + "." + out[i].Where
		}
	}
	return out
}

// Err is nil when there is no problem.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
