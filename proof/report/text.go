package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A screen holds this many lines of this many characters.
const (
	screen = 36
	width  = 100
)

// How much is told of one check, and how many checks are at least named, on a screen.
const (
	shownFindings = 2
	shownEvidence = 3
	namedChecks   = 8
)

// Text is the report for a terminal: the worst first, and as much as fits a screen; or all of it.
func (r *Report) Text(all bool) string {
	b := &page{all: all}
	b.line(0, "%s (%s, %d resources): %s", r.Stack, r.origin(), r.Resources, r.Summary())
	waived := r.Waived()
	if all {
		r.everything(b)
	} else {
		b.failing(r.failing(), screen-len(b.lines)-min(len(waived), 6)-2)
	}
	if len(waived) > 0 {
		b.line(0, "")
	}
	for i, line := range waived {
		if !all && i == 5 && len(waived) > 6 {
			b.line(0, "          and %d waivers more: --all shows them", len(waived)-i)
			break
		}
		b.line(0, "waived    %s", line)
	}
	return strings.Join(b.lines, "\n") + "\n"
}

// origin says where the resources came from, in words.
func (r *Report) origin() string {
	if r.Source == FromDeclared {
		return "not what is deployed: what the program declares"
	}
	return string(r.Source)
}

// everything is all findings, one after another.
func (r *Report) everything(b *page) {
	for _, g := range r.failing() {
		b.lines = append(b.lines, g.block(true)...)
	}
	for _, f := range r.Findings {
		if f.Verdict.Fails() {
			continue
		}
		b.line(0, "")
		b.line(0, "%-9s %s  %s", word(f.Verdict), f.ID, f.Title)
		b.line(10, "%s", f.Found)
		if f.Verdict == Waived {
			b.line(10, "waived by %s", r.why(f.Waiver))
		}
	}
}

// page collects lines.
type page struct {
	lines []string
	all   bool
}

// line adds a line, cut at the screen's edge unless everything is asked for. Text from a program cannot move the cursor.
func (b *page) line(indent int, format string, args ...any) {
	text := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, strings.Repeat(" ", indent)+fmt.Sprintf(format, args...))
	if runes := []rune(text); !b.all && len(runes) > width {
		text = string(runes[:width-1]) + "…"
	}
	b.lines = append(b.lines, strings.TrimRight(text, " "))
}

// failing adds what fails, in at most so many lines: the worst in full, the next by name, the rest as a number.
func (b *page) failing(groups []group, room int) {
	for i, g := range groups {
		block := g.block(false)
		left := len(groups) - i - 1
		if len(block)+min(left, namedChecks) > room {
			b.named(groups[i:], room)
			return
		}
		b.lines = append(b.lines, block...)
		room -= len(block)
	}
}

// named adds a line for each check, as many as there is room for.
func (b *page) named(groups []group, room int) {
	b.line(0, "")
	for i, g := range groups {
		if i > 0 && i >= room-2 && len(groups)-i > 1 {
			b.line(0, "and %d checks more: --all shows them", len(groups)-i)
			return
		}
		b.line(0, "%s", g.heading())
	}
	b.line(0, "--all shows what was found of each")
}

func word(v Verdict) string {
	if v == NotApplicable {
		return "no matter"
	}
	return string(v)
}

// Summary is the counts in words: of checks, not of findings.
func (r *Report) Summary() string {
	checks := map[Verdict]map[string]bool{}
	for _, f := range r.Findings {
		if checks[f.Verdict] == nil {
			checks[f.Verdict] = map[string]bool{}
		}
		checks[f.Verdict][f.ID] = true
	}
	var parts []string
	for _, c := range []struct {
		verdict Verdict
		word    string
	}{{Broken, "broken"}, {Undecided, "undecided"}, {Waived, "waived"}, {NotApplicable, "not applicable"}} {
		if n := len(checks[c.verdict]); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c.word))
		}
	}
	return strings.Join(append([]string{fmt.Sprintf("%d hold", len(checks[Holds]))}, parts...), ", ")
}

// why is the waiver's name with its reason.
func (r *Report) why(name string) string {
	if w := r.waiver(name); w != nil {
		return fmt.Sprintf("%s until %s: %s", w.Name, w.Expires, w.Reason)
	}
	return name + ", which this environment relaxes"
}

// group is findings of one check, or those of several for the same reason.
type group struct {
	findings []Finding
}

// failing groups what fails: by check, and checks that cannot be decided for the same reason.
func (r *Report) failing() (groups []group) {
	at := map[string]int{}
	for _, f := range r.Findings {
		if !f.Verdict.Fails() {
			continue
		}
		key := string(f.Verdict) + " " + f.ID
		i, again := at[key]
		if reason := "because " + f.Found; !again && f.Verdict == Undecided {
			if i, again = at[reason]; !again {
				at[reason] = len(groups)
			}
		}
		if !again {
			i = len(groups)
			groups = append(groups, group{})
		}
		at[key] = i
		groups[i].findings = append(groups[i].findings, f)
	}
	return groups
}

func (g group) ids() (ids []string) {
	for _, f := range g.findings {
		if !slices.Contains(ids, f.ID) {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// heading is the check in a line.
func (g group) heading() string {
	first := g.findings[0]
	if ids := g.ids(); len(ids) > 1 {
		return fmt.Sprintf("%-9s %d checks: %s", first.Verdict, len(ids), strings.Join(ids, " "))
	}
	return fmt.Sprintf("%-9s %s  %s (%s)", first.Verdict, first.ID, first.Title, first.Severity)
}

// block is all that is told of the check: what was found, about what, why, and what to write.
func (g group) block(all bool) []string {
	b := &page{all: all}
	b.line(0, "")
	b.line(0, "%s", g.heading())
	first, several := g.findings[0], len(g.ids()) > 1
	shown := map[string]bool{}
	for i, f := range g.findings {
		if several && shown[f.Found] {
			continue
		}
		if !all && len(shown) == shownFindings {
			b.line(10, "and %d more like it", len(g.findings)-i)
			break
		}
		shown[f.Found] = true
		b.line(10, "%s", f.Found)
		for j, line := range f.Evidence {
			if !all && j == shownEvidence && len(f.Evidence) > shownEvidence+1 {
				b.line(12, "and %d lines more", len(f.Evidence)-j)
				break
			}
			b.line(12, "%s", line)
		}
		if len(f.Resources) > 0 && !several {
			b.line(10, "at %s", Short(f.Resources, width-13))
		}
	}
	if first.Remedy != "" {
		b.line(10, "instead: %s", first.Remedy)
	}
	return b.lines
}

// Short names resources by kind and logical name, as many as fit.
func Short(urns []string, width int) string {
	var parts []string
	length := 0
	for i, urn := range urns {
		name := shortName(urn)
		if i > 0 && length+len(name)+2 > width {
			return strings.Join(parts, ", ") + fmt.Sprintf(" and %d more", len(urns)-i)
		}
		parts = append(parts, name)
		length += len(name) + 2
	}
	return strings.Join(parts, ", ")
}

// shortName is the kind and the logical name: SecurityGroupIngressRule prod-web.
func shortName(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return urn
	}
	kind := parts[2]
	return kind[strings.LastIndexAny(kind, ":$")+1:] + " " + strings.Join(parts[3:], "::")
}
