// Package picture draws a deployed platform: browser, DNS, HTTPS, firewall, load balancer, web servers, application
// servers, database, with the names, zones, addresses and sentences that the graph of resources contains.
//
// Tiers are recognised by the tag causeway:tier and by a resource's type, never by its name. An arrow is drawn only
// if the security groups at both ends let packets pass. What is not in the graph is not drawn.
//
// The same graph gives the same bytes. Only logical names and facts that do not change are shown, so that a platform
// looks the same after it is deployed again.
package picture

import (
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// chain are the boxes that a request passes before the platform's network.
func (p *platform) chain() []*box {
	if p.edge == nil {
		return nil
	}
	browser := &box{kind: "browser", title: "Browser"}
	if len(p.hosts) > 0 && p.https != nil {
		browser.add("https://" + p.hosts[0])
	}
	boxes := []*box{browser}
	if p.dns != nil {
		boxes = append(boxes, p.dns)
	}
	if p.https != nil {
		boxes = append(boxes, p.https)
	}
	return boxes
}

// inside are the boxes in the network, in the order of a request.
func (p *platform) inside() (boxes []*box) {
	for _, b := range p.bands {
		boxes = append(boxes, b.boxes...)
	}
	return boxes
}

// description is the picture in words.
func (p *platform) description() string {
	var words []string
	for _, b := range append(p.chain(), p.inside()...) {
		words = append(words, strings.Join(append([]string{b.title}, b.all()...), ", "))
	}
	return strings.Join(words, "; then ") + "."
}

// all returns everything there is to say about a box.
func (b *box) all() []string {
	if b.badge == "" {
		return b.details
	}
	return append([]string{b.badge}, b.details...)
}

// Text draws the platform for a terminal with so many columns, without colour. It uses at most 100 columns and 30
// lines.
func Text(g *graph.Graph, columns int) (string, error) {
	p, err := read(g)
	if err != nil {
		return "", err
	}
	p.columns = min(max(columns, narrowest), widest)
	return p.text(), nil
}

// Mermaid draws the platform as a flowchart that GitHub renders in Markdown.
func Mermaid(g *graph.Graph) (string, error) {
	p, err := read(g)
	if err != nil {
		return "", err
	}
	return p.mermaid(), nil
}

// SVG draws the platform as one self-contained file, 1200 units wide, light or dark as the reader prefers.
func SVG(g *graph.Graph) ([]byte, error) {
	p, err := read(g)
	if err != nil {
		return nil, err
	}
	return p.svg(), nil
}
