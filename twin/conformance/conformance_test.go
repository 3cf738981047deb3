package conformance

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
)

// cases derives the cases of every AWS type.
func cases(t *testing.T) []Case {
	t.Helper()
	all := derived(t, facts.AWS())
	programs, err := Programs()
	require.NoError(t, err)
	for _, p := range programs {
		all = append(all, p.Cases()...)
	}
	return all
}

// derived are the cases of the specimens of a provider's types.
func derived(t *testing.T, of *facts.Package) (all []Case) {
	t.Helper()
	specimens, err := Specimens()
	require.NoError(t, err)
	for _, s := range specimens {
		if r := of.Resources[s.Type]; r != nil {
			all = append(all, Derive(s, r)...)
		}
	}
	return all
}

func TestEveryTypeHasASpecimen(t *testing.T) {
	specimens, err := Specimens()
	require.NoError(t, err)
	have, lives := map[string]bool{}, map[string]bool{}
	for _, s := range specimens {
		have[s.Type] = true
	}
	programs, err := Programs()
	require.NoError(t, err)
	for _, p := range programs {
		for _, d := range p.Resources {
			lives[d.Type] = true
		}
	}
	for _, p := range []*facts.Package{facts.AWS(), facts.Cloudflare()} {
		for token, r := range p.Resources {
			if r.FromSDK { // which nobody could ask the real provider about
				assert.True(t, lives[token], "no program has %s", token)
				continue
			}
			assert.True(t, have[token], "no specimen of %s", token)
			delete(have, token)
		}
	}
	assert.Empty(t, have, "specimens of no type")
}

// What is valid is accepted, and what is said again changes nothing: specimens, and resources of programs
// that are not ours.
func TestWhatIsValidIsAccepted(t *testing.T) {
	builtin := brain.NewBuiltin(facts.AWS())
	asked := 0
	for _, c := range cases(t) {
		answer := Answer(t.Context(), builtin, c, facts.AWS().Resources[c.Type])
		switch {
		case c.Question == Change && c.What == "nothing":
			assert.Equal(t, "no change", answer, c.Key())
		case c.Question == Check && (c.What == "the specimen" || c.At == whole && c.Refused == "" || c.program):
			assert.Equal(t, Accepted, answer, c.Key())
		default:
			continue
		}
		asked++
	}
	assert.Greater(t, asked, 300)
}

// A refusal says where: it names the property that the case is about, what is in it, or what it is in.
func TestRefusalsNameTheProperty(t *testing.T) {
	builtin := brain.NewBuiltin(facts.AWS())
	asked := 0
	for _, c := range cases(t) {
		if c.Question != Check {
			continue
		}
		failures := Refusal(t.Context(), builtin, c)
		place := c.At
		if c.Refused != "" {
			place = c.Refused
			assert.NotEmpty(t, failures, "%s: it is accepted", c.Key())
		}
		if len(failures) == 0 {
			continue
		}
		asked++
		named := false
		for _, f := range failures {
			assert.NotEmpty(t, f.Reason, c.Key())
			path := index.ReplaceAllString(f.Property, "")
			named = named || strings.HasPrefix(path, place) || strings.HasPrefix(place, path) ||
				strings.Contains(f.Property+" "+f.Reason, place[strings.LastIndex(place, ".")+1:])
		}
		assert.True(t, named, "%s: %v", c.Key(), failures)
	}
	assert.Greater(t, asked, 5000)
}

var index = regexp.MustCompile(`\[\d+\]`)
