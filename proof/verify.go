// Package proof decides what holds for a stack's resources: which invariants of the platform, which controls of the
// field, and under which waivers.
//
// Verify is the one entry point. What it rests on has a package each: who reaches whom (network), who may do what (iam),
// the statements (invariants, controls), and the report (report).
//
// Nothing here shares code with the program that declared the resources, so that what judges is not made of what is
// judged.
package proof

import (
	"slices"
	"time"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/controls"
	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/report"
)

// Verify decides everything about the stack, under the waivers that hold on the day now. Beside are other environments,
// which must share nothing with it.
func Verify(g *graph.Graph, source report.Source, now time.Time, beside ...*graph.Graph) *report.Report {
	findings := slices.Concat(invariants.Check(g, beside...), controls.Check(g))
	return report.New(g, source, findings, now)
}
