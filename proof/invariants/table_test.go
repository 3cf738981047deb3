package invariants_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/specimen"
)

var update = flag.Bool("update", false, "write the tables into docs/mutants.md")

func TestTheTableOfMutants(t *testing.T) {
	var b strings.Builder
	b.WriteString("| invariant | says | mutants |\n| --- | --- | --- |\n")
	for _, i := range invariants.All {
		var names []string
		for _, m := range mutants[i.ID] {
			names = append(names, specimen.Short(m.name))
		}
		require.NotEmpty(t, names, i.ID)
		b.WriteString(specimen.Row(i.ID, i.Title, strings.Join(names, "; ")))
	}
	specimen.Section(t, "../../docs/mutants.md", "invariants", b.String(), *update)
}
