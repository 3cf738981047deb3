// Package infratest records what a component declares, so that a test can read it. It stands in for the engine only
// if a test asks "what was declared"; how the clouds respond is tested on the twin.
package infratest

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/recorded"
)

// Declared is one resource that a program registered.
type Declared = recorded.Resource

// Platform is a platform for tests of one component.
func Platform(environment string) *infra.Platform {
	return &infra.Platform{
		Name:        environment,
		Environment: environment,
		Region:      "eu-west-1",
		Account:     "123456789012",
		Tags:        map[string]string{"team": "platform"},
	}
}

// Record runs program and returns what it declared, sorted by type and then by name. outputs is asked for outputs
// that a component reads from a resource, other than id and arn; it may be nil.
func Record(t *testing.T, outputs func(Declared) map[string]any, program pulumi.RunFunc) []Declared {
	t.Helper()
	declared, err := TryRecord(outputs, program)
	require.NoError(t, err)
	return declared
}

// TryRecord is Record for a program that is expected to fail.
func TryRecord(outputs func(Declared) map[string]any, program pulumi.RunFunc) ([]Declared, error) {
	return recorded.Run(outputs, program)
}

// OfType returns the declared resources of one type.
func OfType(all []Declared, token string) (found []Declared) {
	for _, d := range all {
		if d.Type == token {
			found = append(found, d)
		}
	}
	return found
}

// One returns the only declared resource of a type; the test fails unless there is exactly one.
func One(t *testing.T, all []Declared, token string) Declared {
	t.Helper()
	found := OfType(all, token)
	require.Len(t, found, 1, token)
	return found[0]
}

// Named returns the declared resource with the given type and logical name.
func Named(t *testing.T, all []Declared, token, name string) Declared {
	t.Helper()
	for _, d := range all {
		if d.Type == token && d.Name == name {
			return d
		}
	}
	require.Failf(t, "not declared", "%s %s", token, name)
	return Declared{}
}
