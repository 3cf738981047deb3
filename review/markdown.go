package review

import (
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/causeway-iac/causeway/cost"
	"github.com/causeway-iac/causeway/graph"
)

// Most is how long a comment may be: GitHub takes 65,536 characters, and the poster adds a few.
const Most = 64_000

// Markdown is the report as a comment of at most limit bytes. If it is longer, whole sections are dropped, the least
// important first; none is cut. Everything that comes from a program is escaped: no name, tag or description can inject
// markup.
func (r *Report) Markdown(limit int) string {
	if r.Empty() && !r.Stopped {
		text := fmt.Sprintf("✅ %s: %s.\n", code(r.Stack), r.Summary())
		for _, notice := range r.Controls.notices() {
			text += "- " + prose(notice) + "\n"
		}
		return text
	}
	sections := []section{
		{r.verdict(), 0}, {r.lossSection(), 0}, {r.changeSection(), 3}, {r.reachSection(), 2},
		{listed("Access", r.Access), 2}, {r.controlSection(), 2}, {r.costSection(), 2}, {r.fullSection(), 4},
	}
	for drop := 4; drop > 1; drop-- {
		if text := joined(sections); len(text) <= limit {
			return text
		}
		for i := range sections {
			if sections[i].rank == drop && sections[i].text != "" {
				sections[i].text = r.instead(drop)
			}
		}
	}
	if text := joined(sections); len(text) <= limit {
		return text
	}
	return r.title() + "\nThe report is too long for a comment: it is in the job's summary.\n"
}

// section is a part of the comment: the higher its rank, the sooner it is dropped.
type section struct {
	text string
	rank int
}

func joined(sections []section) string {
	var b strings.Builder
	for _, s := range sections {
		if s.text != "" {
			b.WriteString(strings.TrimRight(s.text, "\n") + "\n\n")
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// instead is what stands in for a dropped section: one sentence for the changes, nothing for the rest.
func (r *Report) instead(rank int) string {
	if rank != 3 {
		return ""
	}
	counts := map[string]int{}
	for _, c := range r.Changes {
		counts[string(c.Action)+" "+c.Type]++
	}
	var b strings.Builder
	b.WriteString("#### Changes\n\nToo many for a comment; by type, with the whole list in the job's summary:\n\n")
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, "- %s × %d\n", code(name), counts[name])
	}
	return b.String()
}

func (r *Report) title() string {
	mark := "✅"
	if r.Stopped {
		mark = "🛑"
	}
	return fmt.Sprintf("### %s %s: %s\n", mark, code(r.Stack), r.Summary())
}

// shownReasons is how many reasons stand under the title.
const shownReasons = 8

func (r *Report) verdict() string {
	if !r.Stopped {
		return r.title()
	}
	reasons := r.Reasons
	if n := len(reasons) - shownReasons; n > 1 {
		reasons = append(slices.Clone(reasons[:shownReasons]), fmt.Sprintf("and %d more, below", n))
	}
	text := r.title() + "\n" + listed("", reasons)
	if r.Remedy != "" {
		text += "\nWhere it is meant, " + prose(r.Remedy) + "\n"
	}
	return text
}

func (r *Report) lossSection() string {
	var b strings.Builder
	for _, l := range together(r.Losses) {
		fmt.Fprintf(&b, "> [!CAUTION]\n> **%s** %s.\n", code(l.Name), prose(l.What))
		fmt.Fprintf(&b, "> Because: %s\n", code(l.Why))
		if l.Protection != "" {
			fmt.Fprintf(&b, "> Protected by: %s\n", prose(l.Protection))
		} else {
			b.WriteString("> Nothing protects it.\n")
		}
		fmt.Fprintf(&b, "> Then: %s\n", prose(l.Consequence))
		if l.Allowed != "" {
			fmt.Fprintf(&b, "> Allowed by the settings: %s\n", prose(l.Allowed))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// shownDifferences is how many properties of one change the table shows.
const shownDifferences = 4

func (r *Report) changeSection() string {
	if len(r.Changes)+len(r.Common) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("#### Changes\n\n")
	for _, c := range r.Common {
		fmt.Fprintf(&b, "- %s of %s: %s\n", code(c.Path), plural(len(c.URNs), "resource"), code(c.Text()))
	}
	if len(r.Common) > 0 {
		b.WriteString("\n")
	}
	own, told := kindred(r.Changes)
	for _, k := range told {
		fmt.Fprintf(&b, "<details><summary>%s%s</summary>\n\n%s\n\n</details>\n\n",
			prose(k.what), plural(k.number, "resource"), "<code>"+strings.Join(coded(k.members), "</code><br><code>")+"</code>")
	}
	if len(own) == 0 {
		return b.String()
	}
	b.WriteString("| | resource | what differs |\n| --- | --- | --- |\n")
	for _, c := range own {
		fmt.Fprintf(&b, "| %s | %s<br>%s | %s |\n", marks[c.Action], code(strings.Join(c.Path, " › ")), code(shortType(c.Type)), c.cell())
	}
	return b.String()
}

var marks = map[graph.Action]string{
	graph.Replace: "♻️ replace", graph.Delete: "🗑️ delete", graph.Update: "✏️ update",
	graph.Create: "➕ create", graph.Import: "📥 import",
}

func (c Change) cell() string {
	var lines []string
	for i, d := range c.Differences {
		if i == shownDifferences {
			lines = append(lines, fmt.Sprintf("and %d more", len(c.Differences)-i))
			break
		}
		line := code(d.Path+": ") + code(d.Text())
		if d.Forces {
			line += " **forces the replacement**"
		}
		lines = append(lines, line)
	}
	switch {
	case c.Caused != "":
		lines = append(lines, code(c.Caused)+" is replaced")
	case c.Action == graph.Replace && c.DeletedFirst:
		lines = append(lines, "the old one goes first")
	case c.rolls():
		lines = append(lines, rolling)
	}
	return strings.Join(lines, "<br>")
}

func (r *Report) reachSection() string {
	var b strings.Builder
	for what, of := range r.Reach.Told() {
		fmt.Fprintf(&b, "- %s: %s\n", what, code(of))
	}
	if b.Len() == 0 {
		return "#### Reachability\n\n" + asItWas + "\n"
	}
	return "#### Reachability\n\n" + b.String()
}

func (r *Report) controlSection() string {
	summary := fmt.Sprintf("%d hold", r.Controls.Holding)
	if r.Controls.Failing > 0 {
		summary += fmt.Sprintf(", %d fail as before", r.Controls.Failing)
	}
	var b strings.Builder
	b.WriteString("#### Controls\n\n" + summary + ".\n")
	for _, line := range r.Controls.lines(prose) {
		b.WriteString("- " + line + "\n")
	}
	return b.String()
}

func (r *Report) costSection() string {
	c := r.Cost
	var b strings.Builder
	fmt.Fprintf(&b, "#### Cost\n\n%s\n", c.headline(r.New))
	if len(c.Lines) > 0 {
		b.WriteString("\n<details><summary>What differs</summary>\n\n| resource | for | before | after | a month |\n| --- | --- | --- | " +
			"--- | ---: |\n")
		for _, l := range c.told() {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code(l.Name), code(l.What), code(l.Before), code(l.After), l.Text())
		}
		b.WriteString("\n</details>\n")
	}
	for _, u := range c.Newly {
		fmt.Fprintf(&b, "- unpriced: %s\n", code(u))
	}
	return b.String()
}

// headline is the sum and the difference, which nobody knows where something that changes has no price.
func (c Cost) headline(isNew bool) string {
	text := cost.Money(c.Least, c.Most) + " USD a month"
	switch {
	case isNew:
	case len(c.Newly) > 0:
		text = fmt.Sprintf("Not known: %s without what has no price, before %s", text, cost.Money(c.LeastBefore, c.MostBefore))
	case c.Least == c.LeastBefore && c.Most == c.MostBefore:
		text += ", as before"
	default:
		text += fmt.Sprintf(", before %s: %s", cost.Money(c.LeastBefore, c.MostBefore),
			CostLine{Least: c.Least - c.LeastBefore, Most: c.Most - c.MostBefore}.Text())
	}
	if n := len(c.Unpriced) - len(c.Newly); n > 0 {
		text += fmt.Sprintf(", and what costs without a known price, as before (%d)", n)
	}
	return text + ". By use is in no sum."
}

// fullSection is every difference of every change, folded.
func (r *Report) fullSection() string {
	var b strings.Builder
	for _, c := range r.Changes {
		if len(c.Differences) <= shownDifferences {
			continue
		}
		fmt.Fprintf(&b, "<tr><td colspan=\"2\">%s</td></tr>\n", code(string(c.Action)+" "+strings.Join(c.Path, " › ")))
		for _, d := range c.Differences {
			fmt.Fprintf(&b, "<tr><td>%s</td><td>%s</td></tr>\n", code(d.Path), code(d.Text()))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "<details><summary>Every property</summary>\n\n<table>\n" + b.String() + "</table>\n\n</details>\n"
}

func listed(title string, lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	if title != "" {
		b.WriteString("#### " + title + "\n\n")
	}
	for _, line := range lines {
		b.WriteString("- " + prose(line) + "\n")
	}
	return b.String()
}

// code is a text as code: nothing in it is taken for Markdown, HTML, a link or a person's name.
func code(text string) string {
	if text = visible(text); text == "" {
		return ""
	}
	return "<code>" + marked(html.EscapeString(text)) + "</code>"
}

// coded are texts as within code.
func coded(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = marked(html.EscapeString(visible(text)))
	}
	return all
}

// prose is a sentence of ours that contains values from a program.
func prose(text string) string { return marked(html.EscapeString(visible(text))) }

// marked writes characters that Markdown interprets as entities. A name after @ or # would become a link, so a word
// joiner separates them.
var markdown = strings.NewReplacer(
	"|", "&#124;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "[", "&#91;", "]", "&#93;", "\\", "&#92;", "~", "&#126;",
	"@", "&#64;&#8288;", "#", "&#35;", "!", "&#33;", "://", "&#58;//", "www.", "www&#46;",
)

func marked(escaped string) string {
	// html.EscapeString writes entities with # and &, which must stay.
	parts := strings.Split(escaped, "&#")
	for i, part := range parts {
		parts[i] = markdown.Replace(part)
	}
	return strings.Join(parts, "&#")
}

// visible is a text in one line without invisible characters.
func visible(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	return strings.TrimSpace(text)
}

// shortType is a type as people call it: aws:rds/instance:Instance is aws:rds:Instance.
func shortType(t string) string {
	parts := strings.Split(t, ":")
	if len(parts) != 3 {
		return t
	}
	module, _, _ := strings.Cut(parts[1], "/")
	return parts[0] + ":" + module + ":" + parts[2]
}
