package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/rules"
)

// No real Cloudflare provider can be asked offline. The built-in brain is held to what the provider's
// documentation states: the specimens' written cases, the samples of each rule, what is required, and
// what forces a replacement.
func TestCloudflareIsAsDocumented(t *testing.T) {
	specimens, err := Specimens()
	require.NoError(t, err)
	builtin := brain.NewBuiltin(facts.Cloudflare())
	asked := 0
	for _, s := range specimens {
		r := facts.Cloudflare().Resources[s.Type]
		if r == nil {
			continue
		}
		for _, c := range Derive(s, r) {
			want, known := documented(s, r, c)
			if !known {
				continue
			}
			asked++
			assert.Equal(t, want, Answer(t.Context(), builtin, c, r), c.Key())
			if want == Refused {
				failures := fmt.Sprint(Refusal(t.Context(), builtin, c))
				place := c.At
				if place == whole {
					place = c.Refused
				}
				assert.Contains(t, strings.NewReplacer("[0]", "").Replace(failures), place, c.Key())
			}
		}
	}
	assert.Greater(t, asked, 300)
}

// documented is the answer that documentation gives to a case, where it gives one.
func documented(s Specimen, r *facts.Resource, c Case) (string, bool) {
	verdicts := map[bool]string{true: Accepted, false: Refused}
	switch {
	case c.Question == Check && c.At == whole:
		return verdicts[c.Refused == ""], true
	case c.Question == Check && (c.What == "left out" || c.At == "noSuchProperty"):
		return Refused, true
	case c.Question == Check:
		allowed, refused := rules.Samples(c.Type, c.At)
		if shownAmong(allowed, c.What) && c.At == "type" && s.Type == "cloudflare:index/record:Record" {
			return "", false // each type has a content of its own: the written cases
		}
		return verdicts[shownAmong(allowed, c.What)], shownAmong(allowed, c.What) || shownAmong(refused, c.What)
	case c.Question == Change && c.What == "changed" && !strings.Contains(c.At, "."):
		if r.Properties[c.At].ForceNew {
			return c.At + " (replaces)", true
		}
		return c.At, true
	}
	return "", false
}

func shownAmong(samples []any, what string) bool {
	for _, s := range samples {
		if shown(s) == what || shown([]any{s}) == what {
			return true
		}
	}
	return false
}
