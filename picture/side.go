package picture

import "strings"

const (
	rowHigh   = 23
	panelHead = 52
)

// side draws the panels beside the picture and returns where they end.
func (d *drawing) side() int {
	y := top
	for _, panel := range d.p.panels {
		rows := canvas{}
		bottom := y + panelHead
		for i, r := range panel.rows {
			if i > 0 {
				rows.put(`<path class="rule" d="M%d %dH%d"/>`, sideLeft+16, bottom-16, sideLeft+sideWide-16)
			}
			bottom += rows.row(r, bottom)
		}
		d.rect("card", sideLeft, y, sideWide, bottom-y-4, 10)
		d.text("strong", sideLeft+16, y+27, 15, sideWide-32, "", panel.title)
		d.Write(rows.Bytes())
		y = bottom - 4 + 14
	}
	return y - 14
}

// row writes one line, or a name with its value below it if that is long.
func (c *canvas) row(r row, y int) int {
	const left, right = sideLeft + 16, sideLeft + sideWide - 16
	if room := sideWide - 32; measure(r.name+r.value, 13, false) > room-24 {
		c.text("", left, y, 13, room, "", r.name)
		c.dot(r.state, right, y)
		high := rowHigh - 5
		for _, line := range wrap(r.value, 13, room) {
			c.text("muted", left, y+high, 13, room, "", line)
			high += rowHigh - 5
		}
		return high + 5
	}
	c.text("", left, y, 13, 0, "", r.name)
	class, end := "muted", right
	switch {
	case r.state == on:
		class, end = "", right-14
	case r.state == off:
		end = right - 14
	case strings.HasPrefix(r.value, ":"):
		class = "mono muted"
	}
	c.text(class, end, y, 13, 0, "end", r.value)
	c.dot(r.state, right, y)
	return rowHigh
}

// dot is filled for things that are on and hollow for those that are off.
func (c *canvas) dot(s state, right, y int) {
	switch s {
	case on:
		c.put(`<circle class="on" cx="%d" cy="%d" r="4"/>`, right-4, y-4)
	case off:
		c.put(`<circle class="off" cx="%d" cy="%d" r="3.5"/>`, right-4, y-4)
	}
}
