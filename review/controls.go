package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
)

// soon is how long before a waiver ends reviewers are warned.
const soon = 30 * 24 * time.Hour

// Controls is what the change does to the invariants and controls that hold.
type Controls struct {
	// Broken held before and fail afterwards, Mended the other way round; Failing failed before and still do.
	Broken []report.Finding `json:"broken,omitempty"`
	Mended []report.Finding `json:"mended,omitempty"`
	// Gone failed of what would no longer be there.
	Gone    []report.Finding `json:"gone,omitempty"`
	Failing int              `json:"failing"`
	// Undecided cannot be decided until the deployment has made what they are about.
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
	waived := map[string]bool{} // from now on, and so not mended
	for _, f := range after.Findings {
		waived[key(f)] = waived[key(f)] || f.Verdict == report.Waived
	}
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
		switch {
		case !f.Verdict.Fails() || fails[key(f)] || waived[key(f)]:
		case !slices.ContainsFunc(f.Resources, func(urn string) bool { return p.After.ByURN(urn) != nil }) && len(f.Resources) > 0:
			c.Gone = append(c.Gone, f)
		default:
			c.Mended = append(c.Mended, f)
		}
	}
	c.waivers(before.Waivers, after.Waivers, now)
	return c
}

// lines are what is told of the controls; prose writes the words that come from a program.
func (c Controls) lines(prose func(string) string) (all []string) {
	add := func(format string, args ...any) { all = append(all, prose(fmt.Sprintf(format, args...))) }
	for _, one := range byCheck(c.Broken) {
		add("%s breaks (%s): %s: %s", one.ID, one.Severity, one.Title, one.Found)
	}
	for _, one := range byCheck(c.Undecided) {
		add("%s cannot be decided before the deployment: %s", one.ID, one.Found)
	}
	for _, one := range byCheck(c.Mended) {
		add("%s is mended: %s", one.ID, one.Title)
	}
	if len(c.Gone) > 0 {
		var ids []string
		for _, one := range byCheck(c.Gone) {
			ids = append(ids, one.ID)
		}
		add("no longer broken, since what broke it goes: %s", strings.Join(ids, ", "))
	}
	for _, w := range c.Begun {
		add("waiver begins: %s until %s, of %s: %s", w.Name, w.Expires, cmp.Or(strings.Join(w.Used, ", "), "nothing"), w.Reason)
	}
	for _, w := range c.Ended {
		add("waiver ends: %s", w.Name)
	}
	for _, notice := range c.notices() {
		add("%s", notice)
	}
	return all
}

// byCheck is one finding for each check, with all that was found.
func byCheck(all []report.Finding) (told []report.Finding) {
	for _, f := range all {
		i := slices.IndexFunc(told, func(o report.Finding) bool { return o.ID == f.ID })
		if i < 0 {
			told = append(told, f)
		} else if !strings.Contains(told[i].Found, f.Found) {
			told[i].Found += "; " + f.Found
		}
	}
	return told
}

// key identifies a finding across two reports: the check and the first resource that breaks it.
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
	in := func(list []report.Waiver, w report.Waiver) bool {
		return slices.ContainsFunc(list, func(o report.Waiver) bool { return o.Name == w.Name })
	}
	for _, w := range after {
		if !in(before, w) {
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
		if !in(after, w) {
			c.Ended = append(c.Ended, w)
		}
	}
}
