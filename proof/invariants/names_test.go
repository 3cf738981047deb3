package invariants_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// renamed is the prod platform with logical names that say nothing.
func renamed(t *testing.T) *specimen.Stack {
	raw, err := os.ReadFile(prod)
	require.NoError(t, err)
	var export map[string]any
	require.NoError(t, json.Unmarshal(raw, &export))
	deployment := export["deployment"].(map[string]any)
	names := map[string]string{}
	for i, r := range deployment["resources"].([]any) {
		urn := r.(map[string]any)["urn"].(string)
		names[urn] = fmt.Sprintf("%s::r%d", urn[:strings.LastIndex(urn, "::")], i)
	}
	path := filepath.Join(t.TempDir(), "renamed.json")
	export["deployment"] = rename(deployment, names)
	raw, err = json.Marshal(export)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return specimen.Read(t, path)
}

func rename(value any, names map[string]string) any {
	switch v := value.(type) {
	case string:
		if name, ok := names[v]; ok {
			return name
		}
		if i := strings.LastIndex(v, "::"); i > 0 && names[v[:i]] != "" {
			return names[v[:i]] + v[i:] // a provider, with its id
		}
	case []any:
		for i, element := range v {
			v[i] = rename(element, names)
		}
	case map[string]any:
		for key, element := range v {
			v[key] = rename(element, names)
		}
	}
	return value
}

// Names mean nothing: with others, every verdict is the same, with a hole and without.
func TestVerdictsDoNotDependOnNames(t *testing.T) {
	verdicts := func(s *specimen.Stack) []string {
		var all []string
		for _, f := range invariants.Check(s.Graph()) {
			all = append(all, f.ID+" "+string(f.Verdict))
		}
		return all
	}
	plain, other := specimen.Read(t, prod), renamed(t)
	assert.Equal(t, verdicts(plain), verdicts(other))
	for _, s := range []*specimen.Stack{plain, other} {
		s.All(db)[0].Set("publiclyAccessible", true)
		for _, g := range s.All(group) {
			s.Add(ingress, "hole-"+g.Name(), in{"securityGroupId": g.ID(), "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"})
		}
	}
	assert.Equal(t, count(verdicts(plain)), count(verdicts(other)))
	assert.Contains(t, verdicts(other), "I8 broken")
}

func count(all []string) map[string]int {
	n := map[string]int{}
	for _, one := range all {
		n[one]++
	}
	return n
}

// Every finding of something broken says in one sentence what must hold, whom to blame,
// and what to write instead; a finding about a way shows the way.
func TestAFindingSaysAllThatAPersonNeeds(t *testing.T) {
	ways := map[string]bool{"I1": true, "I3": true, "I4": true, "I5": true, "I9": true}
	for id, all := range mutants {
		s := specimen.Read(t, prod)
		all[0].change(s)
		shown := false
		for _, f := range invariants.Check(s.Graph()) {
			if f.ID != id || !f.Verdict.Fails() {
				continue
			}
			assert.NotContains(t, f.Title, ". ", "%s is one sentence", id)
			assert.NotEmpty(t, f.Found, id)
			assert.NotEmpty(t, f.Remedy, id)
			assert.NotEmpty(t, f.Resources, id)
			shown = shown || len(f.Evidence) > 0
		}
		if ways[id] {
			assert.True(t, shown, "%s shows no way", id)
		}
	}
}
