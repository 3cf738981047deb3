// Package review tells a person what a planned change would do to a stack: what would be lost and why, what becomes
// reachable, who may do what, which control breaks, and what it costs.
//
// It reads a preview, which holds the stack before and after, and puts both to proof and cost. It knows no cloud's SDK,
// and neither the program nor the twin.
package review

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/cost"
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
)

// Report is a review. Its JSON is stable: a change that could break a reader raises Version.
type Report struct {
	// Version is that of the shape: 1.
	Version int    `json:"version"`
	Stack   string `json:"stack"`
	Project string `json:"project"`
	// Stopped says that the gate refuses the change: the exit code is then 5.
	Stopped bool `json:"stopped"`
	// Refused is why a deployment would be refused, whatever else the change does.
	Refused []string `json:"refused,omitempty"`
	// Reasons are why, one a line.
	Reasons []string `json:"reasons,omitempty"`
	// Remedy is what to write to allow the losses that are meant.
	Remedy string `json:"remedy,omitempty"`
	// Counts are how many resources each operation affects; Same is how many stay as they are.
	Counts map[graph.Action]int `json:"counts"`
	Same   int                  `json:"same"`
	// New says that there is no stack yet.
	New bool `json:"new,omitempty"`

	Losses  []Loss   `json:"losses,omitempty"`
	Common  []Common `json:"common,omitempty"`
	Changes []Change `json:"changes,omitempty"`
	Reach   Reach    `json:"reach"`
	// Access are sentences of who may do what to which resource and could not before.
	Access   []string `json:"access,omitempty"`
	Controls Controls `json:"controls"`
	Cost     Cost     `json:"cost"`
}

// Of reviews a preview on a day, which decides which waivers hold.
func Of(p *graph.Preview, now time.Time) *Report {
	r := &Report{
		Version: 1, Stack: p.After.Stack, Project: p.After.Project, New: p.Before == nil, Refused: p.Refused,
		Counts: map[graph.Action]int{},
	}
	all := changes(p)
	changing := map[string]bool{}
	for _, c := range all {
		r.Counts[c.Action]++
		changing[c.URN] = true
	}
	for _, resource := range p.After.Resources {
		if resource.Custom && !strings.HasPrefix(resource.Type, providers) && !changing[resource.URN] {
			r.Same++
		}
	}
	r.Losses = losses(p, all)
	allow(r.Losses, p, now)
	r.Common, r.Changes = common(all)
	r.Reach = reach(p)
	if p.Before != nil {
		r.Access = iam.Sentences(iam.Changes(p.Before, p.After))
	}
	r.Controls = controls(p, now)
	r.Cost = costs(p)
	r.Remedy = Remedy(r.Project, r.Losses, now)
	r.decide()
	return r
}

// decide is the gate.
func (r *Report) decide() {
	for _, why := range r.Refused {
		r.Reasons = append(r.Reasons, "it cannot be deployed: "+why)
	}
	for _, l := range together(r.Losses) {
		if l.Allowed == "" {
			r.Reasons = append(r.Reasons, l.Sentence())
		}
	}
	for _, f := range byCheck(r.Controls.Broken) {
		r.Reasons = append(r.Reasons, fmt.Sprintf("%s (%s) breaks: %s", f.ID, f.Severity, f.Found))
	}
	r.Reasons = unique(r.Reasons)
	r.Stopped = len(r.Reasons) > 0
}

// Empty says that nothing would change.
func (r *Report) Empty() bool { return len(r.Counts) == 0 }

// Summary is the counts in words: "1 to replace, 2 to delete, 41 as they are".
func (r *Report) Summary() string {
	var parts []string
	for _, action := range actions {
		if n := r.Counts[action]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", n, action))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("nothing would change: %d as declared", r.Same)
	}
	return strings.Join(append(parts, fmt.Sprintf("%d as they are", r.Same)), ", ")
}

// Cost is what the change costs, in USD a month.
type Cost struct {
	// Least and Most are the stack's as it would be; those before are 0 if there is none.
	LeastBefore float64 `json:"leastBefore"`
	MostBefore  float64 `json:"mostBefore"`
	Least       float64 `json:"least"`
	Most        float64 `json:"most"`
	// Lines are what differs, largest first.
	Lines []CostLine `json:"lines,omitempty"`
	// Unpriced are resources whose price is not known, "name: why", and Newly those of them of which it was, or that are new.
	Unpriced []string `json:"unpriced,omitempty"`
	Newly    []string `json:"newlyUnpriced,omitempty"`
}

// CostLine is how much more or less one resource costs for one thing.
type CostLine struct {
	Name   string `json:"name"`
	What   string `json:"what"`
	Before string `json:"before,omitempty"` // the formula
	After  string `json:"after,omitempty"`
	// Least and Most are how much the least and the most change, in USD a month.
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

// told are the lines that differ, those that read the same but for whose they are as one.
func (c Cost) told() (told []CostLine) {
	for _, l := range c.Lines {
		i := slices.IndexFunc(told, func(o CostLine) bool { return o.What == l.What && o.Before == l.Before && o.After == l.After })
		if i < 0 {
			told = append(told, l)
			continue
		}
		told[i].Name, told[i].Least, told[i].Most = told[i].Name+", "+l.Name, told[i].Least+l.Least, told[i].Most+l.Most
	}
	for i := range told {
		if n := strings.Count(told[i].Name, ", ") + 1; n > 1 {
			told[i].What = fmt.Sprintf("%s each (%d)", told[i].What, n)
		}
	}
	return told
}

// Text is the change: "+9.60", or "+0.00 at least, +9.60 at most" where the two move apart.
func (l CostLine) Text() string {
	if diff := l.Most - l.Least; diff < 0.005 && diff > -0.005 {
		return fmt.Sprintf("%+.2f", l.Least)
	}
	return fmt.Sprintf("%+.2f at least, %+.2f at most", l.Least, l.Most)
}

func costs(p *graph.Preview) Cost {
	var before cost.Estimate
	if p.Before != nil {
		before = cost.Of(p.Before)
	}
	after := cost.Of(p.After)
	var c Cost
	c.LeastBefore, c.MostBefore = before.Sum()
	c.Least, c.Most = after.Sum()
	lines := map[string]*CostLine{}
	at := func(l cost.Line) *CostLine {
		key := l.URN + "\x00" + l.What
		if lines[key] == nil {
			lines[key] = &CostLine{Name: l.Name, What: l.What}
		}
		return lines[key]
	}
	for _, l := range before.Lines {
		line := at(l)
		line.Before, line.Least, line.Most = l.Formula, line.Least-l.Least, line.Most-l.Most
	}
	for _, l := range after.Lines {
		line := at(l)
		line.After, line.Least, line.Most = l.Formula, line.Least+l.Least, line.Most+l.Most
	}
	for _, key := range slices.Sorted(maps.Keys(lines)) {
		if line := lines[key]; line.Before != line.After {
			c.Lines = append(c.Lines, *line)
		}
	}
	slices.SortStableFunc(c.Lines, func(a, b CostLine) int {
		return cmp.Compare(math.Abs(b.Least)+math.Abs(b.Most), math.Abs(a.Least)+math.Abs(a.Most))
	})
	for _, u := range after.Unpriced {
		c.Unpriced = append(c.Unpriced, u.Name+": "+u.Why)
		if !slices.Contains(before.Unpriced, u) {
			c.Newly = append(c.Newly, u.Name+": "+u.Why)
		}
	}
	return c
}

// unique drops repetitions.
func unique(all []string) (told []string) {
	for _, text := range all {
		if !slices.Contains(told, text) {
			told = append(told, text)
		}
	}
	return told
}
