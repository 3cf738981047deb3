package picture

import (
	"fmt"
	"strings"
)

// mermaid writes a flowchart in the part of the language that has been there longest:
// quoted labels, subgraphs, arrows with labels, classes.
func (p *platform) mermaid() string {
	var out strings.Builder
	line := func(depth int, format string, args ...any) {
		fmt.Fprintf(&out, "%s%s\n", strings.Repeat("  ", depth), fmt.Sprintf(format, args...))
	}
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
		line(1, "firewall{{%s}}:::wall", quoted("<b>Firewall</b>", strings.Join(p.filter, " · ")))
		if last != "" {
			line(1, "%s --> firewall", last)
		}
	}
	if len(p.bands) > 0 {
		line(1, "subgraph network[%s]", quoted(strings.Join(p.facts, " · ")))
		for _, b := range p.bands {
			line(2, "subgraph %s_subnets[%s]", b.tier, quoted(strings.Join(append([]string{b.tier}, b.subnets()...), " · ")))
			for _, box := range b.boxes {
				line(3, "%s[%s]:::%s", box.party, p.label(box), b.tier)
			}
			line(2, "end")
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
	inside := p.inside()
	if _, ports := p.entrance(); ports != "" {
		line(1, "firewall -->|%s| %s", quoted(ports), p.edge.party)
	}
	for i := 1; i < len(inside); i++ {
		if ports := p.ports(inside[i-1], inside[i]); ports != "" {
			line(1, "%s -->|%s| %s", inside[i-1].party, quoted(ports), inside[i].party)
		}
	}
}

// subnets is a band's prefixes, in the order of the zones.
func (b band) subnets() []string {
	var all []string
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

// quoted is the lines as a label. The first may be in bold; nothing else in them is
// markup, whatever it looks like.
func quoted(lines ...string) string {
	for i, text := range lines {
		bold, isBold := strings.CutPrefix(text, "<b>")
		if i == 0 && isBold {
			lines[i] = "<b>" + entities.Replace(strings.TrimSuffix(bold, "</b>")) + "</b>"
			continue
		}
		lines[i] = entities.Replace(text)
	}
	return `"` + strings.Join(lines, "<br/>") + `"`
}

// entities are characters by their number, in Mermaid's own way of writing them.
var entities = strings.NewReplacer(
	"#", "#35;", `"`, "#34;", "&", "#38;", "<", "#60;", ">", "#62;", "`", "#96;", `\`, "#92;", "\n", " ", "\r", " ",
)
