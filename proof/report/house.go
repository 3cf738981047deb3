package report

import (
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// NotOurs is what is found of a convention in a stack that is not this project's.
const NotOurs = "a convention of this project's, which other stacks need not share"

// Ours says that a stack is made with this project's components, or carries its tags. Nothing is judged less by somebody's
// taking out a tag: the components remain.
func Ours(g *graph.Graph) bool {
	for _, r := range g.Resources {
		if strings.HasPrefix(r.Type, "causeway:") {
			return true
		}
		for key := range tags(r) {
			if strings.HasPrefix(key, "causeway:") {
				return true
			}
		}
	}
	return false
}
