// Package report is what is told of a stack: findings, the waivers that excuse some of them, and how both are written for
// a terminal, a pull request and code scanning.
//
// A finding says what was found, about which resources, why, and what to write instead. A check fails closed: what cannot
// be decided is Undecided, which is as bad as Broken.
package report

import (
	"cmp"
	"slices"
)

// Severity is how bad it is if a check does not hold.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical" // open to the internet, or the whole platform's data
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Verdict is what a check decided.
type Verdict string

// The verdicts, worst first.
const (
	Broken        Verdict = "broken"
	Undecided     Verdict = "undecided" // a value that it needs is not known, or a type is not modelled
	Waived        Verdict = "waived"    // broken, and a waiver says why that is meant
	Holds         Verdict = "holds"
	NotApplicable Verdict = "notApplicable" // the stack has nothing that it is about
)

// Fails says that a stack must not be deployed with this verdict.
func (v Verdict) Fails() bool { return v != Holds && v != NotApplicable && v != Waived }

// Finding is one thing that is wrong, or was shown to hold. A check that breaks for independent reasons gives one finding
// for each, so that a waiver of one does not hide another.
type Finding struct {
	// ID is the check's: "I3" for an invariant, "C052" for a control.
	ID string `json:"id"`
	// Title is the check's statement, one sentence.
	Title string `json:"title"`
	// Severity is how bad it is if it does not hold.
	Severity Severity `json:"severity"`
	// Verdict is what the check decided.
	Verdict Verdict `json:"verdict"`
	// Resources are the URNs that break it, or about which it cannot be decided.
	Resources []string `json:"resources,omitempty"`
	// Found is what was found, in one sentence.
	Found string `json:"found,omitempty"`
	// Evidence is the path, hop by hop, or the values.
	Evidence []string `json:"evidence,omitempty"`
	// Remedy is what to write instead.
	Remedy string `json:"remedy,omitempty"`
	// Sources are the ids by which others know a control, such as "FSBP": ["ELB.4"].
	Sources map[string][]string `json:"sources,omitempty"`
	// Later says, of an Undecided finding, that only what the deployment will create is missing: then it can be decided.
	Later bool `json:"later,omitempty"`
	// Waivers are the names of the waivers that may waive it, besides its own ID.
	Waivers []string `json:"-"`
	// Beyond says that it is worse than what those names stand for, so that only a waiver of its own ID waives it.
	Beyond bool `json:"-"`
	// Waiver is the name of the waiver that applies, "" if none does.
	Waiver string `json:"waiver,omitempty"`
	// Ended is the name of a waiver that applied until it ended.
	Ended string `json:"ended,omitempty"`
}

// Source is where the graph came from.
type Source string

// The sources of a graph.
const (
	FromTwin     Source = "twin"
	FromDeclared Source = "declared" // what the program declares, deployed on a twin in memory
	FromPreview  Source = "preview"
	FromState    Source = "state"
)

// Report is everything that was decided about one stack. Its JSON is stable: a change that could break a reader raises
// Version.
type Report struct {
	// Version is that of the shape: 1.
	Version int `json:"version"`
	// Failed says that something is broken or undecided: the exit code is then 5.
	Failed bool `json:"failed"`
	// Stack and Project are those that the graph names.
	Stack   string `json:"stack"`
	Project string `json:"project"`
	// Source is where the graph came from.
	Source Source `json:"source"`
	// Resources is how many resources the stack has.
	Resources int `json:"resources"`
	// Counts is the number of findings by verdict.
	Counts map[Verdict]int `json:"counts"`
	// Findings are all findings, worst first.
	Findings []Finding `json:"findings"`
	// Waivers are all waivers in the stack's tags, by name.
	Waivers []Waiver `json:"waivers,omitempty"`

	places map[string]string // where the program declares a resource, by URN
}

var verdicts = []Verdict{Broken, Undecided, Waived, Holds, NotApplicable}

var severities = []Severity{Critical, High, Medium, Low}

// worstFirst orders findings: what fails, by severity and then by verdict; then the others, by verdict and then by
// severity; otherwise in their original order. What is not known may be as bad as what is.
func worstFirst(a, b Finding) int {
	verdict := cmp.Compare(slices.Index(verdicts, a.Verdict), slices.Index(verdicts, b.Verdict))
	severity := cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity))
	if a.Verdict.Fails() && b.Verdict.Fails() {
		return cmp.Or(severity, verdict)
	}
	return cmp.Or(verdict, severity)
}
