package picture

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	widest    = 100
	narrowest = 20
	boxed     = 64 // in narrower terminals, tiers are indented lines without a box around them
	nameWide  = 25 // the column of the boxes' names
	badgeWide = 17
)

// text draws bands as boxes of lines, one below the other.
func (p *platform) text() string {
	lines := []string{clip(p.name+"  "+strings.Join(p.facts, " · "), p.columns), ""}
	for _, b := range p.chain() {
		lines = append(lines, clip("  "+padded(b.title, nameWide)+strings.Join(b.all(), " · "), p.columns))
	}
	if len(p.filter) > 0 {
		lines = append(lines, clip("      ▼ "+padded("Firewall", nameWide-6)+strings.Join(p.filter, " · "), p.columns))
	}
	inside := p.inside()
	for i, b := range p.bands {
		if i > 0 {
			lines = append(lines, clip(strings.TrimRight("      "+arrowTo(p.arrow(inside, b)), " "), p.columns))
		}
		lines = append(lines, p.bandLines(b)...)
	}
	return strings.Join(append(lines, p.foot()...), "\n") + "\n"
}

// arrow leads to the first box of a band.
func (p *platform) arrow(inside []*box, b band) string {
	for i, box := range inside {
		if i > 0 && len(b.boxes) > 0 && box == b.boxes[0] {
			return p.step(inside[i-1], box)
		}
	}
	return ""
}

// step is the sentence that leads from one box to the next, "" if there is none.
func (p *platform) step(from, to *box) string {
	if ports := p.ports(from, to); ports != "" {
		return from.party + " → " + to.party + " " + ports
	}
	return ""
}

func arrowTo(step string) string {
	if step == "" {
		return ""
	}
	return "▼ " + step
}

func (p *platform) bandLines(b band) []string {
	head := "─ " + b.tier + " ─"
	for _, c := range b.cells {
		if c.cidr == "" {
			continue
		}
		head += "─ " + strings.TrimPrefix(c.zone, strings.TrimRight(c.zone, "abcdefgh")) + " " + c.cidr
		if c.nat {
			head += " NAT"
		}
		head += " ─"
	}
	if p.columns < boxed {
		return p.plainBand(b)
	}
	head = clip(head, p.columns-2)
	lines := []string{"┌" + head + strings.Repeat("─", p.columns-2-utf8.RuneCountInString(head)) + "┐"}
	for i, box := range b.boxes {
		if i > 0 {
			lines = append(lines, p.framed("    "+arrowTo(p.step(b.boxes[i-1], box))))
		}
		lines = append(lines, p.framed(padded(box.title, nameWide-1)+padded(box.badge, badgeWide)+fitting(box.details,
			p.columns-3-nameWide-badgeWide)))
	}
	return append(lines, "└"+strings.Repeat("─", p.columns-2)+"┘")
}

// plainBand is a band for a terminal too narrow for boxes.
func (p *platform) plainBand(b band) []string {
	lines := []string{clip("  "+b.tier, p.columns)}
	for i, box := range b.boxes {
		if step := p.stepBefore(b, i); step != "" {
			lines = append(lines, clip("      "+arrowTo(step), p.columns))
		}
		lines = append(lines, clip("    "+strings.TrimRight(padded(box.title, nameWide)+box.badge, " "), p.columns))
	}
	return lines
}

// stepBefore is the sentence that leads to a band's box from the one before it.
func (p *platform) stepBefore(b band, i int) string {
	if i == 0 {
		return ""
	}
	return p.step(b.boxes[i-1], b.boxes[i])
}

func (p *platform) framed(text string) string {
	text = clip(text, p.columns-4)
	return "│ " + text + strings.Repeat(" ", p.columns-4-utf8.RuneCountInString(text)) + " │"
}

// fitting joins as many items as fit; the most important come first.
func fitting(items []string, width int) string {
	joined := strings.Join(items, " · ")
	for n := len(items); n > 1 && utf8.RuneCountInString(joined) > width; n-- {
		joined = strings.Join(items[:n-1], " · ")
	}
	return joined
}

// foot describes what the boxes do not show.
func (p *platform) foot() (lines []string) {
	list := func(title string, most int, items []string) {
		for i, line := range folded(items, p.columns-12, most) {
			if i > 0 {
				title = ""
			}
			lines = append(lines, padded(title, 12)+line)
		}
	}
	var workers, also, ways, set, unset []string
	for _, s := range p.said {
		if !p.drawn(s) {
			also = append(also, fmt.Sprintf("%s → %s %s", s.from, s.to, s.port))
		}
	}
	for _, panel := range p.panels {
		for _, r := range panel.rows {
			switch {
			case panel.title == "Workers":
				workers = append(workers, r.name+": "+r.value)
			case panel.title == "Ways out":
				ways = append(ways, r.name+": "+r.value)
			case panel.title == "Protections" && r.state == off && r.value == "off":
				unset = append(unset, r.name)
			case panel.title == "Protections" && r.state == off:
				unset = append(unset, r.name+": "+r.value)
			case panel.title == "Protections" && r.value == "on":
				set = append(set, r.name)
			case panel.title == "Protections":
				set = append(set, r.name+": "+r.value)
			}
		}
	}
	list("workers", 2, workers)
	list("also", 2, also)
	list("ways out", 2, ways)
	list("protections", 2, set)
	list("off", 1, unset)
	return lines
}

// drawn reports whether an arrow or the entrance shows the sentence already.
func (p *platform) drawn(s sentence) bool {
	if s.entering && p.edge != nil && p.is(p.edge, s.to) {
		return true
	}
	inside := p.inside()
	for i := 1; i < len(inside); i++ {
		if p.is(inside[i-1], s.from) && p.is(inside[i], s.to) {
			return true
		}
	}
	return false
}

// folded joins items into at most so many lines, and says how many do not fit.
func folded(items []string, width, most int) []string {
	var lines []string
	line := ""
	for i, item := range items {
		longer := item
		if line != "" {
			longer = line + " · " + item
		}
		room := width
		if len(lines) == most-1 && i < len(items)-1 {
			room -= len(" · and 99 more")
		}
		if line == "" || utf8.RuneCountInString(longer) <= room {
			line = longer
			continue
		}
		if len(lines) == most-1 {
			return append(lines, clip(fmt.Sprintf("%s · and %d more", line, len(items)-i), width))
		}
		lines = append(lines, clip(line, width))
		line = item
	}
	if line != "" {
		lines = append(lines, clip(line, width))
	}
	return lines
}

func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(1, width-utf8.RuneCountInString(text)))
}

func clip(text string, width int) string {
	text = strings.Map(printable, text)
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

// printable prevents a name from moving the cursor or colouring the terminal.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
		return -1
	}
	return r
}
