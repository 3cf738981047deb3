package review

import (
	"fmt"
	"time"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
)

// soon is how long before a waiver ends a reviewer is told of it.
const soon = 30 * 24 * time.Hour

// Controls is what the change does to the invariants and controls that hold.
type Controls struct {
	// Broken fail afterwards and did not before; Mended failed and no longer do; Failing did and do.
	Broken  []report.Finding `json:"broken,omitempty"`
	Mended  []report.Finding `json:"mended,omitempty"`
	Failing int              `json:"failing"`
	// Undecided cannot be decided until the deployment has made what they speak of.
	Undecided []report.Finding `json:"undecided,omitempty"`
	Holding   int              `json:"holding"`
	// Begun and Ended are waivers that are new or gone, Ending those that end within 30 days, Over those past their day.
	Begun  []report.Waiver `json:"begun,omitempty"`
	Ended  []report.Waiver `json:"ended,omitempty"`
	Ending []report.Waiver `json:"ending,omitempty"`
	Over   []report.Waiver `json:"over,omitempty"`
}

func controls(p *graph.Preview, now time.Time) Controls {
	after := proof.Verify(p.After, report.FromPreview, now)
	before := &report.Report{}
	if p.Before != nil {
		before = proof.Verify(p.Before, report.FromState, now)
	}
	var c Controls
	c.Holding = after.Counts[report.Holds]
	failed, fails := failing(before), failing(after)
	for _, f := range after.Findings {
		switch {
		case !fails[key(f)] || !f.Verdict.Fails():
		case failed[key(f)]:
			c.Failing++
		case f.Verdict == report.Undecided && f.Later:
			c.Undecided = append(c.Undecided, f)
		default:
			c.Broken = append(c.Broken, f)
		}
	}
	for _, f := range before.Findings {
		if f.Verdict.Fails() && !fails[key(f)] {
			c.Mended = append(c.Mended, f)
		}
	}
	c.waivers(before.Waivers, after.Waivers, now)
	return c
}

// lines are what is told of the controls, a program's words written by prose.
func (c Controls) lines(prose func(string) string) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, prose(fmt.Sprintf(format, args...))) }
	for _, f := range c.Broken {
		add("%s breaks (%s): %s: %s", f.ID, f.Severity, f.Title, f.Found)
	}
	for _, f := range c.Undecided {
		add("%s cannot be decided before the deployment: %s", f.ID, f.Found)
	}
	for _, f := range c.Mended {
		add("%s is mended: %s", f.ID, f.Title)
	}
	for _, w := range c.Begun {
		add("waiver begins: %s until %s: %s", w.Name, w.Expires, w.Reason)
	}
	for _, w := range c.Ended {
		add("waiver ends: %s", w.Name)
	}
	for _, notice := range c.notices() {
		add("%s", notice)
	}
	return all
}

// key tells findings apart over two reports: the check and the first resource that breaks it.
func key(f report.Finding) string {
	for _, urn := range f.Resources {
		return f.ID + "\x00" + urn
	}
	return f.ID
}

func failing(r *report.Report) map[string]bool {
	all := map[string]bool{}
	for _, f := range r.Findings {
		if f.Verdict.Fails() {
			all[key(f)] = true
		}
	}
	return all
}

func (c *Controls) waivers(before, after []report.Waiver, now time.Time) {
	had, has := map[string]bool{}, map[string]bool{}
	for _, w := range before {
		had[w.Name] = true
	}
	for _, w := range after {
		has[w.Name] = true
		if !had[w.Name] {
			c.Begun = append(c.Begun, w)
		}
		switch end, err := time.Parse(time.DateOnly, w.Expires); {
		case err != nil:
		case end.AddDate(0, 0, 1).Before(now):
			c.Over = append(c.Over, w)
		case end.Before(now.Add(soon)):
			c.Ending = append(c.Ending, w)
		}
	}
	for _, w := range before {
		if !has[w.Name] {
			c.Ended = append(c.Ended, w)
		}
	}
}
