package picture

import (
	"fmt"
	"strings"
)

// mermaid writes a flowchart in the oldest part of the language: quoted labels, subgraphs, arrows with labels,
// classes. Arrows between tiers end at the tiers' frames, since they would otherwise cross the frames' titles.
func (p *platform) mermaid() string {
	var out strings.Builder
	line := func(depth int, format string, args ...any) {
		fmt.Fprintf(&out, "%s%s\n", strings.Repeat("  ", depth), fmt.Sprintf(format, args...))
	}
	line(0, "---\ntitle: %q\n---", strings.Map(harmless, strings.Join(append([]string{p.name}, p.facts...), " · ")))
	line(0, "flowchart TB")
	last := ""
	for _, b := range p.chain() {
		line(1, "%s[%s]:::outside", b.kind, p.label(b))
		if last != "" {
			line(1, "%s --> %s", last, b.kind)
		}
		last = b.kind
	}
	if len(p.filter) > 0 {
		line(1, "firewall{{%s}}:::wall", quoted(append([]string{"<b>Firewall</b>"}, p.filter...)...))
		if last != "" {
			line(1, "%s --> firewall", last)
		}
	}
	for _, b := range p.bands {
		line(1, "subgraph %s[%s]", b.frame(), quoted(strings.Join(append([]string{b.tier}, b.subnets()...), " · ")))
		for _, box := range b.boxes {
			line(2, "%s[%s]:::%s", box.party, p.label(box), b.tier)
		}
		line(1, "end")
	}
	p.arrows(line)
	for _, class := range []struct{ name, colour string }{
		{"outside", "#5b6778"}, {"wall", "#b45309"}, {"public", "#0e7490"}, {"web", "#6d28d9"}, {"app", "#1d4ed8"}, {"data", "#047857"},
	} {
		line(1, "classDef %s stroke:%s,stroke-width:2px", class.name, class.colour)
	}
	return out.String()
}

func (p *platform) arrows(line func(int, string, ...any)) {
	if _, ports := p.entrance(); ports != "" {
		line(1, "firewall --> %s", p.bands[0].frame())
	}
	var before *box
	from := ""
	for i, b := range p.bands {
		to := b.frame()
		if i > 0 && p.arrow(p.inside(), b) == "" { // an invisible link keeps the tiers in order
			line(1, "%s ~~~ %s", p.bands[i-1].frame(), to)
		}
		for i, box := range b.boxes {
			if i > 0 {
				from, to = before.party, box.party
			}
			if before != nil {
				if sentence := p.step(before, box); sentence != "" {
					line(1, "%s -->|%s| %s", from, quoted(sentence), to)
				}
			}
			before, from = box, b.frame()
		}
	}
}

// frame is the band's name in the flowchart, which no box shares.
func (b band) frame() string { return b.tier + "_subnets" }

// subnets is a band's prefixes, in the order of the zones.
func (b band) subnets() (all []string) {
	for _, c := range b.cells {
		if c.cidr != "" {
			all = append(all, c.cidr)
		}
	}
	return all
}

func (p *platform) label(b *box) string {
	return quoted(append([]string{"<b>" + b.title + "</b>"}, b.all()...)...)
}

// quoted returns the lines as a label. The first may be in bold; nothing else in them is markup, whatever it looks
// like.
func quoted(lines ...string) string {
	for i, text := range lines {
		if bold, isBold := strings.CutPrefix(text, "<b>"); i == 0 && isBold {
			lines[i] = "<b>" + label(strings.TrimSuffix(bold, "</b>")) + "</b>"
			continue
		}
		lines[i] = label(text)
	}
	return `"` + strings.Join(lines, "<br/>") + `"`
}

func label(text string) string { return entities.Replace(strings.Map(printable, text)) }

// harmless removes what could be markup from a title, where entities have no meaning.
func harmless(r rune) rune {
	if strings.ContainsRune("<>&#`\"\\\n\r", r) {
		return -1
	}
	return printable(r)
}

// entities are characters written by their number, in Mermaid's own syntax.
var entities = strings.NewReplacer(
	"#", "#35;", `"`, "#34;", "&", "#38;", "<", "#60;", ">", "#62;", "`", "#96;", `\`, "#92;",
)
