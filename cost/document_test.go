package cost

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/costs.md")

// The document is what the command says of the stacks in graph/testdata.
func TestTheDocumentIsGenerated(t *testing.T) {
	const path = "../docs/costs.md"
	want := opening +
		"## Production\n\nThe stack of `Pulumi.prod.yaml`, in eu-west-1.\n\n" + Of(load(t, "prod.json")).Markdown() +
		"\n## Local and dev\n\nThe stack of `Pulumi.local.yaml`, in eu-west-1. Dev has the same sizes: what differs is that it\n" +
		"adopts its zone.\n\n" + Of(load(t, "local.json")).Markdown()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, string(got) == want, "docs/costs.md is not what the prices and stacks say: go test ./cost -update")
}

const opening = `# What it costs

What a stack costs a month while it stands: 730 hours, on demand, in US dollars, without taxes and without what an account
has for nothing. A group of servers costs from its least to its most. What is billed by use is named, and is in no sum.
This page is written by ` + "`go test ./cost -update`" + ` from the prices in ` + "`cost/rates`" + `, each with its source and date. Prices
change: before you decide anything by it, look at AWS's page, or renew them with tools/prices.

For your own stack: ` + "`bin/causeway cost --stack dev`" + `, or ` +
	"`pulumi stack export -s prod | bin/causeway cost --state -`" + `. With
` + "`--json`" + ` each line has its price, source and date; with ` + "`--budget 1500`" + ` the exit code is 5 above it.

The settings that move the sum most: ` + "`network.nat`" + ` and ` + "`network.zones`" + `, ` +
	"`network.endpoints`" + `, ` + "`database.class`" + ` and
` + "`database.multiZone`" + `, and the tiers' ` + "`instanceType`" + ` and ` +
	"`minSize`" + `. Dev can be taken down whole at night, and then costs
next to nothing; a prod that stays can be bought in advance (savings plans, reserved instances) for less.

`
