package picture

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// canvas writes SVG. Every text that comes from a graph goes through escape.
type canvas struct{ bytes.Buffer }

func (c *canvas) put(format string, args ...any) { fmt.Fprintf(c, format+"\n", args...) }

func (c *canvas) rect(class string, x, y, w, h, r int) {
	c.put(`<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="%d"/>`, class, x, y, w, h, r)
}

// text writes as much as fits into width.
func (c *canvas) text(class string, x, y, size, width int, anchor, text string) {
	text = fit(text, size, width, strings.Contains(class, "mono"))
	if anchor != "" {
		anchor = ` text-anchor="` + anchor + `"`
	}
	if class != "" {
		class = ` class="` + class + `"`
	}
	c.put(`<text%s x="%d" y="%d" font-size="%d"%s>%s</text>`, class, x, y, size, anchor, escape(text))
}

func (c *canvas) icon(kind, class string, x, y int) {
	if path := icons[kind]; path != "" {
		c.put(`<path class="icon %s" transform="translate(%d %d)" d="%s"/>`, class, x, y, path)
	}
}

func (c *canvas) down(x, from, to int) {
	c.put(`<path class="flow" d="M%d %dV%d"/><path class="head" d="M%d %dl-6-9h12z"/>`, x, from, to-8, x, to)
}

func (c *canvas) right(y, from, to int) {
	c.put(`<path class="flow" d="M%d %dH%d"/><path class="head" d="M%d %dl-9-6v12z"/>`, from, y, to-8, to, y)
}

func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // writing to a Builder never fails
	return out.String()
}

// fit cuts text that would be wider than width, as far as that can be estimated without the reader's fonts; if in
// doubt it cuts.
func fit(text string, size, width int, mono bool) string {
	if width <= 0 || measure(text, size, mono) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && measure(string(runes)+"…", size, mono) > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ·,") + "…"
}

func measure(text string, size int, mono bool) int {
	hundredths := 0
	for _, r := range text {
		switch {
		case mono:
			hundredths += 61
		case strings.ContainsRune("iljtfr.,:;|'!()[]/ -·", r):
			hundredths += 36
		case strings.ContainsRune("mwMW@%→…", r):
			hundredths += 90
		case r >= 'A' && r <= 'Z' || r > 0x2000:
			hundredths += 68
		default:
			hundredths += 57
		}
	}
	return hundredths * size / 100
}

// wrap breaks text at spaces into lines that fit.
func wrap(text string, size, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && measure(longer, size, false) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
