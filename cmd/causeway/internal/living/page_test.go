package living

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/twin/live"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// A server counts in the box of the picture that shows its tier, and a worker in none.
func TestServersAndTheirBoxes(t *testing.T) {
	for box, m := range map[string]plan.Machine{
		"Web servers":         {Tags: map[string]string{"causeway:tier": "web"}},
		"Application servers": {Tags: map[string]string{"causeway:tier": "app"}},
		"":                    {Tags: map[string]string{"causeway:tier": "worker"}},
	} {
		m.ID = "i-1"
		p := &plan.Plan{Machines: []plan.Machine{m}}
		assert.Equal(t, box, boxOf(p, &plan.Node{Kind: plan.KindMachine, Plays: "i-1"}))
	}
}

func TestAnEndInWords(t *testing.T) {
	says := func(g node.Gone) string { return Words(&plan.Plan{}, live.Event{Node: "web-a", What: g}) }
	assert.Equal(t, "web-a is gone", says(node.Gone{}))
	assert.Equal(t, "web-a is gone: exit status 1", says(node.Gone{Why: "exit status 1"}))
}
