package invariants

import (
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

// Only is what one invariant finds.
func Only(g *graph.Graph, id string) []report.Finding {
	v := newView(g, nil)
	for _, i := range All {
		if i.ID == id {
			return i.findings(v)
		}
	}
	return nil
}
