// Package verify puts the proofs together: everything that is decided of a stack.
package verify

import (
	"slices"
	"time"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/controls"
	"github.com/causeway-iac/causeway/proof/invariants"
)

// Stack decides everything of the stack, under the waivers that hold on the day now.
// Beside are other environments, which must share nothing with it.
func Stack(g *graph.Graph, source proof.Source, now time.Time, beside ...*graph.Graph) *proof.Report {
	findings := slices.Concat(invariants.Check(g, beside...), controls.Check(g))
	return proof.NewReport(g, source, findings, now)
}
