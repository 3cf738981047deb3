package controls

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/specimen"
)

var update = flag.Bool("update", false, "write the tables into docs/mutants.md")

const page = "../../docs/mutants.md"

func TestTheTableOfMutants(t *testing.T) {
	var b strings.Builder
	b.WriteString("| control | says | mutants |\n| --- | --- | --- |\n")
	for _, c := range All {
		var names []string
		for _, m := range slices.Concat(mutants[c.Number], attacks[c.Number]) {
			names = append(names, specimen.Short(m.name))
		}
		require.NotEmpty(t, names, c.ID())
		b.WriteString(specimen.Row(c.ID(), c.Title, strings.Join(names, "; ")))
	}
	specimen.Section(t, page, "controls", b.String(), *update)

	b.Reset()
	b.WriteString("| row | what | why |\n| --- | --- | --- |\n")
	for _, e := range OutOfScope {
		b.WriteString(specimen.Row(e.Number, e.Title, e.Reason))
	}
	specimen.Section(t, page, "excluded", b.String(), *update)
}
