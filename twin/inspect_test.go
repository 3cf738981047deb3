package twin

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is sensitive is left out wherever it is in a value, and nothing else is.
func TestSensitiveValuesAreMaskedWithinOthers(t *testing.T) {
	action := func(secret string) map[string]any {
		return map[string]any{"defaultActions": []any{map[string]any{"type": "authenticate-oidc",
			"authenticateOidc": map[string]any{"clientId": "shop", "clientSecret": secret}}}}
	}
	const typ = "aws:lb/listener:Listener"
	assert.Equal(t, action("[secret]"), masked(typ, action("hunter2"), false))
	assert.Equal(t, action("hunter2"), masked(typ, action("hunter2"), true))
	assert.Equal(t, action(""), masked(typ, action(""), false), "an empty one is told to be empty")
}

func TestATypeMayBeShort(t *testing.T) {
	const typ = "aws:lb/listener:Listener"
	for _, said := range []string{typ, "lb/listener:Listener", "lb/listener", "Listener", "listener"} {
		assert.True(t, isType(said, typ), said)
	}
	for _, said := range []string{"lb", "Listen", "aws:lb/listenerRule:ListenerRule", "ListenerRule"} {
		assert.False(t, isType(said, typ), said)
	}
}
