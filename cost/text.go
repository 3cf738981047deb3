package cost

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// row is several lines for the same thing at the same price, shown together.
type row struct {
	what, formula string
	count         int
	names         []string
	least, most   float64
	rate          Rate
}

// rows are the lines, combined if what is paid for and the price are the same, most expensive first.
func (e Estimate) rows() []row {
	found := map[string]*row{}
	for _, l := range e.Lines {
		key := l.What + "\x00" + l.Formula
		if found[key] == nil {
			found[key] = &row{what: l.What, formula: l.Formula, rate: l.Rate}
		}
		r := found[key]
		r.count++
		r.names = append(r.names, l.Name)
		r.least, r.most = r.least+l.Least, r.most+l.Most
	}
	var all []row
	for _, key := range slices.Sorted(maps.Keys(found)) {
		all = append(all, *found[key])
	}
	slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(b.least, a.least) })
	return all
}

func (r row) text() string {
	if r.count == 1 {
		return r.formula
	}
	if least, most, ranges := strings.Cut(r.formula, " to "); ranges {
		return fmt.Sprintf("%d × (%s) to %d × (%s)", r.count, least, r.count, most)
	}
	return fmt.Sprintf("%d × %s", r.count, r.formula)
}

// Money is a range of amounts.
func Money(least, most float64) string {
	if most-least < 0.005 {
		return fmt.Sprintf("%.2f", least)
	}
	return fmt.Sprintf("%.2f to %.2f", least, most)
}

// Text is the estimate for a terminal.
func (e Estimate) Text() string {
	var b strings.Builder
	width := 0
	for _, r := range e.rows() {
		width = max(width, len([]rune(r.what)))
	}
	for _, r := range e.rows() {
		fmt.Fprintf(&b, "  %-*s  %20s  %s\n", width, r.what, Money(r.least, r.most), r.text())
	}
	least, most := e.Sum()
	fmt.Fprintf(&b, "  %-*s  %20s  USD a month, on demand, without taxes\n", width, "sum", Money(least, most))
	for _, u := range e.Unpriced {
		fmt.Fprintf(&b, "  unpriced: %s: %s\n", u.Name, u.Why)
	}
	if len(e.ByUse) > 0 {
		b.WriteString("\nby use, in no sum:\n")
	}
	for _, u := range e.ByUse {
		fmt.Fprintf(&b, "  %s\n", u.text())
	}
	if oldest, newest := e.dates(); !oldest.IsZero() {
		fmt.Fprintf(&b, "\nprices of %s to %s; each with its source in --json\n", oldest.Format(time.DateOnly),
			newest.Format(time.DateOnly))
	}
	return b.String()
}

func (u Usage) text() string {
	if u.Rate == nil {
		return u.What + ": see the cloud's page"
	}
	return fmt.Sprintf("%s: %s a %s", u.What, number(u.Rate.USD), u.Rate.Unit)
}

func (e Estimate) dates() (oldest, newest time.Time) {
	for _, l := range e.Lines {
		if oldest.IsZero() || l.Rate.Date.Before(oldest) {
			oldest = l.Rate.Date
		}
		if l.Rate.Date.After(newest) {
			newest = l.Rate.Date
		}
	}
	return oldest, newest
}

// Markdown is the estimate as tables, with the source and date of every price.
func (e Estimate) Markdown() string {
	var b strings.Builder
	sources, numbers := []string{}, map[string]int{}
	source := func(r Rate) int {
		text := r.Date.Format(time.DateOnly) + ": " + r.Source
		if numbers[text] == 0 {
			sources = append(sources, text)
			numbers[text] = len(sources)
		}
		return numbers[text]
	}
	b.WriteString("| for | how | USD a month | price |\n| --- | --- | ---: | --- |\n")
	for _, r := range e.rows() {
		fmt.Fprintf(&b, "| %s | %s | %s | [%d] |\n", r.what, r.text(), Money(r.least, r.most), source(r.rate))
	}
	least, most := e.Sum()
	fmt.Fprintf(&b, "| **sum** | | **%s** | |\n\n", Money(least, most))
	for _, u := range e.Unpriced {
		fmt.Fprintf(&b, "- unpriced: `%s`: %s\n", u.Name, u.Why)
	}
	b.WriteString("By use, in no sum:\n\n")
	for _, u := range e.ByUse {
		b.WriteString("- " + u.text())
		if u.Rate != nil {
			fmt.Fprintf(&b, " [%d]", source(*u.Rate))
		}
		b.WriteString("\n")
	}
	b.WriteString("\nPrices:\n\n")
	for i, s := range sources {
		fmt.Fprintf(&b, "%d. %s\n", i+1, s)
	}
	return b.String()
}

// JSON is the estimate in a stable shape.
func (e Estimate) JSON() ([]byte, error) {
	type line struct {
		URN     string  `json:"urn"`
		Type    string  `json:"type"`
		Name    string  `json:"name"`
		What    string  `json:"what"`
		Formula string  `json:"formula"`
		Least   float64 `json:"least"`
		Most    float64 `json:"most"`
		Price   float64 `json:"price"`
		Unit    string  `json:"unit"`
		Source  string  `json:"source"`
		Date    string  `json:"date"`
	}
	type use struct {
		What      string   `json:"what"`
		Price     *float64 `json:"price,omitempty"`
		Unit      string   `json:"unit,omitempty"`
		Source    string   `json:"source,omitempty"`
		Date      string   `json:"date,omitempty"`
		Resources []string `json:"resources"`
	}
	type unpriced struct {
		URN  string `json:"urn"`
		Type string `json:"type"`
		Name string `json:"name"`
		Why  string `json:"why"`
	}
	out := struct {
		Version  int        `json:"version"`
		Least    float64    `json:"least"`
		Most     float64    `json:"most"`
		Lines    []line     `json:"lines"`
		ByUse    []use      `json:"byUse"`
		Unpriced []unpriced `json:"unpriced"`
	}{Version: 1, Lines: []line{}, ByUse: []use{}, Unpriced: []unpriced{}}
	out.Least, out.Most = e.Sum()
	for _, l := range e.Lines {
		out.Lines = append(out.Lines, line{l.URN, l.Type, l.Name, l.What, l.Formula, l.Least, l.Most,
			l.Rate.USD, l.Rate.Unit, l.Rate.Source, l.Rate.Date.Format(time.DateOnly)})
	}
	for _, u := range e.ByUse {
		told := use{What: u.What, Resources: u.Resources}
		if u.Rate != nil {
			told.Price, told.Unit, told.Source, told.Date = &u.Rate.USD, u.Rate.Unit, u.Rate.Source, u.Rate.Date.Format(time.DateOnly)
		}
		out.ByUse = append(out.ByUse, told)
	}
	for _, u := range e.Unpriced {
		out.Unpriced = append(out.Unpriced, unpriced(u))
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the estimate: %w", err)
	}
	return append(b, '\n'), nil
}
