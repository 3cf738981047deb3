package platform

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/twin/world"
)

// What settings say of AWS's quotas is what the twin says of them.
func TestSettingsAndTheTwinAgreeOnQuotas(t *testing.T) {
	w, err := world.Open(world.Options{})
	require.NoError(t, err)
	known := map[string]world.Quota{}
	for _, q := range w.Quotas() {
		known[q.Name] = q
	}
	for _, q := range infra.Raisable {
		k := known[q.Name]
		assert.Equal(t, q, infra.Quota{Name: k.Name, Title: k.Title, Code: k.Code, Default: k.Default, Most: k.Most}, q.Name)
		assert.True(t, k.Adjustable, q.Name)
	}
}
