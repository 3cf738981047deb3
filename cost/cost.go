// Package cost prices a graph of resources: what a stack costs a month while it stands.
//
// Prices are data (rates/), each with its source and date. What AWS bills by use is listed separately and is not in
// any sum; a group of servers costs a range, from its minimum to its maximum. The list of types is closed: a type
// that might cost something and has no price is listed as unpriced, by name, and never counted as 0.
package cost

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Hours is the length of a month in AWS's own calculator.
const Hours = 730

// Line is what one resource costs a month while it stands.
type Line struct {
	URN, Type string
	// Name is the logical name.
	Name string
	// What is the thing paid for, such as "nat gateway".
	What string
	// Formula is how Least is calculated: "3 × 730 h × 0.048"; that of Most follows if it differs.
	Formula string
	// Least and Most are in USD a month; they differ if the resource grows on its own.
	Least, Most float64
	Rate        Rate
}

// Usage is something that is billed by use.
type Usage struct {
	What string
	// Rate is nil if no price is known.
	Rate *Rate
	// Resources are the URNs concerned.
	Resources []string
}

// Unpriced is a resource that costs something and whose price is not known.
type Unpriced struct{ URN, Type, Name, Why string }

// Estimate is what a stack costs.
type Estimate struct {
	Lines    []Line
	ByUse    []Usage
	Unpriced []Unpriced
}

// Sum is the sum of all lines' Least and of their Most, in USD a month.
func (e Estimate) Sum() (least, most float64) {
	for _, l := range e.Lines {
		least, most = least+l.Least, most+l.Most
	}
	return least, most
}

// Of prices every resource of a graph.
func Of(g *graph.Graph) Estimate {
	b := &bill{g: g, rates: loaded(), byUse: map[string]int{}}
	for _, r := range g.Resources {
		if !r.Custom || r.External || strings.HasPrefix(r.Type, "pulumi:") {
			continue
		}
		b.r, b.region = r, regionOf(g, r)
		switch price := pricers[r.Type]; {
		case price != nil:
			price(b)
		case free(r.Type):
		default:
			b.unpriced(fmt.Sprintf("the type %s is not known to cost or not to cost", r.Type))
		}
	}
	slices.SortStableFunc(b.Lines, func(x, y Line) int { return cmp.Or(cmp.Compare(y.Least, x.Least), strings.Compare(x.URN, y.URN)) })
	return b.Estimate
}

// bill is the estimate as it grows, and the resource that is being priced.
type bill struct {
	Estimate
	g      *graph.Graph
	rates  rates
	byUse  map[string]int
	r      *graph.Resource
	region string
}

// factor is one factor of a formula: a number and what it counts.
type factor struct {
	least, most float64
	unit        string
}

func times(n float64, unit string) factor          { return factor{n, n, unit} }
func between(least, most float64, u string) factor { return factor{least, most, u} }

// pay adds a line: the price of what, times the factors, times a month's hours if it is an hourly price.
func (b *bill) pay(what string, factors ...factor) {
	rate, ok := b.rates.of(what, b.region)
	if !ok {
		b.unpriced(fmt.Sprintf("no price of %s in %s is known", what, cmp.Or(b.region, "an unknown region")))
		return
	}
	if rate.Unit == "hour" {
		factors = append(factors, times(Hours, "h"))
	}
	line := Line{URN: b.r.URN, Type: b.r.Type, Name: b.r.Name, What: what, Least: rate.USD, Most: rate.USD, Rate: rate}
	var least, most []string
	for _, f := range factors {
		line.Least, line.Most = line.Least*f.least, line.Most*f.most
		if f != times(1, "") {
			least, most = append(least, f.text(f.least)), append(most, f.text(f.most))
		}
	}
	price := number(rate.USD)
	line.Formula = strings.Join(append(least, price), " × ")
	if line.Least != line.Most {
		line.Formula += " to " + strings.Join(append(most, price), " × ")
	}
	b.Lines = append(b.Lines, line)
}

func (f factor) text(n float64) string {
	unit := f.unit
	if n == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return strings.TrimSpace(number(n) + " " + unit)
}

func number(n float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.6f", n), "0"), ".")
}

// use records something that is billed by the resource's use.
func (b *bill) use(what string) {
	i, known := b.byUse[what]
	if !known {
		i = len(b.ByUse)
		b.byUse[what] = i
		u := Usage{What: what}
		if rate, ok := b.rates.of(what, b.region); ok {
			u.Rate = &rate
		}
		b.ByUse = append(b.ByUse, u)
	}
	b.ByUse[i].Resources = append(b.ByUse[i].Resources, b.r.URN)
}

func (b *bill) unpriced(why string) {
	b.Unpriced = append(b.Unpriced, Unpriced{b.r.URN, b.r.Type, b.r.Name, why})
}

// regionOf is the region that the resource names itself, as it may from version 7 of the AWS provider on, or else
// that of its provider, "" if neither names one.
func regionOf(g *graph.Graph, r *graph.Resource) string {
	if own, _ := r.Inputs["region"].(string); own != "" {
		return own
	}
	if provider := g.ByURN(r.Provider); provider != nil {
		return provider.String("region")
	}
	return ""
}
