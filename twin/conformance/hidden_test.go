package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// What a program says in secret is secret in the checked inputs and in what is planned, and is not a change
// from the same in the open; what is not known yet is not known in them either. For every property of every
// type: the recording holds answers in the clear.
func TestWhatIsSecretStaysSecretAndWhatIsUnknownUnknown(t *testing.T) {
	builtin := brain.NewBuiltin(facts.AWS())
	types := map[string]map[string]bool{"secret": {}, "unknown": {}}
	asked := map[string]int{}
	for _, c := range cases(t) {
		r := facts.AWS().Resources[c.Type]
		kind := hiding(c)
		if kind == "" {
			continue
		}
		checked, answer := check(t.Context(), builtin, c, c.Inputs, nil)
		if answer != Accepted {
			continue // as is recorded
		}
		planned, err := builtin.Plan(t.Context(), brain.PlanRequest{Type: c.Type, New: checked, Settings: settings})
		if err != nil {
			continue
		}
		types[kind][c.Type] = true
		asked[kind]++
		top, _, _ := strings.Cut(c.At, ".")
		hidden := value.HasUnknown
		if kind == "secret" {
			hidden = value.HasSecret
		}
		assert.True(t, hidden(checked[top]), "%s: the checked input is %v", c.Key(), checked[top])
		if planned[top] != nil && !dropped[c.Type+"."+c.At] {
			assert.True(t, hidden(planned[top]), "%s: planned is %v", c.Key(), planned[top])
		}
		if kind == "secret" {
			same := c
			same.Before, same.Inputs = value.RevealMap(c.Inputs), c.Inputs
			assert.Equal(t, "no change", change(t.Context(), builtin, same, r), "%s: the same, said openly before", c.Key())
		}
	}
	t.Logf("%d properties of %d types in secret, %d of %d types not known yet", asked["secret"], len(types["secret"]), asked["unknown"],
		len(types["unknown"]))
	assert.Greater(t, len(types["secret"]), 90, "nearly every type that has a specimen")
	assert.Greater(t, len(types["unknown"]), 90)
}

// hiding says what a case hides of the value that it is about.
func hiding(c Case) string {
	switch {
	case c.Question != Check || c.At == whole || c.program:
	case c.What == shown(value.Unknown{}):
		return "unknown"
	case value.HasSecret(c.Inputs):
		return "secret"
	}
	return ""
}

// dropped is what a plan leaves out, where it is written nowhere.
var dropped = map[string]bool{
	"aws:lb/loadBalancer:LoadBalancer.accessLogs.bucket":     true,
	"aws:lb/loadBalancer:LoadBalancer.accessLogs.prefix":     true,
	"aws:lb/loadBalancer:LoadBalancer.connectionLogs.bucket": true,
	"aws:lb/loadBalancer:LoadBalancer.connectionLogs.prefix": true,
}
