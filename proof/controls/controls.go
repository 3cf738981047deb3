// Package controls decides the controls that the field asks of a platform on AWS and Cloudflare: those of AWS's
// Foundational Security Best Practices, of CIS, and of the scanners, as far as a graph of resources can tell, and a few
// that no scanner has.
//
// A control is a row of data and a small check. A value that is not known is undecided, which counts as broken, unless
// the control can only be decided after a deployment. What belongs to an account, or only shows at run time, is not
// decided here: see OutOfScope.
package controls

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

// Control is one statement that must hold.
type Control struct {
	// Number identifies the control for good.
	Number   int
	Title    string
	Severity report.Severity
	// Known is the ids by which others know the control, as of August 2026: AWS's Foundational Security Best Practices
	// (and the Security Hub user guide's ids outside it), CIS AWS Foundations Benchmark, and the checks of Checkov, Trivy
	// and Prowler: "FSBP EC2.6; Trivy AWS-0178".
	Known string
	// Types are what it applies to; none if it looks at the whole stack.
	Types []string
	// Remedy is what to write.
	Remedy string
	// Note is what was decided where the sources disagree or are wrong.
	Note string
	// Waivers are the names of the settings' waivers that may waive it. An environment other than prod relaxes controls
	// by the same names, in the tag report.RelaxedTag.
	Waivers []string
	// Later says that a preview may not know what decides it: until the deployment, an unknown value does not break it.
	Later bool
	// House says that it is this project's own convention: nobody else asks for it, and other stacks are not judged by it.
	House bool

	each  check
	whole func(*view) []outcome
}

// ID is the control's name in reports, such as "C052".
func (c Control) ID() string { return fmt.Sprintf("C%03d", c.Number) }

// Sources is Known by source.
func (c Control) Sources() map[string][]string {
	found := map[string][]string{}
	for _, part := range strings.Split(c.Known, "; ") {
		if words := strings.Fields(part); len(words) > 1 {
			found[words[0]] = words[1:]
		}
	}
	return found
}

// All are the controls, in the order of their numbers.
var All = sorted(slices.Concat(
	vpc, subnets, securityGroups, loadBalancers, launchTemplates, identities, databases,
	keysAndSecrets, buckets, logsAndAlarms, names, firewalls, parameters, cloudflare, programs, signIns, engines, watches, claims, uniques,
))

func sorted(all []Control) []Control {
	slices.SortFunc(all, func(a, b Control) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

// Check decides all controls of a stack. The findings are in the order of the controls' numbers, then of the resources'
// URNs: one for each resource that breaks a control, or one that says that the control holds or does not apply.
func Check(g *graph.Graph) []report.Finding {
	v := newView(g)
	var findings []report.Finding
	for _, c := range All {
		findings = append(findings, c.findings(v)...)
	}
	return findings
}

func (c Control) findings(v *view) []report.Finding {
	base := report.Finding{
		ID: c.ID(), Title: c.Title, Severity: c.Severity, Sources: c.Sources(), Waivers: c.Waivers,
	}
	if c.House && !v.ours {
		base.Verdict, base.Found = report.NotApplicable, report.NotOurs
		return []report.Finding{base}
	}
	var bad []report.Finding
	held, later := 0, ""
	for _, o := range c.outcomes(v) {
		switch {
		case o.verdict == report.Holds:
			held++
		case o.later && c.Later:
			later = o.found
		default:
			bad = append(bad, c.finding(base, o))
		}
	}
	switch {
	case len(bad) > 0:
		return bad
	case held > 0 && later == "":
		base.Verdict, base.Found = report.Holds, c.Note
	case later != "":
		base.Verdict, base.Found = report.NotApplicable, "decided after the deployment: "+later
	default:
		base.Verdict, base.Found = report.NotApplicable, "the stack has nothing that it speaks of"
	}
	return []report.Finding{base}
}

func (c Control) outcomes(v *view) []outcome {
	if c.whole != nil {
		return c.whole(v)
	}
	var all []outcome
	held := false
	for _, r := range v.g.ByType(c.Types...) {
		if o := c.each(v, v.ofTemplate(r)); o.verdict != "" {
			if o.verdict == report.Holds && held {
				continue // once is enough to say so
			}
			held = held || o.verdict == report.Holds
			if o.on == nil {
				o.on = []*graph.Resource{r}
			}
			all = append(all, o)
		}
	}
	return all
}

func (c Control) finding(f report.Finding, o outcome) report.Finding {
	f.Verdict, f.Found, f.Evidence, f.Remedy = o.verdict, o.found, o.evidence, cmp.Or(o.remedy, c.Remedy)
	f.Severity, f.Beyond = cmp.Or(o.severity, c.Severity), o.beyond
	for _, r := range o.on {
		f.Resources = append(f.Resources, r.URN)
	}
	if len(o.on) == 1 {
		f.Found = o.on[0].Name + ": " + f.Found
	}
	if c.Note != "" {
		f.Evidence = append(f.Evidence, c.Note)
	}
	return f
}
