package proof

import (
	"fmt"
	"slices"
	"strings"
)

// Screens hold about this many lines: what does not fit is counted instead.
const (
	shownFindings = 6
	shownEvidence = 6
	width         = 100
)

// Text is the report for a terminal: the worst first, as much as fits a screen, or all
// of it.
func (r *Report) Text(all bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %d resources): %s\n", r.Stack, r.Source, r.Resources, r.Summary())
	groups := r.failing()
	for i, g := range groups {
		if !all && i == shownFindings {
			fmt.Fprintf(&b, "\nand %d more: --all shows them\n", len(groups)-i)
			break
		}
		g.write(&b, all)
	}
	for _, f := range r.Findings {
		if f.Verdict == Waived {
			fmt.Fprintf(&b, "\n%-9s %s  %s\n          %s\n          waived by %s\n", f.Verdict, f.ID, f.Title, f.Found, r.why(f.Waiver))
		}
	}
	if all {
		for _, f := range r.Findings {
			if !f.Verdict.Fails() && f.Verdict != Waived {
				fmt.Fprintf(&b, "\n%-9s %s  %s\n          %s\n", word(f.Verdict), f.ID, f.Title, f.Found)
			}
		}
	}
	return b.String()
}

func word(v Verdict) string {
	if v == NotApplicable {
		return "no matter"
	}
	return string(v)
}

// Summary is the counts in words.
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
	for _, w := range r.Waivers {
		if w.Name == name {
			return fmt.Sprintf("%s until %s: %s", w.Name, w.Expires, w.Reason)
		}
	}
	return name + ", which this environment relaxes"
}

// group is findings of one check, or those of several for the same reason.
type group struct {
	findings []Finding
}

// failing groups what fails: by check, and checks that cannot be decided for one reason.
func (r *Report) failing() []group {
	var groups []group
	for _, f := range r.Findings {
		if !f.Verdict.Fails() {
			continue
		}
		i := slices.IndexFunc(groups, func(g group) bool {
			first := g.findings[0]
			return first.ID == f.ID && first.Verdict == f.Verdict || first.Verdict == Undecided && f.Verdict == Undecided && first.Found == f.Found
		})
		if i < 0 {
			groups = append(groups, group{})
			i = len(groups) - 1
		}
		groups[i].findings = append(groups[i].findings, f)
	}
	return groups
}

func (g group) ids() string {
	var ids []string
	for _, f := range g.findings {
		if !slices.Contains(ids, f.ID) {
			ids = append(ids, f.ID)
		}
	}
	return strings.Join(ids, " ")
}

func (g group) write(b *strings.Builder, all bool) {
	first := g.findings[0]
	if g.ids() == first.ID {
		fmt.Fprintf(b, "\n%-9s %s  %s (%s)\n", first.Verdict, first.ID, first.Title, first.Severity)
	} else {
		fmt.Fprintf(b, "\n%-9s %d checks: %s\n", first.Verdict, len(g.findings), g.ids())
	}
	shown := map[string]bool{}
	for i, f := range g.findings {
		if shown[f.Found] {
			continue
		}
		if !all && len(shown) == 2 {
			fmt.Fprintf(b, "          and %d more like it\n", len(g.findings)-i)
			break
		}
		shown[f.Found] = true
		fmt.Fprintf(b, "          %s\n", f.Found)
		for j, line := range f.Evidence {
			if !all && j == shownEvidence {
				fmt.Fprintf(b, "            and %d lines more\n", len(f.Evidence)-j)
				break
			}
			fmt.Fprintf(b, "            %s\n", line)
		}
		if len(f.Resources) > 0 && g.ids() == first.ID {
			fmt.Fprintf(b, "          at %s\n", Short(f.Resources, width-13))
		}
	}
	if first.Remedy != "" {
		fmt.Fprintf(b, "          instead: %s\n", first.Remedy)
	}
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
