package picture

import (
	"slices"
	"strings"
)

// The picture's measures, in units of its width of 1200.
const (
	wide      = 1200
	margin    = 32
	mainWide  = 804
	sideLeft  = 864
	sideWide  = 304
	top       = 108
	chainGap  = 33
	chainWide = (mainWide - 2*chainGap) / 3
	chainHigh = 86
	wallHigh  = 38
	gutter    = 92 // the column of the tiers' names
	pad       = 12
	cellHead  = 30
	boxHigh   = 58
	boxGap    = 46
	bandGap   = 34
	columnGap = 8
)

// drawing is the picture being drawn, and where the next thing goes.
type drawing struct {
	canvas
	p    *platform
	y    int
	axis int // where arrows run downwards
}

func (p *platform) svg() []byte {
	d := &drawing{p: p, y: top}
	d.axis = d.centre()
	d.chain()
	d.network()
	high := max(d.y, d.side()) + margin

	var out canvas
	out.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" `+
		`role="img" aria-labelledby="causeway-title causeway-desc">`, wide, high, wide, high)
	out.put(`<title id="causeway-title">%s</title>`, escape("The platform "+p.name))
	out.put(`<desc id="causeway-desc">%s</desc>`, escape(p.description()))
	out.put(`<style>%s</style>`, style)
	out.rect("page", 0, 0, wide, high, 16)
	out.text("strong", margin, 58, 30, mainWide, "", p.name)
	out.text("muted", margin, 84, 15, wide-2*margin, "", strings.Join(p.facts, "  ·  "))
	out.Write(d.Bytes())
	out.put(`</svg>`)
	return out.Bytes()
}

// chain draws what a request passes before the network, and the firewall's entrance.
func (d *drawing) chain() {
	boxes := d.p.chain()
	if len(boxes) == 0 {
		return
	}
	x := margin
	for i, b := range boxes {
		if i > 0 {
			d.right(d.y+chainHigh/2, x-chainGap+2, x-2)
		}
		d.rect("card", x, d.y, chainWide, chainHigh, 10)
		d.icon(b.kind, "", x+14, d.y+12)
		d.text("strong", x+48, d.y+30, 16, chainWide-60, "", b.title)
		for line, detail := range b.details[:min(2, len(b.details))] {
			d.text("muted", x+16, d.y+54+19*line, 13, chainWide-28, "", detail)
		}
		x += chainWide + chainGap
	}
	last := x - chainGap - chainWide/2
	d.y += chainHigh
	if len(d.p.filter) == 0 {
		d.y += pad
		return
	}
	d.down(last, d.y+2, d.y+30)
	d.y += 32
	d.rect("wall tint", margin, d.y, mainWide, wallHigh, 10)
	d.put(`<rect class="wall-line" fill="none" stroke-dasharray="3 4" x="%d" y="%d" width="%d" height="%d" rx="10"/>`, margin, d.y,
		mainWide, wallHigh)
	d.icon("wall", "wall-line", margin+14, d.y+7)
	d.text("strong", margin+48, d.y+25, 16, 90, "", "Firewall")
	d.text("", margin+132, d.y+25, 14, mainWide-150, "", strings.Join(d.p.filter, "  ·  "))
	d.y += wallHigh
}

// network draws the VPC: tiers as bands, zones as columns.
func (d *drawing) network() {
	if len(d.p.bands) == 0 {
		return
	}
	entry := d.y
	d.y += 22
	frame := d.y
	var body drawing = *d
	body.canvas = canvas{}
	body.y += pad + cellHead - 8
	body.zones(frame)
	previous := (*box)(nil)
	from := 0
	if _, ports := d.p.entrance(); ports != "" {
		from = entry + 2
	}
	for i, b := range d.p.bands {
		if i > 0 {
			body.y += bandGap
		}
		body.band(b)
		y := body.y + body.head(b)
		for _, box := range b.boxes {
			body.link(previous, box, from, y)
			body.box(b.tier, box, y)
			previous, from = box, y+boxHigh
			y += boxHigh + boxGap
		}
		body.y += body.bandHigh(b)
	}
	body.y += pad
	d.rect("vpc", margin, frame, mainWide, body.y-frame, 14)
	d.Write(body.Bytes())
	d.y = body.y
}

func (d *drawing) zones(frame int) {
	title := "Network"
	if d.p.vpc != nil {
		title = "VPC"
	}
	d.text("strong", margin+pad+8, frame+26, 14, gutter, "", title)
	for i, zone := range d.p.zones {
		x, w := d.column(i)
		d.text("muted", x+10, frame+26, 13, w-16, "", zone)
	}
}

// centre is where arrows run downwards, clear of what is at the columns' left and right.
func (d *drawing) centre() int {
	n := len(d.p.zones)
	if n == 0 {
		return margin + mainWide/2
	}
	x, w := d.column(n / 2)
	if n%2 == 0 {
		return x - columnGap/2
	}
	return x + w*62/100
}

// column is the place of a zone.
func (d *drawing) column(i int) (x, w int) {
	all := mainWide - 2*pad - gutter - columnGap
	w = (all - columnGap*(len(d.p.zones)-1)) / len(d.p.zones)
	return margin + pad + gutter + i*(w+columnGap), w
}

// narrow reports whether a column is too narrow for an address and a mark side by side.
func (d *drawing) narrow() bool {
	if len(d.p.zones) == 0 {
		return false
	}
	_, w := d.column(0)
	return w < 164
}

// head is the height of what is above a band's boxes.
func (d *drawing) head(b band) int {
	if d.narrow() && slices.ContainsFunc(b.cells, func(c cell) bool { return c.nat }) {
		return cellHead + 18
	}
	return cellHead
}

func (d *drawing) bandHigh(b band) int {
	n := len(b.boxes)
	if n == 0 {
		return d.head(b) + 2*pad
	}
	return d.head(b) + n*boxHigh + (n-1)*boxGap + pad
}

func (d *drawing) band(b band) {
	high := d.bandHigh(b)
	d.rect(b.tier+" tint", margin+pad, d.y, mainWide-2*pad, high, 10)
	d.text("strong "+b.tier, margin+pad+14, d.y+26, 15, gutter-18, "", b.tier)
	if len(b.cells) > 0 {
		d.text("muted", margin+pad+14, d.y+44, 12, gutter-18, "", "subnets")
	}
	for i, c := range b.cells {
		if c.cidr == "" {
			continue
		}
		x, w := d.column(i)
		d.rect("cell", x, d.y+6, w, high-12, 7)
		mark := [2]int{x + w - 48, d.y + 10}
		if d.narrow() {
			d.text("mono muted", x+6, d.y+22, 11, w-8, "", c.cidr)
			mark = [2]int{x + 6, d.y + 29}
		} else {
			d.text("mono muted", x+10, d.y+22, 12, w-16, "", c.cidr)
		}
		if c.nat {
			d.rect(b.tier+" tint", mark[0], mark[1], 40, 16, 8)
			d.text("strong "+b.tier, mark[0]+20, mark[1]+12, 11, 0, "middle", "NAT")
		}
	}
}

func (d *drawing) box(tier string, b *box, y int) {
	x := margin + pad + gutter + 10
	w := mainWide - 2*pad - gutter - 28
	d.put(`<rect class="card" x="%d" y="%d" width="%d" height="%d" rx="9"/>`, x, y, w, boxHigh)
	d.rect(tier, x, y+12, 4, boxHigh-24, 2)
	d.icon(b.kind, tier+"-line", x+18, y+17)
	badge := min(measure(b.badge, 16, false)+20, w/2)
	d.text("strong", x+58, y+25, 16, w-badge-60, "", b.title)
	d.text("muted", x+58, y+45, 13, w-badge-60, "", strings.Join(b.details, "  ·  "))
	d.text("strong", x+w-18, y+35, 16, badge, "end", b.badge)
}

// link draws the arrow from the previous box if packets pass, labelled with what passes.
func (d *drawing) link(before, b *box, from, to int) {
	if before == nil {
		if from > 0 {
			d.down(d.axis, from, to-2)
		}
		return
	}
	label := d.p.step(before, b)
	if label == "" {
		return
	}
	d.down(d.axis, from+2, to-2)
	w := measure(label, 14, false) + 30
	middle := from + (to-from)/2 - 2
	if to-from > boxGap { // between bands: clear of the addresses below
		middle = from + pad + bandGap/2
	}
	d.rect("pill", d.axis-w/2, middle-12, w, 24, 12)
	d.text("strong", d.axis, middle+5, 13, 0, "middle", label)
}
