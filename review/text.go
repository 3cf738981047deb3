package review

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// JSON is the report in its stable shape.
func (r *Report) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the review: %w", err)
	}
	return append(b, '\n'), nil
}

// Text is the report for a terminal.
func (r *Report) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { b.WriteString(visible(fmt.Sprintf(format, args...)) + "\n") }
	item := func(format string, args ...any) { b.WriteString("  " + visible(fmt.Sprintf(format, args...)) + "\n") }
	verdict := ""
	if r.Stopped {
		verdict = "STOP: "
	}
	line("%s%s: %s", verdict, r.Stack, r.Summary())
	if r.Empty() && !r.Stopped {
		for _, notice := range r.Controls.notices() {
			item("%s", notice)
		}
		return b.String()
	}
	for _, l := range together(r.Losses) {
		b.WriteString("\n")
		line("LOSS: %s %s", l.Name, l.What)
		item("because   %s", l.Why)
		if l.Protection == "" {
			item("protected by nothing")
		} else {
			item("protected by %s", l.Protection)
		}
		item("then      %s", l.Consequence)
		if l.Allowed != "" {
			item("allowed   %s", l.Allowed)
		}
	}
	if len(r.Common)+len(r.Changes) > 0 {
		b.WriteString("\nchanges\n")
	}
	for _, c := range r.Common {
		item("%s of %s: %s", c.Path, plural(len(c.URNs), "resource"), c.Text())
	}
	own, told := kindred(r.Changes)
	for _, k := range told {
		item("%s%s", k.what, plural(k.number, "resource"))
		for _, member := range k.members {
			b.WriteString("             " + visible(member) + "\n")
		}
	}
	for _, c := range own {
		item("%-8s %s (%s)%s", c.Action, strings.Join(c.Path, " › "), shortType(c.Type), c.aside())
		for _, d := range c.Differences {
			forces := ""
			if d.Forces {
				forces = "   forces the replacement"
			}
			b.WriteString("             " + visible(d.Path+": "+d.Text()+forces) + "\n")
		}
	}
	r.consequences(&b)
	for _, reason := range r.Reasons {
		line("STOP: %s", reason)
	}
	if r.Remedy != "" {
		line("Where it is meant, %s", r.Remedy)
	}
	return b.String()
}

// notices are the waivers that have ended, and those that soon will.
func (c Controls) notices() (lines []string) {
	for _, w := range c.Over {
		lines = append(lines, fmt.Sprintf("waiver has expired: %s on %s", w.Name, w.Expires))
	}
	for _, w := range c.Ending {
		lines = append(lines, fmt.Sprintf("waiver expires soon: %s on %s", w.Name, w.Expires))
	}
	return lines
}

func (c Change) aside() string {
	switch {
	case c.Caused != "":
		return ", since " + c.Caused + " is replaced"
	case c.DeletedFirst:
		return ", the old one first"
	case c.rolls():
		return ": " + rolling
	}
	return ""
}

const rolling = "its servers are replaced, as its instance refresh says"

// rolls says that a group of servers gets another template.
func (c Change) rolls() bool {
	return c.Type == "aws:autoscaling/group:Group" && c.Action == graph.Update &&
		slices.ContainsFunc(c.Differences, func(d Difference) bool { return root(d.Path) == "launchTemplate" })
}

// consequences are what follows from the changes: ways, access, controls, cost.
func (r *Report) consequences(b *strings.Builder) {
	part := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		b.WriteString("\n" + title + "\n")
		for _, line := range lines {
			b.WriteString("  " + visible(line) + "\n")
		}
	}
	var ways []string
	for what, of := range r.Reach.Told() {
		ways = append(ways, what+": "+of)
	}
	if len(ways) == 0 {
		ways = []string{asItWas}
	}
	part("reachability", ways)
	part("access", r.Access)
	part("controls", r.Controls.lines(func(text string) string { return text }))
	lines := []string{r.Cost.headline(r.New)}
	for _, l := range r.Cost.told() {
		lines = append(lines, fmt.Sprintf("%s  %s, %s: %s → %s", l.Text(), l.Name, l.What, cmp.Or(l.Before, none), cmp.Or(l.After, none)))
	}
	for _, u := range r.Cost.Newly {
		lines = append(lines, "unpriced: "+u)
	}
	part("cost", lines)
}

const asItWas = "Who can reach whom stays as it is."
